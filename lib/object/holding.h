/* SPDX-License-Identifier: MPL-2.0 */
/*
 * holding.h - who holds a thing, how deep, and who is next: what lock, rlock
 * and condition have in common.
 *
 * Runs under the manager's lock. Invariant: while anybody is in line,
 * somebody holds. A holding ends by its last drop, by yield, or because its
 * holder is gone; then the first in line holds. Each new holding has a token
 * larger than every one before, also than those of an earlier object of the
 * same name: it starts from the wall clock, in nanoseconds, so that the
 * token of a manager that was restarted never equals an old one.
 */
#ifndef TK_OBJECT_HOLDING_H
#define TK_OBJECT_HOLDING_H

#include <stdbool.h>
#include <stdint.h>
#include "lib/object/waiter.h"

typedef struct {
    const char *kind; /* for words: "lock" */
    bool recursive;
    uint64_t owner; /* 0: free */
    uint64_t depth; /* 0: free */
    uint64_t token; /* of this holding, or the last one */
    bool abandoned; /* a holder died; the next one has not been told */
    tk_link_t line; /* claims */
} tk_holding_t;

/* A place in line. */
typedef struct tk_claim {
    tk_waiter_t waiter; /* object is the holding's */
    uint64_t depth;     /* levels that come with the holding */
    /* The caller holds now: answers the call. The claim is out of line and
     * to be freed (tk_wait_leave). */
    void (*granted) (tk_holding_t *holding, struct tk_claim *self);
} tk_claim_t;

void tk_holding_init (tk_holding_t *self, const char *kind, bool recursive);
void tk_holding_fini (tk_holding_t *self);

/* The handler of "acquire": answers [the last holder died, token] now or
 * when the caller's turn comes. */
int tk_holding_acquire (tk_holding_t *self, troika_call_t *call);

/* That answer; the death has been told with it. */
void tk_holding_tell (tk_holding_t *self, troika_call_t *call);

/* Puts a claim in line, or grants it at once: true. */
bool tk_holding_claim (tk_holding_t *self, tk_claim_t *claim);

/* Whether the caller holds; if not, the call has been failed with EPERM. */
bool tk_holding_demand (const tk_holding_t *self, troika_call_t *call);

/* Gives up one level; somebody must hold. */
void tk_holding_drop (tk_holding_t *self);

/* Gives up all levels; how many they were. */
uint64_t tk_holding_yield (tk_holding_t *self);

/* The owner is gone: if it held, the next one will be told. */
void tk_holding_forget (tk_holding_t *self, uint64_t owner);

/* A map {holder (0: free), depth, token, abandoned, waiters, waiting: [owner]};
 * NULL with ENOMEM. */
troika_msg_t *tk_holding_stat (const tk_holding_t *self);

/* The handler of "token": of the caller's holding; EPERM. */
int tk_holding_token (const tk_holding_t *self, troika_call_t *call);

#endif
