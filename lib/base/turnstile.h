/* SPDX-License-Identifier: MPL-2.0 */
/*
 * turnstile.h - a latch that costs a thread nothing which alone uses it.
 *
 * After HABIT times in a row the thread is its owner, and then only tells
 * that it is inside, by a plain store to a record of its own (hazard.h), and
 * looks whether it still is the owner. Whoever else comes takes the latch,
 * ends the ownership and waits until nobody tells that it is inside. So the
 * owner sees that it no longer is, or is waited for; and who steps back takes
 * back its own word only, which keeps nobody else's from being seen. One word
 * in the turnstile was refused: a former owner would erase the next one's.
 * Invariant: who has the latch is alone, once it has ended the ownership. A
 * thread becomes the owner by itself alone, while it has the latch, so that
 * none can find itself the owner again between its word and its look.
 */
#ifndef TK_BASE_TURNSTILE_H
#define TK_BASE_TURNSTILE_H

#include "hazard.h"
#include "latch.h"

typedef struct {
    atomic_uintptr_t owner; /* the record of its thread, or 0 */
    tk_latch_t latch;
    /* Of whoever is inside: */
    bool by_latch;  /* it came that way */
    unsigned times; /* in a row that last came */
    uintptr_t last; /* a record, as in owner */
} tk_turnstile_t;   /* zeroed is free */

void tk_turnstile_lock_slowly (tk_turnstile_t *self);
/* For who comes seldom: also forgets who came how often. */
void tk_turnstile_lock_shared (tk_turnstile_t *self);
void tk_turnstile_unlock_latch (tk_turnstile_t *self);

/* A record that was given back is another thread's, or this one's later, but
 * never two threads' at once; who takes it over sees what was done before. */
static inline bool
tk_turnstile_lock_own (tk_turnstile_t *self)
{
    uintptr_t me = (uintptr_t)tk_hazards;
    if (!me ||
        atomic_load_explicit (&self->owner, memory_order_relaxed) != me ||
        !tk_hazard_enter (self))
        return false;
    if (atomic_load (&self->owner) == me)
        return true;
    tk_hazard_leave ();
    return false;
}

/* A thread that is inside nothing else may never become the owner. */
static inline void
tk_turnstile_lock (tk_turnstile_t *self)
{
    if (!tk_turnstile_lock_own (self))
        tk_turnstile_lock_slowly (self);
}

static inline void
tk_turnstile_unlock (tk_turnstile_t *self)
{
    if (self->by_latch)
        tk_turnstile_unlock_latch (self);
    else
        tk_hazard_leave ();
}

#endif
