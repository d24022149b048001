/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_queue_ack.c - manual acknowledgement: an item stays in flight until
 * its consumer has dealt with it, or gives it back.
 */
#include <pthread.h>
#include "tests/queue_items.h"

static const troika_queue_options_t manual = {.manual_ack = true};
static const troika_queue_options_t twice = {.manual_ack = true,
                                             .max_deliveries = 2};

static troika_msg_t *
take (troika_queue_t *queue, int64_t number, unsigned deliveries)
{
    return get_delivery (queue, 5000, number, deliveries);
}

static void
ack (troika_queue_t *queue, troika_msg_t *item)
{
    CHECK_OK (troika_queue_ack (queue, item));
    troika_msg_destroy (&item);
}

static void
nack (troika_queue_t *queue, troika_msg_t *item, bool requeue)
{
    CHECK_OK (troika_queue_nack (queue, item, requeue));
    troika_msg_destroy (&item);
}

static void
an_item_is_in_flight_until_acknowledged (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, &manual);
    PUT (queue, 1);
    PUT (queue, 2);
    troika_msg_t *first = take (queue, 1, 1);
    troika_msg_t *second = take (queue, 2, 1);
    CHECK_DRAINED (queue);
    assert_int_equal (figure (queue, "in_flight"), 2);
    assert_int_equal (figure (queue, "size"), 0);
    ack (queue, second);
    assert_int_equal (figure (queue, "in_flight"), 1);
    ack (queue, first);
    assert_int_equal (figure (queue, "in_flight"), 0);
    CHECK_DRAINED (queue);
    troika_queue_destroy (&queue);
}

static void
a_second_ack_is_stale (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, &manual);
    PUT (queue, 1);
    troika_msg_t *item = take (queue, 1, 1);
    CHECK_OK (troika_queue_ack (queue, item));
    CHECK_ERRNO (troika_queue_ack (queue, item), ESTALE);
    CHECK_ERRNO (troika_queue_nack (queue, item, true), ESTALE);
    CHECK_DRAINED (queue);
    troika_msg_destroy (&item);
    troika_queue_destroy (&queue);
}

static void
an_ack_of_what_went_back_is_stale (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, &manual);
    PUT (queue, 1);
    troika_msg_t *item = take (queue, 1, 1);
    CHECK_OK (troika_queue_nack (queue, item, true));
    CHECK_ERRNO (troika_queue_ack (queue, item), ESTALE);
    troika_msg_t *again = take (queue, 1, 2);
    CHECK_ERRNO (troika_queue_ack (queue, item), ESTALE);
    assert_int_equal (figure (queue, "in_flight"), 1);
    troika_msg_destroy (&item);
    ack (queue, again);
    troika_queue_destroy (&queue);
}

static void
a_dup_of_a_delivery_will_do (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, &manual);
    PUT (queue, 1);
    troika_msg_t *item = take (queue, 1, 1);
    troika_msg_t *dup = CHECK_OK (troika_msg_dup (item));
    troika_msg_destroy (&item);
    assert_int_equal (troika_queue_deliveries (dup), 1);
    ack (queue, dup);
    assert_int_equal (figure (queue, "in_flight"), 0);
    troika_queue_destroy (&queue);
}

static void
what_is_no_delivery_cannot_be_acknowledged (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, &manual);
    troika_msg_t *item = CHECK_OK (troika_msg_pack ("i", 1));
    assert_int_equal (troika_queue_deliveries (item), 0);
    CHECK_ERRNO (troika_queue_ack (queue, item), EINVAL);
    CHECK_ERRNO (troika_queue_nack (queue, item, true), EINVAL);
    troika_msg_destroy (&item);
    troika_queue_destroy (&queue);
}

static void
a_queue_without_manual_ack_says_so (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, NULL);
    PUT (queue, 1);
    troika_msg_t *item = take (queue, 1, 1);
    CHECK_ERRNO (troika_queue_ack (queue, item), ENOTSUP);
    CHECK_ERRNO (troika_queue_nack (queue, item, true), ENOTSUP);
    troika_msg_destroy (&item);
    troika_queue_destroy (&queue);
}

static void
a_nack_puts_the_item_back_to_the_front (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, &manual);
    put_numbers (queue, 3, 1);
    nack (queue, take (queue, 1, 1), true);
    assert_int_equal (CHECK_OK (troika_queue_qsize (queue)), 3);
    ack (queue, take (queue, 1, 2));
    ack (queue, take (queue, 2, 1));
    ack (queue, take (queue, 3, 1));
    CHECK_DRAINED (queue);
    assert_int_equal (figure (queue, "redelivered"), 1);
    troika_queue_destroy (&queue);
}

static void
deliveries_are_counted (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, &manual);
    PUT (queue, 1);
    for (unsigned i = 1; i <= 20; i++)
        nack (queue, take (queue, 1, i), true);
    ack (queue, take (queue, 1, 21));
    troika_queue_destroy (&queue);
}

static void
get_many_gives_deliveries (stage_t *stage)
{
    troika_msg_t *items[5];
    troika_queue_t *queue = stage_queue (stage, &manual);
    put_numbers (queue, 5, 0);
    assert_int_equal (CHECK_OK (troika_queue_get_many (queue, 0, items, 5)), 5);
    assert_int_equal (figure (queue, "in_flight"), 5);
    nack (queue, items[4], true);
    for (int i = 0; i < 4; i++)
        ack (queue, items[i]);
    ack (queue, take (queue, 4, 2));
    assert_int_equal (figure (queue, "in_flight"), 0);
    troika_queue_destroy (&queue);
}

static void
a_nack_without_requeue_goes_to_the_dead (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, &manual);
    PUT (queue, 13);
    PUT (queue, 14);
    nack (queue, take (queue, 13, 1), false);
    ack (queue, take (queue, 14, 1));
    CHECK_DRAINED (queue);
    assert_int_equal (figure (queue, "in_flight"), 0);
    troika_queue_t *dead = connect_dead (stage);
    CHECK_NEXT (dead, 13);
    CHECK_DRAINED (dead);
    troika_queue_destroy (&dead);
    troika_queue_destroy (&queue);
}

static void
too_many_deliveries_go_to_the_dead (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, &twice);
    put_numbers (queue, 3, 1);
    nack (queue, take (queue, 1, 1), true);
    nack (queue, take (queue, 1, 2), true);
    nack (queue, take (queue, 2, 1), true);
    nack (queue, take (queue, 2, 2), true);
    ack (queue, take (queue, 3, 1));
    CHECK_DRAINED (queue);
    troika_queue_t *dead = connect_dead (stage);
    CHECK_NEXT (dead, 1);
    CHECK_NEXT (dead, 2);
    CHECK_DRAINED (dead);
    troika_queue_destroy (&dead);
    troika_queue_destroy (&queue);
}

static int
take_there (stage_t *stage, void *arg)
{
    (void)arg;
    troika_queue_t *queue = stage_connect (stage);
    ack (queue, take (queue, 6, 2));
    end_handle (queue);
    return 0;
}

static void
a_nack_serves_whoever_waits (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, &manual);
    PUT (queue, 6);
    troika_msg_t *item = take (queue, 6, 1);
    stage_peer_t *peer = stage_peer (stage, take_there, NULL);
    WAIT_UNTIL (figure (queue, "waiting_gets") == 1);
    nack (queue, item, true);
    assert_int_equal (stage_join (peer), 0);
    troika_queue_destroy (&queue);
}

typedef struct {
    troika_queue_t *queue;
    troika_msg_t *item;
} delivery_t;

static void *
ack_elsewhere (void *arg)
{
    delivery_t *delivery = arg;
    ack (delivery->queue, delivery->item);
    return NULL;
}

static void
another_thread_may_acknowledge (stage_t *stage)
{
    pthread_t thread;
    troika_queue_t *queue = stage_queue (stage, &manual);
    PUT (queue, 1);
    delivery_t delivery = {queue, take (queue, 1, 1)};
    assert_int_equal (pthread_create (&thread, NULL, ack_elsewhere, &delivery),
                      0);
    pthread_join (thread, NULL);
    assert_int_equal (figure (queue, "in_flight"), 0);
    CHECK_DRAINED (queue);
    troika_queue_destroy (&queue);
}

static void
a_next_get_confirms_nothing_here (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, &manual);
    PUT (queue, 1);
    PUT (queue, 2);
    troika_msg_t *first = take (queue, 1, 1);
    troika_msg_t *second = take (queue, 2, 1);
    CHECK_ERRNO (troika_queue_get (queue, 1), ETIMEDOUT);
    nack (queue, second, true);
    nack (queue, first, true);
    ack (queue, take (queue, 1, 2));
    ack (queue, take (queue, 2, 2));
    troika_queue_destroy (&queue);
}

static void
items_given_back_come_before_all_others (stage_t *stage)
{
    troika_msg_t *items[5];
    troika_queue_t *queue = stage_queue (stage, &manual);
    put_numbers (queue, 8, 0);
    for (int i = 0; i < 5; i++)
        items[i] = take (queue, i, 1);
    static const int order[] = {2, 0, 4, 1, 3};
    for (int i = 0; i < 5; i++)
        nack (queue, items[order[i]], true);
    for (int i = 0; i < 8; i++) {
        troika_msg_t *item = CHECK_OK (troika_queue_get (queue, 5000));
        CHECK_OK (troika_queue_ack (queue, item));
        int64_t number = number_of (item);
        if (i >= 5)
            assert_int_equal (number, i);
        else
            assert_in_range (number, 0, 4);
    }
    troika_queue_destroy (&queue);
}

static const stage_case_t cases[] = {
    STAGE_TEST (an_item_is_in_flight_until_acknowledged),
    STAGE_TEST (a_second_ack_is_stale),
    STAGE_TEST (an_ack_of_what_went_back_is_stale),
    STAGE_TEST (a_dup_of_a_delivery_will_do),
    STAGE_TEST (what_is_no_delivery_cannot_be_acknowledged),
    STAGE_TEST (a_queue_without_manual_ack_says_so),
    STAGE_TEST (a_nack_puts_the_item_back_to_the_front),
    STAGE_TEST (deliveries_are_counted),
    STAGE_TEST (get_many_gives_deliveries),
    STAGE_TEST (a_nack_without_requeue_goes_to_the_dead),
    STAGE_TEST (too_many_deliveries_go_to_the_dead),
    STAGE_TEST (a_nack_serves_whoever_waits),
    STAGE_TEST (another_thread_may_acknowledge),
    STAGE_TEST (a_next_get_confirms_nothing_here),
    STAGE_TEST (items_given_back_come_before_all_others),
};

int
main (int argc, char **argv)
{
    return STAGE_RUN (cases, argc, argv);
}
