/* SPDX-License-Identifier: MPL-2.0 */
/*
 * port.c - one endpoint of a server: a ROUTER for calls, a PULL for casts.
 *
 * Made by the thread that binds and then handed to the server's thread for
 * good.
 */
#include "parts.h"

#include <errno.h>
#include <stdlib.h>
#include "lib/base/ids.h"
#include "lib/base/runtime.h"

static int
poll_fd (void *socket)
{
    int fd = -1;
    size_t size = sizeof fd;
    zmq_getsockopt (socket, ZMQ_FD, &fd, &size);
    return fd;
}

static int
open_sockets (tk_port_t *self)
{
    static const int replies = TK_CONNECTION_REPLIES;
    int rc = tk_socket (ZMQ_ROUTER, &self->router);
    if (!rc)
        rc = tk_socket (ZMQ_PULL, &self->pull);
    if (!rc)
        rc = tk_monitor_start (&self->monitor, self->router,
                               ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_DISCONNECTED |
                                   ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |
                                   ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
                                   ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL);
    if (rc)
        return rc;
    zmq_setsockopt (self->router, ZMQ_SNDHWM, &replies, sizeof replies);
    return 0;
}

static void
close_sockets (tk_port_t *self)
{
    tk_monitor_stop (&self->monitor);
    tk_socket_close (self->router);
    tk_socket_close (self->pull);
    self->router = self->pull = NULL;
}

int
tk_port_new (tk_port_t **self_p, tk_endpoint_t *endpoint)
{
    tk_port_t *self = calloc (1, sizeof *self);
    if (!self)
        return -ENOMEM;
    tk_list_init (&self->link);
    tk_list_init (&self->peers);
    self->listener = -1;
    self->endpoint = *endpoint;
    self->foreign = tk_ids_new ();
    int rc = self->foreign ? open_sockets (self) : -ENOMEM;
    if (!rc)
        rc = tk_endpoint_bind_pair (&self->endpoint, self->router, &self->cast,
                                    self->pull);
    if (!rc && (rc = tk_peers_open (self))) {
        tk_endpoint_unlink (&self->cast);
        tk_endpoint_unlink (&self->endpoint);
    }
    if (rc) {
        close_sockets (self);
        zhashx_destroy (&self->foreign);
        free (self);
        return rc;
    }
    *endpoint = self->endpoint;
    *self_p = self;
    return 0;
}

int
tk_port_watch (tk_port_t *self, tk_watch_t *watch)
{
    const tk_source_t sources[TK_PORT_SOURCES] = {
        {.fd = poll_fd (self->router), .told = &self->router_due},
        {.fd = poll_fd (self->pull), .told = &self->pull_due},
        {.fd = self->monitor.fd, .told = &self->monitor_due},
        {.fd = self->listener, .told = &self->listener_due}};
    int rc = 0;
    for (int i = 0; !rc && i < TK_PORT_SOURCES; i++) {
        self->sources[i] = sources[i];
        rc = tk_watch_add (watch, &self->sources[i], POLLIN);
    }
    if (rc)
        tk_port_unwatch (self, watch);
    self->router_due = self->pull_due = self->monitor_due = true;
    return rc;
}

void
tk_port_unwatch (tk_port_t *self, tk_watch_t *watch)
{
    for (int i = 0; i < TK_PORT_SOURCES; i++)
        tk_watch_remove (watch, &self->sources[i]);
}

void
tk_port_destroy (tk_port_t **self_p)
{
    tk_port_t *self = *self_p;
    tk_peers_close (self);
    tk_endpoint_unlink (&self->endpoint);
    tk_endpoint_unlink (&self->cast);
    close_sockets (self);
    for (tk_foreign_t *foreign = zhashx_first (self->foreign); foreign;
         foreign = zhashx_next (self->foreign))
        free (foreign);
    zhashx_destroy (&self->foreign);
    free (self);
    *self_p = NULL;
}
