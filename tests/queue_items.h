/* SPDX-License-Identifier: MPL-2.0 */
/*
 * queue_items.h - what the tests of the queue say often: items that are
 * numbers, a queue's figures, a clock.
 */
#ifndef QUEUE_ITEMS_H
#define QUEUE_ITEMS_H

#include "tests/stage.h"

/* The number that an item is; the item is destroyed. */
int64_t number_of (troika_msg_t *item);

#define PUT(queue, number)                                                     \
    CHECK_OK (troika_queue_put (queue, TROIKA_FOREVER, "I", (int64_t)(number)))
#define GET(queue)                                                             \
    number_of (CHECK_OK (troika_queue_get (queue, TROIKA_FOREVER)))
#define CHECK_NEXT(queue, number) assert_int_equal (GET (queue), number)
#define CHECK_DRAINED(queue)                                                   \
    CHECK_ERRNO (troika_queue_get (queue, TROIKA_NOWAIT), EAGAIN)

/* The numbers from first on, so many, one by one. */
void put_numbers (troika_queue_t *queue, int64_t count, int64_t first);
void get_numbers (troika_queue_t *queue, int64_t count, int64_t first);

/* Serves a queue that has the numbers from 1 on, so many: a handle on it. */
troika_queue_t *queue_of_numbers (stage_t *stage,
                                  const troika_queue_options_t *options,
                                  int64_t count);

/* Gets this number, which is delivered for that time; and is done with it. */
troika_msg_t *get_delivery (troika_queue_t *queue, int timeout, int64_t number,
                            unsigned deliveries);
void check_delivery (troika_queue_t *queue, int timeout, int64_t number,
                     unsigned deliveries);

/* Those to which go the items that the queue on the stage gives up. */
troika_queue_t *connect_dead (stage_t *stage);

/* One number of troika_queue_stat(): "waiting_gets". */
int64_t figure (troika_queue_t *queue, const char *name);

/* Messages of the numbers from first on, and their end. */
void make_numbers (troika_msg_t **items, size_t count, int64_t first);
void drop_numbers (troika_msg_t **items, size_t count);

int64_t clock_ms (void);

/* A monotonic limit, longer where a tool slows everything down. */
void check_took (int64_t since_ms, int64_t least_ms, int64_t most_ms);

/* A handle of one's own in a peer: made from the stage, not inherited. */
void end_handle (troika_queue_t *queue);

#endif
