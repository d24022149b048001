/* SPDX-License-Identifier: MPL-2.0 */
/*
 * manager_object.c - the manager itself as an object, named "".
 *
 * Methods for everybody: hello, create, open, remove, objects, stat, ping,
 * shutdown. Methods of a session: wait, flush, sealed, leave, bye (and
 * cancel, which the inbox understands). Arguments and answers stand in
 * doc/protocol.md. Runs under the registry's lock.
 */
#include "parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/error.h"
#include "lib/base/mechanism.h"
#include "lib/base/runtime.h"
#include "lib/base/sys.h"
#include "lib/wire/cursor.h"
#include "objects.h"

static void *
create (const troika_msg_t *args)
{
    (void)args;
    errno = EEXIST; /* the server adopts its own at the start */
    return NULL;
}

static void
destroy (void *self)
{
    (void)self;
}

/* The negative errno of something inside, with its words, as the answer. */
static int
fail_with (troika_call_t *call, int rc)
{
    tk_edge (rc);
    return troika_call_fail (call, -rc, "%s", troika_error ());
}

static int
fail_args (troika_call_t *call, const char *expected)
{
    return troika_call_fail (call, EINVAL, "the arguments are not %s: %s",
                             expected, troika_error ());
}

static tk_session_t *
session_of (troika_call_t *call)
{
    tk_remote_t *remote = tk_remote_of (call);
    return remote ? remote->session : NULL;
}

static int
fail_session (troika_call_t *call)
{
    return troika_call_fail (call, EINVAL,
                             "only a session may call this: say hello first");
}

/* What a process says of itself counts where its connection begins, too. */
static int
home_pid (const troika_msg_t *args)
{
    char home[TK_HOME_MAX + 1];
    const char *claimed = "";
    int pid = 0;
    tk_sys_home (home);
    if (troika_msg_unpack (args, "[{s?:s,s?:i}*]", "home", &claimed, "pid",
                           &pid) ||
        !*home || strcmp (home, claimed) || pid < 0)
        return 0;
    return pid;
}

static int
reply_hello (tk_server_t *self, troika_call_t *call)
{
    tk_remote_t *remote = tk_remote_of (call);
    if (!tk_connection_has_room (self, remote->port, remote->fd))
        return troika_call_fail (call, EAGAIN,
                                 "this connection has opened %d sessions",
                                 TK_CONNECTION_SESSIONS);
    tk_session_t *session = tk_session_new (self);
    if (!session)
        return troika_call_fail (call, ENOMEM, NULL);
    session->home_pid = home_pid (troika_call_args (call));
    tk_connection_claim (session, remote->port, remote->fd);
    return troika_call_reply (call, "{s:i,s:U,s:U,s:U,s:n}", "v",
                              TK_PROTOCOL_VERSION, "epoch", self->epoch,
                              "session", session->id, "limit",
                              (uint64_t)TK_DOCUMENT_LIMIT, "cast");
}

static int
on_hello (void *server, troika_call_t *call)
{
    tk_server_t *self = server;
    int version;
    if (troika_msg_unpack (troika_call_args (call), "[{s:i}*]", "v", &version))
        return fail_args (call, "[{\"v\": protocol version}]");
    if (version != TK_PROTOCOL_VERSION)
        return troika_call_fail (call, EPROTO,
                                 "this manager speaks protocol version %d, "
                                 "the client version %d",
                                 TK_PROTOCOL_VERSION, version);
    if (!tk_remote_of (call))
        return troika_call_fail (call, EINVAL, "hello is said by socket");
    if (tk_server_ended (self)) /* a session would be lost at once */
        return troika_call_fail (call, EPIPE, "the manager has ended");
    return reply_hello (self, call);
}

static void
cancel_wait (troika_call_t *call, void *context)
{
    tk_session_t *session = context;
    int reason = troika_call_reason (call);
    if (reason == EINTR || reason == ECONNRESET)
        session->wait = NULL;
    else
        tk_session_tell (session, true);
}

/* Its arrival says that the client lives, its answer that we do. */
static int
on_wait (void *server, troika_call_t *call)
{
    (void)server;
    tk_session_t *session = session_of (call);
    if (!session)
        return fail_session (call);
    session->wait = call;
    if (tk_session_has_news (session)) {
        tk_session_tell (session, true);
        return 0;
    }
    return troika_call_defer (call, cancel_wait, session);
}

/* The second argument. */
static int
take_number (troika_call_t *call, uint64_t *number)
{
    const troika_msg_t *args = troika_call_args (call);
    tk_cursor_t cursor =
        tk_cursor (troika_msg_data (args), troika_msg_size (args));
    uint32_t count;
    if (!tk_cursor_array (&cursor, &count) && count == 2 &&
        !tk_cursor_skip_frame (&cursor) && !tk_cursor_uint (&cursor, number))
        return 0;
    troika_call_fail (call, EINVAL,
                      "the arguments are not [[[lane, casts], ...], number]");
    return -EINVAL;
}

static bool
flush_reached (tk_session_t *session, troika_call_t *call)
{
    (void)session;
    troika_call_reply (call, NULL);
    return true;
}

static int
on_flush (void *server, troika_call_t *call)
{
    (void)server;
    tk_session_t *session = session_of (call);
    if (!session)
        return fail_session (call);
    return tk_fence_add (session, call, flush_reached);
}

static bool
sealed_reached (tk_session_t *session, troika_call_t *call)
{
    uint64_t number;
    if (take_number (call, &number))
        return true;
    troika_call_reply (call, NULL);
    tk_seal_confirm (session, number);
    return true;
}

static int
on_sealed (void *server, troika_call_t *call)
{
    (void)server;
    tk_session_t *session = session_of (call);
    if (!session)
        return fail_session (call);
    return tk_fence_add (session, call, sealed_reached);
}

static bool
leave_reached (tk_session_t *session, troika_call_t *call)
{
    uint64_t number;
    if (take_number (call, &number))
        return true;
    if (number == tk_remote_of (call)->lane->number) {
        troika_call_fail (call, EINVAL, "a lane cannot end itself");
        return true;
    }
    tk_lane_t *lane = tk_session_lane (session, number);
    if (lane)
        tk_lane_end (session, lane, true);
    troika_call_reply (call, NULL);
    return true;
}

/* A thread of the client has ended. */
static int
on_leave (void *server, troika_call_t *call)
{
    (void)server;
    tk_session_t *session = session_of (call);
    if (!session)
        return fail_session (call);
    return tk_fence_add (session, call, leave_reached);
}

static bool
bye_reached (tk_session_t *session, troika_call_t *call)
{
    troika_call_reply (call, NULL);
    tk_session_end (session, true);
    return false;
}

static int
on_bye (void *server, troika_call_t *call)
{
    (void)server;
    tk_session_t *session = session_of (call);
    if (!session)
        return fail_session (call);
    return tk_fence_add (session, call, bye_reached);
}

static int
on_ping (void *server, troika_call_t *call)
{
    (void)server;
    return troika_call_reply (call, NULL);
}

/* [] -> [process, descriptor, key]: where the client finds the memory in
 * which it counts what it used of that which is handed ahead. */
static int
on_tally (void *server, troika_call_t *call)
{
    (void)server;
    tk_session_t *session = session_of (call);
    int rc = 0;
    if (!session)
        return fail_session (call);
    if (!session->tally)
        rc = tk_mechanism (TK_MECHANISM_PREFETCH)
                 ? tk_tally_new (&session->tally)
                 : -ENOTSUP;
    if (rc)
        return troika_call_fail (call, -rc, NULL);
    tk_tally_place_t place = tk_tally_place (session->tally);
    return troika_call_reply (call, "[i,i,U]", place.pid, place.fd, place.key);
}

static int
reply_object (troika_call_t *call, const tk_object_t *object)
{
    return troika_call_reply (call, "[smb]", object->type->name, object->params,
                              object->sealed);
}

static int
fail_ended (troika_call_t *call)
{
    return troika_call_fail (call, EPIPE, "the manager has ended");
}

/* [name, type or nil] -> [type, parameters, sealed] */
static int
on_open (void *server, troika_call_t *call)
{
    tk_server_t *self = server;
    tk_object_t *object;
    const char *name;
    const char *type;
    if (troika_msg_unpack (troika_call_args (call), "[ss]", &name, &type))
        return fail_args (call, "[name, type]");
    object = tk_registry_find (self->registry, name, strlen (name));
    if (!object && tk_server_ended (self))
        return fail_ended (call);
    if (!object)
        return troika_call_fail (call, ENOENT, "the manager has no object '%s'",
                                 name);
    if (*type && strcmp (object->type->name, type))
        return troika_call_fail (call, EEXIST, "'%s' is a %s, not a %s", name,
                                 object->type->name, type);
    return reply_object (call, object);
}

/* [type, name, parameters] -> [type, parameters, sealed] */
static int
on_create (void *server, troika_call_t *call)
{
    tk_server_t *self = server;
    tk_object_t *object;
    const char *type;
    const char *name;
    troika_msg_t *params = NULL;
    if (tk_server_ended (self))
        return fail_ended (call);
    if (troika_msg_unpack (troika_call_args (call), "[ssm]", &type, &name,
                           &params))
        return fail_args (call, "[type, name, parameters]");
    int rc = tk_registry_open (self->registry, type, name, params, &object);
    troika_msg_destroy (&params);
    return rc ? fail_with (call, rc) : reply_object (call, object);
}

static int
on_remove (void *server, troika_call_t *call)
{
    tk_server_t *self = server;
    const char *name;
    if (troika_msg_unpack (troika_call_args (call), "[s]", &name))
        return fail_args (call, "[name]");
    int rc = tk_registry_remove (self->registry, name);
    return rc ? fail_with (call, rc) : troika_call_reply (call, NULL);
}

static int
on_objects (void *server, troika_call_t *call)
{
    tk_server_t *self = server;
    tk_buffer_t reply;
    tk_buffer_init (&reply);
    tk_write_array (&reply, 2);
    tk_write_nil (&reply);
    tk_objects_write (self->registry, &reply);
    tk_call_reply_buffer (call, &reply);
    return 0;
}

static int
on_stat (void *server, troika_call_t *call)
{
    tk_server_t *self = server;
    return troika_call_reply (
        call, "{s:i,s:U,s:U,s:U,s:U,s:U,s:U,s:U,s:U,s:U,s:s}", "v",
        TK_PROTOCOL_VERSION, "epoch", self->epoch, "sessions",
        (uint64_t)zhashx_size (self->by_id), "calls", self->counters.calls,
        "casts", self->counters.casts, "malformed", self->counters.malformed,
        "refused", self->counters.refused, "repeated", self->counters.repeated,
        "stale", self->counters.stale, "unauthenticated",
        self->counters.unauthenticated, "last_fault", self->last_fault);
}

static int
on_shutdown (void *server, troika_call_t *call)
{
    tk_server_t *self = server;
    troika_call_reply (call, NULL);
    tk_server_begin_end (self, tk_clock_us () + TK_DEATH_US);
    return 0;
}

static const troika_method_t methods[] = {
    {"hello", on_hello},       {"wait", on_wait},       {"flush", on_flush},
    {"sealed", on_sealed},     {"leave", on_leave},     {"bye", on_bye},
    {"ping", on_ping},         {"open", on_open},       {"create", on_create},
    {"remove", on_remove},     {"objects", on_objects}, {"stat", on_stat},
    {"shutdown", on_shutdown}, {"tally", on_tally},     {NULL, NULL},
};

const troika_type_t tk_manager_type = {"manager", create, destroy, NULL,
                                       methods};
