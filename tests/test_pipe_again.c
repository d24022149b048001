/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_pipe_again.c - what was here before: an address that another pipe had
 * a moment ago, a stranger, a connection in the place of one that broke.
 */
#include "tests/pipe_ends.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tests/proxy.h"

#define PAIRS (STAGE_THREAD | STAGE_REMOTE)
#define ROUNDS 30

/* One way: over tcp it takes no second port, which might be another's. */
static void
make_at (const char *endpoint, pipe_ends_t *ends)
{
    CHECK_OK (troika_pipe_new (&ends->a, &ends->b, endpoint, false));
}

/* An endpoint of the variant that was in use until now. */
static void
use_and_leave (stage_t *stage, char *endpoint, size_t size)
{
    pipe_ends_t ends;
    make_at (stage_address (stage), &ends);
    snprintf (endpoint, size, "%s", troika_pipe_endpoint (ends.a));
    pipe_send_numbers (ends.b, 0, 1);
    pipe_check_numbers (ends.a, 0, 1);
    pipe_drop (&ends);
}

static void
an_endpoint_can_be_used_again_at_once (stage_t *stage)
{
    char endpoint[200];
    pipe_ends_t ends;
    (void)stage_own_network (stage);
    use_and_leave (stage, endpoint, sizeof endpoint);
    for (int i = 0; i < ROUNDS; i++) {
        make_at (endpoint, &ends);
        if (i % 2) {
            pipe_send_numbers (ends.b, 0, 1);
            pipe_check_numbers (ends.a, 0, 1);
        }
        pipe_drop (&ends);
    }
}

static int
receive_one (stage_t *stage, void *arg)
{
    pipe_ends_t *ends = arg;
    (void)stage;
    pipe_check_numbers (ends->b, 0, 1);
    return 0;
}

/* The child must not take it for one of its parent's sockets. */
static void
a_child_can_use_an_end_where_its_parent_had_another (stage_t *stage)
{
    char endpoint[200];
    pipe_ends_t ends, turned;
    stage_needs_fork (stage);
    use_and_leave (stage, endpoint, sizeof endpoint);
    make_at (endpoint, &ends);
    turned = (pipe_ends_t){.a = ends.b, .b = ends.a};
    stage_peer_t *peer = pipe_peer (stage, &turned, receive_one);
    pipe_send_numbers (turned.a, 0, 1);
    pipe_join (peer);
    pipe_drop (&turned);
}

static void
knock (const struct sockaddr_un *address, socklen_t size)
{
    int fd = socket (AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal (connect (fd, (const struct sockaddr *)address, size), 0);
    close (fd);
}

/* Whoever wants to know whether somebody listens there connects and goes. */
static void
a_stranger_that_knocks_is_not_the_other_end (stage_t *stage)
{
    pipe_ends_t ends;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    for (int abstract = 0; abstract < 2; abstract++) {
        snprintf (address.sun_path, sizeof address.sun_path, "%s%.90s/named",
                  abstract ? "@" : "", stage_directory (stage));
        char endpoint[200] = "ipc://";
        strcat (endpoint, address.sun_path);
        socklen_t size = (socklen_t)(offsetof (struct sockaddr_un, sun_path) +
                                     strlen (address.sun_path));
        make_at (endpoint, &ends);
        if (abstract)
            address.sun_path[0] = '\0';
        for (int i = 0; i < 5; i++)
            knock (&address, size);
        assert_int_equal (CHECK_OK (troika_pipe_poll (ends.a, 20)), 0);
        pipe_send_numbers (ends.b, 0, 1);
        pipe_check_numbers (ends.a, 0, 1);
        pipe_drop (&ends);
    }
}

/* Stops, and is killed, while much lies unread before it. */
static int
bind_and_stop (stage_t *stage, void *endpoint)
{
    CHECK_OK (troika_pipe_bind (endpoint, false));
    stage_signal (stage, 0);
    stage_await (stage, 1);
    raise (SIGSTOP);
    return 0;
}

static void
await_stop (const stage_peer_t *peer)
{
    siginfo_t info;
    while (
        waitid (P_PID, (id_t)stage_peer_pid (peer), &info, WSTOPPED | WNOWAIT))
        continue;
}

static void
what_the_dead_did_not_read_goes_to_nobody_else (stage_t *stage)
{
    char endpoint[200], bytes[1000] = {0};
    stage_needs_fork (stage);
    snprintf (endpoint, sizeof endpoint, "ipc://%.100s/dead",
              stage_directory (stage));
    stage_peer_t *peer = stage_peer (stage, bind_and_stop, endpoint);
    stage_await (stage, 0);
    troika_pipe_t *end = CHECK_OK (troika_pipe_connect (endpoint));
    stage_signal (stage, 1);
    await_stop (peer);
    for (int i = 0; i < 900; i++)
        CHECK_OK (troika_pipe_send_bytes (end, 0, bytes, sizeof bytes));
    stage_kill (peer);
    WAIT_UNTIL (troika_pipe_send (end, 0, "i", 1) < 0 && errno == ECONNRESET);
    troika_pipe_destroy (&end);
    troika_pipe_t *other = CHECK_OK (troika_pipe_bind (endpoint, false));
    assert_int_equal (CHECK_OK (troika_pipe_poll (other, 100)), 0);
    end = CHECK_OK (troika_pipe_connect (endpoint));
    pipe_send_numbers (end, 0, 1);
    pipe_check_numbers (other, 0, 1);
    troika_pipe_destroy (&end);
    troika_pipe_destroy (&other);
}

enum { WHERE, REPLACED, CHECKED };

/* Binds a pipe behind a proxy that loses the first document, and with it the
 * connection; the other end makes another. */
static int
bind_behind_a_proxy (stage_t *stage, void *unused)
{
    (void)unused;
    static const proxy_cut_t cut = {.way = PROXY_CALLS, .lose = true, .at = 2};
    troika_pipe_t *end =
        CHECK_OK (troika_pipe_bind (stage_address (stage), false));
    proxy_t *proxy = proxy_new (stage, troika_pipe_endpoint (end), &cut);
    int port = 0;
    sscanf (strrchr (proxy_endpoint (proxy), ':'), ":%d", &port);
    stage_tell (stage, WHERE, port);
    WAIT_UNTIL (proxy_greetings (proxy) == 2);
    stage_signal (stage, REPLACED);
    stage_await (stage, CHECKED);
    troika_pipe_destroy (&end);
    proxy_destroy (&proxy);
    return 0;
}

/* The new one may even have the same descriptor. */
static void
a_lost_connection_is_told_though_another_has_taken_its_place (stage_t *stage)
{
    char endpoint[50];
    stage_peer_t *peer = stage_peer (stage, bind_behind_a_proxy, NULL);
    snprintf (endpoint, sizeof endpoint, "tcp://127.0.0.1:%d",
              (int)stage_hear (stage, WHERE));
    troika_pipe_t *end = CHECK_OK (troika_pipe_connect (endpoint));
    pipe_send_numbers (end, 0, 1);
    stage_await (stage, REPLACED);
    CHECK_ERRNO (troika_pipe_send (end, TROIKA_FOREVER, "i", 1), ECONNRESET);
    stage_signal (stage, CHECKED);
    pipe_join (peer);
    troika_pipe_destroy (&end);
}

static const stage_case_t cases[] = {
    STAGE_TEST_ON (PAIRS, an_endpoint_can_be_used_again_at_once),
    STAGE_TEST_ON (STAGE_REMOTE,
                   a_child_can_use_an_end_where_its_parent_had_another),
    STAGE_TEST_ON (STAGE_PROCESS,
                   what_the_dead_did_not_read_goes_to_nobody_else),
    STAGE_TEST_ON (STAGE_PROCESS, a_stranger_that_knocks_is_not_the_other_end),
    STAGE_TEST_ON (
        STAGE_HOST,
        a_lost_connection_is_told_though_another_has_taken_its_place),
};

int
main (int argc, char **argv)
{
    return STAGE_RUN (cases, argc, argv);
}
