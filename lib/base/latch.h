/* SPDX-License-Identifier: MPL-2.0 */
/*
 * latch.h - a lock for a few dozen instructions: spins a little, then
 * sleeps.
 *
 * Not recursive, and never held over a call that waits. A pthread mutex was
 * refused: taking and leaving it costs as much again as what it guards.
 */
#ifndef TK_BASE_LATCH_H
#define TK_BASE_LATCH_H

#include <stdatomic.h>
#include "sys.h"

enum { TK_LATCH_FREE, TK_LATCH_HELD, TK_LATCH_CROWDED /* somebody sleeps */ };

typedef struct {
    atomic_uint word;
} tk_latch_t; /* zeroed is free */

/* The way in when it is held. */
void tk_latch_wait (tk_latch_t *self);

static inline void
tk_latch_lock (tk_latch_t *self)
{
    unsigned is_free = TK_LATCH_FREE;
    if (!atomic_compare_exchange_strong_explicit (
            &self->word, &is_free, TK_LATCH_HELD, memory_order_acquire,
            memory_order_relaxed))
        tk_latch_wait (self);
}

static inline void
tk_latch_unlock (tk_latch_t *self)
{
    if (atomic_exchange_explicit (&self->word, TK_LATCH_FREE,
                                  memory_order_release) == TK_LATCH_CROWDED)
        tk_sys_wake_one (&self->word);
}

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
