/* SPDX-License-Identifier: MPL-2.0 */
/*
 * lock.h - locks that threads, processes and hosts share.
 *
 * Installed as <troika/lock.h>. A lock lives in a manager and is granted in
 * order of arrival. The thread that acquired it holds it; when that thread
 * or its process ends or dies, the lock is released, and the next one to
 * acquire it is told. Any number of threads may use one handle, and a forked
 * child may go on using its parent's; what the parent holds, the child does
 * not.
 *
 * There are two kinds. A lock is not recursive: its holder's second acquire
 * waits. Any thread or process may release it. An rlock can be acquired
 * again by the thread that holds it, is released as often, and by that
 * thread only.
 */
#ifndef TROIKA_LOCK_H
#define TROIKA_LOCK_H

#include <stdint.h>
#include <troika/base.h>
#include <troika/handles.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct troika_lock troika_lock_t;

/*
 * troika_manager_lock() opens the lock called name, making it, free, if it
 * is not there.
 *
 * gives:   a handle to destroy.
 * thread:  any number at once.
 * returns: the handle; or NULL with EINVAL (name), EEXIST (something else
 *          has that name), EPIPE (the manager was shut down), EHOSTUNREACH,
 *          ECONNRESET (it was lost), EMFILE, ENOMEM, EINTR.
 */
TROIKA_EXPORT troika_lock_t *troika_manager_lock (troika_manager_t *manager,
                                                  const char *name);

/*
 * troika_manager_rlock() is troika_manager_lock() for an rlock.
 *
 * gives:   a handle to destroy.
 * returns: as troika_manager_lock().
 */
TROIKA_EXPORT troika_lock_t *troika_manager_rlock (troika_manager_t *manager,
                                                   const char *name);

/*
 * troika_lock_connect() opens a lock or rlock that exists: endpoint is its
 * manager's with "#name" at the end. It waits for the manager to appear as
 * long as troika_set_connect_timeout() allows.
 *
 * gives:   a handle to destroy.
 * returns: the handle; or NULL with EINVAL (endpoint, or no "#name"),
 *          EHOSTUNREACH (no manager answers there), ENOENT (it has no such
 *          object), EEXIST (the object is no lock), EACCES (refused), EPROTO
 *          (it speaks another protocol version), EMFILE, ENOMEM, EINTR.
 */
TROIKA_EXPORT troika_lock_t *troika_lock_connect (const char *endpoint);

/*
 * troika_lock_acquire() makes the lock this thread's, waiting at most
 * timeout ms for its turn.
 *
 * thread:  any number at once; one of all holds it.
 * returns: 0; 1 when it is yours and its last holder ended or died without
 *          releasing it, so that what it guards may be half done; or -1 with
 *          EAGAIN (held, timeout 0), ETIMEDOUT (still held), EPIPE (lock or
 *          manager ended), ENOENT (the manager was restarted and has no such
 *          lock), ECONNRESET (manager lost), EHOSTUNREACH, EINVAL (timeout),
 *          EINTR, ENOMEM. The lock is not acquired then.
 */
TROIKA_EXPORT int troika_lock_acquire (troika_lock_t *self, int timeout);

/*
 * troika_lock_release() gives the lock to who has waited longest, or frees
 * it; of an rlock, one level. A thread that acquired a lock ends that
 * holding, and no other: if the manager took its process for dead meanwhile
 * (it was stopped, or cut off), or somebody else released it, the lock may be
 * another's by now, and stays so. A thread that did not acquire it through
 * this handle ends the holding that another thread of this process got by it
 * last, or, if there is none, whichever there is.
 *
 * thread:  any number at once.
 * returns: 0; or -1 with EPERM (lock: not held by anybody; rlock: not by
 *          this thread), ESTALE (lock: your holding is over, and another
 *          holds it now), EPIPE, ENOENT, ECONNRESET, EHOSTUNREACH, EINTR,
 *          ENOMEM.
 */
TROIKA_EXPORT int troika_lock_release (troika_lock_t *self);

/*
 * troika_lock_token() tells the fencing token of this thread's holding. Each
 * holding has a larger one than every holding of this lock before, also from
 * before a restart of the manager while the clock of its host does not go
 * back: a store that remembers the largest token it saw can refuse a
 * holder that was stopped for too long. The levels of an rlock share one.
 *
 * thread:  the one that holds it.
 * returns: the token, never 0; or 0 with EPERM (this thread does not hold
 *          it, or not any more), EPIPE, ENOENT, ECONNRESET, EHOSTUNREACH,
 *          EINTR, ENOMEM.
 */
TROIKA_EXPORT uint64_t troika_lock_token (troika_lock_t *self);

/*
 * troika_lock_destroy() ends the handle. The lock lives on in its manager,
 * and stays held if this thread holds it, until it is released through
 * another handle or the thread ends. Acquires of other threads that wait on
 * this handle end with EPIPE.
 *
 * takes:   *self_p, set to NULL; NULL is fine.
 * returns: nothing.
 */
TROIKA_EXPORT void troika_lock_destroy (troika_lock_t **self_p);

#ifdef __cplusplus
}
#endif

#endif
