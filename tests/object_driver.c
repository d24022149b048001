/* SPDX-License-Identifier: MPL-2.0 */
/*
 * object_driver.c - plays server and clients of one object.
 */
#include "tests/object_driver.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/error.h"
#include "lib/msg/document.h"

struct driver {
    tk_registry_t *registry;
    tk_object_t *object;
    char name[64];
    tk_time_t now;
    tk_link_t asks;
};

static int
no_seal (void *context, tk_object_t *object, void (*done) (void *self))
{
    (void)context;
    (void)object;
    (void)done;
    return -ENOTSUP;
}

static int
open_object (driver_t *self, const troika_type_t *type,
             const troika_msg_t *params)
{
    tk_registry_lock (self->registry);
    int rc = tk_registry_add_type (self->registry, type);
    if (!rc)
        rc = tk_registry_open (self->registry, type->name, self->name, params,
                               &self->object);
    tk_registry_unlock (self->registry);
    return rc;
}

driver_t *
driver_new (const troika_type_t *type, const char *name, const char *format,
            ...)
{
    static const tk_registry_hooks_t hooks = {NULL, no_seal, NULL};
    driver_t *self = calloc (1, sizeof *self);
    assert_non_null (self);
    va_list args;
    va_start (args, format);
    troika_msg_t *params = troika_msg_vpack (format, args);
    va_end (args);
    assert_non_null (params);
    self->registry = tk_registry_new (&hooks);
    assert_non_null (self->registry);
    snprintf (self->name, sizeof self->name, "%s", name);
    self->now = 1000000;
    tk_list_init (&self->asks);
    int rc = open_object (self, type, params);
    troika_msg_destroy (&params);
    if (!rc)
        return self;
    driver_destroy (&self);
    return tk_edge_null (rc);
}

void
driver_destroy (driver_t **self_p)
{
    driver_t *self = *self_p;
    if (!self)
        return;
    *self_p = NULL;
    tk_registry_destroy (&self->registry);
    tk_link_t *link;
    while ((link = tk_list_pop (&self->asks))) {
        ask_t *ask = TK_MEMBER (link, ask_t, link);
        assert_true (ask->answered);
        troika_msg_destroy (&ask->result);
        tk_call_fini (&ask->call);
        free (ask);
    }
    free (self);
}

/* A reply is [nil, result] or [error name, words]. */
static void
read_reply (ask_t *ask, const troika_msg_t *reply)
{
    const char *name, *words;
    if (!troika_msg_unpack (reply, "[n,m]", &ask->result))
        return;
    assert_int_equal (troika_msg_unpack (reply, "[s,s]", &name, &words), 0);
    ask->error = tk_error_number (name, strlen (name));
    snprintf (ask->words, sizeof ask->words, "%s", words);
}

static void
finish (troika_call_t *call, tk_buffer_t *answer)
{
    size_t size;
    ask_t *ask = TK_MEMBER (call, ask_t, call);
    tk_slab_t *slab = tk_buffer_take (answer, &size);
    assert_false (ask->answered);
    assert_non_null (slab);
    ask->answered = true;
    troika_msg_t *reply = tk_msg_slice (slab, tk_slab_data (slab), size);
    tk_slab_unref (slab);
    assert_non_null (reply);
    read_reply (ask, reply);
    troika_msg_destroy (&reply);
}

static ask_t *
new_ask (driver_t *self, uint64_t owner, int timeout, troika_msg_t *args)
{
    ask_t *ask = calloc (1, sizeof *ask);
    assert_non_null (ask);
    assert_non_null (args);
    tk_call_init (&ask->call, self->registry, args, finish);
    ask->driver = self;
    ask->call.owner = owner;
    ask->call.timed = true;
    ask->call.timeout_ms = timeout;
    if (timeout == TROIKA_NOWAIT)
        ask->call.deadline = TK_NOWAIT;
    else if (timeout > 0)
        ask->call.deadline = self->now + (tk_time_t)timeout * 1000;
    tk_list_append (&self->asks, &ask->link);
    return ask;
}

static ask_t *
run (driver_t *self, uint64_t owner, int timeout, const char *method,
     const char *format, va_list args)
{
    ask_t *ask =
        new_ask (self, owner, timeout, troika_msg_vpack (format, args));
    tk_registry_lock (self->registry);
    tk_call_run (&ask->call, self->object, method, strlen (method));
    tk_registry_unlock (self->registry);
    return ask;
}

ask_t *
driver_ask (driver_t *self, uint64_t owner, int timeout, const char *method,
            const char *format, ...)
{
    va_list args;
    va_start (args, format);
    ask_t *ask = run (self, owner, timeout, method, format, args);
    va_end (args);
    return ask;
}

ask_t *
driver_do (driver_t *self, uint64_t owner, const char *method,
           const char *format, ...)
{
    va_list args;
    va_start (args, format);
    ask_t *ask = run (self, owner, TROIKA_FOREVER, method, format, args);
    va_end (args);
    if (!ask->answered || ask->error)
        fail_msg ("owner %u %s: %s", (unsigned)owner, method,
                  ask->answered ? ask->words : "still waiting");
    return ask;
}

void
driver_pass (driver_t *self, int ms)
{
    self->now += (tk_time_t)ms * 1000;
    tk_registry_lock (self->registry);
    tk_registry_expire (self->registry, self->now);
    tk_registry_unlock (self->registry);
}

void
driver_interrupt (ask_t *ask)
{
    tk_registry_lock (ask->driver->registry);
    tk_call_cancel (&ask->call, EINTR);
    tk_registry_unlock (ask->driver->registry);
}

static void
forget (driver_t *self, uint64_t owner, bool in_order)
{
    tk_registry_lock (self->registry);
    for (tk_link_t *link = self->asks.next; link != &self->asks;
         link = link->next) {
        ask_t *ask = TK_MEMBER (link, ask_t, link);
        if (ask->call.owner == owner)
            tk_call_cancel (&ask->call, ECONNRESET);
    }
    tk_registry_forget (self->registry, owner, in_order);
    tk_registry_unlock (self->registry);
}

void
driver_kill (driver_t *self, uint64_t owner)
{
    forget (self, owner, false);
}

void
driver_leave (driver_t *self, uint64_t owner)
{
    forget (self, owner, true);
}

void
driver_remove (driver_t *self)
{
    tk_registry_lock (self->registry);
    assert_int_equal (tk_registry_remove (self->registry, self->name), 0);
    tk_registry_unlock (self->registry);
    self->object = NULL;
}

void
driver_check_failed (const ask_t *ask, int error, const char *words,
                     const char *file, int line)
{
    if (ask->answered && ask->error == error &&
        (!words || strcmp (ask->words, words) == 0))
        return;
    print_error ("owner %u's %s: expected %s \"%s\", found %s \"%s\"\n",
                 (unsigned)ask->call.owner, ask->call.method,
                 error ? tk_error_name (error) : "success", words ? words : "",
                 !ask->answered ? "still waiting"
                 : ask->error   ? tk_error_name (ask->error)
                                : "success",
                 ask->words);
    _fail (file, line);
}

void
driver_check_waiting (const ask_t *ask, const char *file, int line)
{
    if (!ask->answered)
        return;
    print_error ("owner %u's %s should wait, but %s \"%s\"\n",
                 (unsigned)ask->call.owner, ask->call.method,
                 ask->error ? tk_error_name (ask->error) : "succeeded",
                 ask->words);
    _fail (file, line);
}

int64_t
driver_int (const ask_t *ask)
{
    int64_t number = 0;
    int truth = 0;
    assert_true (ask->answered);
    assert_non_null (ask->result);
    if (troika_msg_unpack (ask->result, "b", &truth) == 0)
        return truth;
    assert_int_equal (troika_msg_unpack (ask->result, "I", &number), 0);
    return number;
}
