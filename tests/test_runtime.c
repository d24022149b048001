/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_runtime.c - errors, deadlines, settings, sockets, the orderly exit.
 *
 * What fork() does is in test_fork.c. Every test has ten seconds (SIGALRM
 * ends the program). Ends of a process are tried out in a child, which
 * writes to a pipe what its parent is to see.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zmq.h>
#include "lib/base/error.h"
#include "lib/base/runtime.h"
#include "lib/base/sys.h"
#include "lib/base/troika_base.h"
#include "lib/wire/endpoint.h"
#include "tests/sanitized.h"
#include "tests/scale.h"

static int
set_up (void **state)
{
    (void)state;
    alarm (10 * stage_scale ());
    return 0;
}

static int
tear_down (void **state)
{
    (void)state;
    alarm (0);
    return 0;
}

/* --- errors */

static void
words_become_the_thread_s_error_at_the_edge (void **state)
{
    (void)state;
    errno = 0;
    assert_int_equal (tk_error (ENOENT, "no object '%s'", "jobs"), -ENOENT);
    assert_int_equal (tk_edge (-ENOENT), -1);
    assert_int_equal (errno, ENOENT);
    assert_string_equal (troika_error (), "no object 'jobs'");
    assert_null (tk_edge_null (tk_error (EPIPE, "ended")));
    assert_int_equal (errno, EPIPE);
    assert_string_equal (troika_error (), "ended");
}

static void
an_error_without_words_has_those_of_strerror (void **state)
{
    (void)state;
    tk_error (ENOENT, "of another error");
    assert_int_equal (tk_edge (-ETIMEDOUT), -1);
    assert_string_equal (troika_error (), strerror (ETIMEDOUT));
}

static void
success_keeps_the_last_failure_and_drops_what_was_mended (void **state)
{
    (void)state;
    tk_edge (tk_error (EPIPE, "the last failure"));
    tk_error (EAGAIN, "mended");
    errno = 0;
    assert_int_equal (tk_edge (3), 3);
    assert_int_equal (errno, 0);
    assert_string_equal (troika_error (), "the last failure");
    tk_edge (-EAGAIN);
    assert_string_equal (troika_error (), strerror (EAGAIN));
}

static void
words_may_be_put_into_more_words (void **state)
{
    (void)state;
    tk_error (EPIPE, "inner");
    tk_error (EPIPE, "outer: %s", tk_error_text (EPIPE));
    tk_edge (-EPIPE);
    assert_string_equal (troika_error (), "outer: inner");
    tk_edge (tk_error (EINVAL, "%600s", "far away"));
    assert_int_equal (strlen (troika_error ()), 511);
}

static void *
last_words (void *arg)
{
    (void)arg;
    return (void *)(intptr_t)(*troika_error () == '\0');
}

static void
words_belong_to_one_thread (void **state)
{
    (void)state;
    pthread_t thread;
    void *empty;
    tk_edge (tk_error (EPIPE, "mine"));
    assert_int_equal (tk_thread (&thread, "words", last_words, NULL), 0);
    pthread_join (thread, &empty);
    assert_non_null (empty);
}

static void
error_names_go_both_ways (void **state)
{
    (void)state;
    static const int errors[] = {
        EAGAIN,     ETIMEDOUT,     EPIPE,  ECONNRESET, EHOSTUNREACH,
        EACCES,     ENOENT,        EEXIST, EINVAL,     EBADMSG,
        EMSGSIZE,   EPERM,         ESTALE, EDEADLK,    ERANGE,
        ECANCELED,  EPROTO,        EINTR,  ENOMEM,     ENOTSUP,
        EADDRINUSE, EADDRNOTAVAIL, EMFILE, ENOTDIR,    ENAMETOOLONG,
    };
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        const char *name = tk_error_name (errors[i]);
        assert_int_equal (tk_error_number (name, strlen (name)), errors[i]);
    }
    assert_string_equal (tk_error_name (ETIMEDOUT), "ETIMEDOUT");
    assert_string_equal (tk_error_name (ELOOP), "EINVAL");
    assert_int_equal (tk_error_number ("ELOOP", 5), EPROTO);
    assert_int_equal (tk_error_number ("EPIPE", 4), EPROTO);
    assert_int_equal (tk_error_number ("", 0), EPROTO);
}

/* --- deadlines, settings */

static void
a_timeout_becomes_one_deadline (void **state)
{
    (void)state;
    tk_time_t deadline, before = tk_clock_us ();
    assert_int_equal (tk_deadline (0, &deadline), 0);
    assert_int_equal (deadline, TK_NOWAIT);
    assert_int_equal (tk_deadline_error (deadline), EAGAIN);
    assert_int_equal (tk_deadline_poll (deadline), 0);
    assert_int_equal (tk_deadline (-1, &deadline), 0);
    assert_true (deadline == TK_NEVER);
    assert_int_equal (tk_deadline_poll (deadline), -1);
    assert_int_equal (tk_deadline (60000, &deadline), 0);
    assert_true (deadline >= before + 60000000);
    assert_int_equal (tk_deadline_error (deadline), ETIMEDOUT);
    assert_in_range (tk_deadline_poll (deadline), 1, 60000);
    assert_int_equal (tk_deadline (-2, &deadline), -EINVAL);
    assert_non_null (strstr (tk_error_text (EINVAL), "-2"));
}

static void
poll_never_wakes_before_the_deadline (void **state)
{
    (void)state;
    assert_int_equal (tk_deadline_poll (tk_clock_us () - 1), 0);
    assert_in_range (tk_deadline_poll (tk_clock_us () + 10000999), 9000, 10001);
    assert_int_equal (tk_deadline_poll (TK_NEVER - 1), INT32_MAX);
}

static void
settings_are_kept_and_checked (void **state)
{
    (void)state;
    int major = -1, minor = -1;
    assert_int_equal (tk_linger_ms (), 30000);
    assert_int_equal (tk_connect_timeout_ms (), 5000);
    assert_int_equal (troika_set_linger (-2), -1);
    assert_int_equal (errno, EINVAL);
    assert_int_equal (troika_set_connect_timeout (-2), -1);
    assert_int_equal (errno, EINVAL);
    assert_non_null (strstr (troika_error (), "connect timeout -2"));
    assert_int_equal (troika_set_linger (-1), 0);
    assert_int_equal (tk_linger_ms (), -1);
    assert_int_equal (troika_set_connect_timeout (0), 0);
    assert_int_equal (tk_connect_timeout_ms (), 0);
    troika_set_linger (30000);
    troika_set_connect_timeout (5000);
    troika_version (&major, &minor, NULL);
    assert_int_equal (major, TROIKA_VERSION_MAJOR);
    assert_int_equal (minor, TROIKA_VERSION_MINOR);
}

/* --- threads */

static void *
masks (void *arg)
{
    sigset_t mask;
    (void)arg;
    pthread_sigmask (SIG_SETMASK, NULL, &mask);
    return (void *)(intptr_t)(sigismember (&mask, SIGINT) &&
                              sigismember (&mask, SIGTERM) &&
                              sigismember (&mask, SIGUSR1));
}

static void
our_threads_run_no_signal_handler (void **state)
{
    (void)state;
    pthread_t thread;
    sigset_t mine;
    void *all_masked;
    assert_int_equal (tk_thread (&thread, "masked", masks, NULL), 0);
    pthread_join (thread, &all_masked);
    assert_non_null (all_masked);
    pthread_sigmask (SIG_SETMASK, NULL, &mine);
    assert_false (sigismember (&mine, SIGINT));
}

static void *
name_of_thread (void *arg)
{
    pthread_getname_np (pthread_self (), arg, 16);
    return NULL;
}

static void
our_threads_have_names (void **state)
{
    (void)state;
    if (!TK_SYS_LINUX)
        skip ();
    pthread_t thread;
    char name[16] = "";
    assert_int_equal (
        tk_thread (&thread, "longer than 8", name_of_thread, name), 0);
    pthread_join (thread, NULL);
    assert_string_equal (name, "troika/longer t");
}

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

#define TEST(name) cmocka_unit_test_setup_teardown (name, set_up, tear_down)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (words_become_the_thread_s_error_at_the_edge),
        TEST (an_error_without_words_has_those_of_strerror),
        TEST (success_keeps_the_last_failure_and_drops_what_was_mended),
        TEST (words_may_be_put_into_more_words),
        TEST (words_belong_to_one_thread),
        TEST (error_names_go_both_ways),
        TEST (a_timeout_becomes_one_deadline),
        TEST (poll_never_wakes_before_the_deadline),
        TEST (settings_are_kept_and_checked),
        TEST (our_threads_run_no_signal_handler),
        TEST (our_threads_have_names),
        TEST (each_socket_has_our_options),
        TEST (thousands_of_sockets_can_be_open),
        TEST (the_application_s_random_sequence_goes_on),
        TEST (identities_of_a_router_start_unguessably),
        TEST (a_lack_of_descriptors_is_an_error),
        TEST (a_hole_among_used_descriptors_is_not_headroom),
        TEST (the_first_socket_says_emfile_too),
        TEST (exit_runs_the_modules_in_order_of_phase),
        TEST (linger_is_the_deadline_of_exit),
        TEST (exit_in_a_child_leaves_its_parents_modules_alone),
        TEST (exit_never_hangs),
        TEST (shutdown_ends_everything_and_begins_anew),
        TEST (shutdown_tells_what_could_not_be_flushed),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
