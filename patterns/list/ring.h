/* SPDX-License-Identifier: MPL-2.0 */
/*
 * ring.h - stored documents in a row that grows and shrinks at both ends.
 *
 * Sixteen bytes a place. Either end takes and gives in constant time;
 * the middle moves the shorter side by one. Memory follows the content down.
 */
#ifndef TK_LIST_RING_H
#define TK_LIST_RING_H

#include "lib/object/packed.h"

/* All zero is empty. */
typedef struct {
    tk_packed_t *places; /* a power of two of them, or none */
    size_t capacity;
    size_t head; /* place of the first */
    size_t count;
} tk_ring_t;

void tk_ring_fini (tk_ring_t *self);

/* The one at index, which is below count. */
tk_packed_t *tk_ring_at (const tk_ring_t *self, size_t index);

/* Room for count more: as many inserts cannot fail. -ENOMEM. */
int tk_ring_reserve (tk_ring_t *self, size_t count);

/* Makes an empty place at index (0..count); there is room. */
tk_packed_t *tk_ring_open (tk_ring_t *self, size_t index);

/* Closes the place at index; what it held is freed. */
void tk_ring_close (tk_ring_t *self, size_t index);

/* All in one row, from places[0] on. -ENOMEM. */
int tk_ring_straighten (tk_ring_t *self);

#endif
