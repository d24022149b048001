/* SPDX-License-Identifier: MPL-2.0 */
/*
 * queue_direct.c - how a handle puts and takes by the fast path.
 *
 * Nothing here fails: what the fast path does not do, for whatever reason,
 * is left to a call of the object, which does it or tells why not.
 */
#include <errno.h>
#include "lib/base/mechanism.h"
#include "lib/object/registry.h"
#include "lib/wire/cursor.h"
#include "queue_handle.h"
#include "queue_private.h"
#include "state.h"

/* A delivery that cannot be acknowledged has this number. */
#define NO_NUMBER UINT64_MAX

enum { TAKE_MAX = 64 }; /* at once */

static void
attach (tk_object_t *object, uint64_t owner, void *context)
{
    troika_queue_t *self = context;
    (void)owner;
    if (object->type == &tk_queue_type)
        self->fast = tk_fast_ref (((tk_queue_state_t *)object->self)->fast);
}

void
tk_queue_attach (troika_queue_t *self)
{
    if (!tk_mechanism (TK_MECHANISM_FAST) || tk_handle_go_in (self->handle))
        return;
    if (tk_handle_is_here (self->handle))
        tk_handle_visit (self->handle, attach, self);
    tk_handle_leave (self->handle);
}

/* The object that self is attached to, or NULL: another one may have its
 * name by now. */
static tk_queue_state_t *
state_of (const troika_queue_t *self, const tk_object_t *object)
{
    tk_queue_state_t *state = object->self;
    return object->type == &tk_queue_type && state->fast == self->fast ? state
                                                                       : NULL;
}

static void
confirm (tk_object_t *object, uint64_t owner, void *context)
{
    tk_queue_state_t *state = state_of (context, object);
    if (state)
        tk_queue_confirm (state, owner, false);
}

static void
enlist (tk_object_t *object, uint64_t owner, void *context)
{
    tk_queue_state_t *state = state_of (context, object);
    if (state)
        tk_fast_enlist (state->fast, owner);
}

static bool
is_here (const troika_queue_t *self)
{
    return self->fast && tk_handle_is_here (self->handle);
}

/* The object may have noted what it took before. */
static void
settle (troika_queue_t *self, tk_fast_taker_t *me)
{
    if (tk_fast_taker_owes (me))
        tk_handle_visit (self->handle, confirm, self);
}

static void
confirm_taken (troika_queue_t *self)
{
    tk_fast_taker_t *me = tk_fast_me (self->fast);
    if (!me)
        return;
    tk_fast_taker_confirm (me);
    settle (self, me);
}

bool
tk_queue_put_one_direct (troika_queue_t *self, int timeout, tk_slab_t *slab,
                         uint32_t offset, uint32_t size)
{
    if (!is_here (self))
        return false;
    bool done = tk_fast_put_one (self->fast, slab, offset, size);
    while (!done && timeout == TROIKA_FOREVER &&
           tk_fast_await_room (self->fast))
        done = tk_fast_put_one (self->fast, slab, offset, size);
    confirm_taken (self);
    return done;
}

size_t
tk_queue_put_direct (troika_queue_t *self, int timeout, const tk_run_t *runs,
                     size_t count)
{
    if (!is_here (self))
        return 0;
    size_t n = tk_fast_put (self->fast, runs, count);
    while (n < count && timeout == TROIKA_FOREVER &&
           tk_fast_await_room (self->fast))
        n += tk_fast_put (self->fast, runs + n, count - n);
    confirm_taken (self);
    return n;
}

typedef struct {
    troika_queue_t *queue;
    const tk_run_t *runs;
    size_t count;
    uint64_t number; /* of the first one */
} returned_t;

static void
return_runs (tk_object_t *object, uint64_t owner, void *context)
{
    returned_t *self = context;
    tk_queue_state_t *state = state_of (self->queue, object);
    (void)owner;
    for (size_t i = self->count; state && i > 0; i--) {
        const tk_run_t *run = &self->runs[i - 1];
        tk_item_t item = {.slab = tk_slab_ref (run->slab),
                          .offset = run->offset,
                          .size = run->size,
                          .sequence = (uint32_t)(self->number + i - 1)};
        state->get_count--;
        tk_queue_give_back (state, &item);
    }
    if (state)
        tk_queue_serve (state);
}

/* Memory is short: what has not become a message has not been taken. */
static void
give_back (troika_queue_t *self, const tk_run_t *runs, size_t count,
           uint64_t number)
{
    returned_t returned = {self, runs, count, number};
    tk_handle_visit (self->handle, return_runs, &returned);
    for (size_t i = 0; i < count; i++)
        tk_slab_unref (runs[i].slab);
}

static troika_msg_t *
message_of (const tk_run_t *run)
{
    const uint8_t *data = tk_slab_data (run->slab);
    troika_msg_t *msg = tk_msg_over (run->slab, data + run->offset, run->size);
    if (msg)
        tk_msg_set_delivery (msg, (tk_delivery_t){NO_NUMBER, 1});
    return msg;
}

static size_t
take (troika_queue_t *self, tk_fast_taker_t *me, troika_msg_t **msgs,
      size_t max)
{
    tk_run_t runs[TAKE_MAX];
    uint64_t number;
    size_t count = tk_fast_take (self->fast, me, runs,
                                 max < TAKE_MAX ? max : TAKE_MAX, &number);
    for (size_t i = 0; i < count; i++) {
        msgs[i] = message_of (&runs[i]);
        if (msgs[i])
            continue;
        give_back (self, runs + i, count - i, number + i);
        return i;
    }
    return count;
}

/* NULL: memory is short. */
static tk_fast_taker_t *
my_taker (troika_queue_t *self)
{
    tk_fast_taker_t *me = tk_fast_me (self->fast);
    if (me)
        return me;
    tk_handle_visit (self->handle, enlist, self);
    return tk_fast_me (self->fast);
}

size_t
tk_queue_take_direct (troika_queue_t *self, int timeout, troika_msg_t **msgs,
                      size_t max)
{
    if (!is_here (self))
        return 0;
    tk_fast_taker_t *me = my_taker (self);
    size_t n = me ? take (self, me, msgs, max) : 0;
    if (me && n == 0 && timeout != TROIKA_NOWAIT &&
        tk_fast_await_item (self->fast))
        n = take (self, me, msgs, max);
    if (n)
        settle (self, me);
    return n;
}

void
tk_queue_calls (troika_queue_t *self, bool takes)
{
    tk_fast_taker_t *me = self && self->fast ? tk_fast_me (self->fast) : NULL;
    if (me)
        tk_fast_taker_calls (me, takes);
}
