/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_server_visitors.c - who comes to the ports of a manager and speaks
 * another protocol, or none, or never reads: the others go on being served.
 */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <zmq.h>
#include "tests/guest.h"
#include "tests/queue_items.h"
#include "tests/random.h"

#define TOO_LARGE ((size_t)70 << 20)

static void
a_frame_over_the_limit_only_ends_its_connection (stage_t *stage)
{
    char *bytes = calloc (1, TOO_LARGE);
    assert_non_null (bytes);
    guest_t guest = guest_arrive (stage, NULL);
    void *push = guest_open (&guest, ZMQ_PUSH, guest.cast_endpoint);
    void *dealer = guest_open (&guest, ZMQ_DEALER, guest.call_endpoint);
    zmq_send (push, bytes, TOO_LARGE, 0);
    zmq_send (dealer, bytes, TOO_LARGE, 0);
    free (bytes);
    for (int i = 0; i < 20; i++)
        guest_check_service (&guest);
    int linger = 0;
    zmq_setsockopt (push, ZMQ_LINGER, &linger, sizeof linger);
    zmq_setsockopt (dealer, ZMQ_LINGER, &linger, sizeof linger);
    guest_close (push);
    guest_close (dealer);
    guest_leave (&guest);
}

/* A plain connection to either port: not of ZeroMQ. */
static int
connect_plainly (const char *endpoint)
{
    struct sockaddr_in in = {.sin_family = AF_INET};
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    bool tcp = !strncmp (endpoint, "tcp:", 4);
    int fd = socket (tcp ? AF_INET : AF_UNIX, SOCK_STREAM, 0);
    in.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
    in.sin_port = htons ((in_port_t)atoi (strrchr (endpoint, ':') + 1));
    if (!tcp)
        strcpy (un.sun_path, endpoint + 6);
    if (tcp)
        assert_int_equal (connect (fd, (struct sockaddr *)&in, sizeof in), 0);
    else
        assert_int_equal (connect (fd, (struct sockaddr *)&un, sizeof un), 0);
    return fd;
}

/* libzmq would take the bytes for the first message of such a peer. */
static void
peers_older_than_zmtp_3_are_sent_away (stage_t *stage)
{
    static const struct {
        const char *bytes;
        size_t size;
    } greetings[] = {
        {BYTES ("\x01\x00")},                                 /* ZMTP 1 */
        {BYTES ("\xff\0\0\0\0\0\0\0\1\x7f\x01\x05\x00\x00")}, /* 2 */
    };
    guest_t guest = guest_arrive (stage, NULL);
    for (size_t i = 0; i < 4; i++) {
        char bytes[100];
        int fd =
            connect_plainly (i % 2 ? guest.call_endpoint : guest.cast_endpoint);
        send (fd, greetings[i / 2].bytes, greetings[i / 2].size, MSG_NOSIGNAL);
        while (recv (fd, bytes, sizeof bytes, 0) > 0)
            continue;
        close (fd);
    }
    guest_check_service (&guest);
    guest_leave (&guest);
}

#define PLAIN 30

static void
other_protocols_do_no_harm (stage_t *stage)
{
    static const char http[] = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
    char bytes[500];
    int fds[2 * PLAIN];
    uint64_t seed = 4711;
    guest_t guest = guest_arrive (stage, NULL);
    for (int i = 0; i < 2 * PLAIN; i++) {
        fds[i] =
            connect_plainly (i % 2 ? guest.call_endpoint : guest.cast_endpoint);
        for (size_t j = 0; j < sizeof bytes; j++)
            bytes[j] = (char)next_random (&seed);
        if (i % 3 == 0)
            send (fds[i], http, sizeof http - 1, MSG_NOSIGNAL);
        else if (i % 3 == 1)
            send (fds[i], bytes, sizeof bytes, MSG_NOSIGNAL);
        /* else it says nothing at all */
        if (i % 5 == 0) {
            close (fds[i]);
            fds[i] = -1;
        }
    }
    guest_check_service (&guest);
    for (int i = 0; i < 2 * PLAIN; i++)
        if (fds[i] >= 0)
            close (fds[i]);
    guest_check_service (&guest);
    guest_leave (&guest);
}

#define VISITORS 100

static void
visitors_that_ask_and_run_away_do_no_harm (stage_t *stage)
{
    guest_t guest = guest_arrive (stage, NULL);
    troika_msg_t *request =
        CHECK_OK (troika_msg_from_json ("[\"queue\",\"get\",[]]"));
    for (int i = 0; i < VISITORS; i++) {
        void *req = guest_open (&guest, ZMQ_REQ, guest.call_endpoint);
        zmq_send (req, troika_msg_data (request), troika_msg_size (request), 0);
        zmq_disconnect (req, guest.call_endpoint);
        guest_close (req);
    }
    troika_msg_destroy (&request);
    for (int i = 0; i < 2 * VISITORS; i++)
        PUT (guest.queue, i);
    int64_t last = -1;
    for (int i = 0; i < 2 * VISITORS; i++) {
        int64_t number = GET (guest.queue);
        last = number > last ? number : last;
    }
    assert_int_equal (last, 2 * VISITORS - 1);
    CHECK_DRAINED (guest.queue);
    guest_leave (&guest);
}

/* A peer that asks and does not read must not make the others wait. */
static void
a_visitor_that_never_reads_is_nobodys_burden (stage_t *stage)
{
    int hwm = 1;
    guest_t guest = guest_arrive (stage, NULL);
    void *deaf = zmq_socket (guest.context, ZMQ_DEALER);
    zmq_setsockopt (deaf, ZMQ_RCVHWM, &hwm, sizeof hwm);
    zmq_setsockopt (deaf, ZMQ_LINGER, &(int){0}, sizeof (int));
    zmq_connect (deaf, guest.call_endpoint);
    for (int i = 0; i < 20000; i++) {
        zmq_send (deaf, "", 0, ZMQ_SNDMORE);
        zmq_send (deaf, "\x93\xa5queue\xa4stat\x90", 13, 0);
    }
    for (int i = 0; i < 20; i++)
        guest_check_service (&guest);
    guest_close (deaf);
    guest_leave (&guest);
}

static void
a_session_with_absurd_lanes_does_no_harm (stage_t *stage)
{
    static const char *const numbers[] = {
        "0", "65536", "4294967295", "1000000000000", "18446744073709551615"};
    char request[300];
    uint64_t session;
    guest_t guest = guest_arrive (stage, NULL);
    troika_msg_t *answer = guest_ask (&guest, "[\"\",\"hello\",[{\"v\":1}]]");
    CHECK_OK (troika_msg_unpack (answer, "[n{s:U}]", "session", &session));
    troika_msg_destroy (&answer);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        snprintf (request, sizeof request,
                  "[\"queue\",\"qsize\",[],{\"s\":%llu,\"l\":%s,\"c\":1}]",
                  (unsigned long long)session, numbers[i]);
        answer = guest_ask (&guest, request);
        troika_msg_destroy (&answer);
        snprintf (request, sizeof request,
                  "[\"queue\",\"put\",[1],{\"s\":%llu,\"l\":%s,\"n\":1}]",
                  (unsigned long long)session, numbers[i]);
        guest_cast (&guest, request);
    }
    guest_check_service (&guest);
    guest_leave (&guest);
}

static const stage_case_t cases[] = {
    STAGE_TEST_WITHIN (40, STAGE_REMOTE,
                       a_frame_over_the_limit_only_ends_its_connection),
    STAGE_TEST_ON (STAGE_REMOTE, peers_older_than_zmtp_3_are_sent_away),
    STAGE_TEST_ON (STAGE_REMOTE, other_protocols_do_no_harm),
    STAGE_TEST_ON (STAGE_REMOTE, visitors_that_ask_and_run_away_do_no_harm),
    STAGE_TEST_WITHIN (40, STAGE_REMOTE,
                       a_visitor_that_never_reads_is_nobodys_burden),
    STAGE_TEST_ON (STAGE_REMOTE, a_session_with_absurd_lanes_does_no_harm),
};

int
main (int argc, char **argv)
{
    return STAGE_RUN (cases, argc, argv);
}
