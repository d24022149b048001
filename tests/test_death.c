/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_death.c - what a thread or a process held or waited for when it ended
 * or was killed, and how soon the others go on: a killed process's
 * connections break, so that 300 ms are enough. That is measured over several
 * kills; a single one may take longer on a busy machine, but stays far below
 * the 3 s after which silence is death.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tests/managed.h"
#include "tests/stage_parts.h"

#define SOON 1000
#define NOTICED 300
#define KILLS 9

/* --- peers that are killed */

static void
wait_to_be_killed (stage_t *stage)
{
    stage_signal (stage, 0);
    stage_await (stage, 1);
}

static int
hold_lock (stage_t *stage, void *arg)
{
    troika_lock_t *lock =
        CHECK_OK (troika_lock_connect (stage_object (stage, arg)));
    CHECK_OK (troika_lock_acquire (lock, TROIKA_FOREVER));
    if (!strcmp (arg, "rlock"))
        CHECK_OK (troika_lock_acquire (lock, TROIKA_FOREVER));
    wait_to_be_killed (stage);
    return 0;
}

static int
hold_condition (stage_t *stage, void *arg)
{
    (void)arg;
    troika_condition_t *condition =
        CHECK_OK (troika_condition_connect (stage_object (stage, "c")));
    CHECK_OK (troika_condition_acquire (condition, TROIKA_FOREVER));
    wait_to_be_killed (stage);
    return 0;
}

static int
hold_permits (stage_t *stage, void *arg)
{
    (void)arg;
    troika_semaphore_t *semaphore =
        CHECK_OK (troika_semaphore_connect (stage_object (stage, "s")));
    CHECK_OK (troika_semaphore_acquire (semaphore, TROIKA_FOREVER));
    CHECK_OK (troika_semaphore_acquire (semaphore, TROIKA_FOREVER));
    wait_to_be_killed (stage);
    return 0;
}

static int
hold_item (stage_t *stage, void *arg)
{
    (void)arg;
    troika_queue_t *queue =
        CHECK_OK (troika_queue_connect (stage_object (stage, "q")));
    CHECK_NEXT (queue, 1);
    wait_to_be_killed (stage);
    return 0;
}

/* Makes one of the calls that wait. */
static int
wait_for_it (stage_t *stage, void *arg)
{
    const wait_t *wait = arg;
    troika_manager_t *manager = stage_manager_more (stage);
    void *object = wait->open (manager);
    wait->call (object, TROIKA_FOREVER);
    return 0;
}

/* --- calls of the test, in threads */

static int
acquire_lock (void *lock, int timeout)
{
    int rc = troika_lock_acquire (lock, timeout);
    if (rc >= 0)
        CHECK_OK (troika_lock_release (lock));
    return rc;
}

static int
acquire_condition (void *condition, int timeout)
{
    int rc = troika_condition_acquire (condition, timeout);
    if (rc >= 0)
        CHECK_OK (troika_condition_release (condition));
    return rc;
}

static int
acquire_permit (void *semaphore, int timeout)
{
    int rc = troika_semaphore_acquire (semaphore, timeout);
    if (rc >= 0)
        CHECK_OK (troika_semaphore_release (semaphore));
    return rc;
}

static int
wait_at_barrier (void *barrier, int timeout)
{
    return troika_barrier_wait (barrier, timeout);
}

/* The call waits for what the peer holds, the peer is killed: the call ends
 * soon. Its value is returned. */
static int
outlive_for (stage_peer_t *holder, caller_t *caller, int64_t *took)
{
    int64_t since = clock_ms ();
    stage_kill (holder);
    int rc = caller_end (caller);
    *took = caller->ended - since;
    return rc;
}

static int
outlive (stage_peer_t *holder, caller_t *caller)
{
    int64_t took;
    int rc = outlive_for (holder, caller, &took);
    int error = errno;
    if (took > SOON * stage_scale ())
        STAGE_FAIL ("the others went on after %lld ms", (long long)took);
    errno = error;
    return rc;
}

static stage_peer_t *
holder (stage_t *stage, int (*run) (stage_t *stage, void *arg), void *arg)
{
    stage_peer_t *peer = stage_peer (stage, run, arg);
    stage_peer_pid (peer); /* skips where it cannot be killed */
    stage_await (stage, 0);
    return peer;
}

static void
check_lock_of_the_killed (stage_t *stage,
                          troika_lock_t *(*open) (troika_manager_t *,
                                                  const char *),
                          char *name)
{
    caller_t caller;
    troika_manager_t *manager = stage_manager (stage);
    troika_lock_t *lock = CHECK_OK (open (manager, name));
    stage_peer_t *peer = holder (stage, hold_lock, name);
    caller_start (&caller, acquire_lock, lock, TROIKA_FOREVER);
    WAIT_UNTIL (waiters_of (stage, name) == 1);
    assert_int_equal (CHECK_OK (outlive (peer, &caller)), 1);
    assert_int_equal (CHECK_OK (acquire_lock (lock, TROIKA_NOWAIT)), 0);
    troika_lock_destroy (&lock);
    troika_manager_destroy (&manager);
}

static int
ascending (const void *a, const void *b)
{
    const int64_t *left = a, *right = b;
    return *left < *right ? -1 : *left > *right;
}

static void
a_death_is_noticed_within_300_ms (stage_t *stage)
{
    int64_t took[KILLS];
    caller_t caller;
    troika_manager_t *manager = stage_manager (stage);
    troika_lock_t *lock = CHECK_OK (troika_manager_lock (manager, "lock"));
    for (int i = 0; i < KILLS; i++) {
        stage_peer_t *peer = holder (stage, hold_lock, "lock");
        caller_start (&caller, acquire_lock, lock, TROIKA_FOREVER);
        WAIT_UNTIL (waiters_of (stage, "lock") == 1);
        assert_int_equal (outlive_for (peer, &caller, &took[i]), 1);
    }
    qsort (took, KILLS, sizeof took[0], ascending);
    printf ("median %d ms, worst %d ms\n", (int)took[KILLS / 2],
            (int)took[KILLS - 1]);
    assert_true (took[KILLS / 2] <= NOTICED * stage_scale ());
    troika_lock_destroy (&lock);
    troika_manager_destroy (&manager);
}

static void
a_killed_holder_s_lock_is_released_and_marked (stage_t *stage)
{
    check_lock_of_the_killed (stage, troika_manager_lock, "lock");
}

static void
a_killed_holder_s_rlock_is_released_and_marked (stage_t *stage)
{
    check_lock_of_the_killed (stage, troika_manager_rlock, "rlock");
}

/* Nobody waited when it died: the next to come is told. */
static void
the_mark_waits_for_the_next_to_acquire (stage_t *stage)
{
    troika_manager_t *manager = stage_manager (stage);
    troika_lock_t *lock = CHECK_OK (troika_manager_lock (manager, "lock"));
    stage_kill (holder (stage, hold_lock, "lock"));
    WAIT_UNTIL (stat_of (stage, "lock", "holder") == 0);
    assert_int_equal (CHECK_OK (acquire_lock (lock, TROIKA_NOWAIT)), 1);
    assert_int_equal (CHECK_OK (acquire_lock (lock, TROIKA_NOWAIT)), 0);
    troika_lock_destroy (&lock);
    troika_manager_destroy (&manager);
}

static void
a_killed_holder_s_condition_is_released_and_marked (stage_t *stage)
{
    caller_t caller;
    troika_manager_t *manager = stage_manager (stage);
    troika_condition_t *condition =
        CHECK_OK (troika_manager_condition (manager, "c"));
    stage_peer_t *peer = holder (stage, hold_condition, NULL);
    caller_start (&caller, acquire_condition, condition, TROIKA_FOREVER);
    assert_int_equal (CHECK_OK (outlive (peer, &caller)), 1);
    troika_condition_destroy (&condition);
    troika_manager_destroy (&manager);
}

static void
a_killed_holder_s_permits_come_back (stage_t *stage)
{
    caller_t caller;
    troika_manager_t *manager = stage_manager (stage);
    troika_semaphore_t *semaphore =
        CHECK_OK (troika_manager_semaphore (manager, "s", 2, true));
    stage_peer_t *peer = holder (stage, hold_permits, NULL);
    caller_start (&caller, acquire_permit, semaphore, TROIKA_FOREVER);
    WAIT_UNTIL (waiters_of (stage, "s") == 1);
    assert_int_equal (CHECK_OK (outlive (peer, &caller)), 0);
    assert_int_equal (CHECK_OK (troika_semaphore_value (semaphore)), 2);
    troika_semaphore_destroy (&semaphore);
    troika_manager_destroy (&manager);
}

static const wait_t *
wait_named (const char *name)
{
    for (size_t i = 0; i < wait_count; i++)
        if (!strcmp (waits[i].name, name))
            return &waits[i];
    STAGE_FAIL ("no wait is called %s", name);
}

static void
a_killed_party_breaks_the_barrier (stage_t *stage)
{
    caller_t caller;
    const wait_t *wait = wait_named ("barrier_wait");
    troika_manager_t *manager = stage_manager (stage);
    troika_barrier_t *barrier = wait->open (manager);
    stage_peer_t *peer = stage_peer (stage, wait_for_it, (void *)wait);
    await_waiters (stage, wait, 1);
    caller_start (&caller, wait_at_barrier, barrier, TROIKA_FOREVER);
    await_waiters (stage, wait, 2);
    CHECK_ERRNO (outlive (peer, &caller), ECANCELED);
    assert_int_equal (CHECK_OK (troika_barrier_broken (barrier)), 1);
    troika_barrier_destroy (&barrier);
    troika_manager_destroy (&manager);
}

/* The notification is for the one that lives, though the other has waited
 * longer. */
static void
a_killed_waiter_is_not_notified (stage_t *stage)
{
    caller_t caller;
    const wait_t *wait = wait_named ("condition_wait");
    troika_manager_t *manager = stage_manager (stage);
    troika_condition_t *condition = wait->open (manager);
    stage_peer_t *peer = stage_peer (stage, wait_for_it, (void *)wait);
    await_waiters (stage, wait, 1);
    caller_start (&caller, wait->call, condition, TROIKA_FOREVER);
    await_waiters (stage, wait, 2);
    stage_kill (peer);
    await_waiters (stage, wait, 1);
    CHECK_OK (troika_condition_acquire (condition, TROIKA_FOREVER));
    CHECK_OK (troika_condition_notify (condition, 1));
    CHECK_OK (troika_condition_release (condition));
    assert_int_equal (CHECK_OK (caller_end (&caller)), 0);
    troika_condition_destroy (&condition);
    troika_manager_destroy (&manager);
}

static void
a_killed_waiter_waits_no_more (stage_t *stage)
{
    troika_manager_t *manager = stage_manager (stage);
    for (size_t i = 0; i < wait_count; i++) {
        if (!waits[i].figure)
            continue;
        void *object = waits[i].open (manager);
        waits[i].fill (object);
        stage_peer_t *peer = stage_peer (stage, wait_for_it, (void *)&waits[i]);
        await_waiters (stage, &waits[i], 1);
        int64_t since = clock_ms ();
        stage_kill (peer);
        await_waiters (stage, &waits[i], 0);
        check_took (since, 0, SOON);
        waits[i].destroy (object);
    }
    troika_manager_destroy (&manager);
}

/* --- queues of a manager */

static const troika_queue_options_t manual = {.manual_ack = true};

static troika_queue_t *
open_with_item (troika_manager_t *manager,
                const troika_queue_options_t *options)
{
    troika_queue_t *queue =
        CHECK_OK (troika_manager_queue (manager, "q", options));
    PUT (queue, 1);
    CHECK_OK (troika_queue_flush (queue, TROIKA_FOREVER));
    return queue;
}

static int
get_second_delivery (void *queue, int timeout)
{
    troika_msg_t *item = CHECK_OK (troika_queue_get (queue, timeout));
    assert_int_equal (troika_queue_deliveries (item), 2);
    return (int)number_of (item);
}

static void
a_killed_consumer_s_item_is_delivered_again (stage_t *stage)
{
    caller_t caller;
    troika_manager_t *manager = stage_manager (stage);
    troika_queue_t *queue = open_with_item (manager, &manual);
    stage_peer_t *peer = holder (stage, hold_item, NULL);
    caller_start (&caller, get_second_delivery, queue, TROIKA_FOREVER);
    WAIT_UNTIL (figure (queue, "waiting_gets") == 1);
    assert_int_equal (outlive (peer, &caller), 1);
    troika_queue_destroy (&queue);
    troika_manager_destroy (&manager);
}

static int
do_the_work (void *queue, int timeout)
{
    int rc = get_second_delivery (queue, timeout);
    CHECK_OK (troika_queue_task_done (queue));
    return rc;
}

static int
join_queue (void *queue, int timeout)
{
    return troika_queue_join (queue, timeout);
}

static void
a_join_ends_although_a_consumer_was_killed (stage_t *stage)
{
    caller_t join, worker;
    troika_manager_t *manager = stage_manager (stage);
    troika_queue_t *queue = open_with_item (manager, NULL);
    stage_peer_t *peer = holder (stage, hold_item, NULL);
    caller_start (&join, join_queue, queue, 10000);
    caller_start (&worker, do_the_work, queue, 10000);
    WAIT_UNTIL (figure (queue, "waiting_gets") == 1);
    assert_int_equal (outlive (peer, &worker), 1);
    assert_int_equal (CHECK_OK (caller_end (&join)), 0);
    troika_queue_destroy (&queue);
    troika_manager_destroy (&manager);
}

/* --- threads that end */

static int
acquire_and_end (void *lock, int timeout)
{
    return troika_lock_acquire (lock, timeout);
}

static int
acquire_twice_and_end (void *lock, int timeout)
{
    CHECK_OK (troika_lock_acquire (lock, timeout));
    return troika_lock_acquire (lock, timeout);
}

static int
hold_all_and_end (void *objects, int timeout)
{
    void **each = objects;
    CHECK_OK (troika_condition_acquire (each[0], timeout));
    CHECK_OK (troika_condition_acquire (each[0], timeout));
    CHECK_OK (troika_semaphore_acquire (each[1], timeout));
    assert_int_equal (GET (each[2]), 1);
    return 0;
}

static void
a_thread_that_ends_leaves_its_locks (stage_t *stage)
{
    troika_manager_t *manager = stage_manager (stage);
    troika_lock_t *lock = CHECK_OK (troika_manager_lock (manager, "lock"));
    troika_lock_t *rlock = CHECK_OK (troika_manager_rlock (manager, "rlock"));
    CHECK_OK (in_thread (acquire_and_end, lock, 1000));
    int64_t since = clock_ms ();
    assert_int_equal (CHECK_OK (acquire_lock (lock, 5000)), 1);
    check_took (since, 0, SOON);
    CHECK_OK (in_thread (acquire_twice_and_end, rlock, 1000));
    since = clock_ms ();
    assert_int_equal (CHECK_OK (acquire_lock (rlock, 5000)), 1);
    check_took (since, 0, SOON);
    troika_lock_destroy (&lock);
    troika_lock_destroy (&rlock);
    troika_manager_destroy (&manager);
}

static void
a_thread_that_ends_leaves_all_that_it_held (stage_t *stage)
{
    troika_manager_t *manager = stage_manager (stage);
    troika_condition_t *condition =
        CHECK_OK (troika_manager_condition (manager, "c"));
    troika_semaphore_t *semaphore =
        CHECK_OK (troika_manager_semaphore (manager, "s", 1, true));
    troika_queue_t *queue = open_with_item (manager, &manual);
    void *all[] = {condition, semaphore, queue};
    CHECK_OK (in_thread (hold_all_and_end, all, 1000));
    int64_t since = clock_ms ();
    assert_int_equal (CHECK_OK (acquire_condition (condition, 5000)), 1);
    CHECK_OK (acquire_permit (semaphore, 5000));
    assert_int_equal (get_second_delivery (queue, 5000), 1);
    check_took (since, 0, SOON);
    troika_condition_destroy (&condition);
    troika_semaphore_destroy (&semaphore);
    troika_queue_destroy (&queue);
    troika_manager_destroy (&manager);
}

static const stage_case_t cases[] = {
    STAGE_TEST_ON (STAGE_REMOTE, a_death_is_noticed_within_300_ms),
    STAGE_TEST_ON (STAGE_REMOTE, a_killed_holder_s_lock_is_released_and_marked),
    STAGE_TEST_ON (STAGE_REMOTE,
                   a_killed_holder_s_rlock_is_released_and_marked),
    STAGE_TEST_ON (STAGE_REMOTE, the_mark_waits_for_the_next_to_acquire),
    STAGE_TEST_ON (STAGE_REMOTE,
                   a_killed_holder_s_condition_is_released_and_marked),
    STAGE_TEST_ON (STAGE_REMOTE, a_killed_holder_s_permits_come_back),
    STAGE_TEST_ON (STAGE_REMOTE, a_killed_party_breaks_the_barrier),
    STAGE_TEST_ON (STAGE_REMOTE, a_killed_waiter_is_not_notified),
    STAGE_TEST_ON (STAGE_REMOTE, a_killed_waiter_waits_no_more),
    STAGE_TEST_ON (STAGE_REMOTE, a_killed_consumer_s_item_is_delivered_again),
    STAGE_TEST_ON (STAGE_REMOTE, a_join_ends_although_a_consumer_was_killed),
    STAGE_TEST (a_thread_that_ends_leaves_its_locks),
    STAGE_TEST (a_thread_that_ends_leaves_all_that_it_held),
};

int
main (int argc, char **argv)
{
    return STAGE_RUN (cases, argc, argv);
}
