/* SPDX-License-Identifier: MPL-2.0 */
/*
 * delivery.c - what becomes of items that were handed out, and of the count
 * of those that are not done.
 *
 * Without manual_ack a delivery is confirmed by its owner's next call; with
 * it, by ack alone. An owner that dies gives back what was not confirmed;
 * one that leaves in good order confirms what it could.
 */
#include "state.h"

#include <errno.h>
#include <stdio.h>
#include "lib/msg/document.h"
#include "lib/object/args.h"

void
tk_queue_finish (tk_queue_state_t *self, uint64_t count)
{
    self->unfinished -= count < self->unfinished ? count : self->unfinished;
    if (!self->unfinished)
        tk_queue_waiters_answer (&self->joins);
}

/* To "<name>.dead", a queue beside this one; done here. */
static void
bury (tk_queue_state_t *self, tk_item_t *item)
{
    char name[300];
    tk_buffer_t args;
    tk_buffer_init (&args);
    snprintf (name, sizeof name, "%s.dead", troika_current_name ());
    tk_write_array (&args, 1);
    tk_buffer_append (&args, tk_item_data (item), item->size);
    troika_msg_t *msg = tk_written (&args);
    if (msg)
        troika_post ("queue", name, "put", msg);
    troika_msg_destroy (&msg);
    tk_slab_unref (item->slab);
    tk_queue_finish (self, 1);
}

void
tk_queue_give_back (tk_queue_state_t *self, tk_item_t *item)
{
    bool worn_out =
        self->max_deliveries && item->deliveries >= self->max_deliveries;
    tk_queue_recall (self, 0);
    if (self->dropping) {
        tk_slab_unref (item->slab);
        tk_queue_finish (self, 1);
    } else if (worn_out || tk_store_return (self->store, item)) {
        bury (self, item);
    }
}

/* The last one first, so that none has to be moved for those before it. */
void
tk_queue_give_back_run (tk_queue_state_t *self, tk_item_t item, uint32_t count)
{
    if (count == 1) {
        tk_queue_give_back (self, &item);
        return;
    }
    tk_run_t run = {item.slab, item.offset, item.size, count};
    tk_run_t first = tk_run_split (&run, count / 2);
    tk_item_t behind = item;
    behind.offset = run.offset;
    behind.size = run.size;
    behind.sequence += first.count;
    item.size = first.size;
    tk_queue_give_back_run (self, behind, run.count);
    tk_queue_give_back_run (self, item, first.count);
}

void
tk_queue_forget (void *queue, uint64_t owner)
{
    tk_queue_state_t *self = queue;
    tk_item_t item;
    uint32_t count;
    tk_queue_forget_taker (self, owner);
    tk_queue_forget_putter (self, owner);
    if (troika_leaving ())
        tk_queue_confirm (self, owner, false);
    while ((count = tk_flights_take_of (self->flights, owner, 0, &item)))
        tk_queue_give_back_run (self, item, count);
    tk_fast_forget (self->fast, owner);
    tk_queue_admit (self);
    tk_queue_serve (self);
}

static int
fail_mode (troika_call_t *call)
{
    return troika_call_fail (call, ENOTSUP,
                             "queue '%s' was made without manual_ack",
                             troika_current_name ());
}

static int
fail_stale (troika_call_t *call)
{
    return troika_call_fail (call, ESTALE,
                             "queue '%s': that delivery was acknowledged or "
                             "went back to the queue already",
                             troika_current_name ());
}

/* [number] */
int
tk_queue_on_ack (void *queue, troika_call_t *call)
{
    tk_queue_state_t *self = queue;
    uint64_t number;
    tk_item_t item;
    if (!self->manual_ack)
        return fail_mode (call);
    if (!tk_args (call, "[U]", &number))
        return 0;
    if (!tk_flights_take (self->flights, number, &item))
        return fail_stale (call);
    tk_slab_unref (item.slab);
    if (self->unfinished)
        self->settled++;
    tk_queue_finish (self, 1);
    return troika_call_reply (call, NULL);
}

/* [number, whether to queue it again] */
int
tk_queue_on_nack (void *queue, troika_call_t *call)
{
    tk_queue_state_t *self = queue;
    uint64_t number;
    int requeue;
    tk_item_t item;
    if (!self->manual_ack)
        return fail_mode (call);
    if (!tk_args (call, "[Ub]", &number, &requeue))
        return 0;
    if (!tk_flights_take (self->flights, number, &item))
        return fail_stale (call);
    if (requeue)
        tk_queue_give_back (self, &item);
    else
        bury (self, &item);
    tk_queue_serve (self);
    return troika_call_reply (call, NULL);
}

/* [number]: what its caller took last, from that number on, goes back as if it
 * had not been delivered. */
int
tk_queue_on_give_back (void *queue, troika_call_t *call)
{
    tk_queue_state_t *self = queue;
    uint64_t number;
    tk_item_t item;
    uint32_t count;
    if (!tk_args (call, "[U]", &number))
        return 0;
    while ((count = tk_flights_take_of (self->flights, troika_call_owner (call),
                                        number, &item))) {
        self->get_count -= count;
        self->redelivered -= item.deliveries > 1 ? count : 0;
        item.deliveries--;
        tk_queue_give_back_run (self, item, count);
    }
    tk_queue_serve (self);
    return troika_call_reply (call, NULL);
}

/* An ack has said it before; saying it twice about one item is no error. */
int
tk_queue_on_task_done (void *queue, troika_call_t *call)
{
    tk_queue_state_t *self = queue;
    tk_queue_confirm (self, troika_call_owner (call), false);
    if (self->settled)
        self->settled--;
    else if (self->unfinished)
        tk_queue_finish (self, 1);
    else
        return troika_call_fail (call, EINVAL,
                                 "queue '%s': task_done was called more often "
                                 "than items were put",
                                 troika_current_name ());
    return troika_call_reply (call, NULL);
}

int
tk_queue_on_join (void *queue, troika_call_t *call)
{
    tk_queue_state_t *self = queue;
    tk_queue_confirm (self, troika_call_owner (call), false);
    if (!self->unfinished)
        return troika_call_reply (call, NULL);
    tk_queue_waiter_t join = {.queue = self, .call = call};
    return tk_queue_waiter_park (&join, &self->joins);
}
