/* SPDX-License-Identifier: MPL-2.0 */
/*
 * watch_linux.c - waits for many descriptors by epoll.
 *
 * Told by level: a source that was not read to its end is ready again.
 */
#include "lib/base/sys.h"
#if TK_SYS_LINUX

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>
#include "watch.h"

#define TOLD_MAX 64

/* The bits of EPOLLIN and EPOLLOUT are those of poll. */
static int
control (tk_watch_t *self, int operation, tk_source_t *source)
{
    struct epoll_event event = {.events = (uint32_t)source->events,
                                .data.ptr = source};
    return epoll_ctl (self->fd, operation, source->fd, &event) ? -errno : 0;
}

int
tk_watch_add (tk_watch_t *self, tk_source_t *source, short events)
{
    tk_list_init (&source->link);
    source->events = events;
    source->watched = false;
    if (source->fd < 0)
        return 0;
    int rc = control (self, EPOLL_CTL_ADD, source);
    source->watched = !rc;
    return rc;
}

/* Without a timer, limits are those of epoll: milliseconds. */
int
tk_watch_init (tk_watch_t *self)
{
    *self =
        (tk_watch_t){.fd = epoll_create1 (EPOLL_CLOEXEC), .limit = TK_NEVER};
    if (self->fd < 0)
        return -errno;
    tk_list_init (&self->ready);
    self->timer.fd = tk_sys_timer ();
    return tk_watch_add (self, &self->timer, POLLIN);
}

void
tk_watch_fini (tk_watch_t *self)
{
    if (self->fd >= 0)
        close (self->fd);
    if (self->timer.fd >= 0)
        close (self->timer.fd);
    self->fd = self->timer.fd = -1;
}

void
tk_watch_change (tk_watch_t *self, tk_source_t *source, short events)
{
    if (!source->watched || source->events == events)
        return;
    source->events = events;
    control (self, EPOLL_CTL_MOD, source);
}

void
tk_watch_remove (tk_watch_t *self, tk_source_t *source)
{
    if (!source->watched)
        return;
    control (self, EPOLL_CTL_DEL, source);
    tk_list_remove (&source->link);
    source->watched = false;
}

/* The timer is set again only for an earlier time than it has: a limit that
 * is set and taken back with each wait would cost as much as reading a call.
 * So a wait may end before its deadline with nothing. */
static int
limit (tk_watch_t *self, tk_time_t deadline)
{
    tk_time_t now = tk_clock_us ();
    if (self->timer.fd < 0 || deadline == TK_NEVER || deadline <= now)
        return tk_deadline_poll (deadline);
    if (deadline < self->limit) {
        tk_sys_timer_set (self->timer.fd, deadline - now);
        self->limit = deadline;
    }
    return -1;
}

static void
tell (tk_watch_t *self, tk_source_t *source)
{
    if (source != &self->timer) {
        tk_source_tell (self, source);
        return;
    }
    tk_sys_timer_lower (self->timer.fd);
    self->limit = TK_NEVER;
}

void
tk_watch_wait (tk_watch_t *self, tk_time_t deadline)
{
    struct epoll_event told[TOLD_MAX];
    int count = epoll_wait (self->fd, told, TOLD_MAX, limit (self, deadline));
    for (int i = 0; i < count; i++)
        tell (self, told[i].data.ptr);
}

#endif
