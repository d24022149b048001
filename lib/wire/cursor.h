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
tk_kind_t tk_cursor_peek (const tk_cursor_t *self);

/* Passes one whole value. Refuses nesting over TK_DEPTH_MAX (a scalar has
 * depth 0, [] has 1), truncation, and a container whose count exceeds the
 * bytes that are left. Never recursive, linear time. */
int tk_cursor_skip (tk_cursor_t *self);

/* The same for what holds documents: nesting up to TK_FRAME_DEPTH_MAX. */
int tk_cursor_skip_frame (tk_cursor_t *self);

/* Reads one value of that type. Strings and binaries point into the bytes;
 * string content is not checked to be UTF-8. Array and map read the header
 * only, count is checked against the bytes left. tk_cursor_int takes
 * what fits int64_t, tk_cursor_uint what fits uint64_t. */
int tk_cursor_nil (tk_cursor_t *self);
int tk_cursor_bool (tk_cursor_t *self, bool *value);
int tk_cursor_int (tk_cursor_t *self, int64_t *value);
int tk_cursor_uint (tk_cursor_t *self, uint64_t *value);
int tk_cursor_float (tk_cursor_t *self, double *value);
int tk_cursor_str (tk_cursor_t *self, const char **text, size_t *length);
int tk_cursor_bin (tk_cursor_t *self, const void **data, size_t *size);
int tk_cursor_array (tk_cursor_t *self, uint32_t *count);
int tk_cursor_map (tk_cursor_t *self, uint32_t *count);
int tk_cursor_ext (tk_cursor_t *self, int8_t *type, const void **data,
                   size_t *size);

/* 0 when the bytes are exactly one well-formed document. */
int tk_document_check (const void *data, size_t size);

#endif
