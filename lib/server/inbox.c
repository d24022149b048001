/* SPDX-License-Identifier: MPL-2.0 */
/*
 * inbox.c - takes in what clients send, and sees whose it is.
 *
 * Casts come by the PULL, calls by the ROUTER or by a peer (peer.c). What is
 * malformed is counted, and answered if it is a call.
 */
#include "parts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/error.h"
#include "lib/msg/document.h"
#include "lib/msg/text.h"
#include "lib/wire/cursor.h"

#define BATCH 64

void
tk_inbox_fault (tk_server_t *self, uint64_t *counter, const char *words)
{
    ++*counter;
    snprintf (self->last_fault, sizeof self->last_fault, "%s", words);
    tk_utf8_repair (self->last_fault);
}

static void
note_malformed (tk_server_t *self)
{
    tk_registry_lock (self->registry);
    tk_inbox_fault (self, &self->counters.malformed, tk_error_text (EBADMSG));
    tk_registry_unlock (self->registry);
}

static void
admit_cast (tk_server_t *self, tk_port_t *port, tk_slab_t *frame,
            const tk_request_t *request)
{
    tk_registry_lock (self->registry);
    tk_cast_admit (self, port, frame, request);
    tk_registry_unlock (self->registry);
}

static int read_call (tk_server_t *self, tk_port_t *port);

/* A lane may have sent by the connection of its calls what is missing before
 * this one: then it is there, or nearly. */
static void
hear_peers_first (tk_server_t *self, tk_port_t *port,
                  const tk_request_t *request)
{
    int count = 1;
    while (count && tk_cast_is_early (self, request))
        count = tk_peers_hear (self, port);
    for (count = 0; count < BATCH && tk_cast_is_early (self, request); count++)
        if (!(port->router_due = read_call (self, port)))
            break;
}

static void
take_cast (tk_server_t *self, tk_port_t *port, tk_slab_t *frame, bool by_peer)
{
    tk_request_t request;
    if (!frame ||
        tk_request_parse (&request, tk_slab_data (frame), tk_slab_size (frame)))
        note_malformed (self);
    else if (by_peer && !request.meta.session) {
        tk_error (EBADMSG, "only casts of a session are taken here");
        note_malformed (self);
    } else {
        if (!by_peer)
            hear_peers_first (self, port, &request);
        admit_cast (self, port, frame, &request);
    }
}

void
tk_inbox_cast (tk_server_t *self, tk_port_t *port, tk_slab_t *frame)
{
    take_cast (self, port, frame, true);
}

/* A PULL has no envelope: further frames of a message are nobody's. */
static int
read_cast (tk_server_t *self, tk_port_t *port)
{
    tk_envelope_t envelope;
    zmq_msg_t body;
    tk_envelope_init (&envelope);
    int rc = tk_envelope_recv (&envelope, &body, port->pull);
    if (rc == 0)
        return 0;
    if (rc > 0 && envelope.count) {
        zmq_msg_close (&body);
        rc = tk_error (EBADMSG, "a cast of more than one frame");
    }
    tk_envelope_fini (&envelope);
    tk_slab_t *frame = rc > 0 ? tk_slab_from_frame (&body) : NULL;
    take_cast (self, port, frame, false);
    tk_slab_unref (frame);
    return 1;
}

/* Whoever has gone meanwhile could not be told what it got: it gets
 * nothing. */
static void
admit_foreign_call (tk_server_t *self, tk_remote_t *remote, tk_slab_t *frame,
                    const tk_request_t *request)
{
    uint64_t owner = tk_envelope_peer (&remote->envelope, remote->port);
    if (!tk_connection_foreign (self, remote->port, remote->fd, owner)) {
        tk_remote_destroy (remote);
        return;
    }
    remote->call.owner = owner;
    tk_list_append (&self->foreign, &remote->link);
    if (tk_connection_begin_call (remote))
        tk_remote_run (remote, frame, request);
    else
        tk_remote_fail (remote, EAGAIN,
                        "%d calls of this connection are not answered yet",
                        TK_CONNECTION_CALLS);
}

/* Whose connection has to stand for a client cannot be served by a peer:
 * nothing tells of its end in time. */
static void
admit_peer_call (tk_server_t *self, tk_remote_t *remote, tk_slab_t *frame,
                 const tk_request_t *request)
{
    const tk_meta_t *meta = &request->meta;
    if (!meta->session || !meta->call || meta->lane == 1)
        tk_remote_fail (remote, EINVAL,
                        "only calls of a session's lanes are taken here");
    else
        tk_lane_admit (self, remote, frame, request);
}

static void
admit_call (tk_server_t *self, tk_remote_t *remote, tk_slab_t *frame,
            const tk_request_t *request)
{
    bool by_peer = remote->envelope.peer;
    bool foreign = !by_peer && (!request->meta.session || !request->meta.call);
    bool by_agent = !by_peer && request->meta.lane == 1;
    /* Its message is here, so all that went before it is told by now. */
    while ((foreign || by_agent) && tk_connections_read (self, remote->port))
        continue;
    tk_registry_lock (self->registry);
    self->counters.calls++;
    if (by_peer)
        admit_peer_call (self, remote, frame, request);
    else if (foreign)
        admit_foreign_call (self, remote, frame, request);
    else
        tk_lane_admit (self, remote, frame, request);
    tk_registry_unlock (self->registry);
}

static void
refuse_malformed (tk_server_t *self, tk_remote_t *remote)
{
    tk_registry_lock (self->registry);
    tk_inbox_fault (self, &self->counters.malformed, tk_error_text (EBADMSG));
    tk_remote_fail (remote, EBADMSG, "%s", self->last_fault);
    tk_registry_unlock (self->registry);
}

/* The connection that a frame came by; -1 for inproc. Deprecated, but the
 * only way to know whose end a monitor tells of. */
static int
source (zmq_msg_t *frame)
{
    int fd = zmq_msg_get (frame, ZMQ_SRCFD);
    return fd > 0 ? fd : -1;
}

static void
take (tk_server_t *self, tk_port_t *port, tk_envelope_t *envelope,
      tk_slab_t *frame, int fd)
{
    tk_request_t request;
    tk_remote_t *remote =
        frame ? tk_remote_new (self, port, envelope, fd) : NULL;
    if (!remote) {
        tk_error (EBADMSG, "a call of too many frames, or no memory");
        note_malformed (self);
        tk_envelope_fini (envelope);
    } else if (tk_request_parse (&request, tk_slab_data (frame),
                                 tk_slab_size (frame))) {
        refuse_malformed (self, remote);
    } else {
        admit_call (self, remote, frame, &request);
    }
}

void
tk_inbox_take (tk_server_t *self, tk_port_t *port, tk_envelope_t *envelope,
               tk_slab_t *frame)
{
    take (self, port, envelope, frame, -1);
}

/* Without an address, and with the number of a cast. */
static bool
is_cast (const tk_slab_t *frame)
{
    tk_request_t request;
    return !tk_request_parse (&request, tk_slab_data (frame),
                              tk_slab_size (frame)) &&
           request.meta.session && request.meta.cast && !request.meta.call;
}

static int
read_call (tk_server_t *self, tk_port_t *port)
{
    tk_envelope_t envelope;
    zmq_msg_t body;
    tk_envelope_init (&envelope);
    int rc = tk_envelope_recv (&envelope, &body, port->router);
    if (rc == 0)
        return 0;
    int fd = rc > 0 ? source (&body) : -1;
    tk_slab_t *frame = rc > 0 ? tk_slab_from_frame (&body) : NULL;
    if (frame && envelope.count == 1 && is_cast (frame)) {
        tk_inbox_cast (self, port, frame);
        tk_envelope_fini (&envelope);
    } else
        take (self, port, &envelope, frame, fd);
    tk_slab_unref (frame);
    return 1;
}

/* Each call's reply leaves before the router is asked for the next one: the
 * asking in vain at the end takes longer than the call. */
int
tk_inbox_read (tk_server_t *self, tk_port_t *port)
{
    int casts = 0;
    int calls = 0;
    while (port->pull_due && casts < BATCH)
        casts += port->pull_due = read_cast (self, port);
    while (port->router_due && calls < BATCH) {
        calls += port->router_due = read_call (self, port);
        tk_outbox_send (self);
    }
    return casts + calls;
}
