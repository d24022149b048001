/* SPDX-License-Identifier: MPL-2.0 */
/*
 * queue_object.c - a queue inside its manager: life, figures, shutdown.
 *
 * Parameters: [maxsize, order, manual_ack, max_deliveries], or [] for an
 * unbounded FIFO queue. OPEN -> CLOSING (no more puts, but casts that were on
 * their way still count) -> SHUT (drained, every get says so).
 */
#include "state.h"

#include <errno.h>
#include <stdlib.h>
#include "lib/object/args.h"
#include "lib/object/registry.h"
#include "queue_private.h"

/* While the object's code runs, the fast path stands still. */
static void
enter (void *queue)
{
    tk_queue_state_t *self = queue;
    if (self->entered++)
        return;
    tk_fast_tally_t tally = tk_fast_freeze (self->fast);
    self->put_count += tally.puts;
    self->unfinished += tally.puts;
    self->get_count += tally.gets;
}

static uint64_t
fast_limit (const tk_queue_state_t *self)
{
    size_t taken = tk_store_beside_row (self->store) + self->places.reserved;
    if (self->order != TROIKA_FIFO || self->phase != TK_QUEUE_OPEN ||
        !tk_list_empty (&self->gets) || !tk_list_empty (&self->puts))
        return 0;
    if (!self->maxsize)
        return UINT64_MAX;
    return taken < self->maxsize ? self->maxsize - taken : 0;
}

/* Items that are to be acknowledged are noted one by one; those that came
 * back go first; those that were handed ahead are taken back before; and a put
 * that waits moves up at once. */
static bool
fast_gets (const tk_queue_state_t *self)
{
    return self->order == TROIKA_FIFO && !self->manual_ack &&
           !self->ahead.taker && !tk_store_beside_row (self->store) &&
           tk_list_empty (&self->puts);
}

static void
leave (void *queue)
{
    tk_queue_state_t *self = queue;
    if (--self->entered == 0)
        tk_fast_thaw (self->fast, fast_limit (self), fast_gets (self));
}

static void
destroy (void *queue)
{
    tk_queue_state_t *self = queue;
    tk_scope_guard (NULL, NULL);
    tk_queue_end_ahead (self);
    tk_queue_end_places (self);
    tk_store_destroy (&self->store);
    if (self->flights)
        tk_flights_destroy (&self->flights);
    if (self->fast)
        tk_fast_thaw (self->fast, 0, false);
    tk_fast_unref (self->fast);
    free (self);
}

static int
make_parts (tk_queue_state_t *self)
{
    self->fast = tk_fast_new ();
    if (!self->fast)
        return ENOMEM;
    enter (self);
    tk_scope_guard (enter, leave);
    self->store =
        tk_store_new ((tk_order_t)self->order, tk_fast_row (self->fast));
    self->flights = tk_flights_new ();
    return self->store && self->flights ? 0 : ENOMEM;
}

static int
read_params (tk_queue_state_t *self, const troika_msg_t *params)
{
    uint64_t maxsize = 0;
    int manual_ack = 0;
    tk_cursor_t cursor =
        tk_cursor (troika_msg_data (params), troika_msg_size (params));
    uint32_t count;
    if (troika_msg_is_nil (params) ||
        (!tk_cursor_array (&cursor, &count) && count == 0))
        return 0;
    if (troika_msg_unpack (params, "[UibU]", &maxsize, &self->order,
                           &manual_ack, &self->max_deliveries))
        return -EINVAL;
    self->maxsize = (size_t)maxsize;
    self->manual_ack = manual_ack;
    return self->order >= TROIKA_FIFO && self->order <= TROIKA_PRIORITY
               ? 0
               : -EINVAL;
}

static void *
create (const troika_msg_t *params)
{
    tk_queue_state_t *self = calloc (1, sizeof *self);
    if (!self)
        return NULL;
    tk_list_init (&self->places.granted);
    tk_list_init (&self->puts);
    tk_list_init (&self->gets);
    tk_list_init (&self->joins);
    tk_list_init (&self->shuts);
    int error = -read_params (self, params);
    if (!error)
        error = make_parts (self);
    if (!error)
        return self;
    destroy (self);
    errno = error;
    return NULL;
}

static int
on_qsize (void *queue, troika_call_t *call)
{
    tk_queue_state_t *self = queue;
    tk_queue_confirm (self, troika_call_owner (call), false);
    tk_queue_settle (self);
    tk_queue_admit (self);
    return troika_call_reply (call, "U", (uint64_t)tk_store_size (self->store));
}

static int
on_stat (void *queue, troika_call_t *call)
{
    tk_queue_state_t *self = queue;
    tk_queue_settle (self);
    tk_queue_admit (self);
    return troika_call_reply (
        call, "{s:s,s:U,s:U,s:U,s:U,s:U,s:U,s:U,s:U,s:U,s:b}", "name",
        troika_current_name (), "size", (uint64_t)tk_store_size (self->store),
        "maxsize", (uint64_t)self->maxsize, "unfinished", self->unfinished,
        "in_flight",
        (uint64_t)(tk_flights_count (self->flights) +
                   tk_fast_held (self->fast)),
        "waiting_puts", (uint64_t)self->waiting_puts, "waiting_gets",
        (uint64_t)self->waiting_gets, "puts", self->put_count, "gets",
        self->get_count, "redelivered", self->redelivered, "shutdown",
        self->phase != TK_QUEUE_OPEN);
}

/* A cast: something that was handed ahead has been started, which puts wait
 * for. */
static int
on_started (void *queue, troika_call_t *call)
{
    tk_queue_settle (queue);
    tk_queue_move (queue);
    return troika_call_reply (call, NULL);
}

/* Every item that waits is dropped, and counts as done. */
static void
drop_items (tk_queue_state_t *self)
{
    tk_queue_recall (self, 0);
    size_t count = tk_store_size (self->store);
    tk_store_drop (self->store, count);
    tk_queue_finish (self, count);
}

/* No client casts any more, and all that they had cast is here. */
static void
on_sealed (void *queue)
{
    tk_queue_state_t *self = queue;
    tk_queue_waiter_t *get;
    self->phase = TK_QUEUE_SHUT;
    self->ahead.singly++;
    tk_queue_recall (self, 0);
    tk_queue_serve (self);
    self->ahead.singly--;
    while ((get = tk_queue_waiter_first (&self->gets)))
        troika_call_fail (tk_queue_waiter_leave (get), EPIPE,
                          "queue '%s' is shut down and empty",
                          troika_current_name ());
    tk_queue_waiters_answer (&self->shuts);
}

static void
close_for_puts (tk_queue_state_t *self)
{
    tk_queue_waiter_t *put;
    self->phase = TK_QUEUE_CLOSING;
    tk_queue_call_back_places (self);
    while ((put = tk_queue_waiter_first (&self->puts)))
        tk_queue_end_put (put, EPIPE);
}

/* [immediate]; answered when nobody can put any more. */
static int
on_shutdown (void *queue, troika_call_t *call)
{
    tk_queue_state_t *self = queue;
    int immediate;
    bool first = self->phase == TK_QUEUE_OPEN;
    if (!tk_args (call, "[b]", &immediate))
        return 0;
    tk_queue_confirm (self, troika_call_owner (call), false);
    if (first)
        close_for_puts (self);
    if (immediate) {
        self->dropping = true;
        drop_items (self);
    }
    if (self->phase == TK_QUEUE_SHUT)
        return troika_call_reply (call, NULL);
    tk_queue_waiter_t shut = {.queue = self, .call = call};
    tk_queue_waiter_park (&shut, &self->shuts);
    if (first && troika_seal (on_sealed))
        on_sealed (self);
    return 0;
}

static const troika_method_t methods[] = {
    {"put", tk_queue_on_put},
    {"fetch", tk_queue_on_fetch},
    {"take", tk_queue_on_take},
    {"put_ahead", tk_queue_on_put_ahead},
    {"started", on_started},
    {"full", tk_queue_on_full},
    {"get", tk_queue_on_get},
    {"task_done", tk_queue_on_task_done},
    {"ack", tk_queue_on_ack},
    {"nack", tk_queue_on_nack},
    {"give_back", tk_queue_on_give_back},
    {"qsize", on_qsize},
    {"join", tk_queue_on_join},
    {"put_priority", tk_queue_on_put_priority},
    {"stat", on_stat},
    {"peek", tk_queue_on_peek},
    {"shutdown", on_shutdown},
    {NULL, NULL},
};

const troika_type_t tk_queue_type = {"queue", create, destroy, tk_queue_forget,
                                     methods};
