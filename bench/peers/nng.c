/* SPDX-License-Identifier: MPL-2.0 */
/*
 * nng.c - nng's push0 to pull0, from process to process.
 */
#include "bench/peers/peer.h"

#include <nng/nng.h>
#include <nng/protocol/pipeline0/pull.h>
#include <nng/protocol/pipeline0/push.h>
#include <stdio.h>
#include <stdlib.h>

enum { BUFFERED = 8192 /* the most it takes */ };

static bool
start (char endpoints[BENCH_TRANSPORTS][BENCH_ENDPOINT_SIZE])
{
    snprintf (endpoints[BENCH_IPC], BENCH_ENDPOINT_SIZE, "ipc://%s/nng",
              peer_directory ());
    snprintf (endpoints[BENCH_TCP], BENCH_ENDPOINT_SIZE, "tcp://127.0.0.1:%d",
              peer_free_port ());
    return true;
}

static void *
open_link (char endpoint[BENCH_ENDPOINT_SIZE], bench_transport_t transport,
           bool consumer)
{
    (void)transport;
    nng_socket *self = malloc (sizeof *self);
    bench_check (self != NULL, "malloc");
    bench_check ((consumer ? nng_pull0_open (self) : nng_push0_open (self)) ==
                     0,
                 "nng_open");
    nng_socket_set_int (*self, consumer ? NNG_OPT_RECVBUF : NNG_OPT_SENDBUF,
                        BUFFERED);
    bench_check ((consumer ? nng_listen (*self, endpoint, NULL, 0)
                           : nng_dial (*self, endpoint, NULL, 0)) == 0,
                 endpoint);
    return self;
}

static void
put (void *link, const void *item, size_t size)
{
    bench_check (nng_send (*(nng_socket *)link, (void *)item, size, 0) == 0,
                 "nng_send");
}

static size_t
get (void *link, void *item, size_t room)
{
    bench_check (nng_recv (*(nng_socket *)link, item, &room, 0) == 0,
                 "nng_recv");
    return room;
}

static void
close_link (void *link)
{
    nng_close (*(nng_socket *)link);
    free (link);
}

const peer_t peer_nng = {
    .name = "nng",
    .settings = "push0 to pull0, buffers of 8192 messages, no broker",
    .has = {true, true},
    .start = start,
    .open = open_link,
    .put = put,
    .get = get,
    .close = close_link,
};
