/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_manager_sync.c - lock, rlock, semaphore, condition, event and barrier
 * by their public functions: who gets what, in which order, and wrong use.
 * What holds for all their waits alike stands in test_manager_waits.c.
 */
#include <stdlib.h>
#include <string.h>
#include "tests/managed.h"

#define PEERS 5

/* --- lock */

static void
a_lock_is_one_thread_s_until_it_is_released (stage_t *stage)
{
    troika_manager_t *manager = stage_manager (stage);
    troika_lock_t *lock = CHECK_OK (troika_manager_lock (manager, "l"));
    assert_int_equal (CHECK_OK (troika_lock_acquire (lock, 1000)), 0);
    CHECK_ERRNO (troika_lock_acquire (lock, TROIKA_NOWAIT), EAGAIN);
    CHECK_OK (troika_lock_release (lock));
    assert_int_equal (CHECK_OK (troika_lock_acquire (lock, TROIKA_NOWAIT)), 0);
    CHECK_OK (troika_lock_release (lock));
    CHECK_ERRNO (troika_lock_release (lock), EPERM);
    troika_lock_destroy (&lock);
    troika_lock_destroy (&lock);
    troika_manager_destroy (&manager);
}

static void
each_holding_has_a_larger_token (stage_t *stage)
{
    uint64_t last = 0;
    troika_manager_t *manager = stage_manager (stage);
    troika_lock_t *lock = CHECK_OK (troika_manager_lock (manager, "l"));
    errno = 0;
    assert_int_equal (troika_lock_token (lock), 0);
    assert_int_equal (errno, EPERM);
    for (int i = 0; i < 3; i++) {
        CHECK_OK (troika_lock_acquire (lock, 1000));
        uint64_t token = troika_lock_token (lock);
        assert_true (token > last);
        last = token;
        CHECK_OK (troika_lock_release (lock));
    }
    troika_lock_destroy (&lock);
    troika_manager_destroy (&manager);
}

static int
release_lock (void *lock, int unused)
{
    (void)unused;
    return troika_lock_release (lock);
}

static void
any_thread_may_release_a_lock (stage_t *stage)
{
    troika_manager_t *manager = stage_manager (stage);
    troika_lock_t *lock = CHECK_OK (troika_manager_lock (manager, "l"));
    CHECK_OK (troika_lock_acquire (lock, 1000));
    CHECK_OK (in_thread (release_lock, lock, 0));
    CHECK_ERRNO (troika_lock_release (lock), EPERM);
    troika_lock_destroy (&lock);
    troika_manager_destroy (&manager);
}

/* The same by another process, or a thread with a handle of its own. */
static int
release_it (stage_t *stage, void *arg)
{
    troika_lock_t *lock =
        CHECK_OK (troika_lock_connect (stage_object (stage, arg)));
    int rc = troika_lock_release (lock);
    int error = errno;
    troika_lock_destroy (&lock);
    return rc ? error : 0;
}

static void
any_process_may_release_a_lock (stage_t *stage)
{
    troika_manager_t *manager = stage_manager (stage);
    troika_lock_t *lock = CHECK_OK (troika_manager_lock (manager, "l"));
    CHECK_OK (troika_lock_acquire (lock, 1000));
    stage_run_peer (stage, release_it, "l");
    CHECK_OK (troika_lock_acquire (lock, TROIKA_NOWAIT));
    troika_lock_destroy (&lock);
    troika_manager_destroy (&manager);
}

/* --- rlock */

static int
acquire_lock (void *lock, int timeout)
{
    return troika_lock_acquire (lock, timeout);
}

static void
an_rlock_is_released_as_often_as_acquired (stage_t *stage)
{
    troika_manager_t *manager = stage_manager (stage);
    troika_lock_t *lock = CHECK_OK (troika_manager_rlock (manager, "r"));
    for (int i = 0; i < 3; i++)
        assert_int_equal (CHECK_OK (troika_lock_acquire (lock, TROIKA_NOWAIT)),
                          0);
    uint64_t token = troika_lock_token (lock);
    assert_true (token != 0);
    for (int i = 0; i < 2; i++) {
        CHECK_OK (troika_lock_release (lock));
        assert_true (troika_lock_token (lock) == token);
        CHECK_ERRNO (in_thread (acquire_lock, lock, 0), EAGAIN);
    }
    CHECK_OK (troika_lock_release (lock));
    CHECK_ERRNO (troika_lock_release (lock), EPERM);
    CHECK_OK (in_thread (acquire_lock, lock, 0));
    troika_lock_destroy (&lock);
    troika_manager_destroy (&manager);
}

static void
an_rlock_is_released_by_its_holder_only (stage_t *stage)
{
    troika_manager_t *manager = stage_manager (stage);
    troika_lock_t *lock = CHECK_OK (troika_manager_rlock (manager, "r"));
    CHECK_OK (troika_lock_acquire (lock, TROIKA_NOWAIT));
    CHECK_ERRNO (in_thread (release_lock, lock, 0), EPERM);
    assert_int_equal (stage_join (stage_peer (stage, release_it, "r")), EPERM);
    assert_int_equal (stat_of (stage, "r", "depth"), 1);
    CHECK_OK (troika_lock_release (lock));
    troika_lock_destroy (&lock);
    troika_manager_destroy (&manager);
}

/* --- order: each peer waits, notes its number when it is its turn, and
 * --- passes on */

typedef struct {
    stage_peer_t *peer;
    int64_t number;
    const char *kind;
} place_t;

static void
note (stage_t *stage, int64_t number)
{
    troika_list_t *list =
        CHECK_OK (troika_list_connect (stage_object (stage, "order")));
    CHECK_OK (troika_list_append (list, "I", number));
    troika_list_destroy (&list);
}

static int
take_turn (stage_t *stage, void *arg)
{
    const place_t *place = arg;
    if (!strcmp (place->kind, "semaphore")) {
        troika_semaphore_t *semaphore = CHECK_OK (
            troika_semaphore_connect (stage_object (stage, "semaphore")));
        CHECK_OK (troika_semaphore_acquire (semaphore, TROIKA_FOREVER));
        note (stage, place->number);
        CHECK_OK (troika_semaphore_release (semaphore));
        troika_semaphore_destroy (&semaphore);
        return 0;
    }
    troika_lock_t *lock =
        CHECK_OK (troika_lock_connect (stage_object (stage, place->kind)));
    assert_int_equal (CHECK_OK (troika_lock_acquire (lock, TROIKA_FOREVER)), 0);
    note (stage, place->number);
    CHECK_OK (troika_lock_release (lock));
    troika_lock_destroy (&lock);
    return 0;
}

static void
check_order (troika_manager_t *manager, const char *json)
{
    troika_list_t *list = CHECK_OK (troika_manager_list (manager, "order"));
    troika_msg_t *all = CHECK_OK (troika_list_slice (list, 0, 1000));
    char *text = troika_msg_json (all);
    assert_string_equal (text, json);
    free (text);
    troika_msg_destroy (&all);
    troika_list_destroy (&list);
}

static void
line_up (stage_t *stage, troika_manager_t *manager, place_t *places,
         const char *kind, int (*run) (stage_t *stage, void *arg))
{
    troika_list_t *list = CHECK_OK (troika_manager_list (manager, "order"));
    for (int64_t i = 0; i < PEERS; i++) {
        places[i] = (place_t){.number = i, .kind = kind};
        places[i].peer = stage_peer (stage, run, &places[i]);
        WAIT_UNTIL (waiters_of (stage, kind) == i + 1);
    }
    troika_list_destroy (&list);
}

static void
join_all (place_t *places)
{
    for (int i = 0; i < PEERS; i++)
        assert_int_equal (stage_join (places[i].peer), 0);
}

static void
check_lock_order (stage_t *stage,
                  troika_lock_t *(*open) (troika_manager_t *, const char *),
                  const char *kind)
{
    place_t places[PEERS];
    troika_manager_t *manager = stage_manager (stage);
    troika_lock_t *lock = CHECK_OK (open (manager, kind));
    CHECK_OK (troika_lock_acquire (lock, TROIKA_NOWAIT));
    line_up (stage, manager, places, kind, take_turn);
    CHECK_OK (troika_lock_release (lock));
    join_all (places);
    check_order (manager, "[0,1,2,3,4]");
    troika_lock_destroy (&lock);
    troika_manager_destroy (&manager);
}

static void
a_lock_is_granted_in_order_of_arrival (stage_t *stage)
{
    check_lock_order (stage, troika_manager_lock, "lock");
}

static void
an_rlock_is_granted_in_order_of_arrival (stage_t *stage)
{
    check_lock_order (stage, troika_manager_rlock, "rlock");
}

static void
permits_are_granted_in_order_of_arrival (stage_t *stage)
{
    place_t places[PEERS];
    troika_manager_t *manager = stage_manager (stage);
    troika_semaphore_t *semaphore =
        CHECK_OK (troika_manager_semaphore (manager, "semaphore", 0, false));
    line_up (stage, manager, places, "semaphore", take_turn);
    CHECK_OK (troika_semaphore_release (semaphore));
    join_all (places);
    check_order (manager, "[0,1,2,3,4]");
    assert_int_equal (CHECK_OK (troika_semaphore_value (semaphore)), 1);
    troika_semaphore_destroy (&semaphore);
    troika_manager_destroy (&manager);
}

/* --- semaphore */

static void
a_semaphore_counts_permits (stage_t *stage)
{
    troika_manager_t *manager = stage_manager (stage);
    troika_semaphore_t *semaphore =
        CHECK_OK (troika_manager_semaphore (manager, "s", 2, false));
    CHECK_OK (troika_semaphore_acquire (semaphore, 1000));
    assert_int_equal (CHECK_OK (troika_semaphore_value (semaphore)), 1);
    CHECK_OK (troika_semaphore_acquire (semaphore, TROIKA_NOWAIT));
    CHECK_ERRNO (troika_semaphore_acquire (semaphore, TROIKA_NOWAIT), EAGAIN);
    for (int i = 0; i < 4; i++)
        CHECK_OK (troika_semaphore_release (semaphore));
    assert_int_equal (CHECK_OK (troika_semaphore_value (semaphore)), 4);
    troika_semaphore_destroy (&semaphore);
    troika_manager_destroy (&manager);
}

static void
a_bounded_semaphore_refuses_a_release_too_many (stage_t *stage)
{
    troika_manager_t *manager = stage_manager (stage);
    troika_semaphore_t *semaphore =
        CHECK_OK (troika_manager_semaphore (manager, "s", 1, true));
    CHECK_ERRNO (troika_semaphore_release (semaphore), ERANGE);
    assert_int_equal (CHECK_OK (troika_semaphore_value (semaphore)), 1);
    CHECK_OK (troika_semaphore_acquire (semaphore, TROIKA_NOWAIT));
    CHECK_OK (troika_semaphore_release (semaphore));
    CHECK_ERRNO (troika_semaphore_release (semaphore), ERANGE);
    CHECK_ERRNO (troika_manager_semaphore (manager, "s", 2, true), EEXIST);
    CHECK_ERRNO (troika_manager_semaphore (manager, "s", 1, false), EEXIST);
    CHECK_ERRNO (troika_manager_semaphore (manager, "t", 0x80000000u, true),
                 EINVAL);
    troika_semaphore_destroy (&semaphore);
    troika_manager_destroy (&manager);
}

static const stage_case_t cases[] = {
    STAGE_TEST (a_lock_is_one_thread_s_until_it_is_released),
    STAGE_TEST (each_holding_has_a_larger_token),
    STAGE_TEST (any_thread_may_release_a_lock),
    STAGE_TEST (any_process_may_release_a_lock),
    STAGE_TEST (an_rlock_is_released_as_often_as_acquired),
    STAGE_TEST (an_rlock_is_released_by_its_holder_only),
    STAGE_TEST (a_lock_is_granted_in_order_of_arrival),
    STAGE_TEST (an_rlock_is_granted_in_order_of_arrival),
    STAGE_TEST (a_semaphore_counts_permits),
    STAGE_TEST (a_bounded_semaphore_refuses_a_release_too_many),
    STAGE_TEST (permits_are_granted_in_order_of_arrival),
};

int
main (int argc, char **argv)
{
    return STAGE_RUN (cases, argc, argv);
}
