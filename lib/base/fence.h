/* SPDX-License-Identifier: MPL-2.0 */
/*
 * fence.h - a store that others see before its thread looks at anything
 * else, for the price of a plain one.
 *
 * Of two threads that each tell something and then look at what the other
 * has told, one at least must see it. Where one of them does so all the time
 * and the other seldom, the seldom one has the kernel put the barrier into
 * both (membarrier(2)). Without the kernel's help both do it themselves.
 * Invariant: with tk_fence_store() and a look behind it here, a store and a
 * look with tk_fence_all() in between there, one look sees the other's store.
 */
#ifndef TK_BASE_FENCE_H
#define TK_BASE_FENCE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* Whether the kernel helps; false until tk_fence_start() has asked it. */
extern atomic_bool tk_fence_is_remote __attribute__ ((visibility ("hidden")));

/* Asked once per process, and once more in a forked child. */
void tk_fence_start (void);
void tk_fence_child (void);

/* For the one side. Looks are by atomic_load() on both. */
static inline void
tk_fence_store (atomic_uintptr_t *word, uintptr_t value)
{
    if (atomic_load_explicit (&tk_fence_is_remote, memory_order_relaxed)) {
        atomic_store_explicit (word, value, memory_order_release);
        atomic_signal_fence (memory_order_seq_cst);
    } else {
        atomic_store (word, value);
    }
}

/* For the other, behind a store by atomic_store(). */
void tk_fence_all (void);

#endif
