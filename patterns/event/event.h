/* SPDX-License-Identifier: MPL-2.0 */
/*
 * event.h - a flag that threads, processes and hosts wait for.
 *
 * Installed as <troika/event.h>. An event lives in a manager. Any number of
 * threads may use one handle, and a forked child its parent's.
 */
#ifndef TROIKA_EVENT_H
#define TROIKA_EVENT_H

#include <troika/base.h>
#include <troika/handles.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct troika_event troika_event_t;

/*
 * troika_manager_event() opens the event called name, making it, not set, if
 * it is not there.
 *
 * gives:   a handle to destroy.
 * thread:  any number at once.
 * returns: the handle; or NULL with EINVAL (name), EEXIST (something else
 *          has that name), EPIPE (the manager was shut down), EHOSTUNREACH,
 *          ECONNRESET (it was lost), EMFILE, ENOMEM, EINTR.
 */
TROIKA_EXPORT troika_event_t *troika_manager_event (troika_manager_t *manager,
                                                    const char *name);

/*
 * troika_event_connect() opens an event that exists: endpoint is its
 * manager's with "#name" at the end. It waits for the manager to appear as
 * long as troika_set_connect_timeout() allows.
 *
 * gives:   a handle to destroy.
 * returns: the handle; or NULL with EINVAL (endpoint, or no "#name"),
 *          EHOSTUNREACH (no manager answers there), ENOENT (it has no such
 *          object), EEXIST (the object is no event), EACCES (refused),
 *          EPROTO (it speaks another protocol version), EMFILE, ENOMEM,
 *          EINTR.
 */
TROIKA_EXPORT troika_event_t *troika_event_connect (const char *endpoint);

/*
 * troika_event_set() sets the event: everybody who waits at this moment is
 * let go, also when a clear follows at once. It waits for none of them.
 *
 * thread:  any number at once.
 * returns: 0; or -1 with EPIPE (event or manager ended), ENOENT (the manager
 *          was restarted and has no such object), ECONNRESET (manager
 *          lost), EHOSTUNREACH, EINTR, ENOMEM.
 */
TROIKA_EXPORT int troika_event_set (troika_event_t *self);

/*
 * troika_event_clear() makes later waits wait again.
 *
 * thread:  any number at once.
 * returns: as troika_event_set().
 */
TROIKA_EXPORT int troika_event_clear (troika_event_t *self);

/*
 * troika_event_is_set() tells whether the event is set.
 *
 * thread:  any number at once.
 * returns: 1, 0; or -1 as troika_event_set().
 */
TROIKA_EXPORT int troika_event_is_set (troika_event_t *self);

/*
 * troika_event_wait() waits at most timeout ms until the event is set.
 *
 * thread:  any number at once.
 * returns: 0: it is set, or was set meanwhile; or -1 with EAGAIN (not set,
 *          timeout 0), ETIMEDOUT (still not set), EINVAL (timeout), and as
 *          troika_event_set().
 */
TROIKA_EXPORT int troika_event_wait (troika_event_t *self, int timeout);

/*
 * troika_event_destroy() ends the handle. The event lives on in its manager.
 * Waits of other threads on this handle end with EPIPE.
 *
 * takes:   *self_p, set to NULL; NULL is fine.
 * returns: nothing.
 */
TROIKA_EXPORT void troika_event_destroy (troika_event_t **self_p);

#ifdef __cplusplus
}
#endif

#endif
