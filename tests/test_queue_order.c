/* SPDX-License-Identifier: MPL-2.0 */
/* test_queue_order.c - FIFO across everybody, LIFO, and priorities. */
#include <time.h>
#include "tests/queue_items.h"

static const troika_queue_options_t lifo = {.order = TROIKA_LIFO};
static const troika_queue_options_t priority = {.order = TROIKA_PRIORITY};

static void
put_at (troika_queue_t *queue, int64_t level, int64_t number)
{
    troika_msg_t *item = CHECK_OK (troika_msg_pack ("I", number));
    CHECK_OK (troika_queue_put_priority (queue, TROIKA_FOREVER, level, item));
    troika_msg_destroy (&item);
}

static int
put_in_turn (stage_t *stage, void *arg)
{
    (void)arg;
    troika_queue_t *queue = stage_connect (stage);
    for (int i = 0; i < 50; i++) {
        stage_await (stage, 0);
        PUT (queue, 2 * i + 1);
        CHECK_OK (troika_queue_flush (queue, TROIKA_FOREVER));
        stage_signal (stage, 1);
    }
    end_handle (queue);
    return 0;
}

/* A put that was over before another began comes out before it. */
static void
puts_of_different_producers_do_not_overtake (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, NULL);
    stage_peer_t *peer = stage_peer (stage, put_in_turn, NULL);
    for (int i = 0; i < 50; i++) {
        PUT (queue, 2 * i);
        CHECK_OK (troika_queue_flush (queue, TROIKA_FOREVER));
        stage_signal (stage, 0);
        stage_await (stage, 1);
    }
    get_numbers (queue, 100, 0);
    assert_int_equal (stage_join (peer), 0);
    troika_queue_destroy (&queue);
}

#define PRODUCERS 3
#define EACH 500

static int
put_series (stage_t *stage, void *arg)
{
    const int64_t *first = arg;
    troika_queue_t *queue = stage_connect (stage);
    for (int i = 0; i < EACH; i++)
        PUT (queue, *first + i);
    end_handle (queue);
    return 0;
}

static void
each_producers_items_keep_their_order (stage_t *stage)
{
    static int64_t first[PRODUCERS] = {0, 10000, 20000};
    int64_t next[PRODUCERS] = {0, 0, 0};
    stage_peer_t *peers[PRODUCERS];
    troika_queue_t *queue = stage_queue (stage, NULL);
    for (int i = 0; i < PRODUCERS; i++)
        peers[i] = stage_peer (stage, put_series, &first[i]);
    for (int i = 0; i < PRODUCERS * EACH; i++) {
        int64_t number = GET (queue);
        assert_int_equal (number % 10000, next[number / 10000]);
        next[number / 10000]++;
    }
    stage_join_peers (peers, PRODUCERS);
    CHECK_DRAINED (queue);
    troika_queue_destroy (&queue);
}

/* Leaves what was put before to the library for a while: not at all, until it
 * goes by itself, with a call, or as this thread begins to wait elsewhere. */
static void
pause_somehow (troika_queue_t *queue, troika_queue_t *elsewhere, int how)
{
    const struct timespec while_it_goes = {.tv_nsec = 1500000};
    if (how == 1)
        nanosleep (&while_it_goes, NULL);
    else if (how == 2)
        CHECK_OK (troika_queue_qsize (queue));
    else if (how == 3)
        CHECK_ERRNO (troika_queue_get (elsewhere, 1), ETIMEDOUT);
}

static void
items_keep_their_order_whichever_way_they_leave (stage_t *stage)
{
    enum { COUNT = 600 };
    unsigned dice = 1;
    troika_queue_t *elsewhere =
        CHECK_OK (troika_queue_new ("inproc://elsewhere", 0));
    troika_queue_t *queue = stage_queue (stage, NULL);
    for (int i = 0; i < COUNT; i++) {
        PUT (queue, i);
        dice = dice * 1103515245 + 12345;
        pause_somehow (queue, elsewhere, (int)(dice >> 16) % 6);
    }
    get_numbers (queue, COUNT, 0);
    CHECK_DRAINED (queue);
    troika_queue_destroy (&queue);
    troika_queue_destroy (&elsewhere);
}

static void
lifo_gives_the_newest_first (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, &lifo);
    put_numbers (queue, 100, 0);
    for (int i = 99; i >= 50; i--)
        CHECK_NEXT (queue, i);
    PUT (queue, 1000);
    CHECK_NEXT (queue, 1000);
    for (int i = 49; i >= 0; i--)
        CHECK_NEXT (queue, i);
    CHECK_DRAINED (queue);
    troika_queue_destroy (&queue);
}

static void
lifo_gives_many_newest_first (stage_t *stage)
{
    troika_msg_t *items[10];
    troika_queue_t *queue = stage_queue (stage, &lifo);
    make_numbers (items, 10, 0);
    CHECK_OK (troika_queue_put_many (queue, TROIKA_FOREVER, items, 10));
    drop_numbers (items, 10);
    assert_int_equal (CHECK_OK (troika_queue_get_many (queue, 0, items, 10)),
                      10);
    for (int i = 0; i < 10; i++)
        assert_int_equal (number_of (items[i]), 9 - i);
    troika_queue_destroy (&queue);
}

static void
the_smallest_priority_comes_first (stage_t *stage)
{
    static const int64_t levels[] = {5, -3, INT64_MAX, 0, INT64_MIN, 7, -1};
    static const int64_t sorted[] = {INT64_MIN, -3, -1, 0, 5, 7, INT64_MAX};
    troika_queue_t *queue = stage_queue (stage, &priority);
    for (int i = 0; i < 7; i++)
        put_at (queue, levels[i], levels[i]);
    for (int i = 0; i < 7; i++)
        CHECK_NEXT (queue, sorted[i]);
    CHECK_DRAINED (queue);
    troika_queue_destroy (&queue);
}

static void
equal_priorities_come_in_order_of_arrival (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, &priority);
    for (int i = 0; i < 300; i++)
        put_at (queue, i % 3, i);
    for (int level = 0; level < 3; level++)
        for (int i = level; i < 300; i += 3)
            CHECK_NEXT (queue, i);
    troika_queue_destroy (&queue);
}

static void
other_puts_have_priority_zero (stage_t *stage)
{
    troika_msg_t *items[2];
    troika_queue_t *queue = stage_queue (stage, &priority);
    put_at (queue, 1, 5);
    put_at (queue, 0, 1);
    PUT (queue, 2);
    make_numbers (items, 2, 3);
    CHECK_OK (troika_queue_put_many (queue, TROIKA_FOREVER, items, 2));
    drop_numbers (items, 2);
    put_at (queue, -1, 0);
    get_numbers (queue, 6, 0);
    troika_queue_destroy (&queue);
}

static int
get_first (stage_t *stage, void *arg)
{
    (void)arg;
    troika_queue_t *queue = stage_connect (stage);
    int64_t number = GET (queue);
    end_handle (queue);
    return (int)number;
}

static void
a_waiting_get_takes_whatever_comes_first (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, &priority);
    stage_peer_t *peer = stage_peer (stage, get_first, NULL);
    WAIT_UNTIL (figure (queue, "waiting_gets") == 1);
    put_at (queue, 9, 42);
    assert_int_equal (stage_join (peer), 42);
    put_at (queue, 9, 2);
    put_at (queue, 1, 1);
    CHECK_NEXT (queue, 1);
    troika_queue_destroy (&queue);
}

static void
a_bounded_priority_queue_waits_for_places (stage_t *stage)
{
    static const troika_queue_options_t two = {.maxsize = 2,
                                               .order = TROIKA_PRIORITY};
    troika_queue_t *queue = stage_queue (stage, &two);
    troika_msg_t *item = CHECK_OK (troika_msg_pack ("i", 0));
    put_at (queue, 2, 2);
    put_at (queue, 3, 3);
    CHECK_ERRNO (troika_queue_put_priority (queue, TROIKA_NOWAIT, 0, item),
                 EAGAIN);
    CHECK_ERRNO (troika_queue_put_priority (queue, 10, 0, item), ETIMEDOUT);
    CHECK_ERRNO (troika_queue_put_priority (queue, -2, 0, item), EINVAL);
    CHECK_NEXT (queue, 2);
    CHECK_OK (troika_queue_put_priority (queue, TROIKA_NOWAIT, 0, item));
    CHECK_NEXT (queue, 0);
    CHECK_NEXT (queue, 3);
    troika_msg_destroy (&item);
    troika_queue_destroy (&queue);
}

static void
check_takes_no_priority (stage_t *stage, const troika_queue_options_t *options)
{
    troika_msg_t *item = CHECK_OK (troika_msg_pack ("i", 0));
    troika_queue_t *queue = stage_queue (stage, options);
    CHECK_ERRNO (troika_queue_put_priority (queue, TROIKA_NOWAIT, 0, item),
                 ENOTSUP);
    assert_int_equal (CHECK_OK (troika_queue_qsize (queue)), 0);
    troika_msg_destroy (&item);
    troika_queue_destroy (&queue);
}

static void
a_fifo_queue_takes_no_priorities (stage_t *stage)
{
    check_takes_no_priority (stage, NULL);
}

static void
a_lifo_queue_takes_no_priorities (stage_t *stage)
{
    check_takes_no_priority (stage, &lifo);
}

static const stage_case_t cases[] = {
    STAGE_TEST (puts_of_different_producers_do_not_overtake),
    STAGE_TEST (each_producers_items_keep_their_order),
    STAGE_TEST (items_keep_their_order_whichever_way_they_leave),
    STAGE_TEST (lifo_gives_the_newest_first),
    STAGE_TEST (lifo_gives_many_newest_first),
    STAGE_TEST (the_smallest_priority_comes_first),
    STAGE_TEST (equal_priorities_come_in_order_of_arrival),
    STAGE_TEST (other_puts_have_priority_zero),
    STAGE_TEST (a_waiting_get_takes_whatever_comes_first),
    STAGE_TEST (a_bounded_priority_queue_waits_for_places),
    STAGE_TEST (a_fifo_queue_takes_no_priorities),
    STAGE_TEST (a_lifo_queue_takes_no_priorities),
};

int
main (int argc, char **argv)
{
    return STAGE_RUN (cases, argc, argv);
}
