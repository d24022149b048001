/* SPDX-License-Identifier: MPL-2.0 */
/*
 * unpack_scalar.c - reads a number, a bool, nil, a string or a binary into
 * the caller's variable.
 *
 * Whatever can fail comes before anything is stored, so that check and store
 * may be one walk where there is only one value.
 */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include "text.h"
#include "unpack.h"

static int
unpack_nil (tk_unpacker_t *self, tk_cursor_t *in, const tk_path_t *path)
{
    (void)self;
    if (!in || tk_cursor_nil (in) == 0)
        return 0;
    return tk_expected (path, "nil", in);
}

static int
unpack_bool (tk_unpacker_t *self, tk_cursor_t *in, const tk_path_t *path)
{
    int *to = va_arg (self->args->list, int *);
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
unpack_int (tk_unpacker_t *self, tk_cursor_t *in, const tk_path_t *path)
{
    int *to = va_arg (self->args->list, int *);
    int64_t value;
    int rc = in ? tk_read_int (in, path, INT_MIN, INT_MAX, &value) : 0;
    if (rc == 0 && in && self->store && to)
        *to = (int)value;
    return rc;
}

static int
unpack_int64 (tk_unpacker_t *self, tk_cursor_t *in, const tk_path_t *path)
{
    int64_t *to = va_arg (self->args->list, int64_t *);
    int64_t value;
    int rc = in ? tk_read_int (in, path, INT64_MIN, INT64_MAX, &value) : 0;
    if (rc == 0 && in && self->store && to)
        *to = value;
    return rc;
}

static int
unpack_unsigned (tk_unpacker_t *self, tk_cursor_t *in, const tk_path_t *path)
{
    unsigned *to = va_arg (self->args->list, unsigned *);
    uint64_t value;
    int rc = in ? tk_read_uint (in, path, UINT_MAX, &value) : 0;
    if (rc == 0 && in && self->store && to)
        *to = (unsigned)value;
    return rc;
}

static int
unpack_uint64 (tk_unpacker_t *self, tk_cursor_t *in, const tk_path_t *path)
{
    uint64_t *to = va_arg (self->args->list, uint64_t *);
    uint64_t value;
    int rc = in ? tk_read_uint (in, path, UINT64_MAX, &value) : 0;
    if (rc == 0 && in && self->store && to)
        *to = value;
    return rc;
}

static int
unpack_double (tk_unpacker_t *self, tk_cursor_t *in, const tk_path_t *path)
{
    double *to = va_arg (self->args->list, double *);
    double value;
    int rc = in ? tk_read_double (in, path, &value) : 0;
    if (rc == 0 && in && self->store && to)
        *to = value;
    return rc;
}

static int
unpack_cstr (tk_unpacker_t *self, tk_cursor_t *in, const tk_path_t *path)
{
    const char **to = va_arg (self->args->list, const char **);
    const char *text;
    size_t length;
    if (!in)
        return 0;
    if (tk_cursor_str (in, &text, &length) != 0)
        return tk_expected (path, "a string", in);
    if (self->check && memchr (text, '\0', length))
        return tk_mismatch (path, "the string has a NUL inside; use S");
    if (self->check && !tk_utf8_valid (text, length))
        return tk_mismatch (path, "the string is not UTF-8; use S");
    if (!to)
        return 0;
    text = tk_text_of (self->msg, text, length);
    if (!text)
        return -ENOMEM;
    if (self->store)
        *to = text;
    return 0;
}

static int
unpack_sized_text (tk_unpacker_t *self, tk_cursor_t *in, const tk_path_t *path)
{
    const char **to = va_arg (self->args->list, const char **);
    size_t *length_to = va_arg (self->args->list, size_t *);
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
unpack_binary (tk_unpacker_t *self, tk_cursor_t *in, const tk_path_t *path)
{
    const void **to = va_arg (self->args->list, const void **);
    size_t *size_to = va_arg (self->args->list, size_t *);
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

typedef int reader_t (tk_unpacker_t *self, tk_cursor_t *in,
                      const tk_path_t *path);
static reader_t *const readers[] = {
    ['\0'] = unpack_nil,       ['n'] = unpack_nil,      ['b'] = unpack_bool,
    ['i'] = unpack_int,        ['u'] = unpack_unsigned, ['I'] = unpack_int64,
    ['U'] = unpack_uint64,     ['f'] = unpack_double,   ['s'] = unpack_cstr,
    ['S'] = unpack_sized_text, ['B'] = unpack_binary,
};

int
tk_unpack_scalar (tk_unpacker_t *self, char letter, tk_cursor_t *in,
                  const tk_path_t *path)
{
    return readers[(unsigned char)letter](self, in, path);
}
