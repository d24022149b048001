/* SPDX-License-Identifier: MPL-2.0 */
/*
 * base.h - errors in words and the settings of the whole process.
 *
 * Installed as <troika/base.h>. Settings hold for what is made after them;
 * set them before the first handle. NULL where an object is called is EINVAL
 * everywhere; nothing is done.
 */
#ifndef TROIKA_BASE_H
#define TROIKA_BASE_H

#include <stdbool.h>

#if defined _WIN32
#define TROIKA_EXPORT
#else
#define TROIKA_EXPORT __attribute__ ((visibility ("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Timeouts are milliseconds, or one of these. */
#define TROIKA_FOREVER (-1)
#define TROIKA_NOWAIT 0

#define TROIKA_VERSION_MAJOR 0
#define TROIKA_VERSION_MINOR 1
#define TROIKA_VERSION_PATCH 0

/*
 * troika_version() tells which library is loaded.
 *
 * returns: nothing; each pointer that is not NULL is set.
 */
TROIKA_EXPORT void troika_version (int *major, int *minor, int *patch);

/*
 * troika_error() says in words what this thread's last failed call of the
 * library met: which object, which endpoint, what happened, after how long.
 * It never changes errno.
 *
 * gives:   a string of the library, good until this thread's next call.
 * returns: never NULL; "" when nothing has failed yet.
 */
TROIKA_EXPORT const char *troika_error (void);

/*
 * troika_set_connect_timeout() sets how long a connect waits for a manager
 * to appear, in ms; 5000 at first.
 *
 * returns: 0; or -1 with EINVAL (below -1; -1 waits for ever).
 */
TROIKA_EXPORT int troika_set_connect_timeout (int ms);

/*
 * troika_set_linger() sets how long exit and destroy may wait until what
 * was put or sent has been taken over by the other side, in ms; 30 000 at
 * first.
 *
 * returns: 0; or -1 with EINVAL (below -1; -1 waits for ever).
 */
TROIKA_EXPORT int troika_set_linger (int ms);

/*
 * troika_set_authkey() protects tcp with one secret that all sides share:
 * every connection is encrypted (CURVE), and proves on both sides that the
 * secret is known. Whoever has another or none is refused, EACCES, and so is
 * a connection to a server that has none. Takes about a tenth of a second and
 * 64 MiB, to make guessing costly; still, choose a secret that is long and
 * random ("openssl rand -base64 24").
 *
 * Like every setting it holds for the handles made after it, with all that
 * they do later, after a fork() in the child, too; a handle made before keeps
 * what it began with. ipc and inproc need no keys and use none.
 *
 * takes:   a string of any length, which is not kept; NULL takes the keys
 *          away, those of troika_set_keys(), too.
 * returns: 0; or -1 with EINVAL (an empty secret), ENOMEM.
 */
TROIKA_EXPORT int troika_set_authkey (const char *secret);

/*
 * troika_set_keys() protects tcp with a key pair for each party, in place of
 * the shared secret: own_cert_file is this process's certificate, trusted_dir
 * a directory of the certificates of those it trusts. A server lets in the
 * clients whose certificates are there; a client connects to a server whose
 * certificate is there: the one that has the server's address below
 * metadata (endpoint = "tcp://db1:5555"), else the only one that has none.
 * The directory is read again when it changes: whose certificate is removed
 * makes no new connection; those it has stay.
 *
 * Certificates are czmq's files: NAME with the public key, to be given to
 * others, and NAME_secret with both, to be kept. troika_keygen() makes them.
 *
 * takes:   file and directory names, which may be relative to the directory
 *          the process is in now.
 * returns: 0; or -1 with ENOENT, EACCES (a file that may not be read),
 *          EBADMSG (no certificate, or without the secret key), EINVAL (NULL,
 *          no directory), ENOMEM. Keys set before stay in force then.
 */
TROIKA_EXPORT int troika_set_keys (const char *own_cert_file,
                                   const char *trusted_dir);

/*
 * troika_keygen() makes a new key pair in two files for troika_set_keys():
 * cert_file, which others may see, and cert_file with _secret behind, which
 * only its owner can read.
 *
 * returns: 0; or -1 with EEXIST (a file of that name is there), ENOENT (no
 *          such directory), EACCES, EINVAL (NULL, too long).
 */
TROIKA_EXPORT int troika_keygen (const char *cert_file);

/*
 * troika_set_plaintext() permits serving other hosts over tcp without keys.
 * At first only loopback addresses may be bound so (protected mode): what is
 * open to a network is open to everybody on it. Keys permit it, too, and are
 * what should be used.
 *
 * returns: 0.
 */
TROIKA_EXPORT int troika_set_plaintext (bool allowed);

/*
 * troika_shutdown() flushes and ends everything this process has: what was
 * put is delivered, managers tell their clients, threads are gone. Optional:
 * exit does the same, bounded by the linger time. Handles made before only
 * accept destroy afterwards.
 *
 * thread:  one, when no other is inside a call of the library.
 * returns: 0; or -1 with ETIMEDOUT (something could not be flushed in
 *          time and is lost), ECONNRESET (a manager was lost with what it
 *          had not acknowledged, and nobody has been told), EINVAL
 *          (timeout).
 */
TROIKA_EXPORT int troika_shutdown (int timeout);

#ifdef __cplusplus
}
#endif

#endif
