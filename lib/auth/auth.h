/* SPDX-License-Identifier: MPL-2.0 */
/*
 * auth.h - keys for tcp sockets: CURVE encrypts and authenticates both
 * sides, a handler of ours says which clients may come in.
 *
 * An endpoint remembers the keys that were set when it was made, by number,
 * so that everything one handle opens later, its lanes, its casts, what it
 * opens after a loss or in a forked child, has the same. Keys are never
 * freed or changed before exit: a number stays good. ipc and inproc need
 * none.
 */
#ifndef TK_AUTH_AUTH_H
#define TK_AUTH_AUTH_H

#include "lib/wire/endpoint.h"

/* The keys that are set now; 0: none. */
unsigned tk_auth_current (void);

/* Before a socket is bound to a tcp endpoint, or connected to one (endpoint
 * is as resolved). Without keys only the time of a handshake is bounded.
 * 0; -EACCES (no certificate fits the server), -ENOMEM, -EMFILE…, with
 * words. */
int tk_auth_serve (void *socket, const tk_endpoint_t *endpoint);
int tk_auth_connect (void *socket, const tk_endpoint_t *endpoint);

#endif
