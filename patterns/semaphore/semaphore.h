/* SPDX-License-Identifier: MPL-2.0 */
/*
 * semaphore.h - permits that threads, processes and hosts share.
 *
 * Installed as <troika/semaphore.h>. A semaphore lives in a manager and
 * hands its permits out in order of arrival. What a thread has acquired and
 * not released comes back when it or its process ends or dies. Anybody may
 * release: by a thread that has no permit, it is the permit of whoever has
 * held one longest that comes back; if nobody has any, an unbounded
 * semaphore has one more from then on. Any number of threads may use one
 * handle, and a forked child its parent's.
 */
#ifndef TROIKA_SEMAPHORE_H
#define TROIKA_SEMAPHORE_H

#include <stdbool.h>
#include <troika/base.h>
#include <troika/handles.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct troika_semaphore troika_semaphore_t;

/*
 * troika_manager_semaphore() opens the semaphore called name, making it with
 * value permits if it is not there. A bounded one never has more.
 *
 * gives:   a handle to destroy.
 * thread:  any number at once.
 * returns: the handle; or NULL with EINVAL (name; value over 2147483647),
 *          EEXIST (something else has that name, or it has another value or
 *          bound), EPIPE (the manager was shut down), EHOSTUNREACH,
 *          ECONNRESET (it was lost), EMFILE, ENOMEM, EINTR.
 */
TROIKA_EXPORT troika_semaphore_t *
troika_manager_semaphore (troika_manager_t *manager, const char *name,
                          unsigned value, bool bounded);

/*
 * troika_semaphore_connect() opens a semaphore that exists: endpoint is its
 * manager's with "#name" at the end. It waits for the manager to appear as
 * long as troika_set_connect_timeout() allows.
 *
 * gives:   a handle to destroy.
 * returns: the handle; or NULL with EINVAL (endpoint, or no "#name"),
 *          EHOSTUNREACH (no manager answers there), ENOENT (it has no such
 *          object), EEXIST (the object is no semaphore), EACCES (refused),
 *          EPROTO (it speaks another protocol version), EMFILE, ENOMEM,
 *          EINTR.
 */
TROIKA_EXPORT troika_semaphore_t *
troika_semaphore_connect (const char *endpoint);

/*
 * troika_semaphore_acquire() takes one permit, waiting at most timeout ms
 * for it.
 *
 * thread:  any number at once.
 * returns: 0; or -1 with EAGAIN (none left, timeout 0), ETIMEDOUT (still
 *          none), EPIPE (semaphore or manager ended), ENOENT (the manager
 *          was restarted and has no such object), ECONNRESET (manager
 *          lost), EHOSTUNREACH, EINVAL (timeout), EINTR, ENOMEM. No permit
 *          is taken then.
 */
TROIKA_EXPORT int troika_semaphore_acquire (troika_semaphore_t *self,
                                            int timeout);

/*
 * troika_semaphore_release() gives one permit back, or to who has waited
 * longest for one.
 *
 * thread:  any number at once; need not have acquired.
 * returns: 0; or -1 with ERANGE (bounded: all permits are there; unbounded:
 *          2147483647 are), EPIPE, ENOENT, ECONNRESET, EHOSTUNREACH, EINTR,
 *          ENOMEM.
 */
TROIKA_EXPORT int troika_semaphore_release (troika_semaphore_t *self);

/*
 * troika_semaphore_value() counts the permits that are left.
 *
 * thread:  any number at once.
 * returns: the number; or -1 with EPIPE, ENOENT, ECONNRESET, EHOSTUNREACH,
 *          EINTR, ENOMEM.
 */
TROIKA_EXPORT int troika_semaphore_value (troika_semaphore_t *self);

/*
 * troika_semaphore_destroy() ends the handle. The semaphore lives on in its
 * manager, and this thread keeps the permits it has. Acquires of other
 * threads that wait on this handle end with EPIPE.
 *
 * takes:   *self_p, set to NULL; NULL is fine.
 * returns: nothing.
 */
TROIKA_EXPORT void troika_semaphore_destroy (troika_semaphore_t **self_p);

#ifdef __cplusplus
}
#endif

#endif
