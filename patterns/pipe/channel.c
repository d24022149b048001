/* SPDX-License-Identifier: MPL-2.0 */
/*
 * channel.c - the life of a channel: opened, slept on, closed.
 *
 * talk.c has what is said over it, connection.c what happens to it.
 * While a thread sleeps the lock is free: others may take what it sleeps
 * for, or close the channel under it, which waits until all have left.
 */
#include "patterns/pipe/channel.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <string.h>
#include "lib/base/error.h"
#include "lib/base/runtime.h"

#define WATCHED                                                                \
    (ZMQ_EVENT_CONNECTED | ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_DISCONNECTED |       \
     ZMQ_EVENT_MONITOR_STOPPED | TK_HANDSHAKE_EVENTS)

atomic_uint tk_channel_closes;

/* Senders of this process look sooner when something has ended. */
void
tk_channel_end_as (tk_channel_t *self, tk_channel_state_t state)
{
    if (self->state >= TK_CHANNEL_ENDED)
        return;
    self->state = state;
    atomic_store (&self->over, state);
    atomic_fetch_add (&tk_channel_closes, 1);
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

/* 1: what it sleeps for may be there; 2: or something has happened to the
 * connection. */
static int
sleep_on (tk_channel_t *self, tk_time_t deadline)
{
    struct pollfd set[] = {{self->fd, POLLIN, 0},
                           {self->wake.read_fd, POLLIN, 0},
                           {self->life_gone ? -1 : self->life, 0, 0},
                           {self->monitor.fd, POLLIN, 0}};
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
    return set[2].revents || set[3].revents ? 2 : 1;
}

int
tk_channel_wait (tk_channel_t *self, tk_time_t deadline)
{
    if (tk_deadline_poll (deadline) == 0)
        return -tk_deadline_error (deadline);
    int rc = sleep_on (self, deadline);
    if (rc < 0 || self->closing)
        return rc < 0 ? rc : 0;
    if (self->sends || rc == 2)
        tk_channel_look (self);
    else
        tk_channel_pull (self);
    return 0;
}

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
    tk_batch_fini (&self->batch);
    tk_slab_unref (self->several);
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

/* Its descriptor tells of news from the first look on. */
static int
watch (tk_channel_t *self)
{
    uint16_t event;
    uint32_t value;
    int rc = tk_monitor_start (&self->monitor, self->socket, WATCHED);
    if (!rc)
        tk_monitor_next (&self->monitor, &event, &value);
    return rc;
}

int
tk_channel_open (tk_channel_t *self, tk_transport_t transport)
{
    int rc = tk_wake_init (&self->wake);
    self->near = transport == TK_INPROC;
    if (!rc)
        rc = tk_socket (ZMQ_PAIR, &self->socket);
    if (!rc)
        rc = configure (self, transport);
    if (!rc && transport != TK_INPROC)
        rc = watch (self);
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

static void
close_socket (tk_channel_t *self, int linger_ms)
{
    if (self->socket)
        zmq_setsockopt (self->socket, ZMQ_LINGER, &linger_ms, sizeof linger_ms);
    tk_socket_close (self->socket);
    self->socket = NULL;
}

void
tk_channel_close (tk_channel_t *self, int linger_ms)
{
    tk_monitor_stop (&self->monitor);
    close_socket (self, linger_ms);
    tk_wake_fini (&self->wake);
}

void
tk_channel_leave (tk_channel_t *self, tk_time_t deadline)
{
    tk_monitor_outlive (&self->monitor);
    close_socket (self, tk_deadline_poll (deadline));
}
