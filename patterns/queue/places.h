/* SPDX-License-Identifier: MPL-2.0 */
/*
 * places.h - free places of a bounded queue that are reserved for putters.
 *
 * A putter counts each place that it uses in a word shared with the queue
 * and casts the item; what it has not used the queue has back at any moment.
 */
#ifndef TK_QUEUE_PLACES_H
#define TK_QUEUE_PLACES_H

#include <czmq.h>
#include "lib/base/list.h"
#include "lib/base/tally.h"

/* An owner that has put by put_ahead, and its word. */
typedef struct {
    tk_link_t link; /* in places->granted, while it may use more */
    uint64_t owner;
    tk_tally_t *tally;
    unsigned index;
    tk_word_t *word;
    uint64_t limit;   /* places that are its own, used or not */
    uint64_t arrived; /* items in them that are in the store */
    size_t window;    /* how many places it gets at once */
} tk_putter_t;

typedef struct {
    zhashx_t *putters; /* by &owner; NULL until there is one */
    tk_link_t granted;
    uint64_t reserved; /* places without an item in the store yet */
} tk_places_t;

#endif
