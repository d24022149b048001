/* SPDX-License-Identifier: MPL-2.0 */
/*
 * value.h - one document that threads, processes and hosts share.
 *
 * Installed as <troika/value.h>. A value lives in a manager and holds one
 * document of any kind, never none. Every call is one step for everybody, and
 * what one call set, the next one reads, wherever it comes from. To read and
 * then write in one step, use add or cas.
 *
 * Any number of threads may use one handle, and a forked child its parent's.
 */
#ifndef TROIKA_VALUE_H
#define TROIKA_VALUE_H

#include <stdint.h>
#include <troika/base.h>
#include <troika/handles.h>
#include <troika/msg.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct troika_value troika_value_t;

/*
 * troika_manager_value() opens the value called name, making it with what
 * format describes (see troika_msg_pack(); NULL: nil) if it is
 * not there.
 *
 * gives:   a handle to destroy; the value lives on without it.
 * thread:  any number at once.
 * returns: the handle; or NULL with EINVAL (name, format), EEXIST (something
 * else has that name, or it was made with another initial document), EPIPE (the
 * manager was shut down), EHOSTUNREACH, ECONNRESET (it was lost), EMFILE,
 * ENOMEM, EINTR.
 */
TROIKA_EXPORT troika_value_t *troika_manager_value (troika_manager_t *manager,
                                                    const char *name,
                                                    const char *format, ...);

/*
 * troika_value_connect() opens a value that exists: endpoint is its manager's
 * with "#name" at the end. It waits for the manager to appear as long as
 * troika_set_connect_timeout() allows.
 *
 * gives:   a handle to destroy; the value lives on without it.
 * returns: the handle; or NULL with EINVAL (endpoint, or no "#name"),
 *          EHOSTUNREACH (no manager answers there), ENOENT (it has no such
 *          object), EEXIST (the object is no value), EACCES (refused),
 *          EPROTO (it speaks another protocol version), EMFILE, ENOMEM,
 *          EINTR.
 */
TROIKA_EXPORT troika_value_t *troika_value_connect (const char *endpoint);

/*
 * troika_value_get() reads the document.
 *
 * gives:   a message to destroy.
 * thread:  any number at once.
 * returns: the document; or NULL with
 *          EPIPE (the value or its manager ended), ENOENT (the manager was
 *          restarted and has no such object), ECONNRESET (manager lost),
 *          EHOSTUNREACH, EINTR, ENOMEM.
 */
TROIKA_EXPORT troika_msg_t *troika_value_get (troika_value_t *self);

/*
 * troika_value_set() replaces the document by what format describes (see
 * troika_msg_pack()).
 *
 * lends:   the arguments; all are copied.
 * thread:  any number at once.
 * returns: 0; or -1 with EINVAL (format), EMSGSIZE (over 64 MiB), else as
 *          troika_value_get().
 */
TROIKA_EXPORT int troika_value_set (troika_value_t *self, const char *format,
                                    ...);

/*
 * troika_value_add() adds delta to an integer, in one step. result (NULL:
 * not wanted) is set to the sum.
 *
 * thread:  any number at once; no addition is lost.
 * returns: 0; or -1 with EINVAL (it is no integer), ERANGE (the sum would
 *          not fit 64 bits; nothing is changed), else as
 *          troika_value_get().
 */
TROIKA_EXPORT int troika_value_add (troika_value_t *self, int64_t delta,
                                    int64_t *result);

/*
 * troika_value_cas() replaces the document by value if it equals expected,
 * as of troika_msg_eq().
 *
 * lends:   expected and value.
 * thread:  any number at once; of those that expect the same, one succeeds.
 * returns: 0; or -1 with ECANCELED (it is another; nothing is changed),
 *          EINVAL (expected or value NULL), EMSGSIZE, else as
 *          troika_value_get().
 */
TROIKA_EXPORT int troika_value_cas (troika_value_t *self,
                                    const troika_msg_t *expected,
                                    const troika_msg_t *value);

/*
 * troika_value_destroy() ends the handle. The value itself lives as long as its
 * manager, or until troika_manager_remove().
 *
 * takes:   *self_p, set to NULL; NULL is fine.
 * returns: nothing.
 */
TROIKA_EXPORT void troika_value_destroy (troika_value_t **self_p);

#ifdef __cplusplus
}
#endif

#endif
