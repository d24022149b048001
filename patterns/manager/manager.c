/* SPDX-License-Identifier: MPL-2.0 */
/*
 * manager.c - the handle of a manager: a handle of its own object "".
 */
#include <troika/manager.h>

#include <errno.h>
#include <stdlib.h>
#include "lib/base/error.h"
#include "lib/client/ask.h"
#include "lib/object/registry.h"
#include "manager_private.h"
#include "types.h"

struct troika_manager {
    tk_handle_t *handle;
};

troika_manager_t *
troika_manager_new (const char *endpoint)
{
    tk_handle_t *handle = NULL;
    int rc =
        tk_handle_serve (&handle, endpoint, tk_builtin_types, NULL, NULL, NULL);
    return tk_wrap (rc, handle, sizeof (troika_manager_t));
}

troika_manager_t *
troika_manager_connect (const char *endpoint)
{
    tk_handle_t *handle = NULL;
    int rc = tk_handle_connect (&handle, endpoint, NULL, NULL);
    return tk_wrap (rc, handle, sizeof (troika_manager_t));
}

tk_handle_t *
tk_manager_handle (troika_manager_t *self)
{
    return tk_handle_of (self);
}

int
troika_manager_bind (troika_manager_t *self, const char *endpoint)
{
    return tk_edge (tk_handle_bind (tk_handle_of (self), endpoint));
}

const char *
troika_manager_endpoint (const troika_manager_t *self)
{
    return tk_endpoint_of (self);
}

static int
add_type (troika_manager_t *self, const troika_type_t *type)
{
    int rc = tk_handle_check (tk_handle_of (self));
    if (rc)
        return rc;
    tk_registry_t *registry = tk_handle_registry (self->handle);
    if (!registry)
        return tk_error (EPERM, "%s is served by another process",
                         tk_handle_endpoint (self->handle));
    if (!type || !type->name || !type->create || !type->destroy ||
        !type->methods)
        return tk_error (EINVAL,
                         "a type has a name, create, destroy and methods");
    rc = tk_handle_outside (self->handle);
    if (rc)
        return rc;
    tk_registry_lock (registry);
    rc = tk_registry_add_type (registry, type);
    tk_registry_unlock (registry);
    return rc;
}

int
troika_manager_register (troika_manager_t *self, const troika_type_t *type)
{
    return tk_edge (add_type (self, type));
}

troika_msg_t *
troika_manager_objects (troika_manager_t *self)
{
    troika_msg_t *answer = NULL;
    int rc = tk_handle_callf (tk_handle_of (self), TROIKA_FOREVER, "objects",
                              &answer, "[]");
    return rc ? tk_edge_null (rc) : answer;
}

int
troika_manager_remove (troika_manager_t *self, const char *name)
{
    return tk_edge (tk_handle_callf (tk_handle_of (self), TROIKA_FOREVER,
                                     "remove", NULL, "[s]", name));
}

int
troika_manager_shutdown (troika_manager_t *self, int timeout)
{
    tk_time_t deadline;
    int rc = tk_deadline (timeout, &deadline);
    if (rc)
        return tk_edge (tk_error (-rc, "a timeout of %d ms", timeout));
    rc = tk_handle_outside (tk_handle_of (self));
    if (rc)
        return tk_edge (rc);
    if (tk_handle_end (tk_handle_of (self), deadline))
        return 0;
    rc = tk_ask (tk_handle_of (self), TROIKA_FOREVER, "shutdown");
    return tk_edge (rc == -EPIPE ? 0 : rc);
}

void
troika_manager_destroy (troika_manager_t **self_p)
{
    troika_manager_t *self = self_p ? *self_p : NULL;
    if (!self)
        return;
    *self_p = NULL;
    tk_handle_t *handle = self->handle; /* other threads may still read it */
    tk_handle_destroy (&handle);
    free (self);
}
