/* SPDX-License-Identifier: MPL-2.0 */
/*
 * server.h - a manager: a registry of objects, served by one thread on any
 * number of endpoints.
 *
 * The thread owns all sockets of the server. Objects run under the
 * registry's lock, in this thread or in one that calls directly.
 */
#ifndef TK_SERVER_SERVER_H
#define TK_SERVER_SERVER_H

#include <stdbool.h>
#include "lib/object/registry.h"
#include "lib/wire/endpoint.h"

typedef struct tk_server tk_server_t;

/* Serves the types (NULL-terminated), at no endpoint yet. One reference. */
int tk_server_new (tk_server_t **self_p, const troika_type_t *const *types);

/* Opens one more endpoint (resolved in place). -EADDRINUSE, -EACCES,
 * -EINVAL, -EMFILE, -EPIPE after it has ended. */
int tk_server_bind (tk_server_t *self, tk_endpoint_t *endpoint);

/* The objects end: waiting calls get EPIPE, clients are told, the endpoints
 * close. Waits at most until the deadline for the clients to be told. Again
 * is fine. */
void tk_server_end (tk_server_t *self, tk_time_t deadline);
bool tk_server_ended (const tk_server_t *self);

tk_server_t *tk_server_ref (tk_server_t *self);
void tk_server_unref (tk_server_t *self); /* the last one ends it */

tk_registry_t *tk_server_registry (tk_server_t *self);

/* Carries out a cast of this process under the registry's lock; nobody
 * waits for its answer. args is taken over, also on failure (-ENOMEM). */
int tk_server_cast (tk_server_t *self, tk_object_t *object, const char *method,
                    size_t method_length, troika_msg_t *args, uint64_t owner);

/* The server of this process that serves at this endpoint, with a reference
 * of the caller's own, or NULL. */
tk_server_t *tk_server_local (const tk_endpoint_t *endpoint);

/* A server's own number, never used again in this process. */
uint64_t tk_server_serial (const tk_server_t *self);

/* The same by number, with a reference, or NULL when it has ended. */
tk_server_t *tk_server_by_serial (uint64_t serial);

#endif
