/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_queue_ahead_end.c - when a consumer or the queue ends, only items that
 * were started count as taken; none that was handed ahead is lost.
 *
 * A quick consumer takes so many items that some wait in its own process.
 * Then it leaves, is stopped or is killed; or what it took is settled; or the
 * queue is shut down.
 */
#include <stdlib.h>
#include "tests/queue_ahead.h"

static void
a_stopped_consumer_keeps_nothing_from_others (stage_t *stage)
{
    partner_t taker;
    troika_queue_t *queue = begin (&taker, stage, NULL, NULL);
    partner_stop (&taker);
    check_rest (queue);
    partner_continue (&taker);
    partner_leave (&taker);
    troika_queue_destroy (&queue);
}

static void
of_a_killed_consumer_only_the_started_item_is_redelivered (stage_t *stage)
{
    partner_t taker;
    troika_queue_t *queue = begin (&taker, stage, NULL, NULL);
    partner_kill (&taker);
    WAIT_UNTIL (figure (queue, "size") == ITEMS - TAKEN + 1);
    check_now (queue, TAKEN, 2);
    check_rest (queue);
    assert_int_equal (figure (queue, "redelivered"), 1);
    troika_queue_destroy (&queue);
}

static void
put_one (stage_t *stage, troika_queue_t *queue)
{
    PUT (queue, ITEMS + 1);
    CHECK_OK (troika_queue_flush (queue, TROIKA_FOREVER));
    partner_pause (stage);
}

static void
a_put_settles_what_its_thread_took (stage_t *stage)
{
    partner_t taker;
    troika_queue_t *queue = begin (&taker, stage, NULL, put_one);
    partner_step (&taker);
    partner_kill (&taker);
    WAIT_UNTIL (figure (queue, "in_flight") == 0);
    assert_int_equal (figure (queue, "size"), ITEMS - TAKEN + 1);
    check_now (queue, TAKEN + 1, 1);
    troika_queue_destroy (&queue);
}

static void
put_one_and_take_one (stage_t *stage, troika_queue_t *queue)
{
    PUT (queue, ITEMS + 1);
    CHECK_NEXT (queue, TAKEN + 1);
    CHECK_OK (troika_queue_flush (queue, TROIKA_FOREVER));
    partner_pause (stage);
}

static void
a_put_settles_nothing_that_was_taken_later (stage_t *stage)
{
    partner_t taker;
    troika_queue_t *queue = begin (&taker, stage, NULL, put_one_and_take_one);
    partner_step (&taker);
    WAIT_UNTIL (figure (queue, "puts") == ITEMS + 1);
    partner_kill (&taker);
    WAIT_UNTIL (figure (queue, "size") == ITEMS - TAKEN + 1);
    check_now (queue, TAKEN + 1, 2);
    check_now (queue, TAKEN + 2, 1);
    troika_queue_destroy (&queue);
}

static void
be_done (stage_t *stage, troika_queue_t *queue)
{
    CHECK_OK (troika_queue_task_done (queue));
    partner_pause (stage);
}

static void
task_done_settles_and_takes_nothing_away (stage_t *stage)
{
    partner_t taker;
    troika_queue_t *queue = begin (&taker, stage, NULL, be_done);
    partner_step (&taker);
    partner_kill (&taker);
    WAIT_UNTIL (figure (queue, "in_flight") == 0);
    assert_int_equal (figure (queue, "unfinished"), ITEMS - 1);
    check_now (queue, TAKEN + 1, 1);
    troika_queue_destroy (&queue);
}

static void
find_it_shut (stage_t *stage, troika_queue_t *queue)
{
    (void)stage;
    CHECK_ERRNO (troika_queue_get (queue, TROIKA_FOREVER), EPIPE);
}

static void
an_immediate_shutdown_drops_what_was_not_started (stage_t *stage)
{
    partner_t taker;
    troika_queue_t *queue = begin (&taker, stage, NULL, find_it_shut);
    CHECK_OK (troika_queue_shutdown (queue, true));
    assert_int_equal (figure (queue, "unfinished"), TAKEN);
    partner_leave (&taker);
    troika_queue_destroy (&queue);
}

static void
drain (stage_t *stage, troika_queue_t *queue)
{
    get_numbers (queue, ITEMS - TAKEN, TAKEN + 1);
    find_it_shut (stage, queue);
}

static void
a_shutdown_lets_the_rest_be_taken (stage_t *stage)
{
    partner_t taker;
    troika_queue_t *queue = begin (&taker, stage, NULL, drain);
    CHECK_OK (troika_queue_shutdown (queue, false));
    partner_leave (&taker);
    CHECK_ERRNO (troika_queue_get (queue, TROIKA_NOWAIT), EPIPE);
    troika_queue_destroy (&queue);
}

static void
find_it_gone (stage_t *stage, troika_queue_t *queue)
{
    (void)stage;
    errno = 0;
    troika_msg_t *item = troika_queue_get (queue, 2000);
    assert_null (item);
    assert_true (errno == EPIPE || errno == ECONNRESET);
}

static void
an_ended_manager_leaves_nothing (stage_t *stage)
{
    partner_t taker;
    troika_queue_t *queue = begin (&taker, stage, NULL, find_it_gone);
    stage_stop_server (stage);
    partner_leave (&taker);
    troika_queue_destroy (&queue);
}

static void
a_consumer_that_leaves_gives_back_what_it_has_not_started (stage_t *stage)
{
    partner_t taker;
    troika_queue_t *queue = begin (&taker, stage, NULL, NULL);
    partner_leave (&taker);
    assert_int_equal (figure (queue, "size"), ITEMS - TAKEN);
    check_rest (queue);
    CHECK_DRAINED (queue);
    troika_queue_destroy (&queue);
}

static void
exit_at_once (stage_t *stage, troika_queue_t *queue)
{
    (void)stage;
    (void)queue;
    exit (0);
}

static void
a_consumer_that_exits_gives_back_what_it_has_not_started (stage_t *stage)
{
    stage_needs_fork (stage);
    partner_t taker;
    troika_queue_t *queue = begin (&taker, stage, NULL, exit_at_once);
    partner_leave (&taker);
    assert_int_equal (figure (queue, "in_flight"), 0);
    check_rest (queue);
    CHECK_DRAINED (queue);
    troika_queue_destroy (&queue);
}

static void
find_nothing (stage_t *stage, troika_queue_t *queue)
{
    (void)stage;
    errno = 0;
    assert_null (troika_queue_get (queue, TROIKA_NOWAIT));
    assert_true (errno == ECONNRESET || errno == EAGAIN);
}

/* Its session has ended when it goes on: what it has there is others'. */
static void
a_consumer_that_was_stopped_too_long_has_nothing_left (stage_t *stage)
{
    partner_t taker;
    troika_queue_t *queue = begin (&taker, stage, NULL, find_nothing);
    partner_stop (&taker);
    WAIT_UNTIL (figure (queue, "size") == ITEMS - TAKEN + 1);
    check_now (queue, TAKEN, 2);
    check_rest (queue);
    partner_go_on (&taker);
    partner_continue (&taker);
    partner_join (&taker);
    assert_int_equal (figure (queue, "redelivered"), 1);
    CHECK_DRAINED (queue);
    troika_queue_destroy (&queue);
}

static const stage_case_t cases[] = {
    STAGE_TEST (a_consumer_that_leaves_gives_back_what_it_has_not_started),
    STAGE_TEST (an_immediate_shutdown_drops_what_was_not_started),
    STAGE_TEST (a_shutdown_lets_the_rest_be_taken),
    STAGE_TEST_ON (STAGE_REMOTE, a_stopped_consumer_keeps_nothing_from_others),
    STAGE_TEST_ON (STAGE_REMOTE,
                   of_a_killed_consumer_only_the_started_item_is_redelivered),
    STAGE_TEST_ON (STAGE_REMOTE, a_put_settles_what_its_thread_took),
    STAGE_TEST_ON (STAGE_REMOTE, a_put_settles_nothing_that_was_taken_later),
    STAGE_TEST_ON (STAGE_REMOTE, task_done_settles_and_takes_nothing_away),
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
