/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_queue_runs.c - items that came together are single items to everybody.
 *
 * They lie in one frame and wait as one; gets, peeks, bounds, orders and
 * returns cut them apart wherever they like.
 */
#include <string.h>
#include "tests/queue_items.h"

enum { COUNT = 100 };

static void
put_together (troika_queue_t *queue, size_t count, int64_t first)
{
    troika_msg_t *items[COUNT];
    make_numbers (items, count, first);
    assert_int_equal (
        troika_queue_put_many (queue, TROIKA_FOREVER, items, count), count);
    drop_numbers (items, count);
}

static void
check_peek (troika_queue_t *queue, size_t max, const char *expected)
{
    troika_msg_t *seen = CHECK_OK (troika_queue_peek (queue, max));
    char *json = troika_msg_json (seen);
    assert_string_equal (json, expected);
    free (json);
    troika_msg_destroy (&seen);
}

static void
gets_and_peeks_cut_anywhere (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, NULL);
    troika_msg_t *items[COUNT];
    put_together (queue, 10, 0);
    put_together (queue, 10, 10);
    check_peek (queue, 3, "[0,1,2]");
    CHECK_NEXT (queue, 0);
    check_peek (queue, 2, "[1,2]");
    assert_int_equal (troika_queue_get_many (queue, TROIKA_FOREVER, items, 12),
                      12);
    for (int i = 0; i < 12; i++)
        assert_int_equal (number_of (items[i]), i + 1);
    check_peek (queue, COUNT, "[13,14,15,16,17,18,19]");
    assert_int_equal (figure (queue, "size"), 7);
    for (int i = 13; i < 20; i++)
        CHECK_NEXT (queue, i);
    CHECK_DRAINED (queue);
    troika_queue_destroy (&queue);
}

static void
a_bound_cuts_what_came_together (stage_t *stage)
{
    troika_queue_options_t options = {.maxsize = 4};
    troika_queue_t *queue = stage_queue (stage, &options);
    troika_msg_t *items[10];
    make_numbers (items, 10, 0);
    assert_int_equal (troika_queue_put_many (queue, TROIKA_NOWAIT, items, 10),
                      4);
    CHECK_NEXT (queue, 0);
    assert_int_equal (
        troika_queue_put_many (queue, TROIKA_NOWAIT, items + 4, 6), 1);
    assert_int_equal (figure (queue, "size"), 4);
    for (int i = 1; i < 5; i++)
        CHECK_NEXT (queue, i);
    CHECK_DRAINED (queue);
    drop_numbers (items, 10);
    troika_queue_destroy (&queue);
}

static void
other_orders_take_them_apart (stage_t *stage)
{
    troika_queue_options_t options = {.order = TROIKA_LIFO};
    troika_queue_t *queue = stage_queue (stage, &options);
    put_together (queue, COUNT, 0);
    check_peek (queue, 2, "[99,98]");
    for (int i = COUNT - 1; i >= 0; i--)
        CHECK_NEXT (queue, i);
    CHECK_DRAINED (queue);
    troika_queue_destroy (&queue);
}

static void
one_goes_back_to_its_place (stage_t *stage)
{
    troika_queue_options_t options = {.manual_ack = true};
    troika_queue_t *queue = stage_queue (stage, &options);
    troika_msg_t *items[3];
    put_together (queue, 5, 0);
    assert_int_equal (troika_queue_get_many (queue, TROIKA_FOREVER, items, 3),
                      3);
    CHECK_OK (troika_queue_nack (queue, items[1], true));
    CHECK_OK (troika_queue_ack (queue, items[0]));
    check_peek (queue, 3, "[1,3,4]");
    CHECK_OK (troika_queue_nack (queue, items[2], true));
    check_peek (queue, 4, "[1,2,3,4]");
    drop_numbers (items, 3);
    assert_int_equal (figure (queue, "in_flight"), 0);
    assert_int_equal (figure (queue, "unfinished"), 4);
    troika_queue_destroy (&queue);
}

static void
a_shutdown_drops_the_rest_of_them (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, NULL);
    put_together (queue, COUNT, 0);
    CHECK_NEXT (queue, 0);
    CHECK_OK (troika_queue_shutdown (queue, true));
    assert_int_equal (figure (queue, "size"), 0);
    assert_int_equal (figure (queue, "unfinished"), 1);
    CHECK_ERRNO (troika_queue_get (queue, TROIKA_FOREVER), EPIPE);
    troika_queue_destroy (&queue);
}

static const stage_case_t cases[] = {
    STAGE_TEST (gets_and_peeks_cut_anywhere),
    STAGE_TEST (a_bound_cuts_what_came_together),
    STAGE_TEST (other_orders_take_them_apart),
    STAGE_TEST (one_goes_back_to_its_place),
    STAGE_TEST (a_shutdown_drops_the_rest_of_them),
};

int
main (int argc, char **argv)
{
    return STAGE_RUN (cases, argc, argv);
}
