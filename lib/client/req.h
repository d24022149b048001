/* SPDX-License-Identifier: MPL-2.0 */
/*
 * req.h - a lane's REQ: one request at a time to the manager's ROUTER, by a
 * socket of libzmq or by a stream of our own.
 *
 * The stream saves a call the two hops to the I/O thread and back. It is for
 * ipc and for tcp without keys, once hello has shown that a manager is
 * there; TROIKA_ZMTP=0 leaves all to libzmq. Belongs to the lane's thread.
 */
#ifndef TK_CLIENT_REQ_H
#define TK_CLIENT_REQ_H

#include <poll.h>
#include "lib/auth/handshake.h"
#include "lib/wire/endpoint.h"
#include "lib/wire/monitor.h"
#include "lib/wire/stream.h"

#define TK_REQ_PLACES 2
#define TK_REQ_FDS 2

typedef struct {
    void *socket;             /* libzmq's, or NULL */
    int fd;                   /* of socket, to poll */
    tk_monitor_t monitor;     /* tcp: of socket, until the first answer */
    tk_handshake_t handshake; /* what it told */
    tk_stream_t *stream;      /* ours, or NULL */
    struct {
        struct sockaddr_storage address;
        socklen_t size;
    } places[TK_REQ_PLACES]; /* where the stream may connect, best first */
    int place_count;
    int place;       /* where it is connected to */
    uint32_t number; /* of the newest request */
    bool just_sent;  /* by the stream: its reply cannot be there yet */
    bool just_read;  /* by the stream: it was waited for */
} tk_req_t;

void tk_req_init (tk_req_t *self);
void tk_req_close (tk_req_t *self); /* again is fine */

/* Gives libzmq's socket away, as if it had never been open. */
void *tk_req_release (tk_req_t *self);

/* Makes sure that it is open, for a session's calls or (hello) for others. */
int tk_req_open (tk_req_t *self, const tk_endpoint_t *endpoint,
                 bool has_session);

/* Sends a request that lies in pieces. Whether it arrives is not known: see
 * tk_req_broken(). -ENOMEM, -EMFILE. */
int tk_req_send (tk_req_t *self, const tk_piece_t *pieces, int count);

/* Whether casts may travel before the next request, on its connection; and
 * one that is to do so. */
bool tk_req_takes_casts (const tk_req_t *self);
int tk_req_cast (tk_req_t *self, const void *data, size_t size);
/* The same at once; false: it has not left. */
bool tk_req_cast_now (tk_req_t *self, const void *data, size_t size);

/* 1 and a reply to the newest request, 0 when there is none yet. */
int tk_req_recv (tk_req_t *self, tk_slab_t **body);

/* Waits for a reply where it comes in, for TK_STREAM_WAIT_US at most; nothing
 * but a signal ends that. 1: there may be one, 0: not yet, -EINTR; -ENOTSUP:
 * to be waited for by tk_req_poll(). */
int tk_req_wait (tk_req_t *self);

/* There is no connection: the request was not sent, or may be lost. */
bool tk_req_broken (const tk_req_t *self);

/* What to wait for: TK_REQ_FDS of them. */
void tk_req_poll (const tk_req_t *self, struct pollfd *set);

/* Whether there was news of a connection that has not been answered by yet;
 * and whether they are that its keys are refused: 0, -EACCES with words. */
bool tk_req_hear (tk_req_t *self);
int tk_req_check (tk_req_t *self, const tk_endpoint_t *endpoint);
/* There was an answer: what the connection tells is of no use any more. */
void tk_req_answered (tk_req_t *self);

#endif
