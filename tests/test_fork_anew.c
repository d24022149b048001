/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_fork_anew.c - what a forked child can do: begin anew, while others of
 * its parent work, and below another child; modules hear of a fork.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zmq.h>
#include <troika/base.h>
#include "tests/fork_children.h"
#include "tests/leaks.h"
#include "tests/sanitized.h"

/* --- what a child can do */

/* In the child no assertion of cmocka may fail: its jump has no target. */
static int
begin_anew (void *arg)
{
    (void)arg;
    tk_endpoint_t endpoint;
    void *receiver, *sender;
    char byte;
    int limit = 4000;
    if (tk_endpoint_parse (&endpoint, "tcp://127.0.0.1:*") ||
        tk_socket (ZMQ_PULL, &receiver) || tk_socket (ZMQ_PUSH, &sender) ||
        tk_endpoint_bind (&endpoint, receiver) ||
        tk_endpoint_connect (&endpoint, sender))
        return 1;
    zmq_setsockopt (receiver, ZMQ_RCVTIMEO, &limit, sizeof limit);
    if (zmq_send (sender, "x", 1, 0) != 1 ||
        zmq_recv (receiver, &byte, 1, 0) != 1)
        return 2;
    tk_socket_close (sender);
    tk_socket_close (receiver);
    return 0;
}

static void
a_child_makes_a_context_of_its_own_and_exits_at_once (void **state)
{
    (void)state;
    if (UNDER_TSAN)
        skip ();
    int status;
    link_t link = linked ("tcp://127.0.0.1:*");
    tk_time_t before = tk_clock_us ();
    fflush (NULL);
    pid_t child = fork ();
    if (child == 0) {
        alarm (5 * stage_scale ());
        exit (begin_anew (NULL));
    }
    assert_int_equal (waitpid (child, &status, 0), child);
    assert_int_equal (status, 0);
    assert_in_range (tk_clock_us () - before, 0, 1000000 * stage_scale ());
    assert_passes (&link, 10);
    unlinked (&link);
}

static int
begin_anew_below (void *arg)
{
    int status, rc = begin_anew (arg);
    pid_t child = rc ? 0 : fork ();
    if (rc == 0 && child == 0)
        _exit (begin_anew (arg));
    return rc || waitpid (child, &status, 0) != child || status;
}

static void
a_childs_child_does_so_too (void **state)
{
    (void)state;
    if (UNDER_TSAN)
        skip ();
    link_t link = linked ("tcp://127.0.0.1:*");
    assert_in_child (begin_anew_below, NULL);
    unlinked (&link);
}

/* --- fork while others work */

static atomic_bool enough;

static void *
make_and_close (void *arg)
{
    (void)arg;
    while (!enough)
        if (begin_anew (NULL))
            return (void *)1;
    return NULL;
}

static void
children_live_that_are_born_while_threads_work (void **state)
{
    (void)state;
    if (UNDER_TSAN || UNDER_ASAN)
        skip ();
    pthread_t threads[2];
    void *failed;
    stage_watch_leaks (); /* not in a child: the threads are using things */
    enough = false;
    for (int i = 0; i < 2; i++)
        assert_int_equal (
            pthread_create (&threads[i], NULL, make_and_close, NULL), 0);
    for (int i = 0; i < 60; i++)
        assert_in_child (begin_anew, NULL);
    enough = true;
    for (int i = 0; i < 2; i++) {
        pthread_join (threads[i], &failed);
        assert_null (failed);
    }
}

/* --- modules */

static char heard[32];

static void
hear (const char *what)
{
    strcat (heard, what);
}

#define HANDLERS(phase)                                                        \
    static void prepare_##phase (void)                                         \
    {                                                                          \
        hear ("<" #phase);                                                     \
    }                                                                          \
    static void parent_##phase (void)                                          \
    {                                                                          \
        hear (">" #phase);                                                     \
    }                                                                          \
    static void child_##phase (void)                                           \
    {                                                                          \
        hear ("=" #phase);                                                     \
    }
HANDLERS (P)
HANDLERS (C)
HANDLERS (S)

static int
heard_in_child (void *arg)
{
    return strcmp (heard, arg) ? 1 : 0;
}

static void
modules_hear_of_a_fork_in_order (void **state)
{
    (void)state;
    static const tk_module_t server = {TK_PHASE_SERVER, prepare_S, parent_S,
                                       child_S, NULL};
    static const tk_module_t client = {TK_PHASE_CLIENT, prepare_C, parent_C,
                                       child_C, NULL};
    static const tk_module_t pipes = {TK_PHASE_PIPE, prepare_P, parent_P,
                                      child_P, NULL};
    assert_int_equal (tk_module (&client), 0);
    assert_int_equal (tk_module (&server), 0);
    assert_int_equal (tk_module (&pipes), 0);
    assert_int_equal (tk_module (&client), 0);
    *heard = '\0';
    assert_in_child (heard_in_child, "<S<C<P=P=C=S");
    assert_string_equal (heard, "<S<C<P>P>C>S");
}

int
main (void)
{
    troika_set_plaintext (true);
    const struct CMUnitTest tests[] = {
        TEST (a_child_makes_a_context_of_its_own_and_exits_at_once),
        TEST (a_childs_child_does_so_too),
        TEST (children_live_that_are_born_while_threads_work),
        TEST (modules_hear_of_a_fork_in_order),
    };
    outset = sockets_open ();
    return cmocka_run_group_tests (tests, NULL, NULL);
}
