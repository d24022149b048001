/* SPDX-License-Identifier: MPL-2.0 */
/*
 * stream.h - ZeroMQ messages over a connected descriptor, without libzmq
 * and its threads: whoever has something to say writes it himself.
 *
 * A message is up to TK_PARTS_MAX short frames of address and one of body.
 * Belongs to one thread at a time. Nothing here waits, but tk_stream_wait():
 * what the kernel does not take is kept until the descriptor can be written
 * to again.
 */
#ifndef TK_WIRE_STREAM_H
#define TK_WIRE_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/base/list.h"
#include "lib/msg/lend.h"
#include "lib/wire/zmtp.h"

#define TK_PARTS_MAX 3
#define TK_PART_MAX 32
#define TK_STREAM_ROOM 4096
#define TK_STREAM_WAIT_US 10000

/* The frames before the body. */
typedef struct {
    int count;
    struct {
        uint8_t size;
        uint8_t bytes[TK_PART_MAX];
    } parts[TK_PARTS_MAX];
} tk_parts_t;

typedef struct {
    int fd;        /* the stream's own; -1: none */
    bool greeted;  /* the other side's greeting is read */
    bool ready;    /* and its READY */
    bool patient;  /* the descriptor is set up for tk_stream_wait() */
    size_t begin;  /* of what is not looked at yet, in room */
    size_t end;    /* likewise */
    tk_parts_t in; /* of the message that comes in */
    tk_slab_t *body;
    size_t have;    /* bytes of body */
    tk_link_t out;  /* what is to be sent, in order */
    tk_link_t held; /* the same, but not before ready: libzmq takes a message
                       in between for a fault */
    uint8_t room[TK_STREAM_ROOM];
} tk_stream_t;

/* Takes the descriptor (non-blocking, perhaps still connecting), and greets
 * as a socket of that type. -ENOMEM: the descriptor is closed. */
int tk_stream_init (tk_stream_t *self, int fd, const char *type);
void tk_stream_fini (tk_stream_t *self);

/* Reads what is there, once. How many bytes, 0 for none, -ECONNRESET when
 * the connection is over. */
int tk_stream_read (tk_stream_t *self);
/* The same, but waits for something to come, for TK_STREAM_WAIT_US at most;
 * -EINTR: a signal handler ran. The stream is ready. */
int tk_stream_wait (tk_stream_t *self);

/* The next message among what was read: 1, with a reference to its body; 0;
 * or what makes the connection useless: -EPROTO, -EMSGSIZE, -ENOMEM. */
int tk_stream_next (tk_stream_t *self, tk_parts_t *parts, tk_slab_t **body);

/* Sends one message, whose body is the pieces in a row. -ECONNRESET,
 * -ENOMEM: the connection is of no use any more. */
int tk_stream_send (tk_stream_t *self, const tk_parts_t *parts,
                    const tk_piece_t *pieces, int count);
/* The same, if the kernel has room for it: 1, or 0 when nothing was sent. */
int tk_stream_try (tk_stream_t *self, const tk_parts_t *parts,
                   const tk_piece_t *pieces, int count);
/* The same, but it leaves with the next send. */
int tk_stream_post (tk_stream_t *self, const tk_parts_t *parts,
                    const tk_piece_t *pieces, int count);
/* Sends of what is left over as much as the kernel takes. */
int tk_stream_flush (tk_stream_t *self);
/* What to poll the descriptor for. */
short tk_stream_events (const tk_stream_t *self);

#endif
