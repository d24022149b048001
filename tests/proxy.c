/* SPDX-License-Identifier: MPL-2.0 */
/*
 * proxy.c - passes bytes on, counts messages, cuts.
 *
 * One thread for each proxy. ZMTP 3: a greeting of 64 bytes, then frames: a
 * byte of flags, a length of 1 or 8 bytes, a body. A message is what ends
 * with a frame that says so and is no command.
 */
#include "tests/proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "tests/stage_parts.h"

#define LINKS 64
#define GREETING 64

enum { MORE = 1, LONG = 2, COMMAND = 4 };

/* One direction of one connection. */
typedef struct {
    unsigned greeting; /* bytes left of it */
    uint8_t flags;
    unsigned lengths; /* bytes left of the length */
    uint64_t body;    /* bytes left of the body */
    bool in_message;
    bool in_frame;
} walk_t;

typedef struct {
    int fds[2]; /* the client's, the manager's; -1: free */
    int way;
    walk_t walks[2]; /* of what comes from the client, from the manager */
} link_t;

typedef union {
    struct sockaddr any;
    struct sockaddr_in in;
    struct sockaddr_un un;
} address_t;

struct proxy {
    pthread_t thread;
    int stop[2];
    char endpoint[300];
    char target[300];
    int listeners[2];
    address_t targets[2];
    link_t links[LINKS];
    proxy_cut_t cut;
    atomic_uint messages;
    atomic_uint cuts;
    atomic_uint greetings;
};

/* --- ZMTP */

/* The number of the message that begins or ends here: is it the one? */
static bool
is_cut (proxy_t *self, unsigned number)
{
    const proxy_cut_t *cut = &self->cut;
    if (!cut->at || number < cut->at)
        return false;
    return number == cut->at ||
           (cut->every && (number - cut->at) % cut->every == 0);
}

/* Whoever sees the message counted sees the cut, too. */
static bool
count_message (proxy_t *self, bool may_cut)
{
    bool cut = may_cut && is_cut (self, atomic_load (&self->messages) + 1);
    if (cut)
        atomic_fetch_add (&self->cuts, 1);
    atomic_fetch_add (&self->messages, 1);
    return cut;
}

/* Whether it is to be lost. */
static bool
begin_message (proxy_t *self, walk_t *walk, bool counted)
{
    walk->in_message = true;
    return counted && self->cut.lose &&
           is_cut (self, atomic_load (&self->messages) + 1) &&
           count_message (self, true);
}

static bool
end_frame (proxy_t *self, walk_t *walk, bool counted)
{
    walk->in_frame = false;
    if (walk->flags & (COMMAND | MORE))
        return false;
    walk->in_message = false;
    return counted && count_message (self, !self->cut.lose);
}

/* How many of the bytes pass; less than size: then the connection is cut. */
static size_t
walk_bytes (proxy_t *self, walk_t *walk, const uint8_t *data, size_t size,
            bool counted, bool *cut)
{
    for (size_t i = 0; i < size; i++) {
        if (walk->greeting) {
            walk->greeting--;
            continue;
        }
        if (!walk->in_frame) {
            walk->flags = data[i];
            if (!(walk->flags & COMMAND) && !walk->in_message &&
                begin_message (self, walk, counted)) {
                *cut = true;
                return i;
            }
            walk->in_frame = true;
            walk->lengths = walk->flags & LONG ? 8 : 1;
            walk->body = 0;
            continue;
        }
        if (walk->lengths) {
            walk->body = walk->body << 8 | data[i];
            walk->lengths--;
        } else
            walk->body--;
        if (!walk->lengths && !walk->body && end_frame (self, walk, counted)) {
            *cut = true;
            return i + 1;
        }
    }
    return size;
}

/* --- connections */

static void
close_link (link_t *link)
{
    for (int i = 0; i < 2; i++) {
        if (link->fds[i] >= 0) {
            shutdown (link->fds[i], SHUT_RDWR);
            close (link->fds[i]);
        }
        link->fds[i] = -1;
    }
}

static bool
write_all (int fd, const uint8_t *data, size_t size)
{
    while (size) {
        ssize_t done = send (fd, data, size, MSG_NOSIGNAL);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return false;
        data += done;
        size -= (size_t)done;
    }
    return true;
}

static void
pass_on (proxy_t *self, link_t *link, int from)
{
    uint8_t data[65536];
    bool cut = false;
    ssize_t size = recv (link->fds[from], data, sizeof data, 0);
    if (size <= 0) {
        close_link (link);
        return;
    }
    bool counted =
        link->way == self->cut.way && from == (self->cut.to_client ? 1 : 0);
    if (from == 0 && link->walks[0].greeting == GREETING)
        atomic_fetch_add (&self->greetings, 1);
    size_t passes = walk_bytes (self, &link->walks[from], data, (size_t)size,
                                counted, &cut);
    bool written = write_all (link->fds[!from], data, passes);
    if (cut || !written)
        close_link (link);
}

static socklen_t
size_of (const address_t *address)
{
    return address->any.sa_family == AF_UNIX ? sizeof address->un
                                             : sizeof address->in;
}

static void
take_link (proxy_t *self, int way)
{
    link_t *link = NULL;
    int client = accept (self->listeners[way], NULL, NULL);
    if (client < 0)
        return;
    for (int i = 0; !link && i < LINKS; i++)
        if (self->links[i].fds[0] < 0)
            link = &self->links[i];
    if (!link)
        STAGE_FAIL ("more than %d connections", LINKS);
    int server = socket (self->targets[way].any.sa_family,
                         SOCK_STREAM | SOCK_CLOEXEC, 0);
    *link = (link_t){.fds = {client, server}, .way = way};
    link->walks[0].greeting = link->walks[1].greeting = GREETING;
    if (connect (server, &self->targets[way].any,
                 size_of (&self->targets[way])))
        close_link (link);
}

static void *
run (void *proxy)
{
    proxy_t *self = proxy;
    for (;;) {
        struct pollfd set[3 + 2 * LINKS] = {
            {.fd = self->stop[0], .events = POLLIN},
            {.fd = self->listeners[0], .events = POLLIN},
            {.fd = self->listeners[1], .events = POLLIN},
        };
        for (int i = 0; i < 2 * LINKS; i++)
            set[3 + i] = (struct pollfd){.fd = self->links[i / 2].fds[i % 2],
                                         .events = POLLIN};
        poll (set, 3 + 2 * LINKS, -1);
        if (set[0].revents)
            return NULL;
        for (int i = 0; i < 2 * LINKS; i++)
            if (set[3 + i].revents && self->links[i / 2].fds[i % 2] >= 0)
                pass_on (self, &self->links[i / 2], i % 2);
        for (int way = 0; way < 2; way++)
            if (set[1 + way].revents)
                take_link (self, way);
    }
}

/* --- its life */

static bool
listen_at (proxy_t *self, int way, const address_t *address)
{
    int on = 1;
    int fd = socket (address->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind (fd, &address->any, size_of (address)) || listen (fd, 64)) {
        close (fd);
        return false;
    }
    self->listeners[way] = fd;
    return true;
}

static void
set_path (address_t *address, const char *path, const char *suffix)
{
    memset (address, 0, sizeof *address);
    address->un.sun_family = AF_UNIX;
    snprintf (address->un.sun_path, sizeof address->un.sun_path, "%.90s%s",
              path, suffix);
}

static void
set_port (address_t *address, int port)
{
    memset (address, 0, sizeof *address);
    address->in.sin_family = AF_INET;
    address->in.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
    address->in.sin_port = htons ((uint16_t)port);
}

static void
begin_ipc (proxy_t *self, stage_t *stage)
{
    static atomic_uint count;
    address_t address;
    char path[200];
    const char *target = self->target + strlen ("ipc://");
    snprintf (path, sizeof path, "%s/p%u", stage_directory (stage),
              atomic_fetch_add (&count, 1));
    for (int way = 0; way < 2; way++) {
        set_path (&self->targets[way], target, way ? ".cast" : "");
        set_path (&address, path, way ? ".cast" : "");
        if (!listen_at (self, way, &address))
            STAGE_FAIL ("%s: %s", path, strerror (errno));
    }
    snprintf (self->endpoint, sizeof self->endpoint, "ipc://%s", path);
}

/* Two free ports side by side. */
static void
begin_tcp (proxy_t *self)
{
    int port = atoi (strrchr (self->target, ':') + 1);
    address_t address;
    for (int way = 0; way < 2; way++)
        set_port (&self->targets[way], port + way);
    for (;;) {
        set_port (&address, 0);
        if (!listen_at (self, 0, &address))
            STAGE_FAIL ("listen: %s", strerror (errno));
        socklen_t size = sizeof address;
        getsockname (self->listeners[0], &address.any, &size);
        port = ntohs (address.in.sin_port);
        set_port (&address, port + 1);
        if (listen_at (self, 1, &address))
            break;
        close (self->listeners[0]);
    }
    snprintf (self->endpoint, sizeof self->endpoint, "tcp://127.0.0.1:%d",
              port);
}

proxy_t *
proxy_new (stage_t *stage, const char *endpoint, const proxy_cut_t *cut)
{
    proxy_t *self = calloc (1, sizeof *self);
    if (!self)
        STAGE_FAIL ("no memory");
    self->cut = *cut;
    snprintf (self->target, sizeof self->target, "%s", endpoint);
    for (int i = 0; i < LINKS; i++)
        self->links[i].fds[0] = self->links[i].fds[1] = -1;
    if (!strncmp (endpoint, "ipc", 3))
        begin_ipc (self, stage);
    else
        begin_tcp (self);
    if (pipe (self->stop) || pthread_create (&self->thread, NULL, run, self))
        STAGE_FAIL ("proxy: %s", strerror (errno));
    return self;
}

const char *
proxy_endpoint (const proxy_t *self)
{
    return self->endpoint;
}

unsigned
proxy_messages (proxy_t *self)
{
    return atomic_load (&self->messages);
}

unsigned
proxy_greetings (proxy_t *self)
{
    return atomic_load (&self->greetings);
}

unsigned
proxy_cuts (proxy_t *self)
{
    return atomic_load (&self->cuts);
}

void
proxy_destroy (proxy_t **self_p)
{
    proxy_t *self = *self_p;
    *self_p = NULL;
    close (self->stop[1]);
    pthread_join (self->thread, NULL);
    close (self->stop[0]);
    for (int i = 0; i < LINKS; i++)
        close_link (&self->links[i]);
    for (int way = 0; way < 2; way++)
        close (self->listeners[way]);
    free (self);
}
