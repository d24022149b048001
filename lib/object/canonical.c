/* SPDX-License-Identifier: MPL-2.0 */
/*
 * canonical.c - writes a document again in its shortest encoding.
 *
 * Not recursive: a container's header is followed by its elements in the
 * old encoding and in the new one, so it is enough to count what is to come.
 */
#include "lib/object/canonical.h"

#include <math.h>
#include <string.h>

static void
write_float (tk_cursor_t *from, tk_buffer_t *to)
{
    double value = 0;
    tk_cursor_float (from, &value);
    if (isnan (value))
        value = (double)NAN;
    tk_write_double (to, value == 0 ? 0.0 : value);
}

static void
write_int (tk_cursor_t *from, tk_buffer_t *to)
{
    int64_t value = 0;
    tk_cursor_int (from, &value);
    tk_write_int (to, value);
}

static void
write_uint (tk_cursor_t *from, tk_buffer_t *to)
{
    uint64_t value = 0;
    tk_cursor_uint (from, &value);
    tk_write_uint (to, value);
}

static void
write_str (tk_cursor_t *from, tk_buffer_t *to)
{
    const char *text = NULL;
    size_t length = 0;
    tk_cursor_str (from, &text, &length);
    tk_write_str (to, text, length);
}

static void
write_bin (tk_cursor_t *from, tk_buffer_t *to)
{
    const void *data = NULL;
    size_t size = 0;
    tk_cursor_bin (from, &data, &size);
    tk_write_bin (to, data, size);
}

/* 1, 2, 4, 8 and 16 bytes have a code of their own; other sizes follow one
 * of three codes in one, two or four bytes. */
static void
write_ext (tk_cursor_t *from, tk_buffer_t *to)
{
    int8_t type = 0;
    const void *data = NULL;
    size_t size = 0;
    tk_cursor_ext (from, &type, &data, &size);
    uint8_t head[6];
    unsigned at = 0;
    unsigned width = size <= UINT8_MAX ? 1 : size <= UINT16_MAX ? 2 : 4;
    if (size > 0 && size <= 16 && (size & (size - 1)) == 0)
        head[at++] = (uint8_t)(0xd4 + __builtin_ctz ((unsigned)size));
    else {
        head[at++] = (uint8_t)(0xc7 + width / 2);
        while (width-- > 0)
            head[at++] = (uint8_t)(size >> 8 * width);
    }
    head[at++] = (uint8_t)type;
    tk_buffer_append (to, head, at);
    tk_buffer_append (to, data, size);
}

/* One value, or one header; how many values follow for it. */
static uint64_t
write_next (tk_cursor_t *from, tk_buffer_t *to)
{
    uint32_t count = 0;
    switch (tk_cursor_peek (from)) {
    case TK_UINT:
        write_uint (from, to);
        return 0;
    case TK_INT:
        write_int (from, to);
        return 0;
    case TK_FLOAT:
        write_float (from, to);
        return 0;
    case TK_STR:
        write_str (from, to);
        return 0;
    case TK_BIN:
        write_bin (from, to);
        return 0;
    case TK_EXT:
        write_ext (from, to);
        return 0;
    case TK_ARRAY:
        tk_cursor_array (from, &count);
        tk_write_array (to, count);
        return count;
    case TK_MAP:
        tk_cursor_map (from, &count);
        tk_write_map (to, count);
        return 2 * (uint64_t)count;
    default: /* nil and the bools are one byte */
        tk_buffer_append (to, from->at++, 1);
        return 0;
    }
}

/* The usual keys: short strings, and what is one byte. */
static bool
is_canonical (tk_span_t value)
{
    return value.size == 1 || (value.data[0] & 0xe0) == 0xa0;
}

int
tk_canonical (tk_span_t *value, tk_buffer_t *scratch)
{
    if (is_canonical (*value))
        return 0;
    tk_buffer_truncate (scratch, 0);
    tk_cursor_t from = tk_span_cursor (*value);
    for (uint64_t left = 1; left > 0; left--)
        left += write_next (&from, scratch);
    *value = tk_buffer_span (scratch);
    return tk_buffer_error (scratch);
}
