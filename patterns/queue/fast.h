/* SPDX-License-Identifier: MPL-2.0 */
/*
 * fast.h - the fast path of a queue that this process serves: threads put
 * to and take from its row without the manager's lock.
 *
 * Each end of the row has a turnstile and a gate. While the object's own code
 * runs, it holds both (freeze); afterwards it opens the gates whose
 * side needs nothing of it: nobody waits, nothing has to be noted. Whoever
 * finds a gate closed calls the object.
 * Invariant: what the fast path does, in the order of the turnstiles, is what
 * the same calls of the object would have done.
 */
#ifndef TK_QUEUE_FAST_H
#define TK_QUEUE_FAST_H

#include <stdbool.h>
#include "row.h"

typedef struct tk_fast tk_fast_t;
/* One of the threads that take. */
typedef struct tk_fast_taker tk_fast_taker_t;

/* One reference: the object's, and one for each handle. */
tk_fast_t *tk_fast_new (void);
tk_fast_t *tk_fast_ref (tk_fast_t *self);
void tk_fast_unref (tk_fast_t *self); /* NULL is fine */

/* --- for the object, under the manager's lock */

/* What came and went by the fast path since the last freeze. */
typedef struct {
    uint64_t puts;
    uint64_t gets;
} tk_fast_tally_t;
tk_fast_tally_t tk_fast_freeze (tk_fast_t *self);

/* limit: items that the row may hold, 0 when puts must call the object. */
void tk_fast_thaw (tk_fast_t *self, uint64_t limit, bool gets);

/* Between the two: the items that wait, and those that went out and that
 * their takers have not confirmed. */
tk_row_t *tk_fast_row (tk_fast_t *self);
size_t tk_fast_held (const tk_fast_t *self);
/* This thread has left. */
void tk_fast_forget (tk_fast_t *self, uint64_t owner);
/* The calling thread is owner, and may take from now on. */
void tk_fast_enlist (tk_fast_t *self, uint64_t owner);

/* --- for handles */

/* How many of the runs went in; their references are the row's then. */
bool tk_fast_put_one (tk_fast_t *self, tk_slab_t *slab, uint32_t offset,
                      uint32_t size);
size_t tk_fast_put (tk_fast_t *self, const tk_run_t *runs, size_t count);

/* The calling thread; NULL when it is not enlisted. */
tk_fast_taker_t *tk_fast_me (const tk_fast_t *self);

/* How many were there, of at most max. What this thread took here before is
 * confirmed. *number: of the first. */
size_t tk_fast_take (tk_fast_t *self, tk_fast_taker_t *me, tk_run_t *runs,
                     size_t max, uint64_t *number);
/* What this thread took here is confirmed. */
void tk_fast_taker_confirm (tk_fast_taker_t *self);
/* Whether its last items may have come by a call; forgotten. */
bool tk_fast_taker_owes (tk_fast_taker_t *self);

/* Looks for a moment whether there will be an item, or room: another thread
 * that is at work is sooner than the kernel would wake this one. */
bool tk_fast_await_item (tk_fast_t *self);
bool tk_fast_await_room (tk_fast_t *self);

/* This thread is about to call the object, which confirms what it took
 * before; takes: for items, which its next call confirms. */
void tk_fast_taker_calls (tk_fast_taker_t *self, bool takes);

#endif
