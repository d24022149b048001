/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_fork.c - what a forked child has of its parent, and what it has not.
 * What it can do is in test_fork_anew.c.
 */
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <zmq.h>
#include <troika/base.h>
#include "lib/base/error.h"
#include "tests/fork_children.h"
#include "tests/sanitized.h"

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
    };
    outset = sockets_open ();
    return cmocka_run_group_tests (tests, NULL, NULL);
}
