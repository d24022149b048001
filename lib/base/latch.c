/* SPDX-License-Identifier: MPL-2.0 */
/*
 * latch.c - the slow way into a latch.
 *
 * Whoever has slept leaves it CROWDED when it gets in, since others may
 * still sleep: at worst one wake-up too many.
 */
#include "lib/base/latch.h"

#define SPINS 40

void
tk_latch_wait (tk_latch_t *self)
{
    for (int i = 0; i < SPINS; i++) {
        unsigned is_free = TK_LATCH_FREE;
        if (atomic_load_explicit (&self->word, memory_order_relaxed) ==
                TK_LATCH_FREE &&
            atomic_compare_exchange_strong_explicit (
                &self->word, &is_free, TK_LATCH_HELD, memory_order_acquire,
                memory_order_relaxed))
            return;
        tk_pause ();
    }
    while (atomic_exchange_explicit (&self->word, TK_LATCH_CROWDED,
                                     memory_order_acquire) != TK_LATCH_FREE)
        tk_sys_wait (&self->word, TK_LATCH_CROWDED, TK_NEVER);
}
