/* SPDX-License-Identifier: MPL-2.0 */
/*
 * inbox.c - takes in what clients send, once each and in order.
 *
 * A lane's casts are numbered: a repeated one is dropped, one behind a gap
 * too (the client sends it again). A lane's calls are numbered: a repeated
 * one is answered from the kept reply, or meets the call that still runs.
 * A call waits until the casts that went before it are in: the two travel
 * on two connections.
 */
#include "parts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/error.h"
#include "lib/msg/document.h"
#include "lib/wire/cursor.h"

#define BATCH 64

static void
note_fault (tk_server_t *self, uint64_t *counter, const char *words)
{
    ++*counter;
    snprintf (self->last_fault, sizeof self->last_fault, "%s", words);
}

static void
note_malformed (tk_server_t *self)
{
    tk_registry_lock (self->registry);
    note_fault (self, &self->counters.malformed, tk_error_text (EBADMSG));
    tk_registry_unlock (self->registry);
}

typedef struct {
    troika_call_t call;
    tk_server_t *server;
} cast_t;

/* Nobody waits for a cast's answer; a failure is counted. */
static void
finish_cast (troika_call_t *call, tk_slab_t *slab, size_t size)
{
    tk_reply_t reply;
    cast_t *cast = TK_MEMBER (call, cast_t, call);
    tk_server_t *self = cast->server;
    if (slab && !tk_reply_parse (&reply, tk_slab_data (slab), size) &&
        reply.error) {
        char words[256];
        snprintf (words, sizeof words, "%.*s", (int)reply.words_length,
                  reply.words);
        note_fault (self, &self->counters.refused, words);
    }
    tk_slab_unref (slab);
    tk_call_fini (call);
    free (cast);
}

static void
run_cast (tk_server_t *self, tk_slab_t *frame, const tk_request_t *request,
          uint64_t owner)
{
    tk_object_t *object = tk_registry_find (self->registry, request->object,
                                            request->object_length);
    troika_msg_t *args =
        tk_msg_slice (frame, request->args, request->args_size);
    cast_t *cast = args ? malloc (sizeof *cast) : NULL;
    if (!object || !cast) {
        note_fault (self, &self->counters.refused,
                    object ? "no memory" : "a cast to an unknown object");
        troika_msg_destroy (&args);
        free (cast);
        return;
    }
    cast->server = self;
    tk_call_init (&cast->call, self->registry, args, finish_cast);
    cast->call.owner = owner;
    cast->call.is_cast = true;
    tk_call_run (&cast->call, object, request->method, request->method_length);
}

/* Whether this cast is the lane's next one. */
static bool
is_next (tk_server_t *self, tk_session_t *session, tk_lane_t *lane,
         const tk_request_t *request)
{
    uint64_t number = request->meta.cast;
    if (!number || number == lane->casts_in + 1)
        return true;
    if (number <= lane->casts_in) {
        self->counters.repeated++;
        lane->casts_told = 0; /* the acknowledgement may have been lost */
        return false;
    }
    lane->gap = true;
    tk_session_tell (session, true);
    return false;
}

static void
admit_lane_cast (tk_server_t *self, tk_slab_t *frame,
                 const tk_request_t *request)
{
    tk_session_t *session = tk_session_find (self, request->meta.session);
    tk_lane_t *lane =
        session ? tk_session_lane (session, request->meta.lane) : NULL;
    if (!lane) {
        self->counters.stale++;
        return;
    }
    if (!is_next (self, session, lane, request))
        return;
    if (request->meta.cast) {
        lane->casts_in = request->meta.cast;
        lane->gap = false;
    }
    lane->bytes_untold += tk_slab_size (frame);
    run_cast (self, frame, request, lane->owner);
    tk_inbox_release (self, lane);
    /* The call that was held back may have been a goodbye. */
    if (tk_session_find (self, request->meta.session))
        tk_session_advance (session, lane);
}

static void
admit_cast (tk_server_t *self, tk_port_t *port, tk_slab_t *frame,
            const tk_request_t *request)
{
    tk_registry_lock (self->registry);
    self->counters.casts++;
    if (request->meta.session)
        admit_lane_cast (self, frame, request);
    else
        run_cast (self, frame, request, port->number | UINT64_C (1) << 62);
    tk_registry_unlock (self->registry);
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
    tk_request_t request;
    if (frame && !tk_request_parse (&request, tk_slab_data (frame),
                                    tk_slab_size (frame)))
        admit_cast (self, port, frame, &request);
    else
        note_malformed (self);
    tk_slab_unref (frame);
    return 1;
}

/* The call goes on now, or when its casts are in. */
static void
begin (tk_remote_t *remote, tk_slab_t *frame, const tk_request_t *request)
{
    tk_lane_t *lane = remote->lane;
    if (!lane || request->meta.casts <= lane->casts_in) {
        tk_remote_run (remote, frame, request);
        return;
    }
    remote->fence = request->meta.casts;
    remote->request = tk_slab_ref (frame);
}

void
tk_inbox_release (tk_server_t *self, tk_lane_t *lane)
{
    (void)self;
    tk_remote_t *remote = lane->current;
    if (!remote || !remote->request || remote->fence > lane->casts_in)
        return;
    tk_slab_t *frame = remote->request;
    tk_request_t request;
    remote->request = NULL;
    tk_request_parse (&request, tk_slab_data (frame), tk_slab_size (frame));
    tk_remote_run (remote, frame, &request);
    tk_slab_unref (frame);
}

/* The same call again: its reply was lost, or it still waits. */
static void
meet_again (tk_server_t *self, tk_lane_t *lane, tk_remote_t *remote)
{
    self->counters.repeated++;
    if (lane->current) {
        tk_envelope_t newer = remote->envelope;
        remote->envelope = lane->current->envelope;
        lane->current->envelope = newer;
        lane->current->port = remote->port;
        lane->current->fd = remote->fd;
        tk_remote_destroy (remote);
    } else if (lane->kept) {
        tk_remote_repeat (remote, lane->kept, lane->kept_size);
    } else {
        tk_remote_destroy (remote);
    }
}

/* A client that gives up a call sends the number again with "cancel". */
static bool
is_cancel (const tk_request_t *request)
{
    return !request->object_length && request->method_length == 6 &&
           !memcmp (request->method, "cancel", 6);
}

/* [why], EINTR or EPIPE. */
static int
cancel_reason (const tk_request_t *request)
{
    tk_cursor_t cursor = tk_cursor (request->args, request->args_size);
    uint32_t count;
    const char *name;
    size_t length;
    if (!is_cancel (request) || tk_cursor_array (&cursor, &count) ||
        count != 1 || tk_cursor_str (&cursor, &name, &length))
        return EINTR;
    return tk_error_number (name, length) == EPIPE ? EPIPE : EINTR;
}

static void
cancel_call (tk_lane_t *lane, int reason)
{
    tk_remote_t *current = lane->current;
    if (!current)
        return;
    if (current->request)
        tk_remote_fail (current, reason, "given up before it began");
    else
        tk_call_cancel (&current->call, reason);
}

static void
admit_lane_call (tk_server_t *self, tk_remote_t *remote, tk_slab_t *frame,
                 const tk_request_t *request)
{
    tk_session_t *session = tk_session_find (self, request->meta.session);
    tk_lane_t *lane =
        session ? tk_session_lane (session, request->meta.lane) : NULL;
    if (!lane && tk_server_ended (self)) {
        tk_remote_fail (remote, EPIPE, "the manager has ended");
        return;
    }
    if (!lane) {
        self->counters.stale++;
        tk_remote_fail (remote, ECONNRESET,
                        "the manager knows no such session: it was declared "
                        "dead, or the manager has been restarted");
        return;
    }
    if (lane->number == 1)
        tk_connection_claim (session, remote->port, remote->fd);
    if (request->meta.call < lane->call) {
        tk_remote_destroy (remote);
        return;
    }
    if (request->meta.call == lane->call) {
        if (is_cancel (request))
            cancel_call (lane, cancel_reason (request));
        meet_again (self, lane, remote);
        return;
    }
    cancel_call (lane, EINTR);
    lane->call = request->meta.call;
    tk_slab_unref (lane->kept);
    lane->kept = NULL;
    lane->current = remote;
    remote->session = session;
    remote->lane = lane;
    remote->call.owner = lane->owner;
    if (is_cancel (request))
        tk_remote_fail (remote, cancel_reason (request),
                        "given up before it arrived");
    else
        begin (remote, frame, request);
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
    tk_remote_run (remote, frame, request);
}

static void
admit_call (tk_server_t *self, tk_remote_t *remote, tk_slab_t *frame,
            const tk_request_t *request)
{
    bool foreign = !request->meta.session || !request->meta.call;
    bool by_agent = request->meta.lane == 1;
    /* Its message is here, so all that went before it is told by now. */
    while ((foreign || by_agent) && tk_connections_read (self, remote->port))
        continue;
    tk_registry_lock (self->registry);
    self->counters.calls++;
    if (foreign)
        admit_foreign_call (self, remote, frame, request);
    else
        admit_lane_call (self, remote, frame, request);
    tk_registry_unlock (self->registry);
}

static void
refuse_malformed (tk_server_t *self, tk_remote_t *remote)
{
    tk_registry_lock (self->registry);
    note_fault (self, &self->counters.malformed, tk_error_text (EBADMSG));
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
    tk_remote_t *remote =
        frame ? tk_remote_new (self, port, &envelope, fd) : NULL;
    if (!remote) {
        tk_error (EBADMSG, "a call of too many frames, or no memory");
        note_malformed (self);
        tk_envelope_fini (&envelope);
        tk_slab_unref (frame);
        return 1;
    }
    tk_request_t request;
    if (tk_request_parse (&request, tk_slab_data (frame), tk_slab_size (frame)))
        refuse_malformed (self, remote);
    else
        admit_call (self, remote, frame, &request);
    tk_slab_unref (frame);
    return 1;
}

int
tk_inbox_read (tk_server_t *self, tk_port_t *port)
{
    int count = 0;
    for (int i = 0; i < BATCH && read_cast (self, port); i++)
        count++;
    for (int i = 0; i < BATCH && read_call (self, port); i++)
        count++;
    return count;
}
