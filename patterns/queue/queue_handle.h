/* SPDX-License-Identifier: MPL-2.0 */
/* queue_handle.h - the inside of a troika_queue_t, for the files here. */
#ifndef TK_QUEUE_HANDLE_H
#define TK_QUEUE_HANDLE_H

#include <troika/queue.h>
#include "fast.h"
#include "lib/client/handle.h"

struct troika_queue {
    tk_handle_t *handle;
    size_t maxsize;  /* 0: no bound, so that puts are casts */
    bool ahead;      /* it hands items ahead of need */
    tk_fast_t *fast; /* NULL where calls are not direct */
};

/* A handle of a queue, or, when rc is a failure, NULL with errno. */
troika_queue_t *tk_queue_wrap (int rc, tk_handle_t *handle);

/* The parameters that options stand for; NULL options are the plain ones. */
int tk_queue_params (const troika_queue_options_t *options,
                     troika_msg_t **params);

/* A message's bytes as a run of its own, with a reference; false when
 * they are better copied, or are no item. */
bool tk_queue_share (const troika_msg_t *msg, tk_run_t *run);

/* queue_direct.c: finds the fast path, if there is one. */
void tk_queue_attach (troika_queue_t *self);
/* For who is inside the handle: how many of the runs went in by it (their
 * references are the queue's then), how many messages it gave; the rest is
 * left to calls. */
bool tk_queue_put_one_direct (troika_queue_t *self, int timeout,
                              tk_slab_t *slab, uint32_t offset, uint32_t size);
size_t tk_queue_put_direct (troika_queue_t *self, int timeout,
                            const tk_run_t *runs, size_t count);
size_t tk_queue_take_direct (troika_queue_t *self, int timeout,
                             troika_msg_t **msgs, size_t max);
/* Before a call that confirms what this thread has taken; takes: its answer
 * is items. Not after it: self may be gone by then. */
void tk_queue_calls (troika_queue_t *self, bool takes);

/* What every put and get begins with: -EINVAL for NULL or a bad timeout. */
int tk_queue_refuse (const troika_queue_t *self, int timeout);
static inline int
tk_queue_check (const troika_queue_t *self, int timeout)
{
    return self && timeout >= -1 ? 0 : tk_queue_refuse (self, timeout);
}

#endif
