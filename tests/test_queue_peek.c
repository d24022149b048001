/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_queue_peek.c - a look at what waits changes nothing.
 */
#include <stdlib.h>
#include <string.h>
#include "tests/queue_items.h"

static void
check_peek (troika_queue_t *queue, size_t max, const char *expected)
{
    troika_msg_t *items = CHECK_OK (troika_queue_peek (queue, max));
    char *json = CHECK_OK (troika_msg_json (items));
    assert_string_equal (json, expected);
    free (json);
    troika_msg_destroy (&items);
}

static void
peek_shows_what_gets_would_take (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, NULL);
    put_numbers (queue, 5, 0);
    check_peek (queue, 1, "[0]");
    check_peek (queue, 3, "[0,1,2]");
    check_peek (queue, 100, "[0,1,2,3,4]");
    get_numbers (queue, 5, 0);
    CHECK_DRAINED (queue);
    troika_queue_destroy (&queue);
}

static void
peek_of_an_empty_queue_is_an_empty_array (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, NULL);
    check_peek (queue, 10, "[]");
    troika_queue_destroy (&queue);
}

static void
peek_of_none_is_refused (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, NULL);
    CHECK_ERRNO (troika_queue_peek (queue, 0), EINVAL);
    troika_queue_destroy (&queue);
}

static void
peek_of_lifo_begins_with_the_last (stage_t *stage)
{
    static const troika_queue_options_t lifo = {.order = TROIKA_LIFO};
    troika_queue_t *queue = stage_queue (stage, &lifo);
    put_numbers (queue, 3, 0);
    check_peek (queue, 2, "[2,1]");
    CHECK_NEXT (queue, 2);
    check_peek (queue, 9, "[1,0]");
    troika_queue_destroy (&queue);
}

static void
peek_of_priorities_is_sorted_and_harmless (stage_t *stage)
{
    static const troika_queue_options_t options = {.order = TROIKA_PRIORITY};
    troika_queue_t *queue = stage_queue (stage, &options);
    check_peek (queue, 9, "[]");
    for (int i = 0; i < 40; i++) {
        troika_msg_t *item = CHECK_OK (troika_msg_pack ("i", i));
        CHECK_OK (troika_queue_put_priority (queue, TROIKA_FOREVER, i * 7 % 40,
                                             item));
        troika_msg_destroy (&item);
    }
    check_peek (queue, 4, "[0,23,6,29]");
    for (int i = 0; i < 40; i++)
        CHECK_NEXT (queue, i * 23 % 40);
    troika_queue_destroy (&queue);
}

static void
peek_does_not_confirm_or_count (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, NULL);
    PUT (queue, 1);
    PUT (queue, 2);
    CHECK_NEXT (queue, 1);
    check_peek (queue, 9, "[2]");
    assert_int_equal (figure (queue, "in_flight"), 1);
    assert_int_equal (figure (queue, "gets"), 1);
    troika_queue_destroy (&queue);
}

static void
peek_stops_behind_half_a_megabyte (stage_t *stage)
{
    enum { SIZE = 300 * 1024 };
    troika_queue_t *queue = stage_queue (stage, NULL);
    char *bytes = calloc (1, SIZE);
    assert_non_null (bytes);
    for (int i = 0; i < 4; i++)
        CHECK_OK (
            troika_queue_put (queue, TROIKA_FOREVER, "B", bytes, (size_t)SIZE));
    troika_msg_t *items = CHECK_OK (troika_queue_peek (queue, 4));
    assert_in_range (troika_msg_size (items), 2 * SIZE, 2 * SIZE + 100);
    troika_msg_destroy (&items);
    free (bytes);
    troika_queue_destroy (&queue);
}

static void
peek_shows_the_deepest_item (stage_t *stage)
{
    char json[65] = {0};
    char shown[67] = {0};
    memset (json, '[', 32);
    memset (json + 32, ']', 32);
    memset (shown, '[', 33);
    memset (shown + 33, ']', 33);
    troika_queue_t *queue = stage_queue (stage, NULL);
    troika_msg_t *item = CHECK_OK (troika_msg_from_json (json));
    CHECK_OK (troika_queue_put_msg (queue, TROIKA_FOREVER, item));
    check_peek (queue, 1, shown);
    troika_msg_destroy (&item);
    troika_queue_destroy (&queue);
}

static const stage_case_t cases[] = {
    STAGE_TEST (peek_shows_what_gets_would_take),
    STAGE_TEST (peek_of_an_empty_queue_is_an_empty_array),
    STAGE_TEST (peek_of_none_is_refused),
    STAGE_TEST (peek_of_lifo_begins_with_the_last),
    STAGE_TEST (peek_of_priorities_is_sorted_and_harmless),
    STAGE_TEST (peek_does_not_confirm_or_count),
    STAGE_TEST (peek_stops_behind_half_a_megabyte),
    STAGE_TEST (peek_shows_the_deepest_item),
};

int
main (int argc, char **argv)
{
    return STAGE_RUN (cases, argc, argv);
}
