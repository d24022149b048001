/* SPDX-License-Identifier: MPL-2.0 */
/*
 * loop.c - the server's thread: reads, runs, answers, sleeps.
 *
 * Asking a ZeroMQ socket in vain takes two system calls, so only those are
 * read whose ZMQ_FD said so. It tells of changes only, and any send or
 * receive may swallow one: a socket is due until a receive has failed, and
 * a router again after each send. The thread sleeps when nothing is due.
 * Peers are plain descriptors: they tell as long as there is something. Looking
 * again for a while before sleeping would save it a wake-up, but takes the core
 * from libzmq's I/O threads, which have the next request: on two cores a round
 * trip took 74 us with 20 us of that, 41 without.
 */
#include "parts.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include "lib/base/runtime.h"
#include "lib/base/sys.h"

/* The wake and the timer. */
#define OWN_FDS 2
#define PORT_FDS 4

static void
adopt_ports (tk_server_t *self)
{
    tk_link_t *link;
    while ((link = tk_list_pop (&self->adopted))) {
        tk_port_t *port = TK_MEMBER (link, tk_port_t, link);
        port->router_due = port->pull_due = port->monitor_due = true;
        tk_list_append (&self->ports, link);
    }
}

/* One look at everything that is due; when to look again at the latest. */
static void
work (tk_server_t *self, tk_time_t *next)
{
    tk_registry_lock (self->registry);
    self->now = tk_clock_us ();
    adopt_ports (self);
    tk_sessions_expire (self, self->now);
    tk_registry_unlock (self->registry);
    for (tk_link_t *at = self->ports.next; at != &self->ports; at = at->next) {
        tk_port_t *port = TK_MEMBER (at, tk_port_t, link);
        if (port->monitor_due)
            port->monitor_due = tk_connections_read (self, port) > 0;
        tk_peers_serve (self, port);
        tk_inbox_read (self, port);
    }
    tk_registry_lock (self->registry); /* after the calls that came */
    *next = tk_registry_expire (self->registry, self->now);
    tk_registry_unlock (self->registry);
    tk_outbox_send (self);
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

static size_t
count_fds (const tk_server_t *self)
{
    size_t count = OWN_FDS;
    for (tk_link_t *at = self->ports.next; at != &self->ports; at = at->next) {
        const tk_port_t *port = TK_MEMBER (at, tk_port_t, link);
        count += PORT_FDS;
        for (tk_link_t *p = port->peers.next; p != &port->peers; p = p->next)
            count++;
    }
    return count;
}

static struct pollfd *
fill_port (const tk_server_t *self, const tk_port_t *port, struct pollfd *set)
{
    bool accepts = self->now >= port->accept_after;
    int fds[PORT_FDS] = {port->router_fd, port->pull_fd, port->monitor.fd,
                         accepts ? port->listener : -1};
    for (int i = 0; i < PORT_FDS; i++)
        set[i] = (struct pollfd){.fd = fds[i], .events = POLLIN};
    set += PORT_FDS;
    for (tk_link_t *at = port->peers.next; at != &port->peers; at = at->next) {
        const tk_peer_t *peer = TK_MEMBER (at, tk_peer_t, link);
        *set++ = (struct pollfd){.fd = peer->stream.fd,
                                 .events = tk_stream_events (&peer->stream)};
    }
    return set;
}

/* What the descriptors of a port have told; where the next port's begin. */
static const struct pollfd *
note_due (tk_port_t *port, const struct pollfd *set)
{
    port->router_due |= set[0].revents != 0;
    port->pull_due |= set[1].revents != 0;
    port->monitor_due |= set[2].revents != 0;
    port->listener_due |= set[3].revents != 0;
    set += PORT_FDS;
    for (tk_link_t *at = port->peers.next; at != &port->peers; at = at->next) {
        tk_peer_t *peer = TK_MEMBER (at, tk_peer_t, link);
        peer->is_due |= (set++)->revents != 0;
    }
    return set;
}

/* Without memory for the set, everything may be due. */
static void
note_all (tk_port_t *port)
{
    port->router_due = port->pull_due = port->monitor_due = true;
    port->listener_due = port->listener >= 0;
    for (tk_link_t *at = port->peers.next; at != &port->peers; at = at->next)
        TK_MEMBER (at, tk_peer_t, link)->is_due = true;
}

/* Whether poll itself needs no time limit: the timer tells. It is set again
 * only for an earlier time than it has, since setting a limit and taking it
 * back with each call would cost as much as reading one. */
static bool
set_timer (tk_server_t *self, tk_time_t until)
{
    tk_time_t now = tk_clock_us ();
    if (self->timer < 0 || until <= now)
        return false;
    if (until < self->timer_until) {
        tk_sys_timer_set (self->timer, until - now);
        self->timer_until = until;
    }
    return true;
}

static void
lower_timer (tk_server_t *self)
{
    tk_sys_timer_lower (self->timer);
    self->timer_until = TK_NEVER;
}

/* How many descriptors there are to poll; 0 when memory is short. */
static size_t
fill_set (tk_server_t *self)
{
    size_t count = count_fds (self);
    if (grow_set (self, count))
        return 0;
    struct pollfd *set = self->set;
    *set++ = (struct pollfd){.fd = self->wake.read_fd, .events = POLLIN};
    *set++ = (struct pollfd){.fd = self->timer, .events = POLLIN};
    for (tk_link_t *at = self->ports.next; at != &self->ports; at = at->next)
        set = fill_port (self, TK_MEMBER (at, tk_port_t, link), set);
    return count;
}

/* Looks what is due, and waits for it until then. */
static void
look (tk_server_t *self, tk_time_t until)
{
    size_t count = fill_set (self);
    const struct pollfd *set = self->set + OWN_FDS;
    tk_time_t soon = tk_clock_us () + 10000;
    if (!count && soon < until)
        until = soon;
    else if (count && set_timer (self, until))
        until = TK_NEVER;
    tk_sys_poll (self->set, count, until);
    if (count && self->set[0].revents)
        tk_wake_lower (&self->wake);
    if (count && self->set[1].revents)
        lower_timer (self);
    for (tk_link_t *at = self->ports.next; at != &self->ports; at = at->next) {
        tk_port_t *port = TK_MEMBER (at, tk_port_t, link);
        if (count)
            set = note_due (port, set);
        else
            note_all (port);
    }
}

static bool
any_due (const tk_server_t *self)
{
    for (tk_link_t *at = self->ports.next; at != &self->ports; at = at->next) {
        const tk_port_t *port = TK_MEMBER (at, tk_port_t, link);
        if (port->router_due || port->pull_due || port->monitor_due)
            return true;
    }
    return false;
}

/* Sleeps until something comes in, at most until next or the next look at
 * the sessions: soon, when one of them is suspected to be dead. */
static void
sleep_until (tk_server_t *self, tk_time_t next)
{
    tk_time_t check = tk_clock_us () + (self->suspects ? 10000 : 250000);
    look (self, any_due (self) ? TK_NOWAIT : next < check ? next : check);
}

static void
serve (tk_server_t *self)
{
    tk_time_t next = TK_NEVER;
    while (atomic_load (&self->state) == TK_SERVING) {
        work (self, &next);
        sleep_until (self, next);
    }
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
        tk_time_t soon = tk_clock_us () + 10000;
        work (self, &next);
        sleep_until (self, soon < self->end_before ? soon : self->end_before);
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
