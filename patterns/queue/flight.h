/* SPDX-License-Identifier: MPL-2.0 */
/*
 * flight.h - items that have been handed out and may still come back.
 *
 * Each delivery has a number. It ends by confirmation or by return, once.
 */
#ifndef TK_QUEUE_FLIGHT_H
#define TK_QUEUE_FLIGHT_H

#include <stdbool.h>
#include <stddef.h>
#include "item.h"

typedef struct tk_flights tk_flights_t;

tk_flights_t *tk_flights_new (void);
void tk_flights_destroy (tk_flights_t **self_p);
size_t tk_flights_count (const tk_flights_t *self);

/* Notes a delivery to owner, of count items that lie together from item on,
 * with a number each: the first of these, or 0 when memory is short. The
 * references are taken over. */
uint64_t tk_flights_add (tk_flights_t *self, uint64_t owner,
                         const tk_item_t *item, uint32_t count);

/* The same under numbers that were passed over before. 0 or -ENOMEM. */
int tk_flights_add_as (tk_flights_t *self, uint64_t owner, uint64_t number,
                       const tk_item_t *item, uint32_t count);
/* The next so many numbers are given out elsewhere. */
void tk_flights_skip (tk_flights_t *self, uint32_t count);

/* Takes one delivery of a single item off, which is given. */
bool tk_flights_take (tk_flights_t *self, uint64_t number, tk_item_t *item);

/* Takes off what this owner has of its newest delivery, from that number on;
 * how many, or 0: no newer one has that number. */
uint32_t tk_flights_take_of (tk_flights_t *self, uint64_t owner, uint64_t from,
                             tk_item_t *item);

/* Lets go of all that this owner has. */
void tk_flights_confirm (tk_flights_t *self, uint64_t owner);

#endif
