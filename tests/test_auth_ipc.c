/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_auth_ipc.c - over ipc only processes of one user meet. Needs root, to
 * be somebody else.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <zmq.h>
#include "lib/base/mechanism.h"
#include "tests/stage.h"

#define NOBODY 65534
#define SOMEBODY 65533

static const char *
abstract_name (stage_t *stage)
{
    static char name[100];
    snprintf (name, sizeof name, "ipc://@troika.test.%d", getpgrp ());
    (void)stage;
    return name;
}

static void
needs_root (stage_t *stage)
{
    stage_needs_fork (stage);
    if (geteuid () != 0)
        stage_skip (stage, "needs root");
    stage_needs_fork (stage); /* a user is a whole process */
}

static void
become (uid_t user)
{
    assert_int_equal (setresuid (user, user, user), 0);
}

static int
connect_as_nobody (stage_t *stage, void *endpoint)
{
    (void)stage;
    become (NOBODY);
    CHECK_ERRNO (troika_queue_connect (endpoint), EACCES);
    CHECK_ERRNO (troika_pipe_connect (endpoint), EACCES);
    return 0;
}

static void
check_refuses_nobody (stage_t *stage, const char *endpoint)
{
    char text[200];
    troika_queue_t *queue = CHECK_OK (troika_queue_new (endpoint, 0));
    strcpy (text, troika_queue_endpoint (queue));
    *strchr (text, '#') = '\0'; /* a pipe has no objects */
    stage_run_peer (stage, connect_as_nobody, text);
    troika_queue_destroy (&queue);
}

static void
another_user_is_eacces_at_a_path (stage_t *stage)
{
    needs_root (stage);
    check_refuses_nobody (stage, stage_address (stage));
    check_refuses_nobody (stage, NULL);
}

static void
another_user_is_eacces_at_an_abstract_name (stage_t *stage)
{
    needs_root (stage);
    check_refuses_nobody (stage, abstract_name (stage));
}

/* With a library that does not look first. */
static int
force_entry (stage_t *stage, void *endpoint)
{
    (void)stage;
    become (NOBODY);
    void *context = zmq_ctx_new ();
    bool casts = strstr (endpoint, ".cast") != NULL;
    void *socket = zmq_socket (context, casts ? ZMQ_PUSH : ZMQ_REQ);
    void *monitor = zmq_socket (context, ZMQ_PAIR);
    int linger = 0;
    uint16_t event = 0;
    zmq_setsockopt (socket, ZMQ_LINGER, &linger, sizeof linger);
    zmq_socket_monitor (socket, "inproc://socket",
                        ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
    assert_int_equal (zmq_connect (monitor, "inproc://socket"), 0);
    assert_int_equal (zmq_connect (socket, endpoint), 0);
    assert_int_equal (zmq_recv (monitor, &event, sizeof event, 0), 6);
    assert_int_equal (event, ZMQ_EVENT_DISCONNECTED);
    zmq_close (socket);
    zmq_close (monitor);
    zmq_ctx_term (context);
    return 0;
}

static void
another_user_is_cut_off_at_an_abstract_name (stage_t *stage)
{
    static const char *const places[] = {"", ".cast", ".call"};
    int count = tk_mechanism (TK_MECHANISM_ZMTP) ? 3 : 2;
    char place[200];
    needs_root (stage);
    troika_queue_t *queue =
        CHECK_OK (troika_queue_new (abstract_name (stage), 0));
    for (int i = 0; i < count; i++) {
        snprintf (place, sizeof place, "%s%s", abstract_name (stage),
                  places[i]);
        stage_peer_t *peer = stage_peer (stage, force_entry, place);
        assert_int_equal (stage_join (peer), 0);
    }
    troika_queue_destroy (&queue);
}

static int
serve_as_nobody (stage_t *stage, void *endpoint)
{
    become (NOBODY);
    troika_queue_t *queue = CHECK_OK (troika_queue_new (endpoint, 0));
    stage_signal (stage, 0);
    stage_await (stage, 1);
    troika_queue_destroy (&queue);
    return 0;
}

static int
connect_as_somebody (stage_t *stage, void *endpoint)
{
    (void)stage;
    become (SOMEBODY);
    CHECK_ERRNO (troika_queue_connect (endpoint), EACCES);
    assert_non_null (strstr (troika_error (), "uid 65534"));
    return 0;
}

/* A name that anybody may take is not trusted by its name. */
static void
another_users_server_is_eacces (stage_t *stage)
{
    needs_root (stage);
    char *endpoint = (char *)abstract_name (stage);
    stage_peer_t *server = stage_peer (stage, serve_as_nobody, endpoint);
    stage_await (stage, 0);
    stage_run_peer (stage, connect_as_somebody, endpoint);
    stage_signal (stage, 1);
    assert_int_equal (stage_join (server), 0);
}

static void
root_may_connect_to_everybody (stage_t *stage)
{
    needs_root (stage);
    char *endpoint = (char *)abstract_name (stage);
    stage_peer_t *server = stage_peer (stage, serve_as_nobody, endpoint);
    stage_await (stage, 0);
    troika_queue_t *queue = CHECK_OK (troika_queue_connect (endpoint));
    assert_int_equal (troika_queue_qsize (queue), 0);
    troika_queue_destroy (&queue);
    stage_signal (stage, 1);
    assert_int_equal (stage_join (server), 0);
}

static const stage_case_t cases[] = {
    STAGE_TEST_ON (STAGE_PROCESS, another_user_is_eacces_at_a_path),
    STAGE_TEST_ON (STAGE_PROCESS, another_user_is_eacces_at_an_abstract_name),
    STAGE_TEST_ON (STAGE_PROCESS, another_user_is_cut_off_at_an_abstract_name),
    STAGE_TEST_ON (STAGE_PROCESS, another_users_server_is_eacces),
    STAGE_TEST_ON (STAGE_PROCESS, root_may_connect_to_everybody),
};

int
main (int argc, char **argv)
{
    return STAGE_RUN (cases, argc, argv);
}
