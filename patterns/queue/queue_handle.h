/* SPDX-License-Identifier: MPL-2.0 */
/* queue_handle.h - the inside of a troika_queue_t, for the files here. */
#ifndef TK_QUEUE_HANDLE_H
#define TK_QUEUE_HANDLE_H

#include <troika/queue.h>
#include "lib/client/handle.h"

struct troika_queue {
    tk_handle_t *handle;
    size_t maxsize; /* 0: no bound, so that puts are casts */
};

/* A handle of a queue, or, when rc is a failure, NULL with errno. */
troika_queue_t *tk_queue_wrap (int rc, tk_handle_t *handle);

/* The parameters that options stand for; NULL options are the plain ones. */
int tk_queue_params (const troika_queue_options_t *options,
                     troika_msg_t **params);

#endif
