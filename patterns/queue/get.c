/* SPDX-License-Identifier: MPL-2.0 */
/*
 * get.c - items go out, to whoever asked first.
 *
 * "get" hands out one plain item, for clients without a library; "take"
 * hands out some, each with its delivery's number and count; "fetch" one,
 * and some ahead of need. Each notes the delivery before the answer leaves.
 */
#include "state.h"

#include <errno.h>
#include "lib/base/runtime.h"
#include "lib/object/call.h"

static void
begin_reply (tk_buffer_t *reply)
{
    tk_buffer_init (reply);
    tk_write_array (reply, 2);
    tk_write_nil (reply);
}

/* The next items, at most max that lie together, and none behind so many bytes,
 * as a noted delivery to owner; how many. *item, the first with the size of
 * all, stays the delivery's. */
static uint32_t
deliver (tk_queue_state_t *self, uint64_t owner, size_t max, size_t bytes,
         tk_item_t *item, uint64_t *number)
{
    uint32_t count = tk_store_take_some (self->store, max, bytes, item);
    if (!count)
        return 0;
    item->deliveries++;
    *number = tk_flights_add (self->flights, owner, item, count);
    if (!*number) {
        item->deliveries--;
        tk_queue_give_back_run (self, *item, count);
        return 0;
    }
    self->get_count += count;
    self->redelivered += item->deliveries > 1 ? count : 0;
    return count;
}

static void
write_one (tk_queue_state_t *self, uint64_t owner, tk_buffer_t *reply)
{
    tk_item_t item;
    uint64_t number;
    if (deliver (self, owner, 1, 1, &item, &number))
        tk_buffer_lend (reply, item.slab, tk_item_data (&item), item.size);
    else
        reply->failed = true;
}

/* As many as are wanted, there, and fit into a frame. */
static void
write_some (tk_queue_state_t *self, uint64_t owner, size_t max,
            tk_buffer_t *reply)
{
    size_t at = tk_write_array32 (reply);
    uint32_t count = 0;
    uint64_t number;
    tk_item_t item;
    for (; count < max && tk_buffer_total (reply) < TK_TOGETHER; count++) {
        if (!deliver (self, owner, 1, 1, &item, &number))
            break;
        tk_write_array (reply, 3);
        tk_write_uint (reply, number);
        tk_write_uint (reply, item.deliveries);
        tk_buffer_lend (reply, item.slab, tk_item_data (&item), item.size);
    }
    tk_patch_array32 (reply, at, count);
}

/* Those behind the first ones that lie together; how many. */
static uint32_t
write_more (tk_queue_state_t *self, uint64_t owner, size_t max,
            tk_buffer_t *reply)
{
    uint32_t total = 0, count = 1;
    uint64_t number;
    tk_item_t item;
    while (count && total < max && tk_buffer_total (reply) < TK_TOGETHER) {
        count = deliver (self, owner, max - total,
                         TK_TOGETHER - tk_buffer_total (reply), &item, &number);
        if (count)
            tk_buffer_lend (reply, item.slab, tk_item_data (&item), item.size);
        total += count;
    }
    return total;
}

/* Up to max, and behind them what is handed ahead of need: [number,
 * deliveries, word, item, item, …]. */
static void
write_ahead (tk_queue_state_t *self, troika_call_t *call, size_t max,
             tk_buffer_t *reply)
{
    uint64_t number, owner = troika_call_owner (call);
    tk_taker_t *taker = tk_queue_taker (self, call);
    size_t at = tk_write_array32 (reply);
    tk_item_t item;
    uint32_t count = deliver (self, owner, max, TK_TOGETHER, &item, &number);
    if (!count) {
        reply->failed = true;
        return;
    }
    tk_write_uint (reply, number);
    tk_write_uint (reply, item.deliveries);
    tk_write_uint (reply, taker ? taker->index : 0);
    tk_buffer_lend (reply, item.slab, tk_item_data (&item), item.size);
    count += write_more (self, owner, max - count, reply);
    if (taker && count == max)
        count += tk_queue_lend (self, taker, number + count - 1, max, reply);
    tk_patch_array32 (reply, at, 3 + count);
}

/* There is at least one item. */
static int
answer (tk_queue_state_t *self, troika_call_t *call, size_t max, bool fetch)
{
    tk_buffer_t reply;
    uint64_t owner = troika_call_owner (call);
    begin_reply (&reply);
    if (fetch && (max == 1 || !tk_store_beside_row (self->store)))
        write_ahead (self, call, max, &reply);
    else if (max == 0)
        write_one (self, owner, &reply);
    else
        write_some (self, owner, max, &reply);
    tk_call_reply_buffer (call, &reply);
    return 0;
}

static int
fail_shut (troika_call_t *call)
{
    return troika_call_fail (call, EPIPE, "queue '%s' is shut down and empty",
                             troika_current_name ());
}

static int
park (tk_queue_state_t *self, tk_queue_waiter_t *get)
{
    int rc = tk_queue_waiter_park (get, &self->gets);
    tk_queue_limit_turn (self);
    return rc;
}

static int
begin (tk_queue_state_t *self, troika_call_t *call, size_t max, bool fetch)
{
    uint64_t owner = troika_call_owner (call);
    tk_queue_waiter_t get = {.queue = self,
                             .call = call,
                             .count = &self->waiting_gets,
                             .max = max,
                             .fetch = fetch};
    bool urgent = !tk_queue_can_wait (call);
    get.hasty = tk_queue_begin_fetch (self, call, fetch);
    tk_queue_confirm (self, owner, false);
    self->ahead.singly += urgent;
    tk_queue_move (self);
    self->ahead.singly -= urgent;
    if (self->ahead.taker || !tk_list_empty (&self->gets))
        return park (self, &get);
    if (tk_store_size (self->store)) {
        answer (self, call, max, fetch);
        tk_queue_admit (self);
        return 0;
    }
    if (self->phase == TK_QUEUE_SHUT)
        return fail_shut (call);
    return park (self, &get);
}

/* [] -> item */
int
tk_queue_on_get (void *queue, troika_call_t *call)
{
    return begin (queue, call, 0, false);
}

/* [max] or, if that is enough, [] for 1. */
static bool
read_max (const troika_call_t *call, bool optional, uint64_t *max)
{
    const troika_msg_t *args = troika_call_args (call);
    tk_cursor_t cursor =
        tk_cursor (troika_msg_data (args), troika_msg_size (args));
    uint32_t count;
    *max = 1;
    if (tk_cursor_array (&cursor, &count) || count > 1)
        return false;
    return count ? !tk_cursor_uint (&cursor, max) && *max > 0 : optional;
}

/* [max] -> [[number, deliveries, item], …] */
int
tk_queue_on_take (void *queue, troika_call_t *call)
{
    uint64_t max;
    if (!read_max (call, false, &max))
        return troika_call_fail (call, EINVAL,
                                 "take: the arguments are not [number from 1]");
    return begin (queue, call, (size_t)max, false);
}

/* [?max] -> [number, deliveries, word, item, …, item handed ahead, …], or as
 * take */
int
tk_queue_on_fetch (void *queue, troika_call_t *call)
{
    uint64_t max;
    if (!read_max (call, true, &max))
        return troika_call_fail (
            call, EINVAL, "fetch: the arguments are not [?number from 1]");
    int rc = begin (queue, call, (size_t)max, true);
    tk_queue_raise_limits (queue);
    return rc;
}

bool
tk_queue_serve (tk_queue_state_t *self)
{
    tk_queue_waiter_t *get;
    bool any = false;
    while ((get = tk_queue_waiter_first (&self->gets)) &&
           tk_queue_turn_is_over (self) && tk_store_size (self->store)) {
        size_t max = get->max;
        bool fetch = get->fetch;
        answer (self, tk_queue_waiter_leave (get), max, fetch);
        any = true;
    }
    tk_queue_limit_turn (self);
    return any;
}

void
tk_queue_end_get (tk_queue_waiter_t *get, int reason)
{
    if (reason == ETIMEDOUT && tk_queue_serve_late (get))
        return;
    troika_call_t *call = tk_queue_waiter_leave (get);
    const char *name = troika_current_name ();
    if (reason == EAGAIN)
        troika_call_fail (call, EAGAIN, "queue '%s' is empty", name);
    else if (reason == ETIMEDOUT)
        troika_call_fail (call, ETIMEDOUT,
                          "queue '%s' is still empty after %d ms", name,
                          troika_call_timeout (call));
    else if (reason == EPIPE)
        troika_call_fail (call, EPIPE, "queue '%s' has ended", name);
    else
        troika_call_fail (call, reason, NULL);
}
