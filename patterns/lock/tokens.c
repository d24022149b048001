/* SPDX-License-Identifier: MPL-2.0 */
/*
 * tokens.c - remembers tokens by thread.
 *
 * One mutex for all locks of the process: it is held for a few instructions
 * and taken twice for each acquire and release, which are calls. Threads are
 * told apart by a number of ours, because the system's may be used again.
 */
#include "patterns/lock/tokens.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include "lib/base/runtime.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void
lock (void)
{
    pthread_mutex_lock (&mutex);
}

static void
unlock (void)
{
    pthread_mutex_unlock (&mutex);
}

static void
renew (void)
{
    pthread_mutex_init (&mutex, NULL);
}

int
tk_tokens_start (void)
{
    static const tk_module_t module = {.phase = TK_PHASE_CLIENT,
                                       .prepare = lock,
                                       .parent = unlock,
                                       .child = renew};
    return tk_module (&module);
}

static uint64_t
this_thread (void)
{
    static atomic_uint_least64_t last;
    static _Thread_local uint64_t number;
    if (!number)
        number = atomic_fetch_add (&last, 1) + 1;
    return number;
}

/* Its place, or count. */
static size_t
find (const tk_tokens_t *self, uint64_t thread)
{
    size_t i = 0;
    while (i < self->count && self->held[i].thread != thread)
        i++;
    return i;
}

static void
drop (tk_tokens_t *self, size_t at)
{
    self->count--;
    memmove (&self->held[at], &self->held[at + 1],
             (self->count - at) * sizeof self->held[0]);
}

static void
add (tk_tokens_t *self, uint64_t thread, uint64_t token)
{
    size_t at = find (self, thread);
    if (at < self->count)
        drop (self, at);
    else if (self->count == TK_TOKENS_MAX)
        drop (self, 0);
    self->held[self->count].thread = thread;
    self->held[self->count++].token = token;
    if (self->latest < token)
        self->latest = token;
}

void
tk_tokens_add (tk_tokens_t *self, uint64_t token)
{
    uint64_t thread = this_thread ();
    lock ();
    add (self, thread, token);
    unlock ();
}

uint64_t
tk_tokens_find (const tk_tokens_t *self)
{
    uint64_t thread = this_thread ();
    lock ();
    size_t at = find (self, thread);
    uint64_t token = at < self->count ? self->held[at].token : self->latest;
    unlock ();
    return token;
}

void
tk_tokens_remove (tk_tokens_t *self, uint64_t token)
{
    lock ();
    for (size_t i = self->count; i-- > 0;)
        if (self->held[i].token == token)
            drop (self, i);
    if (self->latest == token)
        self->latest = 0;
    unlock ();
}
