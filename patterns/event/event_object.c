/* SPDX-License-Identifier: MPL-2.0 */
/*
 * event_object.c - a flag that others wait for.
 *
 * Invariant: while it is set, nobody waits. Setting it answers everybody who
 * waits before anything else can happen to it, so a clear that follows at
 * once takes nothing from them.
 */
#include "patterns/event/event_private.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include "lib/object/args.h"
#include "lib/object/waiter.h"

typedef struct {
    bool set;
    tk_link_t line; /* waiters */
} event_t;

static void *
create (const troika_msg_t *args)
{
    if (troika_msg_unpack (args, "[]")) {
        errno = EINVAL;
        return NULL;
    }
    event_t *self = calloc (1, sizeof *self);
    if (self)
        tk_list_init (&self->line);
    return self;
}

static void
destroy (void *object)
{
    event_t *self = object;
    tk_waiters_fini (&self->line);
    free (self);
}

static int
set (void *object, troika_call_t *call)
{
    event_t *self = object;
    troika_call_t *waiting;
    if (!tk_args (call, "[]"))
        return 0;
    self->set = true;
    while ((waiting = tk_waiters_pop (&self->line)))
        troika_call_reply (waiting, NULL);
    return 0;
}

static int
clear (void *object, troika_call_t *call)
{
    event_t *self = object;
    if (tk_args (call, "[]"))
        self->set = false;
    return 0;
}

static int
is_set (void *object, troika_call_t *call)
{
    event_t *self = object;
    if (tk_args (call, "[]"))
        troika_call_reply (call, "b", self->set);
    return 0;
}

static void
give_up (troika_call_t *call, void *context)
{
    tk_wait_leave (context);
    tk_wait_failed (call, troika_call_reason (call), "event", "not set");
}

static int
await (void *object, troika_call_t *call)
{
    event_t *self = object;
    if (!tk_args (call, "[]") || self->set)
        return 0;
    return tk_wait (&self->line, call, self, give_up);
}

static int
figures (void *object, troika_call_t *call)
{
    event_t *self = object;
    if (!tk_args (call, "[]"))
        return 0;
    troika_msg_t *waiting = tk_waiters_owners (&self->line);
    if (!waiting)
        return -1;
    int rc = tk_answer (
        call, troika_msg_pack ("{s:b,s:U,s:m}", "set", self->set, "waiters",
                               (uint64_t)tk_waiters_count (&self->line),
                               "waiting", waiting));
    troika_msg_destroy (&waiting);
    return rc;
}

static const troika_method_t methods[] = {
    {"set", set},    {"clear", clear},  {"is_set", is_set},
    {"wait", await}, {"stat", figures}, {NULL, NULL},
};

const troika_type_t tk_event_type = {
    .name = "event",
    .create = create,
    .destroy = destroy,
    .methods = methods,
};
