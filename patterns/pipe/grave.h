/* SPDX-License-Identifier: MPL-2.0 */
/*
 * grave.h - sockets of ends that were closed, until what was sent has left.
 *
 * Everything here happens under the agent's lock.
 */
#ifndef TK_PIPE_GRAVE_H
#define TK_PIPE_GRAVE_H

#include "patterns/pipe/end.h"
#include "patterns/pipe/watch.h"

/* Takes the channel's socket over. -ENOMEM: it was left there. */
int tk_graves_add (const troika_pipe_t *end, tk_channel_t *channel,
                   tk_time_t deadline);

/* Whether some socket is there that was this end's; NULL: anybody's. */
bool tk_graves_of (const troika_pipe_t *end);

/* Looks after them; when to do so again is added to the watch. Whether any
 * is gone now. */
bool tk_graves_tend (watch_t *watch);

/* Closes what is left, whether it has left or not; whether there was any. */
bool tk_graves_clear (void);

/* In a child of fork(): they were the parent's. */
void tk_graves_child (void);

#endif
