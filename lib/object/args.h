/* SPDX-License-Identifier: MPL-2.0 */
/*
 * args.h - what a handler does first and last: read the arguments, which
 * come from anybody, and answer with a document that it made.
 */
#ifndef TK_OBJECT_ARGS_H
#define TK_OBJECT_ARGS_H

#include <stdbool.h>
#include <troika/object.h>
#include "lib/msg/buffer.h"

/* Unpacks the arguments as troika_msg_unpack() does: "[s,i]". False when
 * they do not match; the call has been failed with EINVAL then, in words. */
bool tk_args (troika_call_t *call, const char *format, ...);

/* How many there are. */
size_t tk_args_count (const troika_call_t *call);

/* Answers with msg and destroys it: what a handler returns. msg NULL: errno
 * becomes the answer. */
int tk_answer (troika_call_t *call, troika_msg_t *msg);

/* The one document that has been written to buffer, which is empty then;
 * NULL with ENOMEM. */
troika_msg_t *tk_written (tk_buffer_t *buffer);

#endif
