/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_lost_manager.c - the manager is killed or stopped: every call that
 * waits fails with ECONNRESET within 3 s. One that is served again at the
 * same place is found by the handles that are there.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "tests/managed.h"
#include "tests/proxy.h"
#include "tests/stage_parts.h"

#define ROOM 16

static void *objects[ROOM];

/* Every call that waits, each in a thread of its own. */
static void
start_all (stage_t *stage, troika_manager_t *manager, caller_t *callers)
{
    for (size_t i = 0; i < wait_count; i++) {
        objects[i] = waits[i].open (manager);
        waits[i].fill (objects[i]);
        caller_start (&callers[i], waits[i].call, objects[i], TROIKA_FOREVER);
        await_waiters (stage, &waits[i], 1);
    }
}

static void
check_error (const wait_t *wait, int rc, int error)
{
    if (rc != -1 || errno != error)
        STAGE_FAIL ("%s: returned %d with %s, wanted %s", wait->name, rc,
                    stage_error_name (errno), stage_error_name (error));
}

static void
check_all_ended (caller_t *callers, int64_t since)
{
    for (size_t i = 0; i < wait_count; i++) {
        int rc = caller_end (&callers[i]);
        check_error (&waits[i], rc, ECONNRESET);
        if (callers[i].ended - since > 3000 * stage_scale ())
            STAGE_FAIL ("%s took %lld ms", waits[i].name,
                        (long long)(callers[i].ended - since));
    }
}

static void
destroy_all (void)
{
    for (size_t i = 0; i < wait_count; i++)
        waits[i].destroy (objects[i]);
}

static void
every_wait_fails_when_the_manager_is_killed (stage_t *stage)
{
    caller_t callers[ROOM];
    troika_manager_t *manager = stage_manager (stage);
    start_all (stage, manager, callers);
    int64_t since = clock_ms ();
    stage_kill_server (stage);
    check_all_ended (callers, since);
    destroy_all ();
    troika_manager_destroy (&manager);
}

static void
every_wait_fails_when_the_manager_is_stopped (stage_t *stage)
{
    caller_t callers[ROOM];
    troika_manager_t *manager = stage_manager (stage);
    start_all (stage, manager, callers);
    int64_t since = clock_ms ();
    stage_stop (stage_server_pid (stage));
    check_all_ended (callers, since);
    kill (stage_server_pid (stage), SIGKILL);
    stage_kill_server (stage);
    destroy_all ();
    troika_manager_destroy (&manager);
}

static void
later_calls_fail_while_nobody_serves (stage_t *stage)
{
    caller_t callers[ROOM];
    troika_manager_t *manager = stage_manager (stage);
    start_all (stage, manager, callers);
    int64_t since = clock_ms ();
    stage_kill_server (stage);
    check_all_ended (callers, since);
    for (size_t i = 0; i < 3; i++) {
        since = clock_ms ();
        check_error (&waits[i], waits[i].call (objects[i], TROIKA_FOREVER),
                     ECONNRESET);
        check_took (since, 0, 3000);
    }
    CHECK_ERRNO (troika_manager_objects (manager), ECONNRESET);
    CHECK_ERRNO (troika_manager_dict (manager, "d"), ECONNRESET);
    destroy_all ();
    troika_manager_destroy (&manager);
}

/* A call that does not wait for an object fails, too. */
static void
a_cast_or_flush_does_not_hang (stage_t *stage)
{
    troika_manager_t *manager = stage_manager (stage);
    troika_queue_t *queue =
        CHECK_OK (troika_manager_queue (manager, "q", NULL));
    PUT (queue, 1);
    CHECK_OK (troika_queue_flush (queue, TROIKA_FOREVER));
    int64_t since = clock_ms ();
    stage_kill_server (stage);
    troika_queue_put (queue, TROIKA_FOREVER, "i", 2); /* may not know it yet */
    CHECK_ERRNO (troika_queue_flush (queue, TROIKA_FOREVER), ECONNRESET);
    check_took (since, 0, 3000);
    CHECK_ERRNO (troika_queue_put (queue, TROIKA_FOREVER, "i", 3), ECONNRESET);
    troika_queue_destroy (&queue);
    troika_manager_destroy (&manager);
    check_took (since, 0, 6000);
}

/* --- served again at the same place */

static void
keep_endpoint (stage_t *stage, char *endpoint, size_t size)
{
    snprintf (endpoint, size, "%s", stage_endpoint (stage));
}

static void
handles_find_the_next_manager (stage_t *stage)
{
    char endpoint[512];
    int64_t sum;
    troika_manager_t *manager = stage_manager_to_follow (stage);
    troika_value_t *value =
        CHECK_OK (troika_manager_value (manager, "v", "i", 5));
    troika_lock_t *lock = CHECK_OK (troika_manager_lock (manager, "l"));
    troika_queue_t *queue =
        CHECK_OK (troika_manager_queue (manager, "q", NULL));
    CHECK_OK (troika_lock_acquire (lock, TROIKA_NOWAIT));
    uint64_t token = troika_lock_token (lock);
    keep_endpoint (stage, endpoint, sizeof endpoint);
    stage_kill_server (stage);
    CHECK_ERRNO (troika_value_get (value), ECONNRESET);
    stage_manager_again (stage, endpoint);
    CHECK_ERRNO (troika_value_get (value), ENOENT);
    CHECK_ERRNO (troika_lock_acquire (lock, 1000), ENOENT);
    CHECK_ERRNO (troika_queue_get (queue, 1000), ENOENT);
    CHECK_ERRNO (troika_queue_put (queue, 1000, "i", 1), ENOENT);
    /* Made anew, by the old handle of the manager. */
    troika_value_t *anew =
        CHECK_OK (troika_manager_value (manager, "v", "i", 7));
    CHECK_OK (troika_value_add (value, 1, &sum));
    assert_int_equal (sum, 8);
    troika_lock_t *same = CHECK_OK (troika_manager_lock (manager, "l"));
    CHECK_ERRNO (troika_lock_release (lock), EPERM); /* is free there */
    assert_int_equal (CHECK_OK (troika_lock_acquire (lock, 1000)), 0);
    assert_true (troika_lock_token (lock) > token);
    troika_lock_destroy (&same);
    troika_lock_destroy (&lock);
    troika_value_destroy (&anew);
    troika_value_destroy (&value);
    troika_queue_destroy (&queue);
    troika_manager_destroy (&manager);
}

/* Nobody called meanwhile: the loss itself need not be told. */
static void
a_restart_between_two_calls_is_bridged (stage_t *stage)
{
    char endpoint[512];
    troika_manager_t *manager = stage_manager_to_follow (stage);
    troika_dict_t *dict = CHECK_OK (troika_manager_dict (manager, "d"));
    keep_endpoint (stage, endpoint, sizeof endpoint);
    stage_kill_server (stage);
    stage_manager_again (stage, endpoint);
    ssize_t length = troika_dict_len (dict);
    assert_int_equal (length, -1);
    assert_true (errno == ECONNRESET || errno == ENOENT);
    CHECK_ERRNO (troika_dict_len (dict), ENOENT);
    troika_dict_t *anew = CHECK_OK (troika_manager_dict (manager, "d"));
    assert_int_equal (CHECK_OK (troika_dict_len (dict)), 0);
    troika_dict_destroy (&anew);
    troika_dict_destroy (&dict);
    troika_manager_destroy (&manager);
}

static void
waits_that_failed_go_on_with_the_next_manager (stage_t *stage)
{
    char endpoint[512];
    caller_t callers[ROOM];
    troika_manager_t *manager = stage_manager_to_follow (stage);
    keep_endpoint (stage, endpoint, sizeof endpoint);
    start_all (stage, manager, callers);
    int64_t since = clock_ms ();
    stage_kill_server (stage);
    stage_manager_again (stage, endpoint);
    check_all_ended (callers, since);
    for (size_t i = 0; i < wait_count; i++)
        check_error (&waits[i], waits[i].call (objects[i], 1000), ENOENT);
    for (size_t i = 0; i < wait_count; i++) {
        void *anew = waits[i].open (manager);
        waits[i].fill (anew);
        check_error (&waits[i], in_thread (waits[i].call, objects[i], 20),
                     waits[i].late);
        waits[i].destroy (anew);
    }
    destroy_all ();
    troika_manager_destroy (&manager);
}

/* An end in good order is not a loss; and the next one is found, too. */
static void
after_an_end_in_order_calls_say_so (stage_t *stage)
{
    char endpoint[512];
    troika_manager_t *manager = stage_manager_to_follow (stage);
    troika_dict_t *dict = CHECK_OK (troika_manager_dict (manager, "d"));
    troika_queue_t *queue =
        CHECK_OK (troika_manager_queue (manager, "q", NULL));
    keep_endpoint (stage, endpoint, sizeof endpoint);
    stage_stop_server (stage);
    CHECK_ERRNO (troika_dict_len (dict), EPIPE);
    CHECK_ERRNO (troika_queue_put (queue, 1000, "i", 1), EPIPE);
    CHECK_ERRNO (troika_queue_get (queue, 1000), EPIPE);
    CHECK_ERRNO (troika_manager_objects (manager), EPIPE);
    stage_manager_again (stage, endpoint);
    CHECK_ERRNO (troika_dict_len (dict), ENOENT);
    troika_dict_t *anew = CHECK_OK (troika_manager_dict (manager, "d"));
    assert_int_equal (CHECK_OK (troika_dict_len (dict)), 0);
    troika_dict_destroy (&anew);
    troika_dict_destroy (&dict);
    troika_queue_destroy (&queue);
    troika_manager_destroy (&manager);
}

static void
destroying_handles_of_a_lost_manager_is_quick (stage_t *stage)
{
    troika_manager_t *manager = stage_manager (stage);
    for (size_t i = 0; i < wait_count; i++)
        objects[i] = waits[i].open (manager);
    stage_kill_server (stage);
    int64_t since = clock_ms ();
    destroy_all ();
    troika_manager_destroy (&manager);
    check_took (since, 0, 3000);
}

/* Casts keep the agent looking meanwhile. */
static bool
passes_more (proxy_t *proxy, unsigned before, troika_queue_t *queue)
{
    PUT (queue, 1);
    PUT (queue, 2);
    return proxy_messages (proxy) > before;
}

/* The request of a "wait" is lost with its connection; repeated on the next
 * one, it is parked for longer than a connection may stay broken. */
static void
a_connection_that_is_back_is_no_loss (stage_t *stage)
{
    caller_t caller;
    troika_manager_t *server = stage_manager (stage);
    const proxy_cut_t cut = {.way = PROXY_CALLS, .lose = true, .at = 4};
    proxy_t *proxy = proxy_new (stage, stage_endpoint (stage), &cut);
    troika_manager_t *manager =
        CHECK_OK (troika_manager_connect (proxy_endpoint (proxy)));
    /* Connecting, a wait; the second wait is lost, and said again. */
    WAIT_UNTIL (proxy_messages (proxy) >= 5);
    troika_queue_t *queue =
        CHECK_OK (troika_manager_queue (manager, "q", NULL));
    objects[0] = waits[0].open (manager);
    waits[0].fill (objects[0]);
    caller_start (&caller, waits[0].call, objects[0], 3000);
    await_waiters (stage, &waits[0], 1);
    unsigned before = proxy_messages (proxy);
    WAIT_UNTIL (passes_more (proxy, before, queue)); /* the next wait */
    check_error (&waits[0], caller_end (&caller), ETIMEDOUT);
    assert_int_equal (proxy_cuts (proxy), 1);
    waits[0].destroy (objects[0]);
    troika_queue_destroy (&queue);
    troika_manager_destroy (&manager);
    proxy_destroy (&proxy);
    troika_manager_destroy (&server);
}

static const stage_case_t cases[] = {
    STAGE_TEST_ON (STAGE_REMOTE, every_wait_fails_when_the_manager_is_killed),
    STAGE_TEST_ON (STAGE_REMOTE, every_wait_fails_when_the_manager_is_stopped),
    STAGE_TEST_ON (STAGE_REMOTE, later_calls_fail_while_nobody_serves),
    STAGE_TEST_ON (STAGE_REMOTE, a_cast_or_flush_does_not_hang),
    STAGE_TEST_ON (STAGE_REMOTE, handles_find_the_next_manager),
    STAGE_TEST_ON (STAGE_REMOTE, a_restart_between_two_calls_is_bridged),
    STAGE_TEST_ON (STAGE_REMOTE, waits_that_failed_go_on_with_the_next_manager),
    STAGE_TEST_ON (STAGE_REMOTE, after_an_end_in_order_calls_say_so),
    STAGE_TEST_ON (STAGE_REMOTE, destroying_handles_of_a_lost_manager_is_quick),
    STAGE_TEST_ON (STAGE_REMOTE, a_connection_that_is_back_is_no_loss),
};

int
main (int argc, char **argv)
{
    return STAGE_RUN (cases, argc, argv);
}
