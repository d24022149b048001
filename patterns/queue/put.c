/* SPDX-License-Identifier: MPL-2.0 */
/*
 * put.c - items come in, as far as the bound allows.
 *
 * A put of several items goes in piece by piece as places come free; puts
 * are served in the order of their arrival, so that none is overtaken for
 * ever. Its answer is the number of items that went in. A cast that its
 * putter has places for goes in at once.
 */
#include "state.h"

#include <errno.h>
#include "lib/msg/document.h"

static bool
is_full (const tk_queue_state_t *self)
{
    return self->maxsize &&
           tk_store_size (self->store) + self->places.reserved >= self->maxsize;
}

/* If there is no place, those of items that were handed ahead and started
 * come free, and we want to hear of the next one; then those that others have
 * reserved. */
static bool
has_place (tk_queue_state_t *self)
{
    if (!is_full (self))
        return true;
    tk_queue_ask_to_tell (self);
    tk_queue_settle (self);
    if (is_full (self))
        tk_queue_call_back_places (self);
    return !is_full (self);
}

static bool
is_refused (const tk_queue_state_t *self, troika_call_t *call)
{
    if (self->phase == TK_QUEUE_OPEN)
        return false;
    /* A cast that was made before its client heard of the shutdown. */
    return self->phase == TK_QUEUE_SHUT || !troika_call_is_cast (call);
}

/* How many of those that are left have a place now. */
static uint32_t
count_places (tk_queue_waiter_t *put)
{
    const tk_queue_state_t *self = put->queue;
    uint64_t places = put->placed;
    if (!places && !has_place (put->queue))
        return 0;
    if (!places && self->maxsize)
        places =
            self->maxsize - tk_store_size (self->store) - self->places.reserved;
    return places && places < put->rest.count ? (uint32_t)places
                                              : put->rest.count;
}

/* The next count items go in; -ENOMEM after fewer. */
static int
put_run (tk_queue_waiter_t *put, uint32_t count)
{
    tk_queue_state_t *self = put->queue;
    tk_run_t run = put->rest;
    if (count < run.count)
        run = tk_run_split (&put->rest, count);
    else
        put->rest.count = 0;
    put->placed -= put->placed < count ? put->placed : count;
    if (!self->dropping)
        count = tk_store_put (self->store, run, put->priority);
    self->put_count += count;
    put->done += count;
    if (self->dropping)
        return 0;
    self->unfinished += count;
    put->held += count;
    return count < run.count ? -ENOMEM : 0;
}

/* As many as there are places for. Their references to the frame are taken
 * together, before anybody can let one go. */
static int
put_some (tk_queue_waiter_t *put)
{
    int rc = 0;
    uint32_t count, wanted = put->rest.count;
    tk_slab_t *slab = put->rest.slab;
    tk_slab_ref_many (slab, wanted);
    put->held = 0;
    while (!rc && put->rest.count && (count = count_places (put)))
        rc = put_run (put, count);
    tk_slab_unref_many (slab, wanted - put->held);
    return rc;
}

static int
fail_item (troika_call_t *call)
{
    return troika_call_fail (call, EINVAL,
                             "queue '%s': an item is nested deeper than %d",
                             troika_current_name (), TK_DEPTH_MAX);
}

static int
answer (tk_queue_state_t *self, troika_call_t *call, uint32_t done,
        bool reserve)
{
    return troika_call_reply (
        call, "u", reserve ? tk_queue_reserve_places (self, call) : done);
}

static int
begin (tk_queue_waiter_t *put)
{
    tk_queue_state_t *self = put->queue;
    troika_call_t *call = put->call;
    tk_queue_confirm (self, troika_call_owner (call),
                      troika_call_is_cast (call));
    tk_queue_admit (self);
    if (is_refused (self, call))
        return troika_call_fail (call, EPIPE, "queue '%s' is shut down",
                                 troika_current_name ());
    if (troika_call_is_cast (call) && self->maxsize)
        put->placed = tk_queue_fill_places (self, troika_call_owner (call),
                                            put->rest.count);
    bool first = put->placed || tk_list_empty (&self->puts);
    int rc = first ? put_some (put) : 0;
    tk_queue_serve (self);
    if (rc)
        return troika_call_fail (call, ENOMEM, NULL);
    /* Serving may have made places once more. */
    if (put->rest.count && tk_list_empty (&self->puts) && has_place (self)) {
        rc = put_some (put);
        tk_queue_serve (self);
    }
    if (!put->rest.count)
        return answer (self, call, put->done, put->reserve);
    return tk_queue_waiter_park (put, &self->puts);
}

static tk_queue_waiter_t
new_put (tk_queue_state_t *self, troika_call_t *call)
{
    return (tk_queue_waiter_t){
        .queue = self, .call = call, .count = &self->waiting_puts};
}

static tk_cursor_t
args_of (const troika_call_t *call)
{
    const troika_msg_t *args = troika_call_args (call);
    return tk_cursor (troika_msg_data (args), troika_msg_size (args));
}

/* Puts the next count values, which are all that come, if none of them is
 * nested too deep. */
static int
put_all (tk_queue_waiter_t *put, tk_cursor_t *from, uint32_t count)
{
    tk_slab_t *slab = tk_msg_slab (troika_call_args (put->call));
    const uint8_t *start = from->at;
    size_t offset = (size_t)(start - (const uint8_t *)tk_slab_data (slab));
    for (uint32_t i = 0; i < count; i++)
        if (tk_cursor_skip (from))
            return fail_item (put->call);
    put->rest =
        (tk_run_t){slab, (uint32_t)offset, (uint32_t)(from->at - start), count};
    bool cast = troika_call_is_cast (put->call);
    int rc = begin (put);
    if (cast)
        tk_queue_raise_limits (put->queue);
    return rc;
}

/* [item, …] -> how many went in */
int
tk_queue_on_put (void *queue, troika_call_t *call)
{
    tk_queue_waiter_t put = new_put (queue, call);
    tk_cursor_t args = args_of (call);
    uint32_t count;
    if (tk_cursor_array (&args, &count))
        return troika_call_fail (call, EINVAL, "put: no array of items");
    return put_all (&put, &args, count);
}

/* [item] -> index of the word that counts places for what comes next */
int
tk_queue_on_put_ahead (void *queue, troika_call_t *call)
{
    tk_queue_waiter_t put = new_put (queue, call);
    tk_cursor_t args = args_of (call);
    uint32_t count;
    if (tk_cursor_array (&args, &count) || count != 1)
        return troika_call_fail (call, EINVAL,
                                 "put_ahead: the arguments are not [item]");
    put.reserve = true;
    return put_all (&put, &args, count);
}

/* [] -> whether a put would have to wait */
int
tk_queue_on_full (void *queue, troika_call_t *call)
{
    tk_queue_state_t *self = queue;
    tk_queue_confirm (self, troika_call_owner (call), false);
    tk_queue_settle (self);
    tk_queue_admit (self);
    return troika_call_reply (call, "b",
                              self->maxsize &&
                                  tk_queue_used_places (self) >= self->maxsize);
}

/* [priority, item] -> 1 */
int
tk_queue_on_put_priority (void *queue, troika_call_t *call)
{
    tk_queue_state_t *self = queue;
    tk_queue_waiter_t put = new_put (self, call);
    tk_cursor_t args = args_of (call);
    uint32_t count;
    if (self->order != TROIKA_PRIORITY)
        return troika_call_fail (call, ENOTSUP,
                                 "queue '%s' does not order by priority",
                                 troika_current_name ());
    if (tk_cursor_array (&args, &count) || count != 2 ||
        tk_cursor_int (&args, &put.priority))
        return troika_call_fail (call, EINVAL,
                                 "put_priority: the arguments are not "
                                 "[integer, item]");
    return put_all (&put, &args, 1);
}

void
tk_queue_end_put (tk_queue_waiter_t *put, int reason)
{
    uint32_t done = put->done;
    troika_call_t *call = tk_queue_waiter_leave (put);
    const char *name = troika_current_name ();
    if (done)
        troika_call_reply (call, "u", done);
    else if (reason == EAGAIN)
        troika_call_fail (call, EAGAIN, "queue '%s' is full", name);
    else if (reason == ETIMEDOUT)
        troika_call_fail (call, ETIMEDOUT,
                          "queue '%s' is still full after %d ms", name,
                          troika_call_timeout (call));
    else if (reason == EPIPE)
        troika_call_fail (call, EPIPE, "queue '%s' is shut down", name);
    else
        troika_call_fail (call, reason, NULL);
}

void
tk_queue_admit (tk_queue_state_t *self)
{
    tk_queue_waiter_t *put;
    while ((put = tk_queue_waiter_first (&self->puts)) && has_place (self)) {
        int rc = put_some (put);
        uint32_t done = put->done;
        bool reserve = put->reserve;
        if (!rc && put->rest.count)
            return;
        troika_call_t *call = tk_queue_waiter_leave (put);
        if (rc)
            troika_call_fail (call, ENOMEM, NULL);
        else
            answer (self, call, done, reserve);
    }
}
