/* SPDX-License-Identifier: MPL-2.0 */
/*
 * latch.h - a lock for a few dozen instructions: spins a little, then
 * lets others run.
 *
 * Not recursive, and never held over a call that waits. Leaving it is a plain
 * store, since nobody is to be woken: who finds it held for long, because its
 * holder does not run, looks again a little later. A mutex was refused:
 * taking and leaving it costs as much again as what it guards.
 */
#ifndef TK_BASE_LATCH_H
#define TK_BASE_LATCH_H

#include <stdatomic.h>
#include <stdbool.h>

typedef struct {
    atomic_bool held;
} tk_latch_t; /* zeroed is free */

/* The way in when it is held. */
void tk_latch_wait (tk_latch_t *self);

static inline void
tk_latch_lock (tk_latch_t *self)
{
    if (atomic_exchange_explicit (&self->held, true, memory_order_acquire))
        tk_latch_wait (self);
}

static inline void
tk_latch_unlock (tk_latch_t *self)
{
    atomic_store_explicit (&self->held, false, memory_order_release);
}

/* What a loop does that waits for somebody who is quick unless its core does
 * something else; i counts from 0. */
void tk_back_off (int i);

/* Tells the core that a loop waits for another one. */
static inline void
tk_pause (void)
{
#if defined __x86_64__ || defined __i386__
    __builtin_ia32_pause ();
#elif defined __aarch64__
    __asm__ volatile("yield");
#endif
}

#endif
