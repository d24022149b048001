/* SPDX-License-Identifier: MPL-2.0 */
/*
 * deque.c - items in a row, taken and given at both ends.
 *
 * Chunks of a few hundred entries in a ring of pointers: growing moves
 * pointers, never items, and an item costs 24 bytes. One array that doubles
 * was refused: it costs up to twice that, and a pause when it grows.
 */
#include "deque.h"

#include <errno.h>
#include <stdlib.h>

#define CHUNK 512

/* An item without its priority, which a row does not need. */
struct tk_deque_entry {
    tk_slab_t *slab;
    uint32_t offset;
    uint32_t size;
    uint32_t deliveries;
    uint32_t sequence;
};

static tk_deque_entry_t
pack (const tk_item_t *item)
{
    return (tk_deque_entry_t){item->slab, item->offset, item->size,
                              item->deliveries, item->sequence};
}

static tk_item_t
unpack (const tk_deque_entry_t *entry)
{
    return (tk_item_t){entry->slab,       entry->offset,   entry->size,
                       entry->deliveries, entry->sequence, 0};
}

static tk_deque_entry_t **
chunk_at (const tk_deque_t *self, size_t index)
{
    return &self->chunks[(self->first + index) & (self->room - 1)];
}

static tk_deque_entry_t *
at (const tk_deque_t *self, size_t index)
{
    size_t place = self->head + index;
    return &(*chunk_at (self, place / CHUNK))[place % CHUNK];
}

static int
grow_ring (tk_deque_t *self)
{
    size_t room = self->room ? 2 * self->room : 8;
    tk_deque_entry_t **chunks = calloc (room, sizeof *chunks);
    if (!chunks)
        return -ENOMEM;
    for (size_t i = 0; i < self->used; i++)
        chunks[i] = *chunk_at (self, i);
    free (self->chunks);
    self->chunks = chunks;
    self->room = room;
    self->first = 0;
    return 0;
}

static tk_deque_entry_t *
take_chunk (tk_deque_t *self)
{
    tk_deque_entry_t *chunk = self->spare;
    self->spare = NULL;
    return chunk ? chunk : malloc (CHUNK * sizeof *chunk);
}

static void
give_chunk (tk_deque_t *self, tk_deque_entry_t *chunk)
{
    if (self->spare)
        free (chunk);
    else
        self->spare = chunk;
}

static int
add_chunk (tk_deque_t *self, bool front)
{
    if (self->used == self->room && grow_ring (self))
        return -ENOMEM;
    tk_deque_entry_t *chunk = take_chunk (self);
    if (!chunk)
        return -ENOMEM;
    if (front) {
        self->first = (self->first - 1) & (self->room - 1);
        self->head += CHUNK;
    }
    *chunk_at (self, front ? 0 : self->used) = chunk;
    self->used++;
    return 0;
}

int
tk_deque_push_back (tk_deque_t *self, const tk_item_t *item)
{
    if (self->head + self->count == self->used * CHUNK &&
        add_chunk (self, false))
        return -ENOMEM;
    *at (self, self->count++) = pack (item);
    return 0;
}

int
tk_deque_push_front (tk_deque_t *self, const tk_item_t *item)
{
    if (self->head == 0 && add_chunk (self, true))
        return -ENOMEM;
    self->head--;
    self->count++;
    *at (self, 0) = pack (item);
    return 0;
}

void
tk_deque_pop_front (tk_deque_t *self, tk_item_t *item)
{
    *item = unpack (at (self, 0));
    self->head++;
    self->count--;
    if (self->head < CHUNK)
        return;
    give_chunk (self, *chunk_at (self, 0));
    self->first = (self->first + 1) & (self->room - 1);
    self->used--;
    self->head = 0;
}

void
tk_deque_pop_back (tk_deque_t *self, tk_item_t *item)
{
    *item = unpack (at (self, --self->count));
    if (self->head + self->count > (self->used - 1) * CHUNK)
        return;
    give_chunk (self, *chunk_at (self, --self->used));
    if (self->used == 0)
        self->head = 0;
}

tk_item_t
tk_deque_at (const tk_deque_t *self, size_t index)
{
    return unpack (at (self, index));
}

int
tk_deque_return (tk_deque_t *self, const tk_item_t *item)
{
    int rc = tk_deque_push_front (self, item);
    for (size_t i = 0; !rc && i + 1 < self->count; i++) {
        tk_deque_entry_t *mine = at (self, i);
        tk_deque_entry_t *next = at (self, i + 1);
        if (!tk_item_before (next->sequence, mine->sequence))
            break;
        tk_deque_entry_t swap = *mine;
        *mine = *next;
        *next = swap;
    }
    return rc;
}

void
tk_deque_fini (tk_deque_t *self)
{
    tk_item_t item;
    while (self->count) {
        tk_deque_pop_front (self, &item);
        tk_slab_unref (item.slab);
    }
    for (size_t i = 0; i < self->used; i++)
        free (*chunk_at (self, i));
    free (self->spare);
    free (self->chunks);
    *self = (tk_deque_t){0};
}
