/* SPDX-License-Identifier: MPL-2.0 */
/*
 * ways.c - raw sockets, a list with a mutex, and a queue, behind one face.
 */
#include "bench/ways.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <troika.h>
#include <zmq.h>

/* --- by hand */

typedef struct node {
    struct node *next;
    size_t size;
    char item[];
} node_t;

typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t filled;
    node_t *first;
    node_t **last;
} list_t;

static void *
list_open (size_t maxsize)
{
    list_t *self = calloc (1, sizeof *self);
    bench_check (self && !maxsize, "a list");
    pthread_mutex_init (&self->lock, NULL);
    pthread_cond_init (&self->filled, NULL);
    self->last = &self->first;
    return self;
}

static void *
same_end (void *channel, bool puts)
{
    (void)puts;
    return channel;
}

static void
no_leave (void *end)
{
    (void)end;
}

static void
list_put (void *end, const void *item, size_t size)
{
    list_t *self = end;
    node_t *node = malloc (sizeof *node + size);
    bench_check (node != NULL, "malloc");
    node->next = NULL;
    node->size = size;
    memcpy (node->item, item, size);
    pthread_mutex_lock (&self->lock);
    *self->last = node;
    self->last = &node->next;
    pthread_cond_signal (&self->filled);
    pthread_mutex_unlock (&self->lock);
}

static void
list_get (void *end, void *item, size_t size)
{
    list_t *self = end;
    pthread_mutex_lock (&self->lock);
    while (!self->first)
        pthread_cond_wait (&self->filled, &self->lock);
    node_t *node = self->first;
    self->first = node->next;
    if (!self->first)
        self->last = &self->first;
    pthread_mutex_unlock (&self->lock);
    bench_check (node->size == size, "an item of another size");
    memcpy (item, node->item, size);
    free (node);
}

/* --- raw */

typedef struct {
    void *context;
    void *pull;
} raw_t;

static void *
raw_open (size_t maxsize)
{
    raw_t *self = calloc (1, sizeof *self);
    int zero = 0;
    bench_check (self && !maxsize, "a raw channel");
    self->context = zmq_ctx_new ();
    self->pull = zmq_socket (self->context, ZMQ_PULL);
    zmq_setsockopt (self->pull, ZMQ_RCVHWM, &zero, sizeof zero);
    bench_check (zmq_bind (self->pull, "inproc://raw") == 0, "zmq_bind");
    return self;
}

static void
raw_close (void *channel)
{
    raw_t *self = channel;
    zmq_ctx_term (self->context);
    free (self);
}

static void *
raw_join (void *channel, bool puts)
{
    raw_t *self = channel;
    return puts ? bench_connect (self->context, ZMQ_PUSH, "inproc://raw")
                : self->pull;
}

static void
raw_leave (void *end)
{
    zmq_close (end);
}

static void
raw_get (void *end, void *item, size_t size)
{
    bench_check (bench_receive (end, item, size) == size, "another size");
}

/* --- troika */

static void *
queue_open (size_t maxsize)
{
    static unsigned count;
    char endpoint[64];
    snprintf (endpoint, sizeof endpoint, "inproc://bench-%u", count++);
    troika_queue_t *queue = troika_queue_new (endpoint, maxsize);
    bench_check (queue != NULL, "troika_queue_new");
    return queue;
}

static void
queue_close (void *channel)
{
    troika_queue_t *queue = channel;
    troika_queue_destroy (&queue);
}

static void
queue_put (void *end, const void *item, size_t size)
{
    bench_check (troika_queue_put (end, TROIKA_FOREVER, "B", item, size) == 0,
                 "troika_queue_put");
}

static void
queue_get (void *end, void *item, size_t size)
{
    const void *data;
    size_t length;
    troika_msg_t *msg = troika_queue_get (end, TROIKA_FOREVER);
    bench_check (msg && !troika_msg_unpack (msg, "B", &data, &length) &&
                     length == size,
                 "troika_queue_get");
    memcpy (item, data, size);
    troika_msg_destroy (&msg);
}

const way_t way_mutex = {"mutex",  list_open, free,    same_end,
                         no_leave, list_put,  list_get};
const way_t way_raw = {"raw",     raw_open,   raw_close, raw_join,
                       raw_leave, bench_send, raw_get};
const way_t way_troika = {"troika", queue_open, queue_close, same_end,
                          no_leave, queue_put,  queue_get};
