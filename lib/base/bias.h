/* SPDX-License-Identifier: MPL-2.0 */
/*
 * bias.h - a lock that one thread takes all the time and others seldom.
 *
 * Its owner tells that it is inside by a plain store; the others pay for that
 * with a barrier in all threads (fence.h), and exclude each other by a mutex.
 * Who the owner is, its users know; it may be another thread once the old one
 * has left for good. Not recursive.
 * Invariant: whoever has told that it is inside, or wants to be, then looks
 * at what the other side has told, and the owner is the one who steps back.
 */
#ifndef TK_BASE_BIAS_H
#define TK_BASE_BIAS_H

#include <pthread.h>
#include "fence.h"

typedef struct {
    atomic_uintptr_t inside; /* 1: the owner is */
    atomic_bool wanted;      /* by one of the others, who has the mutex */
    pthread_mutex_t others;
} tk_bias_t;

void tk_bias_init (tk_bias_t *self);
void tk_bias_fini (tk_bias_t *self);

/* For all but the owner. */
void tk_bias_lock (tk_bias_t *self);
void tk_bias_unlock (tk_bias_t *self);

/* The owner's way in when one of the others is inside, or wants to be. */
void tk_bias_step_back (tk_bias_t *self);

static inline void
tk_bias_lock_own (tk_bias_t *self)
{
    tk_fence_store (&self->inside, 1);
    if (atomic_load (&self->wanted))
        tk_bias_step_back (self);
}

static inline void
tk_bias_unlock_own (tk_bias_t *self)
{
    atomic_store_explicit (&self->inside, 0, memory_order_release);
}

#endif
