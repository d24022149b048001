/* SPDX-License-Identifier: MPL-2.0 */
/*
 * keys.h - the key pairs of this process, as they were set one after the
 * other.
 *
 * Private to lib/auth. What is reached by tk_keys_find() does not change any
 * more, so it is read without a lock.
 */
#ifndef TK_AUTH_KEYS_H
#define TK_AUTH_KEYS_H

#include <stdbool.h>
#include <stdint.h>

#define TK_KEY_SIZE 32 /* bytes of a CURVE key */

typedef struct {
    unsigned char public_key[TK_KEY_SIZE];
    unsigned char secret_key[TK_KEY_SIZE];
} tk_pair_t;

typedef struct tk_keys {
    struct tk_keys *older;
    unsigned number;
    tk_pair_t server; /* of who binds */
    tk_pair_t client; /* of who connects; with certificates the same pair */
    char *trusted;    /* directory of the others' certificates; NULL: every
                         other has the same secret, so the same pairs */
} tk_keys_t;

/* NULL: no such keys. */
const tk_keys_t *tk_keys_find (unsigned number);

/* Computes the public key; libsodium has been started. */
void tk_pair_complete (tk_pair_t *self);

/* derive.c: both pairs of a secret. 0 or -ENOMEM. */
int tk_keys_derive (tk_keys_t *self, const char *secret);

#endif
