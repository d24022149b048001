/* SPDX-License-Identifier: MPL-2.0 */
/*
 * watch.h - waits for many descriptors at once, at a cost that does not grow
 * with their number.
 *
 * watch_linux.c has it by epoll, watch_posix.c by poll. Belongs to one thread.
 * A source is removed before its descriptor is closed: a forked child may
 * have a copy of that, which would go on telling.
 */
#ifndef TK_BASE_WATCH_H
#define TK_BASE_WATCH_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include "clock.h"
#include "list.h"

/* One descriptor. Zeroed is not watched. */
typedef struct {
    tk_link_t link; /* in watch->ready */
    bool *told;     /* set instead of being put there; or NULL */
    bool asks;      /* a stream socket: who is there asks and is answered */
    int fd;
    short events; /* POLLIN, POLLOUT; 0: nothing for now */
    bool watched;
    size_t index; /* watch_posix.c: in the set */
} tk_source_t;

typedef struct {
    int fd;            /* watch_linux.c */
    tk_source_t timer; /* likewise; its fd is -1: there is none */
    tk_time_t limit;   /* likewise: what the timer is set to */
    tk_source_t *lone; /* likewise: that told alone at last; or NULL */
    int usual_eighths; /* likewise: how long it was waited for, in us */
    tk_source_t early; /* likewise: its descriptor again; or its fd is -1 */
    int credit;        /* likewise: of early, which it earns and loses */
    int rest;          /* likewise: for so many questions there is none */
    tk_link_t ready;   /* sources that have something, for the owner to take */
    size_t count;      /* watch_posix.c: the set, and whose it is */
    size_t room;
    struct pollfd *set;
    tk_source_t **sources;
} tk_watch_t;

/* 0, -EMFILE, -ENOMEM. */
int tk_watch_init (tk_watch_t *self);
void tk_watch_fini (tk_watch_t *self);

/* A source with its fd and told set; or one without descriptor (-1), which
 * never has anything. 0, -ENOMEM, -ENOSPC. */
int tk_watch_add (tk_watch_t *self, tk_source_t *source, short events);
void tk_watch_change (tk_watch_t *self, tk_source_t *source, short events);
void tk_watch_remove (tk_watch_t *self, tk_source_t *source);

/* Waits until a source has something, an error too, or the deadline. It may
 * return before. */
void tk_watch_wait (tk_watch_t *self, tk_time_t deadline);

static inline void
tk_source_tell (tk_watch_t *watch, tk_source_t *source)
{
    if (source->told)
        *source->told = true;
    else if (tk_list_empty (&source->link))
        tk_list_append (&watch->ready, &source->link);
}

#endif
