/* SPDX-License-Identifier: MPL-2.0 */
/*
 * beanstalkd.c - beanstalkd by its text protocol: put; reserve and delete.
 */
#include "bench/peers/peer.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Buffered by stdio in both directions, since the protocol is lines. */
typedef struct {
    FILE *in, *out;
} link_t;

static bool
start (char endpoints[BENCH_TRANSPORTS][BENCH_ENDPOINT_SIZE])
{
    static char port_text[16];
    int port = peer_free_port ();
    snprintf (port_text, sizeof port_text, "%d", port);
    snprintf (endpoints[BENCH_TCP], BENCH_ENDPOINT_SIZE, "%d", port);
    return peer_server (
        (char *const[]){"beanstalkd", "-l", "127.0.0.1", "-p", port_text, NULL},
        port);
}

static void *
open_link (char endpoint[BENCH_ENDPOINT_SIZE], bench_transport_t transport,
           bool consumer)
{
    (void)transport, (void)consumer;
    link_t *self = malloc (sizeof *self);
    struct sockaddr_in address = {.sin_family = AF_INET};
    address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
    address.sin_port = htons ((uint16_t)atoi (endpoint));
    int fd = socket (AF_INET, SOCK_STREAM, 0), on = 1;
    bench_check (self && fd >= 0 &&
                     !connect (fd, (struct sockaddr *)&address, sizeof address),
                 "beanstalkd");
    setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    self->in = fdopen (fd, "r");
    self->out = fdopen (dup (fd), "w");
    bench_check (self->in && self->out, "fdopen");
    return self;
}

static void
expect (link_t *self, const char *answer)
{
    char line[256];
    fflush (self->out);
    bench_check (fgets (line, sizeof line, self->in) &&
                     !strncmp (line, answer, strlen (answer)),
                 answer);
}

static void
put (void *link, const void *item, size_t size)
{
    link_t *self = link;
    fprintf (self->out, "put 0 0 60 %zu\r\n", size);
    fwrite (item, 1, size, self->out);
    fputs ("\r\n", self->out);
    expect (self, "INSERTED");
}

static size_t
get (void *link, void *item, size_t room)
{
    link_t *self = link;
    unsigned long id = 0;
    size_t size = 0;
    char line[256];
    fputs ("reserve\r\n", self->out);
    fflush (self->out);
    bench_check (fgets (line, sizeof line, self->in) &&
                     sscanf (line, "RESERVED %lu %zu", &id, &size) == 2 &&
                     size <= room && fread (item, 1, size, self->in) == size &&
                     fgets (line, sizeof line, self->in),
                 "reserve");
    fprintf (self->out, "delete %lu\r\n", id);
    expect (self, "DELETED");
    return size;
}

static void
close_link (void *link)
{
    link_t *self = link;
    fclose (self->in);
    fclose (self->out);
    free (self);
}

const peer_t peer_beanstalkd = {
    .name = "beanstalkd",
    .settings = "put; reserve and delete, one at a time; no binlog",
    .has = {false, true},
    .start = start,
    .open = open_link,
    .put = put,
    .get = get,
    .close = close_link,
};
