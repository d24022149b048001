/* SPDX-License-Identifier: MPL-2.0 */
/*
 * namespace.h - attributes by name, which threads, processes and hosts share.
 *
 * Installed as <troika/namespace.h>. A namespace lives in a manager: a handful
 * of values that belong together, each with a name. Every call is one step for
 * everybody, and what one call set, the next one reads, wherever it comes from.
 *
 * Any number of threads may use one handle, and a forked child its parent's.
 */
#ifndef TROIKA_NAMESPACE_H
#define TROIKA_NAMESPACE_H

#include <troika/base.h>
#include <troika/handles.h>
#include <troika/msg.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct troika_namespace troika_namespace_t;

/*
 * troika_manager_namespace() opens the namespace called name, making it if it
 * is not there.
 *
 * gives:   a handle to destroy; the namespace lives on without it.
 * thread:  any number at once.
 * returns: the handle; or NULL with EINVAL (name), EEXIST (something else has
 * that name), EPIPE (the manager was shut down), EHOSTUNREACH, ECONNRESET (it
 *          was lost), EMFILE, ENOMEM, EINTR.
 */
TROIKA_EXPORT troika_namespace_t *
troika_manager_namespace (troika_manager_t *manager, const char *name);

/*
 * troika_namespace_connect() opens a namespace that exists: endpoint is its
 * manager's with "#name" at the end. It waits for the manager to appear as long
 * as troika_set_connect_timeout() allows.
 *
 * gives:   a handle to destroy; the namespace lives on without it.
 * returns: the handle; or NULL with EINVAL (endpoint, or no "#name"),
 *          EHOSTUNREACH (no manager answers there), ENOENT (it has no such
 *          object), EEXIST (the object is no namespace), EACCES (refused),
 *          EPROTO (it speaks another protocol version), EMFILE, ENOMEM,
 *          EINTR.
 */
TROIKA_EXPORT troika_namespace_t *
troika_namespace_connect (const char *endpoint);

/*
 * troika_namespace_set() sets the attribute called name to what format
 * describes (see troika_msg_pack()).
 *
 * lends:   the arguments; all are copied.
 * thread:  any number at once.
 * returns: 0; or -1 with EINVAL (name NULL or not UTF-8; format), EMSGSIZE
 *          (over 64 MiB),
 *          EPIPE (the namespace or its manager ended), ENOENT (the manager was
 *          restarted and has no such object), ECONNRESET (manager lost),
 *          EHOSTUNREACH, EINTR, ENOMEM.
 */
TROIKA_EXPORT int troika_namespace_set (troika_namespace_t *self,
                                        const char *name, const char *format,
                                        ...);

/*
 * troika_namespace_get() reads the attribute called name.
 *
 * gives:   a message to destroy.
 * thread:  any number at once.
 * returns: the value; or NULL with ENOENT (no such attribute), else as
 *          troika_namespace_set().
 */
TROIKA_EXPORT troika_msg_t *troika_namespace_get (troika_namespace_t *self,
                                                  const char *name);

/*
 * troika_namespace_del() deletes the attribute called name.
 *
 * thread:  any number at once; one of them succeeds.
 * returns: 0; or -1 with ENOENT (no such attribute), else as
 *          troika_namespace_set().
 */
TROIKA_EXPORT int troika_namespace_del (troika_namespace_t *self,
                                        const char *name);

/*
 * troika_namespace_has() tells whether there is an attribute called name.
 *
 * thread:  any number at once.
 * returns: 1, 0; or -1 with errno as troika_namespace_set().
 */
TROIKA_EXPORT int troika_namespace_has (troika_namespace_t *self,
                                        const char *name);

/*
 * troika_namespace_all() reads all attributes at one moment.
 *
 * gives:   a map in the order in which the names came, a message to destroy.
 * thread:  any number at once.
 * returns: the map; or NULL with errno as troika_namespace_set().
 */
TROIKA_EXPORT troika_msg_t *troika_namespace_all (troika_namespace_t *self);

/*
 * troika_namespace_destroy() ends the handle. The namespace itself lives as
 * long as its manager, or until troika_manager_remove().
 *
 * takes:   *self_p, set to NULL; NULL is fine.
 * returns: nothing.
 */
TROIKA_EXPORT void troika_namespace_destroy (troika_namespace_t **self_p);

#ifdef __cplusplus
}
#endif

#endif
