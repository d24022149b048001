/* SPDX-License-Identifier: MPL-2.0 */
/*
 * turn.c - several quick consumers take turns with what is handed ahead.
 *
 * Whoever has items ahead starts some within microseconds and comes again;
 * another one that is as quick waits for that, in a row with others, since
 * taking them back would cost both a round trip for each item. A turn is
 * over when its items are started, or after TURN_US: what is not started then
 * is the next one's. Who is not quick waits for no turn once it is the next,
 * and who has no time for none at all.
 */
#include "state.h"

#define TURN_US INT64_C (200)
#define PATIENT_MS 50

bool
tk_queue_can_wait (const troika_call_t *call)
{
    int timeout = troika_call_timeout (call);
    return timeout < 0 || timeout >= PATIENT_MS;
}

bool
tk_queue_turn_is_over (tk_queue_state_t *self)
{
    tk_queue_settle (self);
    if (self->ahead.taker && self->ahead.started == self->ahead.count)
        tk_queue_recall (self, 0);
    return !self->ahead.taker;
}

/* Nothing is handed ahead meanwhile. */
static void
serve_singly (tk_queue_state_t *self)
{
    self->ahead.singly++;
    tk_queue_recall (self, 0);
    tk_queue_serve (self);
    self->ahead.singly--;
}

static void
end_turn (void *queue)
{
    tk_queue_recall (queue, 0);
    tk_queue_move (queue);
}

void
tk_queue_limit_turn (tk_queue_state_t *self)
{
    tk_ahead_t *ahead = &self->ahead;
    tk_queue_waiter_t *get = tk_queue_waiter_first (&self->gets);
    if (!get || !ahead->taker || ahead->wanted)
        return;
    ahead->wanted = true;
    if (tk_alarm_set (&ahead->alarm, get->call->object,
                      ahead->taker->since + TURN_US, end_turn))
        serve_singly (self);
}

void
tk_queue_move (tk_queue_state_t *self)
{
    do
        tk_queue_admit (self);
    while (tk_queue_serve (self));
}

bool
tk_queue_serve_late (tk_queue_waiter_t *get)
{
    tk_queue_state_t *self = get->queue;
    tk_queue_recall (self, 0);
    if (!tk_store_size (self->store))
        return false;
    tk_list_remove (&get->link);
    tk_list_prepend (&self->gets, &get->link);
    serve_singly (self);
    return true;
}
