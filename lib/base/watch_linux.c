/* SPDX-License-Identifier: MPL-2.0 */
/*
 * watch_linux.c - waits for many descriptors by epoll.
 *
 * Told by level: a source that was not read to its end is ready again.
 *
 * Cores that sleep need long to wake up. So while one source asks all the
 * time, and no other, the thread is woken early: when the answer is read over
 * there, which a copy of the descriptor tells, by edge. It stays in here, and
 * is awake when the next question comes.
 */
#include "lib/base/sys.h"
#if TK_SYS_LINUX

#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <unistd.h>
#include "mechanism.h"
#include "watch.h"

#define TOLD_MAX 64
/* How long one waits for the next question of who has slept, too; and what
 * counts as no longer than that. */
#define SLEEPY_MIN_US 12
#define SLEEPY_MAX_US 60
#define UNUSUAL_US 200
/* What waking early earns when it is of use, at most; and for how many
 * questions it rests when it has lost that. One in three may be in vain. */
#define CREDIT_MAX 16
#define REST 1000

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

static void
early_stop (tk_watch_t *self)
{
    if (self->early.fd < 0)
        return;
    epoll_ctl (self->fd, EPOLL_CTL_DEL, self->early.fd, NULL);
    close (self->early.fd);
    self->early.fd = -1;
}

static void
early_start (tk_watch_t *self)
{
    struct epoll_event event = {.events = EPOLLOUT | EPOLLET,
                                .data.ptr = &self->early};
    if (self->early.fd >= 0 || !tk_mechanism (TK_MECHANISM_EARLY))
        return;
    self->early.fd = fcntl (self->lone->fd, F_DUPFD_CLOEXEC, 0);
    if (self->early.fd >= 0 &&
        epoll_ctl (self->fd, EPOLL_CTL_ADD, self->early.fd, &event))
        early_stop (self);
}

static void
set_lone (tk_watch_t *self, tk_source_t *source)
{
    early_stop (self);
    self->lone = source;
    self->usual_eighths = 0;
    self->credit = CREDIT_MAX;
    self->rest = 0;
}

/* It was of use if the question was there when the thread was awake. Who
 * thinks before he asks makes it sleep again. */
static void
early_judge (tk_watch_t *self, bool of_use)
{
    self->credit += of_use ? 1 : -2;
    if (self->credit > CREDIT_MAX)
        self->credit = CREDIT_MAX;
    if (self->credit > 0)
        return;
    early_stop (self);
    self->credit = CREDIT_MAX;
    self->rest = REST;
}

/* Alone, the source has told after so long. Where both sides share a core,
 * and where others are served, being woken early is in vain. */
static void
note_lone (tk_watch_t *self, tk_source_t *source, tk_time_t waited)
{
    if (source != self->lone)
        set_lone (self, source->asks ? source : NULL);
    if (!self->lone || (self->rest && self->rest--))
        return;
    if (waited > UNUSUAL_US)
        waited = UNUSUAL_US;
    self->usual_eighths += (int)waited - self->usual_eighths / 8;
    int usual_us = self->usual_eighths / 8;
    if (usual_us >= SLEEPY_MIN_US && usual_us <= SLEEPY_MAX_US)
        early_start (self);
    else
        early_stop (self);
}

/* Without a timer, limits are those of epoll: milliseconds. */
int
tk_watch_init (tk_watch_t *self)
{
    *self = (tk_watch_t){.fd = epoll_create1 (EPOLL_CLOEXEC),
                         .timer.fd = -1,
                         .early.fd = -1,
                         .limit = TK_NEVER};
    if (self->fd < 0)
        return -errno;
    tk_list_init (&self->ready);
    self->timer.fd = tk_sys_timer ();
    return tk_watch_add (self, &self->timer, POLLIN);
}

void
tk_watch_fini (tk_watch_t *self)
{
    early_stop (self);
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
    if (self->lone == source)
        set_lone (self, NULL);
    control (self, EPOLL_CTL_DEL, source);
    tk_list_remove (&source->link);
    source->watched = false;
}

/* The timer is set again only for an earlier time than it has: a limit that
 * is set and taken back with each wait would cost as much as reading a call.
 * So a wait may end before its deadline with nothing. */
static int
limit (tk_watch_t *self, tk_time_t deadline, tk_time_t now)
{
    if (self->timer.fd < 0 || deadline == TK_NEVER || deadline <= now)
        return tk_deadline_poll (deadline);
    if (deadline < self->limit) {
        tk_sys_timer_set (self->timer.fd, deadline - now);
        self->limit = deadline;
    }
    return -1;
}

/* Whether it was a source that one waits for. */
static bool
tell (tk_watch_t *self, tk_source_t *source)
{
    if (source == &self->early) {
        early_judge (self, true);
        return false;
    }
    if (source != &self->timer) {
        tk_source_tell (self, source);
        return true;
    }
    tk_sys_timer_lower (self->timer.fd);
    self->limit = TK_NEVER;
    return false;
}

/* Goes on waiting when it was only woken early. */
static int
wait_for (tk_watch_t *self, struct epoll_event *told, int timeout)
{
    int count = epoll_wait (self->fd, told, TOLD_MAX, timeout);
    while (timeout < 0 && count == 1 && told->data.ptr == &self->early) {
        early_judge (self, false);
        count = epoll_wait (self->fd, told, TOLD_MAX, timeout);
    }
    return count;
}

void
tk_watch_wait (tk_watch_t *self, tk_time_t deadline)
{
    struct epoll_event told[TOLD_MAX];
    tk_time_t since = tk_clock_us ();
    int count = wait_for (self, told, limit (self, deadline, since));
    tk_source_t *source = NULL;
    int sources = 0;
    for (int i = 0; i < count; i++)
        if (tell (self, told[i].data.ptr)) {
            source = told[i].data.ptr;
            sources++;
        }
    if (sources == 1)
        note_lone (self, source, tk_clock_us () - since);
    else if (sources)
        set_lone (self, NULL);
}

#endif
