/* SPDX-License-Identifier: MPL-2.0 */
/*
 * endpoint_bind.c - binds and connects ZeroMQ sockets to endpoints.
 *
 * fork() is held from before a listening descriptor exists until its address
 * is registered: a child born in between would keep the port. A connection
 * is made later, by libzmq's own thread, so its address is registered first.
 */
#include "lib/wire/endpoint_parts.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zmq.h>
#include "lib/auth/auth.h"
#include "lib/base/error.h"
#include "lib/base/runtime.h"

#define PORT_MAX 65534
#define PORT_TRIES 8

/* An address, as resolved, and the socket that gets it. */
typedef struct {
    void *socket;
    struct sockaddr_storage address;
    socklen_t size;
} target_t;

static int
refused (const tk_endpoint_t *self, const char *what)
{
    char text[TK_ADDRESS_MAX];
    int error = -tk_zmq_errno ();
    tk_endpoint_text (self, text);
    return tk_error (error, "cannot %s %s: %s", what, text, strerror (error));
}

static int
own (target_t *target)
{
    return tk_own_address_of (
        target->socket, (struct sockaddr *)&target->address, target->size);
}

static int
bind_text (const tk_endpoint_t *self, void *socket)
{
    char text[TK_ADDRESS_MAX];
    tk_endpoint_text (self, text);
    return zmq_bind (socket, text) ? refused (self, "bind") : 0;
}

/* The port at the end of what the kernel made of it; 0 if there is none. */
static int
bound_port (void *socket, char *text)
{
    size_t size = TK_ADDRESS_MAX;
    if (zmq_getsockopt (socket, ZMQ_LAST_ENDPOINT, text, &size))
        return 0;
    const char *colon = strrchr (text, ':');
    return colon ? atoi (colon + 1) : 0;
}

/* "*" was resolved to nothing: it is :: here. */
static void
set_port (target_t *target, int port)
{
    struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&target->address;
    in_port_t number = htons ((uint16_t)port);
    if (target->address.ss_family == AF_INET) {
        ((struct sockaddr_in *)&target->address)->sin_port = number;
        return;
    }
    in6->sin6_family = AF_INET6;
    in6->sin6_port = number;
    target->size = sizeof *in6;
}

/* Keeps the port that was bound, or gives it back. */
static int
settle_tcp (tk_endpoint_t *self, target_t *target)
{
    char text[TK_ADDRESS_MAX];
    int port = bound_port (target->socket, text);
    int rc;
    if (self->port == 0 && (port == 0 || port > PORT_MAX)) {
        rc = tk_error (EADDRINUSE, "cannot bind: only port %d was free", port);
    } else {
        set_port (target, port);
        rc = own (target);
    }
    if (rc)
        zmq_unbind (target->socket, text);
    else
        self->port = port;
    return rc;
}

static int
bind_tcp (tk_endpoint_t *self, target_t *target)
{
    int tries = self->port ? 1 : PORT_TRIES;
    int rc = 0;
    for (int i = 0; i < tries; i++) {
        rc = bind_text (self, target->socket);
        if (!rc)
            rc = settle_tcp (self, target);
        if (rc != -EADDRINUSE)
            break;
    }
    return rc;
}

/* Hands the descriptor over; libzmq closes it from here on. */
static int
bind_ipc (tk_endpoint_t *self, target_t *target)
{
    int fd, none = -1;
    int rc = tk_endpoint_listen (self, &fd);
    if (rc)
        return rc;
    rc = own (target);
    if (!rc && zmq_setsockopt (target->socket, ZMQ_USE_FD, &fd, sizeof fd))
        rc = refused (self, "bind");
    if (!rc)
        rc = bind_text (self, target->socket);
    zmq_setsockopt (target->socket, ZMQ_USE_FD, &none, sizeof none);
    if (rc) {
        tk_endpoint_unlink (self);
        close (fd);
    }
    return rc;
}

static int
bind_once (tk_endpoint_t *self, target_t *target)
{
    int rc;
    tk_fork_hold ();
    if (self->transport == TK_TCP)
        rc = bind_tcp (self, target);
    else if (self->transport == TK_IPC)
        rc = bind_ipc (self, target);
    else
        rc = bind_text (self, target->socket);
    tk_fork_release ();
    if (!rc)
        tk_auth_bound (target->socket, self);
    return rc;
}

static bool
is_loopback (const struct sockaddr_storage *address, socklen_t size)
{
    const struct sockaddr_in *v4 = (const void *)address;
    const struct sockaddr_in6 *v6 = (const void *)address;
    if (size == 0)
        return false;
    if (v4->sin_family == AF_INET)
        return ntohl (v4->sin_addr.s_addr) >> 24 == 127;
    return IN6_IS_ADDR_LOOPBACK (&v6->sin6_addr);
}

int
tk_endpoint_check_protected (const tk_endpoint_t *self,
                             const struct sockaddr_storage *address,
                             socklen_t size)
{
    char text[TK_ADDRESS_MAX];
    if (self->transport != TK_TCP || self->keys || tk_plaintext () ||
        is_loopback (address, size))
        return 0;
    tk_endpoint_text (self, text);
    return tk_error (EACCES,
                     "%s would be open to other hosts, unencrypted: call "
                     "troika_set_authkey() before, or bind a loopback "
                     "address, or call troika_set_plaintext (true)",
                     text);
}

static int
prepare (tk_endpoint_t *self, target_t *target)
{
    int rc = tk_headroom ();
    if (!rc)
        rc = tk_endpoint_resolve (self, true, &target->address, &target->size);
    if (!rc)
        rc = tk_endpoint_check_protected (self, &target->address, target->size);
    if (!rc)
        rc = tk_auth_serve (target->socket, self);
    return rc;
}

int
tk_endpoint_bind_now (tk_endpoint_t *self, void *socket)
{
    target_t target = {.socket = socket};
    int rc = prepare (self, &target);
    if (!rc)
        rc = bind_once (self, &target);
    self->served = !rc;
    return rc;
}

bool
tk_endpoint_pause (int attempt)
{
    static const int pauses_ms[] = {1, 2, 4, 8, 15, 20, 50, 100};
    if (attempt >= (int)(sizeof pauses_ms / sizeof *pauses_ms))
        return false;
    poll (NULL, 0, pauses_ms[attempt]);
    return true;
}

int
tk_endpoint_bind (tk_endpoint_t *self, void *socket)
{
    int rc = tk_endpoint_bind_now (self, socket);
    for (int i = 0; rc == -EADDRINUSE && tk_endpoint_pause (i); i++)
        rc = tk_endpoint_bind_now (self, socket);
    return rc;
}

int
tk_endpoint_connect (const tk_endpoint_t *self, void *socket)
{
    char text[TK_ADDRESS_MAX];
    tk_endpoint_t numeric = *self;
    target_t target = {.socket = socket};
    int rc =
        tk_endpoint_resolve (&numeric, false, &target.address, &target.size);
    if (!rc && target.size)
        rc = tk_own_peer_of (socket, (struct sockaddr *)&target.address,
                             target.size);
    if (!rc)
        rc = tk_auth_connect (socket, &numeric);
    if (rc)
        return rc;
    tk_endpoint_text (&numeric, text);
    return zmq_connect (socket, text) ? refused (self, "connect to") : 0;
}

int
tk_endpoint_serve (tk_endpoint_t *self, int *fd)
{
    struct sockaddr_un address;
    socklen_t size = tk_endpoint_unix (self, &address);
    tk_fork_hold ();
    int rc = tk_endpoint_listen (self, fd);
    if (!rc)
        rc = tk_own_address ((struct sockaddr *)&address, size);
    tk_fork_release ();
    if (rc && *fd >= 0) {
        tk_endpoint_unlink (self);
        close (*fd);
        *fd = -1;
    }
    return rc;
}

void
tk_endpoint_unserve (const tk_endpoint_t *self, int fd)
{
    struct sockaddr_un address;
    socklen_t size = tk_endpoint_unix (self, &address);
    tk_endpoint_unlink (self);
    close (fd);
    tk_disown_address ((struct sockaddr *)&address, size);
}
