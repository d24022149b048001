/* SPDX-License-Identifier: MPL-2.0 */
/*
 * store.c - the items of a queue that wait, in the queue's order.
 *
 * First and last come from a row, priorities from a heap.
 */
#include "store.h"

#include <errno.h>
#include <stdlib.h>
#include "deque.h"
#include "heap.h"

struct tk_store {
    tk_order_t order;
    uint32_t sequence;
    tk_deque_t deque;
    tk_heap_t heap;
};

tk_store_t *
tk_store_new (tk_order_t order)
{
    tk_store_t *self = calloc (1, sizeof *self);
    if (self)
        self->order = order;
    return self;
}

void
tk_store_destroy (tk_store_t **self_p)
{
    tk_store_t *self = *self_p;
    if (!self)
        return;
    *self_p = NULL;
    tk_deque_fini (&self->deque);
    tk_heap_fini (&self->heap);
    free (self);
}

size_t
tk_store_size (const tk_store_t *self)
{
    return self->deque.count + self->heap.count;
}

int
tk_store_put (tk_store_t *self, tk_item_t *item)
{
    item->sequence = self->sequence;
    int rc = self->order == TK_STORE_PRIORITY
                 ? tk_heap_push (&self->heap, item)
                 : tk_deque_push_back (&self->deque, item);
    self->sequence += !rc;
    return rc;
}

bool
tk_store_take (tk_store_t *self, tk_item_t *item)
{
    if (!tk_store_size (self))
        return false;
    if (self->order == TK_STORE_PRIORITY)
        tk_heap_pop (&self->heap, item);
    else if (self->order == TK_STORE_LIFO)
        tk_deque_pop_back (&self->deque, item);
    else
        tk_deque_pop_front (&self->deque, item);
    return true;
}

int
tk_store_return (tk_store_t *self, const tk_item_t *item)
{
    if (self->order == TK_STORE_PRIORITY)
        return tk_heap_push (&self->heap, item);
    if (self->order == TK_STORE_LIFO)
        return tk_deque_push_back (&self->deque, item);
    return tk_deque_return (&self->deque, item);
}
