/* SPDX-License-Identifier: MPL-2.0 */
/*
 * store.h - the items of a queue that wait, in the queue's order.
 */
#ifndef TK_QUEUE_STORE_H
#define TK_QUEUE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include "item.h"
#include "row.h"

typedef enum { TK_STORE_FIFO, TK_STORE_LIFO, TK_STORE_PRIORITY } tk_order_t;
typedef struct tk_store tk_store_t;

/* row is borrowed: where items wait that come out first in, first out. */
tk_store_t *tk_store_new (tk_order_t order, tk_row_t *row);
void tk_store_destroy (tk_store_t **self_p);
size_t tk_store_size (const tk_store_t *self);
/* Those of them that are not in the row. */
size_t tk_store_beside_row (const tk_store_t *self);

/* New items, behind all others of that priority; how many: those references
 * are taken over. Fewer than all: memory is short. */
uint32_t tk_store_put (tk_store_t *self, tk_run_t run, int64_t priority);

/* The next item, given away; false when there is none. */
bool tk_store_take (tk_store_t *self, tk_item_t *item);
/* Some that lie together, the first with the size of all, at most max and none
 * behind so many bytes; how many. */
uint32_t tk_store_take_some (tk_store_t *self, size_t max, size_t bytes,
                             tk_item_t *item);

/* Takes and lets go of the next count items, which are there. */
void tk_store_drop (tk_store_t *self, size_t count);

/* First in, first out, so that what comes later goes behind. */
bool tk_store_is_fifo (const tk_store_t *self);

/* An item that was taken is the next one again, or, among several that came
 * back, where it was. Taken over. */
int tk_store_return (tk_store_t *self, const tk_item_t *item);

/* Shows the items, lent, in the order in which they would be taken, until
 * visit says false: some that are alike at a time. */
typedef bool tk_store_visit_t (void *context, const tk_run_t *run,
                               uint32_t deliveries);
int tk_store_walk (const tk_store_t *self, tk_store_visit_t *visit,
                   void *context);

#endif
