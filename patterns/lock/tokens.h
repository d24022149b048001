/* SPDX-License-Identifier: MPL-2.0 */
/*
 * tokens.h - the holdings of one lock that this process got and has not
 * released: which token a release has to carry.
 *
 * A thread whose session was ended meanwhile believes that it still holds;
 * its token, remembered here, keeps its release from ending the holding of
 * another. Any thread at any time; a forked child has its own copy.
 */
#ifndef TK_LOCK_TOKENS_H
#define TK_LOCK_TOKENS_H

#include <stddef.h>
#include <stdint.h>

/* More than one of these is a thread that was declared dead. */
#define TK_TOKENS_MAX 16

typedef struct {
    struct {
        uint64_t thread;
        uint64_t token;
    } held[TK_TOKENS_MAX]; /* one for each thread, the newest last */
    size_t count;
    uint64_t latest; /* of any thread, not released; 0: none */
} tk_tokens_t;       /* zeroed is empty */

/* Before the first of the others. 0 or -ENOMEM. */
int tk_tokens_start (void);

/* This thread has got the lock. */
void tk_tokens_add (tk_tokens_t *self, uint64_t token);

/* What this thread holds by; if nothing, what any thread of this process got
 * last; 0 if that has been released. */
uint64_t tk_tokens_find (const tk_tokens_t *self);

/* This holding is over, and its holder has been told so. */
void tk_tokens_remove (tk_tokens_t *self, uint64_t token);

#endif
