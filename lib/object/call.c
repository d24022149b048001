/* SPDX-License-Identifier: MPL-2.0 */
/*
 * call.c - runs a call, parks it, and finishes it exactly once.
 *
 * States: RUNNING -> FINISHED, or RUNNING -> PARKED -> (cancel: RUNNING ->)
 * FINISHED. Runs under the registry's lock; finish() never calls back into
 * an object, so a handler may answer calls while it walks its lists.
 */
#include "call.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "lib/base/error.h"
#include "lib/msg/document.h"
#include "lib/msg/lend.h"
#include "lib/wire/request.h"
#include "registry.h"

void
tk_call_init (troika_call_t *self, tk_registry_t *registry, troika_msg_t *args,
              tk_call_finish_fn finish)
{
    memset (self, 0, sizeof *self);
    self->registry = registry;
    self->args = args;
    if (args)
        tk_msg_set_args (args);
    self->finish = finish;
    self->deadline = TK_NEVER;
    self->timeout_ms = TROIKA_FOREVER;
    tk_list_init (&self->parked);
}

void
tk_call_fini (troika_call_t *self)
{
    troika_msg_destroy (&self->args);
}

/* The handler that runs needs to know, after it returns, whether the call
 * is still its own: it may have been freed by then. */
static void
settle (troika_call_t *self)
{
    if (self->settled)
        *self->settled = true;
    self->settled = NULL;
}

static void
finish (troika_call_t *self, tk_buffer_t *reply)
{
    settle (self);
    tk_list_remove (&self->parked);
    tk_registry_unwatch (self->registry, self);
    self->state = TK_CALL_FINISHED;
    self->finish (self, reply);
}

static void
fail (troika_call_t *self, int error, char *words)
{
    tk_buffer_t reply;
    tk_buffer_init (&reply);
    tk_reply_fail (&reply, error, words);
    finish (self, &reply);
}

/* "queue 'jobs' get: Connection timed out after 200 ms" */
static void
fail_plainly (troika_call_t *self, int error)
{
    char words[512];
    const char *what = strerror (error);
    if (error == ETIMEDOUT)
        snprintf (words, sizeof words, "%s '%s' %s: nothing within %d ms",
                  self->object->type->name, self->object->name, self->method,
                  self->timeout_ms);
    else
        snprintf (words, sizeof words, "%s '%s' %s: %s",
                  self->object->type->name, self->object->name, self->method,
                  what);
    fail (self, error, words);
}

static const troika_method_t *
find_method (const troika_type_t *type, const char *name, size_t length)
{
    for (const troika_method_t *m = type->methods; m->name; m++)
        if (strncmp (m->name, name, length) == 0 && !m->name[length])
            return m;
    return NULL;
}

static void
fail_method (troika_call_t *self, const char *name, size_t length)
{
    char words[512];
    snprintf (words, sizeof words, "%s '%s' has no method '%.*s'",
              self->object->type->name, self->object->name,
              (int)(length < 64 ? length : 64), name);
    fail (self, ENOENT, words);
}

void
tk_call_run (troika_call_t *self, tk_object_t *object, const char *name,
             size_t length)
{
    self->object = object;
    self->state = TK_CALL_RUNNING;
    const troika_method_t *method = find_method (object->type, name, length);
    if (!method) {
        fail_method (self, name, length);
        return;
    }
    self->method = method->name;
    bool settled = false;
    self->settled = &settled;
    tk_scope_t scope = tk_scope_enter (object);
    int rc = method->handler (object->self, self);
    int error = errno;
    tk_scope_leave (scope);
    if (settled)
        return;
    if (rc)
        fail_plainly (self, error);
    else
        troika_call_reply (self, NULL);
}

void
tk_call_cancel (troika_call_t *self, int reason)
{
    if (self->state != TK_CALL_PARKED)
        return;
    void (*cancel) (troika_call_t *, void *) = self->cancel;
    bool settled = false;
    tk_list_remove (&self->parked);
    tk_registry_unwatch (self->registry, self);
    self->state = TK_CALL_RUNNING;
    self->reason = reason;
    self->deadline = TK_NEVER;
    self->settled = &settled;
    tk_scope_t scope = tk_scope_enter (self->object);
    if (cancel)
        cancel (self, self->context);
    tk_scope_leave (scope);
    if (!settled)
        fail_plainly (self, reason);
}

const troika_msg_t *
troika_call_args (const troika_call_t *self)
{
    return self->args;
}

uint64_t
troika_call_owner (const troika_call_t *self)
{
    return self->owner;
}

int
troika_call_is_cast (const troika_call_t *self)
{
    return self->is_cast;
}

int
troika_call_timeout (const troika_call_t *self)
{
    return self->timeout_ms;
}

int
troika_call_reason (const troika_call_t *self)
{
    return self->reason;
}

int
troika_call_reply (troika_call_t *self, const char *format, ...)
{
    tk_buffer_t reply;
    tk_buffer_init (&reply);
    tk_write_array (&reply, 2);
    tk_write_nil (&reply);
    va_list args;
    va_start (args, format);
    int rc = tk_pack (&reply, format, args);
    va_end (args);
    if (rc) {
        tk_buffer_fini (&reply);
        fail_plainly (self, -rc);
        return tk_edge (rc);
    }
    finish (self, &reply);
    return 0;
}

int
troika_call_reply_msg (troika_call_t *self, const troika_msg_t *msg)
{
    tk_buffer_t reply;
    tk_buffer_init (&reply);
    tk_write_array (&reply, 2);
    tk_write_nil (&reply);
    tk_buffer_lend (&reply, tk_msg_slab (msg), troika_msg_data (msg),
                    troika_msg_size (msg));
    int rc = tk_buffer_error (&reply);
    finish (self, &reply);
    return tk_edge (rc);
}

void
tk_call_reply_buffer (troika_call_t *self, tk_buffer_t *reply)
{
    finish (self, reply);
}

int
troika_call_fail (troika_call_t *self, int error, const char *text, ...)
{
    if (!text) {
        fail_plainly (self, error);
        return 0;
    }
    char words[512];
    va_list args;
    va_start (args, text);
    vsnprintf (words, sizeof words, text, args);
    va_end (args);
    fail (self, error, words);
    return 0;
}

int
troika_call_defer (troika_call_t *self,
                   void (*cancel) (troika_call_t *call, void *context),
                   void *context)
{
    if (self->state != TK_CALL_RUNNING)
        return tk_edge (tk_error (EINVAL, "a call is deferred only from its "
                                          "handler or cancel"));
    settle (self);
    self->state = TK_CALL_PARKED;
    self->cancel = cancel;
    self->context = context;
    tk_list_append (&self->object->parked, &self->parked);
    if (self->deadline == TK_NOWAIT)
        tk_call_cancel (self, EAGAIN);
    else if (self->timed && tk_registry_watch (self->registry, self))
        tk_call_cancel (self, ENOMEM);
    return 0;
}
