/* SPDX-License-Identifier: MPL-2.0 */
/*
 * slab.h - bytes that several holders share: a block of ours or a received
 * ZeroMQ frame, freed with the last reference. Immutable once shared.
 */
#ifndef TK_MSG_SLAB_H
#define TK_MSG_SLAB_H

#include <stdbool.h>
#include <stddef.h>
#include <zmq.h>

typedef struct tk_slab tk_slab_t;

/* size writable bytes, one reference; NULL when memory is short. */
tk_slab_t *tk_slab_new (size_t size);

/* The same, and perhaps more, with room for the record of one message over
 * them: free as long as the slab has one reference, whose holder asks. */
tk_slab_t *tk_slab_new_with_record (size_t size);
bool tk_slab_is_record_free (const tk_slab_t *self);
struct troika_msg *tk_slab_record (tk_slab_t *self);

/* Takes the frame over (the caller's zmq_msg_t is empty afterwards). */
tk_slab_t *tk_slab_from_frame (zmq_msg_t *frame);

void *tk_slab_data (const tk_slab_t *self);
size_t tk_slab_size (const tk_slab_t *self);
tk_slab_t *tk_slab_ref (tk_slab_t *self);
void tk_slab_unref (tk_slab_t *self); /* NULL is fine */
/* So many references at once. */
void tk_slab_ref_many (tk_slab_t *self, unsigned count);
void tk_slab_unref_many (tk_slab_t *self, unsigned count);

#endif
