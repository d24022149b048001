/* SPDX-License-Identifier: MPL-2.0 */
/* queue_items.c - items that are numbers, a queue's figures, a clock. */
#include "tests/queue_items.h"

#include <stdio.h>
#include <time.h>
#include "tests/stage_parts.h"

int64_t
number_of (troika_msg_t *item)
{
    int64_t number;
    CHECK_OK (troika_msg_unpack (item, "I", &number));
    troika_msg_destroy (&item);
    return number;
}

void
put_numbers (troika_queue_t *queue, int64_t count, int64_t first)
{
    for (int64_t i = 0; i < count; i++)
        PUT (queue, first + i);
}

void
get_numbers (troika_queue_t *queue, int64_t count, int64_t first)
{
    for (int64_t i = 0; i < count; i++)
        CHECK_NEXT (queue, first + i);
}

troika_queue_t *
queue_of_numbers (stage_t *stage, const troika_queue_options_t *options,
                  int64_t count)
{
    troika_queue_t *queue = stage_queue (stage, options);
    put_numbers (queue, count, 1);
    CHECK_OK (troika_queue_flush (queue, TROIKA_FOREVER));
    return queue;
}

troika_msg_t *
get_delivery (troika_queue_t *queue, int timeout, int64_t number,
              unsigned deliveries)
{
    int64_t got;
    troika_msg_t *item = CHECK_OK (troika_queue_get (queue, timeout));
    CHECK_OK (troika_msg_unpack (item, "I", &got));
    assert_int_equal (got, number);
    assert_int_equal (troika_queue_deliveries (item), deliveries);
    return item;
}

void
check_delivery (troika_queue_t *queue, int timeout, int64_t number,
                unsigned deliveries)
{
    troika_msg_t *item = get_delivery (queue, timeout, number, deliveries);
    troika_msg_destroy (&item);
}

troika_queue_t *
connect_dead (stage_t *stage)
{
    char endpoint[600];
    snprintf (endpoint, sizeof endpoint, "%s.dead", stage_endpoint (stage));
    return CHECK_OK (troika_queue_connect (endpoint));
}

int64_t
figure (troika_queue_t *queue, const char *name)
{
    int64_t number;
    troika_msg_t *stat = CHECK_OK (troika_queue_stat (queue));
    CHECK_OK (troika_msg_unpack (stat, "{s:I}", name, &number));
    troika_msg_destroy (&stat);
    return number;
}

void
make_numbers (troika_msg_t **items, size_t count, int64_t first)
{
    for (size_t i = 0; i < count; i++)
        items[i] = CHECK_OK (troika_msg_pack ("I", first + (int64_t)i));
}

void
drop_numbers (troika_msg_t **items, size_t count)
{
    for (size_t i = 0; i < count; i++)
        troika_msg_destroy (&items[i]);
}

int64_t
clock_ms (void)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void
check_took (int64_t since_ms, int64_t least_ms, int64_t most_ms)
{
    int64_t took = clock_ms () - since_ms;
    if (took < least_ms || took > most_ms * stage_scale ())
        STAGE_FAIL ("took %lld ms, wanted %lld to %lld", (long long)took,
                    (long long)least_ms, (long long)most_ms);
}

void
end_handle (troika_queue_t *queue)
{
    troika_queue_destroy (&queue);
    assert_null (queue);
}
