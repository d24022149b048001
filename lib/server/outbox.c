/* SPDX-License-Identifier: MPL-2.0 */
/*
 * outbox.c - calls that came by socket, and the way of their replies.
 *
 * A call may be finished by any thread that holds the registry's lock; only
 * the server's thread sends. What is finished waits in the outbox between.
 * A lane's newest reply is kept, in case it is lost on its way.
 */
#include "parts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/error.h"
#include "lib/msg/document.h"

/* Up to here a reply is copied into its frame; beyond, it is lent. */
#define COPY_MAX 4096

static void finish (troika_call_t *call, tk_buffer_t *reply);

tk_remote_t *
tk_remote_of (troika_call_t *call)
{
    return call->finish == finish ? TK_MEMBER (call, tk_remote_t, call) : NULL;
}

tk_remote_t *
tk_remote_new (tk_server_t *self, tk_port_t *port, tk_envelope_t *envelope,
               int fd)
{
    tk_remote_t *remote = malloc (sizeof *remote);
    if (!remote)
        return NULL;
    remote->server = self;
    remote->port = port;
    remote->envelope = *envelope;
    remote->fd = fd;
    remote->counted = false;
    remote->session = NULL;
    remote->lane = NULL;
    remote->request = NULL;
    remote->fence = 0;
    tk_buffer_init (&remote->reply);
    tk_list_init (&remote->link);
    tk_call_init (&remote->call, self->registry, NULL, finish);
    tk_envelope_init (envelope);
    return remote;
}

void
tk_remote_destroy (tk_remote_t *self)
{
    tk_list_remove (&self->link);
    tk_envelope_fini (&self->envelope);
    tk_slab_unref (self->request);
    tk_buffer_fini (&self->reply);
    tk_call_fini (&self->call);
    free (self);
}

static void
post (tk_remote_t *self)
{
    tk_server_t *server = self->server;
    bool first = tk_list_empty (&server->outbox);
    tk_connection_end_call (self);
    tk_list_remove (&self->link);
    tk_list_append (&server->outbox, &self->link);
    if (first && !pthread_equal (pthread_self (), server->thread))
        tk_wake_raise (&server->wake);
}

static void
finish (troika_call_t *call, tk_buffer_t *reply)
{
    tk_remote_t *self = TK_MEMBER (call, tk_remote_t, call);
    tk_lane_t *lane = self->lane;
    self->reply = *reply;
    tk_buffer_init (reply);
    troika_msg_destroy (&call->args);
    if (lane && lane->current == self) {
        lane->current = NULL;
        if (!tk_buffer_error (&self->reply))
            lane->kept = tk_buffer_share (&self->reply);
    }
    self->lane = NULL;
    self->session = NULL;
    post (self);
}

void
tk_remote_fail (tk_remote_t *self, int error, const char *format, ...)
{
    char words[512];
    tk_buffer_t reply;
    va_list args;
    va_start (args, format);
    vsnprintf (words, sizeof words, format, args);
    va_end (args);
    tk_buffer_init (&reply);
    tk_reply_fail (&reply, error, words);
    tk_slab_unref (self->request);
    self->request = NULL;
    finish (&self->call, &reply);
}

void
tk_remote_fail_session (tk_remote_t *self, const char *words)
{
    tk_buffer_t reply;
    tk_buffer_init (&reply);
    tk_reply_fail_session (&reply, words);
    tk_slab_unref (self->request);
    self->request = NULL;
    finish (&self->call, &reply);
}

void
tk_remote_repeat (tk_remote_t *self, const tk_buffer_t *reply)
{
    self->reply = tk_buffer_share (reply);
    post (self);
}

static void
set_deadline (troika_call_t *call, int64_t timeout_ms)
{
    call->timed = true;
    call->timeout_ms = timeout_ms > INT32_MAX ? INT32_MAX : (int)timeout_ms;
    if (timeout_ms < 0)
        call->deadline = TK_NEVER;
    else if (timeout_ms == 0)
        call->deadline = TK_NOWAIT;
    else
        call->deadline = tk_clock_us () + (int64_t)call->timeout_ms * 1000;
}

void
tk_remote_run (tk_remote_t *self, tk_slab_t *frame, const tk_request_t *request)
{
    tk_object_t *object = tk_registry_find (
        self->server->registry, request->object, request->object_length);
    if (!object && tk_server_ended (self->server)) {
        tk_remote_fail (self, EPIPE, "the manager has ended");
        return;
    }
    if (!object) {
        tk_remote_fail (self, ENOENT, "the manager has no object '%.*s'",
                        (int)(request->object_length < TK_NAME_MAX
                                  ? request->object_length
                                  : TK_NAME_MAX),
                        request->object);
        return;
    }
    self->call.args = tk_msg_slice (frame, request->args, request->args_size);
    if (!self->call.args) {
        tk_remote_fail (self, ENOMEM, "the manager is out of memory");
        return;
    }
    tk_msg_set_args (self->call.args);
    set_deadline (&self->call, request->meta.timeout_ms);
    tk_call_run (&self->call, object, request->method, request->method_length);
}

static void
release_slab (void *data, void *slab)
{
    (void)data;
    tk_slab_unref (slab);
}

/* A reply that memory was too short for: ["ENOMEM", "out of memory"]. */
static const char short_of_memory[] = "\x92\xa6"
                                      "ENOMEM\xad"
                                      "out of memory";

/* libzmq wants it in one piece. */
static int
make_body (tk_remote_t *self, zmq_msg_t *body)
{
    size_t size;
    tk_slab_t *slab = tk_buffer_take (&self->reply, &size);
    if (!slab)
        return zmq_msg_init_data (body, (void *)short_of_memory,
                                  sizeof short_of_memory - 1, NULL, NULL);
    if (size > COPY_MAX)
        return zmq_msg_init_data (body, tk_slab_data (slab), size, release_slab,
                                  slab);
    int rc = zmq_msg_init_size (body, size);
    if (!rc)
        memcpy (zmq_msg_data (body), tk_slab_data (slab), size);
    tk_slab_unref (slab);
    return rc;
}

/* What a client without a session was handed goes back when it cannot be
 * told: nobody else would ask for it again. */
static void
forget_foreign (tk_server_t *self, uint64_t owner)
{
    tk_registry_lock (self->registry);
    tk_registry_forget (self->registry, owner, false);
    tk_registry_unlock (self->registry);
}

static void
send_to_peer (const tk_remote_t *remote)
{
    tk_piece_t pieces[TK_PIECES_MAX] = {
        {short_of_memory, sizeof short_of_memory - 1, NULL}};
    int count = 1;
    if (!tk_buffer_error (&remote->reply))
        count = tk_buffer_pieces (&remote->reply, pieces);
    tk_peer_send (&remote->envelope, pieces, count);
}

/* The sending may swallow what the router's descriptor had to tell. */
static void
send_one (tk_server_t *self, tk_remote_t *remote)
{
    zmq_msg_t body;
    if (remote->envelope.peer) {
        send_to_peer (remote);
    } else if (!make_body (remote, &body)) {
        int rc =
            tk_envelope_send (&remote->envelope, &body, remote->port->router);
        remote->port->router_due = true;
        if (rc && remote->call.owner >> 63)
            forget_foreign (self, remote->call.owner);
    }
    tk_remote_destroy (remote);
}

int
tk_outbox_send (tk_server_t *self)
{
    tk_link_t replies;
    tk_link_t *link;
    int count = 0;
    tk_list_init (&replies);
    tk_registry_lock (self->registry);
    while ((link = tk_list_pop (&self->outbox)))
        tk_list_append (&replies, link);
    tk_registry_unlock (self->registry);
    for (; (link = tk_list_pop (&replies)); count++)
        send_one (self, TK_MEMBER (link, tk_remote_t, link));
    return count;
}
