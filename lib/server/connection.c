/* SPDX-License-Identifier: MPL-2.0 */
/*
 * connection.c - connections that break, and who is dead by it.
 *
 * A broken connection is a hint only: the client may be connecting again. On
 * ipc the kernel knows the process, which is dead or is not; elsewhere the
 * client has a quarter of a second to say something. A peer without a
 * session is gone with its connection. Server's thread; under the lock.
 */
#include "parts.h"

#include <errno.h>
#include <stdlib.h>
#include "lib/base/sys.h"

#define GRACE_US INT64_C (250000)

/* Events of one round: whether a descriptor was closed, or reused at once
 * (then nobody can tell whose end it was). */
typedef struct {
    uint32_t fd;
    bool reused;
} broken_t;

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

static void
end_foreign (tk_server_t *self, tk_port_t *port, int fd)
{
    uint64_t key = (uint64_t)fd;
    tk_foreign_t *foreign = zhashx_lookup (port->foreign, &key);
    end_foreign_calls (self, port, fd);
    if (!foreign)
        return;
    zhashx_delete (port->foreign, &key);
    tk_registry_forget (self->registry, foreign->owner, false);
    free (foreign);
}

void
tk_connection_foreign (tk_port_t *port, int fd, uint64_t owner)
{
    uint64_t key = (uint64_t)fd;
    tk_foreign_t *foreign = zhashx_lookup (port->foreign, &key);
    if (fd < 0 || (foreign && foreign->owner == owner))
        return;
    if (!foreign) {
        foreign = malloc (sizeof *foreign);
        if (!foreign)
            return;
        foreign->fd = key;
        zhashx_insert (port->foreign, &foreign->fd, foreign);
    }
    foreign->owner = owner;
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

/* The agent's connection stands for its process. */
void
tk_connection_claim (tk_session_t *session, tk_port_t *port, int fd)
{
    session->suspect_until = 0;
    if (session->fd == fd && session->port == port)
        return;
    session->fd = fd;
    session->port = port;
    session->pid = port->endpoint.transport == TK_IPC ? tk_sys_peer (fd) : 0;
}

static void
note (broken_t *broken, size_t *count, size_t room, uint16_t event,
      uint32_t fd)
{
    for (size_t i = 0; i < *count; i++)
        if (broken[i].fd == fd && event == ZMQ_EVENT_ACCEPTED)
            broken[i].reused = true;
    if (event == ZMQ_EVENT_DISCONNECTED && *count < room)
        broken[(*count)++] = (broken_t){fd, false};
}

int
tk_connections_read (tk_server_t *self, tk_port_t *port)
{
    broken_t broken[64];
    size_t count = 0;
    uint16_t event;
    uint32_t fd;
    while (count < 64 && tk_monitor_next (&port->monitor, &event, &fd))
        note (broken, &count, 64, event, fd);
    if (!count)
        return 0;
    tk_registry_lock (self->registry);
    for (size_t i = 0; i < count; i++) {
        end_foreign (self, port, (int)broken[i].fd);
        if (!broken[i].reused)
            suspect_sessions (self, port, (int)broken[i].fd);
    }
    tk_registry_unlock (self->registry);
    return (int)count;
}
