/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_listener.c - many clients come to one endpoint, and each gets a pipe:
 * inproc between threads, ipc and tcp between processes.
 *
 * The listener is this process's, unless the test kills it.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>
#include "tests/listener.h"

/* --- each its own */

static int
ask_for_echo (stage_t *stage, void *listener)
{
    (void)stage;
    troika_pipe_t *pipe = client_of (listener);
    for (int i = 0; i < 100; i++) {
        pipe_send_numbers (pipe, i, i + 1);
        pipe_check_numbers (pipe, i, i + 1);
    }
    troika_pipe_destroy (&pipe);
    return 0;
}

static void
a_client_gets_a_pipe_of_its_own (stage_t *stage)
{
    troika_listener_t *listener = listen_here (stage);
    stage_peer_t *peer = stage_peer (stage, ask_for_echo, listener);
    troika_pipe_t *pipe = accept_one (listener);
    pipe_echo (pipe);
    pipe_join (peer);
    troika_pipe_destroy (&pipe);
    troika_listener_destroy (&listener);
    assert_null (listener);
    troika_listener_destroy (&listener);
    troika_listener_destroy (NULL);
}

static void
a_client_may_send_before_it_is_accepted (stage_t *stage)
{
    troika_listener_t *listener = listen_here (stage);
    troika_pipe_t *client = client_of (listener);
    pipe_send_numbers (client, 0, 100);
    troika_pipe_t *pipe = accept_one (listener);
    pipe_check_numbers (pipe, 0, 100);
    pipe_send_numbers (pipe, 0, 100);
    pipe_check_numbers (client, 0, 100);
    troika_pipe_destroy (&client);
    CHECK_ERRNO (troika_pipe_recv (pipe, TROIKA_FOREVER), EPIPE);
    troika_pipe_destroy (&pipe);
    troika_listener_destroy (&listener);
}

static void
an_endpoint_need_not_name_the_listener (stage_t *stage)
{
    char endpoint[600];
    troika_listener_t *listener = listen_here (stage);
    snprintf (endpoint, sizeof endpoint, "%s",
              troika_listener_endpoint (listener));
    assert_non_null (strstr (endpoint, "#listener"));
    *strchr (endpoint, '#') = '\0';
    troika_pipe_t *client = CHECK_OK (troika_pipe_connect (endpoint));
    troika_pipe_t *pipe = accept_one (listener);
    pipe_send_numbers (client, 0, 1);
    pipe_check_numbers (pipe, 0, 1);
    troika_pipe_destroy (&client);
    troika_pipe_destroy (&pipe);
    troika_listener_destroy (&listener);
}

static void
clients_are_accepted_in_the_order_they_came (stage_t *stage)
{
    troika_pipe_t *clients[5];
    troika_listener_t *listener = listen_here (stage);
    for (int i = 0; i < 5; i++) {
        clients[i] = client_of (listener);
        pipe_send_numbers (clients[i], i, i + 1);
    }
    for (int i = 0; i < 5; i++) {
        troika_pipe_t *pipe = accept_one (listener);
        pipe_check_numbers (pipe, i, i + 1);
        troika_pipe_destroy (&pipe);
    }
    for (int i = 0; i < 5; i++)
        troika_pipe_destroy (&clients[i]);
    troika_listener_destroy (&listener);
}

#define CLIENTS 50
#define SERVERS 4

static atomic_int unserved = CLIENTS;

static void *
serve_some (void *listener)
{
    while (atomic_fetch_sub (&unserved, 1) > 0) {
        troika_pipe_t *pipe = accept_one (listener);
        pipe_echo (pipe);
        troika_pipe_destroy (&pipe);
    }
    return NULL;
}

enum { ALL_THERE };

static int
ask_when_all_are_there (stage_t *stage, void *listener)
{
    stage_await (stage, ALL_THERE);
    return ask_for_echo (stage, listener);
}

static void
fifty_clients_come_at_once (stage_t *stage)
{
    stage_peer_t *clients[CLIENTS];
    pthread_t servers[SERVERS];
    CHECK_OK (troika_set_connect_timeout (40000)); /* two cores may serve it */
    troika_listener_t *listener = listen_here (stage);
    stage_start_peers (stage, clients, CLIENTS, ask_when_all_are_there,
                       listener);
    for (int i = 0; i < SERVERS; i++)
        pthread_create (&servers[i], NULL, serve_some, listener);
    for (int i = 0; i < CLIENTS; i++)
        stage_signal (stage, ALL_THERE);
    stage_join_peers (clients, CLIENTS);
    for (int i = 0; i < SERVERS; i++)
        pthread_join (servers[i], NULL);
    troika_listener_destroy (&listener);
}

/* --- how long */

static void
accept_waits_as_long_as_it_may (stage_t *stage)
{
    troika_listener_t *listener = listen_here (stage);
    CHECK_ERRNO (troika_listener_accept (listener, TROIKA_NOWAIT), EAGAIN);
    CHECK_ERRNO (troika_listener_accept (listener, 30), ETIMEDOUT);
    stage_check_after ("without a client after ", 30);
    CHECK_ERRNO (troika_listener_accept (listener, -2), EINVAL);
    CHECK_ERRNO (troika_listener_accept (NULL, 0), EINVAL);
    CHECK_ERRNO (troika_listener_endpoint (NULL), EINVAL);
    troika_pipe_t *client = client_of (listener);
    troika_pipe_t *pipe =
        CHECK_OK (troika_listener_accept (listener, TROIKA_NOWAIT));
    CHECK_ERRNO (troika_listener_accept (listener, TROIKA_NOWAIT), EAGAIN);
    troika_pipe_destroy (&client);
    troika_pipe_destroy (&pipe);
    troika_listener_destroy (&listener);
}

static void
on_signal (int number)
{
    (void)number;
}

static void
a_signal_interrupts_accept_and_nothing_is_lost (stage_t *stage)
{
    struct sigaction action = {.sa_handler = on_signal};
    struct itimerval often = {{0, 5000}, {0, 5000}};
    troika_listener_t *listener = listen_here (stage);
    sigaction (SIGALRM, &action, NULL);
    setitimer (ITIMER_REAL, &often, NULL);
    CHECK_ERRNO (troika_listener_accept (listener, TROIKA_FOREVER), EINTR);
    memset (&often, 0, sizeof often);
    setitimer (ITIMER_REAL, &often, NULL);
    troika_pipe_t *client = client_of (listener);
    troika_pipe_t *pipe = accept_one (listener);
    troika_pipe_destroy (&client);
    troika_pipe_destroy (&pipe);
    troika_listener_destroy (&listener);
}

static void *
accept_nobody (void *listener)
{
    CHECK_ERRNO (troika_listener_accept (listener, TROIKA_FOREVER), EPIPE);
    return NULL;
}

static void
destroy_ends_the_accepts_that_wait (stage_t *stage)
{
    pthread_t threads[2];
    troika_listener_t *listener = listen_here (stage);
    troika_object_t *object =
        CHECK_OK (troika_object_connect (troika_listener_endpoint (listener)));
    for (int i = 0; i < 2; i++)
        pthread_create (&threads[i], NULL, accept_nobody, listener);
    WAIT_UNTIL (count_of (object, "waiting_accepts") == 2);
    troika_object_destroy (&object);
    troika_listener_destroy (&listener);
    for (int i = 0; i < 2; i++)
        pthread_join (threads[i], NULL);
}

/* --- who may, and what is refused */

static int
use_in_a_child (stage_t *stage, void *arg)
{
    troika_listener_t *listener = arg;
    (void)stage;
    CHECK_ERRNO (troika_listener_accept (listener, TROIKA_FOREVER), EPERM);
    assert_non_null (strstr (troika_error (), "only the process that listens"));
    troika_pipe_t *pipe = client_of (listener);
    pipe_send_numbers (pipe, 0, 1);
    troika_pipe_destroy (&pipe);
    troika_listener_destroy (&listener);
    return 0;
}

static void
a_forked_child_connects_but_does_not_accept (stage_t *stage)
{
    stage_needs_fork (stage);
    troika_listener_t *listener = listen_here (stage);
    pipe_join (stage_peer (stage, use_in_a_child, listener));
    troika_pipe_t *pipe = accept_one (listener);
    pipe_check_numbers (pipe, 0, 1);
    troika_pipe_t *client = client_of (listener);
    troika_pipe_destroy (&client);
    troika_pipe_destroy (&pipe);
    troika_listener_destroy (&listener);
}

static void
a_stranger_takes_no_client_away (stage_t *stage)
{
    troika_listener_t *listener = listen_here (stage);
    troika_object_t *object =
        CHECK_OK (troika_object_connect (troika_listener_endpoint (listener)));
    CHECK_ERRNO (troika_object_call (object, -1, "accept", "i", 1), EPERM);
    CHECK_ERRNO (troika_object_call (object, -1, "accept", "s", "x"), EINVAL);
    CHECK_ERRNO (troika_object_call (object, -1, "arrived", "i", 7), ENOENT);
    CHECK_ERRNO (troika_object_call (object, -1, "leave", "i", 7), ENOENT);
    troika_msg_t *way =
        CHECK_OK (troika_object_call (object, -1, "connect", NULL));
    assert_int_equal (count_of (object, "clients"), 1);
    CHECK_ERRNO (troika_listener_accept (listener, TROIKA_NOWAIT), EAGAIN);
    int number;
    CHECK_OK (troika_msg_unpack (way, "[i*]", &number));
    troika_msg_destroy (&way);
    CHECK_ERRNO (troika_object_call (object, -1, "leave", "s", "x"), EINVAL);
    way = CHECK_OK (troika_object_call (object, -1, "leave", "i", number));
    troika_msg_destroy (&way);
    assert_int_equal (count_of (object, "clients"), 0);
    troika_object_destroy (&object);
    troika_listener_destroy (&listener);
}

static void
a_queue_is_no_listener (stage_t *stage)
{
    char endpoint[600];
    troika_queue_t *queue =
        CHECK_OK (troika_queue_new (stage_address (stage), 0));
    snprintf (endpoint, sizeof endpoint, "%s", troika_queue_endpoint (queue));
    CHECK_ERRNO (troika_pipe_connect (endpoint), EHOSTUNREACH);
    assert_non_null (strstr (troika_error (), "neither a pipe nor a listener"));
    *strchr (endpoint, '#') = '\0';
    CHECK_ERRNO (troika_pipe_connect (endpoint), EHOSTUNREACH);
    assert_non_null (strstr (troika_error (), "neither a pipe nor a listener"));
    troika_queue_destroy (&queue);
}

static void
a_listener_wants_an_endpoint_of_its_own (stage_t *stage)
{
    CHECK_ERRNO (troika_listener_new ("tcp://"), EINVAL);
    CHECK_ERRNO (troika_listener_new ("ipc:///nowhere/at/all"), ENOENT);
    troika_listener_t *listener = listen_here (stage);
    CHECK_ERRNO (troika_listener_new (troika_listener_endpoint (listener)),
                 EADDRINUSE);
    troika_listener_destroy (&listener);
}

static const stage_case_t cases[] = {
    STAGE_TEST (a_client_gets_a_pipe_of_its_own),
    STAGE_TEST (a_client_may_send_before_it_is_accepted),
    STAGE_TEST (an_endpoint_need_not_name_the_listener),
    STAGE_TEST (clients_are_accepted_in_the_order_they_came),
    STAGE_TEST_WITHIN (60, STAGE_ALL, fifty_clients_come_at_once),
    STAGE_TEST (accept_waits_as_long_as_it_may),
    STAGE_TEST (a_signal_interrupts_accept_and_nothing_is_lost),
    STAGE_TEST (destroy_ends_the_accepts_that_wait),
    STAGE_TEST_ON (STAGE_REMOTE, a_forked_child_connects_but_does_not_accept),
    STAGE_TEST (a_stranger_takes_no_client_away),
    STAGE_TEST (a_queue_is_no_listener),
    STAGE_TEST (a_listener_wants_an_endpoint_of_its_own),
};

int
main (int argc, char **argv)
{
    return STAGE_RUN (cases, argc, argv);
}
