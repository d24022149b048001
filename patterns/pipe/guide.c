/* SPDX-License-Identifier: MPL-2.0 */
/*
 * guide.c - asks a listener for the way to a pipe of one's own.
 *
 * The listener's object answers "connect" with a number and an endpoint that
 * is for this client alone. Over tcp its host is how the listener sees
 * itself; the client goes to the host that it reached the listener at.
 * "arrived" says that the pipe stands: only then can it be accepted.
 */
#include "patterns/pipe/end.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "lib/base/error.h"
#include "lib/client/handle.h"

/* "tcp://10.0.0.1:5555#listener", its name resolved once for all steps. */
static int
resolve (tk_endpoint_t *self, char *text, size_t size)
{
    char address[TK_ADDRESS_MAX];
    struct sockaddr_storage unused;
    socklen_t length;
    int rc = tk_endpoint_resolve (self, false, &unused, &length);
    tk_endpoint_text (self, address);
    snprintf (text, size, "%s%s%s", address, *self->object ? "#" : "",
              self->object);
    return rc;
}

static int
misunderstood (const tk_handle_t *listener)
{
    return tk_error (EPROTO, "%s was answered strangely: %s",
                     tk_handle_endpoint (listener), tk_error_text (EBADMSG));
}

static int
ask_way (tk_handle_t *listener, tk_time_t deadline, const char *host,
         uint64_t *number, tk_endpoint_t *way)
{
    troika_msg_t *answer = NULL;
    const char *text;
    int rc = tk_handle_callf (listener, tk_deadline_poll (deadline), "connect",
                              &answer, "[]");
    if (!rc && troika_msg_unpack (answer, "[U,s]", number, &text))
        rc = misunderstood (listener);
    if (!rc)
        rc = tk_endpoint_parse (way, text);
    if (!rc && way->transport == TK_TCP)
        snprintf (way->host, sizeof way->host, "%s", host);
    troika_msg_destroy (&answer);
    return rc;
}

static int
go (tk_handle_t *listener, tk_time_t deadline, const tk_endpoint_t *place,
    troika_pipe_t **self_p)
{
    tk_endpoint_t way;
    uint64_t number;
    int rc = ask_way (listener, deadline, place->host, &number, &way);
    if (rc)
        return rc;
    way.keys = place->keys;
    way.home_port = place->port;
    rc = tk_meet_reach (self_p, &way, deadline);
    int told = tk_handle_callf (listener, TROIKA_FOREVER,
                                rc ? "leave" : "arrived", NULL, "[U]", number);
    if (rc || !told)
        return rc;
    tk_end_destroy (*self_p);
    *self_p = NULL;
    return told;
}

/* What a user of the pipe understands. */
static int
translate (int rc, const char *text)
{
    if (rc == -EPIPE)
        return tk_error (ECONNRESET, "the listener at %s was closed", text);
    if (rc == -EAGAIN)
        return tk_error (ETIMEDOUT, "%s", tk_error_text (EAGAIN));
    if (rc == -ENOENT || rc == -EEXIST || rc == -ENOTSUP)
        return tk_error (EHOSTUNREACH,
                         "what answers at %s is neither a pipe nor a listener",
                         text);
    return rc;
}

int
tk_guide_connect (troika_pipe_t **self_p, const tk_endpoint_t *endpoint,
                  tk_time_t deadline)
{
    char text[TK_ADDRESS_MAX + TK_NAME_MAX + 2];
    tk_endpoint_t place = *endpoint;
    tk_handle_t *listener = NULL;
    int rc = resolve (&place, text, sizeof text);
    if (!rc)
        rc = tk_handle_connect (&listener, text, "listener", "listener");
    if (!rc)
        rc = go (listener, deadline, &place, self_p);
    rc = translate (rc, text);
    tk_handle_destroy (&listener);
    return rc;
}
