/* SPDX-License-Identifier: MPL-2.0 */
/*
 * loop.c - the server's thread: reads, runs, answers, sleeps.
 *
 * ZMQ_FD tells of changes only (and any send or receive may swallow one), so
 * the thread sleeps only after a whole round in which nothing was received
 * and nothing sent. Looking again for a while before sleeping would save it a
 * wake-up, but takes the core from libzmq's I/O threads, which have the next
 * request: on two cores a round trip took 74 us with 20 us of that, 41 without.
 */
#include "parts.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include "lib/base/runtime.h"

static void
adopt_ports (tk_server_t *self)
{
    tk_link_t *link;
    while ((link = tk_list_pop (&self->adopted)))
        tk_list_append (&self->ports, link);
}

/* One look at everything; how much there was to do. */
static int
work (tk_server_t *self, tk_time_t *next)
{
    int count = 0;
    tk_registry_lock (self->registry);
    self->now = tk_clock_us ();
    adopt_ports (self);
    *next = tk_registry_expire (self->registry, self->now);
    tk_sessions_expire (self, self->now);
    tk_registry_unlock (self->registry);
    for (tk_link_t *at = self->ports.next; at != &self->ports; at = at->next) {
        tk_port_t *port = TK_MEMBER (at, tk_port_t, link);
        count += tk_connections_read (self, port);
        count += tk_inbox_read (self, port);
    }
    return count + tk_outbox_send (self);
}

static int
grow_set (tk_server_t *self, size_t count)
{
    if (count <= self->set_room)
        return 0;
    struct pollfd *set = realloc (self->set, 2 * count * sizeof *set);
    if (!set)
        return -ENOMEM;
    self->set = set;
    self->set_room = 2 * count;
    return 0;
}

/* How many descriptors there are to poll; 0 when memory is short. */
static nfds_t
fill_set (tk_server_t *self)
{
    size_t ports = 0;
    for (tk_link_t *at = self->ports.next; at != &self->ports; at = at->next)
        ports++;
    if (grow_set (self, 3 * ports + 1))
        return 0;
    nfds_t i = 1;
    self->set[0] = (struct pollfd){.fd = self->wake.read_fd, .events = POLLIN};
    for (tk_link_t *at = self->ports.next; at != &self->ports; at = at->next) {
        tk_port_t *port = TK_MEMBER (at, tk_port_t, link);
        int fds[] = {port->router_fd, port->pull_fd, port->monitor.fd};
        for (int k = 0; k < 3; k++)
            self->set[i++] = (struct pollfd){.fd = fds[k], .events = POLLIN};
    }
    return i;
}

/* Sleeps until something comes in, at most until next or the next look at
 * the sessions: soon, when one of them is suspected to be dead. */
static void
sleep_until (tk_server_t *self, tk_time_t next)
{
    nfds_t count = fill_set (self);
    tk_time_t look = tk_clock_us () + (self->suspects ? 10000 : 250000);
    int timeout = tk_deadline_poll (next < look ? next : look);
    poll (self->set, count, count || timeout < 10 ? timeout : 10);
    if (count && self->set[0].revents)
        tk_wake_lower (&self->wake);
}

static void
serve (tk_server_t *self)
{
    tk_time_t next = TK_NEVER;
    while (atomic_load (&self->state) == TK_SERVING)
        if (!work (self, &next))
            sleep_until (self, next);
}

/* Every object ends; who waits for one is told EPIPE, and who waits for news
 * that the manager ends. Its own object goes on answering. */
static void
end_objects (tk_server_t *self)
{
    tk_registry_lock (self->registry);
    tk_registry_clear (self->registry, EPIPE);
    tk_registry_unlock (self->registry);
}

static bool
has_sessions (tk_server_t *self)
{
    tk_registry_lock (self->registry);
    bool any = !tk_list_empty (&self->sessions);
    tk_registry_unlock (self->registry);
    return any;
}

/* Clients answer the end with bye; those that do not are left. */
static void
wait_for_goodbyes (tk_server_t *self)
{
    tk_time_t next;
    while (has_sessions (self) && tk_clock_us () < self->end_before) {
        if (!work (self, &next)) {
            tk_time_t soon = tk_clock_us () + 10000;
            sleep_until (self,
                         soon < self->end_before ? soon : self->end_before);
        }
    }
    work (self, &next);
}

static void
close_ports (tk_server_t *self)
{
    tk_link_t *link;
    tk_registry_lock (self->registry);
    adopt_ports (self);
    tk_registry_unlock (self->registry);
    while ((link = tk_list_pop (&self->ports))) {
        tk_port_t *port = TK_MEMBER (link, tk_port_t, link);
        /* Clients without a session get their last answer, too. */
        int linger = 200;
        zmq_setsockopt (port->router, ZMQ_LINGER, &linger, sizeof linger);
        tk_port_destroy (&port);
    }
}

void *
tk_server_run (void *server)
{
    tk_server_t *self = server;
    serve (self);
    end_objects (self);
    wait_for_goodbyes (self);
    close_ports (self);
    atomic_store (&self->state, TK_ENDED);
    return NULL;
}
