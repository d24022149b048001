/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_queue_connect.c - what goes wrong when a queue is made or opened, and
 * what the caller is told.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zmq.h>
#include "tests/queue_items.h"

static void
nobody_there_is_ehostunreach_after_the_connect_timeout (stage_t *stage)
{
    char endpoint[400];
    CHECK_OK (troika_set_connect_timeout (150));
    if (stage_variant (stage) == STAGE_HOST)
        strcpy (endpoint, "tcp://127.0.0.1:1");
    else
        strcpy (endpoint, stage_address (stage));
    int64_t since = clock_ms ();
    CHECK_ERRNO (troika_queue_connect (endpoint), EHOSTUNREACH);
    check_took (since, 0, 2000);
    assert_non_null (strstr (troika_error (), endpoint));
}

static int
serve_later (stage_t *stage, void *arg)
{
    const char *endpoint = arg;
    stage_await (stage, 0);
    troika_queue_t *queue = CHECK_OK (troika_queue_new (endpoint, 0));
    PUT (queue, 4);
    CHECK_OK (troika_queue_join (queue, 10000));
    troika_queue_destroy (&queue);
    return 0;
}

/* The peer begins to serve when the connect is as good as waiting. */
static void
connect_waits_for_its_manager_to_appear (stage_t *stage)
{
    char endpoint[400];
    snprintf (endpoint, sizeof endpoint, "ipc://%s/later",
              stage_directory (stage));
    stage_peer_t *peer = stage_peer (stage, serve_later, endpoint);
    CHECK_OK (troika_set_connect_timeout (50));
    CHECK_ERRNO (troika_queue_connect (endpoint), EHOSTUNREACH);
    CHECK_OK (troika_set_connect_timeout (10000));
    stage_signal (stage, 0);
    troika_queue_t *queue = CHECK_OK (troika_queue_connect (endpoint));
    CHECK_NEXT (queue, 4);
    CHECK_OK (troika_queue_task_done (queue));
    troika_queue_destroy (&queue);
    assert_int_equal (stage_join (peer), 0);
}

static void
an_unknown_name_is_enoent (stage_t *stage)
{
    char endpoint[600];
    troika_queue_t *queue = stage_queue (stage, NULL);
    snprintf (endpoint, sizeof endpoint, "%s-not", stage_endpoint (stage));
    int64_t since = clock_ms ();
    CHECK_ERRNO (troika_queue_connect (endpoint), ENOENT);
    check_took (since, 0, 1000);
    *strchr (endpoint, ':') = '\0'; /* the address may have become a number */
    assert_non_null (strstr (troika_error (), "queue-not"));
    assert_non_null (strstr (troika_error (), endpoint));
    troika_queue_destroy (&queue);
}

static const char *const no_endpoints[] = {
    "",
    "queue",
    "http://127.0.0.1:80",
    "tcp://",
    "tcp://:1",
    "tcp://localhost",
    "tcp://127.0.0.1:99999",
    "ipc://",
    "inproc://",
    "tcp://127.0.0.1:x",
    "://",
};

static void
what_is_no_endpoint_is_einval (stage_t *stage)
{
    (void)stage;
    for (size_t i = 0; i < sizeof no_endpoints / sizeof no_endpoints[0]; i++) {
        CHECK_ERRNO (troika_queue_connect (no_endpoints[i]), EINVAL);
        CHECK_ERRNO (troika_queue_new (no_endpoints[i], 0), EINVAL);
    }
    CHECK_ERRNO (troika_queue_connect (NULL), EINVAL);
    CHECK_ERRNO (troika_queue_connect ("tcp://127.0.0.1:*"), EINVAL);
}

static void
a_path_too_long_for_ipc_is_einval (stage_t *stage)
{
    char endpoint[300] = "ipc:///tmp/";
    (void)stage;
    memset (endpoint + strlen (endpoint), 'x', 120);
    CHECK_ERRNO (troika_queue_new (endpoint, 0), EINVAL);
    CHECK_ERRNO (troika_queue_connect (endpoint), EINVAL);
}

static void
two_cannot_serve_at_one_endpoint (stage_t *stage)
{
    char endpoint[600];
    troika_queue_t *queue = stage_queue (stage, NULL);
    strcpy (endpoint, stage_endpoint (stage));
    CHECK_ERRNO (troika_queue_new (endpoint, 0), EADDRINUSE);
    *strchr (endpoint, '#') = '\0';
    CHECK_ERRNO (troika_queue_new (endpoint, 0), EADDRINUSE);
    PUT (queue, 1); /* the first one has not noticed */
    CHECK_NEXT (queue, 1);
    troika_queue_destroy (&queue);
}

/* The port for casts is P + 1: it must be free, too. */
static void
a_taken_port_for_casts_is_eaddrinuse (stage_t *stage)
{
    char endpoint[100];
    troika_queue_t *first =
        CHECK_OK (troika_queue_new ("tcp://127.0.0.1:*", 0));
    int port = atoi (strrchr (troika_queue_endpoint (first), ':') + 1);
    (void)stage;
    snprintf (endpoint, sizeof endpoint, "tcp://127.0.0.1:%d", port - 1);
    CHECK_ERRNO (troika_queue_new (endpoint, 0), EADDRINUSE);
    snprintf (endpoint, sizeof endpoint, "tcp://127.0.0.1:%d", port + 1);
    CHECK_ERRNO (troika_queue_new (endpoint, 0), EADDRINUSE);
    troika_queue_destroy (&first);
}

static void
an_endpoint_is_free_again_after_destroy (stage_t *stage)
{
    char endpoint[600];
    (void)stage_own_network (stage);
    troika_queue_t *queue =
        CHECK_OK (troika_queue_new (stage_address (stage), 0));
    for (int i = 0; i < 5; i++) {
        strcpy (endpoint, troika_queue_endpoint (queue));
        troika_queue_destroy (&queue);
        queue = CHECK_OK (troika_queue_new (endpoint, 0));
    }
    PUT (queue, 1);
    CHECK_NEXT (queue, 1);
    troika_queue_destroy (&queue);
}

static void
an_ipc_path_is_served_again_after_a_kill (stage_t *stage)
{
    char endpoint[600];
    troika_queue_t *lost = stage_queue (stage, NULL);
    strcpy (endpoint, stage_endpoint (stage));
    stage_kill_server (stage);
    troika_queue_t *queue = CHECK_OK (troika_queue_new (endpoint, 0));
    PUT (queue, 1);
    CHECK_NEXT (queue, 1);
    troika_queue_destroy (&queue);
    troika_queue_destroy (&lost);
}

static void
no_such_directory_is_enoent (stage_t *stage)
{
    char endpoint[600];
    snprintf (endpoint, sizeof endpoint, "ipc://%s/not/there",
              stage_directory (stage));
    CHECK_ERRNO (troika_queue_new (endpoint, 0), ENOENT);
}

/* A file of somebody's is neither served on nor removed. */
static void
a_file_at_an_ipc_path_is_left_alone (stage_t *stage)
{
    char endpoint[600];
    struct stat found;
    snprintf (endpoint, sizeof endpoint, "ipc://%s/file",
              stage_directory (stage));
    FILE *file = fopen (endpoint + 6, "w");
    assert_non_null (file);
    fclose (file);
    assert_null (troika_queue_new (endpoint, 0));
    assert_true (errno == EACCES || errno == EADDRINUSE);
    assert_int_equal (stat (endpoint + 6, &found), 0);
    assert_true (S_ISREG (found.st_mode));
}

static void
tcp_beyond_loopback_needs_keys (stage_t *stage)
{
    (void)stage;
    CHECK_ERRNO (troika_queue_new ("tcp://0.0.0.0:*", 0), EACCES);
    CHECK_ERRNO (troika_queue_new ("tcp://*:*", 0), EACCES);
}

static void
an_unknown_order_is_einval (stage_t *stage)
{
    troika_queue_options_t options = {0};
    memset (&options.order, 0x11, sizeof options.order);
    CHECK_ERRNO (troika_queue_new_with (stage_address (stage), &options),
                 EINVAL);
}

static void
an_object_of_another_type_is_eexist (stage_t *stage)
{
    char endpoint[600];
    troika_manager_t *manager =
        CHECK_OK (troika_manager_new (stage_address (stage)));
    troika_lock_t *lock = CHECK_OK (troika_manager_lock (manager, "door"));
    snprintf (endpoint, sizeof endpoint, "%s#door",
              troika_manager_endpoint (manager));
    CHECK_ERRNO (troika_queue_connect (endpoint), EEXIST);
    troika_lock_destroy (&lock);
    troika_manager_destroy (&manager);
}

/* Who answers, but not as a manager of this version does. */
typedef struct {
    void *socket;
    const char *answer; /* as JSON */
} impostor_t;

static void *
answer_strangely (void *arg)
{
    char request[2000];
    impostor_t *self = arg;
    troika_msg_t *answer = CHECK_OK (troika_msg_from_json (self->answer));
    while (zmq_recv (self->socket, request, sizeof request, 0) >= 0)
        zmq_send (self->socket, troika_msg_data (answer),
                  troika_msg_size (answer), 0);
    zmq_close (self->socket);
    troika_msg_destroy (&answer);
    return NULL;
}

static void
check_impostor (stage_t *stage, const char *answer, int error)
{
    char endpoint[400];
    pthread_t thread;
    int linger = 0;
    void *context = zmq_ctx_new ();
    impostor_t impostor = {zmq_socket (context, ZMQ_REP), answer};
    snprintf (endpoint, sizeof endpoint, "ipc://%s/impostor",
              stage_directory (stage));
    zmq_setsockopt (impostor.socket, ZMQ_LINGER, &linger, sizeof linger);
    assert_int_equal (zmq_bind (impostor.socket, endpoint), 0);
    assert_int_equal (
        pthread_create (&thread, NULL, answer_strangely, &impostor), 0);
    CHECK_OK (troika_set_connect_timeout (2000));
    CHECK_ERRNO (troika_queue_connect (endpoint), error);
    zmq_ctx_shutdown (context);
    pthread_join (thread, NULL);
    zmq_ctx_term (context);
}

static void
another_protocol_version_is_eproto (stage_t *stage)
{
    check_impostor (stage, "[\"EPROTO\",\"version 9 here, 1 there\"]", EPROTO);
    assert_non_null (strstr (troika_error (), "version 9"));
}

static void
an_answer_of_another_version_is_eproto (stage_t *stage)
{
    check_impostor (stage,
                    "[null,{\"v\":9,\"epoch\":1,\"session\":1,\"limit\":1000,"
                    "\"cast\":null}]",
                    EPROTO);
}

static void
an_answer_without_sense_is_eproto (stage_t *stage)
{
    check_impostor (stage, "[null,{\"hello\":\"world\"}]", EPROTO);
}

static void
an_answer_of_no_reply_shape_is_eproto (stage_t *stage)
{
    check_impostor (stage, "\"220 mail.example.org ESMTP\"", EPROTO);
}

static const stage_case_t cases[] = {
    STAGE_TEST_ON (STAGE_THREAD | STAGE_REMOTE,
                   nobody_there_is_ehostunreach_after_the_connect_timeout),
    STAGE_TEST_ON (STAGE_PROCESS, connect_waits_for_its_manager_to_appear),
    STAGE_TEST (an_unknown_name_is_enoent),
    STAGE_TEST_ON (STAGE_ONCE, what_is_no_endpoint_is_einval),
    STAGE_TEST_ON (STAGE_ONCE, a_path_too_long_for_ipc_is_einval),
    STAGE_TEST (two_cannot_serve_at_one_endpoint),
    STAGE_TEST_ON (STAGE_ONCE, a_taken_port_for_casts_is_eaddrinuse),
    STAGE_TEST (an_endpoint_is_free_again_after_destroy),
    STAGE_TEST_ON (STAGE_PROCESS, an_ipc_path_is_served_again_after_a_kill),
    STAGE_TEST_ON (STAGE_ONCE, no_such_directory_is_enoent),
    STAGE_TEST_ON (STAGE_ONCE, a_file_at_an_ipc_path_is_left_alone),
    STAGE_TEST_ON (STAGE_ONCE, tcp_beyond_loopback_needs_keys),
    STAGE_TEST_ON (STAGE_ONCE, an_unknown_order_is_einval),
    STAGE_TEST (an_object_of_another_type_is_eexist),
    STAGE_TEST_ON (STAGE_ONCE, another_protocol_version_is_eproto),
    STAGE_TEST_ON (STAGE_ONCE, an_answer_of_another_version_is_eproto),
    STAGE_TEST_ON (STAGE_ONCE, an_answer_without_sense_is_eproto),
    STAGE_TEST_ON (STAGE_ONCE, an_answer_of_no_reply_shape_is_eproto),
};

int
main (int argc, char **argv)
{
    return STAGE_RUN (cases, argc, argv);
}
