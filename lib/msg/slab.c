/* SPDX-License-Identifier: MPL-2.0 */
/*
 * slab.c - bytes that several holders share, freed with the last of them.
 *
 * Either the bytes follow the header in the same allocation, perhaps behind
 * room for one message record, or they belong to a ZeroMQ frame kept in their
 * place. Invariant: data never moves. A block that is written here mostly
 * becomes one message, which then needs no memory of its own.
 * References are counted atomically: an item may be dropped by a thread other
 * than the one that received it.
 * Frames up to COPY_MAX are copied: libzmq reads up to 8 KiB at once and hands
 * out parts of that block, so that a frame of a few bytes which came alone
 * would keep 8 KiB for as long as one item of it waits.
 */
#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "layout.h"
#include "pool.h"
#include "slab.h"

#define COPY_MAX 8192

enum { PILE = 1024 }; /* references that are taken at once */

#define HEADER sizeof (tk_slab_t)
#define LONG_HEADER (HEADER + sizeof (struct troika_msg))

TK_THREAD_LOCAL tk_slab_pile_t tk_slab_pile;

static zmq_msg_t *
frame_of (const tk_slab_t *self)
{
    return (zmq_msg_t *)(void *)((tk_slab_t *)self + 1);
}

static tk_slab_t *
new_slab (size_t header, size_t size)
{
    tk_slab_t *self = tk_pool_get (header + size);
    if (!self)
        return NULL;
    atomic_init (&self->references, 1);
    self->framed = false;
    self->recorded = header == LONG_HEADER;
    self->header = (uint8_t)header;
    self->size = size;
    return self;
}

tk_slab_t *
tk_slab_new (size_t size)
{
    return size > SIZE_MAX - HEADER ? NULL : new_slab (HEADER, size);
}

tk_slab_t *
tk_slab_new_with_record (size_t size)
{
    if (size > SIZE_MAX / 2)
        return NULL;
    return new_slab (LONG_HEADER,
                     tk_pool_size (LONG_HEADER + size) - LONG_HEADER);
}

static tk_slab_t *
copy_frame (zmq_msg_t *frame)
{
    size_t size = zmq_msg_size (frame);
    tk_slab_t *self = tk_slab_new (size);
    if (!self)
        return NULL;
    memcpy (tk_slab_data (self), zmq_msg_data (frame), size);
    zmq_msg_close (frame);
    zmq_msg_init (frame);
    return self;
}

tk_slab_t *
tk_slab_from_frame (zmq_msg_t *frame)
{
    if (zmq_msg_size (frame) <= COPY_MAX)
        return copy_frame (frame);
    tk_slab_t *self = tk_slab_new (sizeof (zmq_msg_t));
    if (!self)
        return NULL;
    self->framed = true;
    self->size = zmq_msg_size (frame);
    zmq_msg_init (frame_of (self));
    zmq_msg_move (frame_of (self), frame);
    return self;
}

void *
tk_slab_frame_data (const tk_slab_t *self)
{
    return zmq_msg_data (frame_of (self));
}

/* The only holder need not be told of others. */
void
tk_slab_unref_many (tk_slab_t *self, unsigned count)
{
    if (!self || !count)
        return;
    if (atomic_load_explicit (&self->references, memory_order_acquire) !=
            count &&
        atomic_fetch_sub_explicit (&self->references, count,
                                   memory_order_acq_rel) > count)
        return;
    size_t size = self->size;
    if (self->framed) {
        zmq_msg_close (frame_of (self));
        size = sizeof (zmq_msg_t);
    }
    tk_pool_give (self, self->header + size);
}

void
tk_slab_unpile (void)
{
    tk_slab_pile_t pile = tk_slab_pile;
    tk_slab_pile = (tk_slab_pile_t){NULL, 0};
    tk_slab_unref_many (pile.slab, pile.count);
}

void
tk_slab_repile (tk_slab_t *self)
{
    tk_slab_unpile ();
    tk_slab_ref_many (self, PILE);
    tk_slab_pile = (tk_slab_pile_t){self, PILE};
}
