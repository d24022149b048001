/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_manager_waits.c - what holds for every call that can wait: it fails at
 * once with timeout 0, at its deadline otherwise, and when its handle, its
 * object or its manager ends.
 */
#include <signal.h>
#include <string.h>
#include <unistd.h>
#include "tests/managed.h"
#include "tests/stage_parts.h"

/* The call fails with that error, in a thread of its own. */
static void
check_wait_fails (const wait_t *wait, void *object, int timeout, int error)
{
    int rc = in_thread (wait->call, object, timeout);
    if (rc != -1 || errno != error)
        STAGE_FAIL ("%s (%d): returned %d with %s, wanted %s", wait->name,
                    timeout, rc, stage_error_name (errno),
                    stage_error_name (error));
}

static void
check_ended (const wait_t *wait, caller_t *caller, int error)
{
    int rc = caller_end (caller);
    if (rc != -1 || errno != error)
        STAGE_FAIL ("%s: returned %d with %s, wanted %s", wait->name, rc,
                    stage_error_name (errno), stage_error_name (error));
}

static void *
open_filled (troika_manager_t *manager, const wait_t *wait)
{
    void *object = wait->open (manager);
    wait->fill (object);
    return object;
}

static void
with_timeout_0_no_call_waits (stage_t *stage)
{
    troika_manager_t *manager = stage_manager (stage);
    for (size_t i = 0; i < wait_count; i++) {
        void *object = open_filled (manager, &waits[i]);
        int64_t since = clock_ms ();
        check_wait_fails (&waits[i], object, TROIKA_NOWAIT, waits[i].never);
        check_took (since, 0, 500);
        waits[i].destroy (object);
    }
    troika_manager_destroy (&manager);
}

static void
every_wait_ends_at_its_deadline (stage_t *stage)
{
    troika_manager_t *manager = stage_manager (stage);
    for (size_t i = 0; i < wait_count; i++) {
        void *object = open_filled (manager, &waits[i]);
        int64_t since = clock_ms ();
        check_wait_fails (&waits[i], object, 60, waits[i].late);
        check_took (since, 60, 600);
        waits[i].destroy (object);
    }
    troika_manager_destroy (&manager);
}

static void
a_wait_that_failed_leaves_nobody_waiting (stage_t *stage)
{
    troika_manager_t *manager = stage_manager (stage);
    for (size_t i = 0; i < wait_count; i++) {
        void *object = open_filled (manager, &waits[i]);
        check_wait_fails (&waits[i], object, 20, waits[i].late);
        await_waiters (stage, &waits[i], 0);
        waits[i].destroy (object);
    }
    troika_manager_destroy (&manager);
}

static void
a_timeout_below_minus_one_is_refused (stage_t *stage)
{
    troika_manager_t *manager = stage_manager (stage);
    for (size_t i = 0; i < wait_count; i++) {
        void *object = open_filled (manager, &waits[i]);
        check_wait_fails (&waits[i], object, -2, EINVAL);
        check_wait_fails (&waits[i], object, -1000, EINVAL);
        waits[i].destroy (object);
    }
    troika_manager_destroy (&manager);
}

/* Where nobody can see whether the call waits already, the handle might be
 * gone before it is used. */
static bool
can_be_seen (const wait_t *wait)
{
    return strcmp (wait->name, "queue_join") != 0;
}

static void
destroying_a_handle_ends_its_waits (stage_t *stage)
{
    caller_t callers[2];
    troika_manager_t *manager = stage_manager (stage);
    for (size_t i = 0; i < wait_count; i++) {
        void *object = open_filled (manager, &waits[i]);
        if (!can_be_seen (&waits[i])) {
            waits[i].destroy (object);
            continue;
        }
        for (int64_t n = 0; n < 2; n++) {
            caller_start (&callers[n], waits[i].call, object, TROIKA_FOREVER);
            await_waiters (stage, &waits[i], n + 1);
        }
        int64_t since = clock_ms ();
        waits[i].destroy (object);
        for (int n = 0; n < 2; n++)
            check_ended (&waits[i], &callers[n], EPIPE);
        check_took (since, 0, 1000);
        await_waiters (stage, &waits[i], 0);
    }
    troika_manager_destroy (&manager);
}

static void
removing_an_object_ends_the_waits_for_it (stage_t *stage)
{
    caller_t caller;
    troika_manager_t *manager = stage_manager (stage);
    for (size_t i = 0; i < wait_count; i++) {
        void *object = open_filled (manager, &waits[i]);
        caller_start (&caller, waits[i].call, object, TROIKA_FOREVER);
        await_waiters (stage, &waits[i], 1);
        if (!can_be_seen (&waits[i]))
            usleep (50000);
        CHECK_OK (troika_manager_remove (manager, waits[i].object));
        check_ended (&waits[i], &caller, EPIPE);
        check_wait_fails (&waits[i], object, 10, ENOENT);
        waits[i].destroy (object);
    }
    troika_manager_destroy (&manager);
}

/* Everything waits at once, then the manager ends: by its owner or by any
 * client. */
static void
check_shutdown (stage_t *stage, troika_manager_t *manager,
                void (*end) (stage_t *stage, troika_manager_t *manager))
{
    caller_t callers[16];
    void *objects[16];
    for (size_t i = 0; i < wait_count; i++) {
        objects[i] = open_filled (manager, &waits[i]);
        caller_start (&callers[i], waits[i].call, objects[i], TROIKA_FOREVER);
        await_waiters (stage, &waits[i], 1);
    }
    int64_t since = clock_ms ();
    end (stage, manager);
    for (size_t i = 0; i < wait_count; i++)
        check_ended (&waits[i], &callers[i], EPIPE);
    check_took (since, 0, 2000);
    for (size_t i = 0; i < wait_count; i++) {
        check_wait_fails (&waits[i], objects[i], 10, EPIPE);
        waits[i].destroy (objects[i]);
    }
    check_took (since, 0, 6000);
    troika_manager_destroy (&manager);
}

static void
end_by_server (stage_t *stage, troika_manager_t *manager)
{
    (void)manager;
    stage_stop_server (stage);
}

static void
a_manager_that_ends_in_order_ends_every_wait (stage_t *stage)
{
    check_shutdown (stage, stage_manager (stage), end_by_server);
}

static void
end_by_client (stage_t *stage, troika_manager_t *manager)
{
    (void)stage;
    CHECK_OK (troika_manager_shutdown (manager, 2000));
    CHECK_OK (troika_manager_shutdown (manager, 2000));
}

static void
a_client_may_shut_the_manager_down (stage_t *stage)
{
    check_shutdown (stage, stage_manager (stage), end_by_client);
}

enum { HELD, RESUMED };

static int
hold_a_session (stage_t *stage, void *arg)
{
    (void)arg;
    troika_event_t *event =
        CHECK_OK (troika_event_connect (stage_object (stage, "e")));
    stage_signal (stage, HELD);
    stage_await (stage, RESUMED);
    troika_event_destroy (&event);
    return 0;
}

/* A client that is stopped cannot be told of the end and delays it. */
static void
calls_fail_alike_while_the_manager_is_ending_and_after (stage_t *stage)
{
    troika_manager_t *manager = stage_manager (stage);
    troika_event_t *event = CHECK_OK (troika_manager_event (manager, "e"));
    stage_peer_t *peer = stage_peer (stage, hold_a_session, NULL);
    stage_await (stage, HELD);
    stage_stop (stage_peer_pid (peer));
    CHECK_OK (troika_manager_shutdown (manager, 2000));
    for (int64_t since = clock_ms (); clock_ms () - since < 2500;) {
        int64_t begin = clock_ms ();
        CHECK_ERRNO (troika_event_is_set (event), EPIPE);
        check_took (begin, 0, 1000);
    }
    kill (stage_peer_pid (peer), SIGCONT);
    stage_signal (stage, RESUMED);
    assert_int_equal (stage_join (peer), 0);
    troika_event_destroy (&event);
    troika_manager_destroy (&manager);
}

/* The other thread waits; what frees it succeeds it. */
static void
every_wait_succeeds_in_the_end (stage_t *stage)
{
    caller_t callers[3];
    troika_manager_t *manager = stage_manager (stage);
    troika_event_t *event = CHECK_OK (troika_manager_event (manager, "e"));
    troika_queue_t *queue =
        CHECK_OK (troika_manager_queue (manager, "q", NULL));
    troika_object_t *gate =
        CHECK_OK (troika_manager_object (manager, "gate", "g", NULL));
    const wait_t *wait = waits;
    for (; strcmp (wait->name, "event_wait"); wait++)
        ;
    caller_start (&callers[0], wait->call, event, TROIKA_FOREVER);
    for (; strcmp (wait->name, "queue_get"); wait++)
        ;
    caller_start (&callers[1], wait->call, queue, TROIKA_FOREVER);
    for (; strcmp (wait->name, "object_call"); wait++)
        ;
    caller_start (&callers[2], wait->call, gate, TROIKA_FOREVER);
    WAIT_UNTIL (waiters_of (stage, "e") + waiters_of (stage, "g") +
                    stat_of (stage, "q", "waiting_gets") ==
                3);
    CHECK_OK (troika_event_set (event));
    PUT (queue, 1);
    CHECK_OK (troika_object_cast (gate, "open", NULL));
    for (int i = 0; i < 3; i++)
        assert_int_equal (caller_end (&callers[i]), 0);
    troika_event_destroy (&event);
    troika_queue_destroy (&queue);
    troika_object_destroy (&gate);
    troika_manager_destroy (&manager);
}

static const stage_case_t cases[] = {
    STAGE_TEST (every_wait_succeeds_in_the_end),
    STAGE_TEST (with_timeout_0_no_call_waits),
    STAGE_TEST (every_wait_ends_at_its_deadline),
    STAGE_TEST (a_timeout_below_minus_one_is_refused),
    STAGE_TEST (a_wait_that_failed_leaves_nobody_waiting),
    STAGE_TEST (destroying_a_handle_ends_its_waits),
    STAGE_TEST (removing_an_object_ends_the_waits_for_it),
    STAGE_TEST (a_manager_that_ends_in_order_ends_every_wait),
    STAGE_TEST (a_client_may_shut_the_manager_down),
    STAGE_TEST_ON (STAGE_REMOTE,
                   calls_fail_alike_while_the_manager_is_ending_and_after),
};

int
main (int argc, char **argv)
{
    return STAGE_RUN (cases, argc, argv);
}
