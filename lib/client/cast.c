/* SPDX-License-Identifier: MPL-2.0 */
/*
 * cast.c - casts of one lane: numbered, gathered, kept until acknowledged.
 *
 * An item behind none that began to gather in the last millisecond leaves at
 * once. In a burst, items for the same target gather into one cast and leave
 * when it is full, before any call of the lane, or at the agent's next tick.
 * The clock is read once a batch.
 */
#include "parts.h"

#include <errno.h>
#include <string.h>
#include "lib/base/error.h"
#include "lib/base/mechanism.h"
#include "lib/base/runtime.h"
#include "lib/base/sys.h"

static tk_meta_t
cast_meta (const tk_lane_t *self)
{
    return (tk_meta_t){.timeout_ms = -1,
                       .session = self->session,
                       .lane = self->number,
                       .cast = self->casts + 1};
}

void
tk_lane_send_batch_locked (tk_lane_t *self)
{
    if (!self->batch_items)
        return;
    uint8_t meta[TK_META_MAX];
    tk_meta_t values = cast_meta (self);
    size_t meta_size = tk_request_meta (meta, &values);
    size_t size = self->batch.size;
    zmq_msg_t frame;
    tk_patch_array32 (&self->batch, self->batch_at, self->batch_items);
    if (zmq_msg_init_size (&frame, size + meta_size))
        return; /* it stays, and is tried again at the next tick */
    memcpy (zmq_msg_data (&frame), tk_buffer_data (&self->batch), size);
    memcpy ((uint8_t *)zmq_msg_data (&frame) + size, meta, meta_size);
    if (tk_lane_send_frame (self, &frame, self->batch_harmless))
        return;
    tk_buffer_truncate (&self->batch, 0);
    self->batch_items = 0;
    atomic_store_explicit (&self->gathers, false, memory_order_relaxed);
}

/* Whoever acknowledges looks whether anybody starves behind what it changes
 * of acked and credit; here the order is the reverse. The lane's lock is held
 * on entry and on return. */
static int
sleep_for_credit (tk_lane_t *self, tk_time_t deadline)
{
    int rc = 0;
    uint64_t dropped = atomic_load (&self->dropped);
    unsigned seen = atomic_load (&self->credit);
    atomic_store (&self->starves, true);
    tk_lane_unlock_own (self);
    if (atomic_load (&self->acked) == dropped)
        rc = tk_sys_wait (&self->credit, seen, deadline);
    atomic_store (&self->starves, false);
    tk_lane_lock_own (self, TK_BY_THREAD);
    return rc;
}

/* Room for more casts, or the reason why there will be none. The lane's
 * lock is held on entry and on return. */
static int
await_credit (tk_lane_t *self, const tk_target_t *target, tk_time_t deadline)
{
    for (;;) {
        tk_client_t *client = self->client;
        if (tk_client_state (client) != TK_OPEN)
            return tk_client_failure (client);
        if (target->sealed && atomic_load (target->sealed))
            return tk_error (EPIPE, "'%s' takes no more", target->object);
        if (target->closing && atomic_load (target->closing))
            return tk_error (EPIPE, "the handle is being destroyed");
        if (self->unacked.bytes + self->batch.size < TK_UNACKED_MAX)
            return 0;
        tk_lane_send_batch_locked (self);
        if (deadline == TK_NOWAIT)
            return -EAGAIN;
        int rc = sleep_for_credit (self, deadline);
        if (rc)
            return rc;
    }
}

static bool
same_batch (const tk_lane_t *self, const tk_target_t *target)
{
    return self->batch_items && self->batch_method == target->method &&
           ((target->serial && self->batch_serial == target->serial) ||
            !strcmp (self->batch_object, target->object));
}

static void
begin_batch (tk_lane_t *self, const tk_target_t *target, tk_time_t now)
{
    uint8_t head[TK_HEAD_MAX];
    size_t size = tk_request_head (head, target->object, target->method);
    tk_buffer_append (&self->batch, head, size);
    self->batch_at = tk_write_array32 (&self->batch);
    self->batch_method = target->method;
    self->batch_harmless = target->harmless;
    self->batch_serial = target->serial;
    strcpy (self->batch_object, target->object);
    self->batch_since = now;
}

static int
add_item (tk_lane_t *self, const tk_target_t *target, const void *data,
          size_t size)
{
    bool idle = false;
    if (!same_batch (self, target)) {
        tk_time_t now = tk_clock_us ();
        idle = now - self->batch_since > TK_BATCH_US;
        tk_lane_send_batch_locked (self);
        if (self->batch_items)
            return -ENOMEM;
        tk_buffer_truncate (&self->batch, 0);
        begin_batch (self, target, now);
    }
    size_t before = self->batch.size;
    tk_buffer_append (&self->batch, data, size);
    if (tk_buffer_error (&self->batch)) {
        tk_buffer_truncate (&self->batch, before);
        self->batch.failed = false;
        return -ENOMEM;
    }
    if (self->batch_items++ == 0)
        atomic_store (&self->gathers, true);
    if (idle || self->batch.size >= TK_BATCH_BYTES ||
        !tk_mechanism (TK_MECHANISM_BATCH))
        tk_lane_send_batch_locked (self);
    else if (self->batch_items == 1)
        tk_agent_batch ();
    return 0;
}

/* What the thread took from this object before is its own now. */
static void
settle (const tk_lane_t *self, const tk_target_t *target)
{
    tk_shelf_t *shelf = target->aside || tk_list_empty (&self->shelves)
                            ? NULL
                            : tk_lane_shelf (self, target->object);
    if (shelf)
        tk_shelf_settle (shelf);
}

/* Nothing is in the way of a cast. The lane's lock is held. */
static bool
is_free (const tk_lane_t *self, const tk_target_t *target)
{
    return self->push && !atomic_load (&self->over) &&
           !atomic_load (target->sealed) &&
           self->unacked.bytes + self->batch.size < TK_UNACKED_MAX;
}

/* Nobody takes what has not arrived: the last one that has a place takes
 * along all before it, if more places are to come by that. */
static void
send_last (tk_lane_t *self, tk_word_t *place)
{
    if (!tk_word_left (atomic_load_explicit (place, memory_order_relaxed)) &&
        tk_word_grows (place))
        tk_lane_send_batch_locked (self);
}

int
tk_lane_cast_item (tk_lane_t *self, const tk_target_t *target, tk_word_t *place,
                   const void *data, size_t size)
{
    bool tell;
    int rc = -EAGAIN;
    bool urgent = place && tk_word_grows (place);
    tk_lane_lock_own (self, urgent ? TK_AT_ONCE : TK_BY_THREAD);
    if (is_free (self, target) && (!place || tk_word_use (place, 1, &tell))) {
        settle (self, target);
        rc = add_item (self, target, data, size);
        if (rc && place)
            tk_word_unuse (place);
        else if (place)
            send_last (self, place);
    }
    tk_lane_unlock_own (self);
    return rc;
}

int
tk_client_open_casts (tk_client_t *client, tk_lane_t *lane)
{
    (void)client; /* lives, so that its endpoint can be looked at */
    tk_lane_lock_own (lane, TK_BY_THREAD);
    int rc = tk_lane_open_push (lane);
    tk_lane_unlock_own (lane);
    return rc;
}

int
tk_client_cast_item (tk_client_t *client, const tk_target_t *target,
                     tk_time_t deadline, const void *data, size_t size)
{
    tk_lane_t *self;
    int rc = tk_lane_get (client, &self);
    if (rc)
        return rc;
    tk_lane_lock_own (self, TK_BY_THREAD);
    rc = tk_lane_open_push (self);
    if (!rc)
        rc = await_credit (self, target, deadline);
    if (!rc) {
        settle (self, target);
        rc = add_item (self, target, data, size);
    }
    tk_lane_unlock_own (self);
    return rc;
}

static int
cast_now (tk_lane_t *self, const tk_target_t *target, const tk_buffer_t *args)
{
    zmq_msg_t frame;
    tk_lane_send_batch_locked (self);
    settle (self, target);
    tk_meta_t meta = cast_meta (self);
    int rc = self->batch_items
                 ? -ENOMEM
                 : tk_call_frame (&frame, target, tk_buffer_data (args),
                                  args->size, &meta);
    return rc ? rc : tk_lane_send_frame (self, &frame, target->harmless);
}

int
tk_client_cast (tk_client_t *client, const tk_target_t *target,
                tk_time_t deadline, const tk_buffer_t *args)
{
    tk_lane_t *self;
    int rc = tk_lane_get (client, &self);
    if (rc)
        return rc;
    tk_lane_lock_own (self, TK_BY_THREAD);
    rc = tk_lane_open_push (self);
    if (!rc)
        rc = await_credit (self, target, deadline);
    if (!rc)
        rc = cast_now (self, target, args);
    tk_lane_unlock_own (self);
    return rc;
}

void
tk_lane_acknowledge (tk_lane_t *self, uint64_t number)
{
    uint64_t acked = atomic_load (&self->acked);
    while (acked < number &&
           !atomic_compare_exchange_weak (&self->acked, &acked, number))
        ;
    if (acked >= number)
        return;
    atomic_fetch_add (&self->credit, 1);
    if (atomic_load (&self->starves))
        tk_sys_wake (&self->credit);
}
