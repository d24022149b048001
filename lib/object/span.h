/* SPDX-License-Identifier: MPL-2.0 */
/*
 * span.h - encoded values where they lie: how the objects that only store
 * documents read arguments and give answers, without decoding anything.
 *
 * A span points into somebody else's bytes, which must outlive it.
 */
#ifndef TK_OBJECT_SPAN_H
#define TK_OBJECT_SPAN_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <troika/object.h>
#include "lib/msg/buffer.h"
#include "lib/wire/cursor.h"

typedef struct {
    const uint8_t *data;
    size_t size;
} tk_span_t;

static inline tk_span_t
tk_span (const void *data, size_t size)
{
    return (tk_span_t){data, size};
}

static inline tk_cursor_t
tk_span_cursor (tk_span_t self)
{
    return tk_cursor (self.data, self.size);
}

/* What has been written, without an error, to a buffer. */
static inline tk_span_t
tk_buffer_span (const tk_buffer_t *buffer)
{
    return tk_span (tk_buffer_data (buffer), buffer->size);
}

static inline bool
tk_span_same (tk_span_t a, tk_span_t b)
{
    return a.size == b.size && memcmp (a.data, b.data, a.size) == 0;
}

/* The next value of a cursor, whole. -EBADMSG. */
int tk_span_next (tk_cursor_t *cursor, tk_span_t *value);

/*
 * Reads the arguments of a call: "v:key ?i:delta" wants a value called key
 * and, if there is one more, an integer called delta; an absent optional one
 * is left untouched. The letters, and what they store:
 *   v  any value, a array, m map, s string: tk_span_t, the encoded whole
 *   b  binary: tk_span_t, its content
 *   i  int64_t, u  uint64_t
 * False when they do not match: the call has been failed then with EINVAL,
 * in words that name the argument.
 */
bool tk_take (troika_call_t *call, const char *format, ...);

/* Answers with a value, or with what was written to result, which is empty
 * then: 0, or -1 with errno, as a handler returns it. */
int tk_give (troika_call_t *call, tk_span_t value);
int tk_give_written (troika_call_t *call, tk_buffer_t *result);

/* For a create that wants no parameters: whether there are none, else errno
 * is set. */
bool tk_no_params (const troika_msg_t *params);

/* For a handler that met a negative errno: sets errno, returns -1. */
int tk_refuse (int rc);

/* A value as text for an error message, cut when it is long. */
enum { TK_SHOW_SIZE = 72 };
const char *tk_show (tk_span_t value, char text[TK_SHOW_SIZE]);

#endif
