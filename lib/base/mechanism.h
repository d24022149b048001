/* SPDX-License-Identifier: MPL-2.0 */
/*
 * mechanism.h - what makes Troika quick, and how each is turned off.
 *
 * A mechanism changes nothing that anybody can see but the time it takes:
 * the tests pass without it, too. So each has a switch, to look for faults
 * with: TROIKA_POOL=0 in the environment of a process turns one off there.
 */
#ifndef TK_BASE_MECHANISM_H
#define TK_BASE_MECHANISM_H

#include <stdatomic.h>
#include <stdbool.h>

typedef enum {
    TK_MECHANISM_BATCH,  /* casts and documents of a pipe gather */
    TK_MECHANISM_DIRECT, /* calls in the manager's process need no socket */
    TK_MECHANISM_EARLY,  /* who waits is woken before there is something */
    TK_MECHANISM_FAST,   /* puts and gets there do not need its lock either */
    TK_MECHANISM_MEMBARRIER, /* threads need no barriers of their own */
    TK_MECHANISM_PLACES,     /* places of bounded queues are reserved */
    TK_MECHANISM_POOL,       /* blocks of memory are used again */
    TK_MECHANISM_PREFETCH,   /* what one is handed ahead of need, places, too */
    TK_MECHANISM_ZMTP,       /* calls need no socket of libzmq */
    TK_MECHANISMS
} tk_mechanism_t;

/* Of each: 0, when nobody has asked yet, 1: on, -1: off. */
extern atomic_int tk_mechanisms[TK_MECHANISMS]
    __attribute__ ((visibility ("hidden")));

/* Looks into the environment; what it finds there first holds for ever. */
bool tk_mechanism_ask (tk_mechanism_t which);

static inline bool
tk_mechanism (tk_mechanism_t which)
{
    int known =
        atomic_load_explicit (&tk_mechanisms[which], memory_order_relaxed);
    return known ? known > 0 : tk_mechanism_ask (which);
}

#endif
