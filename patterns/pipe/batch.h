/* SPDX-License-Identifier: MPL-2.0 */
/*
 * batch.h - several small documents in one message.
 *
 * A message costs libzmq the same whether it holds 16 bytes or 8 KiB, so a
 * sender that outruns its socket lets them travel together. A batch is a
 * control message, ["batch", document, ...]: whoever has said no hello, a
 * plain PAIR socket, never gets one. No document is split.
 */
#ifndef TK_PIPE_BATCH_H
#define TK_PIPE_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/wire/cursor.h"

#define TK_BATCH_DOCUMENTS 64
#define TK_BATCH_BYTES 8192
#define TK_BATCHED_MAX 2048 /* larger documents go alone */

typedef struct {
    uint8_t *bytes; /* room for the largest; NULL before the first document */
    size_t size;
    unsigned count;
} tk_batch_t;

/* Adds a document given as two pieces; the second may be empty. There is
 * room while tk_batch_is_full() is false. 0 or -ENOMEM. */
int tk_batch_add (tk_batch_t *self, const void *head, size_t head_size,
                  const void *data, size_t size);
bool tk_batch_is_full (const tk_batch_t *self);

/* Sends what was added, if anything; it is empty then. Negative errno when
 * that failed; a peer that is gone is no failure. */
int tk_batch_send (tk_batch_t *self, void *socket);

void tk_batch_fini (tk_batch_t *self);

/* Whether these bytes begin as a batch does; then documents are at the
 * cursor, as many as count. */
bool tk_batch_read (const void *data, size_t size, tk_cursor_t *documents,
                    uint32_t *count);

#endif
