/* SPDX-License-Identifier: MPL-2.0 */
/*
 * ring.c - a circular array of packed documents.
 *
 * Invariant: places outside head..head+count-1 are empty.
 */
#include "patterns/list/ring.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { CAPACITY_MIN = 8 };

void
tk_ring_fini (tk_ring_t *self)
{
    for (size_t i = 0; i < self->count; i++)
        tk_packed_fini (tk_ring_at (self, i));
    free (self->places);
    memset (self, 0, sizeof *self);
}

tk_packed_t *
tk_ring_at (const tk_ring_t *self, size_t index)
{
    return &self->places[(self->head + index) & (self->capacity - 1)];
}

/* The same content in a block of that many places. */
static int
resize (tk_ring_t *self, size_t capacity)
{
    tk_packed_t *places = calloc (capacity, sizeof *places);
    if (!places)
        return -ENOMEM;
    size_t first = self->capacity - self->head;
    if (first > self->count)
        first = self->count;
    if (first > 0)
        memcpy (places, self->places + self->head, first * sizeof *places);
    if (self->count > first)
        memcpy (places + first, self->places,
                (self->count - first) * sizeof *places);
    free (self->places);
    self->places = places;
    self->capacity = capacity;
    self->head = 0;
    return 0;
}

int
tk_ring_reserve (tk_ring_t *self, size_t count)
{
    if (count <= self->capacity - self->count)
        return 0;
    size_t capacity = self->capacity ? self->capacity : CAPACITY_MIN;
    while (capacity - self->count < count) {
        if (capacity > SIZE_MAX / 2)
            return -ENOMEM;
        capacity *= 2;
    }
    return resize (self, capacity);
}

tk_packed_t *
tk_ring_open (tk_ring_t *self, size_t index)
{
    self->count++;
    if (index < self->count / 2) {
        self->head = (self->head - 1) & (self->capacity - 1);
        for (size_t i = 0; i < index; i++)
            *tk_ring_at (self, i) = *tk_ring_at (self, i + 1);
    } else
        for (size_t i = self->count - 1; i > index; i--)
            *tk_ring_at (self, i) = *tk_ring_at (self, i - 1);
    tk_packed_t *place = tk_ring_at (self, index);
    memset (place, 0, sizeof *place);
    return place;
}

void
tk_ring_close (tk_ring_t *self, size_t index)
{
    tk_packed_fini (tk_ring_at (self, index));
    if (index < self->count / 2) {
        for (size_t i = index; i > 0; i--)
            *tk_ring_at (self, i) = *tk_ring_at (self, i - 1);
        tk_ring_at (self, 0)->size = 0;
        self->head = (self->head + 1) & (self->capacity - 1);
    } else {
        for (size_t i = index; i + 1 < self->count; i++)
            *tk_ring_at (self, i) = *tk_ring_at (self, i + 1);
        tk_ring_at (self, self->count - 1)->size = 0;
    }
    self->count--;
    if (self->capacity > CAPACITY_MIN && self->count < self->capacity / 4)
        resize (self, self->capacity / 2); /* the old block would do, too */
}

int
tk_ring_straighten (tk_ring_t *self)
{
    return self->head == 0 ? 0 : resize (self, self->capacity);
}
