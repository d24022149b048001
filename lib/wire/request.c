/* SPDX-License-Identifier: MPL-2.0 */
/*
 * request.c - request and reply documents, to and from bytes.
 *
 * The bytes are a stranger's: they are read by the bounds-checked cursor
 * only, and refused with words that say which part is wrong.
 */
#include "request.h"

#include <errno.h>
#include <string.h>
#include "cursor.h"
#include "lib/base/error.h"
#include "lib/msg/text.h"

static int
parse_value (tk_cursor_t *cursor, char key, tk_meta_t *meta)
{
    switch (key) {
    case 't':
        return tk_cursor_int (cursor, &meta->timeout_ms);
    case 's':
        return tk_cursor_uint (cursor, &meta->session);
    case 'l':
        return tk_cursor_uint (cursor, &meta->lane);
    case 'c':
        return tk_cursor_uint (cursor, &meta->call);
    case 'a':
        return tk_cursor_uint (cursor, &meta->casts);
    case 'n':
        return tk_cursor_uint (cursor, &meta->cast);
    default:
        return tk_cursor_skip (cursor);
    }
}

/* Unknown keys are passed over, so that later versions may add some. */
static int
parse_meta (tk_cursor_t *cursor, tk_meta_t *meta)
{
    uint32_t count;
    if (tk_cursor_map (cursor, &count))
        return tk_error (EBADMSG, "request: meta is not a map");
    while (count--) {
        const char *key;
        size_t length;
        if (tk_cursor_str (cursor, &key, &length))
            return tk_error (EBADMSG, "request: a key of meta is no string");
        if (parse_value (cursor, length == 1 ? *key : 0, meta))
            return tk_error (EBADMSG, "request: meta '%.*s' is malformed",
                             (int)(length < 16 ? length : 16), key);
    }
    if (meta->timeout_ms < -1)
        return tk_error (EBADMSG, "request: meta 't' is negative");
    return 0;
}

static int
parse_args (tk_cursor_t *cursor, tk_request_t *self)
{
    self->args = cursor->at;
    if (tk_cursor_peek (cursor) != TK_ARRAY || tk_cursor_skip_frame (cursor))
        return tk_error (EBADMSG, "request: args is not a well-formed array");
    self->args_size = (size_t)(cursor->at - self->args);
    return 0;
}

int
tk_request_parse (tk_request_t *self, const void *data, size_t size)
{
    tk_cursor_t cursor = tk_cursor (data, size);
    uint32_t count;
    memset (self, 0, sizeof *self);
    self->meta.timeout_ms = -1;
    if (tk_cursor_array (&cursor, &count) || count < 3 || count > 4)
        return tk_error (EBADMSG, "request: not an array of 3 or 4 elements");
    if (tk_cursor_str (&cursor, &self->object, &self->object_length))
        return tk_error (EBADMSG, "request: object is not a string");
    if (tk_cursor_str (&cursor, &self->method, &self->method_length))
        return tk_error (EBADMSG, "request: method is not a string");
    int rc = parse_args (&cursor, self);
    if (!rc && count == 4)
        rc = parse_meta (&cursor, &self->meta);
    if (!rc && cursor.at != cursor.end)
        rc = tk_error (EBADMSG, "request: %td bytes follow the document",
                       cursor.end - cursor.at);
    return rc;
}

/* Writers into a caller's array that is known to be large enough. */
static uint8_t *
write_str (uint8_t *at, const char *text)
{
    size_t length = strlen (text);
    if (length < 32) {
        *at++ = (uint8_t)(0xa0 | length);
    } else {
        *at++ = 0xd9;
        *at++ = (uint8_t)length;
    }
    memcpy (at, text, length);
    return at + length;
}

static uint8_t *
write_big (uint8_t *at, uint8_t code, uint64_t value, int bytes)
{
    *at++ = code;
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
        *at++ = (uint8_t)(value >> shift);
    return at;
}

static uint8_t *
write_uint (uint8_t *at, uint64_t value)
{
    if (value < 128) {
        *at++ = (uint8_t)value;
        return at;
    }
    if (value <= UINT16_MAX)
        return write_big (at, 0xcd, value, 2);
    if (value <= UINT32_MAX)
        return write_big (at, 0xce, value, 4);
    return write_big (at, 0xcf, value, 8);
}

size_t
tk_request_head (uint8_t *head, const char *object, const char *method)
{
    uint8_t *at = head;
    *at++ = 0x94;
    at = write_str (at, object);
    at = write_str (at, method);
    return (size_t)(at - head);
}

static uint8_t *
write_pair (uint8_t *at, char key, uint64_t value, unsigned *count)
{
    if (!value)
        return at;
    ++*count;
    *at++ = 0xa1;
    *at++ = (uint8_t)key;
    return write_uint (at, value);
}

size_t
tk_request_meta (uint8_t *meta, const tk_meta_t *values)
{
    uint8_t *at = meta + 1;
    unsigned count = 0;
    if (values->timeout_ms >= 0) {
        count++;
        *at++ = 0xa1;
        *at++ = 't';
        at = write_uint (at, (uint64_t)values->timeout_ms);
    }
    at = write_pair (at, 's', values->session, &count);
    at = write_pair (at, 'l', values->lane, &count);
    at = write_pair (at, 'c', values->call, &count);
    at = write_pair (at, 'a', values->casts, &count);
    at = write_pair (at, 'n', values->cast, &count);
    *meta = (uint8_t)(0x80 | count);
    return (size_t)(at - meta);
}

static int
parse_failure (tk_reply_t *self, tk_cursor_t *cursor)
{
    const char *name;
    size_t length;
    if (tk_cursor_str (cursor, &name, &length) ||
        tk_cursor_str (cursor, &self->words, &self->words_length))
        return tk_error (EBADMSG, "reply: neither [nil, result] nor [error "
                                  "name, words]");
    self->session_lost = length == sizeof TK_SESSION_LOST - 1 &&
                         !memcmp (name, TK_SESSION_LOST, length);
    self->error =
        self->session_lost ? ECONNRESET : tk_error_number (name, length);
    return 0;
}

int
tk_reply_parse (tk_reply_t *self, const void *data, size_t size)
{
    tk_cursor_t cursor = tk_cursor (data, size);
    uint32_t count;
    memset (self, 0, sizeof *self);
    if (tk_cursor_skip_frame (&cursor) || cursor.at != cursor.end)
        return tk_error (EBADMSG, "reply: not one well-formed document");
    cursor = tk_cursor (data, size);
    if (tk_cursor_array (&cursor, &count) || count != 2)
        return tk_error (EBADMSG, "reply: not an array of 2 elements");
    if (tk_cursor_nil (&cursor))
        return parse_failure (self, &cursor);
    self->result = cursor.at;
    self->result_size = (size_t)(cursor.end - cursor.at);
    return 0;
}

void
tk_reply_fail (tk_buffer_t *buffer, int error, char *words)
{
    tk_utf8_repair (words);
    tk_write_array (buffer, 2);
    tk_write_cstr (buffer, tk_error_name (error));
    tk_write_cstr (buffer, words);
}

void
tk_reply_fail_session (tk_buffer_t *buffer, const char *words)
{
    tk_write_array (buffer, 2);
    tk_write_cstr (buffer, TK_SESSION_LOST);
    tk_write_cstr (buffer, words);
}
