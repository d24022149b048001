/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_queue_turns.c - quick consumers of one queue wait for each other's
 * turns, and for nobody who does not use his.
 *
 * Each of them sees growing numbers, whatever the others take, and nothing
 * is left when all have heard of the end.
 */
#include <errno.h>
#include "tests/queue_items.h"

enum { CONSUMERS = 3, ITEMS = 20000, FEW = 1000, BURST = 300, BOUND = 10 };
enum { READY = 0, GO = 1 };

static int
run_consumer (stage_t *stage, void *arg)
{
    (void)arg;
    troika_msg_t *item;
    int64_t last = 0;
    troika_queue_t *queue = stage_connect (stage);
    while ((item = troika_queue_get (queue, TROIKA_FOREVER))) {
        int64_t number = number_of (item);
        assert_true (number > last);
        last = number;
    }
    assert_int_equal (errno, EPIPE);
    end_handle (queue);
    return 0;
}

static void
consume_all (stage_t *stage, troika_queue_t *queue)
{
    stage_peer_t *peers[CONSUMERS];
    stage_start_peers (stage, peers, CONSUMERS, run_consumer, NULL);
    put_numbers (queue, ITEMS, 1);
    CHECK_OK (troika_queue_shutdown (queue, false));
    stage_join_peers (peers, CONSUMERS);
    assert_int_equal (figure (queue, "gets"), ITEMS);
    assert_int_equal (figure (queue, "size"), 0);
    assert_int_equal (figure (queue, "redelivered"), 0);
    troika_queue_destroy (&queue);
}

static void
quick_consumers_empty_a_queue_in_order (stage_t *stage)
{
    consume_all (stage, stage_queue (stage, NULL));
}

static void
quick_consumers_of_a_bounded_queue_keep_no_put_waiting (stage_t *stage)
{
    troika_queue_options_t options = {.maxsize = BOUND};
    consume_all (stage, stage_queue (stage, &options));
}

/* Takes a burst behind another's, and sleeps with what it was handed. */
static int
run_sleeper (stage_t *stage, void *arg)
{
    (void)arg;
    troika_queue_t *queue = stage_connect (stage);
    stage_await (stage, GO);
    for (int64_t i = BURST + 1; i <= 2 * BURST; i++)
        CHECK_NEXT (queue, i);
    stage_signal (stage, READY);
    stage_await (stage, GO);
    end_handle (queue);
    return 0;
}

static void
take_in_time (troika_queue_t *queue, int64_t number)
{
    troika_msg_t *item = CHECK_OK (troika_queue_get (queue, 50));
    assert_int_equal (troika_queue_deliveries (item), 1);
    assert_int_equal (number_of (item), number);
}

/* As quick before the other one's burst as that; then it wants the rest. */
static int
run_heir (stage_t *stage, void *arg)
{
    (void)arg;
    troika_queue_t *queue = stage_connect (stage);
    get_numbers (queue, BURST, 1);
    stage_signal (stage, GO);
    stage_await (stage, READY);
    for (int64_t i = 2 * BURST + 1; i <= FEW; i++)
        take_in_time (queue, i);
    end_handle (queue);
    return 0;
}

static void
whoever_sleeps_in_his_turn_loses_it (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, NULL);
    put_numbers (queue, FEW, 1);
    CHECK_OK (troika_queue_flush (queue, TROIKA_FOREVER));
    stage_peer_t *sleeper = stage_peer (stage, run_sleeper, NULL);
    stage_run_peer (stage, run_heir, NULL);
    stage_signal (stage, GO);
    assert_int_equal (stage_join (sleeper), 0);
    CHECK_DRAINED (queue);
    troika_queue_destroy (&queue);
}

static const stage_case_t cases[] = {
    STAGE_TEST (quick_consumers_empty_a_queue_in_order),
    STAGE_TEST (quick_consumers_of_a_bounded_queue_keep_no_put_waiting),
    STAGE_TEST (whoever_sleeps_in_his_turn_loses_it),
};

int
main (int argc, char **argv)
{
    return STAGE_RUN (cases, argc, argv);
}
