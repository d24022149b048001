/* SPDX-License-Identifier: MPL-2.0 */
/*
 * waiter.h - calls that wait in line for something of an object.
 *
 * Runs under the manager's lock. A waiter is in exactly one line, and its
 * call is deferred, until one of two things happens, once: the object takes
 * it from the line (pop) and answers the call, or the call's cancel takes it
 * out (leave). Lines are in order of arrival.
 */
#ifndef TK_OBJECT_WAITER_H
#define TK_OBJECT_WAITER_H

#include <stddef.h>
#include <troika/object.h>
#include "lib/base/list.h"

/* The first member of a block from tk_waiter_new(). */
typedef struct {
    tk_link_t link;
    troika_call_t *call;
    void *object; /* whose line it is */
} tk_waiter_t;

typedef void (*tk_cancel_fn) (troika_call_t *call, void *waiter);

/* A block of size bytes that begins with a waiter, zeroed, in no line yet;
 * NULL with ENOMEM. */
void *tk_waiter_new (size_t size, troika_call_t *call, void *object);

/* Takes it out of its line and frees it; returns its object. */
void *tk_wait_leave (tk_waiter_t *self);

/* Defers call at the end of line; cancel gets its waiter as context and must
 * let it leave. 0, or -1 with ENOMEM: what a handler returns. */
int tk_wait (tk_link_t *line, troika_call_t *call, void *object,
             tk_cancel_fn cancel);

/* Takes the oldest out of line and frees its waiter: its call, to be
 * answered; NULL when nobody waits. */
troika_call_t *tk_waiters_pop (tk_link_t *line);

size_t tk_waiters_count (const tk_link_t *line);

/* An array of the callers' owner numbers; NULL with ENOMEM. */
troika_msg_t *tk_waiters_owners (const tk_link_t *line);

/* Frees what is left when the object is destroyed: their calls are over. */
void tk_waiters_fini (tk_link_t *line);

/* Answers a call whose wait is over for reason, in words: "lock 'a' is still
 * held by another after 200 ms" for a deadline, the usual ones else. */
void tk_wait_failed (troika_call_t *call, int reason, const char *kind,
                     const char *state);

#endif
