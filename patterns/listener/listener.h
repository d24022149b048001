/* SPDX-License-Identifier: MPL-2.0 */
/*
 * listener.h - one endpoint where many clients come, each for a pipe of its
 * own.
 *
 * Installed as <troika/listener.h>. A client calls troika_pipe_connect() with
 * the listener's endpoint. Its pipe is there when that returns, before it is
 * accepted: it may send at once, and a listener that is slow to accept keeps
 * nobody waiting while fewer than TROIKA_BACKLOG clients wait. Beyond that
 * connect waits for a place, then fails with ETIMEDOUT.
 *
 * Each pipe has an address of its own beside the listener's: over tcp a port
 * that the system picks and the one above it, at the same interface, which a
 * firewall must let through; over ipc a path with a number behind it.
 */
#ifndef TROIKA_LISTENER_H
#define TROIKA_LISTENER_H

#include <troika/base.h>
#include <troika/pipe.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct troika_listener troika_listener_t;

/* How many clients may wait to be accepted. */
#define TROIKA_BACKLOG 64

/*
 * troika_listener_new() listens at endpoint; NULL is a private ipc endpoint.
 * It is served by a thread of this process.
 *
 * gives:   a listener to destroy.
 * returns: the listener; or NULL with EINVAL (endpoint), EADDRINUSE, EACCES
 *          (the path, or tcp beyond loopback without keys), ENOENT (no such
 *          directory), EHOSTUNREACH (the host's name does not resolve),
 *          EMFILE, ENOMEM.
 */
TROIKA_EXPORT troika_listener_t *troika_listener_new (const char *endpoint);

/*
 * troika_listener_endpoint() tells what troika_pipe_connect() takes:
 * resolved, with the real port.
 *
 * thread:  any number at once.
 * returns: a string that lives as long as the listener; NULL with EINVAL for
 *          a NULL listener.
 */
TROIKA_EXPORT const char *
troika_listener_endpoint (const troika_listener_t *self);

/*
 * troika_listener_accept() takes the client that has waited longest, waiting
 * at most timeout ms for one. A client that died before, and had sent
 * nothing, is passed over; one that has sent and closed its pipe is not. The
 * pipe is duplex, belongs to this process, and outlives the listener.
 *
 * gives:   a pipe to destroy.
 * thread:  any number at once; each client goes to one of them.
 * returns: the pipe; or NULL with EAGAIN (nobody is there, timeout 0),
 *          ETIMEDOUT (still nobody), EPIPE (the listener was destroyed),
 *          EPERM (another process listens: a forked child cannot accept; it
 *          may listen at an endpoint of its own), EINVAL (timeout, NULL),
 *          EINTR, ENOMEM.
 */
TROIKA_EXPORT troika_pipe_t *troika_listener_accept (troika_listener_t *self,
                                                     int timeout);

/*
 * troika_listener_destroy() stops listening. Clients that were not accepted
 * see the end of their pipe; pipes that were live on. Accepts of other
 * threads end with EPIPE. A forked child's copy may be destroyed without
 * harm.
 *
 * takes:   *self_p, set to NULL; NULL is fine.
 * returns: nothing.
 */
TROIKA_EXPORT void troika_listener_destroy (troika_listener_t **self_p);

#ifdef __cplusplus
}
#endif

#endif
