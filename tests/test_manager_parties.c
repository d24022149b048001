/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_manager_parties.c - condition, event and barrier by their public
 * functions: those that several threads or processes meet at.
 */
#include <stdlib.h>
#include "tests/managed.h"

#define PEERS 4

/* --- event */

static int
wait_for_event (stage_t *stage, void *arg)
{
    (void)arg;
    troika_event_t *event =
        CHECK_OK (troika_event_connect (stage_object (stage, "e")));
    CHECK_OK (troika_event_wait (event, TROIKA_FOREVER));
    troika_event_destroy (&event);
    return 0;
}

/* All who wait at that moment, although a clear follows at once. */
static void
an_event_lets_all_go_who_wait (stage_t *stage)
{
    stage_peer_t *peers[PEERS];
    troika_manager_t *manager = stage_manager (stage);
    troika_event_t *event = CHECK_OK (troika_manager_event (manager, "e"));
    stage_start_peers (stage, peers, PEERS, wait_for_event, NULL);
    WAIT_UNTIL (waiters_of (stage, "e") == PEERS);
    CHECK_OK (troika_event_set (event));
    CHECK_OK (troika_event_clear (event));
    stage_join_peers (peers, PEERS);
    assert_int_equal (CHECK_OK (troika_event_is_set (event)), 0);
    troika_event_destroy (&event);
    troika_manager_destroy (&manager);
}

static void
an_event_stays_set_until_it_is_cleared (stage_t *stage)
{
    troika_manager_t *manager = stage_manager (stage);
    troika_event_t *event = CHECK_OK (troika_manager_event (manager, "e"));
    assert_int_equal (CHECK_OK (troika_event_is_set (event)), 0);
    CHECK_OK (troika_event_set (event));
    CHECK_OK (troika_event_set (event));
    assert_int_equal (CHECK_OK (troika_event_is_set (event)), 1);
    CHECK_OK (troika_event_wait (event, TROIKA_NOWAIT));
    CHECK_OK (troika_event_wait (event, TROIKA_FOREVER));
    CHECK_OK (troika_event_clear (event));
    CHECK_OK (troika_event_clear (event));
    CHECK_ERRNO (troika_event_wait (event, TROIKA_NOWAIT), EAGAIN);
    troika_event_destroy (&event);
    troika_manager_destroy (&manager);
}

/* --- condition */

static void
a_condition_wants_its_lock_held (stage_t *stage)
{
    troika_manager_t *manager = stage_manager (stage);
    troika_condition_t *condition =
        CHECK_OK (troika_manager_condition (manager, "c"));
    CHECK_ERRNO (troika_condition_wait (condition, 10), EPERM);
    CHECK_ERRNO (troika_condition_wait (condition, TROIKA_NOWAIT), EPERM);
    CHECK_ERRNO (troika_condition_notify (condition, 1), EPERM);
    CHECK_ERRNO (troika_condition_notify_all (condition), EPERM);
    CHECK_ERRNO (troika_condition_release (condition), EPERM);
    CHECK_OK (troika_condition_acquire (condition, TROIKA_NOWAIT));
    CHECK_OK (troika_condition_notify (condition, 1));
    CHECK_OK (troika_condition_notify_all (condition));
    CHECK_OK (troika_condition_release (condition));
    troika_condition_destroy (&condition);
    troika_manager_destroy (&manager);
}

static int
acquire_condition (void *condition, int timeout)
{
    int rc = troika_condition_acquire (condition, timeout);
    return rc < 0 ? rc : troika_condition_release (condition);
}

/* Two levels are given up and taken back. */
static void
a_wait_that_times_out_has_the_lock_again (stage_t *stage)
{
    troika_manager_t *manager = stage_manager (stage);
    troika_condition_t *condition =
        CHECK_OK (troika_manager_condition (manager, "c"));
    CHECK_OK (troika_condition_acquire (condition, TROIKA_NOWAIT));
    CHECK_OK (troika_condition_acquire (condition, TROIKA_NOWAIT));
    int64_t since = clock_ms ();
    CHECK_ERRNO (troika_condition_wait (condition, 40), ETIMEDOUT);
    check_took (since, 40, 600);
    CHECK_ERRNO (troika_condition_wait (condition, TROIKA_NOWAIT), EAGAIN);
    for (int i = 0; i < 2; i++) {
        CHECK_ERRNO (in_thread (acquire_condition, condition, 0), EAGAIN);
        CHECK_OK (troika_condition_release (condition));
    }
    CHECK_OK (in_thread (acquire_condition, condition, 0));
    CHECK_ERRNO (troika_condition_release (condition), EPERM);
    troika_condition_destroy (&condition);
    troika_manager_destroy (&manager);
}

/* The deadline passes while another has the lock: the wait ends when the
 * lock is back, and not before. */
static int
wait_briefly (stage_t *stage, void *arg)
{
    (void)arg;
    troika_condition_t *condition =
        CHECK_OK (troika_condition_connect (stage_object (stage, "c")));
    CHECK_OK (troika_condition_acquire (condition, TROIKA_FOREVER));
    CHECK_ERRNO (troika_condition_wait (condition, 100), ETIMEDOUT);
    stage_signal (stage, 1);
    CHECK_OK (troika_condition_release (condition));
    troika_condition_destroy (&condition);
    return 0;
}

static void
a_late_waiter_waits_for_the_lock (stage_t *stage)
{
    troika_manager_t *manager = stage_manager (stage);
    troika_condition_t *condition =
        CHECK_OK (troika_manager_condition (manager, "c"));
    stage_peer_t *peer = stage_peer (stage, wait_briefly, NULL);
    WAIT_UNTIL (waiters_of (stage, "c") == 1);
    CHECK_OK (troika_condition_acquire (condition, TROIKA_FOREVER));
    WAIT_UNTIL (waiters_of (stage, "c") == 0);
    assert_false (stage_heard (stage, 1));
    CHECK_OK (troika_condition_release (condition));
    assert_int_equal (stage_join (peer), 0);
    assert_true (stage_heard (stage, 1));
    troika_condition_destroy (&condition);
    troika_manager_destroy (&manager);
}

typedef struct {
    stage_peer_t *peer;
    int64_t number;
} place_t;

static int
wait_and_tell (stage_t *stage, void *arg)
{
    const place_t *place = arg;
    troika_condition_t *condition =
        CHECK_OK (troika_condition_connect (stage_object (stage, "c")));
    CHECK_OK (troika_condition_acquire (condition, TROIKA_FOREVER));
    assert_int_equal (CHECK_OK (troika_condition_wait (condition, -1)), 0);
    stage_tell (stage, 2, place->number);
    CHECK_OK (troika_condition_release (condition));
    troika_condition_destroy (&condition);
    return 0;
}

static void
notify (troika_condition_t *condition, unsigned n)
{
    CHECK_OK (troika_condition_acquire (condition, TROIKA_FOREVER));
    CHECK_OK (troika_condition_notify (condition, n));
    CHECK_OK (troika_condition_release (condition));
}

static void
notify_wakes_the_oldest_first (stage_t *stage)
{
    place_t places[PEERS];
    troika_manager_t *manager = stage_manager (stage);
    troika_condition_t *condition =
        CHECK_OK (troika_manager_condition (manager, "c"));
    notify (condition, 3); /* finds nobody, and is not remembered */
    for (int64_t i = 0; i < PEERS; i++) {
        places[i].number = i;
        places[i].peer = stage_peer (stage, wait_and_tell, &places[i]);
        WAIT_UNTIL (waiters_of (stage, "c") == i + 1);
    }
    notify (condition, 0);
    notify (condition, 1);
    assert_int_equal (stage_hear (stage, 2), 0);
    notify (condition, 2);
    assert_int_equal (stage_hear (stage, 2), 1);
    assert_int_equal (stage_hear (stage, 2), 2);
    assert_int_equal (waiters_of (stage, "c"), 1);
    notify (condition, 100);
    assert_int_equal (stage_hear (stage, 2), 3);
    for (int i = 0; i < PEERS; i++)
        assert_int_equal (stage_join (places[i].peer), 0);
    troika_condition_destroy (&condition);
    troika_manager_destroy (&manager);
}

/* --- barrier */

static int
cross_twice (stage_t *stage, void *arg)
{
    (void)arg;
    troika_barrier_t *barrier =
        CHECK_OK (troika_barrier_connect (stage_object (stage, "b")));
    for (unsigned round = 0; round < 2; round++)
        stage_tell (stage, round,
                    CHECK_OK (troika_barrier_wait (barrier, TROIKA_FOREVER)));
    troika_barrier_destroy (&barrier);
    return 0;
}

static void
a_barrier_gives_each_place_once (stage_t *stage)
{
    stage_peer_t *peers[PEERS];
    troika_manager_t *manager = stage_manager (stage);
    troika_barrier_t *barrier =
        CHECK_OK (troika_manager_barrier (manager, "b", PEERS));
    stage_start_peers (stage, peers, PEERS, cross_twice, NULL);
    stage_join_peers (peers, PEERS);
    for (unsigned round = 0; round < 2; round++) {
        unsigned seen = 0;
        for (int i = 0; i < PEERS; i++)
            seen |= 1u << stage_hear (stage, round);
        assert_int_equal (seen, (1u << PEERS) - 1);
    }
    assert_int_equal (CHECK_OK (troika_barrier_waiting (barrier)), 0);
    troika_barrier_destroy (&barrier);
    troika_manager_destroy (&manager);
}

static int
wait_at_barrier (void *barrier, int timeout)
{
    return troika_barrier_wait (barrier, timeout);
}

static void
a_broken_barrier_is_mended_by_reset (stage_t *stage)
{
    caller_t caller;
    troika_manager_t *manager = stage_manager (stage);
    troika_barrier_t *barrier =
        CHECK_OK (troika_manager_barrier (manager, "b", 2));
    CHECK_ERRNO (troika_manager_barrier (manager, "b", 3), EEXIST);
    CHECK_ERRNO (troika_manager_barrier (manager, "z", 0), EINVAL);
    assert_int_equal (CHECK_OK (troika_barrier_parties (barrier)), 2);
    for (int i = 0; i < 2; i++) {
        caller_start (&caller, wait_at_barrier, barrier, TROIKA_FOREVER);
        WAIT_UNTIL (CHECK_OK (troika_barrier_waiting (barrier)) == 1);
        CHECK_OK (i ? troika_barrier_reset (barrier)
                    : troika_barrier_abort (barrier));
        CHECK_ERRNO (caller_end (&caller), ECANCELED);
        assert_int_equal (CHECK_OK (troika_barrier_broken (barrier)), !i);
        if (!i)
            CHECK_ERRNO (troika_barrier_wait (barrier, 1000), ECANCELED);
        CHECK_OK (troika_barrier_reset (barrier));
    }
    caller_start (&caller, wait_at_barrier, barrier, TROIKA_FOREVER);
    WAIT_UNTIL (CHECK_OK (troika_barrier_waiting (barrier)) == 1);
    assert_int_equal (CHECK_OK (troika_barrier_wait (barrier, 0)), 1);
    assert_int_equal (CHECK_OK (caller_end (&caller)), 0);
    troika_barrier_destroy (&barrier);
    troika_manager_destroy (&manager);
}

static void
one_late_party_breaks_the_barrier_for_all (stage_t *stage)
{
    caller_t callers[2];
    troika_manager_t *manager = stage_manager (stage);
    troika_barrier_t *barrier =
        CHECK_OK (troika_manager_barrier (manager, "b", 3));
    caller_start (&callers[0], wait_at_barrier, barrier, TROIKA_FOREVER);
    WAIT_UNTIL (CHECK_OK (troika_barrier_waiting (barrier)) == 1);
    caller_start (&callers[1], wait_at_barrier, barrier, 50);
    for (int i = 0; i < 2; i++)
        CHECK_ERRNO (caller_end (&callers[i]), ECANCELED);
    assert_int_equal (CHECK_OK (troika_barrier_broken (barrier)), 1);
    troika_barrier_destroy (&barrier);
    troika_manager_destroy (&manager);
}

static const stage_case_t cases[] = {
    STAGE_TEST (an_event_stays_set_until_it_is_cleared),
    STAGE_TEST (an_event_lets_all_go_who_wait),
    STAGE_TEST (a_condition_wants_its_lock_held),
    STAGE_TEST (a_wait_that_times_out_has_the_lock_again),
    STAGE_TEST (a_late_waiter_waits_for_the_lock),
    STAGE_TEST (notify_wakes_the_oldest_first),
    STAGE_TEST (a_barrier_gives_each_place_once),
    STAGE_TEST (a_broken_barrier_is_mended_by_reset),
    STAGE_TEST (one_late_party_breaks_the_barrier_for_all),
};

int
main (int argc, char **argv)
{
    return STAGE_RUN (cases, argc, argv);
}
