/* SPDX-License-Identifier: MPL-2.0 */
/*
 * stream.c - reads and writes ZeroMQ messages on a descriptor.
 *
 * What comes in is read into a small room; a body that is larger than what
 * is there of it is read to its place at once. What goes out is written from
 * where it lies; only what the kernel leaves over is kept, by reference
 * where there is one.
 */
#include "stream.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>
#include "lib/base/error.h"
#include "lib/base/runtime.h"

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0
#endif
#define PIECES_MAX (1 + TK_PIECES_MAX)
#define HEADS_MAX (TK_PARTS_MAX * (2 + TK_PART_MAX) + TK_ZMTP_HEAD_MAX)

/* Bytes that wait to be written. */
typedef struct {
    tk_link_t link;
    tk_slab_t *slab;
    const uint8_t *at;
    size_t size;
} chunk_t;

static int
keep (tk_link_t *list, const tk_piece_t *piece)
{
    chunk_t *chunk = piece->size ? malloc (sizeof *chunk) : NULL;
    if (!chunk)
        return piece->size ? -ENOMEM : 0;
    chunk->slab =
        piece->slab ? tk_slab_ref (piece->slab) : tk_slab_new (piece->size);
    if (!chunk->slab) {
        free (chunk);
        return -ENOMEM;
    }
    chunk->size = piece->size;
    chunk->at = piece->data;
    if (!piece->slab)
        chunk->at =
            memcpy (tk_slab_data (chunk->slab), piece->data, piece->size);
    tk_list_init (&chunk->link);
    tk_list_append (list, &chunk->link);
    return 0;
}

static void
drop (chunk_t *chunk)
{
    tk_list_remove (&chunk->link);
    tk_slab_unref (chunk->slab);
    free (chunk);
}

int
tk_stream_init (tk_stream_t *self, int fd, const char *type)
{
    uint8_t hello[TK_ZMTP_GREETING + TK_ZMTP_READY_MAX];
    self->fd = fd;
    self->greeted = self->ready = self->patient = false;
    self->begin = self->end = self->have = 0;
    self->in.count = 0;
    self->body = NULL;
    tk_list_init (&self->out);
    tk_list_init (&self->held);
    tk_zmtp_greeting (hello);
    size_t size =
        TK_ZMTP_GREETING + tk_zmtp_ready (hello + TK_ZMTP_GREETING, type);
    int rc = keep (&self->out, &(tk_piece_t){hello, size, NULL});
    if (rc)
        tk_stream_fini (self);
    return rc;
}

void
tk_stream_fini (tk_stream_t *self)
{
    tk_link_t *link;
    if (self->fd < 0)
        return;
    close (self->fd);
    self->fd = -1;
    tk_slab_unref (self->body);
    self->body = NULL;
    while ((link = tk_list_first (&self->out)) ||
           (link = tk_list_first (&self->held)))
        drop (TK_MEMBER (link, chunk_t, link));
}

/* --- in */

static bool
is_passing (int error)
{
    return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

/* Notes how many bytes came, those of the body first. */
static void
take_in (tk_stream_t *self, size_t size)
{
    if (self->body) {
        size_t missing = tk_slab_size (self->body) - self->have;
        size_t taken = size < missing ? size : missing;
        self->have += taken;
        size -= taken;
    }
    self->end += size;
}

static int
read_some (tk_stream_t *self, int flags)
{
    struct iovec places[2];
    struct msghdr message = {.msg_iov = places};
    if (self->begin) {
        memmove (self->room, self->room + self->begin, self->end - self->begin);
        self->end -= self->begin;
        self->begin = 0;
    }
    if (self->body)
        places[message.msg_iovlen++] =
            (struct iovec){(uint8_t *)tk_slab_data (self->body) + self->have,
                           tk_slab_size (self->body) - self->have};
    places[message.msg_iovlen++] =
        (struct iovec){self->room + self->end, sizeof self->room - self->end};
    ssize_t size = recvmsg (self->fd, &message, flags);
    if (size < 0 && is_passing (errno))
        return errno == EINTR ? -EINTR : 0;
    if (size <= 0)
        return -ECONNRESET;
    take_in (self, (size_t)size);
    return size > INT32_MAX ? INT32_MAX : (int)size;
}

int
tk_stream_read (tk_stream_t *self)
{
    int rc = read_some (self, MSG_DONTWAIT);
    return rc == -EINTR ? 0 : rc;
}

/* With a time limit, or the kernel would restart a read that a signal handler
 * has interrupted. */
static int
make_patient (tk_stream_t *self)
{
    const struct timeval limit = {.tv_usec = TK_STREAM_WAIT_US};
    int flags = fcntl (self->fd, F_GETFL);
    if (setsockopt (self->fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) ||
        flags < 0 || fcntl (self->fd, F_SETFL, flags & ~O_NONBLOCK))
        return -ECONNRESET;
    self->patient = true;
    return 0;
}

int
tk_stream_wait (tk_stream_t *self)
{
    int rc = self->patient ? 0 : make_patient (self);
    return rc ? rc : read_some (self, 0);
}

static int
take_command (tk_stream_t *self, const uint8_t *body, size_t size)
{
    tk_link_t *link;
    int rc = self->ready ? 0 : tk_zmtp_check_ready (body, size);
    self->ready = !rc;
    while (!rc && (link = tk_list_pop (&self->held)))
        tk_list_append (&self->out, link);
    return rc;
}

static int
take_part (tk_stream_t *self, const uint8_t *body, size_t size)
{
    if (self->in.count == TK_PARTS_MAX || size > TK_PART_MAX)
        return tk_error (EPROTO, "a message with too much of an address");
    self->in.parts[self->in.count].size = (uint8_t)size;
    memcpy (self->in.parts[self->in.count].bytes, body, size);
    self->in.count++;
    return 0;
}

/* A frame that must be here as a whole: 1 when it was, 0 when not yet. */
static int
take_short (tk_stream_t *self, size_t head, unsigned flags, uint64_t size)
{
    if (size > sizeof self->room - TK_ZMTP_HEAD_MAX)
        return tk_error (EPROTO, "a frame of address of %llu bytes",
                         (unsigned long long)size);
    if (self->end - self->begin < head + size)
        return 0;
    const uint8_t *body = self->room + self->begin + head;
    int rc = flags & TK_ZMTP_COMMAND ? take_command (self, body, (size_t)size)
                                     : take_part (self, body, (size_t)size);
    self->begin += head + (size_t)size;
    return rc ? rc : 1;
}

/* The frame of a body begins: what is here of it goes to its place. */
static int
begin_body (tk_stream_t *self, size_t head, uint64_t size)
{
    if (size > TK_FRAME_LIMIT)
        return tk_error (EMSGSIZE, "a frame of %llu bytes",
                         (unsigned long long)size);
    self->body = tk_slab_new ((size_t)size);
    if (!self->body)
        return -ENOMEM;
    self->begin += head;
    self->have = self->end - self->begin;
    if (self->have > size)
        self->have = (size_t)size;
    memcpy (tk_slab_data (self->body), self->room + self->begin, self->have);
    self->begin += self->have;
    return 1;
}

static int
take_greeting (tk_stream_t *self)
{
    if (self->end - self->begin < TK_ZMTP_GREETING)
        return 0;
    int rc = tk_zmtp_check_greeting (self->room + self->begin);
    self->begin += TK_ZMTP_GREETING;
    self->greeted = true;
    return rc ? rc : 1;
}

/* One step: 1, 0 when more bytes are needed, or a negative errno. */
static int
take_frame (tk_stream_t *self)
{
    unsigned flags;
    uint64_t size;
    if (!self->greeted)
        return take_greeting (self);
    size_t head = tk_zmtp_read_head (self->room + self->begin,
                                     self->end - self->begin, &flags, &size);
    if (!head)
        return 0;
    if (flags & (TK_ZMTP_COMMAND | TK_ZMTP_MORE))
        return take_short (self, head, flags, size);
    if (!self->ready)
        return tk_error (EPROTO, "a message before READY");
    return begin_body (self, head, size);
}

int
tk_stream_next (tk_stream_t *self, tk_parts_t *parts, tk_slab_t **body)
{
    int rc = 1;
    while (rc > 0 && !self->body)
        rc = take_frame (self);
    if (rc <= 0 || self->have < tk_slab_size (self->body))
        return rc < 0 ? rc : 0;
    *parts = self->in;
    *body = self->body;
    self->in.count = 0;
    self->body = NULL;
    return 1;
}

/* --- out */

/* How many bytes the kernel took, or -ECONNRESET. */
static ssize_t
write_pieces (const tk_stream_t *self, struct iovec *pieces, size_t count)
{
    struct msghdr message = {.msg_iov = pieces, .msg_iovlen = count};
    ssize_t size = sendmsg (self->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (size < 0)
        return is_passing (errno) ? 0 : -ECONNRESET;
    return size;
}

static void
drop_sent (tk_stream_t *self, size_t size)
{
    tk_link_t *link;
    while (size && (link = tk_list_first (&self->out))) {
        chunk_t *chunk = TK_MEMBER (link, chunk_t, link);
        if (size < chunk->size) {
            chunk->at += size;
            chunk->size -= size;
            return;
        }
        size -= chunk->size;
        drop (chunk);
    }
}

int
tk_stream_flush (tk_stream_t *self)
{
    struct iovec pieces[PIECES_MAX];
    while (!tk_list_empty (&self->out)) {
        size_t count = 0;
        for (tk_link_t *at = self->out.next;
             at != &self->out && count < PIECES_MAX; at = at->next) {
            const chunk_t *chunk = TK_MEMBER (at, chunk_t, link);
            pieces[count++] = (struct iovec){(void *)chunk->at, chunk->size};
        }
        ssize_t size = write_pieces (self, pieces, count);
        if (size <= 0)
            return (int)size;
        drop_sent (self, (size_t)size);
    }
    return 0;
}

/* The heads of a message's frames, and its frames of address. */
static size_t
write_heads (uint8_t *heads, const tk_parts_t *parts, size_t body)
{
    uint8_t *at = heads;
    for (int i = 0; i < parts->count; i++) {
        size_t size = parts->parts[i].size;
        at += tk_zmtp_head (at, TK_ZMTP_MORE, size);
        memcpy (at, parts->parts[i].bytes, size);
        at += size;
    }
    at += tk_zmtp_head (at, 0, body);
    return (size_t)(at - heads);
}

/* A message: its heads, then its body. */
typedef struct {
    uint8_t heads[HEADS_MAX];
    tk_piece_t pieces[PIECES_MAX];
    int count;
    size_t size;
} message_t;

static void
compose (message_t *self, const tk_parts_t *parts, const tk_piece_t *pieces,
         int count)
{
    self->size = 0;
    for (int i = 0; i < count; i++) {
        self->size += pieces[i].size;
        self->pieces[i + 1] = pieces[i];
    }
    size_t heads = write_heads (self->heads, parts, self->size);
    self->pieces[0] = (tk_piece_t){self->heads, heads, NULL};
    self->size += heads;
    self->count = count + 1;
}

/* What is behind the first sent bytes is kept. */
static int
keep_rest (tk_stream_t *self, const message_t *message, size_t sent)
{
    int rc = 0;
    tk_link_t *list = self->ready ? &self->out : &self->held;
    for (int i = 0; !rc && i < message->count; i++) {
        tk_piece_t rest = message->pieces[i];
        size_t gone = sent < rest.size ? sent : rest.size;
        rest.data = (const uint8_t *)rest.data + gone;
        rest.size -= gone;
        sent -= gone;
        rc = keep (list, &rest);
    }
    return rc;
}

int
tk_stream_try (tk_stream_t *self, const tk_parts_t *parts,
               const tk_piece_t *pieces, int count)
{
    message_t message;
    struct iovec places[PIECES_MAX];
    if (!self->ready || !tk_list_empty (&self->out))
        return 0;
    compose (&message, parts, pieces, count);
    for (int i = 0; i < message.count; i++)
        places[i] = (struct iovec){(void *)message.pieces[i].data,
                                   message.pieces[i].size};
    ssize_t sent = write_pieces (self, places, (size_t)message.count);
    if (sent <= 0)
        return (int)sent;
    int rc = keep_rest (self, &message, (size_t)sent);
    return rc ? rc : 1;
}

int
tk_stream_post (tk_stream_t *self, const tk_parts_t *parts,
                const tk_piece_t *pieces, int count)
{
    message_t message;
    compose (&message, parts, pieces, count);
    return keep_rest (self, &message, 0);
}

int
tk_stream_send (tk_stream_t *self, const tk_parts_t *parts,
                const tk_piece_t *pieces, int count)
{
    int rc = tk_stream_try (self, parts, pieces, count);
    if (rc)
        return rc < 0 ? rc : 0;
    rc = tk_stream_post (self, parts, pieces, count);
    return rc ? rc : tk_stream_flush (self);
}

short
tk_stream_events (const tk_stream_t *self)
{
    return tk_list_empty (&self->out) ? POLLIN : POLLIN | POLLOUT;
}
