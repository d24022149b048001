/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_queue_ahead.c - items handed ahead of need are nobody's until they
 * are started.
 *
 * A quick consumer takes so many items that some wait in its own process,
 * and stops there. Everything that others see or get must be as if each of
 * its gets had asked the queue.
 */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tests/queue_items.h"

enum { ITEMS = 1000, TAKEN = 300 };
enum { TAKER = 0, GO = 1 };

/* What the taker does after its burst, when it is told to go on. */
typedef int (*act_t) (stage_t *stage, troika_queue_t *queue);

static void
burst (troika_queue_t *queue, int64_t from, int64_t to)
{
    for (int64_t i = from; i <= to; i++)
        CHECK_NEXT (queue, i);
}

static int
run_taker (stage_t *stage, void *arg)
{
    act_t act = *(act_t *)arg;
    troika_queue_t *queue = stage_connect (stage);
    burst (queue, 1, TAKEN);
    stage_signal (stage, TAKER);
    stage_await (stage, GO);
    int rc = act ? act (stage, queue) : 0;
    end_handle (queue);
    return rc;
}

static void
fill (troika_queue_t *queue, int64_t from, int64_t to)
{
    for (int64_t i = from; i <= to; i++)
        PUT (queue, i);
    CHECK_OK (troika_queue_flush (queue, TROIKA_FOREVER));
}

/* 1000 items, of which another has taken 300 by as many gets and sleeps. */
static stage_peer_t *
start_taker (stage_t *stage, troika_queue_t *queue, act_t *act)
{
    fill (queue, 1, ITEMS);
    stage_peer_t *peer = stage_peer (stage, run_taker, act);
    stage_await (stage, TAKER);
    return peer;
}

static void
end_taker (stage_t *stage, stage_peer_t *peer)
{
    stage_signal (stage, GO);
    assert_int_equal (stage_join (peer), 0);
}

static void
check_now (troika_queue_t *queue, int64_t number, unsigned deliveries)
{
    troika_msg_t *item = CHECK_OK (troika_queue_get (queue, TROIKA_NOWAIT));
    assert_int_equal (troika_queue_deliveries (item), deliveries);
    assert_int_equal (number_of (item), number);
}

static void
a_sleeping_consumer_keeps_nothing_from_others (stage_t *stage)
{
    act_t act = NULL;
    troika_queue_t *queue = stage_queue (stage, NULL);
    stage_peer_t *peer = start_taker (stage, queue, &act);
    for (int64_t i = TAKEN + 1; i <= ITEMS; i++)
        check_now (queue, i, 1);
    CHECK_DRAINED (queue);
    end_taker (stage, peer);
    troika_queue_destroy (&queue);
}

static void
one_who_asks_for_many_gets_them_at_once (stage_t *stage)
{
    act_t act = NULL;
    troika_queue_t *queue = stage_queue (stage, NULL);
    stage_peer_t *peer = start_taker (stage, queue, &act);
    troika_msg_t *items[ITEMS];
    ssize_t total = 0;
    while (total < ITEMS - TAKEN) {
        ssize_t count = CHECK_OK (
            troika_queue_get_many (queue, TROIKA_NOWAIT, items, ITEMS));
        drop_numbers (items, (size_t)count);
        total += count;
    }
    assert_int_equal (total, ITEMS - TAKEN);
    CHECK_DRAINED (queue);
    end_taker (stage, peer);
    troika_queue_destroy (&queue);
}

static void
figures_know_what_was_started (stage_t *stage)
{
    act_t act = NULL;
    troika_queue_t *queue = stage_queue (stage, NULL);
    stage_peer_t *peer = start_taker (stage, queue, &act);
    assert_int_equal (CHECK_OK (troika_queue_qsize (queue)), ITEMS - TAKEN);
    assert_int_equal (CHECK_OK (troika_queue_empty (queue)), 0);
    assert_int_equal (figure (queue, "size"), ITEMS - TAKEN);
    assert_int_equal (figure (queue, "gets"), TAKEN);
    assert_int_equal (figure (queue, "in_flight"), 1);
    assert_int_equal (figure (queue, "unfinished"), ITEMS);
    troika_msg_t *seen = CHECK_OK (troika_queue_peek (queue, 1));
    int64_t first;
    CHECK_OK (troika_msg_unpack (seen, "[I]", &first));
    assert_int_equal (first, TAKEN + 1);
    troika_msg_destroy (&seen);
    end_taker (stage, peer);
    assert_int_equal (CHECK_OK (troika_queue_qsize (queue)), ITEMS - TAKEN);
    troika_queue_destroy (&queue);
}

static int
take_the_rest (stage_t *stage, troika_queue_t *queue)
{
    (void)stage;
    burst (queue, TAKEN + 1, ITEMS);
    CHECK_DRAINED (queue);
    return 0;
}

static void
looking_at_figures_takes_nothing_away (stage_t *stage)
{
    act_t act = take_the_rest;
    troika_queue_t *queue = stage_queue (stage, NULL);
    stage_peer_t *peer = start_taker (stage, queue, &act);
    assert_int_equal (CHECK_OK (troika_queue_qsize (queue)), ITEMS - TAKEN);
    end_taker (stage, peer);
    assert_int_equal (CHECK_OK (troika_queue_qsize (queue)), 0);
    assert_int_equal (figure (queue, "gets"), ITEMS);
    troika_queue_destroy (&queue);
}

static int
take_in_turn (stage_t *stage, troika_queue_t *queue)
{
    for (int64_t i = TAKEN + 2; i <= TAKEN + 40; i += 2) {
        CHECK_NEXT (queue, i);
        stage_signal (stage, TAKER);
        stage_await (stage, GO);
    }
    return 0;
}

static void
consumers_in_turn_get_items_in_order (stage_t *stage)
{
    act_t act = take_in_turn;
    troika_queue_t *queue = stage_queue (stage, NULL);
    stage_peer_t *peer = start_taker (stage, queue, &act);
    for (int64_t i = TAKEN + 1; i <= TAKEN + 39; i += 2) {
        check_now (queue, i, 1);
        stage_signal (stage, GO);
        stage_await (stage, TAKER);
    }
    end_taker (stage, peer);
    troika_queue_destroy (&queue);
}

static void
a_stopped_consumer_keeps_nothing_from_others (stage_t *stage)
{
    act_t act = NULL;
    troika_queue_t *queue = stage_queue (stage, NULL);
    stage_peer_t *peer = start_taker (stage, queue, &act);
    stage_stop (stage_peer_pid (peer));
    for (int64_t i = TAKEN + 1; i <= ITEMS; i++)
        check_now (queue, i, 1);
    kill (stage_peer_pid (peer), SIGCONT);
    end_taker (stage, peer);
    troika_queue_destroy (&queue);
}

static void
of_a_killed_consumer_only_the_started_item_is_redelivered (stage_t *stage)
{
    act_t act = NULL;
    troika_queue_t *queue = stage_queue (stage, NULL);
    stage_peer_t *peer = start_taker (stage, queue, &act);
    stage_kill (peer);
    WAIT_UNTIL (figure (queue, "size") == ITEMS - TAKEN + 1);
    check_now (queue, TAKEN, 2);
    for (int64_t i = TAKEN + 1; i <= ITEMS; i++)
        check_now (queue, i, 1);
    assert_int_equal (figure (queue, "redelivered"), 1);
    troika_queue_destroy (&queue);
}

static int
put_one (stage_t *stage, troika_queue_t *queue)
{
    PUT (queue, ITEMS + 1);
    CHECK_OK (troika_queue_flush (queue, TROIKA_FOREVER));
    stage_signal (stage, TAKER);
    stage_await (stage, GO);
    return 0;
}

static void
a_put_settles_what_its_thread_took (stage_t *stage)
{
    act_t act = put_one;
    troika_queue_t *queue = stage_queue (stage, NULL);
    stage_peer_t *peer = start_taker (stage, queue, &act);
    stage_signal (stage, GO);
    stage_await (stage, TAKER);
    stage_kill (peer);
    WAIT_UNTIL (figure (queue, "in_flight") == 0);
    assert_int_equal (figure (queue, "size"), ITEMS - TAKEN + 1);
    check_now (queue, TAKEN + 1, 1);
    troika_queue_destroy (&queue);
}

static int
put_one_and_take_one (stage_t *stage, troika_queue_t *queue)
{
    PUT (queue, ITEMS + 1);
    CHECK_NEXT (queue, TAKEN + 1);
    CHECK_OK (troika_queue_flush (queue, TROIKA_FOREVER));
    stage_signal (stage, TAKER);
    stage_await (stage, GO);
    return 0;
}

static void
a_put_settles_nothing_that_was_taken_later (stage_t *stage)
{
    act_t act = put_one_and_take_one;
    troika_queue_t *queue = stage_queue (stage, NULL);
    stage_peer_t *peer = start_taker (stage, queue, &act);
    stage_signal (stage, GO);
    stage_await (stage, TAKER);
    WAIT_UNTIL (figure (queue, "puts") == ITEMS + 1);
    stage_kill (peer);
    WAIT_UNTIL (figure (queue, "size") == ITEMS - TAKEN + 1);
    check_now (queue, TAKEN + 1, 2);
    check_now (queue, TAKEN + 2, 1);
    troika_queue_destroy (&queue);
}

static int
be_done (stage_t *stage, troika_queue_t *queue)
{
    CHECK_OK (troika_queue_task_done (queue));
    stage_signal (stage, TAKER);
    stage_await (stage, GO);
    return 0;
}

static void
task_done_settles_and_takes_nothing_away (stage_t *stage)
{
    act_t act = be_done;
    troika_queue_t *queue = stage_queue (stage, NULL);
    stage_peer_t *peer = start_taker (stage, queue, &act);
    stage_signal (stage, GO);
    stage_await (stage, TAKER);
    stage_kill (peer);
    WAIT_UNTIL (figure (queue, "in_flight") == 0);
    assert_int_equal (figure (queue, "unfinished"), ITEMS - 1);
    check_now (queue, TAKEN + 1, 1);
    troika_queue_destroy (&queue);
}

static int
end_handle_early (stage_t *stage, troika_queue_t *queue)
{
    troika_queue_t *second = stage_connect (stage);
    (void)queue;
    CHECK_NEXT (second, TAKEN + 1);
    end_handle (second);
    stage_signal (stage, TAKER);
    stage_await (stage, GO);
    return 0;
}

static void
two_handles_of_a_thread_get_items_in_order (stage_t *stage)
{
    act_t act = end_handle_early;
    troika_queue_t *queue = stage_queue (stage, NULL);
    stage_peer_t *peer = start_taker (stage, queue, &act);
    stage_signal (stage, GO);
    stage_await (stage, TAKER);
    check_now (queue, TAKEN + 2, 1);
    end_taker (stage, peer);
    check_now (queue, TAKEN + 3, 1);
    troika_queue_destroy (&queue);
}

static void *
take_one_in_a_thread (void *queue)
{
    CHECK_NEXT (queue, TAKEN + 1);
    return NULL;
}

static int
use_another_thread (stage_t *stage, troika_queue_t *queue)
{
    pthread_t thread;
    (void)stage;
    pthread_create (&thread, NULL, take_one_in_a_thread, queue);
    pthread_join (thread, NULL);
    CHECK_NEXT (queue, TAKEN + 2);
    return 0;
}

static void
threads_of_a_process_get_items_in_order (stage_t *stage)
{
    act_t act = use_another_thread;
    troika_queue_t *queue = stage_queue (stage, NULL);
    stage_peer_t *peer = start_taker (stage, queue, &act);
    end_taker (stage, peer);
    check_now (queue, TAKEN + 3, 1);
    troika_queue_destroy (&queue);
}

static int
fork_a_child (stage_t *stage, troika_queue_t *queue)
{
    stage_needs_fork (stage);
    pid_t pid = fork ();
    if (pid == 0) {
        int64_t number = GET (queue);
        troika_queue_destroy (&queue);
        _exit (number == TAKEN + 1 ? 0 : 1);
    }
    int status = -1;
    waitpid (pid, &status, 0);
    assert_int_equal (status, 0);
    CHECK_NEXT (queue, TAKEN + 2);
    return 0;
}

static void
a_forked_child_has_nothing_of_its_parents (stage_t *stage)
{
    act_t act = fork_a_child;
    troika_queue_t *queue = stage_queue (stage, NULL);
    stage_peer_t *peer = start_taker (stage, queue, &act);
    end_taker (stage, peer);
    check_now (queue, TAKEN + 3, 1);
    troika_queue_destroy (&queue);
}

static int
find_it_shut (stage_t *stage, troika_queue_t *queue)
{
    (void)stage;
    CHECK_ERRNO (troika_queue_get (queue, TROIKA_FOREVER), EPIPE);
    return 0;
}

static void
an_immediate_shutdown_drops_what_was_not_started (stage_t *stage)
{
    act_t act = find_it_shut;
    troika_queue_t *queue = stage_queue (stage, NULL);
    stage_peer_t *peer = start_taker (stage, queue, &act);
    CHECK_OK (troika_queue_shutdown (queue, true));
    assert_int_equal (figure (queue, "unfinished"), TAKEN);
    end_taker (stage, peer);
    troika_queue_destroy (&queue);
}

static int
drain (stage_t *stage, troika_queue_t *queue)
{
    burst (queue, TAKEN + 1, ITEMS);
    return find_it_shut (stage, queue);
}

static void
a_shutdown_lets_the_rest_be_taken (stage_t *stage)
{
    act_t act = drain;
    troika_queue_t *queue = stage_queue (stage, NULL);
    stage_peer_t *peer = start_taker (stage, queue, &act);
    CHECK_OK (troika_queue_shutdown (queue, false));
    end_taker (stage, peer);
    CHECK_ERRNO (troika_queue_get (queue, TROIKA_NOWAIT), EPIPE);
    troika_queue_destroy (&queue);
}

static int
find_it_gone (stage_t *stage, troika_queue_t *queue)
{
    (void)stage;
    errno = 0;
    troika_msg_t *item = troika_queue_get (queue, 2000);
    assert_null (item);
    assert_true (errno == EPIPE || errno == ECONNRESET);
    return 0;
}

static void
an_ended_manager_leaves_nothing (stage_t *stage)
{
    act_t act = find_it_gone;
    troika_queue_t *queue = stage_queue (stage, NULL);
    stage_peer_t *peer = start_taker (stage, queue, &act);
    stage_stop_server (stage);
    end_taker (stage, peer);
    troika_queue_destroy (&queue);
}

static int
take_one_more (stage_t *stage, troika_queue_t *queue)
{
    (void)stage;
    CHECK_NEXT (queue, TAKEN + 1);
    return 0;
}

static void
what_is_handed_ahead_keeps_its_place (stage_t *stage)
{
    static const troika_queue_options_t full = {.maxsize = ITEMS};
    act_t act = take_one_more;
    troika_queue_t *queue = stage_queue (stage, &full);
    stage_peer_t *peer = start_taker (stage, queue, &act);
    for (int64_t i = 1; i <= TAKEN; i++)
        CHECK_OK (troika_queue_put (queue, TROIKA_NOWAIT, "I", ITEMS + i));
    assert_int_equal (CHECK_OK (troika_queue_full (queue)), 1);
    CHECK_ERRNO (troika_queue_put (queue, TROIKA_NOWAIT, "i", 0), EAGAIN);
    stage_signal (stage, GO);
    CHECK_OK (troika_queue_put (queue, 5000, "i", 0));
    assert_int_equal (stage_join (peer), 0);
    assert_int_equal (CHECK_OK (troika_queue_full (queue)), 1);
    troika_queue_destroy (&queue);
}

static void
a_consumer_that_leaves_gives_back_what_it_has_not_started (stage_t *stage)
{
    act_t act = NULL;
    troika_queue_t *queue = stage_queue (stage, NULL);
    stage_peer_t *peer = start_taker (stage, queue, &act);
    end_taker (stage, peer);
    assert_int_equal (figure (queue, "size"), ITEMS - TAKEN);
    for (int64_t i = TAKEN + 1; i <= ITEMS; i++)
        check_now (queue, i, 1);
    CHECK_DRAINED (queue);
    troika_queue_destroy (&queue);
}

static int
exit_at_once (stage_t *stage, troika_queue_t *queue)
{
    (void)stage;
    (void)queue;
    exit (0);
}

static void
a_consumer_that_exits_gives_back_what_it_has_not_started (stage_t *stage)
{
    act_t act = exit_at_once;
    troika_queue_t *queue = stage_queue (stage, NULL);
    stage_needs_fork (stage);
    stage_peer_t *peer = start_taker (stage, queue, &act);
    end_taker (stage, peer);
    assert_int_equal (figure (queue, "in_flight"), 0);
    for (int64_t i = TAKEN + 1; i <= ITEMS; i++)
        check_now (queue, i, 1);
    CHECK_DRAINED (queue);
    troika_queue_destroy (&queue);
}

static int
find_nothing (stage_t *stage, troika_queue_t *queue)
{
    (void)stage;
    errno = 0;
    assert_null (troika_queue_get (queue, TROIKA_NOWAIT));
    assert_true (errno == ECONNRESET || errno == EAGAIN);
    return 0;
}

/* Its session has ended when it goes on: what it has there is others'. */
static void
a_consumer_that_was_stopped_too_long_has_nothing_left (stage_t *stage)
{
    act_t act = find_nothing;
    troika_queue_t *queue = stage_queue (stage, NULL);
    stage_peer_t *peer = start_taker (stage, queue, &act);
    stage_stop (stage_peer_pid (peer));
    WAIT_UNTIL (figure (queue, "size") == ITEMS - TAKEN + 1);
    check_now (queue, TAKEN, 2);
    for (int64_t i = TAKEN + 1; i <= ITEMS; i++)
        check_now (queue, i, 1);
    stage_signal (stage, GO);
    kill (stage_peer_pid (peer), SIGCONT);
    assert_int_equal (stage_join (peer), 0);
    assert_int_equal (figure (queue, "redelivered"), 1);
    CHECK_DRAINED (queue);
    troika_queue_destroy (&queue);
}

static int
take_the_newest (stage_t *stage, void *arg)
{
    troika_queue_t *queue = stage_connect (stage);
    (void)arg;
    for (int64_t i = ITEMS; i > ITEMS - TAKEN; i--)
        CHECK_NEXT (queue, i);
    stage_signal (stage, TAKER);
    stage_await (stage, GO);
    CHECK_NEXT (queue, ITEMS + 1);
    end_handle (queue);
    return 0;
}

static void
the_last_in_is_the_first_out (stage_t *stage)
{
    static const troika_queue_options_t lifo = {.order = TROIKA_LIFO};
    troika_queue_t *queue = stage_queue (stage, &lifo);
    fill (queue, 1, ITEMS);
    stage_peer_t *peer = stage_peer (stage, take_the_newest, NULL);
    stage_await (stage, TAKER);
    fill (queue, ITEMS + 1, ITEMS + 1);
    end_taker (stage, peer);
    troika_queue_destroy (&queue);
}

static int
take_the_smallest (stage_t *stage, troika_queue_t *queue)
{
    (void)stage;
    CHECK_NEXT (queue, -1);
    CHECK_NEXT (queue, TAKEN + 1);
    return 0;
}

static void
the_smallest_comes_first (stage_t *stage)
{
    static const troika_queue_options_t options = {.order = TROIKA_PRIORITY};
    act_t act = take_the_smallest;
    troika_queue_t *queue = stage_queue (stage, &options);
    stage_peer_t *peer = start_taker (stage, queue, &act);
    troika_msg_t *small = CHECK_OK (troika_msg_pack ("i", -1));
    CHECK_OK (troika_queue_put_priority (queue, TROIKA_FOREVER, -1, small));
    troika_msg_destroy (&small);
    end_taker (stage, peer);
    troika_queue_destroy (&queue);
}

static int
ask_wrongly (stage_t *stage, troika_queue_t *queue)
{
    (void)stage;
    CHECK_ERRNO (troika_queue_get (queue, -2), EINVAL);
    CHECK_NEXT (queue, TAKEN + 1);
    return 0;
}

static void
a_wrong_timeout_takes_nothing (stage_t *stage)
{
    act_t act = ask_wrongly;
    troika_queue_t *queue = stage_queue (stage, NULL);
    stage_peer_t *peer = start_taker (stage, queue, &act);
    end_taker (stage, peer);
    check_now (queue, TAKEN + 2, 1);
    troika_queue_destroy (&queue);
}

static const stage_case_t cases[] = {
    STAGE_TEST (a_sleeping_consumer_keeps_nothing_from_others),
    STAGE_TEST (one_who_asks_for_many_gets_them_at_once),
    STAGE_TEST (figures_know_what_was_started),
    STAGE_TEST (looking_at_figures_takes_nothing_away),
    STAGE_TEST (consumers_in_turn_get_items_in_order),
    STAGE_TEST (a_consumer_that_leaves_gives_back_what_it_has_not_started),
    STAGE_TEST (two_handles_of_a_thread_get_items_in_order),
    STAGE_TEST (threads_of_a_process_get_items_in_order),
    STAGE_TEST (what_is_handed_ahead_keeps_its_place),
    STAGE_TEST (an_immediate_shutdown_drops_what_was_not_started),
    STAGE_TEST (a_shutdown_lets_the_rest_be_taken),
    STAGE_TEST (the_last_in_is_the_first_out),
    STAGE_TEST (the_smallest_comes_first),
    STAGE_TEST (a_wrong_timeout_takes_nothing),
    STAGE_TEST_ON (STAGE_REMOTE, a_stopped_consumer_keeps_nothing_from_others),
    STAGE_TEST_ON (STAGE_REMOTE,
                   of_a_killed_consumer_only_the_started_item_is_redelivered),
    STAGE_TEST_ON (STAGE_REMOTE, a_put_settles_what_its_thread_took),
    STAGE_TEST_ON (STAGE_REMOTE, a_put_settles_nothing_that_was_taken_later),
    STAGE_TEST_ON (STAGE_REMOTE, task_done_settles_and_takes_nothing_away),
    STAGE_TEST_ON (STAGE_REMOTE, a_forked_child_has_nothing_of_its_parents),
    STAGE_TEST_ON (STAGE_REMOTE, an_ended_manager_leaves_nothing),
    STAGE_TEST_ON (STAGE_REMOTE,
                   a_consumer_that_exits_gives_back_what_it_has_not_started),
    STAGE_TEST_ON (STAGE_REMOTE,
                   a_consumer_that_was_stopped_too_long_has_nothing_left),
};

int
main (int argc, char **argv)
{
    return STAGE_RUN (cases, argc, argv);
}
