/* SPDX-License-Identifier: MPL-2.0 */
/*
 * pass.c - makes calls that carry documents and reads what was answered.
 *
 * Values are packed straight into the arguments, without a message between.
 */
#include "lib/client/pass.h"

#include <errno.h>
#include <limits.h>
#include "lib/base/error.h"

int
tk_begin (tk_buffer_t *args, uint32_t count, const char *format, ...)
{
    tk_buffer_init (args);
    tk_write_array (args, count);
    if (!format)
        return 0;
    va_list values;
    va_start (values, format);
    int rc = tk_pack (args, format, values);
    va_end (values);
    return rc;
}

int
tk_pass (int rc, tk_handle_t *self, const char *method, troika_msg_t **result,
         tk_buffer_t *args, const char *format, va_list values)
{
    if (!rc)
        rc = tk_pack (args, format, values);
    if (!rc)
        return tk_handle_call (self, TK_NEVER, method, args, result);
    tk_buffer_fini (args);
    return rc;
}

int
tk_do (tk_handle_t *self, const char *method, const char *format, ...)
{
    va_list values;
    va_start (values, format);
    int rc =
        tk_handle_vcallf (self, TROIKA_FOREVER, method, NULL, format, values);
    va_end (values);
    return tk_edge (rc);
}

troika_msg_t *
tk_fetch (tk_handle_t *self, const char *method, const char *format, ...)
{
    troika_msg_t *result = NULL;
    va_list values;
    va_start (values, format);
    int rc = tk_handle_vcallf (self, TROIKA_FOREVER, method, &result, format,
                               values);
    va_end (values);
    return rc ? tk_edge_null (rc) : result;
}

/* Destroys result. */
static int
read_int (const tk_handle_t *self, const char *method, troika_msg_t *result,
          int64_t *number)
{
    int truth, rc = 0;
    if (!troika_msg_unpack (result, "b", &truth))
        *number = truth;
    else if (troika_msg_unpack (result, "I", number))
        rc = tk_error (EPROTO, "'%s' %s was answered strangely: %s",
                       tk_handle_name (self), method, troika_error ());
    troika_msg_destroy (&result);
    return rc;
}

static int
fetch_int (tk_handle_t *self, int64_t *number, const char *method,
           const char *format, va_list values)
{
    troika_msg_t *result = NULL;
    int rc = tk_handle_vcallf (self, TROIKA_FOREVER, method, &result, format,
                               values);
    return rc ? rc : read_int (self, method, result, number);
}

int
tk_fetch_int (tk_handle_t *self, int64_t *number, const char *method,
              const char *format, ...)
{
    int64_t unwanted;
    va_list values;
    va_start (values, format);
    int rc =
        fetch_int (self, number ? number : &unwanted, method, format, values);
    va_end (values);
    return tk_edge (rc);
}

ssize_t
tk_fetch_count (tk_handle_t *self, const char *method, const char *format, ...)
{
    int64_t number = 0;
    va_list values;
    va_start (values, format);
    int rc = fetch_int (self, &number, method, format, values);
    va_end (values);
    if (!rc && (number < 0 || number > SSIZE_MAX))
        rc = tk_error (EPROTO, "'%s' %s was answered %lld",
                       tk_handle_name (self), method, (long long)number);
    return rc ? tk_edge (rc) : (ssize_t)number;
}
