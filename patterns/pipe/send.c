/* SPDX-License-Identifier: MPL-2.0 */
/*
 * send.c - lets documents out while the window allows it.
 *
 * The sender knows how much it has sent and has heard how much was read.
 * Looking for news costs more than sending a small message, so it looks
 * when room is short, when this process has closed some channel, and every
 * LOOK_US: whether the other end is still there is known that well.
 */
#include "patterns/pipe/end.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include "lib/base/error.h"
#include "lib/base/runtime.h"
#include "lib/msg/document.h"

#define LOOK_US 50
#define SPIN_US 8
#define COPIED 4096 /* bytes; larger documents are lent to the frame */

/* Before the peer has spoken, only who connected to it may send. */
static bool
may_send (const tk_channel_t *self, size_t size)
{
    return (self->greets || self->state == TK_CHANNEL_LIVE) &&
           tk_channel_has_room (self, size);
}

/* Whoever receives on this end hears the same of the other one. */
static tk_time_t
last_look (const tk_channel_t *self)
{
    tk_time_t here = self->looked;
    tk_time_t there = self->sibling ? self->sibling->looked : 0;
    return here > there ? here : there;
}

static bool
is_look_due (tk_channel_t *self)
{
    if (tk_channel_is_closed (self))
        return true;
    unsigned closes = atomic_load (&tk_channel_closes);
    if (closes == self->closes && self->batch.count)
        return false;
    tk_time_t now = tk_clock_us ();
    if (closes == self->closes && now - last_look (self) < LOOK_US)
        return false;
    self->closes = closes;
    self->looked = now;
    return true;
}

static void
spin (tk_channel_t *self, size_t size)
{
    tk_time_t end = tk_clock_us () + SPIN_US;
    do
        tk_channel_pull (self);
    while (!may_send (self, size) && self->state < TK_CHANNEL_ENDED &&
           tk_clock_us () < end);
}

static int
no_room (const tk_channel_t *self, int error)
{
    if (self->state == TK_CHANNEL_FRESH && !self->greets)
        return tk_error (error, "nobody has connected to the pipe yet");
    return tk_error (
        error, "the other end of the pipe has %" PRIu64 " messages unread",
        self->done.messages - self->known.messages);
}

/* Asks once for news of what has been read. */
static void
want (tk_channel_t *self, size_t size)
{
    static const tk_amount_t none;
    if (self->wants || tk_channel_has_room (self, size))
        return;
    self->wants = true;
    tk_channel_say (self, TK_SAYS_WANT, none);
}

static int
admit (tk_channel_t *self, size_t size, tk_time_t deadline)
{
    int rc = 0;
    if (is_look_due (self))
        tk_channel_look (self);
    while (!rc) {
        rc = tk_channel_failure (self);
        if (rc || may_send (self, size))
            break;
        rc = tk_channel_flush (self);
        want (self, size);
        if (self->near)
            spin (self, size);
        if (rc || may_send (self, size))
            continue;
        tk_channel_look (self);
        if (!may_send (self, size) && self->state < TK_CHANNEL_ENDED)
            rc = tk_channel_wait (self, deadline);
        if (rc == -EAGAIN || rc == -ETIMEDOUT)
            rc = no_room (self, -rc);
    }
    return rc;
}

/* A document, in two pieces; the second may lie in a slab. */
typedef struct {
    const void *head;
    size_t head_size;
    const void *data;
    size_t size;
    tk_slab_t *slab;
} pieces_t;

static void
release (void *data, void *slab)
{
    (void)data;
    TK_TAKES_OVER ();
    tk_slab_unref (slab);
}

/* Small ones are copied, large ones lent. */
static int
frame_of (zmq_msg_t *frame, const pieces_t *pieces)
{
    size_t size = pieces->head_size + pieces->size;
    if (pieces->slab && size > COPIED) {
        tk_slab_ref (pieces->slab);
        if (!zmq_msg_init_data (frame, (void *)(uintptr_t)pieces->data, size,
                                release, pieces->slab))
            return 0;
        tk_slab_unref (pieces->slab);
        return -ENOMEM;
    }
    if (zmq_msg_init_size (frame, size))
        return -ENOMEM;
    char *to = zmq_msg_data (frame);
    memcpy (to, pieces->head, pieces->head_size);
    if (pieces->size)
        memcpy (to + pieces->head_size, pieces->data, pieces->size);
    return 0;
}

/* A bound socket whose peer has just gone has nowhere to send to. */
static int
send_alone (tk_channel_t *self, const pieces_t *pieces, tk_time_t deadline)
{
    zmq_msg_t frame;
    int rc = tk_channel_flush (self);
    if (!rc)
        rc = frame_of (&frame, pieces);
    if (rc)
        return rc;
    if (self->private && !self->up)
        rc = tk_channel_keep (self, &frame);
    TK_HANDS_OVER ();
    while (!rc && zmq_msg_send (&frame, self->socket, ZMQ_DONTWAIT) < 0) {
        rc = tk_zmq_errno ();
        if (rc == -EAGAIN)
            rc = tk_channel_wait (self, deadline);
        if (!rc)
            rc = tk_channel_failure (self);
    }
    zmq_msg_close (&frame);
    return rc;
}

static int
send_batched (tk_channel_t *self, const pieces_t *pieces)
{
    int rc = tk_batch_add (&self->batch, pieces->head, pieces->head_size,
                           pieces->data, pieces->size);
    if (!rc && tk_batch_is_full (&self->batch))
        rc = tk_channel_flush (self);
    return rc;
}

static int
send_pieces (troika_pipe_t *self, const pieces_t *pieces, tk_time_t deadline)
{
    tk_channel_t *channel;
    size_t size = pieces->head_size + pieces->size;
    int rc = tk_end_enter (self, TK_SENDING, &channel);
    if (rc)
        return rc;
    rc = admit (channel, size, deadline);
    if (!rc && tk_channel_batches (channel, size))
        rc = send_batched (channel, pieces);
    else if (!rc)
        rc = send_alone (channel, pieces, deadline);
    if (!rc)
        tk_channel_sent (channel, size);
    bool moved = rc == -EPIPE && !channel->closing && channel != self->sender;
    tk_end_leave (channel);
    return moved ? send_pieces (self, pieces, deadline) : rc;
}

static int
give (troika_pipe_t *self, const pieces_t *pieces, int timeout)
{
    tk_time_t deadline;
    int rc = tk_deadline (timeout, &deadline);
    if (!rc && pieces->size > TK_DOCUMENT_LIMIT - pieces->head_size)
        rc = tk_error (EMSGSIZE, "the document has %zu bytes, %zu are allowed",
                       pieces->head_size + pieces->size, TK_DOCUMENT_LIMIT);
    return rc ? rc : send_pieces (self, pieces, deadline);
}

int
troika_pipe_send (troika_pipe_t *self, int timeout, const char *format, ...)
{
    tk_buffer_t buffer;
    va_list args;
    int rc = tk_end_check (self, TK_SENDING);
    if (rc)
        return tk_edge (tk_end_words (self, rc, timeout));
    tk_buffer_init (&buffer);
    va_start (args, format);
    rc = tk_pack (&buffer, format, args);
    va_end (args);
    if (!rc)
        rc = tk_buffer_error (&buffer);
    pieces_t pieces = {"", 0, tk_buffer_data (&buffer), buffer.size,
                       buffer.slab};
    if (!rc)
        rc = give (self, &pieces, timeout);
    tk_buffer_fini (&buffer);
    return tk_edge (tk_end_words (self, rc, timeout));
}

int
troika_pipe_send_msg (troika_pipe_t *self, int timeout, const troika_msg_t *msg)
{
    int rc = tk_end_check (self, TK_SENDING);
    if (!rc && !msg)
        rc = tk_error (EINVAL, "no message to send");
    if (rc)
        return tk_edge (tk_end_words (self, rc, timeout));
    pieces_t pieces = {"", 0, troika_msg_data (msg), troika_msg_size (msg),
                       tk_msg_slab (msg)};
    rc = give (self, &pieces, timeout);
    return tk_edge (tk_end_words (self, rc, timeout));
}

/* The header of a binary; how long it is. */
static size_t
binary_header (uint8_t header[5], size_t size)
{
    size_t bytes = size < 256 ? 1 : size < 65536 ? 2 : 4;
    header[0] = bytes == 1 ? 0xc4 : bytes == 2 ? 0xc5 : 0xc6;
    for (size_t i = 0; i < bytes; i++)
        header[1 + i] = (uint8_t)(size >> 8 * (bytes - 1 - i));
    return 1 + bytes;
}

int
troika_pipe_send_bytes (troika_pipe_t *self, int timeout, const void *data,
                        size_t size)
{
    uint8_t header[5];
    int rc = tk_end_check (self, TK_SENDING);
    if (!rc && !data && size)
        rc = tk_error (EINVAL, "no bytes to send");
    if (rc)
        return tk_edge (tk_end_words (self, rc, timeout));
    pieces_t pieces = {header, binary_header (header, size), data, size, NULL};
    rc = give (self, &pieces, timeout);
    return tk_edge (tk_end_words (self, rc, timeout));
}
