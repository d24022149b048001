/* SPDX-License-Identifier: MPL-2.0 */
/*
 * keyring.c - see keyring.h.
 *
 * A server sets its keys in its own process, so that those of the test are
 * the client's.
 */
#include "tests/keyring.h"
#include "tests/queue_items.h"
#include "tests/sanitized.h"
#include "tests/scale.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *
name (stage_t *stage, const char *format, const char *party, const char *other)
{
    static char path[600];
    char tail[200];
    snprintf (tail, sizeof tail, format, party, other);
    snprintf (path, sizeof path, "%s/%s", stage_directory (stage), tail);
    return path;
}

const char *
keyring_path (stage_t *stage, const char *party)
{
    return name (stage, "%s.cert", party, "");
}

const char *
keyring_trusted (stage_t *stage, const char *party)
{
    return name (stage, "%s.trusts", party, "");
}

void
keyring_trust (stage_t *stage, const char *party, const char *other)
{
    char from[600];
    strcpy (from, keyring_path (stage, other));
    const char *to = name (stage, "%s.trusts/%s", party, other);
    assert_int_equal (link (from, to), 0);
}

void
keyring_distrust (stage_t *stage, const char *party, const char *other)
{
    assert_int_equal (unlink (name (stage, "%s.trusts/%s", party, other)), 0);
}

static void
make (stage_t *stage, const char *party)
{
    CHECK_OK (troika_keygen (keyring_path (stage, party)));
    assert_int_equal (mkdir (keyring_trusted (stage, party), 0700), 0);
}

void
keyring_make (stage_t *stage)
{
    make (stage, "server");
    make (stage, "client");
    make (stage, "stranger");
    keyring_trust (stage, "server", "client");
    keyring_trust (stage, "client", "server");
    keyring_trust (stage, "stranger", "server");
}

void
keyring_set (stage_t *stage, const char *party)
{
    char cert[600];
    if (!strcmp (party, "none")) {
        CHECK_OK (troika_set_authkey (NULL));
    } else if (!strncmp (party, "secret:", 7)) {
        CHECK_OK (troika_set_authkey (party + 7));
    } else {
        strcpy (cert, keyring_path (stage, party));
        CHECK_OK (troika_set_keys (cert, keyring_trusted (stage, party)));
    }
}

/* --- what is served */

typedef struct {
    stage_t *stage;
    const char *party;
} options_t;

static void *
start_queue (const char *endpoint, const void *arg)
{
    const options_t *options = arg;
    keyring_set (options->stage, options->party);
    return troika_queue_new (endpoint, 0);
}

static const char *
queue_endpoint (void *server)
{
    return troika_queue_endpoint (server);
}

static void
stop_queue (void *server)
{
    troika_queue_t *queue = server;
    troika_queue_destroy (&queue);
}

static void *
start_manager (const char *endpoint, const void *arg)
{
    const options_t *options = arg;
    keyring_set (options->stage, options->party);
    return troika_manager_new (endpoint);
}

static const char *
manager_endpoint (void *server)
{
    return troika_manager_endpoint (server);
}

static void
stop_manager (void *server)
{
    troika_manager_t *manager = server;
    troika_manager_destroy (&manager);
}

static void *
start_pipe (const char *endpoint, const void *arg)
{
    const options_t *options = arg;
    keyring_set (options->stage, options->party);
    return troika_pipe_bind (endpoint, true);
}

static const char *
pipe_endpoint (void *server)
{
    return troika_pipe_endpoint (server);
}

/* Answers the client that there was, if there was one. */
static void
stop_pipe (void *server)
{
    troika_pipe_t *pipe = server;
    troika_msg_t *msg = troika_pipe_recv (pipe, TROIKA_NOWAIT);
    if (msg)
        troika_pipe_send_msg (pipe, 5000, msg);
    troika_msg_destroy (&msg);
    troika_pipe_destroy (&pipe);
}

static void *
start_listener (const char *endpoint, const void *arg)
{
    const options_t *options = arg;
    keyring_set (options->stage, options->party);
    troika_listener_t *listener = troika_listener_new (endpoint);
    keyring_set (options->stage, "none"); /* it has what it began with */
    return listener;
}

static const char *
listener_endpoint (void *server)
{
    return troika_listener_endpoint (server);
}

static void
stop_listener (void *server)
{
    troika_listener_t *listener = server;
    troika_listener_destroy (&listener);
}

static const stage_service_t services[KEYRING_KINDS] = {
    {start_queue, queue_endpoint, stop_queue},
    {start_manager, manager_endpoint, stop_manager},
    {start_pipe, pipe_endpoint, stop_pipe},
    {start_listener, listener_endpoint, stop_listener},
};

void
keyring_serve (stage_t *stage, const char *party, keyring_kind_t kind)
{
    options_t options = {stage, party};
    stage_serve (stage, &services[kind], &options);
}

/* --- who comes */

static bool
use_queue (const char *endpoint)
{
    troika_queue_t *queue = troika_queue_connect (endpoint);
    if (!queue)
        return false;
    CHECK_OK (troika_queue_put (queue, 5000, "s", "through the wall"));
    troika_msg_t *msg = CHECK_OK (troika_queue_get (queue, 5000));
    troika_msg_destroy (&msg);
    troika_queue_destroy (&queue);
    return true;
}

static bool
use_manager (const char *endpoint)
{
    troika_manager_t *manager = troika_manager_connect (endpoint);
    if (!manager)
        return false;
    troika_dict_t *dict = CHECK_OK (troika_manager_dict (manager, "d"));
    CHECK_OK (troika_dict_set (dict, "k", "i", 1));
    assert_int_equal (troika_dict_len (dict), 1);
    troika_dict_destroy (&dict);
    troika_manager_destroy (&manager);
    return true;
}

static bool
use_pipe (const char *endpoint)
{
    troika_pipe_t *pipe = troika_pipe_connect (endpoint);
    if (!pipe)
        return false;
    CHECK_OK (troika_pipe_send (pipe, 5000, "s", "through the wall"));
    troika_pipe_destroy (&pipe);
    return true;
}

int
keyring_visit (stage_t *stage, keyring_kind_t kind)
{
    static bool (*const uses[KEYRING_KINDS]) (const char *endpoint) = {
        use_queue, use_manager, use_pipe, use_pipe};
    int64_t began = clock_ms ();
    if (uses[kind](stage_endpoint (stage)))
        return 0;
    int error = errno;
    assert_true (clock_ms () - began < 1000 * (int64_t)stage_scale ());
    assert_non_null (strstr (troika_error (), "tcp://"));
    return error;
}

static void
check_one (stage_t *stage, const char *server, const char *client, int error,
           keyring_kind_t kind)
{
    keyring_serve (stage, server, kind);
    keyring_set (stage, client);
    int got = keyring_visit (stage, kind);
    if (got != error)
        fail_msg ("a server with %s, a client with %s: %s, not %s (%s)", server,
                  client, stage_error_name (got), stage_error_name (error),
                  troika_error ());
    stage_stop_server (stage);
}

void
keyring_check (stage_t *stage, const char *server, const char *client,
               int error)
{
    /* ThreadSanitizer survives no fork where threads have been. */
    int kinds = UNDER_TSAN ? 1 : KEYRING_KINDS;
    for (int kind = 0; kind < kinds; kind++)
        check_one (stage, server, client, error, (keyring_kind_t)kind);
}
