/* SPDX-License-Identifier: MPL-2.0 */
/*
 * raw.c - libzmq's PUSH to PULL, from process to process.
 */
#include "bench/peers/peer.h"

#include <stdlib.h>
#include <zmq.h>

typedef struct {
    void *context, *socket;
} link_t;

static void *
open_link (char endpoint[BENCH_ENDPOINT_SIZE], bench_transport_t transport,
           bool consumer)
{
    link_t *self = malloc (sizeof *self);
    bench_check (self != NULL, "malloc");
    self->context = zmq_ctx_new ();
    self->socket =
        consumer ? bench_bind (self->context, ZMQ_PULL, transport, endpoint)
                 : bench_connect (self->context, ZMQ_PUSH, endpoint);
    return self;
}

static void
put (void *link, const void *item, size_t size)
{
    bench_send (((link_t *)link)->socket, item, size);
}

static size_t
get (void *link, void *item, size_t room)
{
    return bench_receive (((link_t *)link)->socket, item, room);
}

static void
close_link (void *link)
{
    link_t *self = link;
    zmq_close (self->socket);
    zmq_ctx_term (self->context);
    free (self);
}

const peer_t peer_raw = {
    .name = "raw libzmq",
    .settings = "PUSH to PULL, HWM 0, no broker",
    .has = {true, true},
    .open = open_link,
    .put = put,
    .get = get,
    .close = close_link,
};
