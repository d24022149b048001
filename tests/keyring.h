/* SPDX-License-Identifier: MPL-2.0 */
/*
 * keyring.h - parties that have keys of every kind, and what a server with
 * one kind does with a client of another.
 *
 * Certificates lie in the test's directory: "server" and "client" trust each
 * other, "stranger" trusts the server, which does not know it.
 */
#ifndef TESTS_KEYRING_H
#define TESTS_KEYRING_H

#include "tests/stage.h"

/* A secret ("secret:alpha"), a certificate's name, or "none". */
void keyring_set (stage_t *stage, const char *party);

/* The path of a party's certificate, of the directory of those whom it
 * trusts: good until the next call. */
const char *keyring_path (stage_t *stage, const char *party);
const char *keyring_trusted (stage_t *stage, const char *party);

/* party trusts other from now on; no longer. */
void keyring_trust (stage_t *stage, const char *party, const char *other);
void keyring_distrust (stage_t *stage, const char *party, const char *other);

/* Makes the three certificates. */
void keyring_make (stage_t *stage);

typedef enum {
    KEYRING_QUEUE,
    KEYRING_MANAGER,
    KEYRING_PIPE,
    KEYRING_LISTENER
} keyring_kind_t;
#define KEYRING_KINDS 4

/* Serves such a thing at the variant's transport by that party; to be ended
 * by stage_stop_server. */
void keyring_serve (stage_t *stage, const char *party, keyring_kind_t kind);

/* Connects to it with the keys that are set and uses it: 0, or the errno of
 * the connect. Fails the test when that took a second or was without
 * words. */
int keyring_visit (stage_t *stage, keyring_kind_t kind);

/* Both, for every kind of thing: how a server's party receives a
 * client's. */
void keyring_check (stage_t *stage, const char *server, const char *client,
                    int error);

#endif
