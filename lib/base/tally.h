/* SPDX-License-Identifier: MPL-2.0 */
/*
 * tally.h - counters that a manager and a client on one machine share.
 *
 * A word says how many of the things that were handed ahead have been used,
 * and how many may be. The user counts up to the limit, the manager cuts the
 * limit down to the count: each by one compare-and-swap, so that each thing
 * is either used or back, whatever sleeps, is stopped or killed meanwhile.
 * Invariant: count <= limit, but the other side's bytes are its own: whoever
 * reads a count compares it with what it handed out.
 */
#ifndef TK_BASE_TALLY_H
#define TK_BASE_TALLY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/base/clock.h"

typedef _Atomic uint64_t tk_word_t;

#define TK_WORD_BITS 20
#define TK_WORD_MAX ((UINT64_C (1) << TK_WORD_BITS) - 1)
/* Those used last are settled, too; using others clears it. */
#define TK_WORD_SETTLED (UINT64_C (1) << 60)
/* The manager wants to be told of the next use. */
#define TK_WORD_TELL (UINT64_C (1) << 61)

static inline uint64_t
tk_word_count (uint64_t word)
{
    return word & TK_WORD_MAX;
}

static inline uint64_t
tk_word_limit (uint64_t word)
{
    return word >> TK_WORD_BITS & TK_WORD_MAX;
}

/* So many were used last, at once. */
static inline uint64_t
tk_word_group (uint64_t word)
{
    return word >> 2 * TK_WORD_BITS & TK_WORD_MAX;
}

/* The manager's: so many may be used, none has been. */
static inline void
tk_word_grant (tk_word_t *self, uint64_t limit)
{
    atomic_store (self, limit << TK_WORD_BITS);
}

/* The manager's: more may be used, up to that limit. */
static inline void
tk_word_raise (tk_word_t *self, uint64_t limit)
{
    uint64_t word = atomic_load (self);
    uint64_t more;
    do
        more = (word & ~(TK_WORD_MAX << TK_WORD_BITS)) | limit << TK_WORD_BITS;
    while (!atomic_compare_exchange_weak (self, &word, more));
}

/* The manager's: none may be used any more; what the word was. */
static inline uint64_t
tk_word_revoke (tk_word_t *self)
{
    uint64_t word = atomic_load (self);
    uint64_t cut;
    do
        cut = (word & ~(TK_WORD_MAX << TK_WORD_BITS)) | tk_word_count (word)
                                                            << TK_WORD_BITS;
    while (!atomic_compare_exchange_weak (self, &word, cut));
    return word;
}

/* How many more may be used. */
static inline uint64_t
tk_word_left (uint64_t word)
{
    uint64_t count = tk_word_count (word);
    uint64_t limit = tk_word_limit (word);
    return count < limit ? limit - count : 0;
}

/* The user's: so many more at once, or none. *tell: the manager wants to
 * know. */
static inline bool
tk_word_use (tk_word_t *self, uint64_t group, bool *tell)
{
    uint64_t word = atomic_load_explicit (self, memory_order_relaxed);
    uint64_t used;
    do {
        if (tk_word_left (word) < group)
            return false;
        used = (word & ((UINT64_C (1) << 2 * TK_WORD_BITS) - 1)) + group;
        used |= group << 2 * TK_WORD_BITS;
    } while (!atomic_compare_exchange_weak (self, &word, used));
    *tell = word & TK_WORD_TELL;
    return true;
}

/* The user's: the last one was not used after all. */
static inline void
tk_word_unuse (tk_word_t *self)
{
    atomic_fetch_sub (self, 1);
}

/* Beside a word, in its line: how many microseconds the user needed for what
 * it had, as far as it says; 0: it does not. */
static inline tk_word_t *
tk_word_pace (tk_word_t *self)
{
    return self + 1;
}

/* The same place beside a word for casts: whether the manager is to raise the
 * limit unasked. */
static inline tk_word_t *
tk_word_growth (tk_word_t *self)
{
    return self + 1;
}

static inline bool
tk_word_grows (tk_word_t *self)
{
    return atomic_load (tk_word_growth (self)) != 0;
}

/* The user's: sleeps until the limit is raised, or is not to be any more. How
 * many may be used now; -ETIMEDOUT, -EINTR. */
int tk_word_await (tk_word_t *self, tk_time_t deadline);
/* The manager's: after it has changed something, who sleeps there looks. */
void tk_word_wake (tk_word_t *self);

typedef struct tk_tally tk_tally_t;

/* Where another process finds it. */
typedef struct {
    int pid;
    int fd;
    uint64_t key; /* proves that what was found is it */
} tk_tally_place_t;

/* The manager's side. -ENOTSUP where memory cannot be shared so, -EMFILE,
 * -ENOMEM. */
int tk_tally_new (tk_tally_t **self_p);
tk_tally_place_t tk_tally_place (const tk_tally_t *self);
/* Whether the client has opened it. */
bool tk_tally_is_open (tk_tally_t *self);
/* A word of its own for somebody, or 0; not by several threads at once. */
unsigned tk_tally_claim (tk_tally_t *self);
void tk_tally_release (tk_tally_t *self, unsigned index);

/* The client's side. -ENOTSUP: the manager is not on this machine, or of
 * another user. */
int tk_tally_open (tk_tally_t **self_p, const tk_tally_place_t *place);

/* Both sides'. NULL: there is no such word. */
tk_word_t *tk_tally_word (tk_tally_t *self, uint64_t index);
tk_tally_t *tk_tally_ref (tk_tally_t *self);
void tk_tally_unref (tk_tally_t *self);

#endif
