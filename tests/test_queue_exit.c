/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_queue_exit.c - a process that ends normally loses nothing that it put,
 * whether anybody has taken it or not, and does not hang.
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "tests/queue_items.h"

#define ITEMS 10000

static void
check_all_arrived (troika_queue_t *queue, int64_t count)
{
    assert_int_equal (CHECK_OK (troika_queue_qsize (queue)), count);
    get_numbers (queue, count, 0);
    CHECK_DRAINED (queue);
}

static void
put_items (troika_queue_t *queue)
{
    put_numbers (queue, ITEMS, 0);
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
    troika_queue_t *queue = stage_queue (stage, NULL);
    stage_needs_fork (stage);
    stage_run_peer (stage, put_and_return, NULL);
    check_all_arrived (queue, ITEMS);
    troika_queue_destroy (&queue);
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
    troika_queue_t *queue = stage_queue (stage, NULL);
    stage_needs_fork (stage);
    stage_run_peer (stage, put_by_inherited_handle, queue);
    check_all_arrived (queue, ITEMS);
    troika_queue_destroy (&queue);
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
    check_all_arrived (queue, ITEMS);
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
    troika_queue_t *queue = stage_queue (stage, NULL);
    stage_needs_fork (stage);
    stage_run_peer (stage, put_and_vanish, NULL);
    check_all_arrived (queue, ITEMS);
    troika_queue_destroy (&queue);
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
    troika_queue_t *queue = stage_queue (stage, NULL);
    stage_needs_fork (stage);
    stage_run_peer (stage, put_shut_down_and_vanish, NULL);
    check_all_arrived (queue, ITEMS);
    troika_queue_destroy (&queue);
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

static int
exit_with_items_for_nobody (stage_t *stage, void *arg)
{
    (void)arg;
    troika_queue_t *queue = stage_connect (stage);
    CHECK_OK (troika_set_linger (300));
    stage_signal (stage, 0);
    stage_await (stage, 1);
    PUT (queue, 1);
    return 0;
}

static void
linger_bounds_the_exit (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, NULL);
    stage_needs_fork (stage);
    stage_peer_t *peer = stage_peer (stage, exit_with_items_for_nobody, NULL);
    stage_await (stage, 0);
    stage_stop (stage_server_pid (stage));
    int64_t since = clock_ms ();
    stage_signal (stage, 1);
    assert_int_equal (stage_join (peer), 0);
    check_took (since, 0, 2500);
    kill (stage_server_pid (stage), SIGCONT);
    troika_queue_destroy (&queue);
}

/* --- signals, while the manager has not read what was put */

enum { READY, GO, PUT_ALL, HANDLED };
enum { LARGE = 100000, LARGE_ITEMS = 35 };

static stage_t *signalled;

static void
on_signal (int number)
{
    (void)number;
    stage_signal (signalled, HANDLED);
}

/* More than sockets hold. */
static troika_queue_t *
put_large_items (stage_t *stage)
{
    static const char bytes[LARGE];
    struct sigaction action = {.sa_handler = on_signal};
    troika_queue_t *queue = stage_connect (stage);
    signalled = stage;
    sigemptyset (&action.sa_mask);
    sigaction (SIGUSR1, &action, NULL);
    stage_signal (stage, READY);
    stage_await (stage, GO);
    for (int i = 0; i < LARGE_ITEMS; i++)
        CHECK_OK (troika_queue_put (queue, TROIKA_FOREVER, "B", bytes,
                                    (size_t)LARGE));
    stage_signal (stage, PUT_ALL);
    return queue;
}

static int
put_large_and_return (stage_t *stage, void *arg)
{
    (void)arg;
    put_large_items (stage);
    return 0;
}

static int
put_large_and_destroy (stage_t *stage, void *arg)
{
    (void)arg;
    troika_queue_t *queue = put_large_items (stage);
    troika_queue_destroy (&queue);
    return 0;
}

static int
put_large_and_shut_down (stage_t *stage, void *arg)
{
    (void)arg;
    put_large_items (stage);
    CHECK_OK (troika_shutdown (TROIKA_FOREVER));
    _exit (0);
}

static void
check_signals_lose_nothing (stage_t *stage,
                            int (*end) (stage_t *stage, void *arg))
{
    troika_queue_t *queue = stage_queue (stage, NULL);
    stage_needs_fork (stage);
    stage_peer_t *peer = stage_peer (stage, end, NULL);
    stage_await (stage, READY);
    stage_stop (stage_server_pid (stage));
    stage_signal (stage, GO);
    stage_await (stage, PUT_ALL);
    for (int i = 0; i < 100; i++) {
        kill (stage_peer_pid (peer), SIGUSR1);
        stage_await (stage, HANDLED);
    }
    kill (stage_server_pid (stage), SIGCONT);
    assert_int_equal (stage_join (peer), 0);
    assert_int_equal (CHECK_OK (troika_queue_qsize (queue)), LARGE_ITEMS);
    troika_queue_destroy (&queue);
}

static void
signals_do_not_cut_an_exit_short (stage_t *stage)
{
    check_signals_lose_nothing (stage, put_large_and_return);
}

static void
signals_do_not_cut_a_destroy_short (stage_t *stage)
{
    check_signals_lose_nothing (stage, put_large_and_destroy);
}

static void
signals_do_not_cut_a_shutdown_short (stage_t *stage)
{
    check_signals_lose_nothing (stage, put_large_and_shut_down);
}

static int
shut_down_at_once (stage_t *stage, void *arg)
{
    (void)arg;
    troika_queue_t *queue = stage_connect (stage);
    stage_signal (stage, READY);
    stage_await (stage, GO);
    PUT (queue, 1);
    CHECK_ERRNO (troika_shutdown (TROIKA_NOWAIT), ETIMEDOUT);
    _exit (0);
}

static void
a_shutdown_that_does_not_wait_tells_what_is_lost (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, NULL);
    stage_needs_fork (stage);
    stage_peer_t *peer = stage_peer (stage, shut_down_at_once, NULL);
    stage_await (stage, READY);
    stage_stop (stage_server_pid (stage));
    stage_signal (stage, GO);
    assert_int_equal (stage_join (peer), 0);
    kill (stage_server_pid (stage), SIGCONT);
    troika_queue_destroy (&queue);
}

static int
exit_after_the_server (stage_t *stage, void *arg)
{
    (void)arg;
    troika_queue_t *queue = stage_connect (stage);
    PUT (queue, 1);
    stage_signal (stage, 0);
    stage_await (stage, 1);
    return 0;
}

static void
an_exit_after_the_managers_death_is_quick (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, NULL);
    stage_needs_fork (stage);
    stage_peer_t *peer = stage_peer (stage, exit_after_the_server, NULL);
    stage_await (stage, 0);
    stage_kill_server (stage);
    int64_t since = clock_ms ();
    stage_signal (stage, 1);
    assert_int_equal (stage_join (peer), 0);
    check_took (since, 0, 5000);
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
    STAGE_TEST_ON (STAGE_REMOTE, linger_bounds_the_exit),
    STAGE_TEST_ON (STAGE_REMOTE, signals_do_not_cut_an_exit_short),
    STAGE_TEST_ON (STAGE_REMOTE, signals_do_not_cut_a_destroy_short),
    STAGE_TEST_ON (STAGE_REMOTE, signals_do_not_cut_a_shutdown_short),
    STAGE_TEST_ON (STAGE_REMOTE,
                   a_shutdown_that_does_not_wait_tells_what_is_lost),
    STAGE_TEST_ON (STAGE_REMOTE, an_exit_after_the_managers_death_is_quick),
    STAGE_TEST_ON (STAGE_PROCESS, a_server_that_exits_ends_its_queue),
};

int
main (int argc, char **argv)
{
    return STAGE_RUN (cases, argc, argv);
}
