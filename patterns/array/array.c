/* SPDX-License-Identifier: MPL-2.0 */
/*
 * array.c - the handle of an array.
 *
 * The type is asked once, at open; reads and writes name it, so that an
 * array that was made anew with another one is noticed. Ranges travel
 * lowest byte first.
 */
#include <troika/array.h>

#include <endian.h>
#include <errno.h>
#include <limits.h>
#include <string.h>
#include "lib/base/error.h"
#include "lib/client/ask.h"
#include "lib/client/pass.h"
#include "patterns/manager/manager_private.h"

struct troika_array {
    tk_handle_t *handle;
    char type;
};

static troika_array_t *
wrap (int rc, tk_handle_t *handle)
{
    const char *type;
    size_t letters;
    troika_array_t *self = tk_wrap (rc, handle, sizeof *self);
    if (!self)
        return NULL;
    if (!troika_msg_unpack (tk_handle_params (tk_handle_of (self)), "[S*]",
                            &type, &letters) &&
        letters == 1) {
        self->type = *type;
        return self;
    }
    rc = tk_error (EPROTO, "array '%s' does not tell its type",
                   tk_handle_name (self->handle));
    troika_array_destroy (&self);
    return tk_edge_null (rc);
}

troika_array_t *
troika_manager_array (troika_manager_t *manager, const char *name, char type,
                      size_t length)
{
    tk_handle_t *handle = NULL;
    if (type != 'i' && type != 'd' && type != 'B')
        return tk_edge_null (tk_error (EINVAL,
                                       "array '%s': its type is 'i', "
                                       "'d' or 'B', not 0x%02x",
                                       name, (unsigned char)type));
    int rc = tk_open (tk_manager_handle (manager), "array", name, &handle,
                      "[SU]", &type, (size_t)1, (uint64_t)length);
    return wrap (rc, handle);
}

troika_array_t *
troika_array_connect (const char *endpoint)
{
    tk_handle_t *handle = NULL;
    int rc = tk_handle_connect (&handle, endpoint, "array", NULL);
    return wrap (rc, handle);
}

void
troika_array_destroy (troika_array_t **self_p)
{
    if (!self_p)
        return;
    tk_unwrap (*self_p);
    *self_p = NULL;
}

static int
check_type (const troika_array_t *self, bool real)
{
    int rc = tk_handle_check (tk_handle_of (self));
    if (rc)
        return rc;
    if ((self->type == 'd') == real)
        return 0;
    return tk_error (EINVAL, "array '%s' holds %s",
                     tk_handle_name (self->handle),
                     real ? "integers" : "doubles");
}

int
troika_array_get_int (troika_array_t *self, ssize_t index, int64_t *value)
{
    int rc = check_type (self, false);
    if (rc)
        return tk_edge (rc);
    return tk_fetch_int (tk_handle_of (self), value, "get", "[I]",
                         (int64_t)index);
}

int
troika_array_set_int (troika_array_t *self, ssize_t index, int64_t value)
{
    int rc = check_type (self, false);
    if (rc)
        return tk_edge (rc);
    return tk_do (tk_handle_of (self), "set", "[II]", (int64_t)index, value);
}

int
troika_array_get_double (troika_array_t *self, ssize_t index, double *value)
{
    troika_msg_t *result = NULL;
    int rc = check_type (self, true);
    if (!rc)
        rc = tk_handle_callf (tk_handle_of (self), TROIKA_FOREVER, "get",
                              &result, "[I]", (int64_t)index);
    if (!rc && troika_msg_unpack (result, "f", value))
        rc = tk_error (EPROTO, "array '%s' get was answered strangely: %s",
                       tk_handle_name (self->handle), troika_error ());
    troika_msg_destroy (&result);
    return tk_edge (rc);
}

int
troika_array_set_double (troika_array_t *self, ssize_t index, double value)
{
    int rc = check_type (self, true);
    if (rc)
        return tk_edge (rc);
    return tk_do (tk_handle_of (self), "set", "[If]", (int64_t)index, value);
}

/* Between the order of the wire and this machine's, which mostly agree. */
static void
swap_items (const troika_array_t *self, void *to, const void *from, size_t size)
{
    if (size > 0)
        memcpy (to, from, size);
    if (self->type == 'B' || htole64 (1) == 1)
        return;
    for (size_t i = 0; i < size; i += 8) {
        uint64_t bits;
        memcpy (&bits, (uint8_t *)to + i, sizeof bits);
        bits = le64toh (bits);
        memcpy ((uint8_t *)to + i, &bits, sizeof bits);
    }
}

/* How many bytes that many items have; they must fit into one binary. */
static int
size_of (const troika_array_t *self, const void *values, size_t count,
         size_t *size)
{
    int rc = tk_handle_check (tk_handle_of (self));
    if (rc)
        return rc;
    if (!values && count)
        return tk_error (EINVAL, "array '%s': NULL for %zu values",
                         tk_handle_name (self->handle), count);
    size_t width = self->type == 'B' ? 1 : 8;
    if (count > UINT32_MAX / width)
        return tk_error (ERANGE,
                         "array '%s': %zu items are more than one "
                         "document holds",
                         tk_handle_name (self->handle), count);
    *size = count * width;
    return 0;
}

static int
take_items (const troika_array_t *self, const troika_msg_t *result, size_t size,
            void *values)
{
    const void *data;
    size_t found;
    if (troika_msg_unpack (result, "B", &data, &found) || found != size)
        return tk_error (EPROTO, "array '%s' read was answered strangely",
                         tk_handle_name (self->handle));
    swap_items (self, values, data, size);
    return 0;
}

int
troika_array_read (troika_array_t *self, size_t from, size_t count,
                   void *values)
{
    troika_msg_t *result = NULL;
    size_t size = 0;
    int rc = size_of (self, values, count, &size);
    if (!rc)
        rc = tk_handle_callf (tk_handle_of (self), TROIKA_FOREVER, "read",
                              &result, "[UUS]", (uint64_t)from, (uint64_t)count,
                              &self->type, (size_t)1);
    if (!rc)
        rc = take_items (self, result, size, values);
    troika_msg_destroy (&result);
    return tk_edge (rc);
}

/* Room for a binary of size bytes, whose header is written. */
static uint8_t *
extend_bin (tk_buffer_t *args, size_t size)
{
    uint8_t head[5] = {0xc6};
    for (int i = 4; i > 0; i--)
        head[i] = (uint8_t)(size >> 8 * (4 - i));
    tk_buffer_append (args, head, sizeof head);
    return tk_buffer_extend (args, size);
}

int
troika_array_write (troika_array_t *self, size_t from, size_t count,
                    const void *values)
{
    tk_buffer_t args;
    size_t size = 0;
    int rc = size_of (self, values, count, &size);
    if (rc)
        return tk_edge (rc);
    tk_begin (&args, 3, "U", (uint64_t)from);
    uint8_t *room = extend_bin (&args, size);
    if (room)
        swap_items (self, room, values, size);
    tk_write_str (&args, &self->type, 1);
    return tk_edge (
        tk_handle_call (tk_handle_of (self), TK_NEVER, "write", &args, NULL));
}

ssize_t
troika_array_len (troika_array_t *self)
{
    return tk_fetch_count (tk_handle_of (self), "len", "[]");
}
