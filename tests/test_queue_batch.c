/* SPDX-License-Identifier: MPL-2.0 */
/* test_queue_batch.c - put_many and get_many: several items at once. */
#include <stdlib.h>
#include <unistd.h>
#include "tests/queue_items.h"

#define COUNT 1000

static const troika_queue_options_t four = {.maxsize = 4};

static void
check_numbers (troika_msg_t **items, ssize_t count, int64_t first)
{
    for (ssize_t i = 0; i < count; i++)
        assert_int_equal (number_of (items[i]), first + i);
}

static void
many_go_in_and_come_out_in_order (stage_t *stage)
{
    static troika_msg_t *items[COUNT];
    static troika_msg_t *got[COUNT];
    troika_queue_t *queue = stage_queue (stage, NULL);
    make_numbers (items, COUNT, 0);
    assert_int_equal (
        CHECK_OK (troika_queue_put_many (queue, TROIKA_NOWAIT, items, COUNT)),
        COUNT);
    drop_numbers (items, COUNT);
    assert_int_equal (CHECK_OK (troika_queue_qsize (queue)), COUNT);
    ssize_t taken = 0;
    while (taken < COUNT) {
        ssize_t n = CHECK_OK (troika_queue_get_many (queue, 5000, got, COUNT));
        assert_in_range (n, 1, COUNT - taken);
        check_numbers (got, n, taken);
        taken += n;
    }
    CHECK_DRAINED (queue);
    troika_queue_destroy (&queue);
}

static void
get_many_takes_no_more_than_asked_for (stage_t *stage)
{
    troika_msg_t *got[3];
    troika_queue_t *queue = stage_queue (stage, NULL);
    put_numbers (queue, 8, 0);
    for (int first = 0; first < 6; first += 3) {
        assert_int_equal (CHECK_OK (troika_queue_get_many (queue, 0, got, 3)),
                          3);
        check_numbers (got, 3, first);
    }
    assert_int_equal (CHECK_OK (troika_queue_get_many (queue, -1, got, 3)), 2);
    check_numbers (got, 2, 6);
    CHECK_ERRNO (troika_queue_get_many (queue, TROIKA_NOWAIT, got, 3), EAGAIN);
    CHECK_ERRNO (troika_queue_get_many (queue, 10, got, 3), ETIMEDOUT);
    troika_queue_destroy (&queue);
}

static int
put_one_when_awaited (stage_t *stage, void *arg)
{
    (void)arg;
    troika_queue_t *queue = stage_connect (stage);
    WAIT_UNTIL (figure (queue, "waiting_gets") == 1);
    PUT (queue, 77);
    end_handle (queue);
    return 0;
}

static void
get_many_waits_only_for_the_first (stage_t *stage)
{
    troika_msg_t *got[100];
    troika_queue_t *queue = stage_queue (stage, NULL);
    stage_peer_t *peer = stage_peer (stage, put_one_when_awaited, NULL);
    ssize_t n = CHECK_OK (troika_queue_get_many (queue, -1, got, 100));
    assert_int_equal (n, 1);
    check_numbers (got, n, 77);
    assert_int_equal (stage_join (peer), 0);
    troika_queue_destroy (&queue);
}

static void
put_many_tells_how_many_went_in (stage_t *stage)
{
    troika_msg_t *items[10];
    troika_queue_t *queue = stage_queue (stage, &four);
    make_numbers (items, 10, 0);
    assert_int_equal (
        CHECK_OK (troika_queue_put_many (queue, TROIKA_NOWAIT, items, 10)), 4);
    CHECK_ERRNO (troika_queue_put_many (queue, TROIKA_NOWAIT, items + 4, 6),
                 EAGAIN);
    CHECK_ERRNO (troika_queue_put_many (queue, 20, items + 4, 6), ETIMEDOUT);
    CHECK_NEXT (queue, 0);
    CHECK_NEXT (queue, 1);
    int64_t since = clock_ms ();
    assert_int_equal (
        CHECK_OK (troika_queue_put_many (queue, 60, items + 4, 6)), 2);
    check_took (since, 60, 1000);
    for (int i = 2; i < 6; i++)
        CHECK_NEXT (queue, i);
    CHECK_DRAINED (queue);
    assert_int_equal (figure (queue, "puts"), 6);
    drop_numbers (items, 10);
    troika_queue_destroy (&queue);
}

static int
put_hundred (stage_t *stage, void *arg)
{
    troika_msg_t *items[100];
    (void)arg;
    troika_queue_t *queue = stage_connect (stage);
    make_numbers (items, 100, 0);
    assert_int_equal (
        CHECK_OK (troika_queue_put_many (queue, TROIKA_FOREVER, items, 100)),
        100);
    drop_numbers (items, 100);
    end_handle (queue);
    return 0;
}

static void
put_many_waits_for_places_as_they_come (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, &four);
    stage_peer_t *peer = stage_peer (stage, put_hundred, NULL);
    for (int i = 0; i < 100; i++) {
        assert_in_range (CHECK_OK (troika_queue_qsize (queue)), 0, 4);
        CHECK_NEXT (queue, i);
    }
    assert_int_equal (stage_join (peer), 0);
    CHECK_DRAINED (queue);
    troika_queue_destroy (&queue);
}

static void
put_many_of_nothing_does_nothing (stage_t *stage)
{
    troika_msg_t *items[1] = {NULL};
    troika_queue_t *queue = stage_queue (stage, &four);
    assert_int_equal (
        CHECK_OK (troika_queue_put_many (queue, TROIKA_NOWAIT, items, 0)), 0);
    assert_int_equal (CHECK_OK (troika_queue_qsize (queue)), 0);
    troika_queue_destroy (&queue);
}

static void
puts_of_all_kinds_keep_their_order (stage_t *stage)
{
    troika_msg_t *items[50];
    int64_t next = 0;
    troika_queue_t *queue = stage_queue (stage, NULL);
    for (int round = 0; round < 10; round++) {
        PUT (queue, next);
        make_numbers (items, 50, next + 1);
        CHECK_OK (troika_queue_put_many (queue, -1, items, 49));
        CHECK_OK (troika_queue_put_msg (queue, -1, items[49]));
        drop_numbers (items, 50);
        next += 51;
    }
    get_numbers (queue, next, 0);
    troika_queue_destroy (&queue);
}

#define LARGE ((size_t)30 << 20)

/* Three of them do not fit into one frame. */
static void
many_large_items_pass (stage_t *stage)
{
    troika_msg_t *items[3];
    char *bytes = calloc (1, LARGE + 3);
    assert_non_null (bytes);
    troika_queue_t *queue = stage_queue (stage, NULL);
    for (int i = 0; i < 3; i++)
        items[i] = CHECK_OK (troika_msg_pack ("B", bytes, LARGE + (size_t)i));
    free (bytes);
    assert_int_equal (CHECK_OK (troika_queue_put_many (queue, -1, items, 3)),
                      3);
    drop_numbers (items, 3);
    for (size_t taken = 0; taken < 3;) {
        ssize_t n = CHECK_OK (troika_queue_get_many (queue, -1, items, 3));
        for (ssize_t i = 0; i < n; i++, taken++)
            assert_int_equal (troika_msg_size (items[i]), LARGE + taken + 5);
        drop_numbers (items, (size_t)n);
    }
    CHECK_DRAINED (queue);
    troika_queue_destroy (&queue);
}

#define EATERS 3

/* What it took: how many, by its exit status, as far as that holds. */
static int
eat (stage_t *stage, void *arg)
{
    troika_msg_t *got[16];
    int64_t last = -1, eaten = 0;
    (void)arg;
    troika_queue_t *queue = stage_connect (stage);
    for (;;) {
        ssize_t n = troika_queue_get_many (queue, TROIKA_FOREVER, got, 16);
        if (n < 0)
            break;
        for (ssize_t i = 0; i < n; i++) {
            int64_t number = number_of (got[i]);
            assert_true (number > last);
            last = number;
        }
        eaten += n;
    }
    assert_int_equal (errno, EPIPE);
    stage_tell (stage, 0, eaten);
    end_handle (queue);
    return 0;
}

static void
get_many_of_several_gives_each_item_once (stage_t *stage)
{
    static troika_msg_t *items[COUNT];
    stage_peer_t *peers[EATERS];
    int64_t eaten = 0;
    troika_queue_t *queue = stage_queue (stage, NULL);
    stage_start_peers (stage, peers, EATERS, eat, NULL);
    make_numbers (items, COUNT, 0);
    CHECK_OK (troika_queue_put_many (queue, TROIKA_FOREVER, items, COUNT));
    drop_numbers (items, COUNT);
    CHECK_OK (troika_queue_shutdown (queue, false));
    for (int i = 0; i < EATERS; i++)
        eaten += stage_hear (stage, 0);
    stage_join_peers (peers, EATERS);
    assert_int_equal (eaten, COUNT);
    troika_queue_destroy (&queue);
}

/* Lone ones, several in a burst, and some before a call leave in different
 * ways, by different threads. */
static int
put_with_rests (stage_t *stage, void *arg)
{
    (void)arg;
    int number = 0;
    troika_queue_t *queue = stage_connect (stage);
    for (int round = 0; round < 100; round++) {
        for (int i = 0; i <= round % 4; i++)
            PUT (queue, number++);
        if (round % 8 == 7)
            CHECK_OK (troika_queue_qsize (queue));
        else
            usleep ((useconds_t)(round % 3 * 700));
    }
    end_handle (queue);
    return 0;
}

static void
puts_keep_their_order_whenever_they_leave (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, NULL);
    stage_peer_t *peer = stage_peer (stage, put_with_rests, NULL);
    for (int number = 0; number < 250; number++)
        CHECK_NEXT (queue, number);
    assert_int_equal (stage_join (peer), 0);
    CHECK_DRAINED (queue);
    troika_queue_destroy (&queue);
}

static const stage_case_t cases[] = {
    STAGE_TEST (many_go_in_and_come_out_in_order),
    STAGE_TEST (get_many_takes_no_more_than_asked_for),
    STAGE_TEST (get_many_waits_only_for_the_first),
    STAGE_TEST (put_many_tells_how_many_went_in),
    STAGE_TEST (put_many_waits_for_places_as_they_come),
    STAGE_TEST (put_many_of_nothing_does_nothing),
    STAGE_TEST (puts_of_all_kinds_keep_their_order),
    STAGE_TEST (puts_keep_their_order_whenever_they_leave),
    STAGE_TEST_WITHIN (60, STAGE_ALL, many_large_items_pass),
    STAGE_TEST (get_many_of_several_gives_each_item_once),
};

int
main (int argc, char **argv)
{
    return STAGE_RUN (cases, argc, argv);
}
