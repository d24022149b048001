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

/* What a depot keeps in any case, and all of them together beyond that: as
 * much as a queue between two busy threads grows and shrinks. */
enum { DEPOT_BYTES = 256 * 1024, COMMON_BYTES = 4096 * 1024 };
#define BLOCKS TK_POOL_BLOCKS
#define CLASSES TK_POOL_CLASSES

typedef tk_magazine_t magazine_t;
typedef tk_pool_cache_t cache_t;

typedef struct {
    atomic_flag busy;
    magazine_t *full;
    size_t count;
} depot_t;

static depot_t depots[CLASSES];
static atomic_size_t common; /* bytes */
TK_THREAD_LOCAL cache_t *tk_pool_caches;
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

static bool
is_pooled (size_t class)
{
    return POOL && class < CLASSES && tk_mechanism (TK_MECHANISM_POOL);
}

/* Bytes of a block of that class. */
static size_t
size_of (size_t class)
{
    const size_t fine = TK_POOL_FINE;
    if (class <= fine)
        return TK_POOL_STEP * class + 8;
    return size_of (fine) + TK_POOL_COARSE_STEP * (class - fine);
}

size_t
tk_pool_size (size_t size)
{
    size_t class = tk_pool_class (size);
    return is_pooled (class) ? size_of (class) : size;
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

/* Whether its next magazine is one beyond what it keeps in any case. */
static bool
is_beyond (const depot_t *depot, size_t bytes)
{
    return depot->count * bytes >= DEPOT_BYTES;
}

static bool
take_from_common (size_t bytes)
{
    if (atomic_fetch_add (&common, bytes) + bytes <= COMMON_BYTES)
        return true;
    atomic_fetch_sub (&common, bytes);
    return false;
}

/* A full magazine of that class, or NULL. */
static magazine_t *
fetch (size_t class)
{
    size_t bytes = BLOCKS * size_of (class);
    depot_t *depot = &depots[class];
    if (!enter (depot))
        return NULL;
    magazine_t *magazine = depot->full;
    if (magazine) {
        depot->full = magazine->next;
        depot->count--;
        if (is_beyond (depot, bytes))
            atomic_fetch_sub (&common, bytes);
    }
    leave (depot);
    return magazine;
}

/* Whether the depot took a full magazine. */
static bool
store (size_t class, magazine_t *magazine)
{
    size_t bytes = BLOCKS * size_of (class);
    depot_t *depot = &depots[class];
    if (!enter (depot))
        return false;
    bool room = !is_beyond (depot, bytes) || take_from_common (bytes);
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
    tk_pool_caches = NULL;
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
    if (tk_pool_caches)
        return &tk_pool_caches[class];
    pthread_once (&key_once, make_key);
    tk_pool_caches = calloc (CLASSES, sizeof *tk_pool_caches);
    if (!tk_pool_caches)
        return NULL;
    pthread_setspecific (key, tk_pool_caches);
    return &tk_pool_caches[class];
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
tk_pool_get_more (size_t size)
{
    size_t class = tk_pool_class (size);
    if (!is_pooled (class))
        return malloc (size);
    cache_t *cache = cache_of (class);
    if (cache &&
        ((cache->loaded && cache->loaded->count) || reload (cache, class)))
        return cache->loaded->blocks[--cache->loaded->count];
    return malloc (size_of (class));
}

void
tk_pool_give_more (void *block, size_t size)
{
    size_t class = tk_pool_class (size);
    cache_t *cache = is_pooled (class) ? cache_of (class) : NULL;
    if (cache && ((cache->loaded && cache->loaded->count < BLOCKS) ||
                  unload (cache, class)))
        cache->loaded->blocks[cache->loaded->count++] = block;
    else
        free (block);
}
