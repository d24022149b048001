/* SPDX-License-Identifier: MPL-2.0 */
/*
 * latch.c - the slow way into a latch.
 *
 * Sleeps at last, and does not only yield: a thread of a higher priority
 * would keep the holder from running by that.
 */
#include "lib/base/latch.h"

#include <sched.h>
#include <time.h>

enum { SPINS = 40, YIELDS = 20, SLEEP_NS = 50000 };

static bool
try_lock (tk_latch_t *self)
{
    return !atomic_load_explicit (&self->held, memory_order_relaxed) &&
           !atomic_exchange_explicit (&self->held, true, memory_order_acquire);
}

void
tk_back_off (int i)
{
    struct timespec moment = {.tv_nsec = SLEEP_NS};
    if (i < SPINS)
        tk_pause ();
    else if (i < SPINS + YIELDS)
        sched_yield ();
    else
        nanosleep (&moment, NULL);
}

void
tk_latch_wait (tk_latch_t *self)
{
    for (int i = 0; !try_lock (self); i++)
        tk_back_off (i);
}
