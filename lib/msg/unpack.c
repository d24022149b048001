/* SPDX-License-Identifier: MPL-2.0 */
/*
 * unpack.c - a format and its arguments read values out of a message.
 *
 * Two walks over the same format. The first compares it with the document
 * and makes what needs memory: C strings, which stay with the message, and
 * the messages of `m`, which are collected in order. Only when all of it
 * matches does the second walk store, and it cannot fail. So a failed unpack
 * has not touched the caller's variables.
 * A part of the format whose optional key is absent is walked with no
 * cursor: its arguments are passed over, nothing is compared or stored.
 */
#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <string.h>
#include "lib/base/error.h"
#include "lib/wire/cursor.h"
#include "format.h"
#include "layout.h"
#include "match.h"
#include "text.h"

typedef struct {
    const troika_msg_t *msg;
    const char *at;     /* behind the letter that is being read */
    bool store;         /* the second walk */
    troika_msg_t *made; /* by `m`, in order; next links them */
    troika_msg_t **last;
    va_list args;
} unpacker_t;

static int unpack_value (unpacker_t *self, char letter, tk_cursor_t *in,
                         const tk_path_t *path);

static int
unpack_nil (tk_cursor_t *in, const tk_path_t *path)
{
    if (!in || tk_cursor_nil (in) == 0)
        return 0;
    return tk_expected (path, "nil", in);
}

static int
unpack_bool (unpacker_t *self, tk_cursor_t *in, const tk_path_t *path)
{
    int *to = va_arg (self->args, int *);
    bool value;
    if (!in)
        return 0;
    if (tk_cursor_bool (in, &value) != 0)
        return tk_expected (path, "a bool", in);
    if (self->store && to)
        *to = value;
    return 0;
}

static int
unpack_int (unpacker_t *self, tk_cursor_t *in, const tk_path_t *path)
{
    int *to = va_arg (self->args, int *);
    int64_t value;
    int rc = in ? tk_read_int (in, path, INT_MIN, INT_MAX, &value) : 0;
    if (rc == 0 && in && self->store && to)
        *to = (int)value;
    return rc;
}

static int
unpack_int64 (unpacker_t *self, tk_cursor_t *in, const tk_path_t *path)
{
    int64_t *to = va_arg (self->args, int64_t *);
    int64_t value;
    int rc = in ? tk_read_int (in, path, INT64_MIN, INT64_MAX, &value) : 0;
    if (rc == 0 && in && self->store && to)
        *to = value;
    return rc;
}

static int
unpack_unsigned (unpacker_t *self, tk_cursor_t *in, const tk_path_t *path)
{
    unsigned *to = va_arg (self->args, unsigned *);
    uint64_t value;
    int rc = in ? tk_read_uint (in, path, UINT_MAX, &value) : 0;
    if (rc == 0 && in && self->store && to)
        *to = (unsigned)value;
    return rc;
}

static int
unpack_uint64 (unpacker_t *self, tk_cursor_t *in, const tk_path_t *path)
{
    uint64_t *to = va_arg (self->args, uint64_t *);
    uint64_t value;
    int rc = in ? tk_read_uint (in, path, UINT64_MAX, &value) : 0;
    if (rc == 0 && in && self->store && to)
        *to = value;
    return rc;
}

static int
unpack_double (unpacker_t *self, tk_cursor_t *in, const tk_path_t *path)
{
    double *to = va_arg (self->args, double *);
    double value;
    int rc = in ? tk_read_double (in, path, &value) : 0;
    if (rc == 0 && in && self->store && to)
        *to = value;
    return rc;
}

static int
unpack_cstr (unpacker_t *self, tk_cursor_t *in, const tk_path_t *path)
{
    const char **to = va_arg (self->args, const char **);
    const char *text;
    size_t length;
    if (!in)
        return 0;
    if (tk_cursor_str (in, &text, &length) != 0)
        return tk_expected (path, "a string", in);
    if (!self->store && memchr (text, '\0', length))
        return tk_mismatch (path, "the string has a NUL inside; use S");
    if (!self->store && !tk_utf8_valid (text, length))
        return tk_mismatch (path, "the string is not UTF-8; use S");
    if (!to)
        return 0;
    text = tk_text_of (self->msg, text, length);
    if (self->store)
        *to = text;
    return text ? 0 : -ENOMEM;
}

static int
unpack_sized_text (unpacker_t *self, tk_cursor_t *in, const tk_path_t *path)
{
    const char **to = va_arg (self->args, const char **);
    size_t *length_to = va_arg (self->args, size_t *);
    const char *text;
    size_t length;
    if (!in)
        return 0;
    if (tk_cursor_str (in, &text, &length) != 0)
        return tk_expected (path, "a string", in);
    if (self->store && to)
        *to = text;
    if (self->store && length_to)
        *length_to = length;
    return 0;
}

static int
unpack_binary (unpacker_t *self, tk_cursor_t *in, const tk_path_t *path)
{
    const void **to = va_arg (self->args, const void **);
    size_t *size_to = va_arg (self->args, size_t *);
    const void *data;
    size_t size;
    if (!in)
        return 0;
    if (tk_cursor_bin (in, &data, &size) != 0)
        return tk_expected (path, "a binary", in);
    if (self->store && to)
        *to = data;
    if (self->store && size_to)
        *size_to = size;
    return 0;
}

static int
unpack_message (unpacker_t *self, tk_cursor_t *in)
{
    troika_msg_t **to = va_arg (self->args, troika_msg_t **);
    if (!in)
        return 0;
    const uint8_t *from = in->at;
    tk_cursor_skip (in);
    if (!to)
        return 0;
    if (self->store) {
        *to = self->made;
        self->made = self->made->next;
        (*to)->next = NULL;
        return 0;
    }
    *self->last = tk_msg_slice (self->msg->slab, from, (size_t)(in->at - from));
    if (!*self->last)
        return -ENOMEM;
    self->last = &(*self->last)->next;
    return 0;
}

/* After the format's last element: the array must end, too, or '*' was
 * there; then the rest is passed. */
static int
finish_array (tk_cursor_t *in, const tk_path_t *path, uint32_t count,
              bool starred)
{
    if (!starred && path->index < count)
        return tk_mismatch (path->up,
                            "expected %" PRIu32 " elements, found %" PRIu32,
                            path->index, count);
    for (uint32_t i = path->index; i < count; i++)
        tk_cursor_skip (in);
    return 0;
}

static int
unpack_array (unpacker_t *self, char close, tk_cursor_t *in,
              const tk_path_t *up)
{
    tk_path_t path = {up, NULL, 0};
    uint32_t count = 0;
    bool starred = false;
    if (in && tk_cursor_array (in, &count) != 0)
        return tk_expected (up, "an array", in);
    for (char c; (c = tk_format_next (&self->at)) != close;) {
        if (c == '*') {
            starred = true;
            continue;
        }
        if (in && path.index == count)
            return tk_mismatch (&path, "missing: the array ends");
        int rc = unpack_value (self, c, in, &path);
        if (rc != 0)
            return rc;
        path.index++;
    }
    return in ? finish_array (in, &path, count, starred) : 0;
}

/* Sets *value to the first value under this key. */
static bool
find_key (tk_cursor_t pairs, uint32_t count, const char *key,
          tk_cursor_t *value)
{
    size_t wanted = strlen (key);
    while (count-- > 0) {
        const char *text;
        size_t length;
        if (tk_cursor_str (&pairs, &text, &length) != 0)
            tk_cursor_skip (&pairs);
        else if (length == wanted && memcmp (text, key, length) == 0) {
            *value = pairs;
            return true;
        }
        tk_cursor_skip (&pairs);
    }
    return false;
}

/* One key of the format and its value; pairs is NULL when the map itself is
 * absent. */
static int
unpack_pair (unpacker_t *self, const tk_cursor_t *pairs, uint32_t count,
             tk_path_t *path)
{
    const char *key = va_arg (self->args, const char *);
    bool optional = *self->at == '?';
    self->at += optional;
    if (!key)
        return tk_error (EINVAL, "a key of the format is NULL");
    tk_cursor_t value;
    bool found = pairs && find_key (*pairs, count, key, &value);
    path->key = key;
    if (pairs && !found && !optional)
        return tk_mismatch (path, "missing: the map has no such key");
    char letter = tk_format_next (&self->at);
    return unpack_value (self, letter, found ? &value : NULL, path);
}

static int
unpack_map (unpacker_t *self, tk_cursor_t *in, const tk_path_t *up)
{
    tk_path_t path = {up, NULL, 0};
    tk_cursor_t pairs;
    uint32_t count = 0;
    if (in) {
        pairs = *in;
        if (tk_cursor_map (&pairs, &count) != 0)
            return tk_expected (up, "a map", in);
        tk_cursor_skip (in);
    }
    for (char c; (c = tk_format_next (&self->at)) != '}';) {
        if (c == '*')
            continue;
        int rc = unpack_pair (self, in ? &pairs : NULL, count, &path);
        if (rc != 0)
            return rc;
    }
    return 0;
}

static int
unpack_value (unpacker_t *self, char letter, tk_cursor_t *in,
              const tk_path_t *path)
{
    switch (letter) {
    case 'b':
        return unpack_bool (self, in, path);
    case 'i':
        return unpack_int (self, in, path);
    case 'u':
        return unpack_unsigned (self, in, path);
    case 'I':
        return unpack_int64 (self, in, path);
    case 'U':
        return unpack_uint64 (self, in, path);
    case 'f':
        return unpack_double (self, in, path);
    case 's':
        return unpack_cstr (self, in, path);
    case 'S':
        return unpack_sized_text (self, in, path);
    case 'B':
        return unpack_binary (self, in, path);
    case 'm':
        return unpack_message (self, in);
    case '[':
        return unpack_array (self, ']', in, path);
    case '{':
        return unpack_map (self, in, path);
    default: /* 'n', or no value at all */
        return unpack_nil (in, path);
    }
}

/* A call's arguments are one array; a format of one value means the only
 * one that is in it. */
static void
enter_single (tk_cursor_t *in, const char *format)
{
    tk_cursor_t array = *in;
    uint32_t count;
    char letter = tk_format_next (&format);
    if (letter && letter != '[' && tk_cursor_array (&array, &count) == 0 &&
        count == 1)
        *in = array;
}

static int
walk (unpacker_t *self, bool store, bool array, const char *format,
      va_list args)
{
    tk_cursor_t in = tk_cursor (self->msg->data, self->msg->size);
    if (!array && self->msg->is_args)
        enter_single (&in, format);
    self->store = store;
    self->at = format;
    va_copy (self->args, args);
    int rc = array ? unpack_array (self, '\0', &in, NULL)
                   : unpack_value (self, tk_format_next (&self->at), &in, NULL);
    va_end (self->args);
    return rc;
}

static void
drop_made (unpacker_t *self)
{
    while (self->made) {
        troika_msg_t *msg = self->made;
        self->made = msg->next;
        troika_msg_destroy (&msg);
    }
}

static int
unpack (const troika_msg_t *msg, const char *format, va_list args)
{
    bool array;
    if (!msg)
        return tk_error (EINVAL, "the message is NULL");
    int rc = tk_format_check (format, TK_UNPACK, &array);
    if (rc != 0)
        return rc;
    if (!format)
        format = "";
    unpacker_t self = {.msg = msg};
    self.last = &self.made;
    rc = walk (&self, false, array, format, args);
    if (rc != 0) {
        drop_made (&self);
        return rc;
    }
    rc = walk (&self, true, array, format, args);
    assert (rc == 0 && !self.made);
    return rc;
}

int
troika_msg_vunpack (const troika_msg_t *self, const char *format, va_list args)
{
    return tk_edge (unpack (self, format, args));
}

int
troika_msg_unpack (const troika_msg_t *self, const char *format, ...)
{
    va_list args;
    va_start (args, format);
    int rc = troika_msg_vunpack (self, format, args);
    va_end (args);
    return rc;
}
