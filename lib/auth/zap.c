/* SPDX-License-Identifier: MPL-2.0 */
/*
 * zap.c - the thread that answers libzmq's question about each client.
 *
 * One per process, on our own context: REP at inproc://zeromq.zap.01. The
 * domain of a request is the number of the server's keys. The thread alone
 * reads the directories of trusted certificates, and it minds the door
 * (door.c). After fork() and after
 * troika_shutdown() the next server starts another one.
 */
#include "lib/auth/zap.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>
#include "lib/auth/door.h"
#include "lib/auth/trusted.h"
#include "lib/base/error.h"
#include "lib/base/runtime.h"
#include "lib/base/wake.h"

#define FRAMES 7 /* version, id, domain, address, identity, mechanism, key */
#define KEYED_DOMAIN "troika."
#define PLAIN_DOMAIN "troika"
#define ENFORCE_DOMAIN 93 /* ZMQ_ZAP_ENFORCE_DOMAIN, hidden in zmq.h */

/* What one directory had, for the keys of that number. */
typedef struct known {
    struct known *next;
    unsigned keys;
    tk_trusted_t *trusted;
} known_t;

static struct {
    unsigned generation; /* in which it was started; 0: it is not running */
    void *socket;
    tk_wake_t wake;
    pthread_t thread;
    atomic_bool stop;
    known_t *known;
    known_t *abandoned; /* a parent's, which a child cannot free */
} zap;

/* --- the thread */

static tk_trusted_t *
trusted_of (const tk_keys_t *keys)
{
    known_t *at = zap.known;
    while (at && at->keys != keys->number)
        at = at->next;
    if (at)
        return at->trusted;
    at = calloc (1, sizeof *at);
    if (!at)
        return NULL;
    at->keys = keys->number;
    at->trusted = tk_trusted_new (keys->trusted);
    at->next = zap.known;
    zap.known = at;
    return at->trusted;
}

/* Whoever has our own pair is one of us. */
static bool
admits (const tk_keys_t *keys, const unsigned char *key)
{
    if (!memcmp (keys->client.public_key, key, TK_KEY_SIZE))
        return true;
    tk_trusted_t *trusted = keys->trusted ? trusted_of (keys) : NULL;
    return trusted && tk_trusted_has (trusted, key);
}

static const tk_keys_t *
keys_of (zmq_msg_t *domain)
{
    char text[32] = "";
    size_t prefix = sizeof KEYED_DOMAIN - 1;
    size_t size = zmq_msg_size (domain);
    if (size >= sizeof text || size < prefix)
        return NULL;
    memcpy (text, zmq_msg_data (domain), size);
    return tk_keys_find ((unsigned)strtoul (text + prefix, NULL, 10));
}

static bool
holds (zmq_msg_t *frame, const char *text)
{
    size_t size = strlen (text);
    return zmq_msg_size (frame) == size &&
           !memcmp (zmq_msg_data (frame), text, size);
}

/* Servers without keys ask, too (tk_zap_refuse_old): everybody comes in. */
static bool
is_plain (zmq_msg_t *frames, int count)
{
    return count == FRAMES - 1 && holds (&frames[2], PLAIN_DOMAIN) &&
           holds (&frames[5], "NULL");
}

static bool
is_admitted (zmq_msg_t *frames, int count)
{
    if (is_plain (frames, count))
        return true;
    const tk_keys_t *keys = count == FRAMES ? keys_of (&frames[2]) : NULL;
    return keys && holds (&frames[5], "CURVE") &&
           zmq_msg_size (&frames[6]) == TK_KEY_SIZE &&
           admits (keys, zmq_msg_data (&frames[6]));
}

static void
reply (zmq_msg_t *id, bool admitted)
{
    const char *status = admitted ? "200" : "400";
    const char *text = admitted ? "OK" : "not one of the trusted clients";
    zmq_send (zap.socket, "1.0", 3, ZMQ_SNDMORE);
    zmq_send (zap.socket, zmq_msg_data (id), zmq_msg_size (id), ZMQ_SNDMORE);
    zmq_send (zap.socket, status, 3, ZMQ_SNDMORE);
    zmq_send (zap.socket, text, strlen (text), ZMQ_SNDMORE);
    zmq_send (zap.socket, "", 0, ZMQ_SNDMORE);
    zmq_send (zap.socket, "", 0, 0);
}

/* Whether there was a request. */
static bool
answer (void)
{
    zmq_msg_t frames[FRAMES];
    int count = 0;
    bool more = true;
    for (int i = 0; i < FRAMES; i++)
        zmq_msg_init (&frames[i]);
    while (more && count < FRAMES &&
           zmq_msg_recv (&frames[count], zap.socket, ZMQ_DONTWAIT) >= 0)
        more = zmq_msg_more (&frames[count++]);
    if (count > 1)
        reply (&frames[1], is_admitted (frames, count));
    for (int i = 0; i < FRAMES; i++)
        zmq_msg_close (&frames[i]);
    return count > 1;
}

static void *
run (void *unused)
{
    (void)unused;
    zmq_pollitem_t set[] = {{zap.socket, 0, ZMQ_POLLIN, 0},
                            {NULL, zap.wake.read_fd, ZMQ_POLLIN, 0}};
    while (!atomic_load (&zap.stop)) {
        zmq_poll (set, 2, tk_door_look ());
        while (answer ())
            continue;
    }
    return NULL;
}

/* --- its life */

static void
forget_known (void)
{
    while (zap.known) {
        known_t *at = zap.known;
        zap.known = at->next;
        tk_trusted_destroy (at->trusted);
        free (at);
    }
}

static int
stop (tk_time_t deadline)
{
    (void)deadline;
    if (zap.generation != tk_generation ())
        return 0;
    atomic_store (&zap.stop, true);
    tk_wake_raise (&zap.wake);
    pthread_join (zap.thread, NULL);
    tk_socket_close (zap.socket);
    tk_wake_fini (&zap.wake);
    tk_door_close ();
    forget_known ();
    zap.generation = 0;
    return 0;
}

static void
child_of_fork (void)
{
    if (zap.generation) {
        tk_wake_fini (&zap.wake);
        tk_door_close ();
    }
    if (zap.known)
        zap.abandoned = zap.known;
    zap.known = NULL;
    zap.generation = 0;
}

static const tk_module_t module = {TK_PHASE_SERVER, NULL, NULL, child_of_fork,
                                   stop};

static int
open_socket (void)
{
    int rc = tk_socket (ZMQ_REP, &zap.socket);
    if (!rc && zmq_bind (zap.socket, "inproc://zeromq.zap.01"))
        rc = tk_zmq_errno ();
    return rc;
}

/* fork() is held. */
static int
start (void)
{
    int rc = tk_wake_init (&zap.wake);
    if (rc)
        return rc;
    atomic_store (&zap.stop, false);
    rc = open_socket ();
    if (!rc)
        rc = tk_door_open ();
    if (!rc)
        rc = tk_thread (&zap.thread, "zap", run, NULL);
    if (rc) {
        tk_socket_close (zap.socket);
        tk_wake_fini (&zap.wake);
        tk_door_close ();
        return rc;
    }
    zap.generation = tk_generation ();
    return 0;
}

int
tk_zap_start (void)
{
    int rc = tk_module (&module);
    if (rc)
        return rc;
    tk_fork_hold ();
    if (zap.generation != tk_generation ())
        rc = start ();
    tk_fork_release ();
    return rc;
}

/* An empty domain would switch the question off altogether. */
int
tk_zap_insist (void *socket, const tk_keys_t *keys)
{
    char domain[32];
    int on = 1;
    int size =
        snprintf (domain, sizeof domain, KEYED_DOMAIN "%u", keys->number);
    if (zmq_setsockopt (socket, ZMQ_ZAP_DOMAIN, domain, (size_t)size) ||
        zmq_setsockopt (socket, ENFORCE_DOMAIN, &on, sizeof on))
        return tk_zmq_errno ();
    return 0;
}

/* Without the insisting, a context that has no handler admits everybody. */
int
tk_zap_refuse_old (void *socket)
{
    return zmq_setsockopt (socket, ZMQ_ZAP_DOMAIN, PLAIN_DOMAIN,
                           sizeof PLAIN_DOMAIN - 1)
               ? tk_zmq_errno ()
               : 0;
}
