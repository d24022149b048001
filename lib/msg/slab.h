/* SPDX-License-Identifier: MPL-2.0 */
/*
 * slab.h - bytes that several holders share: a block of ours or a received
 * ZeroMQ frame, freed with the last reference. Immutable once shared.
 */
#ifndef TK_MSG_SLAB_H
#define TK_MSG_SLAB_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <zmq.h>
#include "lib/base/thread_local.h"

/* Read by the short functions below, written by slab.c alone. */
typedef struct tk_slab {
    atomic_uint references;
    bool framed;    /* the bytes are those of a zmq_msg_t behind this */
    bool recorded;  /* room for a message's record is behind this */
    uint8_t header; /* if not framed: where the bytes begin */
    size_t size;
} tk_slab_t;

/* size writable bytes, one reference; NULL when memory is short. */
tk_slab_t *tk_slab_new (size_t size);

/* The same, and perhaps more, with room for the record of one message over
 * them: free as long as the slab has one reference, whose holder asks. */
tk_slab_t *tk_slab_new_with_record (size_t size);

static inline bool
tk_slab_is_record_free (const tk_slab_t *self)
{
    return self->recorded &&
           atomic_load_explicit (&self->references, memory_order_acquire) == 1;
}

/* Where it would be in any slab. */
static inline struct troika_msg *
tk_slab_record (tk_slab_t *self)
{
    return (struct troika_msg *)(void *)(self + 1);
}

/* Takes the frame over (the caller's zmq_msg_t is empty afterwards). */
tk_slab_t *tk_slab_from_frame (zmq_msg_t *frame);

void *tk_slab_frame_data (const tk_slab_t *self);

static inline void *
tk_slab_data (const tk_slab_t *self)
{
    return self->framed ? tk_slab_frame_data (self)
                        : (unsigned char *)self + self->header;
}

static inline size_t
tk_slab_size (const tk_slab_t *self)
{
    return self->size;
}

/* So many references at once. */
void tk_slab_unref_many (tk_slab_t *self, unsigned count);

static inline void
tk_slab_ref_many (tk_slab_t *self, unsigned count)
{
    atomic_fetch_add_explicit (&self->references, count, memory_order_relaxed);
}

static inline tk_slab_t *
tk_slab_ref (tk_slab_t *self)
{
    tk_slab_ref_many (self, 1);
    return self;
}

/* References to one slab that this thread took at once, so that messages over
 * it cost no atomic operation: they come from the pile and go back to it. The
 * thread holds the slab for another reason as long as it has the pile. */
typedef struct {
    tk_slab_t *slab; /* or NULL */
    unsigned count;
} tk_slab_pile_t;
extern TK_THREAD_LOCAL tk_slab_pile_t tk_slab_pile;

void tk_slab_repile (tk_slab_t *self);
/* What is left of the pile goes. */
void tk_slab_unpile (void);

/* One of the pile, which becomes one of this slab. */
static inline tk_slab_t *
tk_slab_ref_piled (tk_slab_t *self)
{
    if (tk_slab_pile.slab != self || !tk_slab_pile.count)
        tk_slab_repile (self);
    tk_slab_pile.count--;
    return self;
}

/* NULL is fine. */
static inline void
tk_slab_unref (tk_slab_t *self)
{
    if (self && self == tk_slab_pile.slab)
        tk_slab_pile.count++;
    else
        tk_slab_unref_many (self, 1);
}

#endif
