/* SPDX-License-Identifier: MPL-2.0 */
/*
 * turnstile.c - the ways through a turnstile that has no owner, or another.
 *
 * Ending an ownership costs a barrier in all threads, a few microseconds, so
 * that one begins only after HABIT times: of many threads in turn none
 * becomes an owner, and what is lost is a small part in any case.
 */
#include "lib/base/turnstile.h"

enum { HABIT = 1000 };

static uintptr_t
me (void)
{
    return (uintptr_t)tk_hazards;
}

/* The owner itself, if it comes this way, is not inside. */
static void
lock (tk_turnstile_t *self)
{
    tk_latch_lock (&self->latch);
    uintptr_t owner = atomic_load (&self->owner);
    if (owner) {
        atomic_store (&self->owner, 0);
        if (owner != me ())
            tk_hazard_await (self, TK_NEVER);
    }
    self->by_latch = true;
}

void
tk_turnstile_lock_shared (tk_turnstile_t *self)
{
    lock (self);
    self->times = 0;
}

void
tk_turnstile_lock_slowly (tk_turnstile_t *self)
{
    lock (self);
    self->times = self->last == me () ? self->times + 1 : 0;
    self->last = me ();
}

void
tk_turnstile_unlock_latch (tk_turnstile_t *self)
{
    self->by_latch = false;
    if (self->times >= HABIT) {
        self->times = 0;
        atomic_store (&self->owner, self->last);
    }
    tk_latch_unlock (&self->latch);
}
