/* SPDX-License-Identifier: MPL-2.0 */
/*
 * grave.c - sockets of ends that were closed, until what was sent has left.
 *
 * PARTING until the peer has seen the end, or the kernel says that its side
 * has taken all: over tcp, to close with input unread would cut off what is
 * under way. Then LEAVING: the socket is closed, and its monitor tells when
 * libzmq has handed its last byte to the kernel. Only that is certain: that
 * the kernel holds nothing may also mean that libzmq's thread has not come
 * to it yet. Or the monitor tells that the connection has broken: libzmq may
 * keep what is unsent then for all its linger, but it can go nowhere.
 */
#include "patterns/pipe/grave.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/sys.h"

#define PARTING_MS 1000 /* for what nobody waits for */
#define REST_MS 5       /* between two looks at what is unsent */
#define REST_LOOKS 3    /* that find nothing */

typedef struct {
    tk_link_t link;
    const troika_pipe_t *end; /* whose it was */
    tk_channel_t channel;     /* LEAVING: its socket is NULL */
    tk_time_t deadline;
    tk_time_t looked;
    int quiet; /* looks that found nothing unsent */
} grave_t;

static tk_link_t graves = {&graves, &graves};

void
tk_graves_child (void)
{
    tk_list_init (&graves);
}

static void
move_channel (tk_channel_t *to, tk_channel_t *from)
{
    tk_channel_init (to, from->sends);
    to->socket = from->socket;
    to->fd = from->fd;
    to->monitor = from->monitor;
    to->state = from->state;
    to->seen = from->seen;
    to->up = from->up;
    to->greets = from->greets;
    to->named = from->named;
    memcpy (to->id, from->id, sizeof to->id);
    to->plain = from->plain;
    to->cut = from->cut;
    to->peer = from->peer;
    to->accepted = from->accepted;
    to->connected = from->connected;
    for (int i = 0; i < from->connected; i++)
        to->connections[i] = from->connections[i];
    from->socket = NULL;
    from->monitor = (tk_monitor_t){.fd = -1};
}

int
tk_graves_add (const troika_pipe_t *end, tk_channel_t *channel,
               tk_time_t deadline)
{
    grave_t *self = malloc (sizeof *self);
    if (!self)
        return -ENOMEM;
    move_channel (&self->channel, channel);
    self->end = end;
    self->deadline = deadline;
    self->looked = 0;
    self->quiet = 0;
    tk_list_append (&graves, &self->link);
    return 0;
}

bool
tk_graves_of (const troika_pipe_t *end)
{
    for (tk_link_t *at = graves.next; at != &graves; at = at->next)
        if (!end || TK_MEMBER (at, grave_t, link)->end == end)
            return true;
    return false;
}

/* Who has nobody to talk to any more shall not connect to somebody else. */
static int
parting_ms (const tk_channel_t *channel)
{
    bool over = channel->seen || channel->state >= TK_CHANNEL_ENDED ||
                channel->connected == 0;
    return over ? 0 : PARTING_MS;
}

static void
grave_destroy (grave_t *self)
{
    tk_list_remove (&self->link);
    tk_channel_close (&self->channel, parting_ms (&self->channel));
    tk_channel_fini (&self->channel);
    free (self);
}

static int
connection_of (const tk_channel_t *channel)
{
    return channel->peer >= 0 ? channel->peer : channel->connections[0];
}

/* The other side need not read all of it before this process may end; it is
 * enough that nothing is left here. */
static bool
is_taken (grave_t *self, tk_time_t now)
{
    const tk_channel_t *channel = &self->channel;
    if (now - self->looked < REST_MS * 1000)
        return false;
    self->looked = now;
    self->quiet =
        tk_sys_unsent (connection_of (channel)) == 0 ? self->quiet + 1 : 0;
    return self->quiet >= REST_LOOKS;
}

/* Whether nothing is left of it. */
static bool
part (grave_t *self, tk_time_t now)
{
    tk_channel_t *channel = &self->channel;
    while (tk_channel_look (channel))
        tk_channel_let_go (channel);
    if (channel->seen || channel->state >= TK_CHANNEL_ENDED ||
        channel->connected == 0)
        return true;
    if (is_taken (self, now))
        tk_channel_leave (channel, self->deadline);
    return false;
}

static bool
has_left (grave_t *self)
{
    uint16_t event;
    uint32_t value;
    tk_channel_t *channel = &self->channel;
    while (tk_monitor_next (&channel->monitor, &event, &value))
        if (event == ZMQ_EVENT_MONITOR_STOPPED ||
            (event == ZMQ_EVENT_DISCONNECTED &&
             (int)value == connection_of (channel)))
            return true;
    return false;
}

static bool
is_at_rest (grave_t *self, tk_time_t now)
{
    bool rests = self->channel.socket && part (self, now);
    if (!self->channel.socket)
        rests = has_left (self);
    return rests || now >= self->deadline;
}

static void
watch_grave (watch_t *watch, const grave_t *self, tk_time_t now)
{
    if (self->channel.socket) {
        watch_fd (watch, self->channel.fd);
        watch_until (watch, now + REST_MS * 1000);
    }
    watch_fd (watch, self->channel.monitor.fd);
    watch_until (watch, self->deadline);
}

bool
tk_graves_tend (watch_t *watch)
{
    bool any = false;
    tk_link_t *next;
    tk_time_t now = tk_clock_us ();
    for (tk_link_t *at = graves.next; at != &graves; at = next) {
        grave_t *grave = TK_MEMBER (at, grave_t, link);
        next = at->next;
        bool rests = is_at_rest (grave, now);
        any |= rests;
        if (rests)
            grave_destroy (grave);
        else
            watch_grave (watch, grave, now);
    }
    return any;
}

bool
tk_graves_clear (void)
{
    tk_link_t *link;
    bool any = tk_graves_of (NULL);
    while ((link = tk_list_first (&graves)))
        grave_destroy (TK_MEMBER (link, grave_t, link));
    return any;
}
