/* SPDX-License-Identifier: MPL-2.0 */
/*
 * packed.h - one stored document in sixteen bytes: most values are small
 * and lie inside, larger ones have a block of their own.
 *
 * A million integers cost a million times sixteen bytes and no allocation.
 * A packed value may be moved with memcpy; its span may not outlive that.
 */
#ifndef TK_OBJECT_PACKED_H
#define TK_OBJECT_PACKED_H

#include "lib/object/span.h"

enum { TK_PACKED_NEAR = 15 }; /* bytes that lie inside */

/* All zero is empty. */
typedef struct {
    _Alignas(void *) uint8_t bytes[TK_PACKED_NEAR];
    uint8_t size; /* of bytes, or that they are a pointer and a size */
} tk_packed_t;

/* Sets an empty one. -ENOMEM. */
int tk_packed_init (tk_packed_t *self, tk_span_t value);

/* Empty again; frees what it held. */
void tk_packed_fini (tk_packed_t *self);

/* Replaces the value, or fails with -ENOMEM and keeps the old one. */
int tk_packed_set (tk_packed_t *self, tk_span_t value);

tk_span_t tk_packed_get (const tk_packed_t *self);

static inline bool
tk_packed_empty (const tk_packed_t *self)
{
    return self->size == 0;
}

/* The sum of delta and the integer it holds; NULL holds 0. -EINVAL: it holds
 * no integer; -ERANGE: the sum, or what it holds, does not fit int64_t. */
int tk_packed_sum (const tk_packed_t *self, int64_t delta, int64_t *sum);

#endif
