/* SPDX-License-Identifier: MPL-2.0 */
/*
 * redis.c - a Redis list as the queue: LPUSH and BRPOP, one command an item,
 * and as its users speed it up: LPUSH in pipelines, RPOP of many.
 */
#include "bench/peers/peer.h"

#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PIPELINE = 100 };

typedef struct {
    redisContext *context;
    unsigned appended;
    redisReply *many; /* what the last RPOP gave */
    size_t next;      /* of it */
} link_t;

static bool
start (char endpoints[BENCH_TRANSPORTS][BENCH_ENDPOINT_SIZE])
{
    static char unix_path[BENCH_ENDPOINT_SIZE], port_text[16];
    static int started; /* once for both */
    int port = started ? started : peer_free_port ();
    snprintf (unix_path, sizeof unix_path, "%s/redis", peer_directory ());
    snprintf (port_text, sizeof port_text, "%d", port);
    char *const argv[] = {"redis-server", "--port",    port_text,
                          "--bind",       "127.0.0.1", "--unixsocket",
                          unix_path,      "--save",    "",
                          "--appendonly", "no",        NULL};
    if (!started && !peer_server (argv, port))
        return false;
    started = port;
    snprintf (endpoints[BENCH_IPC], BENCH_ENDPOINT_SIZE, "%s", unix_path);
    snprintf (endpoints[BENCH_TCP], BENCH_ENDPOINT_SIZE, "%d", port);
    return true;
}

static void *
open_link (char endpoint[BENCH_ENDPOINT_SIZE], bench_transport_t transport,
           bool consumer)
{
    (void)consumer;
    link_t *self = calloc (1, sizeof *self);
    bench_check (self != NULL, "calloc");
    self->context = transport == BENCH_IPC
                        ? redisConnectUnix (endpoint)
                        : redisConnect ("127.0.0.1", atoi (endpoint));
    bench_check (self->context && !self->context->err, "redis");
    return self;
}

static redisReply *
reply_to (link_t *self)
{
    void *reply = NULL;
    bench_check (redisGetReply (self->context, &reply) == REDIS_OK && reply &&
                     ((redisReply *)reply)->type != REDIS_REPLY_ERROR,
                 "redis");
    return reply;
}

static void
put (void *link, const void *item, size_t size)
{
    link_t *self = link;
    redisAppendCommand (self->context, "LPUSH q %b", item, size);
    freeReplyObject (reply_to (self));
}

static size_t
take (const redisReply *element, void *item, size_t room)
{
    bench_check (element->type == REDIS_REPLY_STRING && element->len <= room,
                 "an item of redis");
    memcpy (item, element->str, element->len);
    return element->len;
}

static size_t
get (void *link, void *item, size_t room)
{
    link_t *self = link;
    redisAppendCommand (self->context, "BRPOP q 0");
    redisReply *reply = reply_to (self);
    size_t size = take (reply->element[1], item, room);
    freeReplyObject (reply);
    return size;
}

static void
flush (void *link)
{
    link_t *self = link;
    for (; self->appended > 0; self->appended--)
        freeReplyObject (reply_to (self));
}

static void
put_pipelined (void *link, const void *item, size_t size)
{
    link_t *self = link;
    redisAppendCommand (self->context, "LPUSH q %b", item, size);
    if (++self->appended == PIPELINE)
        flush (self);
}

/* Asks for many; waits for one where there are none. */
static size_t
get_pipelined (void *link, void *item, size_t room)
{
    link_t *self = link;
    if (self->many && self->next == self->many->elements) {
        freeReplyObject (self->many);
        self->many = NULL;
    }
    if (!self->many) {
        self->next = 0;
        redisAppendCommand (self->context, "RPOP q %d", PIPELINE);
        self->many = reply_to (self);
    }
    return self->many->elements
               ? take (self->many->element[self->next++], item, room)
               : get (self, item, room);
}

static void
close_link (void *link)
{
    link_t *self = link;
    if (self->many)
        freeReplyObject (self->many);
    redisFree (self->context);
    free (self);
}

const peer_t peer_redis = {
    .name = "redis",
    .settings = "LPUSH and BRPOP, one at a time; no persistence",
    .has = {true, true},
    .start = start,
    .open = open_link,
    .put = put,
    .get = get,
    .close = close_link,
};

const peer_t peer_redis_pipelined = {
    .name = "redis, pipelined",
    .settings = "LPUSH in pipelines of 100, RPOP of 100; no persistence",
    .has = {true, true},
    .start = start,
    .open = open_link,
    .put = put_pipelined,
    .flush = flush,
    .get = get_pipelined,
    .close = close_link,
};
