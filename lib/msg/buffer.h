/* SPDX-License-Identifier: MPL-2.0 */
/*
 * buffer.h - a growing block of bytes with MessagePack writers.
 *
 * A failed allocation is remembered: writers go on and do nothing, and the
 * last call (tk_buffer_error, tk_buffer_take) tells.
 */
#ifndef TK_MSG_BUFFER_H
#define TK_MSG_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "slab.h"

typedef struct tk_lent tk_lent_t; /* lend.h */

typedef struct {
    tk_slab_t *slab; /* NULL until something is written */
    size_t size;     /* bytes written */
    tk_lent_t *lent; /* parts of the content that lie elsewhere, or NULL */
    bool failed;
} tk_buffer_t;

void tk_buffer_init (tk_buffer_t *self);
void tk_buffer_fini (tk_buffer_t *self);
int tk_buffer_error (const tk_buffer_t *self); /* 0 or -ENOMEM */
const uint8_t *tk_buffer_data (const tk_buffer_t *self);

/* Room for size more bytes; where to write them, or NULL. Counted as written.
 */
uint8_t *tk_buffer_extend (tk_buffer_t *self, size_t size);
void tk_buffer_append (tk_buffer_t *self, const void *data, size_t size);
void tk_buffer_truncate (tk_buffer_t *self, size_t size);

/* Gives the bytes away as a slab whose first *size bytes are the content;
 * the buffer is empty again. NULL when an allocation had failed. */
tk_slab_t *tk_buffer_take (tk_buffer_t *self, size_t *size);

void tk_write_nil (tk_buffer_t *self);
void tk_write_bool (tk_buffer_t *self, bool value);
void tk_write_int (tk_buffer_t *self, int64_t value);   /* smallest form */
void tk_write_uint (tk_buffer_t *self, uint64_t value); /* smallest form */
void tk_write_double (tk_buffer_t *self, double value);
void tk_write_str (tk_buffer_t *self, const char *text, size_t length);
void tk_write_cstr (tk_buffer_t *self, const char *text);
void tk_write_bin (tk_buffer_t *self, const void *data, size_t size);
void tk_write_array (tk_buffer_t *self, uint32_t count);
void tk_write_map (tk_buffer_t *self, uint32_t count);

/* An array header of five bytes whose count is set later: where it is. */
size_t tk_write_array32 (tk_buffer_t *self);
void tk_patch_array32 (tk_buffer_t *self, size_t at, uint32_t count);

#endif
