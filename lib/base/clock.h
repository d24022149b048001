/* SPDX-License-Identifier: MPL-2.0 */
/*
 * clock.h - monotonic time in microseconds, and deadlines made from it.
 *
 * A timeout in ms becomes one deadline at the public edge; inside, only
 * deadlines travel. TK_NOWAIT as a deadline remembers that the caller asked
 * not to wait at all (EAGAIN, not ETIMEDOUT).
 */
#ifndef TK_BASE_CLOCK_H
#define TK_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

typedef int64_t tk_time_t; /* microseconds, CLOCK_MONOTONIC */

#define TK_NOWAIT ((tk_time_t)0)
#define TK_NEVER INT64_MAX

tk_time_t tk_clock_us (void);

/* -1 for ever, 0 no waiting, positive ms; -EINVAL for other negatives. */
int tk_deadline (int timeout, tk_time_t *deadline);

/* The same, when no deadline is wanted yet: 0 or -EINVAL. */
int tk_check_timeout (int timeout);

/* Milliseconds to hand to poll(2): -1 for ever, 0 when it has passed,
 * rounded up so that nobody wakes early. */
int tk_deadline_poll (tk_time_t deadline);

/* What a wait that ended at this deadline failed with: EAGAIN for
 * TK_NOWAIT, else ETIMEDOUT (positive, as tk_error() takes it). */
int tk_deadline_error (tk_time_t deadline);

#endif
