/* SPDX-License-Identifier: MPL-2.0 */
/*
 * value.c - the handle of a value.
 *
 * Every function is one call of the object's method of that name.
 */
#include <troika/value.h>

#include "lib/base/error.h"
#include "lib/client/ask.h"
#include "lib/client/pass.h"
#include "patterns/manager/manager_private.h"

struct troika_value {
    tk_handle_t *handle;
};

troika_value_t *
troika_manager_value (troika_manager_t *manager, const char *name,
                      const char *format, ...)
{
    tk_handle_t *handle = NULL;
    va_list values;
    va_start (values, format);
    troika_msg_t *initial = troika_msg_vpack (format, values);
    va_end (values);
    if (!initial)
        return NULL;
    int rc = tk_open (tk_manager_handle (manager), "value", name, &handle,
                      "[m]", initial);
    troika_msg_destroy (&initial);
    return tk_wrap (rc, handle, sizeof (troika_value_t));
}

troika_value_t *
troika_value_connect (const char *endpoint)
{
    tk_handle_t *handle = NULL;
    int rc = tk_handle_connect (&handle, endpoint, "value", NULL);
    return tk_wrap (rc, handle, sizeof (troika_value_t));
}

void
troika_value_destroy (troika_value_t **self_p)
{
    if (!self_p)
        return;
    tk_unwrap (*self_p);
    *self_p = NULL;
}

troika_msg_t *
troika_value_get (troika_value_t *self)
{
    return tk_fetch (tk_handle_of (self), "get", "[]");
}

int
troika_value_set (troika_value_t *self, const char *format, ...)
{
    tk_buffer_t args;
    va_list values;
    va_start (values, format);
    int rc = tk_begin (&args, 1, NULL);
    rc = tk_pass (rc, tk_handle_of (self), "set", NULL, &args, format, values);
    va_end (values);
    return tk_edge (rc);
}

int
troika_value_add (troika_value_t *self, int64_t delta, int64_t *result)
{
    return tk_fetch_int (tk_handle_of (self), result, "add", "[I]", delta);
}

int
troika_value_cas (troika_value_t *self, const troika_msg_t *expected,
                  const troika_msg_t *value)
{
    return tk_do (tk_handle_of (self), "cas", "[mm]", expected, value);
}
