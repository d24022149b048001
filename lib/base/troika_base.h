/* SPDX-License-Identifier: MPL-2.0 */
/*
 * base.h - errors in words and the settings of the whole process.
 *
 * Installed as <troika/base.h>. Settings hold for what is made after them;
 * set them before the first handle.
 */
#ifndef TROIKA_BASE_H
#define TROIKA_BASE_H

#include <stdbool.h>

#if defined _WIN32
#define TROIKA_EXPORT
#else
#define TROIKA_EXPORT __attribute__ ((visibility ("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Timeouts are milliseconds, or one of these. */
#define TROIKA_FOREVER (-1)
#define TROIKA_NOWAIT 0

#define TROIKA_VERSION_MAJOR 0
#define TROIKA_VERSION_MINOR 1
#define TROIKA_VERSION_PATCH 0

/*
 * troika_version() tells which library is loaded.
 *
 * returns: nothing; each pointer that is not NULL is set.
 */
TROIKA_EXPORT void troika_version (int *major, int *minor, int *patch);

/*
 * troika_error() says in words what this thread's last failed call of the
 * library met: which object, which endpoint, what happened, after how long.
 * It never changes errno.
 *
 * gives:   a string of the library, good until this thread's next call.
 * returns: never NULL; "" when nothing has failed yet.
 */
TROIKA_EXPORT const char *troika_error (void);

/*
 * troika_set_connect_timeout() sets how long a connect waits for a manager
 * to appear, in ms; 5000 at first.
 *
 * returns: 0; or -1 with EINVAL (below -1; -1 waits for ever).
 */
TROIKA_EXPORT int troika_set_connect_timeout (int ms);

/*
 * troika_set_linger() sets how long exit and destroy may wait until what
 * was put or sent has been taken over by the other side, in ms; 30 000 at
 * first.
 *
 * returns: 0; or -1 with EINVAL (below -1; -1 waits for ever).
 */
TROIKA_EXPORT int troika_set_linger (int ms);

/*
 * troika_set_plaintext() permits serving other hosts over tcp without keys.
 * At first only loopback addresses may be bound so (protected mode): what is
 * open to a network is open to everybody on it.
 *
 * returns: 0.
 */
TROIKA_EXPORT int troika_set_plaintext (bool allowed);

/*
 * troika_shutdown() flushes and ends everything this process has: what was
 * put is delivered, managers tell their clients, threads are gone. Optional:
 * exit does the same, bounded by the linger time. Handles made before only
 * accept destroy afterwards.
 *
 * thread:  one, when no other is inside a call of the library.
 * returns: 0; or -1 with ETIMEDOUT (something could not be flushed in
 *          time and is lost), EINVAL (timeout).
 */
TROIKA_EXPORT int troika_shutdown (int timeout);

#ifdef __cplusplus
}
#endif

#endif
