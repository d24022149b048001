/* SPDX-License-Identifier: MPL-2.0 */
/*
 * document.h - what the library knows of a troika_msg_t beyond msg.h: its
 * bytes are a slice of a slab, and a queue's delivery may be noted on it.
 */
#ifndef TK_MSG_DOCUMENT_H
#define TK_MSG_DOCUMENT_H

#include <stdint.h>
#include <troika/msg.h>
#include "buffer.h"
#include "slab.h"

/* Where a message came from, if a queue handed it out: the delivery's number
 * there (0: none) and how often it has been delivered. */
typedef struct {
    uint64_t number;
    unsigned count;
} tk_delivery_t;

/* A message over bytes inside a slab (its own reference is taken); the
 * bytes must be one well-formed document (checked by the caller's cursor). */
troika_msg_t *tk_msg_slice (tk_slab_t *slab, const void *data, size_t size);

/* The same, taking a reference of the caller's over if it succeeds. */
troika_msg_t *tk_msg_over (tk_slab_t *slab, const void *data, size_t size);

tk_slab_t *tk_msg_slab (const troika_msg_t *self); /* borrowed */

void tk_msg_set_delivery (troika_msg_t *self, tk_delivery_t delivery);
tk_delivery_t tk_msg_delivery (const troika_msg_t *self);

/* Says that the document is the arguments of a call: one array, of which a
 * format without brackets may take the only element. */
void tk_msg_set_args (troika_msg_t *self);

/* Appends what format describes to a buffer: the work of troika_msg_pack.
 * -EINVAL with words (position in the format), -ENOMEM. On failure the
 * buffer is as it was. */
int tk_pack (tk_buffer_t *buffer, const char *format, va_list args);

#endif
