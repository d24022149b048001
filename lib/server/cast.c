/* SPDX-License-Identifier: MPL-2.0 */
/*
 * cast.c - carries out casts, a lane's once each and in order.
 *
 * They are numbered: a repeated one is dropped, one behind a gap too (the
 * client sends it again). Nobody waits for an answer; what fails is counted.
 * Runs under the registry's lock.
 */
#include "parts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/error.h"
#include "lib/msg/document.h"

typedef struct {
    troika_call_t call;
    tk_server_t *server;
} cast_t;

/* Nobody waits for a cast's answer; a failure is counted. */
static void
finish_cast (troika_call_t *call, tk_buffer_t *result)
{
    size_t size;
    tk_slab_t *slab = tk_buffer_take (result, &size);
    tk_reply_t reply;
    cast_t *cast = TK_MEMBER (call, cast_t, call);
    tk_server_t *self = cast->server;
    if (slab && !tk_reply_parse (&reply, tk_slab_data (slab), size) &&
        reply.error) {
        char words[256];
        snprintf (words, sizeof words, "%.*s", (int)reply.words_length,
                  reply.words);
        tk_inbox_fault (self, &self->counters.refused, words);
    }
    tk_slab_unref (slab);
    tk_call_fini (call);
    free (cast);
}

int
tk_server_cast (tk_server_t *self, tk_object_t *object, const char *method,
                size_t method_length, troika_msg_t *args, uint64_t owner)
{
    cast_t *cast = malloc (sizeof *cast);
    if (!cast) {
        troika_msg_destroy (&args);
        return -ENOMEM;
    }
    cast->server = self;
    tk_call_init (&cast->call, self->registry, args, finish_cast);
    cast->call.owner = owner;
    cast->call.is_cast = true;
    tk_call_run (&cast->call, object, method, method_length);
    return 0;
}

static void
run_cast (tk_server_t *self, tk_slab_t *frame, const tk_request_t *request,
          uint64_t owner)
{
    tk_object_t *object = tk_registry_find (self->registry, request->object,
                                            request->object_length);
    troika_msg_t *args =
        tk_msg_slice (frame, request->args, request->args_size);
    if (!object) {
        tk_inbox_fault (self, &self->counters.refused,
                        "a cast to an unknown object");
        troika_msg_destroy (&args);
    } else if (!args || tk_server_cast (self, object, request->method,
                                        request->method_length, args, owner)) {
        tk_inbox_fault (self, &self->counters.refused, "no memory");
    }
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
    tk_lane_release (lane);
    /* The call that was held back may have been a goodbye. */
    if (tk_session_find (self, request->meta.session))
        tk_session_advance (session, lane);
}

bool
tk_cast_is_early (tk_server_t *self, const tk_request_t *request)
{
    const tk_meta_t *meta = &request->meta;
    if (!meta->session || !meta->cast)
        return false;
    tk_registry_lock (self->registry);
    tk_session_t *session = tk_session_find (self, meta->session);
    tk_lane_t *lane = session ? tk_session_lane (session, meta->lane) : NULL;
    bool early = lane && meta->cast > lane->casts_in + 1;
    tk_registry_unlock (self->registry);
    return early;
}

void
tk_cast_admit (tk_server_t *self, tk_port_t *port, tk_slab_t *frame,
               const tk_request_t *request)
{
    self->counters.casts++;
    if (request->meta.session)
        admit_lane_cast (self, frame, request);
    else
        run_cast (self, frame, request, port->number | UINT64_C (1) << 62);
}
