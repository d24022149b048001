/* SPDX-License-Identifier: MPL-2.0 */
/*
 * connection.c - connections that break, and who is dead by it.
 *
 * A broken connection is a hint only: the client may be connecting again. Of
 * a process on this machine the kernel knows whether it is dead; others have
 * a fifth of a second to say something. Which process it is, the kernel
 * tells on ipc and hello over tcp. A peer without a session is gone with its
 * connection. Server's thread; under the lock.
 */
#include "parts.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "lib/base/sys.h"

#define GRACE_US INT64_C (200000)

/* What was under way when a connection broke is no sign of life. */
#define UNDER_WAY_US INT64_C (50000)

/* Events of one round, in order. */
typedef struct {
    uint32_t fd;
    uint16_t event;
} change_t;

#define CHANGES 64

static void
end_foreign_calls (tk_server_t *self, tk_port_t *port, int fd)
{
    tk_link_t *next;
    for (tk_link_t *at = self->foreign.next; at != &self->foreign; at = next) {
        tk_remote_t *remote = TK_MEMBER (at, tk_remote_t, link);
        next = at->next;
        if (remote->port == port && remote->fd == fd)
            tk_call_cancel (&remote->call, ECONNRESET);
    }
}

/* All that a peer without a session had by this connection. */
static void
forget_foreign (tk_server_t *self, tk_port_t *port, tk_foreign_t *foreign)
{
    end_foreign_calls (self, port, (int)foreign->fd);
    if (foreign->owner)
        tk_registry_forget (self->registry, foreign->owner, false);
    foreign->owner = 0;
}

static void
begin_foreign (tk_port_t *port, int fd)
{
    tk_foreign_t *foreign = calloc (1, sizeof *foreign);
    if (!foreign)
        return;
    foreign->fd = (uint64_t)fd;
    if (zhashx_insert (port->foreign, &foreign->fd, foreign))
        free (foreign);
}

static void
end_foreign (tk_server_t *self, tk_port_t *port, int fd)
{
    uint64_t key = (uint64_t)fd;
    tk_foreign_t *foreign = zhashx_lookup (port->foreign, &key);
    if (!foreign)
        return;
    forget_foreign (self, port, foreign);
    zhashx_delete (port->foreign, &key);
    free (foreign);
}

bool
tk_connection_foreign (tk_server_t *self, tk_port_t *port, int fd,
                       uint64_t owner)
{
    uint64_t key = (uint64_t)fd;
    tk_foreign_t *foreign = fd < 0 ? NULL : zhashx_lookup (port->foreign, &key);
    if (!foreign)
        return fd < 0;
    /* Whoever had this descriptor before has left since. */
    if (foreign->owner != owner)
        forget_foreign (self, port, foreign);
    foreign->owner = owner;
    return true;
}

static tk_foreign_t *
foreign_of (const tk_remote_t *remote)
{
    uint64_t key = (uint64_t)remote->fd;
    return remote->fd < 0 ? NULL : zhashx_lookup (remote->port->foreign, &key);
}

bool
tk_connection_begin_call (tk_remote_t *remote)
{
    tk_foreign_t *foreign = foreign_of (remote);
    if (!foreign)
        return true;
    if (foreign->calls >= TK_CONNECTION_CALLS)
        return false;
    foreign->calls++;
    remote->counted = true;
    return true;
}

void
tk_connection_end_call (tk_remote_t *remote)
{
    tk_foreign_t *foreign = remote->counted ? foreign_of (remote) : NULL;
    remote->counted = false;
    if (foreign && foreign->calls)
        foreign->calls--;
}

bool
tk_connection_has_room (const tk_server_t *self, const tk_port_t *port, int fd)
{
    unsigned count = 0;
    for (tk_link_t *at = self->sessions.next; at != &self->sessions;
         at = at->next) {
        tk_session_t *session = TK_MEMBER (at, tk_session_t, link);
        count += fd >= 0 && session->fd == fd && session->port == port;
    }
    return count < TK_CONNECTION_SESSIONS;
}

static void
suspect (tk_session_t *session)
{
    session->fd = -1;
    session->suspect_until = session->server->now + GRACE_US;
    session->server->suspects = true;
}

/* A process that ends closes its sockets first, so that it may be seen alive
 * for a moment: it is looked at until the grace is over. */
bool
tk_connection_is_dead (tk_session_t *session, tk_time_t now)
{
    if (!session->suspect_until)
        return false;
    bool over = now > session->suspect_until;
    bool dead = session->pid ? tk_sys_is_dead (session->pid) : over;
    if (over)
        session->suspect_until = 0;
    return dead;
}

static void
suspect_sessions (tk_server_t *self, tk_port_t *port, int fd)
{
    tk_link_t *next;
    for (tk_link_t *at = self->sessions.next; at != &self->sessions;
         at = next) {
        tk_session_t *session = TK_MEMBER (at, tk_session_t, link);
        next = at->next;
        if (session->fd == fd && session->port == port)
            suspect (session);
    }
}

void
tk_connection_heard (tk_session_t *session)
{
    tk_time_t since = session->suspect_until - GRACE_US;
    if (session->suspect_until && session->server->now > since + UNDER_WAY_US)
        session->suspect_until = 0;
}

/* Both ends of the connection have one address. */
static bool
is_near (int fd)
{
    struct sockaddr_in6 here = {0};
    struct sockaddr_in6 there = {0};
    socklen_t size = sizeof here;
    if (getsockname (fd, (struct sockaddr *)&here, &size))
        return false;
    size = sizeof there;
    if (getpeername (fd, (struct sockaddr *)&there, &size))
        return false;
    here.sin6_port = there.sin6_port = 0; /* where IPv4 has it, too */
    return !memcmp (&here, &there, sizeof here);
}

static int
process_of (const tk_session_t *session, const tk_port_t *port, int fd)
{
    if (port->endpoint.transport == TK_IPC)
        return tk_sys_peer (fd);
    return session->home_pid && is_near (fd) ? session->home_pid : 0;
}

/* Of a descriptor that was claimed, an end that is told later is the end of
 * that connection: all that was told before the message has been read. */
void
tk_connection_claim (tk_session_t *session, tk_port_t *port, int fd)
{
    uint64_t key = (uint64_t)fd;
    if (fd >= 0 && !zhashx_lookup (port->foreign, &key))
        return; /* it has broken meanwhile */
    session->suspect_until = 0;
    if (session->fd == fd && session->port == port)
        return;
    session->fd = fd;
    session->port = port;
    session->pid = process_of (session, port, fd);
}

static size_t
read_changes (tk_port_t *port, change_t *changes)
{
    size_t count = 0;
    uint16_t event;
    uint32_t fd;
    while (count < CHANGES && tk_monitor_next (&port->monitor, &event, &fd))
        changes[count++] = (change_t){fd, event};
    return count;
}

static void
apply (tk_server_t *self, tk_port_t *port, const change_t *change)
{
    int fd = (int)change->fd;
    if (change->event == ZMQ_EVENT_ACCEPTED) {
        begin_foreign (port, fd);
    } else if (change->event == ZMQ_EVENT_DISCONNECTED) {
        end_foreign (self, port, fd);
        suspect_sessions (self, port, fd);
    } else { /* a failed handshake, whose value is no descriptor */
        self->counters.unauthenticated++;
    }
}

int
tk_connections_read (tk_server_t *self, tk_port_t *port)
{
    change_t changes[CHANGES];
    size_t count = read_changes (port, changes);
    if (!count)
        return 0;
    tk_registry_lock (self->registry);
    for (size_t i = 0; i < count; i++)
        apply (self, port, &changes[i]);
    tk_registry_unlock (self->registry);
    return (int)count;
}
