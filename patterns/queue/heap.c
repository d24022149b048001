/* SPDX-License-Identifier: MPL-2.0 */
/*
 * heap.c - items by priority, equal ones in the order of arrival.
 *
 * A binary heap; an item that comes back keeps its number of arrival and so
 * its place.
 */
#include "heap.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static bool
before (const tk_item_t *a, const tk_item_t *b)
{
    if (a->priority != b->priority)
        return a->priority < b->priority;
    return tk_item_before (a->sequence, b->sequence);
}

static int
grow (tk_heap_t *self)
{
    size_t room = self->room ? self->room + self->room / 2 : 16;
    tk_item_t *items = realloc (self->items, room * sizeof *items);
    if (!items)
        return -ENOMEM;
    self->items = items;
    self->room = room;
    return 0;
}

int
tk_heap_push (tk_heap_t *self, const tk_item_t *item)
{
    if (self->count == self->room && grow (self))
        return -ENOMEM;
    size_t at = self->count++;
    while (at > 0 && before (item, &self->items[(at - 1) / 2])) {
        self->items[at] = self->items[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    self->items[at] = *item;
    return 0;
}

void
tk_heap_pop (tk_heap_t *self, tk_item_t *item)
{
    *item = self->items[0];
    tk_item_t last = self->items[--self->count];
    size_t at = 0;
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= self->count)
            break;
        if (child + 1 < self->count &&
            before (&self->items[child + 1], &self->items[child]))
            child++;
        if (!before (&self->items[child], &last))
            break;
        self->items[at] = self->items[child];
        at = child;
    }
    self->items[at] = last;
}

int
tk_heap_lend (const tk_heap_t *self, tk_heap_t *copy)
{
    size_t size = self->count * sizeof *self->items;
    *copy = (tk_heap_t){.count = self->count, .room = self->count};
    copy->items = malloc (size ? size : 1);
    if (!copy->items)
        return -ENOMEM;
    if (size)
        memcpy (copy->items, self->items, size);
    return 0;
}

void
tk_heap_fini (tk_heap_t *self)
{
    for (size_t i = 0; i < self->count; i++)
        tk_slab_unref (self->items[i].slab);
    free (self->items);
    *self = (tk_heap_t){0};
}
