/* SPDX-License-Identifier: MPL-2.0 */
/*
 * listen.c - the descriptor at which an end of a pipe will be reached.
 *
 * It is made with the pipe, before anybody knows which process will use the
 * end: forked copies are all the same, and the kernel lets the other end
 * connect from the beginning. Whoever opens the end hands it to libzmq.
 */
#include "patterns/pipe/end.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>
#include "lib/auth/auth.h"
#include "lib/base/error.h"
#include "lib/base/runtime.h"
#include "lib/wire/endpoint_parts.h"

/* One peer, and strangers that libzmq has not turned away yet. */
#define BACKLOG 8

static int
refused (const tk_endpoint_t *endpoint)
{
    int error = errno;
    char text[TK_ADDRESS_MAX];
    tk_endpoint_text (endpoint, text);
    return tk_error (error, "cannot bind %s: %s", text, strerror (error));
}

/* "*" resolved to nothing: every address, IPv4's too. */
static void
name_any (const tk_endpoint_t *endpoint, struct sockaddr_storage *address,
          socklen_t *size)
{
    struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)address;
    if (*size)
        return;
    memset (in6, 0, sizeof *in6);
    in6->sin6_family = AF_INET6;
    in6->sin6_port = htons ((uint16_t)endpoint->port);
    *size = sizeof *in6;
}

static int
listen_at (const tk_endpoint_t *endpoint, int fd,
           const struct sockaddr_storage *address, socklen_t size)
{
    static const int yes = 1, no = 0;
    setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (address->ss_family == AF_INET6)
        setsockopt (fd, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof no);
    if (bind (fd, (const struct sockaddr *)address, size) ||
        listen (fd, BACKLOG))
        return refused (endpoint);
    return 0;
}

/* IPv4 and IPv6 have the port at the same place. */
static int
note_port (tk_endpoint_t *endpoint, int fd)
{
    struct sockaddr_storage bound;
    socklen_t size = sizeof bound;
    if (getsockname (fd, (struct sockaddr *)&bound, &size))
        return refused (endpoint);
    endpoint->port = ntohs (((struct sockaddr_in *)&bound)->sin_port);
    return 0;
}

static int
listen_tcp (tk_endpoint_t *endpoint, int *fd)
{
    struct sockaddr_storage address;
    socklen_t size;
    int rc = tk_endpoint_resolve (endpoint, true, &address, &size);
    if (!rc)
        rc = tk_endpoint_check_protected (endpoint, &address, size);
    if (rc)
        return rc;
    name_any (endpoint, &address, &size);
    *fd = socket (address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
                  0);
    rc = *fd < 0 ? refused (endpoint)
                 : listen_at (endpoint, *fd, &address, size);
    endpoint->served = true;
    return rc ? rc : note_port (endpoint, *fd);
}

static int
listen_once (tk_endpoint_t *endpoint, int *fd)
{
    int rc;
    if (endpoint->transport == TK_TCP)
        return listen_tcp (endpoint, fd);
    tk_fork_hold ();
    rc = tk_endpoint_listen (endpoint, fd);
    tk_fork_release ();
    return rc;
}

int
tk_listen_make (tk_endpoint_t *endpoint, int *fd)
{
    int rc = listen_once (endpoint, fd);
    for (int i = 0; rc == -EADDRINUSE && tk_endpoint_pause (i); i++) {
        tk_listen_close (fd);
        rc = listen_once (endpoint, fd);
    }
    return rc ? rc : tk_spare (*fd);
}

void
tk_listen_close (int *fd)
{
    if (*fd < 0)
        return;
    tk_spare_no_more (*fd);
    close (*fd);
    *fd = -1;
}

/* From here on libzmq closes it, and forked children their copies. */
int
tk_listen_give (const tk_endpoint_t *endpoint, int *fd, void *socket)
{
    static const int none = -1;
    char text[TK_ADDRESS_MAX];
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    tk_endpoint_text (endpoint, text);
    if (getsockname (*fd, (struct sockaddr *)&address, &size))
        return refused (endpoint);
    int rc = tk_own_address_of (socket, (struct sockaddr *)&address, size);
    if (!rc)
        rc = tk_auth_serve (socket, endpoint);
    if (rc)
        return rc;
    if (zmq_setsockopt (socket, ZMQ_USE_FD, fd, sizeof *fd) ||
        zmq_bind (socket, text))
        return tk_zmq_errno ();
    zmq_setsockopt (socket, ZMQ_USE_FD, &none, sizeof none);
    tk_spare_no_more (*fd);
    *fd = -1;
    tk_auth_bound (socket, endpoint);
    return 0;
}
