/* SPDX-License-Identifier: MPL-2.0 */
/*
 * pool.c - blocks of memory that threads use up and pass on to each other.
 *
 * Magazines (Bonwick): each thread has two for each class of sizes and
 * exchanges whole ones with a depot that all threads share. Nobody ever
 * waits for the depot: who finds it busy, as it would be for ever in the
 * child of a fork, goes to malloc. With AddressSanitizer there is no pool,
 * so that it sees each block's end; TROIKA_POOL=0 says the same to all.
 */
#include "pool.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/mechanism.h"
#include "lib/base/thread_local.h"

enum { STEP = 64, CLASSES = 32, BLOCKS = 64, DEPOT_BYTES = 256 * 1024 };

typedef struct magazine {
    struct magazine *next; /* in the depot */
    unsigned count;
    void *blocks[BLOCKS];
} magazine_t;

/* Of a thread, for one class; NULL until needed. */
typedef struct {
    magazine_t *loaded;
    magazine_t *other;
} cache_t;

typedef struct {
    atomic_flag busy;
    magazine_t *full;
    size_t count;
} depot_t;

static depot_t depots[CLASSES];
static TK_THREAD_LOCAL cache_t *caches; /* CLASSES of them */
static pthread_key_t key;
static pthread_once_t key_once = PTHREAD_ONCE_INIT;

#if defined __has_feature
#if __has_feature(address_sanitizer)
#define NO_POOL 1
#endif
#endif
#if defined __SANITIZE_ADDRESS__ || defined NO_POOL
#define POOL false
#else
#define POOL true
#endif

static size_t
class_of (size_t size)
{
    return (size + STEP - 1) / STEP;
}

static bool
is_pooled (size_t size)
{
    return POOL && class_of (size) < CLASSES &&
           tk_mechanism (TK_MECHANISM_POOL);
}

size_t
tk_pool_size (size_t size)
{
    return is_pooled (size) ? class_of (size) * STEP : size;
}

static bool
enter (depot_t *depot)
{
    return !atomic_flag_test_and_set_explicit (&depot->busy,
                                               memory_order_acquire);
}

static void
leave (depot_t *depot)
{
    atomic_flag_clear_explicit (&depot->busy, memory_order_release);
}

static void
empty (magazine_t *magazine)
{
    while (magazine->count)
        free (magazine->blocks[--magazine->count]);
}

/* A full magazine of that class, or NULL. */
static magazine_t *
fetch (size_t class)
{
    depot_t *depot = &depots[class];
    if (!enter (depot))
        return NULL;
    magazine_t *magazine = depot->full;
    if (magazine) {
        depot->full = magazine->next;
        depot->count--;
    }
    leave (depot);
    return magazine;
}

/* Whether the depot took a full magazine. */
static bool
store (size_t class, magazine_t *magazine)
{
    depot_t *depot = &depots[class];
    if (!enter (depot))
        return false;
    bool room = depot->count * BLOCKS * STEP * class < DEPOT_BYTES;
    if (room) {
        magazine->next = depot->full;
        depot->full = magazine;
        depot->count++;
    }
    leave (depot);
    return room;
}

static void
drop (size_t class, magazine_t *magazine)
{
    if (!magazine || (magazine->count == BLOCKS && store (class, magazine)))
        return;
    empty (magazine);
    free (magazine);
}

/* The thread ends. */
static void
drop_all (void *mine)
{
    cache_t *cache = mine;
    caches = NULL;
    for (size_t i = 0; i < CLASSES; i++) {
        drop (i, cache[i].loaded);
        drop (i, cache[i].other);
    }
    free (cache);
}

static void
make_key (void)
{
    pthread_key_create (&key, drop_all);
}

static cache_t *
cache_of (size_t class)
{
    if (caches)
        return &caches[class];
    pthread_once (&key_once, make_key);
    caches = calloc (CLASSES, sizeof *caches);
    if (!caches)
        return NULL;
    pthread_setspecific (key, caches);
    return &caches[class];
}

static void
swap (cache_t *cache)
{
    magazine_t *loaded = cache->loaded;
    cache->loaded = cache->other;
    cache->other = loaded;
}

/* The loaded magazine is empty: another one, or false. */
static bool
reload (cache_t *cache, size_t class)
{
    if (cache->other && cache->other->count) {
        swap (cache);
        return true;
    }
    magazine_t *full = fetch (class);
    if (!full)
        return false;
    free (cache->other);
    cache->other = cache->loaded;
    cache->loaded = full;
    return true;
}

/* The loaded magazine is full: one with room, or false. */
static bool
unload (cache_t *cache, size_t class)
{
    if (cache->other && cache->other->count == BLOCKS) {
        if (store (class, cache->other))
            cache->other = NULL;
        else
            empty (cache->other);
    }
    if (!cache->other)
        cache->other = calloc (1, sizeof *cache->other);
    if (cache->other)
        swap (cache);
    return cache->loaded && cache->loaded->count < BLOCKS;
}

void *
tk_pool_get (size_t size)
{
    if (!is_pooled (size))
        return malloc (size);
    size_t class = class_of (size);
    cache_t *cache = cache_of (class);
    if (cache &&
        ((cache->loaded && cache->loaded->count) || reload (cache, class)))
        return cache->loaded->blocks[--cache->loaded->count];
    return malloc (class * STEP);
}

void
tk_pool_give (void *block, size_t size)
{
    size_t class = class_of (size);
    cache_t *cache = is_pooled (size) ? cache_of (class) : NULL;
    if (cache && ((cache->loaded && cache->loaded->count < BLOCKS) ||
                  unload (cache, class)))
        cache->loaded->blocks[cache->loaded->count++] = block;
    else
        free (block);
}
