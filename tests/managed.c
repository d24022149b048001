/* SPDX-License-Identifier: MPL-2.0 */
/*
 * managed.c - serves a manager on the stage, and makes calls from threads.
 *
 * The test always holds a connected handle, also where the manager is served
 * by its own process, so that every variant reads the same.
 */
#include "tests/managed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tests/stage_parts.h"

/* --- the type "gate" */

typedef struct {
    troika_call_t *calls[64];
    size_t count;
} gate_t;

static void *
create_gate (const troika_msg_t *args)
{
    (void)args;
    return calloc (1, sizeof (gate_t));
}

static void
cancel_pass (troika_call_t *call, void *context)
{
    gate_t *self = context;
    for (size_t i = 0; i < self->count; i++)
        if (self->calls[i] == call)
            self->calls[i] = self->calls[--self->count];
}

static int
pass (void *object, troika_call_t *call)
{
    gate_t *self = object;
    if (self->count == 64)
        return troika_call_fail (call, ERANGE, "the gate is crowded");
    self->calls[self->count++] = call;
    return troika_call_defer (call, cancel_pass, self);
}

static int
open_gate (void *object, troika_call_t *call)
{
    gate_t *self = object;
    size_t count = self->count;
    self->count = 0;
    for (size_t i = 0; i < count; i++)
        troika_call_reply (self->calls[i], NULL);
    return troika_call_reply (call, "U", (uint64_t)count);
}

static int
gate_figures (void *object, troika_call_t *call)
{
    gate_t *self = object;
    return troika_call_reply (call, "{s:U}", "waiters", (uint64_t)self->count);
}

static const troika_method_t gate_methods[] = {
    {"pass", pass},
    {"open", open_gate},
    {"stat", gate_figures},
    {NULL, NULL},
};

const troika_type_t gate_type = {"gate", create_gate, free, NULL, gate_methods};

/* --- the manager */

/* options: an endpoint, where not the stage's. */
static void *
start (const char *endpoint, const void *options)
{
    troika_manager_t *manager =
        troika_manager_new (options ? options : endpoint);
    if (!manager)
        return NULL;
    CHECK_OK (troika_manager_register (manager, &gate_type));
    CHECK_OK (troika_manager_register (manager, &bank_type));
    return manager;
}

static const char *
endpoint (void *server)
{
    return troika_manager_endpoint (server);
}

static void
stop (void *server)
{
    troika_manager_t *manager = server;
    troika_manager_destroy (&manager);
}

static const stage_service_t manager_service = {start, endpoint, stop};

troika_manager_t *
stage_manager (stage_t *self)
{
    stage_serve (self, &manager_service, NULL);
    return stage_manager_more (self);
}

troika_manager_t *
stage_manager_to_follow (stage_t *self)
{
    (void)stage_own_network (self);
    return stage_manager (self);
}

troika_manager_t *
stage_manager_more (stage_t *self)
{
    return CHECK_OK (troika_manager_connect (stage_endpoint (self)));
}

void
stage_manager_again (stage_t *self, const char *at)
{
    stage_needs_fork (self);
    stage_serve (self, &manager_service, at);
}

const char *
stage_object (stage_t *self, const char *name)
{
    static _Thread_local char text[600];
    snprintf (text, sizeof text, "%s#%s", stage_endpoint (self), name);
    return text;
}

int64_t
stat_of (stage_t *self, const char *name, const char *key)
{
    int64_t number;
    troika_object_t *object =
        CHECK_OK (troika_object_connect (stage_object (self, name)));
    troika_msg_t *stat =
        CHECK_OK (troika_object_call (object, 5000, "stat", NULL));
    CHECK_OK (troika_msg_unpack (stat, "{s:I}", key, &number));
    troika_msg_destroy (&stat);
    troika_object_destroy (&object);
    return number;
}

/* --- calls from threads */

static void *
run_call (void *arg)
{
    caller_t *self = arg;
    self->result = self->call (self->object, self->timeout);
    self->error = errno;
    self->ended = clock_ms ();
    return NULL;
}

void
caller_start (caller_t *self, call_t call, void *object, int timeout)
{
    *self = (caller_t){.call = call, .object = object, .timeout = timeout};
    int error = pthread_create (&self->thread, NULL, run_call, self);
    if (error)
        STAGE_FAIL ("pthread_create: %s", strerror (error));
}

int
caller_end (caller_t *self)
{
    pthread_join (self->thread, NULL);
    errno = self->error;
    return self->result;
}

int
in_thread (call_t call, void *object, int timeout)
{
    caller_t caller;
    caller_start (&caller, call, object, timeout);
    return caller_end (&caller);
}
