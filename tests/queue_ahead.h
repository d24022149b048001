/* SPDX-License-Identifier: MPL-2.0 */
/*
 * queue_ahead.h - a queue of which a quick consumer takes so many items that
 * some wait in its own process.
 */
#ifndef QUEUE_AHEAD_H
#define QUEUE_AHEAD_H

#include "tests/queue_partner.h"

enum { ITEMS = 1000, TAKEN = 300 };

static inline void
take_singly (stage_t *stage, troika_queue_t *queue)
{
    (void)stage;
    get_numbers (queue, TAKEN, 1);
}

/* 1000 items, of which another has taken 300 by as many gets and sleeps; what
 * it does when it is woken. */
static inline troika_queue_t *
begin (partner_t *taker, stage_t *stage, const troika_queue_options_t *options,
       act_t act)
{
    troika_queue_t *queue = queue_of_numbers (stage, options, ITEMS);
    partner_start (taker, stage, take_singly, act);
    return queue;
}

static inline void
check_now (troika_queue_t *queue, int64_t number, unsigned deliveries)
{
    check_delivery (queue, TROIKA_NOWAIT, number, deliveries);
}

/* All that it has not started is there, delivered for the first time. */
static inline void
check_rest (troika_queue_t *queue)
{
    for (int64_t i = TAKEN + 1; i <= ITEMS; i++)
        check_now (queue, i, 1);
}

#endif
