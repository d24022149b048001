/* SPDX-License-Identifier: MPL-2.0 */
/*
 * troika.c - our own queue: one put and one get an item. Served by a third
 * process, as a broker is, or by the consumer itself.
 */
#include "bench/peers/peer.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <troika.h>
#include <unistd.h>

typedef struct {
    troika_queue_t *queue;
    pid_t manager; /* of the consumer's own making; 0 */
    int gate;      /* closed: the manager ends */
} link_t;

static void
put (void *link, const void *item, size_t size)
{
    troika_queue_t *queue = ((link_t *)link)->queue;
    bench_check (!troika_queue_put (queue, TROIKA_FOREVER, "B", item, size),
                 "troika_queue_put");
}

static size_t
get (void *link, void *item, size_t room)
{
    const void *data = NULL;
    size_t size = 0;
    troika_msg_t *msg =
        troika_queue_get (((link_t *)link)->queue, TROIKA_FOREVER);
    bench_check (msg && !troika_msg_unpack (msg, "B", &data, &size) &&
                     size <= room,
                 "troika_queue_get");
    memcpy (item, data, size);
    troika_msg_destroy (&msg);
    return size;
}

static void
close_link (void *link)
{
    link_t *self = link;
    troika_queue_destroy (&self->queue);
    if (self->manager) {
        close (self->gate);
        bench_wait (self->manager);
    }
    free (self);
}

static link_t *
link_new (troika_queue_t *queue)
{
    link_t *self = calloc (1, sizeof *self);
    bench_check (self && queue, "a queue");
    self->queue = queue;
    return self;
}

static troika_queue_t *
serve (char endpoint[BENCH_ENDPOINT_SIZE], bench_transport_t transport)
{
    troika_queue_t *queue =
        troika_queue_new (bench_troika_endpoint (transport), 0);
    bench_check (queue != NULL, "troika_queue_new");
    snprintf (endpoint, BENCH_ENDPOINT_SIZE, "%s",
              troika_queue_endpoint (queue));
    return queue;
}

static void *
open_served (char endpoint[BENCH_ENDPOINT_SIZE], bench_transport_t transport,
             bool consumer)
{
    return link_new (consumer ? serve (endpoint, transport)
                              : troika_queue_connect (endpoint));
}

/* The manager is a process of its own until its gate is closed. */
static pid_t
start_manager (char endpoint[BENCH_ENDPOINT_SIZE], bench_transport_t transport,
               int *gate)
{
    int up[2], down[2];
    char byte = 0;
    bench_check (!pipe (up) && !pipe (down), "pipe");
    pid_t pid = fork ();
    bench_check (pid >= 0, "fork");
    if (pid == 0) {
        prctl (PR_SET_PDEATHSIG, SIGKILL);
        close (down[1]);
        troika_queue_t *queue = serve (endpoint, transport);
        bench_check (write (up[1], &byte, 1) == 1, "write");
        bench_check (read (down[0], &byte, 1) == 0, "read");
        troika_queue_destroy (&queue);
        exit (0);
    }
    close (down[0]);
    close (up[1]);
    bench_check (read (up[0], &byte, 1) == 1, "the manager");
    close (up[0]);
    *gate = down[1];
    return pid;
}

static void *
open_apart (char endpoint[BENCH_ENDPOINT_SIZE], bench_transport_t transport,
            bool consumer)
{
    pid_t manager = 0;
    int gate = -1;
    if (consumer)
        manager = start_manager (endpoint, transport, &gate);
    link_t *self = link_new (troika_queue_connect (endpoint));
    self->manager = manager;
    self->gate = gate;
    return self;
}

const peer_t peer_troika = {
    .name = "troika",
    .settings = "a queue in a third process",
    .has = {true, true},
    .open = open_apart,
    .put = put,
    .get = get,
    .close = close_link,
};

const peer_t peer_troika_served = {
    .name = "troika, served by the consumer",
    .settings = "the queue lives in the consumer's process",
    .has = {true, true},
    .open = open_served,
    .put = put,
    .get = get,
    .close = close_link,
};
