/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_socket.c - the sockets that the library makes, and what happens when
 * there are no descriptors for them.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <troika/queue.h>
#include <unistd.h>
#include <zmq.h>
#include "lib/base/error.h"
#include "lib/base/runtime.h"
#include "tests/sanitized.h"
#include "tests/timed.h"

/* --- sockets */

static int
option (void *socket, int which)
{
    int value = -99;
    size_t size = sizeof value;
    assert_int_equal (zmq_getsockopt (socket, which, &value, &size), 0);
    return value;
}

static void
each_socket_has_our_options (void **state)
{
    (void)state;
    void *socket;
    int64_t limit;
    size_t size = sizeof limit;
    assert_int_equal (tk_socket (ZMQ_ROUTER, &socket), 0);
    assert_int_equal (option (socket, ZMQ_LINGER), 0);
    assert_int_equal (option (socket, ZMQ_RCVHWM), 0);
    assert_int_equal (option (socket, ZMQ_SNDHWM), 0);
    assert_int_equal (option (socket, ZMQ_BACKLOG), 1024);
    assert_int_equal (option (socket, ZMQ_IPV6), 1);
    assert_int_equal (option (socket, ZMQ_RECONNECT_IVL), 20);
    assert_int_equal (option (socket, ZMQ_RECONNECT_IVL_MAX), 2000);
    assert_int_equal (option (socket, ZMQ_TCP_KEEPALIVE), 1);
    assert_int_equal (zmq_getsockopt (socket, ZMQ_MAXMSGSIZE, &limit, &size),
                      0);
    assert_int_equal (limit, TK_FRAME_LIMIT);
    /* MANDATORY cannot be read: an unknown peer is refused. */
    assert_int_equal (zmq_send (socket, "nobody", 6, ZMQ_SNDMORE), -1);
    assert_int_equal (errno, EHOSTUNREACH);
    tk_socket_close (socket);
}

static void
thousands_of_sockets_can_be_open (void **state)
{
    (void)state;
    enum { MANY = 2000 };
    static void *sockets[MANY];
    struct rlimit limit;
    getrlimit (RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur < 2 * MANY)
        skip ();
    for (int i = 0; i < MANY; i++)
        assert_int_equal (tk_socket (ZMQ_PUSH, &sockets[i]), 0);
    for (int i = 0; i < MANY; i++)
        tk_socket_close (sockets[i]);
}

static void
the_application_s_random_sequence_goes_on (void **state)
{
    (void)state;
    static const int types[] = {ZMQ_ROUTER, ZMQ_REQ, ZMQ_REP, ZMQ_PUSH};
    long expected[8];
    srandom (1);
    for (int i = 0; i < 8; i++)
        expected[i] = random ();
    srandom (1);
    for (int i = 0; i < 8; i++) {
        void *socket;
        assert_int_equal (tk_socket (types[i % 4], &socket), 0);
        tk_socket_close (socket);
        assert_int_equal (random (), expected[i]);
    }
}

/* What a ROUTER calls the first peer that it meets. */
static uint32_t
first_identity (void)
{
    void *router, *peer;
    unsigned char identity[5] = "";
    uint32_t number;
    if (tk_socket (ZMQ_ROUTER, &router) || tk_socket (ZMQ_DEALER, &peer) ||
        zmq_bind (router, "inproc://first") ||
        zmq_connect (peer, "inproc://first") || zmq_send (peer, "", 0, 0) ||
        zmq_recv (router, identity, 5, 0) != 5)
        return 0;
    tk_socket_close (peer);
    tk_socket_close (router);
    memcpy (&number, identity + 1, sizeof number);
    return number;
}

/* The same in a process of its own. */
static uint32_t
first_identity_elsewhere (void)
{
    int ends[2];
    uint32_t number = 0;
    assert_int_equal (pipe (ends), 0);
    if (fork () == 0) {
        number = first_identity ();
        _exit (write (ends[1], &number, sizeof number) < 0);
    }
    assert_int_equal (read (ends[0], &number, sizeof number), sizeof number);
    wait (NULL);
    close (ends[0]);
    close (ends[1]);
    return number;
}

static void
identities_of_a_router_start_unguessably (void **state)
{
    (void)state;
    if (UNDER_TSAN)
        skip ();
    uint32_t one = first_identity_elsewhere ();
    uint32_t other = first_identity_elsewhere ();
    assert_int_not_equal (one, 0);
    assert_int_not_equal (other, 0);
    assert_int_not_equal (one, other);
}

/* --- at the limits */

static int
lowest_free_fd (void)
{
    int fd = open ("/dev/null", O_RDONLY);
    close (fd);
    return fd;
}

static void
a_lack_of_descriptors_is_an_error (void **state)
{
    (void)state;
    void *socket = (void *)1;
    struct rlimit before, low;
    assert_int_equal (getrlimit (RLIMIT_NOFILE, &before), 0);
    low = before;
    low.rlim_cur = (rlim_t)lowest_free_fd () + 10;
    assert_int_equal (setrlimit (RLIMIT_NOFILE, &low), 0);
    int rc = tk_socket (ZMQ_PUSH, &socket);
    setrlimit (RLIMIT_NOFILE, &before);
    assert_int_equal (rc, -EMFILE);
    assert_null (socket);
    assert_non_null (strstr (tk_error_text (EMFILE), "RLIMIT_NOFILE"));
    assert_int_equal (tk_socket (ZMQ_PUSH, &socket), 0);
    tk_socket_close (socket);
}

/* One hole far below, and nothing above: the lowest number is no measure. */
static void
a_hole_among_used_descriptors_is_not_headroom (void **state)
{
    (void)state;
    struct rlimit before, low;
    void *socket;
    int first = lowest_free_fd (), count = 0, fds[64];
    assert_int_equal (getrlimit (RLIMIT_NOFILE, &before), 0);
    low = before;
    low.rlim_cur = (rlim_t)first + 40;
    assert_int_equal (setrlimit (RLIMIT_NOFILE, &low), 0);
    while (count < 64 && (fds[count] = open ("/dev/null", O_RDONLY)) >= 0)
        count++;
    close (fds[0]);
    int rc = tk_socket (ZMQ_PUSH, &socket);
    for (int i = 1; i < count; i++)
        close (fds[i]);
    setrlimit (RLIMIT_NOFILE, &before);
    assert_int_equal (rc, -EMFILE);
}

/* In a child without a context: it must say EMFILE, not abort. */
static void
the_first_socket_says_emfile_too (void **state)
{
    (void)state;
    int status;
    pid_t child = fork ();
    if (child == 0) {
        void *socket;
        struct rlimit low;
        getrlimit (RLIMIT_NOFILE, &low);
        low.rlim_cur = (rlim_t)lowest_free_fd () + 10;
        if (setrlimit (RLIMIT_NOFILE, &low))
            _exit (2);
        _exit (tk_socket (ZMQ_PUSH, &socket) == -EMFILE ? 0 : 1);
    }
    assert_int_equal (waitpid (child, &status, 0), child);
    assert_int_equal (status, 0);
}

/* A field that is only zeroed names descriptor 0. */
static void
a_manager_that_cannot_be_made_closes_nothing (void **state)
{
    (void)state;
    struct rlimit before, none;
    bool had = fcntl (0, F_GETFD) >= 0;
    assert_int_equal (getrlimit (RLIMIT_NOFILE, &before), 0);
    none = before;
    none.rlim_cur = (rlim_t)lowest_free_fd ();
    assert_int_equal (setrlimit (RLIMIT_NOFILE, &none), 0);
    troika_queue_t *queue = troika_queue_new ("inproc://never made", 0);
    setrlimit (RLIMIT_NOFILE, &before);
    assert_null (queue);
    assert_int_equal (fcntl (0, F_GETFD) >= 0, had);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (each_socket_has_our_options),
        /* Before thousands of sockets, which are closed a little later. */
        TEST (a_lack_of_descriptors_is_an_error),
        TEST (a_hole_among_used_descriptors_is_not_headroom),
        TEST (the_first_socket_says_emfile_too),
        TEST (a_manager_that_cannot_be_made_closes_nothing),
        TEST (thousands_of_sockets_can_be_open),
        TEST (the_application_s_random_sequence_goes_on),
        TEST (identities_of_a_router_start_unguessably),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
