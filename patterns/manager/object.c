/* SPDX-License-Identifier: MPL-2.0 */
/*
 * object.c - the handle of an object of any type.
 *
 * Arguments are one array on the wire; a format that describes a single
 * value stands for an array of one.
 */
#include <troika/manager.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/error.h"
#include "lib/client/ask.h"
#include "lib/wire/cursor.h"
#include "manager_private.h"

struct troika_object {
    tk_handle_t *handle;
};

static int
pack_array (tk_buffer_t *buffer, const char *format, va_list args)
{
    tk_buffer_init (buffer);
    tk_write_array (buffer, 1);
    size_t head = buffer->size;
    if (!format) {
        tk_buffer_truncate (buffer, 0);
        tk_write_array (buffer, 0);
        return tk_buffer_error (buffer);
    }
    int rc = tk_pack (buffer, format, args);
    if (rc) {
        tk_buffer_fini (buffer);
        return rc;
    }
    tk_cursor_t cursor =
        tk_cursor (tk_buffer_data (buffer) + head, buffer->size - head);
    if (tk_cursor_peek (&cursor) != TK_ARRAY)
        return 0;
    tk_buffer_t whole;
    tk_buffer_init (&whole);
    tk_buffer_append (&whole, cursor.at, buffer->size - head);
    tk_buffer_fini (buffer);
    *buffer = whole;
    return tk_buffer_error (buffer);
}

static int
open_object (troika_manager_t *manager, const char *type, const char *name,
             tk_buffer_t *params, tk_handle_t **handle)
{
    size_t size;
    tk_slab_t *slab = tk_buffer_take (params, &size);
    troika_msg_t *msg =
        slab ? tk_msg_slice (slab, tk_slab_data (slab), size) : NULL;
    tk_slab_unref (slab);
    if (!msg)
        return -ENOMEM;
    int rc =
        tk_handle_open (tk_manager_handle (manager), type, name, msg, handle);
    troika_msg_destroy (&msg);
    return rc;
}

static troika_object_t *
wrap (int rc, tk_handle_t *handle)
{
    if (handle)
        tk_handle_keep_words (handle);
    return tk_wrap (rc, handle, sizeof (troika_object_t));
}

troika_object_t *
troika_manager_object (troika_manager_t *manager, const char *type,
                       const char *name, const char *format, ...)
{
    tk_buffer_t params;
    tk_handle_t *handle = NULL;
    va_list args;
    va_start (args, format);
    int rc = pack_array (&params, format, args);
    va_end (args);
    if (!rc)
        rc = open_object (manager, type, name, &params, &handle);
    return wrap (rc, handle);
}

troika_object_t *
troika_object_connect (const char *endpoint)
{
    tk_handle_t *handle = NULL;
    int rc = tk_handle_connect (&handle, endpoint, "", NULL);
    return wrap (rc, handle);
}

static int
call (troika_object_t *self, int timeout, const char *method, tk_buffer_t *args,
      troika_msg_t **answer)
{
    tk_time_t deadline;
    int rc = tk_deadline (timeout, &deadline);
    if (!rc)
        return tk_handle_call (tk_handle_of (self), deadline, method, args,
                               answer);
    tk_buffer_fini (args);
    return tk_error (-rc, "a timeout of %d ms", timeout);
}

static int
check_method (const char *method)
{
    if (method && *method && strlen (method) <= 255)
        return 0;
    return tk_error (EINVAL, "a method's name has 1 to 255 bytes");
}

troika_msg_t *
troika_object_call (troika_object_t *self, int timeout, const char *method,
                    const char *format, ...)
{
    tk_buffer_t buffer;
    troika_msg_t *answer = NULL;
    int rc = check_method (method);
    if (rc)
        return tk_edge_null (rc);
    va_list args;
    va_start (args, format);
    rc = pack_array (&buffer, format, args);
    va_end (args);
    if (!rc)
        rc = call (self, timeout, method, &buffer, &answer);
    return rc ? tk_edge_null (rc) : answer;
}

int
troika_object_cast (troika_object_t *self, const char *method,
                    const char *format, ...)
{
    tk_buffer_t buffer;
    int rc = check_method (method);
    if (rc)
        return tk_edge (rc);
    va_list args;
    va_start (args, format);
    rc = pack_array (&buffer, format, args);
    va_end (args);
    if (!rc)
        rc = tk_handle_cast (tk_handle_of (self), TK_NEVER, method, &buffer);
    return tk_edge (rc);
}

void
troika_object_destroy (troika_object_t **self_p)
{
    troika_object_t *self = self_p ? *self_p : NULL;
    if (!self)
        return;
    *self_p = NULL;
    tk_handle_t *handle = self->handle; /* other threads may still read it */
    tk_handle_destroy (&handle);
    free (self);
}
