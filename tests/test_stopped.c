/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_stopped.c - a process that is stopped (SIGSTOP) keeps its connections
 * and says nothing: after three seconds it is taken for dead. When it goes
 * on, it finds that out by every call, and harms nobody. One that is stopped
 * for less loses nothing.
 */
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tests/managed.h"
#include "tests/stage_parts.h"

enum { HELD, RESUMED, CHECKED };

/* A call of a stopped process fails with ECONNRESET, unless it was found
 * out already that the session is over; then it has the answer of the next
 * session. */
#define AFTER_LOSS(call)                                                       \
    __extension__({                                                            \
        int value_ = (call);                                                   \
        if (value_ < 0 && errno == ECONNRESET)                                 \
            value_ = (call);                                                   \
        value_;                                                                \
    })

static int
wait_for_event (void *event, int timeout)
{
    return troika_event_wait (event, timeout);
}

static int
hold_while_stopped (stage_t *stage, void *arg)
{
    caller_t caller;
    (void)arg;
    troika_lock_t *lock =
        CHECK_OK (troika_lock_connect (stage_object (stage, "lock")));
    troika_lock_t *rlock =
        CHECK_OK (troika_lock_connect (stage_object (stage, "rlock")));
    troika_event_t *event =
        CHECK_OK (troika_event_connect (stage_object (stage, "e")));
    CHECK_OK (troika_lock_acquire (lock, TROIKA_FOREVER));
    CHECK_OK (troika_lock_acquire (rlock, TROIKA_FOREVER));
    caller_start (&caller, wait_for_event, event, TROIKA_FOREVER);
    WAIT_UNTIL (waiters_of (stage, "e") == 1);
    stage_signal (stage, HELD);
    stage_await (stage, RESUMED);
    CHECK_ERRNO (caller_end (&caller), ECONNRESET);
    CHECK_ERRNO (AFTER_LOSS (troika_lock_release (lock)), ESTALE);
    CHECK_ERRNO (AFTER_LOSS (troika_lock_release (rlock)), EPERM);
    errno = 0;
    assert_int_equal (troika_lock_token (lock), 0);
    assert_int_equal (errno, EPERM);
    CHECK_ERRNO (troika_lock_acquire (lock, TROIKA_NOWAIT), EAGAIN);
    stage_signal (stage, CHECKED);
    CHECK_OK (troika_lock_acquire (lock, 5000)); /* the same handle */
    CHECK_OK (troika_lock_release (lock));
    troika_lock_destroy (&lock);
    troika_lock_destroy (&rlock);
    troika_event_destroy (&event);
    return 0;
}

static int
acquire_both (void *locks, int timeout)
{
    troika_lock_t **lock = locks;
    int rc = troika_lock_acquire (lock[0], timeout);
    return rc < 0 ? rc : rc + troika_lock_acquire (lock[1], timeout);
}

static void
a_stopped_holder_loses_its_locks (stage_t *stage)
{
    troika_manager_t *manager = stage_manager (stage);
    troika_lock_t *locks[] = {
        CHECK_OK (troika_manager_lock (manager, "lock")),
        CHECK_OK (troika_manager_rlock (manager, "rlock"))};
    troika_event_t *event = CHECK_OK (troika_manager_event (manager, "e"));
    stage_peer_t *peer = stage_peer (stage, hold_while_stopped, NULL);
    pid_t pid = stage_peer_pid (peer);
    stage_await (stage, HELD);
    uint64_t before = (uint64_t)stat_of (stage, "lock", "token");
    int64_t since = clock_ms ();
    stage_stop (pid);
    assert_int_equal (CHECK_OK (acquire_both (locks, TROIKA_FOREVER)), 2);
    check_took (since, 1900, 3500);
    assert_true (troika_lock_token (locks[0]) > before);
    kill (pid, SIGCONT);
    stage_signal (stage, RESUMED);
    stage_await (stage, CHECKED);
    assert_true (troika_lock_token (locks[0]) > before); /* still ours */
    CHECK_OK (troika_lock_release (locks[0]));
    assert_int_equal (stage_join (peer), 0);
    CHECK_OK (troika_lock_release (locks[1]));
    troika_lock_destroy (&locks[0]);
    troika_lock_destroy (&locks[1]);
    troika_event_destroy (&event);
    troika_manager_destroy (&manager);
}

static int
hold_rest_while_stopped (stage_t *stage, void *arg)
{
    (void)arg;
    troika_queue_t *queue =
        CHECK_OK (troika_queue_connect (stage_object (stage, "q")));
    troika_condition_t *condition =
        CHECK_OK (troika_condition_connect (stage_object (stage, "c")));
    troika_barrier_t *barrier =
        CHECK_OK (troika_barrier_connect (stage_object (stage, "b")));
    troika_msg_t *item = CHECK_OK (troika_queue_get (queue, TROIKA_FOREVER));
    CHECK_OK (troika_condition_acquire (condition, TROIKA_FOREVER));
    stage_signal (stage, HELD);
    CHECK_ERRNO (troika_barrier_wait (barrier, TROIKA_FOREVER), ECONNRESET);
    CHECK_ERRNO (AFTER_LOSS (troika_queue_ack (queue, item)), ESTALE);
    CHECK_ERRNO (AFTER_LOSS (troika_condition_notify (condition, 1)), EPERM);
    CHECK_ERRNO (AFTER_LOSS (troika_condition_release (condition)), EPERM);
    troika_msg_destroy (&item);
    troika_queue_destroy (&queue);
    troika_condition_destroy (&condition);
    troika_barrier_destroy (&barrier);
    return 0;
}

static void
a_stopped_process_loses_all_that_it_held (stage_t *stage)
{
    static const troika_queue_options_t manual = {.manual_ack = true};
    troika_manager_t *manager = stage_manager (stage);
    troika_queue_t *queue =
        CHECK_OK (troika_manager_queue (manager, "q", &manual));
    troika_condition_t *condition =
        CHECK_OK (troika_manager_condition (manager, "c"));
    troika_barrier_t *barrier =
        CHECK_OK (troika_manager_barrier (manager, "b", 3));
    PUT (queue, 1);
    stage_peer_t *peer = stage_peer (stage, hold_rest_while_stopped, NULL);
    pid_t pid = stage_peer_pid (peer);
    stage_await (stage, HELD);
    WAIT_UNTIL (CHECK_OK (troika_barrier_waiting (barrier)) == 1);
    stage_stop (pid);
    int64_t since = clock_ms ();
    CHECK_ERRNO (troika_barrier_wait (barrier, TROIKA_FOREVER), ECANCELED);
    troika_msg_t *item = CHECK_OK (troika_queue_get (queue, TROIKA_FOREVER));
    assert_int_equal (troika_queue_deliveries (item), 2);
    assert_int_equal (CHECK_OK (troika_condition_acquire (condition, 100)), 1);
    check_took (since, 1900, 3500);
    kill (pid, SIGCONT);
    assert_int_equal (stage_join (peer), 0);
    CHECK_OK (troika_queue_ack (queue, item));
    CHECK_OK (troika_condition_release (condition));
    assert_int_equal (figure (queue, "unfinished"), 0);
    troika_msg_destroy (&item);
    troika_queue_destroy (&queue);
    troika_condition_destroy (&condition);
    troika_barrier_destroy (&barrier);
    troika_manager_destroy (&manager);
}

static int
hold_through_a_short_stop (stage_t *stage, void *arg)
{
    (void)arg;
    troika_lock_t *lock =
        CHECK_OK (troika_lock_connect (stage_object (stage, "lock")));
    CHECK_OK (troika_lock_acquire (lock, TROIKA_FOREVER));
    uint64_t token = troika_lock_token (lock);
    stage_signal (stage, HELD);
    stage_await (stage, RESUMED);
    assert_true (token && troika_lock_token (lock) == token);
    CHECK_OK (troika_lock_release (lock));
    troika_lock_destroy (&lock);
    return 0;
}

static void
a_short_stop_loses_nothing (stage_t *stage)
{
    troika_manager_t *manager = stage_manager (stage);
    troika_lock_t *lock = CHECK_OK (troika_manager_lock (manager, "lock"));
    stage_peer_t *peer = stage_peer (stage, hold_through_a_short_stop, NULL);
    pid_t pid = stage_peer_pid (peer);
    stage_await (stage, HELD);
    stage_stop (pid);
    CHECK_ERRNO (troika_lock_acquire (lock, 1500), ETIMEDOUT);
    kill (pid, SIGCONT);
    stage_signal (stage, RESUMED);
    assert_int_equal (CHECK_OK (troika_lock_acquire (lock, 5000)), 0);
    assert_int_equal (stage_join (peer), 0);
    CHECK_OK (troika_lock_release (lock));
    troika_lock_destroy (&lock);
    troika_manager_destroy (&manager);
}

static int
stop_as_soon_as_it_holds (stage_t *stage, void *arg)
{
    (void)arg;
    troika_lock_t *lock =
        CHECK_OK (troika_lock_connect (stage_object (stage, "lock")));
    CHECK_OK (troika_lock_acquire (lock, TROIKA_FOREVER));
    raise (SIGSTOP);
    CHECK_OK (troika_lock_release (lock));
    troika_lock_destroy (&lock);
    return 0;
}

/* Hello, open and acquire are all that the manager has of it. */
static void
a_stop_right_after_the_first_call_loses_nothing (stage_t *stage)
{
    stage_needs_fork (stage);
    troika_manager_t *manager = stage_manager (stage);
    troika_lock_t *lock = CHECK_OK (troika_manager_lock (manager, "lock"));
    stage_peer_t *peer = stage_peer (stage, stop_as_soon_as_it_holds, NULL);
    pid_t pid = stage_peer_pid (peer);
    siginfo_t info;
    assert_int_equal (waitid (P_PID, (id_t)pid, &info, WSTOPPED), 0);
    CHECK_ERRNO (troika_lock_acquire (lock, 1000), ETIMEDOUT);
    kill (pid, SIGCONT);
    assert_int_equal (CHECK_OK (troika_lock_acquire (lock, 5000)), 0);
    assert_int_equal (stage_join (peer), 0);
    CHECK_OK (troika_lock_release (lock));
    troika_lock_destroy (&lock);
    troika_manager_destroy (&manager);
}

/* The manager is stopped, not the client: for a short while it is waited
 * for, and nobody is taken for dead by it when it goes on. */
static void
a_short_stop_of_the_manager_loses_nothing (stage_t *stage)
{
    troika_manager_t *manager = stage_manager (stage);
    troika_lock_t *lock = CHECK_OK (troika_manager_lock (manager, "lock"));
    CHECK_OK (troika_lock_acquire (lock, TROIKA_FOREVER));
    uint64_t token = troika_lock_token (lock);
    stage_stop (stage_server_pid (stage));
    usleep (1500000);
    kill (stage_server_pid (stage), SIGCONT);
    assert_true (token && troika_lock_token (lock) == token);
    CHECK_OK (troika_lock_release (lock));
    troika_lock_destroy (&lock);
    troika_manager_destroy (&manager);
}

static const stage_case_t cases[] = {
    STAGE_TEST_ON (STAGE_REMOTE, a_short_stop_loses_nothing),
    STAGE_TEST_ON (STAGE_REMOTE, a_short_stop_of_the_manager_loses_nothing),
    STAGE_TEST_ON (STAGE_REMOTE,
                   a_stop_right_after_the_first_call_loses_nothing),
    STAGE_TEST_ON (STAGE_REMOTE, a_stopped_holder_loses_its_locks),
    STAGE_TEST_ON (STAGE_REMOTE, a_stopped_process_loses_all_that_it_held),
};

int
main (int argc, char **argv)
{
    return STAGE_RUN (cases, argc, argv);
}
