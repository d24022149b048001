/* SPDX-License-Identifier: MPL-2.0 */
/*
 * talk.c - what the two sides of a channel say to each other.
 *
 * The held message is the only buffer: control is obeyed as it comes, up to
 * the next document. Of a batch each document is checked when its turn has
 * come; what is wrong in it ends the channel as a malformed control message
 * does, after what came before.
 */
#include "patterns/pipe/channel.h"

#include <errno.h>
#include <string.h>

int
tk_channel_say (tk_channel_t *self, tk_verb_t verb, tk_amount_t amount)
{
    tk_control_t control = {.verb = verb, .amount = amount};
    return self->plain ? 0 : tk_control_send (self->socket, &control);
}

int
tk_channel_greet (tk_channel_t *self)
{
    tk_control_t control = {.verb = TK_SAYS_HELLO,
                            .version = TK_PIPE_VERSION,
                            .has_id = self->named,
                            .duplex = self->duplex,
                            .amount = self->window};
    memcpy (control.id, self->id, TK_PIPE_ID);
    return tk_control_send (self->socket, &control);
}

static bool
is_known (const tk_channel_t *self, const tk_control_t *hello)
{
    if (!self->named)
        return true;
    if (!hello->has_id) /* whoever connects first need not know it yet */
        return !self->greets && !self->private && !self->sends;
    return !memcmp (self->id, hello->id, TK_PIPE_ID);
}

static void
adopt (tk_channel_t *self, const tk_control_t *hello)
{
    if (self->greets && !self->named) {
        memcpy (self->id, hello->id, TK_PIPE_ID);
        self->named = hello->has_id;
        self->duplex = hello->duplex;
    }
    if (self->sends)
        self->window = hello->amount;
    self->state = TK_CHANNEL_LIVE;
    if (!self->greets && !self->private)
        tk_pipe_agent_nudge ();
}

static void
on_hello (tk_channel_t *self, const tk_control_t *hello)
{
    self->version = hello->version;
    if (self->state != TK_CHANNEL_FRESH) {
        if (!self->greets && self->state == TK_CHANNEL_LIVE)
            tk_channel_end_as (
                self, TK_CHANNEL_LOST); /* one more peer: ours is gone */
        return;
    }
    if (!self->greets)
        tk_channel_greet (self);
    if (hello->version == TK_PIPE_VERSION && is_known (self, hello))
        adopt (self, hello);
    else
        tk_channel_end_as (self, TK_CHANNEL_ALIEN);
}

static void
on_end (tk_channel_t *self)
{
    static const tk_amount_t none;
    tk_channel_say (self, TK_SAYS_SEEN, none);
    tk_channel_end_as (self, TK_CHANNEL_ENDED);
}

/* What was read never shrinks and never exceeds what was sent. */
static void
on_credit (tk_channel_t *self, const tk_amount_t *read)
{
    if (read->messages <= self->done.messages &&
        read->messages > self->known.messages &&
        read->bytes <= self->done.bytes && read->bytes >= self->known.bytes) {
        self->known = *read;
        self->wants = false;
    }
}

void
tk_channel_tell (tk_channel_t *self)
{
    if (self->state != TK_CHANNEL_LIVE ||
        self->done.messages == self->known.messages)
        return;
    self->known = self->done;
    tk_channel_say (self, TK_SAYS_CREDIT, self->done);
}

static void
obey (tk_channel_t *self, const tk_control_t *control)
{
    switch (control->verb) {
    case TK_SAYS_HELLO:
        on_hello (self, control);
        break;
    case TK_SAYS_CREDIT:
        on_credit (self, &control->amount);
        break;
    case TK_SAYS_WINDOW:
        if (self->sends)
            self->window = control->amount;
        break;
    case TK_SAYS_WANT: /* all that was sent before has been read */
        if (!self->sends)
            tk_channel_tell (self);
        break;
    case TK_SAYS_END:
        on_end (self);
        break;
    case TK_SAYS_SEEN:
        self->seen = true;
        break;
    case TK_SAYS_NOTHING:
        break;
    }
}

/* The next document of the batch, if there is one. */
static void
advance (tk_channel_t *self)
{
    if (self->behind) {
        self->data = self->rest.at;
        self->holds = !tk_cursor_skip (&self->rest);
        self->size = (size_t)(self->rest.at - (const uint8_t *)self->data);
        self->behind--;
        self->arrived++;
        if (self->holds)
            return;
        self->behind = 0;
        tk_channel_end_as (self, TK_CHANNEL_ALIEN);
    } else if (self->rest.at != self->rest.end)
        tk_channel_end_as (self, TK_CHANNEL_ALIEN);
    tk_slab_unref (self->several);
    self->several = NULL;
}

void
tk_channel_let_go (tk_channel_t *self)
{
    self->holds = false;
    if (self->several)
        advance (self);
    else
        zmq_msg_close (&self->held), zmq_msg_init (&self->held);
}

/* returns: whether the held frame is a batch; that is taken then. */
static bool
take_batch (tk_channel_t *self)
{
    uint32_t count;
    tk_cursor_t documents;
    const uint8_t *data = zmq_msg_data (&self->held);
    size_t size = zmq_msg_size (&self->held);
    if (self->sends || self->plain || self->state != TK_CHANNEL_LIVE ||
        !tk_batch_read (data, size, &documents, &count))
        return false;
    self->several = tk_slab_from_frame (&self->held);
    self->behind = self->several ? count : 0;
    if (!self->several) {
        tk_channel_end_as (self, TK_CHANNEL_LOST);
        return true;
    }
    self->rest = tk_cursor (tk_slab_data (self->several), size);
    self->rest.at += documents.at - data;
    advance (self);
    return true;
}

/* The first frame is held and has more behind it. */
static void
take_control (tk_channel_t *self)
{
    tk_control_t control;
    bool empty = zmq_msg_size (&self->held) == 0;
    int rc = zmq_msg_recv (&self->held, self->socket, ZMQ_DONTWAIT);
    bool whole = rc >= 0 && empty && !zmq_msg_more (&self->held);
    if (whole && take_batch (self))
        return;
    if (whole)
        rc = tk_control_read (&control, zmq_msg_data (&self->held), (size_t)rc);
    else
        rc = -EPROTO;
    while (zmq_msg_more (&self->held) &&
           zmq_msg_recv (&self->held, self->socket, ZMQ_DONTWAIT) >= 0)
        continue;
    if (rc)
        tk_channel_end_as (self, TK_CHANNEL_ALIEN);
    else
        obey (self, &control);
}

/* Who begins with a document on a bound end knows of no hello. */
static void
take_data (tk_channel_t *self)
{
    if (self->state == TK_CHANNEL_FRESH && !self->greets && !self->private &&
        !self->sends) {
        self->plain = true;
        self->state = TK_CHANNEL_LIVE;
        if (!self->greets && !self->private)
            tk_pipe_agent_nudge ();
    } else if (self->state == TK_CHANNEL_FRESH ||
               (self->sends && !self->plain)) {
        tk_channel_end_as (self, TK_CHANNEL_ALIEN);
        return;
    }
    if (self->state != TK_CHANNEL_LIVE)
        return;
    self->holds = true;
    self->data = zmq_msg_data (&self->held);
    self->size = zmq_msg_size (&self->held);
    self->arrived++;
}

int
tk_channel_pull (tk_channel_t *self)
{
    bool news = false;
    while (!self->holds && self->state != TK_CHANNEL_ALIEN) {
        if (zmq_msg_recv (&self->held, self->socket, ZMQ_DONTWAIT) < 0)
            break;
        news = true;
        TK_TAKES_OVER ();
        if (self->peer < 0)
            tk_channel_note_peer (self);
        if (zmq_msg_more (&self->held))
            take_control (self);
        else
            take_data (self);
    }
    if (!self->holds && !self->sends && !tk_list_empty (&self->kept))
        tk_channel_take_kept (self);
    if (news && self->sleepers)
        tk_wake_raise (&self->wake);
    return self->holds;
}
