/* SPDX-License-Identifier: MPL-2.0 */
/*
 * handle.c - one object of one manager, by whichever way leads to it.
 *
 * The one place that decides between the direct path and a lane. A handle
 * belongs to a generation; in a forked child it turns into a client of its
 * parent's manager at its first use. Whoever is inside has said so
 * (lib/base/hazard.h): destroy waits until all have left.
 */
#include "handle_parts.h"

#include <errno.h>
#include <string.h>
#include "lib/base/error.h"
#include "lib/base/hazard.h"
#include "lib/base/runtime.h"
#include "parts.h"

int
tk_handle_check (const tk_handle_t *self)
{
    return self ? 0 : tk_error (EINVAL, "NULL is no object");
}

int
tk_handle_go_in (tk_handle_t *self)
{
    if (!self)
        return tk_handle_check (self);
    if (atomic_load (&self->generation) != tk_generation ())
        tk_handle_renew (self);
    if (!tk_hazard_enter (self))
        return -ENOMEM;
    if (!atomic_load (&self->closing))
        return 0;
    tk_hazard_leave ();
    return tk_error (EPIPE, "the handle is being destroyed");
}

/* Nothing of the handle may be touched any more: it may be gone. */
void
tk_handle_leave (tk_handle_t *self)
{
    (void)self;
    tk_hazard_leave ();
}

bool
tk_handle_is_here (const tk_handle_t *self)
{
    return self->direct &&
           !tk_registry_inside (tk_server_registry (self->server));
}

void
tk_handle_visit (tk_handle_t *self, tk_visit_fn visit, void *context)
{
    tk_registry_t *registry = tk_server_registry (self->server);
    tk_registry_lock (registry);
    tk_object_t *object =
        tk_registry_find (registry, self->name, strlen (self->name));
    uint64_t owner = tk_direct_owner (self->server);
    if (object && owner) {
        tk_scope_t scope = tk_scope_enter (object);
        visit (object, owner, context);
        tk_scope_leave (scope);
    }
    tk_registry_unlock (registry);
}

tk_target_t
tk_handle_target (tk_handle_t *self, const char *method)
{
    return (tk_target_t){.object = self->name,
                         .method = method,
                         .serial = self->serial,
                         .closing = &self->closing,
                         .sealed = &self->listener.sealed};
}

/* Who is told by rc that the client has failed is not told again. */
int
tk_handle_give_back (tk_handle_t *self, tk_client_t *client, tk_told_t told,
                     int rc)
{
    if ((rc == -ECONNRESET || rc == -EPIPE) &&
        tk_client_state (client) != TK_OPEN)
        tk_client_told (client, &self->listener, told);
    tk_client_unref (client, TK_NOWAIT);
    return rc;
}

static int
call_client (tk_handle_t *self, tk_time_t deadline, const char *method,
             const tk_buffer_t *args, troika_msg_t **result)
{
    tk_client_t *client;
    tk_target_t target = tk_handle_target (self, method);
    int rc = tk_handle_client (self, deadline, TK_BY_CALL, &client);
    if (rc)
        return rc;
    rc = tk_client_call (client, &target, deadline, args, result);
    return tk_handle_give_back (self, client, TK_BY_CALL, rc);
}

static troika_msg_t *
take_args (tk_buffer_t *args)
{
    size_t size;
    tk_slab_t *slab = tk_buffer_take (args, &size);
    troika_msg_t *msg =
        slab ? tk_msg_over (slab, tk_slab_data (slab), size) : NULL;
    if (!msg)
        tk_slab_unref (slab);
    return msg;
}

static int
call_direct (tk_handle_t *self, tk_time_t deadline, const char *method,
             tk_buffer_t *args, troika_msg_t **result)
{
    tk_target_t target = tk_handle_target (self, method);
    troika_msg_t *msg = take_args (args);
    return msg ? tk_direct_call (&self->waiting, self->server, &target,
                                 deadline, msg, result)
               : -ENOMEM;
}

static int
cast_direct (tk_handle_t *self, const char *method, tk_buffer_t *args)
{
    tk_target_t target = tk_handle_target (self, method);
    troika_msg_t *msg = take_args (args);
    return msg ? tk_direct_cast (self->server, &target, msg) : -ENOMEM;
}

int
tk_handle_outside (const tk_handle_t *self)
{
    if (!self)
        return tk_handle_check (self);
    if (!self->server ||
        !tk_registry_inside (tk_server_registry (self->server)))
        return 0;
    return tk_error (EDEADLK, "%s: a handler may not call its own manager",
                     self->text);
}

int
tk_handle_admit (const tk_handle_t *self, size_t size)
{
    int rc = tk_handle_outside (self);
    if (rc)
        return rc;
    if (size > TK_ARGS_LIMIT)
        return tk_error (EMSGSIZE, "%s: %zu bytes are over the limit of %zu",
                         self->text, size, TK_ARGS_LIMIT);
    return 0;
}

static int
dispatch (tk_handle_t *self, tk_time_t deadline, const char *method,
          tk_buffer_t *args, troika_msg_t **result)
{
    int rc = tk_buffer_error (args);
    if (!rc)
        rc = tk_handle_admit (self, args->size);
    if (rc)
        return rc;
    return self->direct ? call_direct (self, deadline, method, args, result)
                        : call_client (self, deadline, method, args, result);
}

/* The object's words tell what happened; where, only we know. The words of
 * a user's type stay as they are, unless the end of a wait is told. */
int
tk_handle_say_where (const tk_handle_t *self, int rc)
{
    if (rc >= 0 || (atomic_load (&self->own_words) && rc != -EAGAIN &&
                    rc != -ETIMEDOUT && rc != -EPIPE))
        return rc;
    return tk_error_where (-rc, self->text);
}

void
tk_handle_keep_words (tk_handle_t *self)
{
    atomic_store (&self->own_words, true);
}

int
tk_handle_call (tk_handle_t *self, tk_time_t deadline, const char *method,
                tk_buffer_t *args, troika_msg_t **result)
{
    int rc = tk_handle_go_in (self);
    if (!rc) {
        rc = tk_handle_say_where (
            self, dispatch (self, deadline, method, args, result));
        tk_handle_leave (self);
    }
    tk_buffer_fini (args);
    return rc;
}

int
tk_handle_vcallf (tk_handle_t *self, int timeout, const char *method,
                  troika_msg_t **result, const char *format, va_list list)
{
    tk_time_t deadline;
    tk_buffer_t args;
    int rc = tk_deadline (timeout, &deadline);
    if (rc)
        return tk_error (-rc, "a timeout of %d ms", timeout);
    tk_buffer_init (&args);
    rc = tk_pack (&args, format, list);
    if (rc) {
        tk_buffer_fini (&args);
        return rc;
    }
    return tk_handle_call (self, deadline, method, &args, result);
}

int
tk_handle_callf (tk_handle_t *self, int timeout, const char *method,
                 troika_msg_t **result, const char *format, ...)
{
    va_list list;
    va_start (list, format);
    int rc = tk_handle_vcallf (self, timeout, method, result, format, list);
    va_end (list);
    return rc;
}

static int
cast_client (tk_handle_t *self, tk_time_t deadline, const char *method,
             const tk_buffer_t *args)
{
    tk_client_t *client;
    tk_target_t target = tk_handle_target (self, method);
    int rc = tk_handle_client (self, deadline, TK_BY_CALL, &client);
    if (rc)
        return rc;
    rc = tk_client_cast (client, &target, deadline, args);
    return tk_handle_give_back (self, client, TK_BY_CALL, rc);
}

int
tk_handle_cast (tk_handle_t *self, tk_time_t deadline, const char *method,
                tk_buffer_t *args)
{
    int rc = tk_handle_go_in (self);
    if (!rc) {
        rc = tk_handle_admit (self, args->size);
        if (!rc && self->direct)
            rc = cast_direct (self, method, args);
        else if (!rc)
            rc = cast_client (self, deadline, method, args);
        rc = tk_handle_say_where (self, rc);
        tk_handle_leave (self);
    }
    tk_buffer_fini (args);
    return rc;
}

bool
tk_handle_is_direct (tk_handle_t *self)
{
    if (atomic_load (&self->generation) != tk_generation ())
        tk_handle_renew (self);
    return self->direct;
}
