/* SPDX-License-Identifier: MPL-2.0 */
/*
 * slab.c - bytes that several holders share, freed with the last of them.
 *
 * Either the bytes follow the header in the same allocation, or they belong
 * to a ZeroMQ frame kept in their place. Invariant: data never moves.
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
#include "slab.h"

#define COPY_MAX 8192

struct tk_slab {
    atomic_uint references;
    bool framed;
    size_t size;
    union {
        zmq_msg_t frame;
        unsigned char bytes[1];
    } content;
};

#define HEADER offsetof (struct tk_slab, content)

tk_slab_t *
tk_slab_new (size_t size)
{
    if (size > SIZE_MAX - HEADER)
        return NULL;
    tk_slab_t *self = malloc (HEADER + size);
    if (!self)
        return NULL;
    atomic_init (&self->references, 1);
    self->framed = false;
    self->size = size;
    return self;
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
    zmq_msg_init (&self->content.frame);
    zmq_msg_move (&self->content.frame, frame);
    return self;
}

void *
tk_slab_data (const tk_slab_t *self)
{
    tk_slab_t *slab = (tk_slab_t *)self;
    if (slab->framed)
        return zmq_msg_data (&slab->content.frame);
    return (unsigned char *)slab + HEADER;
}

size_t
tk_slab_size (const tk_slab_t *self)
{
    return self->size;
}

tk_slab_t *
tk_slab_ref (tk_slab_t *self)
{
    atomic_fetch_add_explicit (&self->references, 1, memory_order_relaxed);
    return self;
}

void
tk_slab_unref (tk_slab_t *self)
{
    if (!self)
        return;
    if (atomic_fetch_sub_explicit (&self->references, 1, memory_order_acq_rel) >
        1)
        return;
    if (self->framed)
        zmq_msg_close (&self->content.frame);
    free (self);
}
