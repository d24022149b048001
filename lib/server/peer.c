/* SPDX-License-Identifier: MPL-2.0 */
/*
 * peer.c - connections that the server's thread reads and writes itself.
 *
 * A ROUTER of our own for the calls of sessions on this host: between
 * request and reply stands no I/O thread of libzmq, so a call wakes two
 * threads instead of six. It takes nothing else: hello, wait and whoever has
 * no session come by the port's ROUTER, whose connections tell of deaths. A
 * message without an address is a cast, so that a call and the casts before
 * it travel together.
 * A peer that breaks is dropped; its lane comes again and repeats its call.
 */
#include "parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "lib/auth/auth.h"
#include "lib/base/mechanism.h"
#include "lib/base/sys.h"

/* How long a listener is left alone that has no descriptors to give. */
#define PAUSE_US INT64_C (100000)

void
tk_peer_unref (tk_peer_t *self)
{
    if (self && --self->refs == 0)
        free (self);
}

static void
hang_up (tk_peer_t *self)
{
    tk_list_remove (&self->link);
    tk_watch_remove (self->watch, &self->source);
    tk_stream_fini (&self->stream);
    tk_peer_unref (self);
}

/* It may be ready already. */
static void
welcome (tk_server_t *server, tk_port_t *port, int fd)
{
    tk_peer_t *self = malloc (sizeof *self);
    if (!self || tk_stream_init (&self->stream, fd, "ROUTER")) {
        if (!self)
            close (fd);
        free (self);
        return;
    }
    self->refs = 1;
    self->port = port;
    self->watch = &server->watch;
    self->source = (tk_source_t){.fd = fd, .asks = true};
    tk_list_init (&self->link);
    tk_list_append (&port->peers, &self->link);
    if (tk_watch_add (self->watch, &self->source, POLLIN))
        hang_up (self);
    else
        tk_source_tell (self->watch, &self->source);
}

/* A listener that cannot be served would be ready for ever. */
static void
pause_listener (tk_server_t *self, tk_port_t *port)
{
    port->accept_after = self->now + PAUSE_US;
    tk_watch_change (&self->watch, &port->sources[TK_PORT_SOURCES - 1], 0);
}

static void
resume_listener (tk_server_t *self, tk_port_t *port)
{
    port->accept_after = 0;
    tk_watch_change (&self->watch, &port->sources[TK_PORT_SOURCES - 1], POLLIN);
}

void
tk_peers_accept (tk_server_t *self, tk_port_t *port)
{
    int fd;
    if (port->accept_after && self->now >= port->accept_after)
        resume_listener (self, port);
    if (!port->listener_due)
        return;
    port->listener_due = false;
    while ((fd = tk_sys_accept (port->listener)) >= 0) {
        if (tk_auth_owner_admits (fd))
            welcome (self, port, fd);
        else
            close (fd);
    }
    if (fd != -EAGAIN)
        pause_listener (self, port);
}

/* Which envelope a message came in. */
static int
seal (tk_envelope_t *envelope, tk_peer_t *peer, const tk_parts_t *parts)
{
    tk_envelope_init (envelope);
    for (int i = 0; i < parts->count; i++) {
        zmq_msg_t *frame = &envelope->frames[i];
        if (zmq_msg_init_size (frame, parts->parts[i].size)) {
            tk_envelope_fini (envelope);
            return -ENOMEM;
        }
        memcpy (zmq_msg_data (frame), parts->parts[i].bytes,
                parts->parts[i].size);
        envelope->count++;
    }
    envelope->peer = peer;
    peer->refs++;
    return 0;
}

/* Everything that was read; how many messages, or why it is of no use. */
static int
take_messages (tk_server_t *self, tk_peer_t *peer)
{
    tk_port_t *port = peer->port;
    tk_parts_t parts;
    tk_slab_t *body;
    tk_envelope_t envelope;
    int rc, count = 0;
    while ((rc = tk_stream_next (&peer->stream, &parts, &body)) > 0) {
        if (!parts.count)
            tk_inbox_cast (self, port, body);
        else if (!seal (&envelope, peer, &parts))
            tk_inbox_take (self, port, &envelope, body);
        tk_slab_unref (body);
        count++;
    }
    return rc ? rc : count;
}

static void
watch_stream (tk_peer_t *self)
{
    tk_watch_change (self->watch, &self->source,
                     tk_stream_events (&self->stream));
}

static int
serve_peer (tk_server_t *self, tk_peer_t *peer)
{
    int rc = tk_stream_flush (&peer->stream);
    if (!rc)
        rc = tk_stream_read (&peer->stream);
    if (rc > 0)
        rc = take_messages (self, peer);
    if (rc < 0) {
        hang_up (peer);
        return 1;
    }
    watch_stream (peer);
    return rc;
}

int
tk_peers_serve (tk_server_t *self)
{
    int count = 0;
    tk_link_t *link;
    while ((link = tk_list_pop (&self->watch.ready)))
        count += serve_peer (self, TK_MEMBER (link, tk_peer_t, source.link));
    return count;
}

int
tk_peers_hear (tk_server_t *self, tk_port_t *port)
{
    for (tk_link_t *at = port->peers.next; at != &port->peers; at = at->next)
        tk_source_tell (&self->watch, &TK_MEMBER (at, tk_peer_t, link)->source);
    return tk_peers_serve (self);
}

/* A reply to who has hung up is dropped: it will be asked for again. */
void
tk_peer_send (const tk_envelope_t *envelope, const tk_piece_t *pieces,
              int count)
{
    tk_peer_t *self = envelope->peer;
    tk_parts_t parts = {.count = envelope->count};
    if (self->stream.fd < 0)
        return;
    for (int i = 0; i < parts.count; i++) {
        zmq_msg_t *frame = (zmq_msg_t *)&envelope->frames[i];
        parts.parts[i].size = (uint8_t)zmq_msg_size (frame);
        memcpy (parts.parts[i].bytes, zmq_msg_data (frame),
                parts.parts[i].size);
    }
    if (tk_stream_send (&self->stream, &parts, pieces, count))
        hang_up (self);
    else
        watch_stream (self);
}

int
tk_peers_open (tk_port_t *port)
{
    if (!tk_mechanism (TK_MECHANISM_ZMTP) ||
        !tk_endpoint_call (&port->endpoint, &port->call))
        return 0;
    return tk_endpoint_serve (&port->call, &port->listener);
}

void
tk_peers_close (tk_port_t *port)
{
    tk_link_t *link;
    if (port->listener >= 0)
        tk_endpoint_unserve (&port->call, port->listener);
    port->listener = -1;
    while ((link = tk_list_first (&port->peers)))
        hang_up (TK_MEMBER (link, tk_peer_t, link));
}
