/* SPDX-License-Identifier: MPL-2.0 */
/*
 * json_write.c - a document becomes a JSON text.
 *
 * The structure and the integers are written here, walking the bytes;
 * strings and doubles by jansson (escapes, and the decimal point whatever
 * the locale). A tree of jansson's for the whole could not hold integers
 * over 2^63. All that can fail is memory, which the buffer remembers.
 * A key that is a container is not written as JSON inside a string: quotes
 * in quotes double with every level, and 32 levels are allowed.
 */
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/error.h"
#include "lib/wire/cursor.h"
#include "document.h"
#include "text.h"

static void write_value (tk_buffer_t *out, tk_cursor_t *in);

static void
literal (tk_buffer_t *out, const char *text)
{
    tk_buffer_append (out, text, strlen (text));
}

static int
append (const char *text, size_t size, void *out)
{
    tk_buffer_append (out, text, size);
    return tk_buffer_error (out);
}

/* Writes a value of jansson's and releases it. */
static void
dump (tk_buffer_t *out, json_t *value, size_t flags)
{
    if (!value ||
        json_dump_callback (value, append, out, JSON_ENCODE_ANY | flags) != 0)
        out->failed = true;
    json_decref (value);
}

/* A copy with U+FFFD for every byte that belongs to no character. */
static void
repair (tk_buffer_t *copy, const char *text, size_t length)
{
    while (length > 0) {
        size_t size = tk_utf8_next (text, length);
        if (size > 0)
            tk_buffer_append (copy, text, size);
        else {
            literal (copy, "\xef\xbf\xbd");
            size = 1;
        }
        text += size;
        length -= size;
    }
}

static void
write_text (tk_buffer_t *out, const char *text, size_t length)
{
    if (tk_utf8_valid (text, length)) {
        dump (out, json_stringn_nocheck (text, length), 0);
        return;
    }
    tk_buffer_t copy;
    tk_buffer_init (&copy);
    repair (&copy, text, length);
    if (copy.failed)
        out->failed = true;
    else
        dump (out,
              json_stringn_nocheck ((const char *)tk_buffer_data (&copy),
                                    copy.size),
              0);
    tk_buffer_fini (&copy);
}

/* The shortest of 15 to 17 digits that reads back as the same double. */
static void
write_double (tk_buffer_t *out, double value)
{
    char text[32];
    int digits = 15;
    if (!isfinite (value)) {
        literal (out, "null");
        return;
    }
    for (; digits < 17; digits++) {
        snprintf (text, sizeof text, "%.*g", digits, value);
        double back = strtod (text, NULL);
        if (back >= value && back <= value)
            break;
    }
    dump (out, json_real (value), JSON_REAL_PRECISION ((size_t)digits));
}

static void
write_base64 (tk_buffer_t *out, const void *data, size_t size)
{
    const int variant = sodium_base64_VARIANT_ORIGINAL;
    size_t length = sodium_base64_encoded_len (size, variant);
    literal (out, "\"");
    uint8_t *at = tk_buffer_extend (out, length);
    if (!at)
        return;
    sodium_bin2base64 ((char *)at, length, data, size, variant);
    tk_buffer_truncate (out, out->size - 1); /* its NUL */
    literal (out, "\"");
}

static void
write_integer (tk_buffer_t *out, tk_cursor_t *in)
{
    char text[32];
    uint64_t large = 0;
    int64_t value = 0;
    if (tk_cursor_uint (in, &large) == 0)
        snprintf (text, sizeof text, "%" PRIu64, large);
    else {
        tk_cursor_int (in, &value);
        snprintf (text, sizeof text, "%" PRId64, value);
    }
    literal (out, text);
}

static void
write_extension (tk_buffer_t *out, tk_cursor_t *in)
{
    char text[32];
    int8_t type = 0;
    const void *data = NULL;
    size_t size = 0;
    tk_cursor_ext (in, &type, &data, &size);
    snprintf (text, sizeof text, "{\"ext\":%d,\"data\":", type);
    literal (out, text);
    write_base64 (out, data, size);
    literal (out, "}");
}

static void
write_scalar (tk_buffer_t *out, tk_cursor_t *in, tk_kind_t kind)
{
    bool truth = false;
    double number = 0;
    const char *text = NULL;
    const void *data = NULL;
    size_t size = 0;
    switch (kind) {
    case TK_BOOL:
        tk_cursor_bool (in, &truth);
        literal (out, truth ? "true" : "false");
        break;
    case TK_UINT:
    case TK_INT:
        write_integer (out, in);
        break;
    case TK_FLOAT:
        tk_cursor_float (in, &number);
        write_double (out, number);
        break;
    case TK_STR:
        tk_cursor_str (in, &text, &size);
        write_text (out, text, size);
        break;
    case TK_BIN:
        tk_cursor_bin (in, &data, &size);
        write_base64 (out, data, size);
        break;
    default:
        tk_cursor_skip (in);
        literal (out, "null");
        break;
    }
}

static void
write_key (tk_buffer_t *out, tk_cursor_t *in)
{
    const uint8_t *from = in->at;
    tk_kind_t kind = tk_cursor_peek (in);
    if (kind == TK_STR || kind == TK_BIN)
        write_scalar (out, in, kind);
    else if (kind == TK_ARRAY || kind == TK_MAP || kind == TK_EXT) {
        tk_cursor_skip (in);
        write_base64 (out, from, (size_t)(in->at - from));
    } else {
        literal (out, "\"");
        write_scalar (out, in, kind);
        literal (out, "\"");
    }
}

static void
write_array (tk_buffer_t *out, tk_cursor_t *in)
{
    uint32_t count = 0;
    tk_cursor_array (in, &count);
    literal (out, "[");
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0)
            literal (out, ",");
        write_value (out, in);
    }
    literal (out, "]");
}

static void
write_map (tk_buffer_t *out, tk_cursor_t *in)
{
    uint32_t count = 0;
    tk_cursor_map (in, &count);
    literal (out, "{");
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0)
            literal (out, ",");
        write_key (out, in);
        literal (out, ":");
        write_value (out, in);
    }
    literal (out, "}");
}

/* Recursive: the bytes nest 32 deep at most. */
static void
write_value (tk_buffer_t *out, tk_cursor_t *in)
{
    tk_kind_t kind = tk_cursor_peek (in);
    if (kind == TK_ARRAY)
        write_array (out, in);
    else if (kind == TK_MAP)
        write_map (out, in);
    else if (kind == TK_EXT)
        write_extension (out, in);
    else
        write_scalar (out, in, kind);
}

char *
troika_msg_json (const troika_msg_t *self)
{
    if (!self)
        return tk_edge_null (tk_error (EINVAL, "the message is NULL"));
    tk_buffer_t out;
    tk_buffer_init (&out);
    tk_cursor_t in = tk_cursor (troika_msg_data (self), troika_msg_size (self));
    write_value (&out, &in);
    tk_buffer_append (&out, "", 1);
    char *text = out.failed ? NULL : malloc (out.size);
    if (text)
        memcpy (text, tk_buffer_data (&out), out.size);
    tk_buffer_fini (&out);
    return text ? text : tk_edge_null (-ENOMEM);
}
