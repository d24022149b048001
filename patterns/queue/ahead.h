/* SPDX-License-Identifier: MPL-2.0 */
/*
 * ahead.h - items that a queue handed ahead of need to its only taker.
 *
 * They are the first of the store and stay there until they are started:
 * the taker counts them in a word shared with it, and whoever else asks the
 * queue for anything has them back by one store into that word.
 */
#ifndef TK_QUEUE_AHEAD_H
#define TK_QUEUE_AHEAD_H

#include <czmq.h>
#include "lib/base/clock.h"
#include "lib/base/tally.h"

/* An owner that has fetched, and the word that it counts in. */
typedef struct {
    uint64_t owner;
    tk_tally_t *tally;
    unsigned index;
    tk_word_t *word;
} tk_taker_t;

typedef struct {
    zhashx_t *takers;  /* by &owner; NULL until there is one */
    tk_taker_t *taker; /* who holds items now, or NULL */
    uint32_t count;    /* how many were handed ahead */
    uint32_t started;  /* of them, as far as known; out of the store */
    uint64_t number;   /* of the delivery before the first of them */
    uint64_t latest;   /* the owner that fetched last */
    size_t window;     /* how many items it gets at once */
    bool used_up;      /* it started all that it had been given */
    tk_time_t since;   /* when it got them */
} tk_ahead_t;

#endif
