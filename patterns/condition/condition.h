/* SPDX-License-Identifier: MPL-2.0 */
/*
 * condition.h - a lock whose holder can wait for word from another.
 *
 * Installed as <troika/condition.h>. A condition lives in a manager and has
 * its own lock, which its holder can acquire again, as an rlock: it is the
 * thread's, granted in order of arrival, and released when the thread or its
 * process ends or dies. Wait in a loop that looks at what is waited for: by
 * the time a waiter has the lock again, another may have changed it. Any
 * number of threads may use one handle, and a forked child its parent's.
 */
#ifndef TROIKA_CONDITION_H
#define TROIKA_CONDITION_H

#include <troika/base.h>
#include <troika/handles.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct troika_condition troika_condition_t;

/*
 * troika_manager_condition() opens the condition called name, making it,
 * with a free lock, if it is not there.
 *
 * gives:   a handle to destroy.
 * thread:  any number at once.
 * returns: the handle; or NULL with EINVAL (name), EEXIST (something else
 *          has that name), EPIPE (the manager was shut down), EHOSTUNREACH,
 *          ECONNRESET (it was lost), EMFILE, ENOMEM, EINTR.
 */
TROIKA_EXPORT troika_condition_t *
troika_manager_condition (troika_manager_t *manager, const char *name);

/*
 * troika_condition_connect() opens a condition that exists: endpoint is its
 * manager's with "#name" at the end. It waits for the manager to appear as
 * long as troika_set_connect_timeout() allows.
 *
 * gives:   a handle to destroy.
 * returns: the handle; or NULL with EINVAL (endpoint, or no "#name"),
 *          EHOSTUNREACH (no manager answers there), ENOENT (it has no such
 *          object), EEXIST (the object is no condition), EACCES (refused),
 *          EPROTO (it speaks another protocol version), EMFILE, ENOMEM,
 *          EINTR.
 */
TROIKA_EXPORT troika_condition_t *
troika_condition_connect (const char *endpoint);

/*
 * troika_condition_acquire() makes the lock this thread's, waiting at most
 * timeout ms for its turn; if it holds it, one level more.
 *
 * thread:  any number at once; one of all holds it.
 * returns: 0; 1 when it is yours and its last holder ended or died without
 *          releasing it; or -1 with EAGAIN (held, timeout 0), ETIMEDOUT
 *          (still held), EPIPE (condition or manager ended), ENOENT (the
 *          manager was restarted and has no such object), ECONNRESET
 *          (manager lost), EHOSTUNREACH, EINVAL (timeout), EINTR, ENOMEM.
 */
TROIKA_EXPORT int troika_condition_acquire (troika_condition_t *self,
                                            int timeout);

/*
 * troika_condition_release() gives one level of the lock up; the last one
 * gives it to who has waited longest.
 *
 * thread:  the one that holds it.
 * returns: 0; or -1 with EPERM (not held by this thread), EPIPE, ENOENT,
 *          ECONNRESET, EHOSTUNREACH, EINTR, ENOMEM.
 */
TROIKA_EXPORT int troika_condition_release (troika_condition_t *self);

/*
 * troika_condition_wait() gives all levels of the lock up, waits at most
 * timeout ms to be notified, and takes the lock again, with as many levels.
 * That last step has no limit: when the wait ends by its time or a signal,
 * this returns when the lock is this thread's again. A notification that
 * came in time counts, even if the lock comes after the deadline.
 *
 * thread:  the one that holds it.
 * returns: 0 notified; 1 notified, and the last holder of the lock ended or
 *          died without releasing it; or -1 with EAGAIN (timeout 0, not
 *          notified), ETIMEDOUT (not notified), EINTR, ENOMEM: in each of
 *          these the lock is held. Or -1 with EPERM (not held by this
 *          thread), EPIPE (condition or manager ended), ENOENT, ECONNRESET
 *          (manager lost), EHOSTUNREACH, EINVAL (timeout): then it is not,
 *          or as before the call.
 */
TROIKA_EXPORT int troika_condition_wait (troika_condition_t *self, int timeout);

/*
 * troika_condition_notify() ends the wait of n threads, those that have
 * waited longest, or of all if fewer wait. It waits for none of them, and
 * what finds nobody is not remembered.
 *
 * thread:  the one that holds the lock.
 * returns: as troika_condition_release().
 */
TROIKA_EXPORT int troika_condition_notify (troika_condition_t *self,
                                           unsigned n);

/*
 * troika_condition_notify_all() ends the wait of every thread that waits
 * now.
 *
 * thread:  the one that holds the lock.
 * returns: as troika_condition_release().
 */
TROIKA_EXPORT int troika_condition_notify_all (troika_condition_t *self);

/*
 * troika_condition_destroy() ends the handle. The condition lives on in its
 * manager; its lock stays held if this thread holds it, until it is released
 * through another handle or the thread ends. Calls of other threads that
 * wait on this handle end with EPIPE.
 *
 * takes:   *self_p, set to NULL; NULL is fine.
 * returns: nothing.
 */
TROIKA_EXPORT void troika_condition_destroy (troika_condition_t **self_p);

#ifdef __cplusplus
}
#endif

#endif
