/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_queue_exit.c - a process that ends normally loses nothing that it put,
 * whether anybody has taken it or not, and does not hang.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "tests/queue_items.h"

#define ITEMS 10000

static void
check_all_arrived (troika_queue_t *queue)
{
    assert_int_equal (CHECK_OK (troika_queue_qsize (queue)), ITEMS);
    get_numbers (queue, ITEMS, 0);
    CHECK_DRAINED (queue);
}

static void
put_items (troika_queue_t *queue)
{
    put_numbers (queue, ITEMS, 0);
}

/* Of a process that uses this handle, or connects; it ends by itself. */
static void
check_end_loses_nothing (stage_t *stage,
                         int (*end) (stage_t *stage, void *queue))
{
    troika_queue_t *queue = stage_queue (stage, NULL);
    stage_needs_fork (stage);
    stage_run_peer (stage, end, queue);
    check_all_arrived (queue);
    troika_queue_destroy (&queue);
}

static int
put_and_return (stage_t *stage, void *arg)
{
    (void)arg;
    put_items (stage_connect (stage)); /* which nobody destroys */
    return 0;
}

static void
nothing_is_lost_when_a_process_returns (stage_t *stage)
{
    check_end_loses_nothing (stage, put_and_return);
}

static int
put_by_inherited_handle (stage_t *stage, void *arg)
{
    (void)stage;
    put_items (arg);
    exit (0);
}

static void
nothing_is_lost_when_a_process_exits (stage_t *stage)
{
    check_end_loses_nothing (stage, put_by_inherited_handle);
}

static int
put_and_destroy (stage_t *stage, void *arg)
{
    (void)arg;
    troika_queue_t *queue = stage_connect (stage);
    put_items (queue);
    troika_queue_destroy (&queue);
    return 0;
}

static void
nothing_is_lost_when_a_peer_ends (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, NULL);
    stage_run_peer (stage, put_and_destroy, NULL);
    check_all_arrived (queue);
    troika_queue_destroy (&queue);
}

static int
put_and_vanish (stage_t *stage, void *arg)
{
    (void)arg;
    troika_queue_t *queue = stage_connect (stage);
    put_items (queue);
    CHECK_OK (troika_queue_flush (queue, TROIKA_FOREVER));
    _exit (0);
}

static void
what_was_flushed_survives_any_end (stage_t *stage)
{
    check_end_loses_nothing (stage, put_and_vanish);
}

/* What it served is freed with it: LeakSanitizer and valgrind look. */
static void
a_queue_may_be_destroyed_after_a_shutdown (stage_t *stage)
{
    troika_queue_t *queue =
        CHECK_OK (troika_queue_new (stage_address (stage), 0));
    PUT (queue, 1);
    CHECK_OK (troika_shutdown (TROIKA_FOREVER));
    troika_queue_destroy (&queue);
}

static int
put_shut_down_and_vanish (stage_t *stage, void *arg)
{
    (void)arg;
    put_items (stage_connect (stage));
    CHECK_OK (troika_shutdown (TROIKA_FOREVER));
    _exit (0);
}

static void
troika_shutdown_flushes (stage_t *stage)
{
    check_end_loses_nothing (stage, put_shut_down_and_vanish);
}

static void *
put_thousand (void *arg)
{
    put_numbers (arg, 1000, 0);
    return NULL;
}

static int
put_by_threads (stage_t *stage, void *arg)
{
    pthread_t threads[4];
    (void)arg;
    troika_queue_t *queue = stage_connect (stage);
    for (int i = 0; i < 4; i++)
        pthread_create (&threads[i], NULL, put_thousand, queue);
    for (int i = 0; i < 4; i++)
        pthread_join (threads[i], NULL);
    return 0;
}

static void
the_puts_of_threads_that_ended_arrive (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, NULL);
    stage_needs_fork (stage);
    stage_run_peer (stage, put_by_threads, NULL);
    assert_int_equal (CHECK_OK (troika_queue_qsize (queue)), 4000);
    troika_queue_destroy (&queue);
}

static void
a_thread_that_ends_takes_nothing_with_it (stage_t *stage)
{
    pthread_t thread;
    troika_queue_t *queue = stage_queue (stage, NULL);
    for (int round = 0; round < 10; round++) {
        pthread_create (&thread, NULL, put_thousand, queue);
        pthread_join (thread, NULL);
    }
    CHECK_OK (troika_queue_flush (queue, TROIKA_FOREVER));
    assert_int_equal (CHECK_OK (troika_queue_qsize (queue)), 10000);
    troika_queue_destroy (&queue);
}

static void *
wait_for_ever (void *queue)
{
    troika_queue_get (queue, TROIKA_FOREVER);
    return NULL;
}

static int
exit_while_a_thread_waits (stage_t *stage, void *arg)
{
    pthread_t thread;
    (void)arg;
    troika_queue_t *queue = stage_connect (stage);
    pthread_create (&thread, NULL, wait_for_ever, queue);
    WAIT_UNTIL (figure (queue, "waiting_gets") == 1);
    exit (7);
}

static void
a_waiting_thread_does_not_keep_a_process_from_its_exit (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, NULL);
    stage_needs_fork (stage);
    int64_t since = clock_ms ();
    assert_int_equal (
        stage_join (stage_peer (stage, exit_while_a_thread_waits, NULL)), 7);
    check_took (since, 0, 4000);
    WAIT_UNTIL (figure (queue, "waiting_gets") == 0);
    PUT (queue, 1);
    CHECK_NEXT (queue, 1);
    troika_queue_destroy (&queue);
}

/* A server that exits without destroying its queue ends it in order. */
static int
serve_and_exit (stage_t *stage, void *arg)
{
    const char *endpoint = arg;
    CHECK_OK (troika_queue_new (endpoint, 0));
    stage_signal (stage, 0);
    stage_await (stage, 1);
    exit (0);
}

static void
a_server_that_exits_ends_its_queue (stage_t *stage)
{
    char endpoint[400];
    snprintf (endpoint, sizeof endpoint, "ipc://%s/exits",
              stage_directory (stage));
    stage_needs_fork (stage);
    stage_peer_t *peer = stage_peer (stage, serve_and_exit, endpoint);
    stage_await (stage, 0);
    troika_queue_t *queue = CHECK_OK (troika_queue_connect (endpoint));
    PUT (queue, 1);
    CHECK_OK (troika_queue_flush (queue, TROIKA_FOREVER));
    stage_signal (stage, 1);
    assert_int_equal (stage_join (peer), 0);
    CHECK_ERRNO (troika_queue_get (queue, TROIKA_FOREVER), EPIPE);
    assert_int_not_equal (access (endpoint + 6, F_OK), 0);
    troika_queue_destroy (&queue);
}

static const stage_case_t cases[] = {
    STAGE_TEST_ON (STAGE_REMOTE, nothing_is_lost_when_a_process_returns),
    STAGE_TEST_ON (STAGE_REMOTE, nothing_is_lost_when_a_process_exits),
    STAGE_TEST (nothing_is_lost_when_a_peer_ends),
    STAGE_TEST_ON (STAGE_REMOTE, what_was_flushed_survives_any_end),
    STAGE_TEST_ON (STAGE_REMOTE, troika_shutdown_flushes),
    STAGE_TEST (a_queue_may_be_destroyed_after_a_shutdown),
    STAGE_TEST_ON (STAGE_REMOTE, the_puts_of_threads_that_ended_arrive),
    STAGE_TEST (a_thread_that_ends_takes_nothing_with_it),
    STAGE_TEST_ON (STAGE_REMOTE,
                   a_waiting_thread_does_not_keep_a_process_from_its_exit),
    STAGE_TEST_ON (STAGE_PROCESS, a_server_that_exits_ends_its_queue),
};

int
main (int argc, char **argv)
{
    return STAGE_RUN (cases, argc, argv);
}
