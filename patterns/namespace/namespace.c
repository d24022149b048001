/* SPDX-License-Identifier: MPL-2.0 */
/*
 * namespace.c - the handle of a namespace.
 *
 * Every function is one call of the object's method of that name.
 */
#include <troika/namespace.h>

#include "lib/base/error.h"
#include "lib/client/ask.h"
#include "lib/client/pass.h"
#include "patterns/manager/manager_private.h"

struct troika_namespace {
    tk_handle_t *handle;
};

troika_namespace_t *
troika_manager_namespace (troika_manager_t *manager, const char *name)
{
    tk_handle_t *handle = NULL;
    int rc =
        tk_open (tk_manager_handle (manager), "namespace", name, &handle, "[]");
    return tk_wrap (rc, handle, sizeof (troika_namespace_t));
}

troika_namespace_t *
troika_namespace_connect (const char *endpoint)
{
    tk_handle_t *handle = NULL;
    int rc = tk_handle_connect (&handle, endpoint, "namespace", NULL);
    return tk_wrap (rc, handle, sizeof (troika_namespace_t));
}

void
troika_namespace_destroy (troika_namespace_t **self_p)
{
    if (!self_p)
        return;
    tk_unwrap (*self_p);
    *self_p = NULL;
}

int
troika_namespace_set (troika_namespace_t *self, const char *name,
                      const char *format, ...)
{
    tk_buffer_t args;
    va_list values;
    va_start (values, format);
    int rc = tk_begin (&args, 2, "s", name);
    rc = tk_pass (rc, tk_handle_of (self), "set", NULL, &args, format, values);
    va_end (values);
    return tk_edge (rc);
}

troika_msg_t *
troika_namespace_get (troika_namespace_t *self, const char *name)
{
    return tk_fetch (tk_handle_of (self), "get", "[s]", name);
}

int
troika_namespace_del (troika_namespace_t *self, const char *name)
{
    return tk_do (tk_handle_of (self), "del", "[s]", name);
}

int
troika_namespace_has (troika_namespace_t *self, const char *name)
{
    return (int)tk_fetch_count (tk_handle_of (self), "has", "[s]", name);
}

troika_msg_t *
troika_namespace_all (troika_namespace_t *self)
{
    return tk_fetch (tk_handle_of (self), "all", "[]");
}
