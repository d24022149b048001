/* SPDX-License-Identifier: MPL-2.0 */
/*
 * req.c - requests and replies of one lane.
 *
 * On the wire the stream is a REQ with RELAXED and CORRELATE: a request is
 * [number][""][body], a reply repeats the frames, and what repeats another
 * number is late and dropped. A connection that breaks is made again by the
 * next send; the lane sends again, since the manager answers once anyway.
 */
#include "lib/client/req.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zmq.h>
#include "lib/base/error.h"
#include "lib/base/mechanism.h"
#include "lib/base/runtime.h"

void
tk_req_init (tk_req_t *self)
{
    memset (self, 0, sizeof *self);
    self->fd = -1;
}

void
tk_req_close (tk_req_t *self)
{
    tk_monitor_stop (&self->monitor);
    tk_socket_close (self->socket);
    if (self->stream) {
        tk_stream_fini (self->stream);
        tk_disown_addresses_of (self);
        free (self->stream);
    }
    tk_req_init (self);
}

void *
tk_req_release (tk_req_t *self)
{
    void *socket = self->socket;
    self->socket = NULL;
    tk_req_close (self);
    return socket;
}

static int
open_socket (tk_req_t *self, const tk_endpoint_t *endpoint)
{
    int on = 1;
    size_t size = sizeof self->fd;
    int rc = tk_socket (ZMQ_REQ, &self->socket);
    if (rc)
        return rc;
    zmq_setsockopt (self->socket, ZMQ_REQ_RELAXED, &on, sizeof on);
    zmq_setsockopt (self->socket, ZMQ_REQ_CORRELATE, &on, sizeof on);
    zmq_getsockopt (self->socket, ZMQ_FD, &self->fd, &size);
    if (endpoint->transport == TK_TCP)
        rc = tk_monitor_start (&self->monitor, self->socket,
                               TK_HANDSHAKE_EVENTS);
    return rc ? rc : tk_endpoint_connect (endpoint, self->socket);
}

static int
add_place (tk_req_t *self, const tk_endpoint_t *endpoint)
{
    tk_endpoint_t numeric = *endpoint;
    struct sockaddr_storage address;
    socklen_t size;
    int rc = tk_endpoint_resolve (&numeric, false, &address, &size);
    if (!rc)
        rc = tk_own_peer_of (self, (struct sockaddr *)&address, size);
    if (rc)
        return rc;
    self->places[self->place_count].address = address;
    self->places[self->place_count++].size = size;
    return 0;
}

/* It connects when there is something to send. */
static int
open_stream (tk_req_t *self, const tk_endpoint_t *endpoint)
{
    tk_endpoint_t call;
    int rc = 0;
    self->stream = malloc (sizeof *self->stream);
    if (!self->stream)
        return -ENOMEM;
    self->stream->fd = -1;
    if (tk_endpoint_call (endpoint, &call))
        rc = add_place (self, &call);
    return rc ? rc : add_place (self, endpoint);
}

int
tk_req_open (tk_req_t *self, const tk_endpoint_t *endpoint, bool has_session)
{
    bool own = has_session && endpoint->transport != TK_INPROC &&
               !endpoint->keys && tk_mechanism (TK_MECHANISM_ZMTP);
    if (own ? self->stream != NULL : self->socket != NULL)
        return 0;
    tk_req_close (self);
    int rc = own ? open_stream (self, endpoint) : open_socket (self, endpoint);
    if (rc)
        tk_req_close (self);
    return rc;
}

static void
configure (int fd, int family)
{
    int on = 1, idle = 30, interval = 10, count = 3;
    if (family == AF_UNIX)
        return;
    setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt (fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
#ifdef TCP_KEEPIDLE
    setsockopt (fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
    setsockopt (fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof interval);
    setsockopt (fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof count);
#endif
}

/* 0: there is a stream now, perhaps still connecting; -ENOTCONN: nobody is
 * there at present. */
static int
connect_place (tk_req_t *self, int place)
{
    const struct sockaddr *address =
        (const struct sockaddr *)&self->places[place].address;
    int fd = socket (address->sa_family,
                     SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return tk_error (errno, "no socket: %s", strerror (errno));
    configure (fd, address->sa_family);
    if (connect (fd, address, self->places[place].size) &&
        errno != EINPROGRESS) {
        close (fd);
        return -ENOTCONN;
    }
    return tk_stream_init (self->stream, fd, "REQ");
}

static int
connect_somewhere (tk_req_t *self)
{
    int rc = -ENOTCONN;
    for (int i = 0; rc == -ENOTCONN && i < self->place_count; i++) {
        self->place = i;
        rc = connect_place (self, i);
    }
    return rc;
}

static tk_parts_t
envelope (uint32_t number)
{
    tk_parts_t parts = {.count = 2};
    parts.parts[0].size = sizeof number;
    memcpy (parts.parts[0].bytes, &number, sizeof number);
    parts.parts[1].size = 0;
    return parts;
}

static int
send_stream (tk_req_t *self, const tk_piece_t *pieces, int count)
{
    int rc = self->stream->fd < 0 ? connect_somewhere (self) : 0;
    if (rc)
        return rc == -ENOTCONN ? 0 : rc;
    tk_parts_t parts = envelope (++self->number);
    self->just_sent = true;
    rc = tk_stream_send (self->stream, &parts, pieces, count);
    if (rc)
        tk_stream_fini (self->stream);
    return rc == -ENOMEM ? rc : 0;
}

bool
tk_req_takes_casts (const tk_req_t *self)
{
    return self->stream && self->stream->fd >= 0 && self->stream->ready;
}

int
tk_req_cast (tk_req_t *self, const void *data, size_t size)
{
    const tk_parts_t none = {.count = 0};
    const tk_piece_t piece = {data, size, NULL};
    return tk_stream_post (self->stream, &none, &piece, 1);
}

bool
tk_req_cast_now (tk_req_t *self, const void *data, size_t size)
{
    const tk_parts_t none = {.count = 0};
    const tk_piece_t piece = {data, size, NULL};
    int rc = tk_stream_try (self->stream, &none, &piece, 1);
    if (rc < 0)
        tk_stream_fini (self->stream);
    return rc > 0;
}

static int
send_socket (tk_req_t *self, const tk_piece_t *pieces, int count)
{
    zmq_msg_t frame;
    size_t size = 0;
    for (int i = 0; i < count; i++)
        size += pieces[i].size;
    if (zmq_msg_init_size (&frame, size))
        return -ENOMEM;
    uint8_t *at = zmq_msg_data (&frame);
    for (int i = 0; i < count; at += pieces[i++].size)
        memcpy (at, pieces[i].data, pieces[i].size);
    if (zmq_msg_send (&frame, self->socket, ZMQ_DONTWAIT) >= 0)
        return 0;
    int error = errno;
    zmq_msg_close (&frame);
    /* No connection yet: the next repetition will find one. */
    return error == EAGAIN || error == EINTR ? 0 : -error;
}

int
tk_req_send (tk_req_t *self, const tk_piece_t *pieces, int count)
{
    return self->stream ? send_stream (self, pieces, count)
                        : send_socket (self, pieces, count);
}

static bool
is_newest (const tk_req_t *self, const tk_parts_t *parts)
{
    return parts->count > 0 && parts->parts[0].size == sizeof self->number &&
           !memcmp (parts->parts[0].bytes, &self->number, sizeof self->number);
}

/* A reply that was read, whose number is the newest one's. */
static int
next_reply (const tk_req_t *self, tk_slab_t **body)
{
    tk_parts_t parts;
    int rc;
    while ((rc = tk_stream_next (self->stream, &parts, body)) > 0) {
        if (is_newest (self, &parts))
            return 1;
        tk_slab_unref (*body);
    }
    return rc;
}

/* To look for a reply in the moment of sending is a system call in vain; the
 * descriptor tells, at any time. */
static int
recv_stream (tk_req_t *self, tk_slab_t **body)
{
    bool too_early = self->just_sent;
    bool is_read = self->just_read;
    self->just_sent = self->just_read = false;
    if (too_early || self->stream->fd < 0)
        return 0;
    int rc = is_read ? 1 : tk_stream_flush (self->stream);
    if (!rc)
        rc = tk_stream_read (self->stream);
    if (rc > 0)
        rc = next_reply (self, body);
    if (rc < 0)
        tk_stream_fini (self->stream);
    return rc > 0;
}

/* A stranger may send more frames: only the last one counts. */
static int
recv_socket (tk_req_t *self, tk_slab_t **body)
{
    zmq_msg_t frame;
    zmq_msg_init (&frame);
    int rc = zmq_msg_recv (&frame, self->socket, ZMQ_DONTWAIT) >= 0;
    while (rc && zmq_msg_more (&frame))
        if (zmq_msg_recv (&frame, self->socket, ZMQ_DONTWAIT) < 0)
            break;
    if (rc)
        *body = tk_slab_from_frame (&frame);
    zmq_msg_close (&frame);
    return rc;
}

int
tk_req_recv (tk_req_t *self, tk_slab_t **body)
{
    return self->stream ? recv_stream (self, body) : recv_socket (self, body);
}

/* A bare read is one system call where polling takes two, and no timer. */
int
tk_req_wait (tk_req_t *self)
{
    tk_stream_t *stream = self->stream;
    if (!stream || stream->fd < 0 || !stream->ready ||
        tk_stream_events (stream) != POLLIN)
        return -ENOTSUP;
    int rc = tk_stream_wait (stream);
    self->just_read = rc > 0;
    if (rc >= 0 || rc == -EINTR)
        return rc > 0 ? 1 : rc;
    tk_stream_fini (stream);
    return 1;
}

bool
tk_req_broken (const tk_req_t *self)
{
    return self->stream && self->stream->fd < 0;
}

void
tk_req_poll (const tk_req_t *self, struct pollfd *set)
{
    int monitor_fd = self->monitor.pair ? self->monitor.fd : -1;
    set[0] = (struct pollfd){.fd = self->fd, .events = POLLIN};
    set[1] = (struct pollfd){.fd = monitor_fd, .events = POLLIN};
    if (self->stream && self->stream->fd >= 0)
        set[0] = (struct pollfd){.fd = self->stream->fd,
                                 .events = tk_stream_events (self->stream)};
}

bool
tk_req_hear (tk_req_t *self)
{
    uint16_t event;
    uint32_t value;
    bool any = false;
    while (tk_monitor_next (&self->monitor, &event, &value)) {
        tk_handshake_note (&self->handshake, event, value);
        any = true;
    }
    return any;
}

int
tk_req_check (tk_req_t *self, const tk_endpoint_t *endpoint)
{
    tk_req_hear (self);
    return tk_handshake_check (&self->handshake, endpoint);
}

void
tk_req_answered (tk_req_t *self)
{
    if (self->monitor.pair)
        tk_monitor_stop (&self->monitor);
}
