/* SPDX-License-Identifier: MPL-2.0 */
/*
 * watch_posix.c - waits for many descriptors by poll.
 *
 * Memory is taken when a source is added, so that waiting cannot fail.
 */
#include "lib/base/sys.h"
#if !TK_SYS_LINUX

#include <errno.h>
#include <stdlib.h>
#include "watch.h"

int
tk_watch_init (tk_watch_t *self)
{
    *self = (tk_watch_t){.fd = -1};
    tk_list_init (&self->ready);
    return 0;
}

void
tk_watch_fini (tk_watch_t *self)
{
    free (self->set);
    free (self->sources);
    self->set = NULL;
    self->sources = NULL;
    self->count = self->room = 0;
}

static int
grow (tk_watch_t *self)
{
    size_t room = self->room ? 2 * self->room : 16;
    struct pollfd *set = realloc (self->set, room * sizeof *set);
    if (!set)
        return -ENOMEM;
    self->set = set;
    tk_source_t **sources = realloc (self->sources, room * sizeof *sources);
    if (!sources)
        return -ENOMEM;
    self->sources = sources;
    self->room = room;
    return 0;
}

int
tk_watch_add (tk_watch_t *self, tk_source_t *source, short events)
{
    tk_list_init (&source->link);
    source->events = events;
    source->watched = false;
    if (source->fd < 0)
        return 0;
    if (self->count == self->room && grow (self))
        return -ENOMEM;
    source->index = self->count++;
    source->watched = true;
    self->set[source->index] = (struct pollfd){source->fd, events, 0};
    self->sources[source->index] = source;
    return 0;
}

void
tk_watch_change (tk_watch_t *self, tk_source_t *source, short events)
{
    if (!source->watched)
        return;
    source->events = events;
    self->set[source->index].events = events;
}

/* The last one takes its place. */
void
tk_watch_remove (tk_watch_t *self, tk_source_t *source)
{
    if (!source->watched)
        return;
    size_t last = --self->count;
    self->set[source->index] = self->set[last];
    self->sources[source->index] = self->sources[last];
    self->sources[source->index]->index = source->index;
    tk_list_remove (&source->link);
    source->watched = false;
}

void
tk_watch_wait (tk_watch_t *self, tk_time_t deadline)
{
    int left =
        poll (self->set, (nfds_t)self->count, tk_deadline_poll (deadline));
    for (size_t i = 0; left > 0 && i < self->count; i++)
        if (self->set[i].revents) {
            tk_source_tell (self, self->sources[i]);
            left--;
        }
}

#endif
