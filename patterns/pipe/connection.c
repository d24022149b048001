/* SPDX-License-Identifier: MPL-2.0 */
/*
 * connection.c - what happens to a channel's connection, and what it means.
 *
 * What the peer says in band counts first: a loss is only believed when the
 * connection is gone and everything that came before has been taken. Which
 * connection was the peer's is told by the descriptor that its first message
 * came over; strangers that libzmq lets in and ignores do not matter, nor
 * does it that a later connection may get the same descriptor.
 */
#include "patterns/pipe/channel.h"

#include <poll.h>

static void
connection_made (tk_channel_t *self, int fd)
{
    self->accepted++;
    if (self->connected < TK_CONNECTIONS_MAX)
        self->connections[self->connected++] = fd;
}

static bool
has_connection (const tk_channel_t *self, int fd)
{
    for (int i = 0; i < self->connected; i++)
        if (self->connections[i] == fd)
            return true;
    return false;
}

static void
connection_gone (tk_channel_t *self, int fd)
{
    if (fd == self->peer || (self->greets && self->up))
        self->cut = true;
    for (int i = 0; i < self->connected; i++)
        if (self->connections[i] == fd) {
            self->connections[i] = self->connections[--self->connected];
            return;
        }
}

/* A connection that breaks before the handshake is over has words before
 * that, unless libzmq broke it itself: what is there is no PAIR. */
static void
note_handshake (tk_channel_t *self, uint16_t event, uint32_t value)
{
    if (event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED)
        self->up = true;
    else if (event == ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL)
        self->broken = true;
    else if (event == ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL)
        self->refused = true;
    else if (event == ZMQ_EVENT_DISCONNECTED && !self->up && !self->broken)
        self->refused = true;
    else
        self->broken = false;
    if (self->greets)
        tk_handshake_note (&self->handshake, event, value);
}

static void
ask_monitor (tk_channel_t *self)
{
    uint16_t event;
    uint32_t value;
    while (tk_monitor_next (&self->monitor, &event, &value)) {
        if (event == ZMQ_EVENT_CONNECTED || event == ZMQ_EVENT_ACCEPTED)
            connection_made (self, (int)value);
        else if (event == ZMQ_EVENT_DISCONNECTED)
            connection_gone (self, (int)value);
        note_handshake (self, event, value);
    }
    if (self->up && self->sends)
        tk_channel_drop_kept (self);
}

/* What happened to others before it spoke is not about it. */
void
tk_channel_note_peer (tk_channel_t *self)
{
    if (self->monitor.fd >= 0)
        ask_monitor (self);
    self->peer = zmq_msg_get (&self->held, ZMQ_SRCFD);
}

/* One question for both, life first: when the other end is gone, so are its
 * last events. */
static void
ask (tk_channel_t *self)
{
    struct pollfd set[] = {{self->life_gone ? -1 : self->life, 0, 0},
                           {self->monitor.fd, POLLIN, 0}};
    if (poll (set, 2, 0) <= 0)
        return;
    if (set[0].revents)
        self->life_gone = true;
    if (set[1].revents)
        ask_monitor (self);
}

/* A private sender connects once, so its connection is known to be the
 * other end's even before it has spoken. */
static bool
is_cut (const tk_channel_t *self)
{
    if (self->cut)
        return true;
    if (self->peer >= 0)
        return !has_connection (self, self->peer);
    if (self->connected > 0)
        return false;
    if (self->private && !self->exposed && !self->sends)
        return self->accepted > 0;
    return self->up && (self->private || self->greets);
}

/* Nobody uses the other side any more, and nothing of it is under way. A sender
 * need not wait for the end of its connection, which a child of the dead may
 * keep, or for a last word: how it went is known by then. */
static bool
is_deserted (const tk_channel_t *self, bool closed)
{
    return (self->life_gone || closed) && (self->connected == 0 || self->sends);
}

/* What a private sender has left in its file counts as having come. With it
 * or without, one that was never connected has told by way of `other` how
 * it went; one that was connected would have said so. */
static tk_channel_state_t
verdict (tk_channel_t *self, int left)
{
    if (left > 0)
        return TK_CHANNEL_ENDED;
    if (left < 0 || (self->up && !(self->sends && tk_channel_is_closed (self))))
        return TK_CHANNEL_LOST;
    if (self->private && self->other->owner && !tk_channel_is_closed (self))
        return TK_CHANNEL_LOST;
    return TK_CHANNEL_ENDED;
}

static int
conclude (tk_channel_t *self)
{
    int left = 0;
    if (self->private && !self->sends)
        left = tk_leave_read (self);
    tk_channel_end_as (self, verdict (self, left));
    if (self->sleepers)
        tk_wake_raise (&self->wake);
    return tk_channel_pull (self);
}

int
tk_channel_look (tk_channel_t *self)
{
    bool closed = tk_channel_is_closed (self);
    ask (self);
    int rc = tk_channel_pull (self);
    int over = self->sibling ? atomic_load (&self->sibling->over) : 0;
    if (over)
        tk_channel_end_as (self, (tk_channel_state_t)over);
    for (int i = 0; i < 2 && !rc && self->state < TK_CHANNEL_ENDED; i++) {
        if (self->sends && closed)
            tk_channel_end_as (self, TK_CHANNEL_ENDED);
        else if (is_cut (self) || is_deserted (self, closed))
            rc = i ? conclude (self) : tk_channel_pull (self);
    }
    return rc;
}
