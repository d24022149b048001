/* SPDX-License-Identifier: MPL-2.0 */
/*
 * meet.c - ends in programs that find each other by an endpoint.
 *
 * The bound end has an id, which makes the pipe more than a connection. The
 * first channel is at the endpoint and carries what the connecting end
 * sends; a duplex pipe's other is where a manager's casts would be, and
 * carries what the bound end sends. The connecting end learns id and
 * direction by the answer to its hello on the first. Where a manager answers
 * instead, its listener knows the way (guide.c).
 */
#include "patterns/pipe/end.h"

#include <errno.h>
#include <string.h>
#include "lib/base/error.h"
#include "lib/base/runtime.h"
#include "lib/base/sys.h"
#include "lib/server/server.h"

#define LOOK_US 10000

int
tk_meet_read (tk_endpoint_t *endpoint, const char *text)
{
    int rc = text ? tk_endpoint_parse (endpoint, text)
                  : tk_endpoint_private (endpoint);
    if (!rc && *endpoint->object)
        rc = tk_error (EINVAL, "a pipe's endpoint names no object: '%s'", text);
    return rc;
}

/* --- binding */

static int
name_pipe (troika_pipe_t *self, bool duplex)
{
    int rc = tk_sys_random (self->in.id, TK_PIPE_ID);
    memcpy (self->out.id, self->in.id, TK_PIPE_ID);
    self->in.named = self->out.named = true;
    self->in.duplex = self->out.duplex = duplex;
    return rc;
}

static int
bind_end (troika_pipe_t *self, const char *endpoint, bool duplex, unsigned keys)
{
    int rc = tk_meet_read (&self->endpoint, endpoint);
    self->endpoint.keys = keys;
    if (!rc)
        rc = name_pipe (self, duplex);
    if (!rc)
        rc = tk_channel_open (&self->in, self->endpoint.transport);
    if (!rc && duplex)
        rc = tk_channel_open (&self->out, self->endpoint.transport);
    if (!rc)
        rc = tk_endpoint_bind_pair (&self->endpoint, self->in.socket,
                                    &self->second,
                                    duplex ? self->out.socket : NULL);
    if (!rc)
        rc = tk_end_enlist (self);
    tk_end_opened (self);
    if (rc)
        return rc;
    self->binds = true;
    tk_endpoint_offer (&self->endpoint, self->text);
    return tk_pipe_agent_greet (self);
}

int
tk_meet_bind (troika_pipe_t **self_p, const char *endpoint, bool duplex,
              unsigned keys)
{
    int rc = tk_end_new (self_p, true, duplex);
    if (!rc)
        rc = bind_end (*self_p, endpoint, duplex, keys);
    if (rc) {
        tk_end_destroy (*self_p);
        *self_p = NULL;
    }
    return rc;
}

/* --- connecting */

static int
unanswered (const troika_pipe_t *self)
{
    return tk_error (EHOSTUNREACH, "no pipe answers at %s within %d ms",
                     self->text, tk_connect_timeout_ms ());
}

/* A manager's socket, which is no PAIR, breaks the handshake. inproc has
 * none, but there the managers are known. */
static bool
is_refused (const troika_pipe_t *self, const tk_channel_t *channel)
{
    if (self->endpoint.transport != TK_INPROC)
        return channel->refused;
    tk_server_t *server = tk_server_local (&self->endpoint);
    tk_server_unref (server);
    return server != NULL;
}

/* A manager that appears inproc tells nobody. */
static tk_time_t
next_look (const troika_pipe_t *self, tk_time_t deadline)
{
    tk_time_t soon = tk_clock_us () + LOOK_US;
    bool looks = self->endpoint.transport == TK_INPROC && deadline > soon;
    return looks ? soon : deadline;
}

static int
await_hello (troika_pipe_t *self, tk_channel_t *channel,
             const tk_endpoint_t *endpoint, tk_time_t deadline)
{
    int rc = tk_channel_greet (channel);
    pthread_mutex_lock (&channel->lock);
    if (!rc)
        tk_channel_look (channel);
    while (!rc && channel->state == TK_CHANNEL_FRESH &&
           !is_refused (self, channel)) {
        rc = tk_handshake_check (&channel->handshake, endpoint);
        if (!rc)
            rc = tk_channel_wait (channel, next_look (self, deadline));
    }
    if (!rc)
        rc = tk_handshake_check (&channel->handshake, endpoint);
    /* Under keys a manager refuses a PAIR as it refuses other keys. */
    if (rc == -EACCES && channel->handshake.verdict == TK_HANDSHAKE_OTHER)
        rc = -ENOTSUP;
    if (!rc && channel->state != TK_CHANNEL_LIVE && is_refused (self, channel))
        rc = -ENOTSUP;
    if (!rc)
        rc = tk_channel_failure (channel);
    if (rc == -EPIPE)
        rc = tk_error (ECONNRESET, "the pipe at %s was closed", self->text);
    pthread_mutex_unlock (&channel->lock);
    if (rc == -EAGAIN || rc == -ETIMEDOUT)
        rc = unanswered (self);
    return rc;
}

static int
connect_channel (troika_pipe_t *self, tk_channel_t *channel,
                 const tk_endpoint_t *endpoint, tk_time_t deadline)
{
    channel->greets = true;
    int rc = tk_channel_open (channel, endpoint->transport);
    if (!rc)
        rc = tk_endpoint_connect (endpoint, channel->socket);
    return rc ? rc : await_hello (self, channel, endpoint, deadline);
}

static int
connect_both (troika_pipe_t *self, tk_time_t deadline)
{
    tk_channel_t *first = &self->out, *second = &self->in;
    int rc = connect_channel (self, first, &self->endpoint, deadline);
    self->receives = first->duplex;
    if (rc || !self->receives)
        return rc;
    memcpy (second->id, first->id, TK_PIPE_ID);
    second->named = second->duplex = true;
    tk_endpoint_cast (&self->endpoint, &self->second);
    return connect_channel (self, second, &self->second, deadline);
}

static int
connect_end (troika_pipe_t *self, const tk_endpoint_t *endpoint,
             tk_time_t deadline)
{
    int rc = tk_end_enlist (self);
    tk_end_opened (self);
    if (rc)
        return rc;
    self->endpoint = *endpoint;
    tk_endpoint_text (&self->endpoint, self->text);
    rc = connect_both (self, deadline);
    if (rc) { /* a hello that nobody has heard need not linger */
        tk_channel_close (&self->out, 0);
        tk_channel_close (&self->in, 0);
    }
    return rc;
}

int
tk_meet_reach (troika_pipe_t **self_p, const tk_endpoint_t *endpoint,
               tk_time_t deadline)
{
    int rc = tk_end_new (self_p, true, true);
    if (!rc)
        rc = connect_end (*self_p, endpoint, deadline);
    if (rc) {
        tk_end_destroy (*self_p);
        *self_p = NULL;
    }
    return rc;
}

int
tk_meet_connect (troika_pipe_t **self_p, const char *text)
{
    tk_endpoint_t endpoint;
    tk_time_t deadline;
    *self_p = NULL;
    int rc = tk_endpoint_parse (&endpoint, text);
    if (!rc)
        rc = tk_deadline (tk_connect_timeout_ms (), &deadline);
    if (rc)
        return rc;
    rc = *endpoint.object ? -ENOTSUP
                          : tk_meet_reach (self_p, &endpoint, deadline);
    if (rc == -ENOTSUP)
        rc = tk_guide_connect (self_p, &endpoint, deadline);
    return rc;
}
