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
#include <string.h>
#include "slab.h"

typedef struct tk_lent tk_lent_t; /* lend.h */

typedef struct {
    uint8_t *data;   /* in the slab, or memory of the caller's; or NULL */
    size_t size;     /* bytes written */
    size_t room;     /* for bytes at data */
    tk_slab_t *slab; /* NULL until one is needed */
    tk_lent_t *lent; /* parts of the content that lie elsewhere, or NULL */
    bool failed;
} tk_buffer_t;

static inline void
tk_buffer_init (tk_buffer_t *self)
{
    *self = (tk_buffer_t){.data = NULL};
}

/* The same; what fits into memory is written there, which has to last as
 * long as the buffer. */
static inline void
tk_buffer_init_over (tk_buffer_t *self, void *memory, size_t room)
{
    *self = (tk_buffer_t){.data = memory, .room = room};
}

void tk_buffer_release (tk_buffer_t *self);

static inline void
tk_buffer_fini (tk_buffer_t *self)
{
    if (self->slab || self->lent)
        tk_buffer_release (self);
    tk_buffer_init (self);
}

static inline const uint8_t *
tk_buffer_data (const tk_buffer_t *self)
{
    return self->data;
}

int tk_buffer_error (const tk_buffer_t *self); /* 0 or -ENOMEM */

/* Room for size more bytes; where to write them, or NULL. Counted as written.
 */
uint8_t *tk_buffer_grow (tk_buffer_t *self, size_t size);

static inline uint8_t *
tk_buffer_extend (tk_buffer_t *self, size_t size)
{
    if (size > self->room - self->size || !self->data || self->failed)
        return tk_buffer_grow (self, size);
    uint8_t *at = self->data + self->size;
    self->size += size;
    return at;
}

static inline void
tk_buffer_append (tk_buffer_t *self, const void *data, size_t size)
{
    uint8_t *at = tk_buffer_extend (self, size);
    if (at && size > 0)
        memcpy (at, data, size);
}

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
void tk_write_long_array (tk_buffer_t *self, uint32_t count);
void tk_write_map (tk_buffer_t *self, uint32_t count);

static inline void
tk_write_array (tk_buffer_t *self, uint32_t count)
{
    uint8_t *at = count < 16 ? tk_buffer_extend (self, 1) : NULL;
    if (at)
        *at = (uint8_t)(0x90 | count);
    else if (count >= 16)
        tk_write_long_array (self, count);
}

/* An array header of five bytes whose count is set later: where it is. */
size_t tk_write_array32 (tk_buffer_t *self);
void tk_patch_array32 (tk_buffer_t *self, size_t at, uint32_t count);

#endif
