/* SPDX-License-Identifier: MPL-2.0 */
/*
 * listener_object.c - gives each client a pipe, and keeps it until it is
 * accepted.
 *
 * COMING (its pipe is bound, and the client was told where) -> WAITING (the
 * client is at the other end, and says so) -> handed over to an accept. A
 * client that goes while it is COMING is dropped; a WAITING one is known by
 * its pipe alone. Invariants: accepts and waiting clients are never both
 * present; connects wait only while as many clients as may are here.
 * Pipes are bound here, under the lock: that takes half a millisecond, and
 * nobody but the listener's own clients waits for it.
 */
#include "patterns/listener/listener_private.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/error.h"
#include "lib/base/sys.h"
#include "lib/object/args.h"
#include "lib/object/waiter.h"

/* What is added to a path or name to make another. */
#define SUFFIX_MAX 12
#define NAME_TRIES 8

typedef struct {
    bool open;              /* the next two are known */
    bool private;           /* it has a directory of its own */
    tk_endpoint_t endpoint; /* where it listens, resolved */
    unsigned named;         /* the last number given to a path or name */
    uint64_t secret;
    size_t here;        /* clients in coming and waiting */
    tk_link_t coming;   /* tk_caller_t */
    tk_link_t waiting;  /* tk_caller_t, oldest first */
    tk_link_t connects; /* waiters */
    tk_link_t accepts;  /* waiters */
    uint64_t accepted;
} listener_t;

static void *
create (const troika_msg_t *args)
{
    if (troika_msg_unpack (args, "[]")) {
        errno = EINVAL;
        return NULL;
    }
    listener_t *self = calloc (1, sizeof *self);
    if (!self)
        return NULL;
    tk_list_init (&self->coming);
    tk_list_init (&self->waiting);
    tk_list_init (&self->connects);
    tk_list_init (&self->accepts);
    int rc = tk_sys_random (&self->secret, sizeof self->secret);
    if (rc) {
        free (self);
        errno = -rc;
        return NULL;
    }
    return self;
}

static void
drop_all (tk_link_t *callers)
{
    tk_link_t *link;
    while ((link = tk_list_first (callers)))
        tk_caller_destroy (TK_MEMBER (link, tk_caller_t, link));
}

static void
destroy (void *object)
{
    listener_t *self = object;
    tk_caller_t *caller;
    tk_waiters_fini (&self->connects);
    tk_waiters_fini (&self->accepts);
    drop_all (&self->coming);
    drop_all (&self->waiting);
    while ((caller = tk_caller_take_back (self, 0)))
        tk_caller_destroy (caller);
    free (self);
}

/* --- a pipe for each */

/* Where the next pipe is to be: "" for a private place. */
static void
name_next (listener_t *self, char *text)
{
    tk_endpoint_t endpoint = self->endpoint;
    size_t length = strlen (endpoint.host);
    *text = '\0';
    endpoint.port = 0;
    if (endpoint.transport != TK_TCP) {
        if (endpoint.transport == TK_INPROC && length > TK_PATH_MAX)
            length = TK_PATH_MAX;
        else if (self->private || length + SUFFIX_MAX + 5 > TK_PATH_MAX)
            return;
        snprintf (endpoint.host + length, SUFFIX_MAX, "-%u", ++self->named);
    }
    tk_endpoint_text (&endpoint, text);
}

static int
make (listener_t *self, uint64_t owner, tk_caller_t **caller)
{
    char text[TK_ADDRESS_MAX];
    int rc = -EADDRINUSE;
    for (int i = 0; i < NAME_TRIES && rc == -EADDRINUSE; i++) {
        name_next (self, text);
        rc = tk_caller_new (caller, *text ? text : NULL, self->endpoint.keys,
                            owner);
    }
    return rc;
}

static void
receive (listener_t *self, troika_call_t *call)
{
    tk_caller_t *caller;
    int rc = make (self, troika_call_owner (call), &caller);
    if (rc) {
        tk_edge (rc);
        troika_call_fail (call, -rc, "%s", troika_error ());
        return;
    }
    tk_list_append (&self->coming, &caller->link);
    self->here++;
    troika_call_reply (call, "[U,s]", caller->number,
                       troika_pipe_endpoint (caller->pipe));
}

static void
drop (listener_t *self, tk_caller_t *caller)
{
    tk_caller_destroy (caller);
    self->here--;
}

/* --- who waits for whom */

static void
hand_over (listener_t *self, tk_caller_t *caller, troika_call_t *call)
{
    self->here--;
    self->accepted++;
    uint64_t number =
        tk_caller_hand_over (caller, self, troika_call_owner (call));
    troika_call_reply (call, "U", number);
}

static tk_caller_t *
first_alive (listener_t *self)
{
    tk_link_t *link;
    while ((link = tk_list_first (&self->waiting))) {
        tk_caller_t *caller = TK_MEMBER (link, tk_caller_t, link);
        if (!tk_caller_is_lost (caller))
            return caller;
        drop (self, caller);
    }
    return NULL;
}

/* After every event: whoever can go on does. */
static void
go_on (listener_t *self)
{
    tk_caller_t *caller;
    troika_call_t *call;
    while (!tk_list_empty (&self->accepts) && (caller = first_alive (self)))
        hand_over (self, caller, tk_waiters_pop (&self->accepts));
    while (self->open && self->here < TROIKA_BACKLOG &&
           (call = tk_waiters_pop (&self->connects)))
        receive (self, call);
}

static void
stop_connecting (troika_call_t *call, void *context)
{
    tk_wait_leave (context);
    tk_wait_failed (call, troika_call_reason (call), "the backlog of listener",
                    "full");
}

/* The dead may hold the places. */
static void
sweep (listener_t *self)
{
    tk_link_t *next;
    for (tk_link_t *at = self->waiting.next; at != &self->waiting; at = next) {
        tk_caller_t *caller = TK_MEMBER (at, tk_caller_t, link);
        next = at->next;
        if (tk_caller_is_lost (caller))
            drop (self, caller);
    }
}

static int
connect_client (void *object, troika_call_t *call)
{
    listener_t *self = object;
    if (!tk_args (call, "[]"))
        return 0;
    if (self->here >= TROIKA_BACKLOG)
        sweep (self);
    if (self->open && self->here < TROIKA_BACKLOG) {
        receive (self, call);
        return 0;
    }
    return tk_wait (&self->connects, call, self, stop_connecting);
}

static void
stop_accepting (troika_call_t *call, void *context)
{
    tk_wait_leave (context);
    tk_wait_failed (call, troika_call_reason (call), "listener",
                    "without a client");
}

static int
accept_client (void *object, troika_call_t *call)
{
    listener_t *self = object;
    uint64_t secret;
    if (!tk_args (call, "[U]", &secret))
        return 0;
    if (secret != self->secret)
        return troika_call_fail (call, EPERM,
                                 "only the process that listens accepts");
    tk_caller_t *caller = first_alive (self);
    if (!caller)
        return tk_wait (&self->accepts, call, self, stop_accepting);
    hand_over (self, caller, call);
    go_on (self);
    return 0;
}

/* --- how a client is getting on */

static tk_caller_t *
find_coming (listener_t *self, troika_call_t *call)
{
    uint64_t number;
    if (!tk_args (call, "[U]", &number))
        return NULL;
    for (tk_link_t *at = self->coming.next; at != &self->coming;
         at = at->next) {
        tk_caller_t *caller = TK_MEMBER (at, tk_caller_t, link);
        if (caller->number == number &&
            caller->owner == troika_call_owner (call))
            return caller;
    }
    troika_call_fail (call, ENOENT, "listener '%s' expects no client %" PRIu64,
                      troika_current_name (), number);
    return NULL;
}

static int
arrived (void *object, troika_call_t *call)
{
    listener_t *self = object;
    tk_caller_t *caller = find_coming (self, call);
    if (!caller)
        return 0;
    tk_list_remove (&caller->link);
    tk_list_append (&self->waiting, &caller->link);
    go_on (self);
    return 0;
}

static int
leave (void *object, troika_call_t *call)
{
    listener_t *self = object;
    tk_caller_t *caller = find_coming (self, call);
    if (!caller)
        return 0;
    drop (self, caller);
    go_on (self);
    return 0;
}

static void
forget (void *object, uint64_t owner)
{
    listener_t *self = object;
    tk_caller_t *caller;
    tk_link_t *next;
    for (tk_link_t *at = self->coming.next; at != &self->coming; at = next) {
        next = at->next;
        caller = TK_MEMBER (at, tk_caller_t, link);
        if (caller->owner == owner)
            drop (self, caller);
    }
    while ((caller = tk_caller_take_back (self, owner))) {
        tk_list_prepend (&self->waiting, &caller->link);
        self->here++;
        self->accepted--;
    }
    go_on (self);
}

static int
figures (void *object, troika_call_t *call)
{
    listener_t *self = object;
    if (!tk_args (call, "[]"))
        return 0;
    return troika_call_reply (
        call, "{s:U,s:U,s:U,s:U}", "clients", (uint64_t)self->here,
        "waiting_accepts", (uint64_t)tk_waiters_count (&self->accepts),
        "waiting_connects", (uint64_t)tk_waiters_count (&self->connects),
        "accepted", self->accepted);
}

int
tk_listener_open (tk_registry_t *registry, const char *name,
                  const tk_endpoint_t *endpoint, bool private, uint64_t *secret)
{
    tk_registry_lock (registry);
    tk_object_t *object = tk_registry_find (registry, name, strlen (name));
    listener_t *self = object ? object->self : NULL;
    if (self) {
        tk_scope_t scope = tk_scope_enter (object);
        self->endpoint = *endpoint;
        self->private = private;
        self->open = true;
        *secret = self->secret;
        go_on (self);
        tk_scope_leave (scope);
    }
    tk_registry_unlock (registry);
    return self ? 0 : tk_error (ENOENT, "the listener was removed");
}

static const troika_method_t methods[] = {
    {"connect", connect_client}, {"arrived", arrived}, {"leave", leave},
    {"accept", accept_client},   {"stat", figures},    {NULL, NULL},
};

const troika_type_t tk_listener_type = {
    .name = "listener",
    .create = create,
    .destroy = destroy,
    .forget = forget,
    .methods = methods,
};
