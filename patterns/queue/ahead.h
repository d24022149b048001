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
#include "lib/object/alarm.h"

/* An owner that has fetched, and the word that it counts in. */
typedef struct {
    uint64_t owner;
    tk_tally_t *tally;
    unsigned index;
    tk_word_t *word;
    size_t window;   /* how many items it gets at once */
    bool used_up;    /* it was given as many, and started all of them */
    bool quick;      /* it comes again soon */
    bool wanted;     /* others waited for the end of its turn */
    tk_time_t since; /* when it was answered last */
} tk_taker_t;

typedef struct {
    zhashx_t *takers;  /* by &owner; NULL until there is one */
    tk_taker_t *taker; /* who holds items now, or NULL */
    uint32_t count;    /* how many were handed ahead */
    uint32_t started;  /* of them, as far as known; out of the store */
    uint64_t number;   /* of the delivery before the first of them */
    uint64_t latest;   /* the owner that fetched last */
    bool wanted;       /* others wait until it has started them */
    unsigned singly;   /* nothing is handed ahead at present: how often */
    tk_alarm_t alarm;  /* when its turn ends at the latest */
} tk_ahead_t;

#endif
