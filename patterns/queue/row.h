/* SPDX-License-Identifier: MPL-2.0 */
/*
 * row.h - items first in, first out, between one who puts and one who takes.
 *
 * The two may be different threads at the same time; several of one kind
 * must exclude each other. Everything else wants both sides to be still.
 * Items that came together wait as one run.
 */
#ifndef TK_QUEUE_ROW_H
#define TK_QUEUE_ROW_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "run.h"

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

/* Appends one item, as long as no more than limit items are in the row; its
 * parts one by one, since a record that was just put together in memory is
 * not read again as a whole before all stores ahead of it are done. */
bool tk_row_put_one (tk_row_t *self, tk_slab_t *slab, uint32_t offset,
                     uint32_t size, uint64_t limit);

/* Appends up to count runs of one item each, as long as no more than limit
 * items are in the row; how many, their references having been taken over.
 * Fewer than there was room for: memory is short. */
size_t tk_row_put (tk_row_t *self, const tk_run_t *items, size_t count,
                   uint64_t limit);

/* Appends any run, as a whole; false: memory is short. */
bool tk_row_append (tk_row_t *self, const tk_run_t *run);

/* Takes up to max items off, as runs of one; *number is that of the first,
 * counted from 0 since the row was made. */
size_t tk_row_take (tk_row_t *self, tk_run_t *items, size_t max,
                    uint64_t *number);

/* Takes some that lie together off, at most max and none behind so many bytes;
 * false: there are none. *number: of the first. */
bool tk_row_take_run (tk_row_t *self, size_t max, size_t bytes, tk_run_t *run,
                      uint64_t *number);

/* Takes off and lets go of the first count items, which are there. */
void tk_row_drop (tk_row_t *self, size_t count);

/* Whether there is something to take, or room within limit: for anybody, at
 * any time, and out of date at once. */
bool tk_row_has_item (const tk_row_t *self);
bool tk_row_has_room (const tk_row_t *self, uint64_t limit);

/* Both sides are still. */
size_t tk_row_count (const tk_row_t *self);
/* Shows the runs in order until visit says false. */
typedef bool tk_row_visit_t (void *context, const tk_run_t *run);
void tk_row_walk (const tk_row_t *self, tk_row_visit_t *visit, void *context);
void tk_row_fini (tk_row_t *self);

#endif
