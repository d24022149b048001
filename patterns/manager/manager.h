/* SPDX-License-Identifier: MPL-2.0 */
/*
 * manager.h - a manager of shared objects, and objects of any type by name.
 *
 * Installed as <troika/manager.h>. A manager serves named objects from a
 * thread of the process that made it; every other thread, process or host
 * connects. The objects of the built-in types have headers of their own; a
 * type of yours is registered here and reached by troika_object_call().
 */
#ifndef TROIKA_MANAGER_H
#define TROIKA_MANAGER_H

#include <troika/base.h>
#include <troika/handles.h>
#include <troika/msg.h>
#include <troika/object.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct troika_object troika_object_t;

/*
 * troika_manager_new() makes a manager and serves it from a thread of this
 * process at endpoint ("inproc://name", "ipc:///path", "tcp://host:port");
 * NULL is a private ipc endpoint for this process, its threads and forked
 * children (in a directory below $TMPDIR or /tmp, which stays if the process
 * is killed).
 *
 * gives:   a handle to destroy, which ends the manager for everybody.
 * returns: the handle; or NULL with EINVAL (endpoint), EADDRINUSE, EACCES,
 *          ENOENT (no such directory), EMFILE, ENOMEM.
 */
TROIKA_EXPORT troika_manager_t *troika_manager_new (const char *endpoint);

/*
 * troika_manager_connect() reaches a manager that somebody serves. It waits
 * for it to appear as long as troika_set_connect_timeout() allows.
 *
 * gives:   a handle to destroy; the manager lives on without it.
 * returns: the handle; or NULL with EINVAL (endpoint), EHOSTUNREACH (no
 *          manager answers there), EACCES (refused), EPROTO (it speaks
 *          another protocol version), EMFILE, ENOMEM, EINTR.
 */
TROIKA_EXPORT troika_manager_t *troika_manager_connect (const char *endpoint);

/*
 * troika_manager_bind() opens one more way in to a manager that this process
 * serves, for example tcp beside ipc.
 *
 * returns: 0; or -1 with EPERM (served by another process) and as
 *          troika_manager_new().
 */
TROIKA_EXPORT int troika_manager_bind (troika_manager_t *self,
                                       const char *endpoint);

/*
 * troika_manager_endpoint() tells what others connect to: resolved, with
 * the real port.
 *
 * returns: a string that lives as long as the handle.
 */
TROIKA_EXPORT const char *
troika_manager_endpoint (const troika_manager_t *self);

/*
 * troika_manager_register() teaches a manager that this process serves a
 * type, before anybody creates an object of it.
 *
 * lends:   type, which must live as long as the manager.
 * returns: 0; or -1 with EEXIST (a type of that name is known), EPERM
 *          (served by another process), EINVAL (no name, create, destroy or
 *          methods), ENOMEM.
 */
TROIKA_EXPORT int troika_manager_register (troika_manager_t *self,
                                           const troika_type_t *type);

/*
 * troika_manager_objects() lists the objects: [{name, type, …figures}, …].
 *
 * gives:   a message to destroy.
 * returns: the list; or NULL with EPIPE (ended), ECONNRESET, EINTR, ENOMEM.
 */
TROIKA_EXPORT troika_msg_t *troika_manager_objects (troika_manager_t *self);

/*
 * troika_manager_remove() ends one object: calls that wait for it get EPIPE,
 * later ones ENOENT.
 *
 * returns: 0; or -1 with ENOENT, EPIPE (ended), ECONNRESET, EINTR.
 */
TROIKA_EXPORT int troika_manager_remove (troika_manager_t *self,
                                         const char *name);

/*
 * troika_manager_shutdown() ends the manager and all its objects: calls that
 * wait get EPIPE, clients are told. Served by this process, it waits at most
 * timeout ms until they have been; else the manager is asked to end itself.
 * Again is fine.
 *
 * returns: 0; or -1 with EINVAL (timeout), ECONNRESET, EINTR.
 */
TROIKA_EXPORT int troika_manager_shutdown (troika_manager_t *self, int timeout);

/*
 * troika_manager_destroy() ends the handle; where it serves the manager, the
 * manager ends first, as by troika_manager_shutdown().
 *
 * takes:   *self_p, set to NULL; NULL is fine.
 * returns: nothing.
 */
TROIKA_EXPORT void troika_manager_destroy (troika_manager_t **self_p);

/*
 * troika_manager_object() opens the object called name of any type, making
 * it if it is not there, from the parameters that format describes (one
 * array; a single value stands for an array of one, NULL for an empty one).
 *
 * gives:   a handle to destroy; the object lives on without it.
 * returns: the handle; or NULL with ENOENT (no such type), EEXIST (that name
 *          has another type or other parameters), EINVAL (name, format, or
 *          parameters that the type refuses), what the type's create says,
 *          EPIPE, ECONNRESET, EINTR, ENOMEM.
 */
TROIKA_EXPORT troika_object_t *troika_manager_object (troika_manager_t *self,
                                                      const char *type,
                                                      const char *name,
                                                      const char *format, ...);

/*
 * troika_object_connect() opens an object that exists, of whatever type, by
 * an endpoint with "#name" at its end.
 *
 * gives:   a handle to destroy.
 * returns: the handle; or NULL with EINVAL (endpoint, no "#name"), ENOENT
 *          and as troika_manager_connect().
 */
TROIKA_EXPORT troika_object_t *troika_object_connect (const char *endpoint);

/*
 * troika_object_call() calls a method with the arguments that format
 * describes (one array; a single value stands for an array of one) and waits
 * at most timeout ms for its answer.
 *
 * gives:   the answer, a message to destroy.
 * returns: the answer; or NULL with ENOENT (no such object or method), what
 *          the method fails with, EAGAIN, ETIMEDOUT, EINVAL (format,
 *          timeout), EMSGSIZE, EDEADLK (called by a handler of that very
 *          manager), EPIPE (ended), ECONNRESET, EINTR, ENOMEM.
 */
TROIKA_EXPORT troika_msg_t *troika_object_call (troika_object_t *self,
                                                int timeout, const char *method,
                                                const char *format, ...);

/*
 * troika_object_cast() has a method carried out, exactly once, and does not
 * wait for it; nobody hears of its failure.
 *
 * returns: 0; or -1 with EINVAL (format), EMSGSIZE, EDEADLK, EPIPE (ended),
 *          ECONNRESET (manager lost, perhaps with earlier casts of this
 *          thread; said once), EINTR, ENOMEM.
 */
TROIKA_EXPORT int troika_object_cast (troika_object_t *self, const char *method,
                                      const char *format, ...);

/*
 * troika_object_destroy() ends the handle; the object lives on.
 *
 * takes:   *self_p, set to NULL; NULL is fine.
 * returns: nothing.
 */
TROIKA_EXPORT void troika_object_destroy (troika_object_t **self_p);

#ifdef __cplusplus
}
#endif

#endif
