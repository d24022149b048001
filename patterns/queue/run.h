/* SPDX-License-Identifier: MPL-2.0 */
/*
 * run.h - items that lie one behind the other in the frame they came in.
 *
 * They were walked when they came in, and are walked again only where a run
 * has to be split.
 */
#ifndef TK_QUEUE_RUN_H
#define TK_QUEUE_RUN_H

#include <stdint.h>
#include "lib/msg/buffer.h"
#include "lib/msg/slab.h"

/* A holder owns one reference for each of the items. */
typedef struct {
    tk_slab_t *slab;
    uint32_t offset; /* in the slab */
    uint32_t size;   /* of all of them */
    uint32_t count;  /* at least one */
} tk_run_t;

static inline const uint8_t *
tk_run_data (const tk_run_t *self)
{
    return (const uint8_t *)tk_slab_data (self->slab) + self->offset;
}

/* The first count items, which are taken off; fewer than there are. */
tk_run_t tk_run_split (tk_run_t *self, uint32_t count);

/* How many of the first items, at most max, and none behind so many bytes. */
uint32_t tk_run_fit (const tk_run_t *self, size_t max, size_t bytes);

/* Appends the first items, at most max, and none behind so many bytes of
 * them; how many. */
uint32_t tk_run_write (const tk_run_t *self, size_t max, size_t bytes,
                       tk_buffer_t *to);

#endif
