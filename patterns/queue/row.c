/* SPDX-License-Identifier: MPL-2.0 */
/*
 * row.c - items first in, first out, between one who puts and one who takes.
 *
 * A list of chunks, of which each side knows its end. in and out only grow,
 * each written by one side; the other side reads in_told or out_told when
 * what it last saw is used up, so that two busy threads seldom wait for each
 * other's cache lines. An array that wraps around was refused: a queue
 * without a bound would have to move everything when it grows.
 */
#include "row.h"

#include <stdlib.h>

#define CHUNK 170 /* with the pointer, nearly 4 KiB */

struct tk_row_chunk {
    _Atomic (tk_row_chunk_t *) next;
    tk_run_t runs[CHUNK];
};

static bool
add_chunk (tk_row_t *self)
{
    tk_row_chunk_t *chunk = atomic_exchange (&self->spare, NULL);
    if (!chunk)
        chunk = malloc (sizeof *chunk);
    if (!chunk)
        return false;
    atomic_init (&chunk->next, NULL);
    if (self->tail)
        atomic_store_explicit (&self->tail->next, chunk, memory_order_relaxed);
    else
        atomic_store_explicit (&self->first, chunk, memory_order_relaxed);
    self->tail = chunk;
    self->tail_at = 0;
    return true;
}

/* What in_told publishes includes the links between the chunks. */
static void
next_chunk (tk_row_t *self)
{
    tk_row_chunk_t *old = self->head;
    self->head = atomic_load_explicit (old ? &old->next : &self->first,
                                       memory_order_relaxed);
    self->head_at = 0;
    if (old)
        free (atomic_exchange (&self->spare, old));
}

static size_t
room (tk_row_t *self, uint64_t limit, size_t wanted)
{
    uint64_t count = self->in - self->out_seen;
    if (count + wanted > limit) {
        self->out_seen =
            atomic_load_explicit (&self->out_told, memory_order_acquire);
        count = self->in - self->out_seen;
    }
    if (count >= limit)
        return 0;
    return limit - count < wanted ? (size_t)(limit - count) : wanted;
}

/* The next gap, or NULL. */
static tk_run_t *
gap (tk_row_t *self)
{
    if ((!self->tail || self->tail_at == CHUNK) && !add_chunk (self))
        return NULL;
    return &self->tail->runs[self->tail_at++];
}

bool
tk_row_put_one (tk_row_t *self, tk_slab_t *slab, uint32_t offset, uint32_t size,
                uint64_t limit)
{
    tk_run_t *run = room (self, limit, 1) ? gap (self) : NULL;
    if (!run)
        return false;
    run->slab = slab;
    run->offset = offset;
    run->size = size;
    run->count = 1;
    self->in++;
    atomic_store_explicit (&self->in_told, self->in, memory_order_release);
    return true;
}

size_t
tk_row_put (tk_row_t *self, const tk_run_t *items, size_t count, uint64_t limit)
{
    size_t n = 0;
    tk_run_t *run;
    count = room (self, limit, count);
    for (; n < count && (run = gap (self)); n++)
        *run = items[n];
    self->in += n;
    atomic_store_explicit (&self->in_told, self->in, memory_order_release);
    return n;
}

bool
tk_row_append (tk_row_t *self, const tk_run_t *run)
{
    tk_run_t *place = gap (self);
    if (!place)
        return false;
    *place = *run;
    self->in += run->count;
    atomic_store_explicit (&self->in_told, self->in, memory_order_release);
    return true;
}

/* The first of the runs that wait; there is one. */
static tk_run_t *
head_run (tk_row_t *self)
{
    if (!self->head || self->head_at == CHUNK)
        next_chunk (self);
    return &self->head->runs[self->head_at];
}

/* At most count of the items that come first, all of one run. */
static tk_run_t
take_run (tk_row_t *self, size_t count)
{
    tk_run_t *run = head_run (self);
    if (run->count > count)
        return tk_run_split (run, (uint32_t)count);
    self->head_at++;
    return *run;
}

/* The next items' bytes were written by another core. */
static void
look_ahead (const tk_row_t *self)
{
    if (self->out == self->in_seen || self->head_at == CHUNK)
        return;
    const char *slab = (const char *)self->head->runs[self->head_at].slab;
    __builtin_prefetch (slab, 1);
    __builtin_prefetch (slab + TK_CACHE_LINE, 1);
}

size_t
tk_row_take (tk_row_t *self, tk_run_t *items, size_t max, uint64_t *number)
{
    size_t n = 0;
    if (self->in_seen - self->out < max)
        self->in_seen =
            atomic_load_explicit (&self->in_told, memory_order_acquire);
    *number = self->out;
    for (; n < max && self->out < self->in_seen; n++, self->out++)
        items[n] = take_run (self, 1);
    if (n)
        atomic_store_explicit (&self->out_told, self->out,
                               memory_order_release);
    look_ahead (self);
    return n;
}

bool
tk_row_take_run (tk_row_t *self, size_t max, size_t bytes, tk_run_t *run,
                 uint64_t *number)
{
    self->in_seen = atomic_load_explicit (&self->in_told, memory_order_acquire);
    if (self->out == self->in_seen)
        return false;
    *number = self->out;
    *run = take_run (self, tk_run_fit (head_run (self), max, bytes));
    self->out += run->count;
    atomic_store_explicit (&self->out_told, self->out, memory_order_release);
    return true;
}

void
tk_row_drop (tk_row_t *self, size_t count)
{
    self->in_seen = atomic_load_explicit (&self->in_told, memory_order_acquire);
    while (count) {
        tk_run_t run = take_run (self, count);
        tk_slab_unref_many (run.slab, run.count);
        self->out += run.count;
        count -= run.count;
    }
    atomic_store_explicit (&self->out_told, self->out, memory_order_release);
}

bool
tk_row_has_item (const tk_row_t *self)
{
    return atomic_load_explicit (&self->in_told, memory_order_relaxed) !=
           atomic_load_explicit (&self->out_told, memory_order_relaxed);
}

bool
tk_row_has_room (const tk_row_t *self, uint64_t limit)
{
    uint64_t out = atomic_load_explicit (&self->out_told, memory_order_relaxed);
    uint64_t in = atomic_load_explicit (&self->in_told, memory_order_relaxed);
    return in - out < limit;
}

size_t
tk_row_count (const tk_row_t *self)
{
    return (size_t)(self->in - self->out);
}

void
tk_row_walk (const tk_row_t *self, tk_row_visit_t *visit, void *context)
{
    tk_row_chunk_t *chunk = self->head;
    size_t at = self->head_at;
    uint64_t left = tk_row_count (self);
    for (; left > 0; left -= chunk->runs[at++].count) {
        if (!chunk || at == CHUNK) {
            chunk = atomic_load (chunk ? &chunk->next : &self->first);
            at = 0;
        }
        if (!visit (context, &chunk->runs[at]))
            return;
    }
}

void
tk_row_fini (tk_row_t *self)
{
    tk_row_drop (self, tk_row_count (self));
    free (self->tail);
    free (self->spare);
    *self = (tk_row_t){.tail = NULL};
}
