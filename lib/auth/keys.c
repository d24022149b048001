/* SPDX-License-Identifier: MPL-2.0 */
/*
 * keys.c - which keys this process has, and how they come to be.
 *
 * A list that only grows, newest first; its head is what is set now, unless
 * keys were taken away since. Setting the same keys again adds nothing, so
 * that handles made before and after share their sessions. The secrets are
 * wiped at exit; libzmq's copies go with its sockets.
 */
#include "lib/auth/keys.h"

#include <errno.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "lib/auth/auth.h"
#include "lib/auth/certificate.h"
#include "lib/base/error.h"
#include "lib/base/runtime.h"
#include "lib/base/troika_base.h"

static _Atomic (tk_keys_t *) newest;
static atomic_uint current;

static void
wipe (tk_keys_t *self)
{
    sodium_memzero (&self->server, sizeof self->server);
    sodium_memzero (&self->client, sizeof self->client);
}

static void
discard (tk_keys_t *self)
{
    wipe (self);
    free (self->trusted);
    free (self);
}

/* After all that atexit() runs, which may still connect. The application's
 * own threads may do so even now: nothing is freed. */
__attribute__ ((destructor)) static void
wipe_all (void)
{
    for (tk_keys_t *self = atomic_load (&newest); self; self = self->older)
        wipe (self);
}

const tk_keys_t *
tk_keys_find (unsigned number)
{
    const tk_keys_t *self = atomic_load (&newest);
    while (self && self->number != number)
        self = self->older;
    return self;
}

unsigned
tk_auth_current (void)
{
    return atomic_load (&current);
}

void
tk_pair_complete (tk_pair_t *self)
{
    crypto_scalarmult_base (self->public_key, self->secret_key);
}

/* libsodium's own lock must not be held in a thread that a fork leaves
 * behind; libzmq starts it, too, under the same hold. */
static int
start (void)
{
    tk_fork_hold ();
    int rc = sodium_init ();
    tk_fork_release ();
    return rc < 0 ? tk_error (ENOTSUP, "libsodium does not start") : 0;
}

static bool
same (const tk_keys_t *a, const tk_keys_t *b)
{
    if (!a->trusted != !b->trusted)
        return false;
    return !sodium_memcmp (&a->server, &b->server, sizeof a->server) &&
           !sodium_memcmp (&a->client, &b->client, sizeof a->client) &&
           (!a->trusted || !strcmp (a->trusted, b->trusted));
}

static void
add_locked (tk_keys_t *self)
{
    tk_keys_t *at = atomic_load (&newest);
    self->older = at;
    self->number = at ? at->number + 1 : 1;
    while (at && !same (at, self))
        at = at->older;
    atomic_store (&current, at ? at->number : self->number);
    if (at)
        discard (self);
    else
        atomic_store (&newest, self);
}

static int
finish (int rc, tk_keys_t *self)
{
    if (rc && self) {
        discard (self);
    } else if (!rc) {
        tk_fork_hold ();
        add_locked (self);
        tk_fork_release ();
    }
    return tk_edge (rc);
}

int
troika_set_authkey (const char *secret)
{
    tk_keys_t *self = NULL;
    if (!secret) {
        atomic_store (&current, 0);
        return tk_edge (0);
    }
    int rc = *secret ? start () : tk_error (EINVAL, "the secret is empty");
    if (!rc && !(self = calloc (1, sizeof *self)))
        rc = -ENOMEM;
    if (!rc)
        rc = tk_keys_derive (self, secret);
    return finish (rc, self);
}

/* Absolute, so that chdir() does not matter. */
static int
find_directory (tk_keys_t *self, const char *name)
{
    struct stat found;
    if (stat (name, &found))
        return tk_error (errno, "the trusted certificates in %s: %s", name,
                         strerror (errno));
    if (!S_ISDIR (found.st_mode))
        return tk_error (EINVAL, "%s is no directory", name);
    self->trusted = realpath (name, NULL);
    return self->trusted ? 0 : -errno;
}

static int
read_own (tk_keys_t *self, const char *file)
{
    tk_certificate_t own;
    int rc = tk_certificate_read_own (&own, file);
    if (!rc) {
        memcpy (self->server.secret_key, own.secret_key, TK_KEY_SIZE);
        tk_pair_complete (&self->server);
        self->client = self->server;
    }
    if (!rc && memcmp (self->server.public_key, own.public_key, TK_KEY_SIZE))
        rc = tk_error (EBADMSG, "%s: the two keys are no pair", file);
    sodium_memzero (&own, sizeof own);
    return rc;
}

int
troika_set_keys (const char *own_cert_file, const char *trusted_dir)
{
    tk_keys_t *self = NULL;
    int rc = own_cert_file && trusted_dir
                 ? start ()
                 : tk_error (EINVAL, "no certificate, or no directory");
    if (!rc && !(self = calloc (1, sizeof *self)))
        rc = -ENOMEM;
    if (!rc)
        rc = read_own (self, own_cert_file);
    if (!rc)
        rc = find_directory (self, trusted_dir);
    return finish (rc, self);
}

int
troika_keygen (const char *cert_file)
{
    tk_pair_t pair;
    int rc =
        cert_file ? start () : tk_error (EINVAL, "no name for a certificate");
    if (rc)
        return tk_edge (rc);
    randombytes_buf (pair.secret_key, sizeof pair.secret_key);
    tk_pair_complete (&pair);
    rc = tk_certificate_write (&pair, cert_file);
    sodium_memzero (&pair, sizeof pair);
    return tk_edge (rc);
}
