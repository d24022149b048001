/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_auth_hostile.c - peers without keys who mean harm: they get nothing
 * in, cost nothing that lasts, and those who have keys go on being served.
 */
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zmq.h>
#include "tests/keyring.h"
#include "tests/sanitized.h"

#define GREETING 64

static int
port_of (stage_t *stage)
{
    return atoi (strrchr (stage_endpoint (stage), ':') + 1);
}

/* A tcp connection of a stranger's, blocking for at most 10 s. */
static int
knock (int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons ((uint16_t)port)};
    struct timeval patience = {.tv_sec = 10};
    address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
    int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true (fd >= 0);
    setsockopt (fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (connect (fd, (struct sockaddr *)&address, sizeof address))
        fail_msg ("connect: %s", stage_error_name (errno));
    return fd;
}

static void
say (int fd, const void *data, size_t size)
{
    (void)!send (fd, data, size, MSG_NOSIGNAL);
}

static void
greet (int fd, const char *mechanism)
{
    unsigned char greeting[GREETING] = {0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3};
    strcpy ((char *)greeting + 12, mechanism);
    say (fd, greeting, sizeof greeting);
}

/* Reads until the other side hangs up; false: it did not in time. */
static bool
is_hung_up_on (int fd)
{
    char bytes[256];
    ssize_t size;
    do
        size = recv (fd, bytes, sizeof bytes, 0);
    while (size > 0);
    return size == 0 || errno == ECONNRESET;
}

static void
check_service (stage_t *stage)
{
    assert_int_equal (keyring_visit (stage, KEYRING_QUEUE), 0);
}

static void
serve_with_keys (stage_t *stage)
{
    keyring_serve (stage, "secret:alpha", KEYRING_QUEUE);
    keyring_set (stage, "secret:alpha");
}

/* --- what they send */

static uint32_t
next_random (void)
{
    static uint32_t state = 2463534242u;
    state ^= state << 13;
    state ^= state >> 17;
    return state ^= state << 5;
}

static void
random_bytes_harm_nobody (stage_t *stage)
{
    unsigned char bytes[600];
    serve_with_keys (stage);
    for (int i = 0; i < 2000; i++) {
        int fd = knock (port_of (stage) + i % 2);
        for (size_t at = 0; at < sizeof bytes; at++)
            bytes[at] = (unsigned char)next_random ();
        if (i % 3)
            greet (fd, i % 3 == 1 ? "CURVE" : "NULL");
        say (fd, bytes, next_random () % sizeof bytes);
        close (fd);
    }
    check_service (stage);
    stage_stop_server (stage);
}

/* HELLO of CURVE: 200 bytes, in a command frame, sealed for nobody. */
static void
say_hello (int fd)
{
    unsigned char hello[202] = "\x04\xc8\x05HELLO\x01";
    for (size_t at = 90; at < sizeof hello; at++)
        hello[at] = (unsigned char)next_random ();
    say (fd, hello, sizeof hello);
}

static void
a_forged_hello_is_hung_up_on (stage_t *stage)
{
    serve_with_keys (stage);
    int fd = knock (port_of (stage));
    greet (fd, "CURVE");
    say_hello (fd);
    assert_true (is_hung_up_on (fd));
    close (fd);
    check_service (stage);
    stage_stop_server (stage);
}

/* The length of a frame is a promise that is not believed. */
static void
an_absurd_frame_is_hung_up_on (stage_t *stage)
{
    static const unsigned char huge[] = {6,    0x7f, 0xff, 0xff, 0xff,
                                         0xff, 0xff, 0xff, 0xff};
    serve_with_keys (stage);
    int fd = knock (port_of (stage));
    greet (fd, "CURVE");
    say (fd, huge, sizeof huge);
    assert_true (is_hung_up_on (fd));
    close (fd);
    check_service (stage);
    stage_stop_server (stage);
}

/* Half a greeting, and then nothing. */
static void
who_does_not_shake_hands_in_time_is_hung_up_on (stage_t *stage)
{
    int fds[3];
    serve_with_keys (stage);
    for (int i = 0; i < 3; i++)
        fds[i] = knock (port_of (stage));
    say (fds[1], "\xff\0\0\0", 4);
    greet (fds[2], "CURVE");
    for (int i = 0; i < 3; i++) {
        assert_true (is_hung_up_on (fds[i]));
        close (fds[i]);
    }
    check_service (stage);
    stage_stop_server (stage);
}

/* --- what it costs */

static long
descriptors (pid_t pid)
{
    char command[64];
    long count = 0;
    snprintf (command, sizeof command, "ls /proc/%d/fd | wc -l", pid);
    FILE *file = popen (command, "r");
    assert_non_null (file);
    assert_int_equal (fscanf (file, "%ld", &count), 1);
    pclose (file);
    return count;
}

static void
be_refused (stage_t *stage, int times)
{
    for (int i = 0; i < times; i++) {
        int fd = knock (port_of (stage) + i % 2);
        greet (fd, i % 4 < 2 ? "CURVE" : "NULL");
        if (i % 4 < 2)
            say_hello (fd);
        assert_true (is_hung_up_on (fd));
        close (fd);
    }
}

/* Once the allocator has what it keeps, nothing grows. */
static void
ten_thousand_refused_connections_cost_nothing_lasting (stage_t *stage)
{
    serve_with_keys (stage);
    pid_t server = stage_server_pid (stage);
    check_service (stage);
    be_refused (stage, 2000);
    long before_kb = stage_memory_kb (server);
    long before_fds = descriptors (server);
    be_refused (stage, 10000);
    WAIT_UNTIL (descriptors (server) <= before_fds);
    if (!UNDER_ASAN && !UNDER_TSAN)
        assert_in_range (stage_memory_kb (server), 0, before_kb + 1024);
    check_service (stage);
    stage_stop_server (stage);
}

#define CROWD 1000
#define FEW 256

static void
limit_descriptors (rlim_t count)
{
    struct rlimit limit;
    assert_int_equal (getrlimit (RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = count < limit.rlim_max ? count : limit.rlim_max;
    assert_int_equal (setrlimit (RLIMIT_NOFILE, &limit), 0);
}

/* Many more than the server has descriptors, who say nothing and stay. */
static void
a_silent_crowd_does_not_lock_others_out (stage_t *stage)
{
    static int fds[CROWD];
    limit_descriptors (FEW);
    serve_with_keys (stage);
    limit_descriptors (CROWD + 100);
    for (int i = 0; i < CROWD; i++) {
        fds[i] = knock (port_of (stage));
        if (i % 2)
            greet (fds[i], "CURVE");
    }
    check_service (stage);
    for (int i = 0; i < CROWD; i++)
        close (fds[i]);
    stage_stop_server (stage);
}

static void *
put_many (void *queue)
{
    for (int i = 0; i < 100; i++)
        CHECK_OK (troika_queue_put (queue, 10000, "i", i));
    CHECK_OK (troika_queue_flush (queue, 10000));
    return NULL;
}

/* Their connections are older than those of the crowd, and slow at times. */
static void
those_who_were_let_in_stay_in_a_crowd (stage_t *stage)
{
    static int fds[CROWD];
    pthread_t thread;
    limit_descriptors (FEW);
    serve_with_keys (stage);
    limit_descriptors (CROWD + 100);
    troika_queue_t *queue = stage_connect (stage);
    assert_int_equal (troika_queue_qsize (queue), 0);
    for (int i = 0; i < CROWD; i++)
        fds[i] = knock (port_of (stage));
    pthread_create (&thread, NULL, put_many, queue);
    pthread_join (thread, NULL);
    for (int i = 0; i < CROWD; i++) {
        assert_true (is_hung_up_on (fds[i]));
        close (fds[i]);
    }
    assert_int_equal (troika_queue_qsize (queue), 100);
    troika_queue_destroy (&queue);
    stage_stop_server (stage);
}

/* Enough for a connection's two ends and what looks for them, but no more than
 * are in use below them, by the stage. */
static void
leave_few_descriptors (void)
{
    enum { FREE = 8 };
    int fds[FREE];
    for (int i = 0; i < FREE; i++)
        fds[i] = dup (STDIN_FILENO);
    limit_descriptors ((rlim_t)fds[FREE - 1] + 1);
    for (int i = 0; i < FREE; i++)
        close (fds[i]);
}

static troika_queue_t *
queue_with_keys (int *port)
{
    troika_queue_t *queue =
        CHECK_OK (troika_queue_new ("tcp://127.0.0.1:*", 0));
    *port = atoi (strrchr (troika_queue_endpoint (queue), ':') + 1);
    return queue;
}

/* A connection that came to a socket of the application's, at that port. */
static int
visitor_at (int port, int *visitor)
{
    int yes = 1;
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons ((uint16_t)port)};
    address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
    int listener = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt (listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    WAIT_UNTIL (!bind (listener, (struct sockaddr *)&address, sizeof address));
    assert_int_equal (listen (listener, 1), 0);
    *visitor = knock (port);
    int fd = accept (listener, NULL, NULL);
    assert_true (fd >= 0);
    close (listener);
    return fd;
}

/* Two strangers, one after the other, show that all were looked at. */
static void
what_was_a_port_with_keys_is_free_for_others (stage_t *stage)
{
    int first, second, visitor;
    char byte = 0;
    keyring_set (stage, "secret:alpha");
    troika_queue_t *gone = queue_with_keys (&first);
    troika_queue_t *queue = queue_with_keys (&second);
    troika_queue_destroy (&gone);
    int fd = visitor_at (first, &visitor);
    leave_few_descriptors ();
    for (int i = 0; i < 2; i++) {
        int stranger = knock (second);
        assert_true (is_hung_up_on (stranger));
        close (stranger);
    }
    say (fd, "x", 1);
    assert_int_equal (recv (visitor, &byte, 1, 0), 1);
    close (visitor);
    close (fd);
    troika_queue_destroy (&queue);
}

/* --- what gets in */

/* A cast is answered by nobody: only the queue shows that it came. */
static void
casts_of_a_stranger_get_nowhere (stage_t *stage)
{
    char endpoint[64];
    int linger = 0;
    serve_with_keys (stage);
    void *context = zmq_ctx_new ();
    void *push = zmq_socket (context, ZMQ_PUSH);
    void *monitor = zmq_socket (context, ZMQ_PAIR);
    snprintf (endpoint, sizeof endpoint, "tcp://127.0.0.1:%d",
              port_of (stage) + 1);
    zmq_setsockopt (push, ZMQ_LINGER, &linger, sizeof linger);
    zmq_socket_monitor (push, "inproc://push",
                        ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
    assert_int_equal (zmq_connect (monitor, "inproc://push"), 0);
    assert_int_equal (zmq_connect (push, endpoint), 0);
    zmq_send (push, "\x93\xa5queue\xa3put\x91\x01", 13, ZMQ_DONTWAIT);
    uint16_t event = 0;
    assert_int_equal (zmq_recv (monitor, &event, sizeof event, 0), 6);
    assert_int_equal (event, ZMQ_EVENT_DISCONNECTED);
    troika_queue_t *queue = stage_connect (stage);
    assert_int_equal (troika_queue_qsize (queue), 0);
    troika_queue_destroy (&queue);
    zmq_close (push);
    zmq_close (monitor);
    zmq_ctx_term (context);
    stage_stop_server (stage);
}

/* The one place of a pipe is not taken by who cannot prove a key. */
static void
a_stranger_does_not_take_the_place_in_a_pipe (stage_t *stage)
{
    keyring_serve (stage, "secret:alpha", KEYRING_PIPE);
    keyring_set (stage, "none");
    assert_int_equal (keyring_visit (stage, KEYRING_PIPE), EACCES);
    int fd = knock (port_of (stage));
    greet (fd, "CURVE");
    keyring_set (stage, "secret:alpha");
    assert_int_equal (keyring_visit (stage, KEYRING_PIPE), 0);
    close (fd);
    stage_stop_server (stage);
}

/* What the library keeps for that has a number that is not allowed by then. */
static void
strangers_are_hung_up_on_under_a_limit_below_what_is_open (stage_t *stage)
{
    enum { LOW = 20 };
    static const struct timeval patience = {.tv_sec = 4}; /* libzmq has 5 */
    int fds[LOW], port;
    keyring_set (stage, "secret:alpha");
    for (int i = 0; i < LOW; i++)
        fds[i] = dup (STDIN_FILENO);
    troika_queue_t *queue = queue_with_keys (&port);
    for (int i = 0; i < LOW; i++)
        close (fds[i]);
    leave_few_descriptors ();
    int stranger = knock (port);
    setsockopt (stranger, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    assert_true (is_hung_up_on (stranger));
    close (stranger);
    troika_queue_destroy (&queue);
}

static const stage_case_t cases[] = {
    STAGE_TEST_ON (STAGE_HOST, random_bytes_harm_nobody),
    STAGE_TEST_ON (STAGE_HOST, a_forged_hello_is_hung_up_on),
    STAGE_TEST_ON (STAGE_HOST, an_absurd_frame_is_hung_up_on),
    STAGE_TEST_ON (STAGE_HOST, who_does_not_shake_hands_in_time_is_hung_up_on),
    STAGE_TEST_WITHIN (60, STAGE_HOST,
                       ten_thousand_refused_connections_cost_nothing_lasting),
    STAGE_TEST_ON (STAGE_HOST, a_silent_crowd_does_not_lock_others_out),
    STAGE_TEST_ON (STAGE_HOST, those_who_were_let_in_stay_in_a_crowd),
    STAGE_TEST_ON (STAGE_ONCE, what_was_a_port_with_keys_is_free_for_others),
    STAGE_TEST_ON (STAGE_ONCE,
                   strangers_are_hung_up_on_under_a_limit_below_what_is_open),
    STAGE_TEST_ON (STAGE_HOST, casts_of_a_stranger_get_nowhere),
    STAGE_TEST_ON (STAGE_HOST, a_stranger_does_not_take_the_place_in_a_pipe),
};

int
main (int argc, char **argv)
{
    return STAGE_RUN (cases, argc, argv);
}
