/* SPDX-License-Identifier: MPL-2.0 */
/*
 * row.h - items first in, first out, between one who puts and one who takes.
 *
 * The two may be different threads at the same time; several of one kind
 * must exclude each other. Everything else wants both sides to be still.
 */
#ifndef TK_QUEUE_ROW_H
#define TK_QUEUE_ROW_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/msg/slab.h"

/* A slice of a slab, which it holds one reference to. */
typedef struct {
    tk_slab_t *slab;
    uint32_t offset;
    uint32_t size;
} tk_row_entry_t;

typedef struct tk_row_chunk tk_row_chunk_t;
enum { TK_CACHE_LINE = 64 };

/* What one side writes all the time lies in lines that the other side looks
 * at only when it has come to the end of what it knows. */
typedef struct {
    tk_row_chunk_t *tail; /* of the putting side, to the next gap */
    size_t tail_at;
    uint64_t in;       /* items that came */
    uint64_t out_seen; /* out, when it last looked */
    char gap1[TK_CACHE_LINE];
    _Atomic uint64_t in_told; /* in, for the other side */
    char gap2[TK_CACHE_LINE];
    tk_row_chunk_t *head; /* of the taking side */
    size_t head_at;
    uint64_t out;
    uint64_t in_seen;
    char gap3[TK_CACHE_LINE];
    _Atomic uint64_t out_told;
    char gap4[TK_CACHE_LINE];
    _Atomic (tk_row_chunk_t *) first; /* the very first */
    _Atomic (tk_row_chunk_t *) spare; /* an empty one, or NULL */
} tk_row_t;                           /* zeroed is empty */

/* Appends up to count entries, as long as no more than limit are in the row;
 * how many, their references having been taken over. Fewer than there was
 * room for: memory is short. */
size_t tk_row_put (tk_row_t *self, const tk_row_entry_t *entries, size_t count,
                   uint64_t limit);

/* Takes up to max entries off; *number is that of the first one, counted
 * from 0 since the row was made. */
size_t tk_row_take (tk_row_t *self, tk_row_entry_t *entries, size_t max,
                    uint64_t *number);

/* Whether there is something to take, or room within limit: for anybody, at
 * any time, and out of date at once. */
bool tk_row_has_item (const tk_row_t *self);
bool tk_row_has_room (const tk_row_t *self, uint64_t limit);

/* Both sides are still. */
size_t tk_row_count (const tk_row_t *self);
/* Shows the entries in order, with their numbers, until visit says false. */
typedef bool tk_row_visit_t (void *context, const tk_row_entry_t *entry,
                             uint64_t number);
void tk_row_walk (const tk_row_t *self, tk_row_visit_t *visit, void *context);
void tk_row_fini (tk_row_t *self);

#endif
