/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_auth_keys.c - keys that are set: which are refused, and where they
 * hold; transports that need none.
 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "tests/keyring.h"

/* --- what is wrong with what is set */

static void
an_empty_secret_is_einval (stage_t *stage)
{
    (void)stage;
    CHECK_ERRNO (troika_set_authkey (""), EINVAL);
}

static void
keys_that_are_not_there_are_refused (stage_t *stage)
{
    char cert[600];
    const char *directory = stage_directory (stage);
    keyring_make (stage);
    strcpy (cert, keyring_path (stage, "client"));
    CHECK_ERRNO (troika_set_keys (NULL, directory), EINVAL);
    CHECK_ERRNO (troika_set_keys (cert, NULL), EINVAL);
    CHECK_ERRNO (troika_set_keys ("/not/there", directory), ENOENT);
    CHECK_ERRNO (troika_set_keys (cert, "/not/there"), ENOENT);
    CHECK_ERRNO (troika_set_keys (cert, cert), EINVAL);
    CHECK_ERRNO (troika_set_keys (directory, directory), EBADMSG);
}

static void
a_certificate_without_its_secret_is_ebadmsg (stage_t *stage)
{
    char secret[700];
    keyring_make (stage);
    snprintf (secret, sizeof secret, "%s_secret",
              keyring_path (stage, "client"));
    assert_int_equal (unlink (secret), 0);
    CHECK_ERRNO (troika_set_keys (keyring_path (stage, "client"),
                                  stage_directory (stage)),
                 EBADMSG);
    assert_non_null (strstr (troika_error (), "no secret key"));
}

static void
a_new_certificate_replaces_none (stage_t *stage)
{
    char secret[700];
    struct stat found;
    keyring_make (stage);
    CHECK_ERRNO (troika_keygen (keyring_path (stage, "client")), EEXIST);
    CHECK_ERRNO (troika_keygen ("/not/there"), ENOENT);
    CHECK_ERRNO (troika_keygen (NULL), EINVAL);
    snprintf (secret, sizeof secret, "%s_secret",
              keyring_path (stage, "client"));
    assert_int_equal (stat (secret, &found), 0);
    assert_int_equal (found.st_mode & 0777, 0600);
}

/* --- where keys hold */

static void
serving_beyond_loopback_needs_keys_only (stage_t *stage)
{
    (void)stage;
    CHECK_ERRNO (troika_queue_new ("tcp://*:*", 0), EACCES);
    assert_non_null (strstr (troika_error (), "troika_set_authkey"));
    CHECK_OK (troika_set_authkey ("alpha"));
    troika_queue_t *queue = CHECK_OK (troika_queue_new ("tcp://*:*", 0));
    troika_queue_destroy (&queue);
}

static void
ipc_and_inproc_need_none (stage_t *stage)
{
    keyring_serve (stage, "secret:alpha", KEYRING_MANAGER);
    keyring_set (stage, "none");
    assert_int_equal (keyring_visit (stage, KEYRING_MANAGER), 0);
    stage_stop_server (stage);
}

static void *
use_in_a_new_thread (void *queue)
{
    CHECK_OK (troika_queue_put (queue, 5000, "i", 1));
    CHECK_OK (troika_queue_flush (queue, 5000));
    return NULL;
}

/* Its threads' connections are made later than the handle. */
static void
a_handle_keeps_the_keys_it_began_with (stage_t *stage)
{
    pthread_t thread;
    keyring_serve (stage, "secret:alpha", KEYRING_QUEUE);
    keyring_set (stage, "secret:alpha");
    troika_queue_t *queue = stage_connect (stage);
    keyring_set (stage, "secret:beta");
    pthread_create (&thread, NULL, use_in_a_new_thread, queue);
    pthread_join (thread, NULL);
    assert_int_equal (troika_queue_qsize (queue), 1);
    CHECK_ERRNO (troika_queue_connect (stage_endpoint (stage)), EACCES);
    troika_queue_destroy (&queue);
    stage_stop_server (stage);
}

static int
use_inherited (stage_t *stage, void *arg)
{
    (void)stage;
    troika_queue_t *queue = arg;
    CHECK_OK (troika_queue_put (queue, 5000, "i", 1));
    return 0;
}

/* As a client of its parent's queue. */
static void
keys_hold_in_a_forked_child (stage_t *stage)
{
    keyring_make (stage);
    static const char *const parties[] = {"secret:alpha", "server"};
    for (int i = 0; i < 2; i++) {
        keyring_set (stage, parties[i]);
        troika_queue_t *queue =
            CHECK_OK (troika_queue_new ("tcp://127.0.0.1:*", 0));
        stage_peer_t *child = stage_peer (stage, use_inherited, queue);
        assert_int_equal (stage_join (child), 0);
        assert_int_equal (troika_queue_qsize (queue), 1);
        troika_queue_destroy (&queue);
    }
}

/* A child serves, with a handler of its own for those who knock. */
static int
serve_and_be_visited (stage_t *stage, void *arg)
{
    troika_queue_t *queue =
        CHECK_OK (troika_queue_new ("tcp://127.0.0.1:*", 0));
    snprintf (arg, 200, "%s", troika_queue_endpoint (queue));
    stage_signal (stage, 0);
    troika_msg_t *msg = CHECK_OK (troika_queue_get (queue, 10000));
    troika_msg_destroy (&msg);
    troika_queue_destroy (&queue);
    return 0;
}

static void
a_forked_child_serves_with_its_parents_keys (stage_t *stage)
{
    char *endpoint = mmap (NULL, 4096, PROT_READ | PROT_WRITE,
                           MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    keyring_set (stage, "secret:alpha");
    troika_queue_t *first =
        CHECK_OK (troika_queue_new ("tcp://127.0.0.1:*", 0));
    stage_peer_t *child = stage_peer (stage, serve_and_be_visited, endpoint);
    stage_await (stage, 0);
    troika_queue_t *queue = CHECK_OK (troika_queue_connect (endpoint));
    CHECK_OK (troika_queue_put (queue, 5000, "i", 1));
    assert_int_equal (stage_join (child), 0);
    troika_queue_destroy (&queue);
    troika_queue_destroy (&first);
    munmap (endpoint, 4096);
}

static int
put_one (stage_t *stage, void *endpoint)
{
    (void)stage;
    troika_queue_t *queue = CHECK_OK (troika_queue_connect (endpoint));
    CHECK_OK (troika_queue_put (queue, 5000, "i", 1));
    CHECK_OK (troika_queue_flush (queue, 5000));
    troika_queue_destroy (&queue);
    return 0;
}

/* The handler of the one is asked about the clients of the other, too. */
static void
a_server_without_keys_admits_all_beside_one_with_keys (stage_t *stage)
{
    char endpoint[200];
    keyring_set (stage, "secret:alpha");
    troika_queue_t *guarded =
        CHECK_OK (troika_queue_new ("tcp://127.0.0.1:*", 0));
    keyring_set (stage, "none");
    troika_queue_t *open = CHECK_OK (troika_queue_new ("tcp://127.0.0.1:*", 0));
    snprintf (endpoint, sizeof endpoint, "%s", troika_queue_endpoint (open));
    stage_run_peer (stage, put_one, endpoint);
    assert_int_equal (CHECK_OK (troika_queue_qsize (open)), 1);
    troika_queue_destroy (&open);
    troika_queue_destroy (&guarded);
}

static void
both_ends_of_a_new_pipe_have_keys (stage_t *stage)
{
    static const char *const parties[] = {"secret:alpha", "server"};
    keyring_make (stage);
    for (int i = 0; i < 2; i++) {
        troika_pipe_t *a, *b;
        int got;
        keyring_set (stage, parties[i]);
        CHECK_OK (troika_pipe_new (&a, &b, "tcp://127.0.0.1:*", true));
        CHECK_OK (troika_pipe_send (a, 5000, "i", 7));
        CHECK_OK (troika_pipe_send (b, 5000, "i", 8));
        troika_msg_t *to_b = CHECK_OK (troika_pipe_recv (b, 5000));
        troika_msg_t *to_a = CHECK_OK (troika_pipe_recv (a, 5000));
        CHECK_OK (troika_msg_unpack (to_b, "i", &got));
        assert_int_equal (got, 7);
        CHECK_OK (troika_msg_unpack (to_a, "i", &got));
        assert_int_equal (got, 8);
        troika_msg_destroy (&to_a);
        troika_msg_destroy (&to_b);
        troika_pipe_destroy (&a);
        troika_pipe_destroy (&b);
    }
}

static void
keys_hold_after_troika_shutdown (stage_t *stage)
{
    keyring_set (stage, "secret:alpha");
    for (int i = 0; i < 2; i++) {
        troika_queue_t *queue =
            CHECK_OK (troika_queue_new ("tcp://127.0.0.1:*", 0));
        stage_peer_t *child = stage_peer (stage, use_inherited, queue);
        assert_int_equal (stage_join (child), 0);
        troika_queue_destroy (&queue);
        CHECK_OK (troika_shutdown (5000));
    }
}

static const stage_case_t cases[] = {
    STAGE_TEST_ON (STAGE_ONCE, an_empty_secret_is_einval),
    STAGE_TEST_ON (STAGE_ONCE, keys_that_are_not_there_are_refused),
    STAGE_TEST_ON (STAGE_ONCE, a_certificate_without_its_secret_is_ebadmsg),
    STAGE_TEST_ON (STAGE_ONCE, a_new_certificate_replaces_none),
    STAGE_TEST_ON (STAGE_ONCE, serving_beyond_loopback_needs_keys_only),
    STAGE_TEST_ON (STAGE_THREADS | STAGE_PROCESS, ipc_and_inproc_need_none),
    STAGE_TEST_ON (STAGE_HOST, a_handle_keeps_the_keys_it_began_with),
    STAGE_TEST_ON (STAGE_HOST, keys_hold_in_a_forked_child),
    STAGE_TEST_ON (STAGE_HOST, a_forked_child_serves_with_its_parents_keys),
    STAGE_TEST_ON (STAGE_HOST,
                   a_server_without_keys_admits_all_beside_one_with_keys),
    STAGE_TEST_ON (STAGE_HOST, both_ends_of_a_new_pipe_have_keys),
    STAGE_TEST_ON (STAGE_HOST, keys_hold_after_troika_shutdown),
};

int
main (int argc, char **argv)
{
    return STAGE_RUN (cases, argc, argv);
}
