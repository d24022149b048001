/* SPDX-License-Identifier: MPL-2.0 */
/*
 * nats.c - NATS: a plain subject (what nobody reads in time is dropped), and
 * a JetStream stream in memory, which keeps it.
 */
#include "bench/peers/peer.h"

#include <nats/nats.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FETCH = 100, PENDING = 4096, WAIT_MS = 30000 };

typedef struct {
    natsConnection *connection;
    natsSubscription *subscription;
    jsCtx *stream;
    natsMsgList fetched;
    int next; /* of them */
} link_t;

static void
check (natsStatus status, const char *what)
{
    if (status != NATS_OK)
        fprintf (stderr, "nats: %s\n", natsStatus_GetText (status));
    bench_check (status == NATS_OK, what);
}

static void
write_config (const char *path, int port)
{
    FILE *file = fopen (path, "w");
    bench_check (file != NULL, path);
    fprintf (file,
             "host: 127.0.0.1\nport: %d\nmax_pending: 4GB\n"
             "write_deadline: \"60s\"\n"
             "jetstream: {store_dir: \"%s\", max_memory_store: 4GB}\n",
             port, peer_directory ());
    fclose (file);
}

static bool
start (char endpoints[BENCH_TRANSPORTS][BENCH_ENDPOINT_SIZE])
{
    static char path[BENCH_ENDPOINT_SIZE];
    static int started; /* once for both */
    int port = started ? started : peer_free_port ();
    snprintf (path, sizeof path, "%s/nats.conf", peer_directory ());
    write_config (path, port);
    if (!started &&
        !peer_server ((char *const[]){"nats-server", "-c", path, NULL}, port))
        return false;
    started = port;
    snprintf (endpoints[BENCH_TCP], BENCH_ENDPOINT_SIZE, "nats://127.0.0.1:%d",
              port);
    return true;
}

static link_t *
connect_link (const char *endpoint)
{
    link_t *self = calloc (1, sizeof *self);
    bench_check (self != NULL, "calloc");
    check (natsConnection_ConnectTo (&self->connection, endpoint), "connect");
    return self;
}

static void *
open_core (char endpoint[BENCH_ENDPOINT_SIZE], bench_transport_t transport,
           bool consumer)
{
    (void)transport;
    link_t *self = connect_link (endpoint);
    if (!consumer)
        return self;
    check (natsConnection_SubscribeSync (&self->subscription, self->connection,
                                         "core"),
           "subscribe");
    check (natsSubscription_SetPendingLimits (self->subscription, -1, -1),
           "limits");
    check (natsConnection_Flush (self->connection), "flush");
    return self;
}

static void
put_core (void *link, const void *item, size_t size)
{
    check (natsConnection_Publish (((link_t *)link)->connection, "core", item,
                                   (int)size),
           "publish");
}

static void
flush_core (void *link)
{
    check (natsConnection_Flush (((link_t *)link)->connection), "flush");
}

static size_t
take (natsMsg *msg, void *item, size_t room)
{
    size_t size = (size_t)natsMsg_GetDataLength (msg);
    bench_check (size <= room, "an item of nats");
    memcpy (item, natsMsg_GetData (msg), size);
    natsMsg_Destroy (msg);
    return size;
}

static size_t
get_core (void *link, void *item, size_t room)
{
    natsMsg *msg = NULL;
    check (natsSubscription_NextMsg (&msg, ((link_t *)link)->subscription,
                                     WAIT_MS),
           "next");
    return take (msg, item, room);
}

/* --- JetStream */

static void
make_stream (link_t *self)
{
    jsStreamConfig stream;
    const char *subjects[] = {"work"};
    jsErrCode error;
    jsStreamConfig_Init (&stream);
    stream.Name = "WORK";
    stream.Subjects = subjects;
    stream.SubjectsLen = 1;
    stream.Storage = js_MemoryStorage;
    stream.Retention = js_WorkQueuePolicy;
    js_DeleteStream (self->stream, "WORK", NULL, &error);
    check (js_AddStream (NULL, self->stream, &stream, NULL, &error), "stream");
}

static void
subscribe_stream (link_t *self)
{
    jsSubOptions options;
    jsErrCode error;
    jsSubOptions_Init (&options);
    options.Stream = "WORK";
    options.Config.AckPolicy = js_AckExplicit;
    options.Config.MaxAckPending = PENDING;
    check (js_PullSubscribe (&self->subscription, self->stream, "work",
                             "worker", NULL, &options, &error),
           "pull");
}

static void *
open_stream (char endpoint[BENCH_ENDPOINT_SIZE], bench_transport_t transport,
             bool consumer)
{
    (void)transport;
    link_t *self = connect_link (endpoint);
    jsOptions options;
    jsOptions_Init (&options);
    options.PublishAsync.MaxPending = PENDING;
    check (natsConnection_JetStream (&self->stream, self->connection, &options),
           "JetStream");
    if (consumer) {
        make_stream (self);
        subscribe_stream (self);
    }
    return self;
}

static void
put_stream (void *link, const void *item, size_t size)
{
    check (js_PublishAsync (((link_t *)link)->stream, "work", item, (int)size,
                            NULL),
           "publish");
}

static void
flush_stream (void *link)
{
    check (js_PublishAsyncComplete (((link_t *)link)->stream, NULL), "flush");
}

static size_t
get_stream (void *link, void *item, size_t room)
{
    link_t *self = link;
    if (self->next == self->fetched.Count) {
        self->next = 0;
        free (self->fetched.Msgs);
        check (natsSubscription_Fetch (&self->fetched, self->subscription,
                                       FETCH, WAIT_MS, NULL),
               "fetch");
    }
    natsMsg *msg = self->fetched.Msgs[self->next++];
    check (natsMsg_Ack (msg, NULL), "ack");
    return take (msg, item, room);
}

static void
close_link (void *link)
{
    link_t *self = link;
    free (self->fetched.Msgs);
    natsSubscription_Destroy (self->subscription);
    jsCtx_Destroy (self->stream);
    natsConnection_Destroy (self->connection);
    free (self);
}

const peer_t peer_nats = {
    .name = "nats",
    .settings = "core, publish and next message; drops what is not read",
    .has = {false, true},
    .start = start,
    .open = open_core,
    .put = put_core,
    .flush = flush_core,
    .get = get_core,
    .close = close_link,
};

const peer_t peer_jetstream = {
    .name = "nats, JetStream",
    .settings = "work queue in memory, async publish, fetch of 100, ack",
    .has = {false, true},
    .start = start,
    .open = open_stream,
    .put = put_stream,
    .flush = flush_stream,
    .get = get_stream,
    .close = close_link,
};
