/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_listener_end.c - clients that die, leave or stand still cost others
 * nothing; a full backlog makes them wait; a listener that ends or dies takes
 * only those with it whom it has not accepted.
 *
 * The listener is this process's, unless the test kills it.
 */
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include "tests/listener.h"

/* Tells that it is there, and is until it is killed. */
static void __attribute__ ((noreturn)) hang (stage_t *stage)
{
    stage_signal (stage, 0);
    for (;;)
        pause ();
}

/* --- clients that go */

static int
connect_and_hang (stage_t *stage, void *listener)
{
    client_of (listener);
    hang (stage);
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
    pipe_echo (pipe);
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
    hang (stage);
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
    CHECK_OK (troika_set_connect_timeout (5000)); /* it connects to itself */
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
    hang (stage);
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

static int
ask_and_die (stage_t *stage, void *listener)
{
    troika_object_t *object =
        CHECK_OK (troika_object_connect (troika_listener_endpoint (listener)));
    CHECK_OK (troika_object_call (object, -1, "connect", NULL));
    hang (stage);
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
    STAGE_TEST_ON (STAGE_REMOTE, a_client_that_died_is_passed_over),
    STAGE_TEST (what_a_client_sent_before_it_left_is_there),
    STAGE_TEST_ON (STAGE_REMOTE, a_stopped_client_keeps_nobody_waiting),
    STAGE_TEST (beyond_the_backlog_connect_waits_for_a_place),
    STAGE_TEST_ON (STAGE_REMOTE, the_dead_do_not_fill_the_backlog),
    STAGE_TEST (pipes_outlive_their_listener),
    STAGE_TEST (a_client_may_come_before_its_listener),
    STAGE_TEST_ON (STAGE_REMOTE, a_killed_listener_resets_its_clients),
    STAGE_TEST_ON (STAGE_REMOTE, who_dies_on_its_way_leaves_its_place),
    STAGE_TEST_ON (STAGE_ONCE, nothing_is_left_in_the_file_system),
};

int
main (int argc, char **argv)
{
    return STAGE_RUN (cases, argc, argv);
}
