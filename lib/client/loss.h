/* SPDX-License-Identifier: MPL-2.0 */
/*
 * loss.h - whom a handle has yet to tell that casts to its object were lost
 * with a session.
 *
 * A cast that was not acknowledged when its session ended may never be
 * carried out. The thread that made it is told once, by the failure of
 * whatever it does next with the handle; so is whoever flushes, for the
 * threads that nobody has flushed for since.
 */
#ifndef TK_CLIENT_LOSS_H
#define TK_CLIENT_LOSS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint64_t thread; /* 0: it has ended */
    bool flushed;    /* told to somebody who flushed */
} tk_loser_t;

typedef struct {
    atomic_bool any; /* there is something to tell */
    pthread_mutex_t lock;
    tk_loser_t *losers;
    size_t count;
    size_t room;
    bool anybody; /* memory was short: whoever comes next */
} tk_loss_t;

/* How the calling thread comes to be told. */
typedef enum { TK_UNTOLD, TK_BY_CALL, TK_BY_FLUSH } tk_told_t;

void tk_loss_init (tk_loss_t *self);
void tk_loss_fini (tk_loss_t *self);

/* Casts of this thread (0: one that has ended) are lost. */
void tk_loss_add (tk_loss_t *self, uint64_t thread);

/* Whether the calling thread is to be told now; it has been, by that. */
bool tk_loss_tell (tk_loss_t *self, tk_told_t told);

/* Whether anybody is; nobody is any more. */
bool tk_loss_drop (tk_loss_t *self);

#endif
