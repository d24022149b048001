/* SPDX-License-Identifier: MPL-2.0 */
/*
 * channel.c - takes what comes over a channel, and notices its end.
 *
 * What the peer says in band counts first: a loss is only believed when the
 * connection is gone and everything that came before has been taken. Which
 * connection was the peer's is told by the descriptor that its first message
 * came over; strangers that libzmq lets in and ignores do not matter.
 */
#include "patterns/pipe/channel.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/error.h"
#include "lib/base/runtime.h"

#define WATCHED                                                                \
    (ZMQ_EVENT_CONNECTED | ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_DISCONNECTED |       \
     TK_HANDSHAKE_EVENTS)

atomic_uint tk_channel_closes;

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

int
tk_channel_keep (tk_channel_t *self, zmq_msg_t *frame)
{
    tk_kept_t *kept = malloc (sizeof *kept);
    if (!kept)
        return -ENOMEM;
    zmq_msg_init (&kept->frame);
    if (zmq_msg_copy (&kept->frame, frame)) {
        free (kept);
        return -ENOMEM;
    }
    tk_list_append (&self->kept, &kept->link);
    return 0;
}

/* Senders of this process look sooner when something has ended. */
static void
end_as (tk_channel_t *self, tk_channel_state_t state)
{
    if (self->state >= TK_CHANNEL_ENDED)
        return;
    self->state = state;
    atomic_store (&self->over, state);
    atomic_fetch_add (&tk_channel_closes, 1);
}

static void
take_kept (tk_channel_t *self)
{
    tk_kept_t *kept = TK_MEMBER (tk_list_pop (&self->kept), tk_kept_t, link);
    zmq_msg_move (&self->held, &kept->frame);
    zmq_msg_close (&kept->frame);
    free (kept);
    self->holds = true;
}

void
tk_channel_drop_kept (tk_channel_t *self)
{
    tk_link_t *link;
    while ((link = tk_list_pop (&self->kept))) {
        tk_kept_t *kept = TK_MEMBER (link, tk_kept_t, link);
        zmq_msg_close (&kept->frame);
        free (kept);
    }
}

/* --- what the peer says */

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
            end_as (self, TK_CHANNEL_LOST); /* one more peer: ours is gone */
        return;
    }
    if (!self->greets)
        tk_channel_greet (self);
    if (hello->version == TK_PIPE_VERSION && is_known (self, hello))
        adopt (self, hello);
    else
        end_as (self, TK_CHANNEL_ALIEN);
}

static void
on_end (tk_channel_t *self)
{
    static const tk_amount_t none;
    tk_channel_say (self, TK_SAYS_SEEN, none);
    end_as (self, TK_CHANNEL_ENDED);
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

/* The first frame is held and has more behind it. */
static void
take_control (tk_channel_t *self)
{
    tk_control_t control;
    bool empty = zmq_msg_size (&self->held) == 0;
    int rc = zmq_msg_recv (&self->held, self->socket, ZMQ_DONTWAIT);
    if (rc >= 0 && empty && !zmq_msg_more (&self->held))
        rc = tk_control_read (&control, zmq_msg_data (&self->held), (size_t)rc);
    else
        rc = -EPROTO;
    while (zmq_msg_more (&self->held) &&
           zmq_msg_recv (&self->held, self->socket, ZMQ_DONTWAIT) >= 0)
        continue;
    if (rc)
        end_as (self, TK_CHANNEL_ALIEN);
    else
        obey (self, &control);
}

static void
note_peer (tk_channel_t *self)
{
    if (self->peer < 0)
        self->peer = zmq_msg_get (&self->held, ZMQ_SRCFD);
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
        end_as (self, TK_CHANNEL_ALIEN);
        return;
    }
    if (self->state != TK_CHANNEL_LIVE)
        return;
    self->holds = true;
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
        if (self->peer < 0)
            note_peer (self);
        if (zmq_msg_more (&self->held))
            take_control (self);
        else
            take_data (self);
    }
    if (!self->holds && !self->sends && !tk_list_empty (&self->kept))
        take_kept (self);
    if (news && self->sleepers)
        tk_wake_raise (&self->wake);
    return self->holds;
}

/* --- what happens to the connection */

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
    for (int i = 0; i < self->connected; i++)
        if (self->connections[i] == fd) {
            self->connections[i] = self->connections[--self->connected];
            return;
        }
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
        else if (event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED)
            self->up = true;
        else if (event == ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL)
            self->refused = true;
        if (self->greets)
            tk_handshake_note (&self->handshake, event, value);
    }
    if (self->up && self->sends)
        tk_channel_drop_kept (self);
}

static void
ask_life (tk_channel_t *self)
{
    struct pollfd set = {.fd = self->life};
    if (self->life >= 0 && !self->life_gone && poll (&set, 1, 0) > 0)
        self->life_gone = true;
}

/* A private sender connects once, so its connection is known to be the
 * other end's even before it has spoken. */
static bool
is_cut (const tk_channel_t *self)
{
    if (self->peer >= 0)
        return !has_connection (self, self->peer);
    if (self->connected > 0)
        return false;
    if (self->private && !self->exposed && !self->sends)
        return self->accepted > 0;
    return self->up && (self->private || self->greets);
}

/* Nobody uses the other side any more, and nothing of it is under way. What a
 * sender has connected to may be a queue that nobody accepts from. */
static bool
is_deserted (const tk_channel_t *self, bool closed)
{
    return (self->life_gone || closed) &&
           (self->connected == 0 || (self->sends && !self->up));
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
    end_as (self, verdict (self, left));
    if (self->sleepers)
        tk_wake_raise (&self->wake);
    return tk_channel_pull (self);
}

/* The order counts: when the other end is gone, so are its last events. */
int
tk_channel_look (tk_channel_t *self)
{
    bool closed = tk_channel_is_closed (self);
    ask_life (self);
    ask_monitor (self);
    int rc = tk_channel_pull (self);
    int over = self->sibling ? atomic_load (&self->sibling->over) : 0;
    if (over)
        end_as (self, (tk_channel_state_t)over);
    for (int i = 0; i < 2 && !rc && self->state < TK_CHANNEL_ENDED; i++) {
        if (self->sends && closed)
            end_as (self, TK_CHANNEL_ENDED);
        else if (is_cut (self) || is_deserted (self, closed))
            rc = i ? conclude (self) : tk_channel_pull (self);
    }
    return rc;
}

int
tk_channel_failure (const tk_channel_t *self)
{
    if (self->closing)
        return tk_error (EPIPE, "this end of the pipe is closed");
    switch (self->state) {
    case TK_CHANNEL_ENDED:
        return tk_error (EPIPE, "the other end of the pipe is closed");
    case TK_CHANNEL_LOST:
        return tk_error (ECONNRESET, "the other end of the pipe was lost");
    case TK_CHANNEL_ALIEN:
        if (self->version && self->version != TK_PIPE_VERSION)
            return tk_error (EPROTO,
                             "the other end of the pipe speaks version "
                             "%" PRIu64 ", this one version %d",
                             self->version, TK_PIPE_VERSION);
        return tk_error (EPROTO, "at the other end of the pipe is somebody "
                                 "else than the one it began with");
    default:
        return 0;
    }
}

/* --- waiting */

static int
sleep_on (tk_channel_t *self, tk_time_t deadline)
{
    struct pollfd set[] = {{self->fd, POLLIN, 0},
                           {self->wake.read_fd, POLLIN, 0},
                           {self->monitor.fd, POLLIN, 0},
                           {self->life_gone ? -1 : self->life, 0, 0}};
    self->sleepers++;
    pthread_mutex_unlock (&self->lock);
    int rc = poll (set, 4, tk_deadline_poll (deadline));
    int error = errno;
    pthread_mutex_lock (&self->lock);
    self->sleepers--;
    if (self->closing && self->sleepers == 0)
        pthread_cond_signal (&self->left);
    if (set[1].revents && !self->closing)
        tk_wake_lower (&self->wake);
    if (rc < 0)
        return error == EINTR ? -EINTR : -ENOMEM;
    return 0;
}

int
tk_channel_wait (tk_channel_t *self, tk_time_t deadline)
{
    if (tk_deadline_poll (deadline) == 0)
        return -tk_deadline_error (deadline);
    int rc = sleep_on (self, deadline);
    if (!rc && !self->closing)
        tk_channel_look (self);
    return rc;
}

/* --- life cycle */

void
tk_channel_init (tk_channel_t *self, bool sends)
{
    memset (self, 0, sizeof *self);
    pthread_mutex_init (&self->lock, NULL);
    pthread_cond_init (&self->left, NULL);
    tk_list_init (&self->kept);
    zmq_msg_init (&self->held);
    self->wake.read_fd = self->wake.write_fd = -1;
    self->life = self->peer = self->fd = -1;
    self->sends = sends;
    self->window.messages = TK_WINDOW_MESSAGES;
    self->window.bytes = TK_WINDOW_BYTES;
}

void
tk_channel_fini (tk_channel_t *self)
{
    tk_channel_drop_kept (self);
    zmq_msg_close (&self->held);
    pthread_cond_destroy (&self->left);
    pthread_mutex_destroy (&self->lock);
}

/* Heartbeats tell of a host that has vanished; on one host the kernel does.
 * They are safe because the receiver's RCVHWM is 0. */
static int
configure (tk_channel_t *self, tk_transport_t transport)
{
    static const int interval_ms = 1000, limit_ms = 2500, none = 0;
    size_t size = sizeof self->fd;
    int rc = zmq_getsockopt (self->socket, ZMQ_FD, &self->fd, &size);
    if (!rc && transport == TK_TCP)
        rc = zmq_setsockopt (self->socket, ZMQ_HEARTBEAT_IVL, &interval_ms,
                             sizeof interval_ms);
    if (!rc && transport == TK_TCP)
        rc = zmq_setsockopt (self->socket, ZMQ_HEARTBEAT_TIMEOUT, &limit_ms,
                             sizeof limit_ms);
    if (!rc && self->private) /* the other end may be used much later */
        rc = zmq_setsockopt (self->socket, ZMQ_HANDSHAKE_IVL, &none,
                             sizeof none);
    return rc ? tk_zmq_errno () : 0;
}

int
tk_channel_open (tk_channel_t *self, tk_transport_t transport)
{
    int rc = tk_wake_init (&self->wake);
    if (!rc)
        rc = tk_socket (ZMQ_PAIR, &self->socket);
    if (!rc)
        rc = configure (self, transport);
    if (!rc && transport != TK_INPROC)
        rc = tk_monitor_start (&self->monitor, self->socket, WATCHED);
    else
        self->monitor.fd = -1;
    return rc;
}

void
tk_channel_expel (tk_channel_t *self)
{
    self->closing = true;
    tk_wake_raise (&self->wake);
    while (self->sleepers)
        pthread_cond_wait (&self->left, &self->lock);
}

void
tk_channel_close (tk_channel_t *self, int linger_ms)
{
    tk_monitor_stop (&self->monitor);
    if (self->socket)
        zmq_setsockopt (self->socket, ZMQ_LINGER, &linger_ms, sizeof linger_ms);
    tk_socket_close (self->socket);
    tk_wake_fini (&self->wake);
    self->socket = NULL;
}
