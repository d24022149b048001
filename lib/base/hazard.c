/* SPDX-License-Identifier: MPL-2.0 */
/*
 * hazard.c - the records of hazard.h, and waiting until nobody is inside.
 *
 * Records are never freed: another thread takes what one left behind, so
 * there are as many as there were threads at once. The list only grows, at
 * its front; it is read without a lock. A forked child goes on with its one
 * thread's records; those of the others are free for all.
 * A count in each object was refused: threads that use one object would pass
 * its cache line around, twice for each call.
 */
#include "lib/base/hazard.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include "lib/base/sys.h"

enum { LINE = 64 };
_Static_assert(sizeof (tk_hazards_t) <= LINE, "a record is one cache line");

TK_THREAD_LOCAL tk_hazards_t *tk_hazards;
atomic_uint tk_hazard_awaits;
static atomic_uint departures; /* changes when somebody left, if awaited */
static _Atomic (tk_hazards_t *) all;
static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void
clear (tk_hazards_t *record)
{
    for (int i = 0; i < TK_HAZARDS; i++)
        atomic_store (&record->objects[i], 0);
    record->depth = 0;
    record->outer = NULL;
    atomic_store (&record->used, false);
}

static void
tell_departure (void)
{
    atomic_fetch_add (&departures, 1);
    tk_sys_wake (&departures);
}

/* The thread ends; if it was cancelled, inside of something. */
static void
give_all_back (void *unused)
{
    (void)unused;
    tk_hazards_t *record = tk_hazards;
    tk_hazards = NULL;
    while (record) {
        tk_hazards_t *outer = record->outer;
        clear (record);
        record = outer;
    }
    tell_departure ();
}

static void
start (void)
{
    pthread_key_create (&key, give_all_back);
    tk_fence_start ();
}

static tk_hazards_t *
find_unused (void)
{
    for (tk_hazards_t *at = atomic_load (&all); at; at = at->next) {
        bool used = atomic_load (&at->used);
        if (!used && atomic_compare_exchange_strong (&at->used, &used, true))
            return at;
    }
    return NULL;
}

static tk_hazards_t *
make (void)
{
    tk_hazards_t *self = aligned_alloc (LINE, LINE);
    if (!self)
        return NULL;
    for (int i = 0; i < TK_HAZARDS; i++)
        atomic_init (&self->objects[i], 0);
    atomic_init (&self->used, true);
    self->depth = 0;
    self->outer = NULL;
    self->next = atomic_load (&all);
    while (!atomic_compare_exchange_weak (&all, &self->next, self))
        ;
    return self;
}

tk_hazards_t *
tk_hazard_more (void)
{
    pthread_once (&once, start);
    tk_hazards_t *more = find_unused ();
    if (!more)
        more = make ();
    if (!more)
        return NULL;
    more->outer = tk_hazards;
    tk_hazards = more;
    pthread_setspecific (key, more);
    return more;
}

void
tk_hazard_left (void)
{
    tk_hazards_t *mine = tk_hazards;
    if (!mine->depth && mine->outer) {
        tk_hazards = mine->outer;
        clear (mine);
    }
    if (atomic_load (&tk_hazard_awaits))
        tell_departure ();
}

static bool
is_inside (const void *object)
{
    for (tk_hazards_t *at = atomic_load (&all); at; at = at->next)
        for (int i = 0; i < TK_HAZARDS; i++)
            if (atomic_load (&at->objects[i]) == (uintptr_t)object)
                return true;
    return false;
}

/* Invariant: a departure is told to all who began to wait before it. */
bool
tk_hazard_await (const void *object, tk_time_t deadline)
{
    int rc = 0;
    bool inside;
    atomic_fetch_add (&tk_hazard_awaits, 1);
    tk_fence_all ();
    for (;;) {
        unsigned seen = atomic_load (&departures);
        inside = is_inside (object);
        if (!inside || rc == -ETIMEDOUT)
            break;
        rc = tk_sys_wait (&departures, seen, deadline);
    }
    atomic_fetch_sub (&tk_hazard_awaits, 1);
    return !inside;
}

void
tk_hazard_child (void)
{
    const tk_hazards_t *mine = tk_hazards;
    for (tk_hazards_t *at = atomic_load (&all); at; at = at->next) {
        for (mine = tk_hazards; mine && mine != at; mine = mine->outer)
            ;
        if (!mine)
            clear (at);
    }
    atomic_store (&tk_hazard_awaits, 0);
    tk_fence_child ();
}
