/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_listener.c - many clients come to one endpoint, and each gets a pipe:
 * inproc between threads, ipc and tcp between processes.
 *
 * The listener is this process's, unless the test kills it.
 */
#include <dirent.h>
#include <pthread.h>
#include <stdatomic.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>
#include "tests/pipe_ends.h"

static troika_listener_t *
listen_here (stage_t *stage)
{
    return CHECK_OK (troika_listener_new (stage_address (stage)));
}

static troika_pipe_t *
client_of (const troika_listener_t *listener)
{
    return CHECK_OK (troika_pipe_connect (troika_listener_endpoint (listener)));
}

static troika_pipe_t *
accept_one (troika_listener_t *listener)
{
    return CHECK_OK (troika_listener_accept (listener, TROIKA_FOREVER));
}

/* A client or an echo answers what it hears until the end. */
static void
echo_all (troika_pipe_t *pipe)
{
    troika_msg_t *msg;
    while ((msg = troika_pipe_recv (pipe, TROIKA_FOREVER))) {
        CHECK_OK (troika_pipe_send_msg (pipe, TROIKA_FOREVER, msg));
        troika_msg_destroy (&msg);
    }
    assert_int_equal (errno, EPIPE);
}

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
    echo_all (pipe);
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
        echo_all (pipe);
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
    for (int i = 0; i < CLIENTS; i++)
        clients[i] = stage_peer (stage, ask_when_all_are_there, listener);
    for (int i = 0; i < SERVERS; i++)
        pthread_create (&servers[i], NULL, serve_some, listener);
    for (int i = 0; i < CLIENTS; i++)
        stage_signal (stage, ALL_THERE);
    for (int i = 0; i < CLIENTS; i++)
        pipe_join (clients[i]);
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

static int
count_of (troika_object_t *object, const char *name)
{
    int count;
    troika_msg_t *stat =
        CHECK_OK (troika_object_call (object, TROIKA_FOREVER, "stat", NULL));
    CHECK_OK (troika_msg_unpack (stat, "{s:i}", name, &count));
    troika_msg_destroy (&stat);
    return count;
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

/* --- clients that go */

static int
connect_and_hang (stage_t *stage, void *listener)
{
    troika_pipe_t *pipe = client_of (listener);
    stage_signal (stage, 0);
    for (;;)
        pause ();
    troika_pipe_destroy (&pipe);
    return 0;
}

static void
a_client_that_died_is_passed_over (stage_t *stage)
{
    stage_needs_fork (stage);
    troika_listener_t *listener = listen_here (stage);
    for (int i = 0; i < 3; i++) {
        stage_peer_t *peer = stage_peer (stage, connect_and_hang, listener);
        stage_await (stage, 0);
        stage_kill (peer);
        CHECK_ERRNO (troika_listener_accept (listener, TROIKA_NOWAIT), EAGAIN);
    }
    stage_peer_t *peer = stage_peer (stage, connect_and_hang, listener);
    stage_await (stage, 0);
    troika_pipe_t *client = client_of (listener);
    pipe_send_numbers (client, 7, 8);
    stage_kill (peer);
    troika_pipe_t *pipe = accept_one (listener);
    pipe_check_numbers (pipe, 7, 8);
    troika_pipe_destroy (&client);
    troika_pipe_destroy (&pipe);
    troika_listener_destroy (&listener);
}

static int
send_and_leave (stage_t *stage, void *listener)
{
    (void)stage;
    troika_pipe_t *pipe = client_of (listener);
    pipe_send_numbers (pipe, 0, 100);
    troika_pipe_destroy (&pipe);
    return 0;
}

static void
what_a_client_sent_before_it_left_is_there (stage_t *stage)
{
    troika_listener_t *listener = listen_here (stage);
    pipe_join (stage_peer (stage, send_and_leave, listener));
    troika_pipe_t *pipe = accept_one (listener);
    pipe_check_numbers (pipe, 0, 100);
    CHECK_ERRNO (troika_pipe_recv (pipe, TROIKA_FOREVER), EPIPE);
    troika_pipe_destroy (&pipe);
    troika_listener_destroy (&listener);
}

static int
connect_and_echo (stage_t *stage, void *listener)
{
    troika_pipe_t *pipe = client_of (listener);
    stage_signal (stage, 0);
    echo_all (pipe);
    troika_pipe_destroy (&pipe);
    return 0;
}

static void
a_stopped_client_keeps_nobody_waiting (stage_t *stage)
{
    stage_needs_fork (stage);
    troika_listener_t *listener = listen_here (stage);
    stage_peer_t *peer = stage_peer (stage, connect_and_echo, listener);
    stage_await (stage, 0);
    stage_stop (stage_peer_pid (peer));
    troika_pipe_t *client = client_of (listener);
    troika_pipe_t *first = accept_one (listener);
    troika_pipe_t *second = accept_one (listener);
    pipe_send_numbers (client, 0, 1);
    pipe_check_numbers (second, 0, 1);
    CHECK_ERRNO (troika_pipe_recv (first, TROIKA_NOWAIT), EAGAIN);
    kill (stage_peer_pid (peer), SIGCONT);
    pipe_send_numbers (first, 0, 1);
    pipe_check_numbers (first, 0, 1);
    troika_pipe_destroy (&first);
    pipe_join (peer);
    troika_pipe_destroy (&second);
    troika_pipe_destroy (&client);
    troika_listener_destroy (&listener);
}

/* --- the backlog */

static void
need_descriptors (stage_t *stage, rlim_t count)
{
    struct rlimit limit;
    getrlimit (RLIMIT_NOFILE, &limit);
    if (limit.rlim_max < count)
        stage_skip (stage, "not enough descriptors are permitted");
    if (limit.rlim_cur < count) {
        limit.rlim_cur = count;
        setrlimit (RLIMIT_NOFILE, &limit);
    }
}

static int
come_late (stage_t *stage, void *listener)
{
    (void)stage;
    troika_pipe_t *pipe = client_of (listener);
    pipe_check_numbers (pipe, 0, 1);
    troika_pipe_destroy (&pipe);
    return 0;
}

static void
beyond_the_backlog_connect_waits_for_a_place (stage_t *stage)
{
    troika_pipe_t *clients[TROIKA_BACKLOG], *pipe;
    need_descriptors (stage, 5000);
    troika_listener_t *listener = listen_here (stage);
    const char *endpoint = troika_listener_endpoint (listener);
    troika_object_t *object = CHECK_OK (troika_object_connect (endpoint));
    for (int i = 0; i < TROIKA_BACKLOG; i++)
        clients[i] = client_of (listener);
    CHECK_OK (troika_set_connect_timeout (50));
    CHECK_ERRNO (troika_pipe_connect (endpoint), ETIMEDOUT);
    assert_non_null (strstr (troika_error (), "still full after"));
    CHECK_OK (troika_set_connect_timeout (15000));
    stage_peer_t *peer = stage_peer (stage, come_late, listener);
    WAIT_UNTIL (count_of (object, "waiting_connects") == 1);
    for (int i = 0; i <= TROIKA_BACKLOG; i++) {
        pipe = accept_one (listener);
        pipe_send_numbers (pipe, 0, 1);
        if (i < TROIKA_BACKLOG)
            pipe_check_numbers (clients[i], 0, 1);
        else
            pipe_join (peer);
        troika_pipe_destroy (&pipe);
    }
    for (int i = 0; i < TROIKA_BACKLOG; i++)
        troika_pipe_destroy (&clients[i]);
    troika_object_destroy (&object);
    troika_listener_destroy (&listener);
}

static int
connect_often_and_hang (stage_t *stage, void *listener)
{
    for (int i = 0; i < TROIKA_BACKLOG; i++)
        client_of (listener);
    stage_signal (stage, 0);
    for (;;)
        pause ();
    return 0;
}

static void
the_dead_do_not_fill_the_backlog (stage_t *stage)
{
    stage_needs_fork (stage);
    need_descriptors (stage, 5000);
    troika_listener_t *listener = listen_here (stage);
    stage_peer_t *peer = stage_peer (stage, connect_often_and_hang, listener);
    stage_await (stage, 0);
    stage_kill (peer);
    troika_pipe_t *client = client_of (listener);
    troika_pipe_t *pipe =
        CHECK_OK (troika_listener_accept (listener, TROIKA_NOWAIT));
    pipe_send_numbers (client, 0, 1);
    pipe_check_numbers (pipe, 0, 1);
    troika_pipe_destroy (&client);
    troika_pipe_destroy (&pipe);
    troika_listener_destroy (&listener);
}

/* --- listeners that come and go */

static void
pipes_outlive_their_listener (stage_t *stage)
{
    char endpoint[600];
    troika_listener_t *listener = listen_here (stage);
    snprintf (endpoint, sizeof endpoint, "%s",
              troika_listener_endpoint (listener));
    troika_pipe_t *client = client_of (listener);
    troika_pipe_t *refused = client_of (listener);
    troika_pipe_t *pipe = accept_one (listener);
    troika_listener_destroy (&listener);
    pipe_send_numbers (client, 0, 1);
    pipe_check_numbers (pipe, 0, 1);
    CHECK_ERRNO (troika_pipe_recv (refused, TROIKA_FOREVER), EPIPE);
    CHECK_OK (troika_set_connect_timeout (100));
    CHECK_ERRNO (troika_pipe_connect (endpoint), EHOSTUNREACH);
    troika_pipe_destroy (&client);
    troika_pipe_destroy (&pipe);
    troika_pipe_destroy (&refused);
    listener = CHECK_OK (troika_listener_new (endpoint));
    assert_string_equal (troika_listener_endpoint (listener), endpoint);
    troika_listener_destroy (&listener);
}

static int
connect_with_and_without_name (stage_t *stage, void *endpoint)
{
    (void)stage;
    for (int i = 0; i < 2; i++) {
        troika_pipe_t *pipe = CHECK_OK (troika_pipe_connect (endpoint));
        pipe_send_numbers (pipe, i, i + 1);
        troika_pipe_destroy (&pipe);
        strcat (endpoint, "#listener");
    }
    return 0;
}

/* A port that is free, and a name that nobody has had. */
static void
find_place (stage_t *stage, char *endpoint)
{
    strcpy (endpoint, stage_address (stage));
    if (stage_variant (stage) != STAGE_HOST)
        return;
    troika_listener_t *listener = CHECK_OK (troika_listener_new (endpoint));
    strcpy (endpoint, troika_listener_endpoint (listener));
    *strchr (endpoint, '#') = '\0';
    troika_listener_destroy (&listener);
}

static void
a_client_may_come_before_its_listener (stage_t *stage)
{
    char endpoint[600], theirs[600];
    find_place (stage, endpoint);
    strcpy (theirs, endpoint);
    stage_peer_t *peer =
        stage_peer (stage, connect_with_and_without_name, theirs);
    usleep (20000); /* so that it waits, mostly */
    troika_listener_t *listener = CHECK_OK (troika_listener_new (endpoint));
    for (int i = 0; i < 2; i++) {
        troika_pipe_t *pipe = accept_one (listener);
        pipe_check_numbers (pipe, i, i + 1);
        troika_pipe_destroy (&pipe);
    }
    pipe_join (peer);
    troika_listener_destroy (&listener);
}

static int
accept_and_hang (stage_t *stage, void *address)
{
    troika_listener_t *listener = CHECK_OK (troika_listener_new (address));
    FILE *file = fopen ("endpoint", "w");
    assert_non_null (file);
    fputs (troika_listener_endpoint (listener), file);
    fclose (file);
    stage_signal (stage, 0);
    troika_pipe_t *pipe = accept_one (listener);
    pipe_send_numbers (pipe, 0, 1);
    stage_signal (stage, 0);
    for (;;)
        pause ();
    return 0;
}

static void
a_killed_listener_resets_its_clients (stage_t *stage)
{
    char endpoint[600] = "";
    stage_needs_fork (stage);
    assert_int_equal (chdir (stage_directory (stage)), 0);
    char *address = strdup (stage_address (stage));
    stage_peer_t *peer = stage_peer (stage, accept_and_hang, address);
    stage_await (stage, 0);
    FILE *file = fopen ("endpoint", "r");
    assert_non_null (fgets (endpoint, sizeof endpoint, file));
    fclose (file);
    troika_pipe_t *accepted = CHECK_OK (troika_pipe_connect (endpoint));
    stage_await (stage, 0);
    troika_pipe_t *waiting = CHECK_OK (troika_pipe_connect (endpoint));
    stage_kill (peer);
    pipe_check_numbers (accepted, 0, 1);
    CHECK_ERRNO (troika_pipe_recv (accepted, TROIKA_FOREVER), ECONNRESET);
    CHECK_ERRNO (troika_pipe_recv (waiting, TROIKA_FOREVER), ECONNRESET);
    CHECK_ERRNO (troika_pipe_send (waiting, -1, "i", 1), ECONNRESET);
    CHECK_OK (troika_set_connect_timeout (100));
    CHECK_ERRNO (troika_pipe_connect (endpoint), EHOSTUNREACH);
    troika_pipe_destroy (&accepted);
    troika_pipe_destroy (&waiting);
    free (address);
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

static int
ask_and_die (stage_t *stage, void *listener)
{
    troika_object_t *object =
        CHECK_OK (troika_object_connect (troika_listener_endpoint (listener)));
    CHECK_OK (troika_object_call (object, -1, "connect", NULL));
    stage_signal (stage, 0);
    for (;;)
        pause ();
    return 0;
}

static void
who_dies_on_its_way_leaves_its_place (stage_t *stage)
{
    stage_needs_fork (stage);
    troika_listener_t *listener = listen_here (stage);
    troika_object_t *object =
        CHECK_OK (troika_object_connect (troika_listener_endpoint (listener)));
    stage_peer_t *peer = stage_peer (stage, ask_and_die, listener);
    stage_await (stage, 0);
    assert_int_equal (count_of (object, "clients"), 1);
    stage_kill (peer);
    WAIT_UNTIL (count_of (object, "clients") == 0);
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

static unsigned
files_in (const char *path)
{
    unsigned count = 0;
    DIR *directory = opendir (path);
    assert_non_null (directory);
    for (struct dirent *entry; (entry = readdir (directory));)
        count += entry->d_name[0] != '.';
    closedir (directory);
    return count;
}

/* NULL: a private directory below TMPDIR. */
static void
nothing_is_left_in_the_file_system (stage_t *stage)
{
    char path[300];
    const char *here = stage_directory (stage);
    setenv ("TMPDIR", here, 1);
    snprintf (path, sizeof path, "ipc://%s/listener", here);
    const char *endpoints[] = {path, NULL};
    for (int i = 0; i < 2; i++) {
        unsigned before = files_in (here);
        troika_listener_t *listener =
            CHECK_OK (troika_listener_new (endpoints[i]));
        troika_pipe_t *clients[2] = {client_of (listener),
                                     client_of (listener)};
        troika_pipe_t *pipe = accept_one (listener);
        troika_listener_destroy (&listener);
        troika_pipe_destroy (&pipe);
        for (int j = 0; j < 2; j++)
            troika_pipe_destroy (&clients[j]);
        assert_int_equal (files_in (here), before);
    }
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
    STAGE_TEST_ON (STAGE_REMOTE, a_client_that_died_is_passed_over),
    STAGE_TEST (what_a_client_sent_before_it_left_is_there),
    STAGE_TEST_ON (STAGE_REMOTE, a_stopped_client_keeps_nobody_waiting),
    STAGE_TEST (beyond_the_backlog_connect_waits_for_a_place),
    STAGE_TEST_ON (STAGE_REMOTE, the_dead_do_not_fill_the_backlog),
    STAGE_TEST (pipes_outlive_their_listener),
    STAGE_TEST (a_client_may_come_before_its_listener),
    STAGE_TEST_ON (STAGE_REMOTE, a_killed_listener_resets_its_clients),
    STAGE_TEST_ON (STAGE_REMOTE, a_forked_child_connects_but_does_not_accept),
    STAGE_TEST (a_stranger_takes_no_client_away),
    STAGE_TEST_ON (STAGE_REMOTE, who_dies_on_its_way_leaves_its_place),
    STAGE_TEST (a_queue_is_no_listener),
    STAGE_TEST (a_listener_wants_an_endpoint_of_its_own),
    STAGE_TEST_ON (STAGE_ONCE, nothing_is_left_in_the_file_system),
};

int
main (int argc, char **argv)
{
    return STAGE_RUN (cases, argc, argv);
}
