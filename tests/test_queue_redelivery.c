/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_queue_redelivery.c - what a consumer held when it died goes back to
 * the front; what it had confirmed does not.
 *
 * The consumers are processes, which are killed in the middle. A get of
 * theirs that is answered but not confirmed is found out within 3 seconds.
 */
#include <unistd.h>
#include "tests/queue_partner.h"

static const troika_queue_options_t manual = {.manual_ack = true};
static const troika_queue_options_t twice = {.max_deliveries = 2};

/* Within 3 s they are found out; the rest is for a slow machine. */
#define SOON 6000

static void
check_comes_back (troika_queue_t *queue, int64_t number, unsigned deliveries)
{
    check_delivery (queue, SOON, number, deliveries);
}

static void
get_one (stage_t *stage, troika_queue_t *queue)
{
    (void)stage;
    GET (queue);
}

/* Does its act, pauses, and is killed there. */
static void
act_and_die (stage_t *stage, act_t act)
{
    partner_t partner;
    partner_start (&partner, stage, act, NULL);
    partner_kill (&partner);
}

static void
an_item_of_a_killed_consumer_comes_back (stage_t *stage)
{
    troika_queue_t *queue = queue_of_numbers (stage, NULL, 2);
    act_and_die (stage, get_one);
    WAIT_UNTIL (figure (queue, "size") == 2);
    check_comes_back (queue, 1, 2);
    check_comes_back (queue, 2, 1);
    assert_int_equal (figure (queue, "redelivered"), 1);
    troika_queue_destroy (&queue);
}

static void
a_waiting_consumer_gets_what_a_killed_one_held (stage_t *stage)
{
    troika_queue_t *queue = queue_of_numbers (stage, NULL, 1);
    partner_t partner;
    partner_start (&partner, stage, get_one, NULL);
    int64_t since = clock_ms ();
    partner_kill (&partner);
    check_comes_back (queue, 1, 2);
    check_took (since, 0, 3500);
    troika_queue_destroy (&queue);
}

static void
get_three (stage_t *stage, troika_queue_t *queue)
{
    troika_msg_t *items[3];
    (void)stage;
    assert_int_equal (CHECK_OK (troika_queue_get_many (queue, -1, items, 3)),
                      3);
    drop_numbers (items, 3);
}

static void
many_items_come_back_in_order (stage_t *stage)
{
    troika_queue_t *queue = queue_of_numbers (stage, NULL, 5);
    act_and_die (stage, get_three);
    WAIT_UNTIL (figure (queue, "size") == 5);
    for (int i = 1; i <= 5; i++)
        check_comes_back (queue, i, i <= 3 ? 2 : 1);
    CHECK_DRAINED (queue);
    troika_queue_destroy (&queue);
}

static void
get_two_in_turn (stage_t *stage, troika_queue_t *queue)
{
    (void)stage;
    CHECK_NEXT (queue, 1);
    CHECK_NEXT (queue, 2);
}

static void
a_next_get_confirms_the_item_before (stage_t *stage)
{
    troika_queue_t *queue = queue_of_numbers (stage, NULL, 2);
    act_and_die (stage, get_two_in_turn);
    check_comes_back (queue, 2, 2);
    CHECK_DRAINED (queue);
    troika_queue_destroy (&queue);
}

static void
get_and_be_done (stage_t *stage, troika_queue_t *queue)
{
    (void)stage;
    CHECK_NEXT (queue, 1);
    CHECK_OK (troika_queue_task_done (queue));
}

/* Nothing comes back: seen by the session having ended. A later item shows
 * that it has, as its holder dies after it. */
static void
task_done_confirms_the_item (stage_t *stage)
{
    troika_queue_t *queue = queue_of_numbers (stage, NULL, 1);
    partner_t partner;
    partner_start (&partner, stage, get_and_be_done, NULL);
    assert_int_equal (figure (queue, "in_flight"), 0);
    assert_int_equal (figure (queue, "unfinished"), 0);
    partner_kill (&partner);
    PUT (queue, 2);
    CHECK_OK (troika_queue_flush (queue, TROIKA_FOREVER));
    act_and_die (stage, get_one);
    check_comes_back (queue, 2, 2);
    CHECK_DRAINED (queue);
    troika_queue_destroy (&queue);
}

static int
get_and_exit (stage_t *stage, void *arg)
{
    (void)arg;
    CHECK_NEXT (stage_connect (stage), 1);
    return 0;
}

static void
a_normal_exit_confirms_the_item (stage_t *stage)
{
    troika_queue_t *queue = queue_of_numbers (stage, NULL, 1);
    stage_peer_t *peer = stage_peer (stage, get_and_exit, NULL);
    if (!stage_peer_pid (peer))
        stage_skip (stage, "the peer is a thread");
    assert_int_equal (stage_join (peer), 0);
    WAIT_UNTIL (figure (queue, "in_flight") == 0);
    CHECK_DRAINED (queue);
    troika_queue_destroy (&queue);
}

static int
get_and_destroy (stage_t *stage, void *arg)
{
    (void)arg;
    troika_queue_t *queue = stage_connect (stage);
    CHECK_NEXT (queue, 1);
    end_handle (queue);
    return 0;
}

static void
a_peer_that_ends_in_order_confirms_the_item (stage_t *stage)
{
    troika_queue_t *queue = queue_of_numbers (stage, NULL, 1);
    stage_run_peer (stage, get_and_destroy, NULL);
    WAIT_UNTIL (figure (queue, "in_flight") == 0);
    CHECK_DRAINED (queue);
    troika_queue_destroy (&queue);
}

static int
get_and_vanish (stage_t *stage, void *arg)
{
    (void)arg;
    CHECK_NEXT (stage_connect (stage), 1);
    _exit (0);
}

static void
an_end_without_goodbye_confirms_nothing (stage_t *stage)
{
    troika_queue_t *queue = queue_of_numbers (stage, NULL, 1);
    stage_needs_fork (stage);
    stage_run_peer (stage, get_and_vanish, NULL);
    check_comes_back (queue, 1, 2);
    troika_queue_destroy (&queue);
}

static void
without_ack_an_item_comes_back_at_death (stage_t *stage)
{
    troika_queue_t *queue = queue_of_numbers (stage, &manual, 2);
    partner_t partner;
    partner_start (&partner, stage, get_two_in_turn, NULL);
    assert_int_equal (figure (queue, "in_flight"), 2);
    partner_kill (&partner);
    WAIT_UNTIL (figure (queue, "size") == 2);
    check_comes_back (queue, 1, 2);
    check_comes_back (queue, 2, 2);
    troika_queue_destroy (&queue);
}

static void
without_ack_an_item_comes_back_at_exit_too (stage_t *stage)
{
    troika_queue_t *queue = queue_of_numbers (stage, &manual, 1);
    stage_needs_fork (stage);
    stage_run_peer (stage, get_and_exit, NULL);
    check_comes_back (queue, 1, 2);
    troika_queue_destroy (&queue);
}

static void
deaths_count_as_deliveries (stage_t *stage)
{
    troika_queue_t *queue = queue_of_numbers (stage, &twice, 1);
    act_and_die (stage, get_one);
    act_and_die (stage, get_one);
    WAIT_UNTIL (figure (queue, "in_flight") == 0);
    CHECK_DRAINED (queue);
    troika_queue_t *dead = connect_dead (stage);
    CHECK_NEXT (dead, 1);
    troika_queue_destroy (&dead);
    troika_queue_destroy (&queue);
}

static int
wait_for_ever (stage_t *stage, void *arg)
{
    (void)arg;
    GET (stage_connect (stage));
    return 0;
}

static void
the_wait_of_a_killed_consumer_takes_nothing (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, NULL);
    stage_peer_t *peer = stage_peer (stage, wait_for_ever, NULL);
    WAIT_UNTIL (figure (queue, "waiting_gets") == 1);
    stage_kill (peer);
    PUT (queue, 1);
    troika_msg_t *item = CHECK_OK (troika_queue_get (queue, SOON));
    assert_int_equal (number_of (item), 1);
    assert_int_equal (figure (queue, "waiting_gets"), 0);
    troika_queue_destroy (&queue);
}

static void
acknowledge_late (stage_t *stage, troika_queue_t *queue)
{
    troika_msg_t *item = CHECK_OK (troika_queue_get (queue, TROIKA_FOREVER));
    partner_pause (stage);
    /* Perhaps it learns first that its session is gone. */
    int rc = troika_queue_ack (queue, item);
    assert_true (rc == -1 && (errno == ECONNRESET || errno == ESTALE));
    CHECK_ERRNO (troika_queue_ack (queue, item), ESTALE);
    troika_msg_destroy (&item);
}

/* One that slept too long is taken for dead; it learns it by its ack. */
static void
a_consumer_that_was_stopped_too_long_is_told (stage_t *stage)
{
    partner_t partner;
    troika_queue_t *queue = queue_of_numbers (stage, &manual, 1);
    partner_start (&partner, stage, acknowledge_late, NULL);
    partner_stop (&partner);
    check_comes_back (queue, 1, 2);
    partner_continue (&partner);
    partner_step (&partner);
    partner_leave (&partner);
    troika_queue_destroy (&queue);
}

static const stage_case_t cases[] = {
    STAGE_TEST_ON (STAGE_REMOTE, an_item_of_a_killed_consumer_comes_back),
    STAGE_TEST_ON (STAGE_REMOTE,
                   a_waiting_consumer_gets_what_a_killed_one_held),
    STAGE_TEST_ON (STAGE_REMOTE, many_items_come_back_in_order),
    STAGE_TEST_ON (STAGE_REMOTE, a_next_get_confirms_the_item_before),
    STAGE_TEST_ON (STAGE_REMOTE, task_done_confirms_the_item),
    STAGE_TEST_ON (STAGE_REMOTE, a_normal_exit_confirms_the_item),
    STAGE_TEST (a_peer_that_ends_in_order_confirms_the_item),
    STAGE_TEST_ON (STAGE_REMOTE, an_end_without_goodbye_confirms_nothing),
    STAGE_TEST_ON (STAGE_REMOTE, without_ack_an_item_comes_back_at_death),
    STAGE_TEST_ON (STAGE_REMOTE, without_ack_an_item_comes_back_at_exit_too),
    STAGE_TEST_ON (STAGE_REMOTE, deaths_count_as_deliveries),
    STAGE_TEST_ON (STAGE_REMOTE, the_wait_of_a_killed_consumer_takes_nothing),
    STAGE_TEST_WITHIN (30, STAGE_REMOTE,
                       a_consumer_that_was_stopped_too_long_is_told),
};

int
main (int argc, char **argv)
{
    return STAGE_RUN (cases, argc, argv);
}
