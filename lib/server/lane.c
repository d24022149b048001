/* SPDX-License-Identifier: MPL-2.0 */
/*
 * lane.c - a lane's calls: each is run once, and answered as often as asked.
 *
 * They are numbered: a repeated one is answered from the kept reply, or
 * meets the call that still runs. A call waits until the casts that went
 * before it are in: the two travel on two connections. Runs under the
 * registry's lock.
 */
#include "parts.h"

#include <errno.h>
#include <string.h>
#include "lib/base/error.h"
#include "lib/wire/cursor.h"

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
tk_lane_release (tk_lane_t *lane)
{
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
        tk_envelope_t newer = remote->envelope; /* with its peer */
        remote->envelope = lane->current->envelope;
        lane->current->envelope = newer;
        lane->current->port = remote->port;
        lane->current->fd = remote->fd;
        tk_remote_destroy (remote);
    } else if (lane->kept.slab) {
        tk_remote_repeat (remote, &lane->kept);
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

void
tk_lane_admit (tk_server_t *self, tk_remote_t *remote, tk_slab_t *frame,
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
        tk_remote_fail_session (
            remote, "the manager knows no such session: it was declared "
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
    tk_buffer_fini (&lane->kept);
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
