/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_fork.c - what a forked child has of its parent, and what it has not.
 *
 * The child of a test answers by its exit status, 0 when all is well; it has
 * five seconds, the test has twenty (SIGALRM). Descriptors are compared as a
 * program sees them: how many sockets are open.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zmq.h>
#include <troika/base.h>
#include "lib/base/error.h"
#include "lib/base/runtime.h"
#include "lib/wire/endpoint.h"
#include "tests/leaks.h"
#include "tests/sanitized.h"
#include "tests/scale.h"

static int
sockets_open (void)
{
    int count = 0;
    for (int fd = 0; fd < 1024; fd++) {
        struct stat found;
        count += !fstat (fd, &found) && S_ISSOCK (found.st_mode);
    }
    return count;
}

static int outset; /* how many were open before the first test */

/* libzmq closes descriptors a little later than its sockets. */
static void
await_outset (void)
{
    while (sockets_open () != outset)
        sched_yield ();
}

static int
set_up (void **state)
{
    (void)state;
    alarm (20 * stage_scale ());
    return 0;
}

static int
tear_down (void **state)
{
    (void)state;
    await_outset ();
    alarm (0);
    return 0;
}

static void *
opened (int type)
{
    void *socket;
    int limit = 5000;
    assert_int_equal (tk_socket (type, &socket), 0);
    zmq_setsockopt (socket, ZMQ_RCVTIMEO, &limit, sizeof limit);
    return socket;
}

/* A pair of ours, with a connection between. */
typedef struct {
    tk_endpoint_t endpoint;
    void *receiver;
    void *sender;
} link_t;

static void
assert_passes (const link_t *self, int count)
{
    for (int i = 0; i < count; i++) {
        int got = -1;
        assert_int_equal (zmq_send (self->sender, &i, sizeof i, 0), sizeof i);
        assert_int_equal (zmq_recv (self->receiver, &got, sizeof got, 0),
                          sizeof got);
        assert_int_equal (got, i);
    }
}

static link_t
linked (const char *text)
{
    link_t self;
    assert_int_equal (tk_endpoint_parse (&self.endpoint, text), 0);
    self.receiver = opened (ZMQ_PULL);
    self.sender = opened (ZMQ_PUSH);
    assert_int_equal (tk_endpoint_bind (&self.endpoint, self.receiver), 0);
    tk_endpoint_t to = self.endpoint;
    if (!strcmp (to.host, "*"))
        strcpy (to.host, "127.0.0.1");
    assert_int_equal (tk_endpoint_connect (&to, self.sender), 0);
    assert_passes (&self, 1);
    return self;
}

static void
unlinked (link_t *self)
{
    tk_endpoint_unlink (&self->endpoint);
    tk_socket_close (self->sender);
    tk_socket_close (self->receiver);
}

/* A child that lives until told. */
typedef struct {
    pid_t pid;
    int leash;
} child_t;

/* check answers right after the fork; then the child stays. */
static child_t
idle_child (int (*check) (void *arg), void *arg)
{
    int leash[2], answer[2], rc = -1;
    assert_false (pipe (leash) || pipe (answer));
    child_t self = {fork (), leash[1]};
    if (self.pid == 0) {
        alarm (5 * stage_scale ());
        close (leash[1]);
        rc = check (arg);
        if (write (answer[1], &rc, sizeof rc) > 0)
            while (read (leash[0], &rc, 1) > 0)
                continue;
        _exit (0);
    }
    close (leash[0]);
    close (answer[1]);
    assert_int_equal (read (answer[0], &rc, sizeof rc), sizeof rc);
    close (answer[0]);
    assert_int_equal (rc, 0);
    return self;
}

static void
end_child (child_t *self)
{
    int status;
    close (self->leash);
    assert_int_equal (waitpid (self->pid, &status, 0), self->pid);
    assert_int_equal (status, 0);
}

static void
assert_in_child (int (*check) (void *arg), void *arg)
{
    child_t child = idle_child (check, arg);
    end_child (&child);
}

/* --- what goes */

static int
other_generation (void *arg)
{
    return tk_generation () == *(unsigned *)arg + 1 ? 0 : 1;
}

static void
a_child_has_a_generation_of_its_own (void **state)
{
    (void)state;
    unsigned mine = tk_generation ();
    link_t link = linked ("tcp://127.0.0.1:*");
    assert_in_child (other_generation, &mine);
    assert_int_equal (tk_generation (), mine);
    unlinked (&link);
}

static int
surplus_sockets (void *arg)
{
    return sockets_open () - *(int *)arg;
}

static void
a_child_closes_inherited_sockets_of_ours (void **state)
{
    (void)state;
    char path[64];
    snprintf (path, sizeof path, "ipc:///tmp/troika-fork-%d", getpid ());
    const char *const forms[] = {"tcp://127.0.0.1:*", "tcp://localhost:*",
                                 "tcp://*:*", path, "ipc://@troika-fork"};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        link_t link = linked (forms[i]);
        assert_int_equal (sockets_open (), outset + 3);
        assert_in_child (surplus_sockets, &outset);
        assert_passes (&link, 10);
        unlinked (&link);
        await_outset ();
    }
}

static void
a_child_closes_what_was_given_up_just_before (void **state)
{
    (void)state;
    for (int i = 0; i < 30; i++) {
        link_t link = linked ("tcp://127.0.0.1:*");
        unlinked (&link);
        assert_in_child (surplus_sockets, &outset);
    }
}

static void
an_idle_child_keeps_no_port (void **state)
{
    (void)state;
    link_t link = linked ("tcp://127.0.0.1:*");
    child_t child = idle_child (surplus_sockets, &outset);
    unlinked (&link);
    void *again = opened (ZMQ_PULL);
    assert_int_equal (tk_endpoint_bind (&link.endpoint, again), 0);
    tk_socket_close (again);
    end_child (&child);
}

/* A foreign peer: connected to all but by the name of 127.0.0.2, which is in
 * no list of ours. */
static int
foreign_peer (const link_t *link)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl (0x7f000002)};
    char greeting;
    int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    address.sin_port = htons ((uint16_t)link->endpoint.port);
    if (connect (fd, (struct sockaddr *)&address, sizeof address)) {
        close (fd);
        return -1;
    }
    assert_int_equal (read (fd, &greeting, 1), 1); /* so it is accepted */
    return fd;
}

static void
an_idle_child_keeps_no_connection (void **state)
{
    (void)state;
    char byte;
    link_t link = linked ("tcp://*:*");
    int peer = foreign_peer (&link), theirs = outset + 1;
    if (peer < 0) {
        unlinked (&link);
        skip ();
    }
    child_t child = idle_child (surplus_sockets, &theirs);
    unlinked (&link);
    while (read (peer, &byte, 1) > 0)
        continue;
    close (peer);
    end_child (&child);
}

static int
close_inherited (void *arg)
{
    link_t *link = arg;
    tk_socket_close (link->sender);
    tk_socket_close (link->receiver);
    tk_endpoint_unlink (&link->endpoint);
    return 0;
}

static void
a_child_cannot_close_its_parents_sockets (void **state)
{
    (void)state;
    link_t link = linked ("tcp://127.0.0.1:*");
    assert_in_child (close_inherited, &link);
    assert_passes (&link, 100);
    unlinked (&link);
}

/* --- what stays */

static int
listener (int type, int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons ((uint16_t)port),
                                  .sin_addr.s_addr = htonl (INADDR_LOOPBACK)};
    int fd = socket (AF_INET, type | SOCK_CLOEXEC, 0);
    assert_int_equal (bind (fd, (struct sockaddr *)&address, sizeof address),
                      0);
    if (type == SOCK_STREAM)
        assert_int_equal (listen (fd, 1), 0);
    return fd;
}

static void
a_child_keeps_the_sockets_of_the_application (void **state)
{
    (void)state;
    int pair[2];
    link_t link = linked ("tcp://*:*");
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    assert_int_equal (socketpair (AF_UNIX, SOCK_STREAM, 0, pair), 0);
    int server = listener (SOCK_STREAM, 0);
    int same_port = listener (SOCK_DGRAM, link.endpoint.port);
    int client = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    getsockname (server, (struct sockaddr *)&address, &size);
    assert_int_equal (connect (client, (struct sockaddr *)&address, size), 0);
    int accepted = accept (server, NULL, NULL);
    int theirs = outset + 6;
    assert_in_child (surplus_sockets, &theirs);
    close (pair[0]);
    close (pair[1]);
    close (server);
    close (same_port);
    close (client);
    close (accepted);
    unlinked (&link);
}

static void
a_parent_goes_on_undisturbed (void **state)
{
    (void)state;
    child_t children[5];
    link_t link = linked ("tcp://127.0.0.1:*");
    for (int i = 0; i < 5; i++) {
        children[i] = idle_child (surplus_sockets, &outset);
        assert_passes (&link, 200);
    }
    for (int i = 5; i-- > 0;) { /* each holds the leashes of its elders */
        end_child (&children[i]);
        assert_passes (&link, 200);
    }
    unlinked (&link);
}

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

#define TEST(name) cmocka_unit_test_setup_teardown (name, set_up, tear_down)

int
main (void)
{
    troika_set_plaintext (true);
    const struct CMUnitTest tests[] = {
        TEST (a_child_has_a_generation_of_its_own),
        TEST (a_child_closes_inherited_sockets_of_ours),
        TEST (a_child_closes_what_was_given_up_just_before),
        TEST (an_idle_child_keeps_no_port),
        TEST (an_idle_child_keeps_no_connection),
        TEST (a_child_cannot_close_its_parents_sockets),
        TEST (a_child_keeps_the_sockets_of_the_application),
        TEST (a_parent_goes_on_undisturbed),
        TEST (a_child_makes_a_context_of_its_own_and_exits_at_once),
        TEST (a_childs_child_does_so_too),
        TEST (children_live_that_are_born_while_threads_work),
        TEST (modules_hear_of_a_fork_in_order),
    };
    outset = sockets_open ();
    return cmocka_run_group_tests (tests, NULL, NULL);
}
