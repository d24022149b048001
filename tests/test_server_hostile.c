/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_server_hostile.c - clients that want to do harm: random bytes, absurd
 * counts, endless frames, foreign protocols, floods of connections.
 *
 * The manager is another process: if any of this ended it, its service would
 * be missed at once.
 */
#include <arpa/inet.h>
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

static uint64_t
next_random (uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* Sends the frames of bytes to both ports. */
static void
send_both (guest_t *guest, const void *data, size_t size)
{
    guest_call_bytes (guest, data, size);
    zmq_send (guest->cast, data, size, 0);
}

/* Drops answers until the sockets are quiet; then asks in earnest. */
static void
drop_answers (guest_t *guest)
{
    guest_close (guest->call);
    guest->call = guest_open (guest, ZMQ_DEALER, guest->call_endpoint);
}

#define FRAMES 3000

static void
random_frames_do_no_harm (stage_t *stage)
{
    uint64_t seed = 88172645463325252u;
    guest_t guest = guest_arrive (stage, NULL);
    for (int i = 0; i < FRAMES; i++) {
        uint64_t bytes[16];
        for (int j = 0; j < 16; j++)
            bytes[j] = next_random (&seed);
        send_both (&guest, bytes, next_random (&seed) % sizeof bytes);
    }
    for (int i = 0; i < FRAMES; i++) {
        troika_msg_t *answer = guest_answer (&guest);
        troika_msg_destroy (&answer);
    }
    WAIT_UNTIL (guest_counter (&guest, "malformed") == 2 * FRAMES);
    guest_check_service (&guest);
    guest_leave (&guest);
}

static const char *const valid[] = {
    "[\"queue\",\"put\",[1,\"two\",{\"three\":[3]}],{\"t\":5}]",
    "[\"queue\",\"take\",[3],{\"t\":0}]",
    "[\"\",\"hello\",[{\"v\":1}]]",
    "[\"\",\"create\",[\"queue\",\"q\",[0,0,false,0]]]",
    "[\"\",\"flush\",[[[2,5]]],{\"t\":5,\"s\":5,\"l\":2,\"c\":1,\"a\":3}]",
    "[\"\",\"objects\",[]]",
};
#define VALID (sizeof valid / sizeof valid[0])

/* Valid requests with some of their bytes changed get further in. What they
 * put is whatever it is. */
static void
damaged_requests_do_no_harm (stage_t *stage)
{
    uint64_t seed = 1234567;
    guest_t guest = guest_arrive (stage, NULL);
    int64_t before = guest_counter (&guest, "malformed");
    for (int i = 0; i < FRAMES; i++) {
        char bytes[200];
        troika_msg_t *request =
            CHECK_OK (troika_msg_from_json (valid[(size_t)i % VALID]));
        size_t size = troika_msg_size (request);
        memcpy (bytes, troika_msg_data (request), size);
        for (uint64_t n = next_random (&seed) % 3 + 1; n > 0; n--)
            bytes[next_random (&seed) % size] = (char)next_random (&seed);
        send_both (&guest, bytes, size);
        troika_msg_destroy (&request);
    }
    drop_answers (&guest);
    WAIT_UNTIL (guest_counter (&guest, "calls") > 100);
    assert_true (guest_counter (&guest, "malformed") > before);
    guest_check (&guest, "[\"\",\"ping\",[]]", "null");
    troika_queue_t *other = stage_connect (stage);
    PUT (other, 1);
    CHECK_OK (troika_queue_flush (other, 10000));
    troika_queue_destroy (&other);
    guest_leave (&guest);
}

/* Each cut short at every byte. */
static void
truncated_requests_are_ebadmsg (stage_t *stage)
{
    int64_t sent = 0;
    guest_t guest = guest_arrive (stage, NULL);
    for (size_t i = 0; i < VALID; i++) {
        troika_msg_t *request = CHECK_OK (troika_msg_from_json (valid[i]));
        for (size_t size = 0; size < troika_msg_size (request); size++) {
            const char *name, *words;
            guest_call_bytes (&guest, troika_msg_data (request), size);
            troika_msg_t *answer = guest_answer (&guest);
            CHECK_OK (troika_msg_unpack (answer, "[ss]", &name, &words));
            assert_string_equal (name, "EBADMSG");
            troika_msg_destroy (&answer);
            sent++;
        }
        troika_msg_destroy (&request);
    }
    assert_int_equal (guest_counter (&guest, "malformed"), sent);
    guest_check_service (&guest);
    guest_leave (&guest);
}

/* The words for a bad name quote it, cut short. */
static void
names_that_are_not_utf8_do_no_harm (stage_t *stage)
{
    enum { SIZE = 100 };
    guest_t guest = guest_arrive (stage, NULL);
    for (int shift = 0; shift < 3; shift++) {
        const char *name, *words;
        char request[200] = "\x93\xa5queue\xd9";
        size_t head = strlen (request);
        request[head++] = SIZE;
        for (int i = 0; i < SIZE; i++)
            request[head + (size_t)i] = shift == 2       ? '\xff'
                                        : i % 2 == shift ? '\xc3'
                                                         : '\xa9';
        request[head + SIZE] = '\x90';
        size_t size = head + SIZE + 1;
        zmq_send (guest.cast, request, size, 0);
        WAIT_UNTIL (guest_counter (&guest, "refused") == shift + 1);
        guest_call_bytes (&guest, request, size);
        troika_msg_t *answer = guest_answer (&guest);
        CHECK_OK (troika_msg_unpack (answer, "[ss]", &name, &words));
        assert_string_equal (name, "ENOENT");
        troika_msg_destroy (&answer);
    }
    guest_check_service (&guest);
    guest_leave (&guest);
}

#define BYTES(text) text, sizeof text - 1
#define QUEUE_PUT "\xa5queue\xa3put"

static const struct {
    const char *bytes;
    size_t size;
} absurd[] = {
    {BYTES ("\xdd\xff\xff\xff\xff")},
    {BYTES ("\xdf\xff\xff\xff\xff")},
    {BYTES ("\xdb\xff\xff\xff\xff")},
    {BYTES ("\x93" QUEUE_PUT "\xdd\xff\xff\xff\xff\x01")},
    {BYTES ("\x93" QUEUE_PUT "\x91\xdf\xff\xff\xff\xff\x01")},
    {BYTES ("\x93" QUEUE_PUT "\x91\xc6\xff\xff\xff\xff\x01")},
    {BYTES ("\x93" QUEUE_PUT "\x91\xdd\x7f\xff\xff\xff\xdd\x7f\xff\xff\xff")},
    {BYTES ("\x94" QUEUE_PUT "\x91\x01\xdf\xff\xff\xff\xff")},
    {BYTES ("\x93\xdb\xff\xff\xff\xf0queue\xa3put\x90")},
    {BYTES ("\x93" QUEUE_PUT "\x91\xc1")},
    {BYTES ("\x93" QUEUE_PUT "\x91\x01\x01")},
};

static void
absurd_counts_are_ebadmsg (stage_t *stage)
{
    size_t count = sizeof absurd / sizeof absurd[0];
    guest_t guest = guest_arrive (stage, NULL);
    for (size_t i = 0; i < count; i++) {
        const char *name, *words;
        guest_call_bytes (&guest, absurd[i].bytes, absurd[i].size);
        troika_msg_t *answer = guest_answer (&guest);
        CHECK_OK (troika_msg_unpack (answer, "[ss]", &name, &words));
        assert_string_equal (name, "EBADMSG");
        troika_msg_destroy (&answer);
        zmq_send (guest.cast, absurd[i].bytes, absurd[i].size, 0);
    }
    WAIT_UNTIL (guest_counter (&guest, "malformed") == (int64_t)(2 * count));
    guest_check (&guest, "[\"queue\",\"qsize\",[]]", "0");
    guest_check_service (&guest);
    guest_leave (&guest);
}

static void
absurd_numbers_are_only_numbers (stage_t *stage)
{
    guest_t guest = guest_arrive (stage, NULL);
    guest_check_error (&guest,
                       "[\"queue\",\"take\",[18446744073709551615],{\"t\":0}]",
                       "EAGAIN");
    guest_check (&guest, "[\"queue\",\"put\",[7]]", "1");
    guest_check (&guest, "[\"queue\",\"take\",[18446744073709551615]]",
                 "[[1,1,7]]");
    guest_check (&guest, "[\"queue\",\"put\",[8]]", "1");
    guest_check (&guest, "[\"queue\",\"get\",[],{\"t\":9223372036854775807}]",
                 "8");
    guest_check_error (&guest,
                       "[\"queue\",\"get\",[],{\"t\":18446744073709551615}]",
                       "EBADMSG");
    guest_check_service (&guest);
    guest_leave (&guest);
}

/* An item that none of us could take out must not go in. */
static void
an_item_nested_too_deep_is_refused (stage_t *stage)
{
    char request[300] = "\x93" QUEUE_PUT "\x91";
    size_t head = strlen (request);
    guest_t guest = guest_arrive (stage, NULL);
    for (size_t depth = 32; depth < 200; depth += 20) {
        const char *name, *words;
        memset (request + head, '\x91', depth);
        request[head + depth] = '\xc0';
        guest_call_bytes (&guest, request, head + depth + 1);
        troika_msg_t *answer = guest_answer (&guest);
        if (depth > 32) {
            CHECK_OK (troika_msg_unpack (answer, "[ss]", &name, &words));
            assert_true (!strcmp (name, "EINVAL") || !strcmp (name, "EBADMSG"));
        }
        troika_msg_destroy (&answer);
    }
    assert_int_equal (CHECK_OK (troika_queue_qsize (guest.queue)), 1);
    troika_msg_t *item = CHECK_OK (troika_queue_get (guest.queue, 5000));
    assert_int_equal (troika_msg_size (item), 33);
    troika_msg_destroy (&item);
    guest_check_service (&guest);
    guest_leave (&guest);
}

static void
messages_of_many_frames_are_dropped_and_counted (stage_t *stage)
{
    guest_t guest = guest_arrive (stage, NULL);
    for (int frames = 6; frames < 40; frames++) {
        for (int i = 1; i < frames; i++) {
            zmq_send (guest.call, "abc", 3, ZMQ_SNDMORE);
            zmq_send (guest.cast, "abc", 3, ZMQ_SNDMORE);
        }
        zmq_send (guest.call, "", 0, 0);
        zmq_send (guest.cast, "", 0, 0);
    }
    WAIT_UNTIL (guest_counter (&guest, "malformed") >= 2 * 34);
    guest_check_service (&guest);
    guest_leave (&guest);
}

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
    STAGE_TEST_WITHIN (40, STAGE_REMOTE, random_frames_do_no_harm),
    STAGE_TEST_WITHIN (40, STAGE_REMOTE, damaged_requests_do_no_harm),
    STAGE_TEST_ON (STAGE_REMOTE, names_that_are_not_utf8_do_no_harm),
    STAGE_TEST_ON (STAGE_REMOTE, truncated_requests_are_ebadmsg),
    STAGE_TEST_ON (STAGE_REMOTE, absurd_counts_are_ebadmsg),
    STAGE_TEST_ON (STAGE_REMOTE, absurd_numbers_are_only_numbers),
    STAGE_TEST_ON (STAGE_REMOTE, an_item_nested_too_deep_is_refused),
    STAGE_TEST_ON (STAGE_REMOTE,
                   messages_of_many_frames_are_dropped_and_counted),
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
