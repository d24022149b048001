/* SPDX-License-Identifier: MPL-2.0 */
/*
 * zap.h - the ZAP handler: says which clients our servers let in.
 *
 * libzmq admits every client of a CURVE server in a context without one
 * unless told to insist (tk_zap_insist does), so it is there before any
 * server's socket.
 */
#ifndef TK_AUTH_ZAP_H
#define TK_AUTH_ZAP_H

#include <stdint.h>
#include "lib/auth/keys.h"

/* Starts the handler in this process's context, if there is none. */
int tk_zap_start (void);

/* A server's socket asks about each client, with these keys, or admits
 * nobody. 0 or negative errno. */
int tk_zap_insist (void *socket, const tk_keys_t *keys);

/* A server's socket without keys refuses what is older than ZMTP 3, or not
 * ZMTP: libzmq takes that for an old peer's routing id, and aborts the
 * process if it arrives while the socket is being closed. A domain is what
 * makes it refuse them. 0 or negative errno. */
int tk_zap_refuse_old (void *socket);

#endif
