/* SPDX-License-Identifier: MPL-2.0 */
/*
 * proxy.h - stands between a client and a manager and cuts their
 * connections, at a message that the test chooses.
 *
 * It knows of ZMTP only where messages begin and end. It listens at an
 * endpoint of its own, and at that of the casts beside it, and makes a
 * connection to the manager for each that it takes.
 */
#ifndef TESTS_PROXY_H
#define TESTS_PROXY_H

#include "tests/stage.h"

enum { PROXY_CALLS, PROXY_CASTS };

typedef struct {
    int way;        /* PROXY_CALLS, PROXY_CASTS: whose connection */
    bool to_client; /* count what goes there, not what goes to the manager */
    bool lose;      /* cut before that message passes, else right behind it */
    unsigned at;    /* its number, from 1, over all connections; 0: never */
    unsigned every; /* and so many after each cut once more; 0: once */
} proxy_cut_t;

typedef struct proxy proxy_t;

/* In front of the manager at endpoint, ipc or tcp. */
proxy_t *proxy_new (stage_t *stage, const char *endpoint,
                    const proxy_cut_t *cut);

/* What clients connect to. */
const char *proxy_endpoint (const proxy_t *self);

/* How many messages passed or were lost there, of which kind the test
 * counts, and how many cuts were made. */
unsigned proxy_messages (proxy_t *self);
unsigned proxy_cuts (proxy_t *self);

/* How many connections clients have made and begun to speak on. */
unsigned proxy_greetings (proxy_t *self);

/* Cuts all and ends. */
void proxy_destroy (proxy_t **self_p);

#endif
