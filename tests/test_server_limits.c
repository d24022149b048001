/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_server_limits.c - what one connection may have of a manager: sessions,
 * calls that wait, replies that it does not take.
 */
#include <stdio.h>
#include <string.h>
#include <zmq.h>
#include "tests/guest.h"
#include "tests/sanitized.h"

#define SESSIONS 16
#define CALLS 4096

/* Without waiting for the answer. */
static void
ask (void *socket, const char *json)
{
    troika_msg_t *request = CHECK_OK (troika_msg_from_json (json));
    zmq_send (socket, "", 0, ZMQ_SNDMORE);
    zmq_send (socket, troika_msg_data (request), troika_msg_size (request), 0);
    troika_msg_destroy (&request);
}

static void
a_connection_opens_sixteen_sessions (stage_t *stage)
{
    guest_t guest = guest_arrive (stage, NULL);
    for (int i = 0; i < SESSIONS; i++) {
        troika_msg_t *answer =
            guest_ask (&guest, "[\"\",\"hello\",[{\"v\":1}]]");
        CHECK_OK (troika_msg_unpack (answer, "[n*]"));
        troika_msg_destroy (&answer);
    }
    guest_check_error (&guest, "[\"\",\"hello\",[{\"v\":1}]]", "EAGAIN");
    guest_check_service (&guest);
    guest_leave (&guest);
}

/* They end as sessions end that say nothing; then there is room again. */
static void
sessions_that_ended_make_room (stage_t *stage)
{
    guest_t guest = guest_arrive (stage, NULL);
    for (int i = 0; i < SESSIONS; i++) {
        troika_msg_t *answer =
            guest_ask (&guest, "[\"\",\"hello\",[{\"v\":1}]]");
        troika_msg_destroy (&answer);
    }
    WAIT_UNTIL (guest_counter (&guest, "sessions") < SESSIONS);
    troika_msg_t *answer = guest_ask (&guest, "[\"\",\"hello\",[{\"v\":1}]]");
    CHECK_OK (troika_msg_unpack (answer, "[n*]"));
    troika_msg_destroy (&answer);
    guest_leave (&guest);
}

static void
a_connection_has_so_many_calls_that_wait (stage_t *stage)
{
    guest_t guest = guest_arrive (stage, NULL);
    for (int i = 0; i < CALLS; i++)
        ask (guest.call, "[\"queue\",\"get\",[]]");
    guest_check_error (&guest, "[\"queue\",\"get\",[]]", "EAGAIN");
    guest_check_error (&guest, "[\"\",\"ping\",[]]", "EAGAIN");
    for (int i = 0; i < CALLS; i++)
        CHECK_OK (troika_queue_put (guest.queue, 5000, "i", i));
    for (int i = 0; i < CALLS; i++) {
        troika_msg_t *answer = guest_answer (&guest);
        troika_msg_destroy (&answer);
    }
    guest_check (&guest, "[\"\",\"ping\",[]]", "null");
    guest_check_service (&guest);
    guest_leave (&guest);
}

/* The first rounds fill the queue of replies; beyond that nothing grows. What
 * is free may have gone back to the system when a round ends. */
static void
replies_that_are_not_taken_are_dropped (stage_t *stage)
{
    guest_t guest = guest_arrive (stage, NULL);
    int bound = 10;
    int buffer = 16384; /* else the kernel's may grow for long */
    void *deaf = zmq_socket (guest.context, ZMQ_DEALER);
    zmq_setsockopt (deaf, ZMQ_RCVHWM, &bound, sizeof bound);
    zmq_setsockopt (deaf, ZMQ_RCVBUF, &buffer, sizeof buffer);
    assert_int_equal (zmq_connect (deaf, guest.call_endpoint), 0);
    long kb[3];
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 50000; i++)
            ask (deaf, "[\"\",\"stat\",[]]");
        WAIT_UNTIL (guest_counter (&guest, "calls") > 50000 * (round + 1));
        kb[round] = stage_memory_kb (stage_server_pid (stage));
    }
    if (!UNDER_ASAN && !UNDER_TSAN)
        assert_in_range (kb[2], 0, (kb[0] > kb[1] ? kb[0] : kb[1]) + 4096);
    guest_check_service (&guest);
    guest_close (deaf);
    guest_leave (&guest);
}

static const stage_case_t cases[] = {
    STAGE_TEST_ON (STAGE_REMOTE, a_connection_opens_sixteen_sessions),
    STAGE_TEST_ON (STAGE_REMOTE, sessions_that_ended_make_room),
    STAGE_TEST_ON (STAGE_REMOTE, a_connection_has_so_many_calls_that_wait),
    STAGE_TEST_ON (STAGE_REMOTE, replies_that_are_not_taken_are_dropped),
};

int
main (int argc, char **argv)
{
    return STAGE_RUN (cases, argc, argv);
}
