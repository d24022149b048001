/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_queue_exit_unread.c - how a process ends while the manager does not read
 * what it has put, or is dead: it waits as long as it may, and no longer.
 */
#include <signal.h>
#include <unistd.h>
#include "tests/queue_items.h"

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

static const stage_case_t cases[] = {
    STAGE_TEST_ON (STAGE_REMOTE, linger_bounds_the_exit),
    STAGE_TEST_ON (STAGE_REMOTE, signals_do_not_cut_an_exit_short),
    STAGE_TEST_ON (STAGE_REMOTE, signals_do_not_cut_a_destroy_short),
    STAGE_TEST_ON (STAGE_REMOTE, signals_do_not_cut_a_shutdown_short),
    STAGE_TEST_ON (STAGE_REMOTE,
                   a_shutdown_that_does_not_wait_tells_what_is_lost),
    STAGE_TEST_ON (STAGE_REMOTE, an_exit_after_the_managers_death_is_quick),
};

int
main (int argc, char **argv)
{
    return STAGE_RUN (cases, argc, argv);
}
