/* SPDX-License-Identifier: MPL-2.0 */
/*
 * pool.h - blocks of memory that threads use up and pass on to each other.
 *
 * What one thread allocates and another one frees, item after item, costs
 * malloc a lock and a cache line each time; here it goes back by the dozen.
 */
#ifndef TK_MSG_POOL_H
#define TK_MSG_POOL_H

#include <stddef.h>
#include "lib/base/thread_local.h"

/* Classes of sizes: 24, 40 … 264, 328 … 2056 bytes, as malloc has them. */
enum {
    TK_POOL_STEP = 16,
    TK_POOL_FINE = 16, /* classes of small steps, from 1 on */
    TK_POOL_COARSE_STEP = 64,
    TK_POOL_CLASSES = 45,
    TK_POOL_BLOCKS = 64
};

/* Blocks of one class. */
typedef struct tk_magazine {
    struct tk_magazine *next; /* in the depot */
    unsigned count;
    void *blocks[TK_POOL_BLOCKS];
} tk_magazine_t;

/* Of a thread, for one class; NULL until needed. */
typedef struct {
    tk_magazine_t *loaded;
    tk_magazine_t *other;
} tk_pool_cache_t;

/* TK_POOL_CLASSES of them; NULL: none yet, or nothing is pooled. */
extern TK_THREAD_LOCAL tk_pool_cache_t *tk_pool_caches;

/* The class of the blocks for that size; TK_POOL_CLASSES or more: none. */
static inline size_t
tk_pool_class (size_t size)
{
    const size_t fine = TK_POOL_STEP * TK_POOL_FINE + 8;
    if (size <= fine)
        return (size + 7) / TK_POOL_STEP;
    return TK_POOL_FINE +
           (size - fine - 1 + TK_POOL_COARSE_STEP) / TK_POOL_COARSE_STEP;
}

/* How large a block for that size really is: large ones are as asked for. */
size_t tk_pool_size (size_t size);

void *tk_pool_get_more (size_t size);
void tk_pool_give_more (void *block, size_t size);

/* A block of tk_pool_size (size) bytes, or NULL; given back with the same
 * size. */
static inline void *
tk_pool_get (size_t size)
{
    size_t class = tk_pool_class (size);
    tk_magazine_t *magazine = tk_pool_caches && class < TK_POOL_CLASSES
                                  ? tk_pool_caches[class].loaded
                                  : NULL;
    if (!magazine || !magazine->count)
        return tk_pool_get_more (size);
    void *block = magazine->blocks[--magazine->count];
    if (magazine->count) /* another core may have used the next one last */
        __builtin_prefetch (magazine->blocks[magazine->count - 1], 1);
    return block;
}

static inline void
tk_pool_give (void *block, size_t size)
{
    size_t class = tk_pool_class (size);
    tk_magazine_t *magazine = tk_pool_caches && class < TK_POOL_CLASSES
                                  ? tk_pool_caches[class].loaded
                                  : NULL;
    if (!magazine || magazine->count == TK_POOL_BLOCKS)
        tk_pool_give_more (block, size);
    else
        magazine->blocks[magazine->count++] = block;
}

#endif
