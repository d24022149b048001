/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_exit.c - the orderly end of a process, and troika_shutdown().
 *
 * Ends are tried out in a child, which writes to a pipe what its parent is to
 * see. What fork() does is in test_fork.c.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zmq.h>
#include "lib/base/error.h"
#include "lib/base/runtime.h"
#include "lib/base/troika_base.h"
#include "lib/wire/endpoint.h"
#include "tests/sanitized.h"
#include "tests/timed.h"

/* --- the end of a process */

static int said[2]; /* what the child's modules write */

static int
say_pipe (tk_time_t deadline)
{
    (void)deadline;
    return write (said[1], "p", 1) == 1 ? 0 : -EPIPE;
}

static int
say_client (tk_time_t deadline)
{
    (void)deadline;
    return write (said[1], "c", 1) == 1 ? 0 : -EPIPE;
}

static int
say_server (tk_time_t deadline)
{
    char which = deadline == TK_NEVER ? 'n' : 's';
    return write (said[1], &which, 1) == 1 ? 0 : -EPIPE;
}

static const tk_module_t pipe_module = {TK_PHASE_PIPE, NULL, NULL, NULL,
                                        say_pipe};
static const tk_module_t client_module = {TK_PHASE_CLIENT, NULL, NULL, NULL,
                                          say_client};
static const tk_module_t server_module = {TK_PHASE_SERVER, NULL, NULL, NULL,
                                          say_server};

/* Runs it in a child, which must end with that status before the alarm;
 * gives what it said. */
static const char *
child_says (void (*run) (void), int expected)
{
    static char text[64];
    int status;
    assert_int_equal (pipe (said), 0);
    pid_t child = fork ();
    if (child == 0) {
        alarm (5 * stage_scale ());
        run ();
        _exit (99);
    }
    close (said[1]);
    ssize_t size = read (said[0], text, 1), more = size;
    while (more > 0 && size < (ssize_t)sizeof text - 1) {
        more = read (said[0], text + size, sizeof text - 1 - (size_t)size);
        size += more;
    }
    text[size > 0 ? size : 0] = '\0';
    close (said[0]);
    assert_int_equal (waitpid (child, &status, 0), child);
    assert_int_equal (status, expected << 8);
    return text;
}

static void
exit_with_modules (void)
{
    tk_module (&server_module);
    tk_module (&pipe_module);
    tk_module (&server_module);
    tk_module (&client_module);
    exit (7);
}

static void
exit_runs_the_modules_in_order_of_phase (void **state)
{
    (void)state;
    assert_string_equal (child_says (exit_with_modules, 7), "pcs");
}

static void
exit_and_linger_for_ever (void)
{
    troika_set_linger (-1);
    tk_module (&server_module);
    exit (0);
}

static void
linger_is_the_deadline_of_exit (void **state)
{
    (void)state;
    assert_string_equal (child_says (exit_and_linger_for_ever, 0), "n");
}

static void
fork_and_exit (void)
{
    tk_module (&server_module);
    if (fork () == 0)
        exit (0);
    wait (NULL);
    if (write (said[1], ".", 1) != 1)
        _exit (1);
    exit (0);
}

static void
exit_in_a_child_leaves_its_parents_modules_alone (void **state)
{
    (void)state;
    assert_string_equal (child_says (fork_and_exit, 0), ".s");
}

static void
exit_with_open_sockets (void)
{
    tk_endpoint_t endpoint;
    void *socket, *nowhere;
    if (tk_endpoint_parse (&endpoint, "tcp://127.0.0.1:*") ||
        tk_socket (ZMQ_ROUTER, &socket) ||
        tk_endpoint_bind (&endpoint, socket) ||
        tk_socket (ZMQ_PUSH, &nowhere) ||
        zmq_connect (nowhere, "tcp://127.0.0.1:1"))
        _exit (1);
    zmq_send (nowhere, "lost", 4, 0);
    exit (0);
}

static void *
receive_for_ever (void *socket)
{
    char byte;
    zmq_recv (socket, &byte, 1, 0);
    return NULL;
}

static void
exit_while_a_thread_receives (void)
{
    void *socket;
    pthread_t thread;
    if (tk_socket (ZMQ_PULL, &socket) || zmq_bind (socket, "inproc://x") ||
        pthread_create (&thread, NULL, receive_for_ever, socket))
        _exit (1);
    exit (0);
}

/* zmq_close() behind our back: the context looks busy and is left. */
static void
exit_with_a_socket_of_which_we_do_not_know (void)
{
    void *context = tk_context ();
    if (!context || !zmq_socket (context, ZMQ_PULL))
        _exit (1);
    exit (0);
}

static void
exit_with_all_closed (void)
{
    void *socket;
    if (tk_socket (ZMQ_PULL, &socket))
        _exit (1);
    tk_socket_close (socket);
    exit (0);
}

static tk_time_t
time_of (void (*run) (void))
{
    tk_time_t before = tk_clock_us ();
    child_says (run, 0);
    return tk_clock_us () - before;
}

static void
exit_never_hangs (void **state)
{
    (void)state;
    if (UNDER_TSAN)
        skip ();
    assert_in_range (time_of (exit_with_all_closed), 0,
                     1000000 * stage_scale ());
    assert_in_range (time_of (exit_with_open_sockets), 0,
                     1000000 * stage_scale ());
    assert_in_range (time_of (exit_while_a_thread_receives), 0,
                     1000000 * stage_scale ());
    assert_in_range (time_of (exit_with_a_socket_of_which_we_do_not_know), 0,
                     3000000 * stage_scale ());
}

static void
shut_down_and_go_on (void)
{
    void *socket;
    unsigned before = tk_generation ();
    tk_module (&pipe_module);
    if (tk_socket (ZMQ_PULL, &socket))
        _exit (1);
    tk_socket_close (socket);
    if (troika_shutdown (1000) || tk_generation () == before ||
        tk_socket (ZMQ_PULL, &socket))
        _exit (2);
    tk_socket_close (socket);
    if (troika_shutdown (-2) != -1 || errno != EINVAL)
        _exit (3);
    _exit (0);
}

static void
shutdown_ends_everything_and_begins_anew (void **state)
{
    (void)state;
    if (UNDER_TSAN)
        skip ();
    assert_string_equal (child_says (shut_down_and_go_on, 0), "p");
}

static int
too_slow (tk_time_t deadline)
{
    (void)deadline;
    return tk_error (ETIMEDOUT, "7 items are lost");
}

static const tk_module_t slow_module = {TK_PHASE_PIPE, NULL, NULL, NULL,
                                        too_slow};

static void
shut_down_too_soon (void)
{
    tk_module (&slow_module);
    tk_module (&client_module);
    if (troika_shutdown (0) != -1 || errno != ETIMEDOUT ||
        strcmp (troika_error (), "7 items are lost"))
        _exit (1);
    _exit (0);
}

static void
shutdown_tells_what_could_not_be_flushed (void **state)
{
    (void)state;
    assert_string_equal (child_says (shut_down_too_soon, 0), "c");
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (exit_runs_the_modules_in_order_of_phase),
        TEST (linger_is_the_deadline_of_exit),
        TEST (exit_in_a_child_leaves_its_parents_modules_alone),
        TEST (exit_never_hangs),
        TEST (shutdown_ends_everything_and_begins_anew),
        TEST (shutdown_tells_what_could_not_be_flushed),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
