/* SPDX-License-Identifier: MPL-2.0 */
/*
 * hazard.h - which objects threads are inside of, so that one who ends an
 * object can wait until nobody is (hazard pointers, Michael).
 *
 * Each thread tells it in a record of its own by a plain store: to come and
 * to go costs nothing that other threads could disturb. Who ends an object
 * first stores, by atomic_store(), what keeps newcomers out, and then waits;
 * who comes looks at that, by atomic_load(), once it has entered.
 * Invariant: either the newcomer sees it, or it is waited for.
 */
#ifndef TK_BASE_HAZARD_H
#define TK_BASE_HAZARD_H

#include "clock.h"
#include "fence.h"
#include "thread_local.h"

/* More than that are rare: objects whose own code uses other objects. */
#define TK_HAZARDS 3

/* What one thread is inside of; one cache line. */
typedef struct tk_hazards {
    atomic_uintptr_t objects[TK_HAZARDS]; /* 0: none */
    struct tk_hazards *next;              /* in the list of all; fixed */
    atomic_bool used;                     /* by some thread */
    unsigned depth;                       /* this thread's own, as are… */
    struct tk_hazards *outer; /* …those that were entered before */
} tk_hazards_t;

extern TK_THREAD_LOCAL tk_hazards_t *tk_hazards; /* NULL: none yet */
extern atomic_uint tk_hazard_awaits              /* threads that wait */
    __attribute__ ((visibility ("hidden")));

/* Another record for this thread, which has none with room; NULL when memory
 * is short. */
tk_hazards_t *tk_hazard_more (void);
/* Somebody waits, or an outer record is to be used again. */
void tk_hazard_left (void);
void tk_hazard_child (void); /* after fork, in the child */

/* False: memory is short. */
static inline bool
tk_hazard_enter (const void *object)
{
    tk_hazards_t *mine = tk_hazards;
    if (!mine || mine->depth == TK_HAZARDS)
        mine = tk_hazard_more ();
    if (!mine)
        return false;
    tk_fence_store (&mine->objects[mine->depth++], (uintptr_t)object);
    return true;
}

/* What this thread entered last. That object may not be looked at any more:
 * it may be gone. */
static inline void
tk_hazard_leave (void)
{
    tk_hazards_t *mine = tk_hazards;
    tk_fence_store (&mine->objects[--mine->depth], 0);
    if (atomic_load (&tk_hazard_awaits) || (!mine->depth && mine->outer))
        tk_hazard_left ();
}

/* Waits until no thread is inside; whether that is so. */
bool tk_hazard_await (const void *object, tk_time_t deadline);

#endif
