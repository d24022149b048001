/* SPDX-License-Identifier: MPL-2.0 */
/*
 * tally.c - counters that a manager and a client on one machine share.
 *
 * The manager makes the memory, so that no client can take it away from
 * under it; the client finds it by process and descriptor and proves by the
 * key that it is the right one. A forked child has no copy: it neither
 * counts in its parent's place nor holds its memory.
 */
#include "lib/base/tally.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "lib/base/sys.h"

/* Each word in a cache line of its own. */
enum { STRIDE = 64, WORDS = 1024, SIZE = STRIDE * WORDS };

/* The first line. */
typedef struct {
    uint64_t key;
    atomic_uint opened;
} head_t;

struct tk_tally {
    atomic_uint refs;
    int fd; /* until the client has opened it; else -1 */
    char *memory;
    uint64_t claimed[WORDS / 64];
};

static head_t *
head (const tk_tally_t *self)
{
    return (head_t *)self->memory;
}

static int
map (tk_tally_t *self, int fd)
{
    void *memory = mmap (NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (memory == MAP_FAILED)
        return -errno;
    self->memory = memory;
    madvise (memory, SIZE, MADV_DONTFORK);
    return 0;
}

static tk_tally_t *
new_tally (void)
{
    tk_tally_t *self = calloc (1, sizeof *self);
    if (!self)
        return NULL;
    atomic_init (&self->refs, 1);
    self->fd = -1;
    self->claimed[0] = 1; /* the head */
    return self;
}

int
tk_tally_new (tk_tally_t **self_p)
{
    uint64_t key;
    int rc = tk_sys_random (&key, sizeof key);
    tk_tally_t *self = rc ? NULL : new_tally ();
    if (!self)
        return rc ? rc : -ENOMEM;
    self->fd = tk_sys_share (SIZE);
    rc = self->fd < 0 ? self->fd : map (self, self->fd);
    if (rc) {
        tk_tally_unref (self);
        return rc;
    }
    head (self)->key = key;
    *self_p = self;
    return 0;
}

tk_tally_place_t
tk_tally_place (const tk_tally_t *self)
{
    return (tk_tally_place_t){(int)getpid (), self->fd, head (self)->key};
}

bool
tk_tally_is_open (tk_tally_t *self)
{
    if (self->fd < 0)
        return true;
    if (!atomic_load (&head (self)->opened))
        return false;
    close (self->fd);
    self->fd = -1;
    return true;
}

int
tk_tally_open (tk_tally_t **self_p, const tk_tally_place_t *place)
{
    int fd = tk_sys_share_open (place->pid, place->fd, SIZE);
    if (fd < 0)
        return fd;
    tk_tally_t *self = new_tally ();
    int rc = self ? map (self, fd) : -ENOMEM;
    close (fd);
    if (!rc && head (self)->key != place->key)
        rc = -ENOTSUP;
    if (rc) {
        tk_tally_unref (self);
        return rc;
    }
    atomic_store (&head (self)->opened, 1);
    *self_p = self;
    return 0;
}

/* Behind what a word has beside it: 1 while its user sleeps. */
static atomic_uint *
sleeper (tk_word_t *self)
{
    return (atomic_uint *)(self + 2);
}

static void
clear (tk_word_t *word)
{
    tk_word_grant (word, 0);
    atomic_store (tk_word_growth (word), 0);
    atomic_store (sleeper (word), 0);
}

unsigned
tk_tally_claim (tk_tally_t *self)
{
    for (unsigned i = 0; i < WORDS / 64; i++) {
        if (self->claimed[i] == UINT64_MAX)
            continue;
        unsigned bit = (unsigned)__builtin_ctzll (~self->claimed[i]);
        self->claimed[i] |= UINT64_C (1) << bit;
        clear (tk_tally_word (self, 64 * i + bit));
        return 64 * i + bit;
    }
    return 0;
}

void
tk_tally_release (tk_tally_t *self, unsigned index)
{
    self->claimed[index / 64] &= ~(UINT64_C (1) << index % 64);
}

tk_word_t *
tk_tally_word (tk_tally_t *self, uint64_t index)
{
    if (index == 0 || index >= WORDS)
        return NULL;
    return (tk_word_t *)(self->memory + STRIDE * index);
}

int
tk_word_await (tk_word_t *self, tk_time_t deadline)
{
    int rc = 0;
    uint64_t left = 0;
    while (!rc) {
        atomic_store (sleeper (self), 1);
        left = tk_word_left (atomic_load (self));
        if (left || !tk_word_grows (self))
            break;
        rc = tk_sys_wait_shared (sleeper (self), 1, deadline);
    }
    atomic_store (sleeper (self), 0);
    return left ? (int)left : rc;
}

void
tk_word_wake (tk_word_t *self)
{
    if (atomic_load (sleeper (self)) && atomic_exchange (sleeper (self), 0))
        tk_sys_wake_shared (sleeper (self));
}

tk_tally_t *
tk_tally_ref (tk_tally_t *self)
{
    atomic_fetch_add (&self->refs, 1);
    return self;
}

void
tk_tally_unref (tk_tally_t *self)
{
    if (!self || atomic_fetch_sub (&self->refs, 1) > 1)
        return;
    if (self->memory)
        munmap (self->memory, SIZE);
    if (self->fd >= 0)
        close (self->fd);
    free (self);
}
