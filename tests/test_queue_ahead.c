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
#include <sys/wait.h>
#include <unistd.h>
#include "tests/queue_ahead.h"

static void
a_sleeping_consumer_keeps_nothing_from_others (stage_t *stage)
{
    partner_t taker;
    troika_queue_t *queue = begin (&taker, stage, NULL, NULL);
    check_rest (queue);
    CHECK_DRAINED (queue);
    partner_leave (&taker);
    troika_queue_destroy (&queue);
}

static void
one_who_asks_for_many_gets_them_at_once (stage_t *stage)
{
    partner_t taker;
    troika_queue_t *queue = begin (&taker, stage, NULL, NULL);
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
    partner_leave (&taker);
    troika_queue_destroy (&queue);
}

static void
figures_know_what_was_started (stage_t *stage)
{
    partner_t taker;
    troika_queue_t *queue = begin (&taker, stage, NULL, NULL);
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
    partner_leave (&taker);
    assert_int_equal (CHECK_OK (troika_queue_qsize (queue)), ITEMS - TAKEN);
    troika_queue_destroy (&queue);
}

static void
take_the_rest (stage_t *stage, troika_queue_t *queue)
{
    (void)stage;
    get_numbers (queue, ITEMS - TAKEN, TAKEN + 1);
    CHECK_DRAINED (queue);
}

static void
looking_at_figures_takes_nothing_away (stage_t *stage)
{
    partner_t taker;
    troika_queue_t *queue = begin (&taker, stage, NULL, take_the_rest);
    assert_int_equal (CHECK_OK (troika_queue_qsize (queue)), ITEMS - TAKEN);
    partner_leave (&taker);
    assert_int_equal (CHECK_OK (troika_queue_qsize (queue)), 0);
    assert_int_equal (figure (queue, "gets"), ITEMS);
    troika_queue_destroy (&queue);
}

static void
take_in_turn (stage_t *stage, troika_queue_t *queue)
{
    for (int64_t i = TAKEN + 2; i <= TAKEN + 40; i += 2) {
        CHECK_NEXT (queue, i);
        partner_pause (stage);
    }
}

static void
consumers_in_turn_get_items_in_order (stage_t *stage)
{
    partner_t taker;
    troika_queue_t *queue = begin (&taker, stage, NULL, take_in_turn);
    for (int64_t i = TAKEN + 1; i <= TAKEN + 39; i += 2) {
        check_now (queue, i, 1);
        partner_step (&taker);
    }
    partner_leave (&taker);
    troika_queue_destroy (&queue);
}

static void
end_handle_early (stage_t *stage, troika_queue_t *queue)
{
    troika_queue_t *second = stage_connect (stage);
    (void)queue;
    CHECK_NEXT (second, TAKEN + 1);
    end_handle (second);
    partner_pause (stage);
}

static void
two_handles_of_a_thread_get_items_in_order (stage_t *stage)
{
    partner_t taker;
    troika_queue_t *queue = begin (&taker, stage, NULL, end_handle_early);
    partner_step (&taker);
    check_now (queue, TAKEN + 2, 1);
    partner_leave (&taker);
    check_now (queue, TAKEN + 3, 1);
    troika_queue_destroy (&queue);
}

static void *
take_one_in_a_thread (void *queue)
{
    CHECK_NEXT (queue, TAKEN + 1);
    return NULL;
}

static void
use_another_thread (stage_t *stage, troika_queue_t *queue)
{
    pthread_t thread;
    (void)stage;
    pthread_create (&thread, NULL, take_one_in_a_thread, queue);
    pthread_join (thread, NULL);
    CHECK_NEXT (queue, TAKEN + 2);
}

static void
threads_of_a_process_get_items_in_order (stage_t *stage)
{
    partner_t taker;
    troika_queue_t *queue = begin (&taker, stage, NULL, use_another_thread);
    partner_leave (&taker);
    check_now (queue, TAKEN + 3, 1);
    troika_queue_destroy (&queue);
}

static void
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
}

static void
a_forked_child_has_nothing_of_its_parents (stage_t *stage)
{
    partner_t taker;
    troika_queue_t *queue = begin (&taker, stage, NULL, fork_a_child);
    partner_leave (&taker);
    check_now (queue, TAKEN + 3, 1);
    troika_queue_destroy (&queue);
}

static void
take_one_more (stage_t *stage, troika_queue_t *queue)
{
    (void)stage;
    CHECK_NEXT (queue, TAKEN + 1);
}

static void
what_is_handed_ahead_keeps_its_place (stage_t *stage)
{
    static const troika_queue_options_t full = {.maxsize = ITEMS};
    partner_t taker;
    troika_queue_t *queue = begin (&taker, stage, &full, take_one_more);
    for (int64_t i = 1; i <= TAKEN; i++)
        CHECK_OK (troika_queue_put (queue, TROIKA_NOWAIT, "I", ITEMS + i));
    assert_int_equal (CHECK_OK (troika_queue_full (queue)), 1);
    CHECK_ERRNO (troika_queue_put (queue, TROIKA_NOWAIT, "i", 0), EAGAIN);
    partner_go_on (&taker);
    CHECK_OK (troika_queue_put (queue, 5000, "i", 0));
    partner_join (&taker);
    assert_int_equal (CHECK_OK (troika_queue_full (queue)), 1);
    troika_queue_destroy (&queue);
}

static void
take_the_newest (stage_t *stage, troika_queue_t *queue)
{
    (void)stage;
    for (int64_t i = ITEMS; i > ITEMS - TAKEN; i--)
        CHECK_NEXT (queue, i);
}

static void
take_a_newer_one (stage_t *stage, troika_queue_t *queue)
{
    (void)stage;
    CHECK_NEXT (queue, ITEMS + 1);
}

static void
the_last_in_is_the_first_out (stage_t *stage)
{
    static const troika_queue_options_t lifo = {.order = TROIKA_LIFO};
    partner_t taker;
    troika_queue_t *queue = queue_of_numbers (stage, &lifo, ITEMS);
    partner_start (&taker, stage, take_the_newest, take_a_newer_one);
    PUT (queue, ITEMS + 1);
    CHECK_OK (troika_queue_flush (queue, TROIKA_FOREVER));
    partner_leave (&taker);
    troika_queue_destroy (&queue);
}

static void
take_the_smallest (stage_t *stage, troika_queue_t *queue)
{
    (void)stage;
    CHECK_NEXT (queue, -1);
    CHECK_NEXT (queue, TAKEN + 1);
}

static void
the_smallest_comes_first (stage_t *stage)
{
    static const troika_queue_options_t options = {.order = TROIKA_PRIORITY};
    partner_t taker;
    troika_queue_t *queue = begin (&taker, stage, &options, take_the_smallest);
    troika_msg_t *small = CHECK_OK (troika_msg_pack ("i", -1));
    CHECK_OK (troika_queue_put_priority (queue, TROIKA_FOREVER, -1, small));
    troika_msg_destroy (&small);
    partner_leave (&taker);
    troika_queue_destroy (&queue);
}

static void
ask_wrongly (stage_t *stage, troika_queue_t *queue)
{
    (void)stage;
    CHECK_ERRNO (troika_queue_get (queue, -2), EINVAL);
    CHECK_NEXT (queue, TAKEN + 1);
}

static void
a_wrong_timeout_takes_nothing (stage_t *stage)
{
    partner_t taker;
    troika_queue_t *queue = begin (&taker, stage, NULL, ask_wrongly);
    partner_leave (&taker);
    check_now (queue, TAKEN + 2, 1);
    troika_queue_destroy (&queue);
}

static const stage_case_t cases[] = {
    STAGE_TEST (a_sleeping_consumer_keeps_nothing_from_others),
    STAGE_TEST (one_who_asks_for_many_gets_them_at_once),
    STAGE_TEST (figures_know_what_was_started),
    STAGE_TEST (looking_at_figures_takes_nothing_away),
    STAGE_TEST (consumers_in_turn_get_items_in_order),
    STAGE_TEST (two_handles_of_a_thread_get_items_in_order),
    STAGE_TEST (threads_of_a_process_get_items_in_order),
    STAGE_TEST (what_is_handed_ahead_keeps_its_place),
    STAGE_TEST (the_last_in_is_the_first_out),
    STAGE_TEST (the_smallest_comes_first),
    STAGE_TEST (a_wrong_timeout_takes_nothing),
    STAGE_TEST_ON (STAGE_REMOTE, a_forked_child_has_nothing_of_its_parents),
};

int
main (int argc, char **argv)
{
    return STAGE_RUN (cases, argc, argv);
}
