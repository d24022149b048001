/* SPDX-License-Identifier: MPL-2.0 */
/*
 * barrier.h - a line that a number of parties cross together, round after
 * round.
 *
 * Installed as <troika/barrier.h>. A barrier lives in a manager. A party is
 * any thread of any process that waits at it. It breaks, for everybody who
 * waits and who comes later, when one of those who wait runs out of time or
 * dies, or by abort; reset mends it. Any number of threads may use one
 * handle, and a forked child its parent's.
 */
#ifndef TROIKA_BARRIER_H
#define TROIKA_BARRIER_H

#include <troika/base.h>
#include <troika/handles.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct troika_barrier troika_barrier_t;

/*
 * troika_manager_barrier() opens the barrier called name, making it for so
 * many parties if it is not there.
 *
 * gives:   a handle to destroy.
 * thread:  any number at once.
 * returns: the handle; or NULL with EINVAL (name; parties 0 or over
 *          2147483647), EEXIST (something else has that name, or it is for
 *          another number), EPIPE (the manager was shut down), EHOSTUNREACH,
 *          ECONNRESET (it was lost), EMFILE, ENOMEM, EINTR.
 */
TROIKA_EXPORT troika_barrier_t *
troika_manager_barrier (troika_manager_t *manager, const char *name,
                        unsigned parties);

/*
 * troika_barrier_connect() opens a barrier that exists: endpoint is its
 * manager's with "#name" at the end. It waits for the manager to appear as
 * long as troika_set_connect_timeout() allows.
 *
 * gives:   a handle to destroy.
 * returns: the handle; or NULL with EINVAL (endpoint, or no "#name"),
 *          EHOSTUNREACH (no manager answers there), ENOENT (it has no such
 *          object), EEXIST (the object is no barrier), EACCES (refused),
 *          EPROTO (it speaks another protocol version), EMFILE, ENOMEM,
 *          EINTR.
 */
TROIKA_EXPORT troika_barrier_t *troika_barrier_connect (const char *endpoint);

/*
 * troika_barrier_wait() waits until all parties are there; the last to come
 * does not wait. When timeout ms pass before that, this caller breaks the
 * barrier, and all get the same error; with timeout 0 it does so at once,
 * unless it is the last. A signal does not break it: the caller is not there
 * any more, and may call again.
 *
 * thread:  any number at once, each of them a party.
 * returns: the caller's place in the order of arrival, 0..parties-1, each
 *          given once in a round; or -1 with ECANCELED (it is broken, or
 *          breaks, or is reset meanwhile; troika_error tells by what), EPIPE
 *          (barrier or manager ended), ENOENT (the manager was restarted and
 *          has no such object), ECONNRESET (manager lost), EHOSTUNREACH,
 *          EINVAL (timeout), EINTR, ENOMEM.
 */
TROIKA_EXPORT int troika_barrier_wait (troika_barrier_t *self, int timeout);

/*
 * troika_barrier_abort() breaks the barrier: who waits, and who comes until
 * it is reset, gets ECANCELED.
 *
 * thread:  any number at once.
 * returns: 0; or -1 with EPIPE, ENOENT, ECONNRESET, EHOSTUNREACH, EINTR,
 *          ENOMEM.
 */
TROIKA_EXPORT int troika_barrier_abort (troika_barrier_t *self);

/*
 * troika_barrier_reset() makes the barrier as new, also a broken one. Who
 * waits at this moment gets ECANCELED.
 *
 * thread:  any number at once.
 * returns: as troika_barrier_abort().
 */
TROIKA_EXPORT int troika_barrier_reset (troika_barrier_t *self);

/*
 * troika_barrier_parties() tells how many it takes to go on.
 *
 * thread:  any number at once.
 * returns: the number; or -1 as troika_barrier_abort().
 */
TROIKA_EXPORT int troika_barrier_parties (troika_barrier_t *self);

/*
 * troika_barrier_waiting() counts the parties that are there.
 *
 * thread:  any number at once.
 * returns: the number, less than parties; or -1 as troika_barrier_abort().
 */
TROIKA_EXPORT int troika_barrier_waiting (troika_barrier_t *self);

/*
 * troika_barrier_broken() tells whether the barrier is broken.
 *
 * thread:  any number at once.
 * returns: 1, 0; or -1 as troika_barrier_abort().
 */
TROIKA_EXPORT int troika_barrier_broken (troika_barrier_t *self);

/*
 * troika_barrier_destroy() ends the handle. The barrier lives on in its
 * manager. Waits of other threads on this handle end with EPIPE, and are not
 * there any more.
 *
 * takes:   *self_p, set to NULL; NULL is fine.
 * returns: nothing.
 */
TROIKA_EXPORT void troika_barrier_destroy (troika_barrier_t **self_p);

#ifdef __cplusplus
}
#endif

#endif
