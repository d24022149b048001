/* SPDX-License-Identifier: MPL-2.0 */
/*
 * bias.c - what is seldom of a biased lock: the others' ways, and the
 * owner's when it meets one of them.
 */
#include "lib/base/bias.h"

#include "lib/base/latch.h"

void
tk_bias_init (tk_bias_t *self)
{
    atomic_init (&self->inside, 0);
    atomic_init (&self->wanted, false);
    pthread_mutex_init (&self->others, NULL);
    tk_fence_start ();
}

void
tk_bias_fini (tk_bias_t *self)
{
    pthread_mutex_destroy (&self->others);
}

/* The owner is inside for a moment, unless its core does something else. */
static void
await_owner (tk_bias_t *self)
{
    for (int i = 0; atomic_load (&self->inside); i++)
        tk_back_off (i);
}

void
tk_bias_lock (tk_bias_t *self)
{
    pthread_mutex_lock (&self->others);
    atomic_store (&self->wanted, true);
    tk_fence_all ();
    await_owner (self);
}

void
tk_bias_unlock (tk_bias_t *self)
{
    atomic_store (&self->wanted, false);
    pthread_mutex_unlock (&self->others);
}

/* Who has the mutex knows that nobody else wants to be inside. */
void
tk_bias_step_back (tk_bias_t *self)
{
    atomic_store (&self->inside, 0);
    pthread_mutex_lock (&self->others);
    atomic_store (&self->inside, 1);
    pthread_mutex_unlock (&self->others);
}
