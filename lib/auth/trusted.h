/* SPDX-License-Identifier: MPL-2.0 */
/*
 * trusted.h - a directory of the certificates of those who are trusted.
 *
 * As a server, this process lets in whoever proves a key that is there; as a
 * client it finds its server's key there. Files that are no certificates are
 * passed over.
 */
#ifndef TK_AUTH_TRUSTED_H
#define TK_AUTH_TRUSTED_H

#include "lib/auth/keys.h"
#include "lib/wire/endpoint.h"

/* What was in the directory, and when; it belongs to one thread. */
typedef struct tk_trusted tk_trusted_t;

tk_trusted_t *tk_trusted_new (const char *directory); /* NULL: no memory */
void tk_trusted_destroy (tk_trusted_t *self);         /* NULL is fine */

/* Whether this public key is in the directory as it is now. */
bool tk_trusted_has (tk_trusted_t *self, const unsigned char *key);

/* The public key of the server at endpoint: of the certificate that names it
 * in its metadata, else of the only one that names none. -EACCES with
 * words. */
int tk_trusted_server (const char *directory, const tk_endpoint_t *endpoint,
                       unsigned char *key);

#endif
