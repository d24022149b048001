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

#include "lib/base/runtime.h"

/* One that there is no memory for is tried again at the next look. */
static void
adopt_ports (tk_server_t *self)
{
    tk_link_t *link;
    while ((link = tk_list_pop (&self->adopted))) {
        if (tk_port_watch (TK_MEMBER (link, tk_port_t, link), &self->watch)) {
            tk_list_prepend (&self->adopted, link);
            return;
        }
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
        tk_peers_accept (self, port);
    }
    tk_peers_serve (self);
    for (tk_link_t *at = self->ports.next; at != &self->ports; at = at->next)
        tk_inbox_read (self, TK_MEMBER (at, tk_port_t, link));
    tk_registry_lock (self->registry); /* after the calls that came */
    *next = tk_registry_expire (self->registry, self->now);
    tk_registry_unlock (self->registry);
    tk_outbox_send (self);
}

static bool
any_due (const tk_server_t *self)
{
    if (!tk_list_empty (&self->watch.ready))
        return true;
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
    tk_time_t until = any_due (self) ? TK_NOWAIT : next < check ? next : check;
    tk_watch_wait (&self->watch, until);
    if (self->woken)
        tk_wake_lower (&self->wake);
    self->woken = false;
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
        tk_port_unwatch (port, &self->watch);
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
