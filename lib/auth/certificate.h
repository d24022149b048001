/* SPDX-License-Identifier: MPL-2.0 */
/*
 * certificate.h - czmq's certificate files: NAME with a public key, and
 * NAME_secret with both.
 *
 * Read and written here, because zcert sets the umask of the whole process
 * when it saves, and czmq's reader prints to stdout what it dislikes.
 */
#ifndef TK_AUTH_CERTIFICATE_H
#define TK_AUTH_CERTIFICATE_H

#include "lib/auth/keys.h"

typedef struct {
    unsigned char public_key[TK_KEY_SIZE];
    unsigned char secret_key[TK_KEY_SIZE];
    bool has_public;
    bool has_secret;
    char endpoint[320]; /* metadata: the server that has this key, or "" */
} tk_certificate_t;

/* Reads NAME, of which at least the public key is wanted. -ENOENT, -EACCES,
 * -EBADMSG, with words. */
int tk_certificate_read (tk_certificate_t *self, const char *name);

/* Reads NAME_secret, or NAME, whichever has the secret key. */
int tk_certificate_read_own (tk_certificate_t *self, const char *name);

/* Makes both files; neither may be there. -EEXIST, -ENOENT, -EACCES. */
int tk_certificate_write (const tk_pair_t *pair, const char *name);

#endif
