/* SPDX-License-Identifier: MPL-2.0 */
/*
 * dict.c - the handle of a dict.
 *
 * Every function is one call of the object's method of that name.
 */
#include <troika/dict.h>

#include <errno.h>
#include "lib/base/error.h"
#include "lib/client/ask.h"
#include "lib/client/pass.h"
#include "patterns/manager/manager_private.h"

struct troika_dict {
    tk_handle_t *handle;
};

troika_dict_t *
troika_manager_dict (troika_manager_t *manager, const char *name)
{
    tk_handle_t *handle = NULL;
    int rc = tk_open (tk_manager_handle (manager), "dict", name, &handle, "[]");
    return tk_wrap (rc, handle, sizeof (troika_dict_t));
}

troika_dict_t *
troika_dict_connect (const char *endpoint)
{
    tk_handle_t *handle = NULL;
    int rc = tk_handle_connect (&handle, endpoint, "dict", NULL);
    return tk_wrap (rc, handle, sizeof (troika_dict_t));
}

void
troika_dict_destroy (troika_dict_t **self_p)
{
    if (!self_p)
        return;
    tk_unwrap (*self_p);
    *self_p = NULL;
}

int
troika_dict_set (troika_dict_t *self, const char *key, const char *format, ...)
{
    tk_buffer_t args;
    va_list values;
    va_start (values, format);
    int rc = tk_begin (&args, 2, "s", key);
    rc = tk_pass (rc, tk_handle_of (self), "set", NULL, &args, format, values);
    va_end (values);
    return tk_edge (rc);
}

int
troika_dict_set_msg (troika_dict_t *self, const troika_msg_t *key,
                     const troika_msg_t *value)
{
    return tk_do (tk_handle_of (self), "set", "[mm]", key, value);
}

troika_msg_t *
troika_dict_get (troika_dict_t *self, const char *key)
{
    return tk_fetch (tk_handle_of (self), "get", "[s]", key);
}

troika_msg_t *
troika_dict_get_msg (troika_dict_t *self, const troika_msg_t *key)
{
    return tk_fetch (tk_handle_of (self), "get", "[m]", key);
}

troika_msg_t *
troika_dict_pop (troika_dict_t *self, const char *key)
{
    return tk_fetch (tk_handle_of (self), "pop", "[s]", key);
}

troika_msg_t *
troika_dict_pop_msg (troika_dict_t *self, const troika_msg_t *key)
{
    return tk_fetch (tk_handle_of (self), "pop", "[m]", key);
}

troika_msg_t *
troika_dict_setdefault (troika_dict_t *self, const char *key,
                        const char *format, ...)
{
    tk_buffer_t args;
    troika_msg_t *result = NULL;
    va_list values;
    va_start (values, format);
    int rc = tk_begin (&args, 2, "s", key);
    rc = tk_pass (rc, tk_handle_of (self), "setdefault", &result, &args, format,
                  values);
    va_end (values);
    return rc ? tk_edge_null (rc) : result;
}

int
troika_dict_del (troika_dict_t *self, const char *key)
{
    return tk_do (tk_handle_of (self), "del", "[s]", key);
}

int
troika_dict_del_msg (troika_dict_t *self, const troika_msg_t *key)
{
    return tk_do (tk_handle_of (self), "del", "[m]", key);
}

int
troika_dict_has (troika_dict_t *self, const char *key)
{
    return (int)tk_fetch_count (tk_handle_of (self), "has", "[s]", key);
}

int
troika_dict_has_msg (troika_dict_t *self, const troika_msg_t *key)
{
    return (int)tk_fetch_count (tk_handle_of (self), "has", "[m]", key);
}

ssize_t
troika_dict_len (troika_dict_t *self)
{
    return tk_fetch_count (tk_handle_of (self), "len", "[]");
}

int
troika_dict_update (troika_dict_t *self, const char *format, ...)
{
    tk_buffer_t args;
    va_list values;
    va_start (values, format);
    int rc = tk_begin (&args, 1, NULL);
    rc = tk_pass (rc, tk_handle_of (self), "update", NULL, &args, format,
                  values);
    va_end (values);
    return tk_edge (rc);
}

int
troika_dict_clear (troika_dict_t *self)
{
    return tk_do (tk_handle_of (self), "clear", "[]");
}

troika_msg_t *
troika_dict_keys (troika_dict_t *self)
{
    return tk_fetch (tk_handle_of (self), "keys", "[]");
}

troika_msg_t *
troika_dict_values (troika_dict_t *self)
{
    return tk_fetch (tk_handle_of (self), "values", "[]");
}

troika_msg_t *
troika_dict_items (troika_dict_t *self)
{
    return tk_fetch (tk_handle_of (self), "items", "[]");
}

int
troika_dict_add (troika_dict_t *self, const char *key, int64_t delta,
                 int64_t *result)
{
    return tk_fetch_int (tk_handle_of (self), result, "add", "[sI]", key,
                         delta);
}

int
troika_dict_cas (troika_dict_t *self, const char *key,
                 const troika_msg_t *expected, const troika_msg_t *value)
{
    if (!expected)
        return tk_do (tk_handle_of (self), "cas", "[sm]", key, value);
    return tk_do (tk_handle_of (self), "cas", "[smm]", key, expected, value);
}

/* What a wait was answered: [version, value], or [version] at a delete. */
static int
read_change (const troika_dict_t *self, const char *key,
             const troika_msg_t *change, uint64_t *version,
             troika_msg_t **value)
{
    if (!troika_msg_unpack (change, "[Um]", version, value))
        return 0;
    if (!troika_msg_unpack (change, "[U]", version))
        return tk_error (ENOENT, "dict '%s': key \"%s\" was deleted (%s)",
                         tk_handle_name (self->handle), key,
                         tk_handle_endpoint (self->handle));
    return tk_error (EPROTO, "'%s' wait was answered strangely: %s",
                     tk_handle_name (self->handle), troika_error ());
}

troika_msg_t *
troika_dict_wait (troika_dict_t *self, const char *key, uint64_t *version,
                  int timeout)
{
    uint64_t since = version ? *version : 0;
    troika_msg_t *change = NULL, *value = NULL;
    int rc = tk_handle_callf (tk_handle_of (self), timeout, "wait", &change,
                              "[sU]", key, since);
    if (!rc)
        rc =
            read_change (self, key, change, version ? version : &since, &value);
    troika_msg_destroy (&change);
    return rc ? tk_edge_null (rc) : value;
}

troika_msg_t *
troika_dict_stat (troika_dict_t *self)
{
    return tk_fetch (tk_handle_of (self), "stat", "[]");
}
