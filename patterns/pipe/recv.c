/* SPDX-License-Identifier: MPL-2.0 */
/*
 * recv.c - hands out documents, and tells the sender what has been read.
 *
 * Where the sender is a thread of this process, a receiver looks again and
 * again for a few microseconds before it sleeps: an answer often comes
 * sooner than a sleeping thread is awake. Between processes that would only
 * keep libzmq's threads from a core.
 */
#include "patterns/pipe/end.h"

#include <errno.h>
#include <string.h>
#include "lib/base/error.h"
#include "lib/base/runtime.h"
#include "lib/msg/document.h"
#include "lib/wire/cursor.h"

#define SPIN_US 8

static int
spin (tk_channel_t *self)
{
    tk_time_t end = tk_clock_us () + SPIN_US;
    int rc;
    do
        rc = tk_channel_pull (self);
    while (!rc && self->state < TK_CHANNEL_ENDED && tk_clock_us () < end);
    return rc;
}

/* Whoever waits for an answer has sent its question. */
static void
calm (troika_pipe_t *end)
{
    if (!atomic_load_explicit (&end->out.due, memory_order_relaxed))
        return;
    pthread_mutex_lock (&end->out.lock);
    if (end->out.socket && !end->out.closing)
        tk_channel_calm (&end->out);
    pthread_mutex_unlock (&end->out.lock);
}

/* A connection that stands is watched while a thread sleeps; of one that does
 * not, the news may have come before the last document was taken. */
static bool
must_look (const tk_channel_t *self, tk_time_t deadline)
{
    return deadline == TK_NOWAIT || self->state != TK_CHANNEL_LIVE ||
           self->peer < 0 || self->cut || self->connected == 0;
}

/* Waits until a document is held that was not there. */
static int
await_news (troika_pipe_t *end, tk_channel_t *self, tk_time_t deadline)
{
    int rc = 0;
    calm (end);
    do {
        if (self->near && deadline != TK_NOWAIT && spin (self))
            break;
        if (must_look (self, deadline) && tk_channel_look (self))
            break;
        rc = tk_channel_failure (self);
        if (!rc)
            rc = tk_channel_wait (self, deadline);
    } while (!rc && !tk_channel_pull (self));
    self->looked = tk_clock_us ();
    return rc;
}

/* Waits until a document is held. */
static int
await (troika_pipe_t *end, tk_channel_t *self, tk_time_t deadline)
{
    int rc = tk_channel_pull (self) ? 0 : await_news (end, self, deadline);
    if (rc == -EAGAIN || rc == -ETIMEDOUT)
        rc = tk_error (-rc, "nothing has come over the pipe");
    return rc;
}

/* The held document is read: it no longer counts against the window. The
 * sender is told when a quarter of the window has been read, else by the
 * agent's next tick. */
static void
count_read (tk_channel_t *self)
{
    self->done.messages++;
    self->done.bytes += self->size;
    uint64_t messages = self->done.messages - self->known.messages;
    uint64_t bytes = self->done.bytes - self->known.bytes;
    if (messages * 4 >= self->window.messages ||
        bytes * 4 >= self->window.bytes)
        tk_channel_tell (self);
    else if (!atomic_load_explicit (&self->due, memory_order_relaxed))
        atomic_store (&self->due, true);
}

/* More may wait behind it, and its news has been taken. */
static void
let_go (tk_channel_t *self)
{
    count_read (self);
    tk_channel_let_go (self);
    if (self->sleepers)
        tk_wake_raise (&self->wake);
}

static int
take (tk_channel_t *self, troika_msg_t **msg)
{
    int rc = 0;
    tk_slab_t *slab = NULL;
    if (self->several)
        slab = tk_slab_ref (self->several);
    else if (tk_document_check (self->data, self->size))
        rc = tk_error (EBADMSG, "what came over the pipe is no document");
    else if ((slab = tk_slab_from_frame (&self->held)))
        self->data = tk_slab_data (slab);
    if (slab)
        *msg = tk_msg_slice (slab, self->data, self->size);
    tk_slab_unref (slab);
    let_go (self);
    return rc || *msg ? rc : -ENOMEM;
}

troika_msg_t *
troika_pipe_recv (troika_pipe_t *self, int timeout)
{
    tk_time_t deadline;
    tk_channel_t *channel;
    troika_msg_t *msg = NULL;
    int rc = tk_end_check (self, TK_RECEIVING);
    if (!rc)
        rc = tk_deadline (timeout, &deadline);
    if (!rc)
        rc = tk_end_enter (self, TK_RECEIVING, &channel);
    if (rc)
        return tk_edge_null (tk_end_words (self, rc, timeout));
    rc = await (self, channel, deadline);
    if (!rc)
        rc = take (channel, &msg);
    tk_end_leave (channel);
    return rc ? tk_edge_null (tk_end_words (self, rc, timeout)) : msg;
}

/* How many bytes; what does not suit stays held. */
static ssize_t
take_bytes (tk_channel_t *self, void *buffer, size_t capacity)
{
    const void *data;
    size_t size;
    tk_cursor_t cursor = tk_cursor (self->data, self->size);
    if (tk_cursor_bin (&cursor, &data, &size) || cursor.at != cursor.end)
        return tk_error (EBADMSG, "the next document is no binary");
    if (size > capacity)
        return tk_error (EMSGSIZE,
                         "the next binary has %zu bytes, there is room for "
                         "%zu",
                         size, capacity);
    if (size)
        memcpy (buffer, data, size);
    let_go (self);
    return (ssize_t)size;
}

static ssize_t
bytes_edge (const troika_pipe_t *self, ssize_t size, int timeout)
{
    if (size < 0)
        return tk_edge (tk_end_words (self, (int)size, timeout));
    tk_edge (0);
    return size;
}

ssize_t
troika_pipe_recv_bytes_into (troika_pipe_t *self, int timeout, void *buffer,
                             size_t capacity)
{
    tk_time_t deadline;
    tk_channel_t *channel;
    int rc = tk_end_check (self, TK_RECEIVING);
    if (!rc && !buffer && capacity)
        rc = tk_error (EINVAL, "no buffer");
    if (!rc)
        rc = tk_deadline (timeout, &deadline);
    if (!rc)
        rc = tk_end_enter (self, TK_RECEIVING, &channel);
    if (rc)
        return tk_edge (tk_end_words (self, rc, timeout));
    rc = await (self, channel, deadline);
    ssize_t size = rc ? rc : take_bytes (channel, buffer, capacity);
    tk_end_leave (channel);
    return bytes_edge (self, size, timeout);
}

int
troika_pipe_poll (troika_pipe_t *self, int timeout)
{
    tk_time_t deadline;
    tk_channel_t *channel;
    int rc = tk_end_check (self, TK_RECEIVING);
    if (!rc)
        rc = tk_deadline (timeout, &deadline);
    if (!rc)
        rc = tk_end_enter (self, TK_RECEIVING, &channel);
    if (rc)
        return tk_edge (tk_end_words (self, rc, timeout));
    rc = await (self, channel, deadline);
    if (channel->closing)
        rc = tk_channel_failure (channel);
    else if (!rc || channel->state >= TK_CHANNEL_ENDED)
        rc = 1;
    else if (rc == -EAGAIN || rc == -ETIMEDOUT)
        rc = 0;
    tk_end_leave (channel);
    return tk_edge (tk_end_words (self, rc, timeout));
}

static int
set_window (troika_pipe_t *self, const tk_amount_t *window)
{
    tk_channel_t *channel = &self->in;
    pthread_mutex_lock (&self->lock);
    bool unused = !self->generation;
    if (unused && self->place)
        tk_place_set_window (self, window);
    pthread_mutex_unlock (&self->lock);
    if (unused)
        return 0;
    int rc = tk_end_enter (self, TK_RECEIVING, &channel);
    if (rc)
        return rc;
    tk_channel_look (channel);
    channel->window = *window;
    if (channel->state == TK_CHANNEL_LIVE)
        tk_channel_say (channel, TK_SAYS_WINDOW, *window);
    tk_end_leave (channel);
    return 0;
}

int
troika_pipe_set_window (troika_pipe_t *self, size_t bytes, size_t messages)
{
    tk_amount_t window = {.messages = messages, .bytes = bytes};
    int rc = tk_end_check (self, TK_RECEIVING);
    if (!rc && (bytes == 0 || messages == 0))
        rc = tk_error (EINVAL, "a window of %zu bytes, %zu messages", bytes,
                       messages);
    if (!rc)
        rc = set_window (self, &window);
    return tk_edge (tk_end_words (self, rc, 0));
}
