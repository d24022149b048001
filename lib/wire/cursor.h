/* SPDX-License-Identifier: MPL-2.0 */
/*
 * cursor.h - walks encoded MessagePack bytes, bounds-checked, allocating
 * nothing.
 *
 * All bytes from outside pass here before anything else looks at them. A
 * function that fails returns -EBADMSG and leaves the cursor where it was.
 */
#ifndef TK_WIRE_CURSOR_H
#define TK_WIRE_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TK_DEPTH_MAX 32       /* of a document that users see */
#define TK_FRAME_DEPTH_MAX 40 /* of a request or reply around documents */

typedef struct {
    const uint8_t *at;
    const uint8_t *end;
} tk_cursor_t;

typedef enum {
    TK_NIL,
    TK_BOOL,
    TK_UINT,
    TK_INT,
    TK_FLOAT,
    TK_STR,
    TK_BIN,
    TK_ARRAY,
    TK_MAP,
    TK_EXT,
    TK_BAD
} tk_kind_t;

tk_cursor_t tk_cursor (const void *data, size_t size);

/* What the next value is; TK_BAD at the end or at byte 0xc1. TK_INT only
 * for negative numbers. */
static inline tk_kind_t tk_cursor_peek (const tk_cursor_t *self);

/* Passes one whole value. Refuses nesting over TK_DEPTH_MAX (a scalar has
 * depth 0, [] has 1), truncation, and a container whose count exceeds the
 * bytes that are left. Never recursive, linear time. */
static inline int tk_cursor_skip (tk_cursor_t *self);

/* The same for what holds documents: nesting up to TK_FRAME_DEPTH_MAX. */
static inline int tk_cursor_skip_frame (tk_cursor_t *self);

/* Reads one value of that type. Strings and binaries point into the bytes;
 * string content is not checked to be UTF-8. Array and map read the header
 * only, count is checked against the bytes left. tk_cursor_int takes
 * what fits int64_t, tk_cursor_uint what fits uint64_t. */
int tk_cursor_nil (tk_cursor_t *self);
int tk_cursor_bool (tk_cursor_t *self, bool *value);
static inline int tk_cursor_int (tk_cursor_t *self, int64_t *value);
static inline int tk_cursor_uint (tk_cursor_t *self, uint64_t *value);
int tk_cursor_float (tk_cursor_t *self, double *value);
static inline int tk_cursor_str (tk_cursor_t *self, const char **text,
                                 size_t *length);
static inline int tk_cursor_bin (tk_cursor_t *self, const void **data,
                                 size_t *size);
static inline int tk_cursor_array (tk_cursor_t *self, uint32_t *count);
int tk_cursor_map (tk_cursor_t *self, uint32_t *count);
int tk_cursor_ext (tk_cursor_t *self, int8_t *type, const void **data,
                   size_t *size);

/* 0 when the bytes are exactly one well-formed document. */
int tk_document_check (const void *data, size_t size);

/* --- the short forms, of which most documents are made, read in place; the
 * rest of cursor.c reads any form. */

tk_kind_t tk_cursor_peek_any (const tk_cursor_t *self);
int tk_cursor_any_int (tk_cursor_t *self, int64_t *value);
int tk_cursor_any_uint (tk_cursor_t *self, uint64_t *value);
int tk_cursor_any_str (tk_cursor_t *self, const char **text, size_t *length);
int tk_cursor_any_bin (tk_cursor_t *self, const void **data, size_t *size);
int tk_cursor_any_array (tk_cursor_t *self, uint32_t *count);
int tk_cursor_skip_any (tk_cursor_t *self, unsigned depth_max);

static inline size_t
tk_cursor_left (const tk_cursor_t *self)
{
    return (size_t)(self->end - self->at);
}

static inline tk_kind_t
tk_cursor_peek (const tk_cursor_t *self)
{
    size_t left = tk_cursor_left (self);
    if (left && (*self->at < 0x80 || *self->at >= 0xe0))
        return *self->at < 0x80 ? TK_UINT : TK_INT;
    if (left && (*self->at ^ 0xa0u) < 32 && (*self->at ^ 0xa0u) < left)
        return TK_STR;
    return tk_cursor_peek_any (self);
}

static inline int
tk_cursor_uint (tk_cursor_t *self, uint64_t *value)
{
    if (self->at == self->end || *self->at >= 0x80)
        return tk_cursor_any_uint (self, value);
    *value = *self->at++;
    return 0;
}

static inline int
tk_cursor_int (tk_cursor_t *self, int64_t *value)
{
    if (self->at == self->end || *self->at >= 0x80)
        return tk_cursor_any_int (self, value);
    *value = *self->at++;
    return 0;
}

static inline int
tk_cursor_str (tk_cursor_t *self, const char **text, size_t *length)
{
    size_t left = tk_cursor_left (self);
    size_t size = left ? *self->at ^ 0xa0u : 32;
    if (size >= 32 || size >= left)
        return tk_cursor_any_str (self, text, length);
    *text = (const char *)self->at + 1;
    *length = size;
    self->at += 1 + size;
    return 0;
}

static inline int
tk_cursor_bin (tk_cursor_t *self, const void **data, size_t *size)
{
    size_t left = tk_cursor_left (self);
    if (left < 2 || self->at[0] != 0xc4 || self->at[1] > left - 2)
        return tk_cursor_any_bin (self, data, size);
    *data = self->at + 2;
    *size = self->at[1];
    self->at += 2 + *size;
    return 0;
}

static inline int
tk_cursor_array (tk_cursor_t *self, uint32_t *count)
{
    size_t left = tk_cursor_left (self);
    size_t size = left ? *self->at ^ 0x90u : 16;
    if (size >= 16 || size >= left)
        return tk_cursor_any_array (self, count);
    *count = (uint32_t)size;
    self->at++;
    return 0;
}

/* All bytes of a value of a short form, or 0. */
static inline size_t
tk_cursor_short (const tk_cursor_t *self)
{
    size_t left = tk_cursor_left (self);
    uint8_t code = left ? *self->at : 0xc1;
    size_t size = 0;
    if (code < 0x80 || code >= 0xe0)
        return 1;
    if ((code == 0xc4 || code == 0xd9) && left > 1)
        size = 2u + self->at[1];
    else if ((code & 0xe0) == 0xa0)
        size = 1 + (code & 0x1fu);
    return size <= left ? size : 0;
}

static inline int
tk_cursor_skip_to (tk_cursor_t *self, unsigned depth_max)
{
    size_t size = tk_cursor_short (self);
    self->at += size;
    return size ? 0 : tk_cursor_skip_any (self, depth_max);
}

static inline int
tk_cursor_skip (tk_cursor_t *self)
{
    return tk_cursor_skip_to (self, TK_DEPTH_MAX);
}

static inline int
tk_cursor_skip_frame (tk_cursor_t *self)
{
    return tk_cursor_skip_to (self, TK_FRAME_DEPTH_MAX);
}

#endif
