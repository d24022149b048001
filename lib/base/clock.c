/* SPDX-License-Identifier: MPL-2.0 */
/*
 * clock.c - reads the monotonic clock and turns timeouts into deadlines.
 *
 * A deadline is never 0 or the largest number by accident: the clock counts
 * from boot, and an int of milliseconds reaches 25 days.
 */
#include "lib/base/clock.h"

#include <errno.h>
#include <limits.h>
#include <time.h>
#include "lib/base/error.h"

tk_time_t
tk_clock_us (void)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    return (tk_time_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int
tk_check_timeout (int timeout)
{
    return timeout < -1
               ? tk_error (EINVAL, "timeout %d: neither -1 nor milliseconds",
                           timeout)
               : 0;
}

int
tk_deadline (int timeout, tk_time_t *deadline)
{
    int rc = tk_check_timeout (timeout);
    if (rc)
        return rc;
    if (timeout == -1)
        *deadline = TK_NEVER;
    else if (timeout == 0)
        *deadline = TK_NOWAIT;
    else
        *deadline = tk_clock_us () + (tk_time_t)timeout * 1000;
    return 0;
}

int
tk_deadline_poll (tk_time_t deadline)
{
    if (deadline == TK_NEVER)
        return -1;
    if (deadline == TK_NOWAIT)
        return 0;
    tk_time_t left = deadline - tk_clock_us ();
    if (left <= 0)
        return 0;
    tk_time_t left_ms = (left + 999) / 1000;
    return left_ms > INT_MAX ? INT_MAX : (int)left_ms;
}

int
tk_deadline_error (tk_time_t deadline)
{
    return deadline == TK_NOWAIT ? EAGAIN : ETIMEDOUT;
}
