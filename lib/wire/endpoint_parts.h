/* SPDX-License-Identifier: MPL-2.0 */
/*
 * endpoint_parts.h - what the files of the endpoint share with each other.
 */
#ifndef TK_WIRE_ENDPOINT_PARTS_H
#define TK_WIRE_ENDPOINT_PARTS_H

#include <sys/un.h>
#include "lib/wire/endpoint.h"

/* The kernel's form of an ipc endpoint. */
socklen_t tk_endpoint_unix (const tk_endpoint_t *self,
                            struct sockaddr_un *address);

/* Protected mode: nobody serves other hosts without having said so. The
 * address is what self resolved to. 0 or -EACCES. */
int tk_endpoint_check_protected (const tk_endpoint_t *self,
                                 const struct sockaddr_storage *address,
                                 socklen_t size);

/* libzmq closes what listened a little later than its socket: waits before
 * one more attempt, counted from 0, to bind an address that is in use. false:
 * enough of them. */
bool tk_endpoint_pause (int attempt);

/* Makes the listening descriptor of an ipc endpoint in *fd, and notes in
 * self what was made. fork() is held. -EADDRINUSE… with words. */
int tk_endpoint_listen (tk_endpoint_t *self, int *fd);

#endif
