/* SPDX-License-Identifier: MPL-2.0 */
/* heap.h - items by priority, equal ones in the order of arrival. */
#ifndef TK_QUEUE_HEAP_H
#define TK_QUEUE_HEAP_H

#include <stddef.h>
#include "item.h"

typedef struct {
    tk_item_t *items;
    size_t room;
    size_t count;
} tk_heap_t; /* zeroed is empty */

/* Takes the item's reference over; -ENOMEM: it did not. */
int tk_heap_push (tk_heap_t *self, const tk_item_t *item);
/* Gives the first one; the heap is not empty. */
void tk_heap_pop (tk_heap_t *self, tk_item_t *item);
/* The same items once more, lent: only to be popped, and copy->items freed. */
int tk_heap_lend (const tk_heap_t *self, tk_heap_t *copy);
void tk_heap_fini (tk_heap_t *self);

#endif
