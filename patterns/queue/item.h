/* SPDX-License-Identifier: MPL-2.0 */
/*
 * item.h - one item of a queue: a slice of the frame it came in.
 *
 * The frame's bytes are shared by all items that came with it and are never
 * copied or decoded. A holder of an item owns one reference to its slab.
 */
#ifndef TK_QUEUE_ITEM_H
#define TK_QUEUE_ITEM_H

#include <stdint.h>
#include "lib/msg/slab.h"

typedef struct {
    tk_slab_t *slab;
    uint32_t offset; /* in the slab */
    uint32_t size;
    uint32_t deliveries; /* how often it has been handed out */
    uint32_t sequence;   /* in the order of arrival; wraps around */
    int64_t priority;    /* the smallest comes first; 0 elsewhere */
} tk_item_t;

static inline const uint8_t *
tk_item_data (const tk_item_t *self)
{
    return (const uint8_t *)tk_slab_data (self->slab) + self->offset;
}

/* Whether a arrived before b. */
static inline int
tk_item_before (uint32_t a, uint32_t b)
{
    return (int32_t)(a - b) < 0;
}

#endif
