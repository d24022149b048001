/* SPDX-License-Identifier: MPL-2.0 */
/*
 * list.c - the handle of a list.
 *
 * Every function is one call of the object's method of that name.
 */
#include <troika/list.h>

#include "lib/base/error.h"
#include "lib/client/ask.h"
#include "lib/client/pass.h"
#include "patterns/manager/manager_private.h"

struct troika_list {
    tk_handle_t *handle;
};

troika_list_t *
troika_manager_list (troika_manager_t *manager, const char *name)
{
    tk_handle_t *handle = NULL;
    int rc = tk_open (tk_manager_handle (manager), "list", name, &handle, "[]");
    return tk_wrap (rc, handle, sizeof (troika_list_t));
}

troika_list_t *
troika_list_connect (const char *endpoint)
{
    tk_handle_t *handle = NULL;
    int rc = tk_handle_connect (&handle, endpoint, "list", NULL);
    return tk_wrap (rc, handle, sizeof (troika_list_t));
}

void
troika_list_destroy (troika_list_t **self_p)
{
    if (!self_p)
        return;
    tk_unwrap (*self_p);
    *self_p = NULL;
}

int
troika_list_append (troika_list_t *self, const char *format, ...)
{
    tk_buffer_t args;
    va_list values;
    va_start (values, format);
    int rc = tk_begin (&args, 1, NULL);
    rc = tk_pass (rc, tk_handle_of (self), "append", NULL, &args, format,
                  values);
    va_end (values);
    return tk_edge (rc);
}

int
troika_list_insert (troika_list_t *self, ssize_t index, const char *format, ...)
{
    tk_buffer_t args;
    va_list values;
    va_start (values, format);
    int rc = tk_begin (&args, 2, "I", (int64_t)index);
    rc = tk_pass (rc, tk_handle_of (self), "insert", NULL, &args, format,
                  values);
    va_end (values);
    return tk_edge (rc);
}

int
troika_list_set (troika_list_t *self, ssize_t index, const char *format, ...)
{
    tk_buffer_t args;
    va_list values;
    va_start (values, format);
    int rc = tk_begin (&args, 2, "I", (int64_t)index);
    rc = tk_pass (rc, tk_handle_of (self), "set", NULL, &args, format, values);
    va_end (values);
    return tk_edge (rc);
}

int
troika_list_extend (troika_list_t *self, const troika_msg_t *array)
{
    return tk_do (tk_handle_of (self), "extend", "[m]", array);
}

troika_msg_t *
troika_list_get (troika_list_t *self, ssize_t index)
{
    return tk_fetch (tk_handle_of (self), "get", "[I]", (int64_t)index);
}

troika_msg_t *
troika_list_pop (troika_list_t *self, ssize_t index)
{
    return tk_fetch (tk_handle_of (self), "pop", "[I]", (int64_t)index);
}

troika_msg_t *
troika_list_slice (troika_list_t *self, ssize_t from, ssize_t to)
{
    return tk_fetch (tk_handle_of (self), "slice", "[II]", (int64_t)from,
                     (int64_t)to);
}

int
troika_list_del (troika_list_t *self, ssize_t index)
{
    return tk_do (tk_handle_of (self), "del", "[I]", (int64_t)index);
}

int
troika_list_clear (troika_list_t *self)
{
    return tk_do (tk_handle_of (self), "clear", "[]");
}

int
troika_list_reverse (troika_list_t *self)
{
    return tk_do (tk_handle_of (self), "reverse", "[]");
}

int
troika_list_sort (troika_list_t *self)
{
    return tk_do (tk_handle_of (self), "sort", "[]");
}

ssize_t
troika_list_len (troika_list_t *self)
{
    return tk_fetch_count (tk_handle_of (self), "len", "[]");
}

ssize_t
troika_list_index (troika_list_t *self, const troika_msg_t *value)
{
    return tk_fetch_count (tk_handle_of (self), "index", "[m]", value);
}

ssize_t
troika_list_count (troika_list_t *self, const troika_msg_t *value)
{
    return tk_fetch_count (tk_handle_of (self), "count", "[m]", value);
}

int
troika_list_remove (troika_list_t *self, const troika_msg_t *value)
{
    return tk_do (tk_handle_of (self), "remove", "[m]", value);
}

troika_msg_t *
troika_list_stat (troika_list_t *self)
{
    return tk_fetch (tk_handle_of (self), "stat", "[]");
}
