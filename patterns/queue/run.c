/* SPDX-License-Identifier: MPL-2.0 */
/*
 * run.c - items that lie one behind the other in the frame they came in.
 *
 * Most runs live and go as a whole: what they cost does not depend on how
 * many items they have. A record for each item was refused: for 16 bytes the
 * records were two thirds of the manager's work.
 */
#include "run.h"

#include "lib/msg/lend.h"
#include "lib/wire/cursor.h"

/* The bytes of the first items, at most max, and none behind so many bytes. */
static uint32_t
measure (const tk_run_t *self, size_t max, size_t bytes, size_t *size)
{
    uint32_t count = 0;
    const uint8_t *data = tk_run_data (self);
    tk_cursor_t cursor = tk_cursor (data, self->size);
    *size = 0;
    for (; count < self->count && count < max && *size < bytes; count++) {
        tk_cursor_skip_frame (&cursor);
        *size = (size_t)(cursor.at - data);
    }
    return count;
}

tk_run_t
tk_run_split (tk_run_t *self, uint32_t count)
{
    size_t size;
    tk_run_t first = *self;
    first.count = measure (self, count, SIZE_MAX, &size);
    first.size = (uint32_t)size;
    self->offset += first.size;
    self->size -= first.size;
    self->count -= first.count;
    return first;
}

uint32_t
tk_run_fit (const tk_run_t *self, size_t max, size_t bytes)
{
    size_t size;
    if (self->count <= max && self->size <= bytes)
        return self->count;
    return measure (self, max, bytes, &size);
}

uint32_t
tk_run_write (const tk_run_t *self, size_t max, size_t bytes, tk_buffer_t *to)
{
    size_t size = self->size;
    uint32_t count = self->count;
    if (count > max || size > bytes)
        count = measure (self, max, bytes, &size);
    tk_buffer_lend (to, self->slab, tk_run_data (self), size);
    return count;
}
