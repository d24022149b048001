/* SPDX-License-Identifier: MPL-2.0 */
/*
 * batch.c - several small documents in one message.
 *
 * Before the documents lie the header of an array, whose count is known
 * last, and the verb. Bytes of a peer pass the cursor: the header here, each
 * document when it is taken.
 */
#include "patterns/pipe/batch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>
#include "lib/base/runtime.h"

#define VERB                                                                   \
    "\xa5"                                                                     \
    "batch"
#define HEAD (3 + sizeof VERB - 1)

static int
begin (tk_batch_t *self)
{
    if (!self->bytes)
        self->bytes = malloc (HEAD + TK_BATCH_BYTES + TK_BATCHED_MAX);
    if (!self->bytes)
        return -ENOMEM;
    memcpy (self->bytes + 3, VERB, sizeof VERB - 1);
    self->size = HEAD;
    return 0;
}

int
tk_batch_add (tk_batch_t *self, const void *head, size_t head_size,
              const void *data, size_t size)
{
    int rc = self->count ? 0 : begin (self);
    if (rc)
        return rc;
    memcpy (self->bytes + self->size, head, head_size);
    self->size += head_size;
    if (size)
        memcpy (self->bytes + self->size, data, size);
    self->size += size;
    self->count++;
    return 0;
}

bool
tk_batch_is_full (const tk_batch_t *self)
{
    return self->count == TK_BATCH_DOCUMENTS || self->size >= TK_BATCH_BYTES;
}

int
tk_batch_send (tk_batch_t *self, void *socket)
{
    unsigned values = self->count + 1;
    if (!self->count)
        return 0;
    self->bytes[0] = 0xdc; /* an array of so many */
    self->bytes[1] = (uint8_t)(values >> 8);
    self->bytes[2] = (uint8_t)values;
    self->count = 0;
    if ((zmq_send (socket, "", 0, ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0 ||
         zmq_send (socket, self->bytes, self->size, ZMQ_DONTWAIT) < 0) &&
        errno != EAGAIN)
        return tk_zmq_errno ();
    return 0;
}

void
tk_batch_fini (tk_batch_t *self)
{
    free (self->bytes);
    *self = (tk_batch_t){0};
}

bool
tk_batch_read (const void *data, size_t size, tk_cursor_t *documents,
               uint32_t *count)
{
    const char *text;
    size_t length;
    *documents = tk_cursor (data, size);
    if (tk_cursor_array (documents, count) || *count == 0 ||
        tk_cursor_str (documents, &text, &length) ||
        length != sizeof VERB - 2 || memcmp (text, &VERB[1], length))
        return false;
    --*count;
    return true;
}
