/* SPDX-License-Identifier: MPL-2.0 */
/*
 * put.c - items come in, as far as the bound allows.
 *
 * A put of several items goes in piece by piece as places come free; puts
 * are served in the order of their arrival, so that none is overtaken for
 * ever. Its answer is the number of items that went in.
 */
#include "state.h"

#include <errno.h>
#include "lib/msg/document.h"

static bool
has_place (const tk_queue_state_t *self)
{
    return !self->maxsize || tk_store_size (self->store) < self->maxsize;
}

static bool
is_refused (const tk_queue_state_t *self, troika_call_t *call)
{
    if (self->phase == TK_QUEUE_OPEN)
        return false;
    /* A cast that was made before its client heard of the shutdown. */
    return self->phase == TK_QUEUE_SHUT || !troika_call_is_cast (call);
}

/* One item from the arguments into the store. -EINVAL: it is nested too
 * deep. */
static int
put_one (tk_queue_waiter_t *put, const troika_msg_t *args)
{
    tk_queue_state_t *self = put->queue;
    tk_slab_t *slab = tk_msg_slab (args);
    const uint8_t *from = put->items.at;
    if (tk_cursor_skip (&put->items))
        return -EINVAL;
    self->put_count++;
    put->left--;
    put->done++;
    if (self->dropping)
        return 0;
    tk_item_t item = {
        .slab = tk_slab_ref (slab),
        .offset = (uint32_t)(from - (const uint8_t *)tk_slab_data (slab)),
        .size = (uint32_t)(put->items.at - from),
        .priority = put->priority};
    if (tk_store_put (self->store, &item)) {
        tk_slab_unref (slab);
        put->items.at = from;
        put->left++;
        put->done--;
        return -ENOMEM;
    }
    self->unfinished++;
    return 0;
}

/* As many as there are places for. */
static int
put_some (tk_queue_waiter_t *put)
{
    const troika_msg_t *args = troika_call_args (put->call);
    int rc = 0;
    while (!rc && put->left && has_place (put->queue))
        rc = put_one (put, args);
    return rc;
}

static int
fail_item (troika_call_t *call, int rc)
{
    if (rc == -ENOMEM)
        return troika_call_fail (call, ENOMEM, NULL);
    return troika_call_fail (call, EINVAL,
                             "queue '%s': an item is nested deeper than %d",
                             troika_current_name (), TK_DEPTH_MAX);
}

static int
begin (tk_queue_waiter_t *put)
{
    tk_queue_state_t *self = put->queue;
    troika_call_t *call = put->call;
    tk_queue_confirm (self, troika_call_owner (call));
    if (is_refused (self, call))
        return troika_call_fail (call, EPIPE, "queue '%s' is shut down",
                                 troika_current_name ());
    int rc = tk_list_empty (&self->puts) ? put_some (put) : 0;
    tk_queue_serve (self);
    if (rc)
        return fail_item (call, rc);
    /* Serving may have made places once more. */
    if (put->left && tk_list_empty (&self->puts) && has_place (self)) {
        rc = put_some (put);
        tk_queue_serve (self);
    }
    if (!put->left)
        return troika_call_reply (call, "u", put->done);
    return tk_queue_waiter_park (put, &self->puts);
}

static tk_queue_waiter_t
new_put (tk_queue_state_t *self, troika_call_t *call)
{
    const troika_msg_t *args = troika_call_args (call);
    return (tk_queue_waiter_t){
        .queue = self,
        .call = call,
        .count = &self->waiting_puts,
        .items = tk_cursor (troika_msg_data (args), troika_msg_size (args))};
}

/* [item, …] -> how many went in */
int
tk_queue_on_put (void *queue, troika_call_t *call)
{
    tk_queue_waiter_t put = new_put (queue, call);
    if (tk_cursor_array (&put.items, &put.left))
        return troika_call_fail (call, EINVAL, "put: no array of items");
    return begin (&put);
}

/* [priority, item] -> 1 */
int
tk_queue_on_put_priority (void *queue, troika_call_t *call)
{
    tk_queue_state_t *self = queue;
    tk_queue_waiter_t put = new_put (self, call);
    uint32_t count;
    if (self->order != TROIKA_PRIORITY)
        return troika_call_fail (call, ENOTSUP,
                                 "queue '%s' does not order by priority",
                                 troika_current_name ());
    if (tk_cursor_array (&put.items, &count) || count != 2 ||
        tk_cursor_int (&put.items, &put.priority))
        return troika_call_fail (call, EINVAL,
                                 "put_priority: the arguments are not "
                                 "[integer, item]");
    put.left = 1;
    return begin (&put);
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
        if (!rc && put->left)
            return;
        troika_call_t *call = tk_queue_waiter_leave (put);
        if (rc)
            fail_item (call, rc);
        else
            troika_call_reply (call, "u", done);
    }
}
