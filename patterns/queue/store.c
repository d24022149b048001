/* SPDX-License-Identifier: MPL-2.0 */
/*
 * store.c - the items of a queue that wait, in the queue's order.
 *
 * First in, first out: the row, and before it those that came back. Last
 * in, first out: a deque. Priorities: a heap.
 */
#include "store.h"

#include <errno.h>
#include <stdlib.h>
#include "deque.h"
#include "heap.h"

struct tk_store {
    tk_order_t order;
    uint32_t sequence; /* of the newest item, but in the row */
    tk_row_t *row;
    tk_deque_t deque;
    tk_heap_t heap;
};

tk_store_t *
tk_store_new (tk_order_t order, tk_row_t *row)
{
    tk_store_t *self = calloc (1, sizeof *self);
    if (!self)
        return NULL;
    self->order = order;
    self->row = row;
    return self;
}

void
tk_store_destroy (tk_store_t **self_p)
{
    tk_store_t *self = *self_p;
    if (!self)
        return;
    *self_p = NULL;
    tk_store_drop (self, tk_store_size (self));
    tk_deque_fini (&self->deque);
    tk_heap_fini (&self->heap);
    free (self);
}

size_t
tk_store_size (const tk_store_t *self)
{
    return tk_row_count (self->row) + tk_store_beside_row (self);
}

size_t
tk_store_beside_row (const tk_store_t *self)
{
    return self->deque.count + self->heap.count;
}

static int
put_one (tk_store_t *self, const tk_run_t *run, int64_t priority)
{
    tk_item_t item = {.slab = run->slab,
                      .offset = run->offset,
                      .size = run->size,
                      .sequence = self->sequence,
                      .priority = priority};
    int rc = self->order == TK_STORE_PRIORITY
                 ? tk_heap_push (&self->heap, &item)
                 : tk_deque_push_back (&self->deque, &item);
    self->sequence += !rc;
    return rc;
}

uint32_t
tk_store_put (tk_store_t *self, tk_run_t run, int64_t priority)
{
    uint32_t done = 0;
    if (self->order == TK_STORE_FIFO)
        return tk_row_append (self->row, &run) ? run.count : 0;
    for (; run.count > 1; done++) {
        tk_run_t first = tk_run_split (&run, 1);
        if (put_one (self, &first, priority))
            return done;
    }
    return done + !put_one (self, &run, priority);
}

static uint32_t
take_from_row (tk_row_t *row, size_t max, size_t bytes, tk_item_t *item)
{
    uint64_t number;
    tk_run_t run;
    if (!tk_row_take_run (row, max, bytes, &run, &number))
        return 0;
    *item = (tk_item_t){.slab = run.slab,
                        .offset = run.offset,
                        .size = run.size,
                        .sequence = (uint32_t)number};
    return run.count;
}

bool
tk_store_take (tk_store_t *self, tk_item_t *item)
{
    if (!tk_store_beside_row (self))
        return take_from_row (self->row, 1, SIZE_MAX, item);
    if (self->order == TK_STORE_PRIORITY)
        tk_heap_pop (&self->heap, item);
    else if (self->order == TK_STORE_LIFO)
        tk_deque_pop_back (&self->deque, item);
    else
        tk_deque_pop_front (&self->deque, item);
    return true;
}

uint32_t
tk_store_take_some (tk_store_t *self, size_t max, size_t bytes, tk_item_t *item)
{
    if (tk_store_beside_row (self))
        return tk_store_take (self, item);
    return take_from_row (self->row, max, bytes, item);
}

void
tk_store_drop (tk_store_t *self, size_t count)
{
    tk_item_t item;
    for (; count && tk_store_beside_row (self); count--)
        if (tk_store_take (self, &item))
            tk_slab_unref (item.slab);
    tk_row_drop (self->row, count);
}

bool
tk_store_is_fifo (const tk_store_t *self)
{
    return self->order == TK_STORE_FIFO;
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

typedef struct {
    tk_store_visit_t *visit;
    void *context;
} walk_t;

static bool
visit_run (void *context, const tk_run_t *run)
{
    walk_t *walk = context;
    return walk->visit (walk->context, run, 0);
}

static bool
visit_item (const walk_t *walk, const tk_item_t *item)
{
    tk_run_t run = {item->slab, item->offset, item->size, 1};
    return walk->visit (walk->context, &run, item->deliveries);
}

static bool
walk_deque (const tk_store_t *self, const walk_t *walk)
{
    size_t count = self->deque.count;
    bool last_first = self->order == TK_STORE_LIFO;
    for (size_t i = 0; i < count; i++) {
        tk_item_t item =
            tk_deque_at (&self->deque, last_first ? count - 1 - i : i);
        if (!visit_item (walk, &item))
            return false;
    }
    return true;
}

/* A heap is in order only as it is emptied: a copy is. */
static int
walk_heap (const tk_store_t *self, const walk_t *walk)
{
    tk_heap_t copy;
    tk_item_t item;
    int rc = tk_heap_lend (&self->heap, &copy);
    if (rc)
        return rc;
    do {
        if (!copy.count)
            break;
        tk_heap_pop (&copy, &item);
    } while (visit_item (walk, &item));
    free (copy.items);
    return 0;
}

int
tk_store_walk (const tk_store_t *self, tk_store_visit_t *visit, void *context)
{
    walk_t walk = {visit, context};
    if (self->order == TK_STORE_PRIORITY)
        return walk_heap (self, &walk);
    if (walk_deque (self, &walk))
        tk_row_walk (self->row, visit_run, &walk);
    return 0;
}
