/* SPDX-License-Identifier: MPL-2.0 */
/* deque.h - items in a row, taken and given at both ends. */
#ifndef TK_QUEUE_DEQUE_H
#define TK_QUEUE_DEQUE_H

#include <stdbool.h>
#include <stddef.h>
#include "item.h"

typedef struct tk_deque_entry tk_deque_entry_t;

typedef struct {
    tk_deque_entry_t **chunks; /* a ring of pointers */
    size_t room;               /* of the ring, a power of two; or 0 */
    size_t first;              /* the chunk in which the row begins */
    size_t used;               /* chunks that are there */
    size_t head;               /* where in the first chunk it begins */
    size_t count;              /* items */
    tk_deque_entry_t *spare;   /* an empty chunk, so that a short row does
                                  not allocate at each chunk's edge */
} tk_deque_t;                  /* zeroed is empty */

/* Both take the item's reference over; -ENOMEM: they did not. */
int tk_deque_push_back (tk_deque_t *self, const tk_item_t *item);
int tk_deque_push_front (tk_deque_t *self, const tk_item_t *item);

/* Both give it; the row is not empty. */
void tk_deque_pop_front (tk_deque_t *self, tk_item_t *item);
void tk_deque_pop_back (tk_deque_t *self, tk_item_t *item);

/* The item at index, from the front; lent. */
tk_item_t tk_deque_at (const tk_deque_t *self, size_t index);

/* Puts an item back among those at the front that were handed out before,
 * in the order of their arrival. */
int tk_deque_return (tk_deque_t *self, const tk_item_t *item);

void tk_deque_fini (tk_deque_t *self);

#endif
