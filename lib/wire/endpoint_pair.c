/* SPDX-License-Identifier: MPL-2.0 */
/*
 * endpoint_pair.c - binds two sockets, at an endpoint and where its casts go.
 *
 * With tcp both ports must be free, P and P + 1; where the user leaves the
 * choice, another P is tried. The kernel gives out odd ports to those who
 * bind, and even ones to those who connect: after many connections in a
 * minute there is none with a free one above it. So after a few tries it is
 * any port below the kernel's.
 */
#include "lib/wire/endpoint.h"

#include <errno.h>
#include <zmq.h>
#include "lib/base/runtime.h"
#include "lib/base/sys.h"

enum { TRIES = 64, BY_KERNEL = 8 };
enum { LOWEST = 10000, HIGHEST = 32766 };

static int
port_to_try (int attempt)
{
    uint16_t number;
    if (attempt < BY_KERNEL || tk_sys_random (&number, sizeof number))
        return 0;
    return LOWEST + number % (HIGHEST - LOWEST + 1);
}

static int
bind_cast (tk_endpoint_t *self, void *socket, tk_endpoint_t *cast,
           void *cast_socket, bool any)
{
    char text[TK_ADDRESS_MAX];
    tk_endpoint_cast (self, cast);
    int rc = any ? tk_endpoint_bind_now (cast, cast_socket)
                 : tk_endpoint_bind (cast, cast_socket);
    if (rc) {
        tk_endpoint_text (self, text);
        tk_endpoint_unlink (self);
        zmq_unbind (socket, text);
        tk_disown_addresses_of (socket);
    }
    return rc;
}

static int
bind_any (tk_endpoint_t *self, void *socket, tk_endpoint_t *cast,
          void *cast_socket)
{
    tk_endpoint_t wanted = *self;
    int rc = -EADDRINUSE;
    for (int i = 0; rc == -EADDRINUSE && i < TRIES; i++) {
        *self = wanted;
        self->port = port_to_try (i);
        rc = tk_endpoint_bind_now (self, socket);
        if (!rc && cast_socket)
            rc = bind_cast (self, socket, cast, cast_socket, true);
    }
    return rc;
}

int
tk_endpoint_bind_pair (tk_endpoint_t *self, void *socket, tk_endpoint_t *cast,
                       void *cast_socket)
{
    if (self->transport == TK_TCP && !self->port)
        return bind_any (self, socket, cast, cast_socket);
    int rc = tk_endpoint_bind (self, socket);
    if (!rc && cast_socket)
        rc = bind_cast (self, socket, cast, cast_socket, false);
    return rc;
}
