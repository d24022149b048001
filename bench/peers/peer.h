/* SPDX-License-Identifier: MPL-2.0 */
/*
 * peer.h - one way to hand items from a process to another, as
 * bench_peers.c compares them: each file beside this one describes some.
 *
 * A link is one end of it, in one process: put by the producer, get by the
 * consumer. Every step exits with a message when it fails. A peer that needs
 * a server gets one that lives as long as the bench.
 */
#ifndef BENCH_PEER_H
#define BENCH_PEER_H

#include "bench/bench.h"

typedef struct {
    const char *name;
    const char *settings; /* what was chosen, for the reader */
    bool has[BENCH_TRANSPORTS];
    /* Before all: makes the endpoints, starts a server; false: not here. */
    bool (*start) (char endpoints[BENCH_TRANSPORTS][BENCH_ENDPOINT_SIZE]);
    /* The consumer opens first; all may write and read the endpoint. */
    void *(*open) (char endpoint[BENCH_ENDPOINT_SIZE],
                   bench_transport_t transport, bool consumer);
    void (*put) (void *link, const void *item, size_t size);
    /* Everything put is on its way. NULL: nothing to do. */
    void (*flush) (void *link);
    size_t (*get) (void *link, void *item, size_t room);
    void (*close) (void *link);
} peer_t;

extern const peer_t peer_troika, peer_troika_served, peer_raw, peer_nng,
    peer_redis, peer_redis_pipelined, peer_beanstalkd, peer_nats,
    peer_jetstream;

/* --- peer_server.c */

/* A directory for sockets and files of servers; gone after the bench. */
const char *peer_directory (void);
/* A tcp port of 127.0.0.1 that was free just now. */
int peer_free_port (void);
/* Runs a program until the bench ends and waits until the port answers;
 * returns: false when there is no such program. */
bool peer_server (char *const argv[], int port);
/* Ends the servers and removes the directory. */
void peer_servers_end (void);

#endif
