/* SPDX-License-Identifier: MPL-2.0 */
/*
 * derive.c - key pairs from one secret that people can type.
 *
 * Argon2id makes each guess at the secret cost 64 MiB and a tenth of a
 * second. The salt is the same everywhere, because nothing but the secret is
 * shared beforehand; it keeps other uses of the secret apart. Salt and cost
 * belong to the protocol (doc/protocol.md): changing one locks out everybody
 * who has the other.
 */
#include "lib/auth/keys.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>
#include "lib/base/error.h"

#define OPERATIONS 2
#define MEMORY ((size_t)64 << 20)

static const char salt[] = "troika authkey 1";

_Static_assert(sizeof salt - 1 == crypto_pwhash_SALTBYTES, "salt's size");

int
tk_keys_derive (tk_keys_t *self, const char *secret)
{
    unsigned char seed[2 * TK_KEY_SIZE];
    if (crypto_pwhash (seed, sizeof seed, secret, strlen (secret),
                       (const unsigned char *)salt, OPERATIONS, MEMORY,
                       crypto_pwhash_ALG_ARGON2ID13))
        return tk_error (ENOMEM, "no 64 MiB to derive keys from the secret");
    memcpy (self->server.secret_key, seed, TK_KEY_SIZE);
    memcpy (self->client.secret_key, seed + TK_KEY_SIZE, TK_KEY_SIZE);
    sodium_memzero (seed, sizeof seed);
    tk_pair_complete (&self->server);
    tk_pair_complete (&self->client);
    return 0;
}
