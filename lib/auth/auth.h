/* SPDX-License-Identifier: MPL-2.0 */
/*
 * auth.h - keys for tcp sockets: CURVE encrypts and authenticates both
 * sides, a handler of ours says which clients may come in.
 *
 * An endpoint remembers the keys that were set when it was made, by number,
 * so that everything one handle opens later, its lanes, its casts, what it
 * opens after a loss or in a forked child, has the same. Keys are never
 * freed or changed before exit: a number stays good. inproc needs none, and
 * ipc is private to a user.
 */
#ifndef TK_AUTH_AUTH_H
#define TK_AUTH_AUTH_H

#include <stdbool.h>
#include "lib/wire/endpoint.h"

/* The keys that are set now; 0: none. */
unsigned tk_auth_current (void);

/* Before a socket is bound to an endpoint, or connected to one (as it is
 * resolved): tcp gets keys, and a bound on the time of a handshake; ipc is
 * for processes of the same user. 0; -EACCES (no certificate fits the server,
 * another user's place), -ENOMEM, -EMFILE…, with words. */
int tk_auth_serve (void *socket, const tk_endpoint_t *endpoint);
int tk_auth_connect (void *socket, const tk_endpoint_t *endpoint);

/* The socket is bound there: with keys and tcp, its door is minded until it is
 * closed (door.c). */
void tk_auth_bound (const void *socket, const tk_endpoint_t *endpoint);

/* owner.c: -EACCES with words when an ipc endpoint is another user's; and a
 * server's socket lets in nobody else (root always). */
int tk_auth_owner (const tk_endpoint_t *endpoint);
int tk_auth_admit_owner (void *socket);
/* The same for a connection that was accepted without libzmq. */
bool tk_auth_owner_admits (int fd);

#endif
