/* SPDX-License-Identifier: MPL-2.0 */
/*
 * gather.c - when small documents of a channel travel together.
 *
 * A document leaves at once unless the sender is in a burst: BURST of them
 * within BURST_US. Then they gather until a batch is full, until this end
 * waits for something, is closed, or for the agent's tick, a millisecond
 * later. A tick that finds less than a burst ends it, and so does a wait for
 * an answer: questions go one by one. No clock is read on the way but once
 * in BURST documents.
 */
#include "lib/base/mechanism.h"
#include "patterns/pipe/channel.h"

#define BURST TK_BATCH_DOCUMENTS
#define BURST_US 1000

bool
tk_channel_batches (const tk_channel_t *self, size_t size)
{
    return self->gathers && size <= TK_BATCHED_MAX;
}

int
tk_channel_flush (tk_channel_t *self)
{
    return tk_batch_send (&self->batch, self->socket);
}

/* The other side has said hello, and nothing need be kept for it. */
static bool
may_gather (const tk_channel_t *self)
{
    return tk_mechanism (TK_MECHANISM_BATCH) &&
           self->state == TK_CHANNEL_LIVE && !self->plain &&
           (self->up || !self->private);
}

static void
note_burst (tk_channel_t *self)
{
    tk_time_t now = tk_clock_us ();
    self->gathers = now - self->burst_began < BURST_US && may_gather (self);
    self->burst_began = now;
    self->burst = self->done.messages;
    if (self->gathers)
        atomic_store (&self->due, true);
}

void
tk_channel_sent (tk_channel_t *self, size_t size)
{
    self->done.messages++;
    self->done.bytes += size;
    if (!self->gathers && self->done.messages - self->burst >= BURST)
        note_burst (self);
}

void
tk_channel_calm (tk_channel_t *self)
{
    tk_channel_flush (self);
    self->gathers = false;
    self->burst = self->done.messages;
}

/* What is no burst any more may become one again. */
static void
tick_sender (tk_channel_t *self)
{
    tk_channel_flush (self);
    if (self->done.messages - self->burst < BURST)
        self->gathers = false;
    self->burst = self->done.messages;
    self->burst_began = tk_clock_us ();
    if (self->gathers)
        atomic_store (&self->due, true);
}

/* To send may swallow the sign of something that has come. */
void
tk_channel_tick (tk_channel_t *self)
{
    atomic_store (&self->due, false);
    if (!self->socket || self->closing)
        return;
    if (self->sends)
        tick_sender (self);
    else
        tk_channel_tell (self);
    if (self->sleepers)
        tk_channel_pull (self);
}
