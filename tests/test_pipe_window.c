/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_pipe_window.c - how much may lie unread before an end, and when the
 * other one hears that it was read.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "tests/pipe_ends.h"

#define PAIRS (STAGE_THREAD | STAGE_REMOTE)

static void
send_waits_while_a_thousand_messages_lie_unread (stage_t *stage)
{
    char byte;
    pipe_ends_t ends;
    pipe_make (stage, &ends, false);
    assert_int_equal (CHECK_OK (troika_pipe_poll (ends.a, 0)), 0);
    assert_int_equal (pipe_fill (ends.b, 1), 1000);
    CHECK_ERRNO (troika_pipe_send (ends.b, 30, "i", 1), ETIMEDOUT);
    assert_non_null (strstr (troika_error (), "1000 messages unread"));
    for (int i = 0; i < 3; i++) {
        CHECK_OK (troika_pipe_recv_bytes_into (ends.a, -1, &byte, 1));
        CHECK_OK (troika_pipe_send_bytes (ends.b, TROIKA_FOREVER, "", 1));
        usleep (1000); /* a reader that takes its time */
    }
    CHECK_ERRNO (troika_pipe_send (ends.b, 0, "i", 1), EAGAIN);
    pipe_drop (&ends);
}

static void
send_waits_while_a_mebibyte_lies_unread (stage_t *stage)
{
    char *buffer = malloc (1 << 18);
    pipe_ends_t ends;
    pipe_make (stage, &ends, false);
    assert_int_equal (CHECK_OK (troika_pipe_poll (ends.a, 0)), 0);
    assert_int_equal (pipe_fill (ends.b, (1 << 18) - 5), 4);
    CHECK_OK (troika_pipe_recv_bytes_into (ends.a, -1, buffer, 1 << 18));
    CHECK_OK (troika_pipe_send_bytes (ends.b, TROIKA_FOREVER, buffer, 1000));
    pipe_drop (&ends);
    free (buffer);
}

static void
the_window_can_be_set_before_and_after_use (stage_t *stage)
{
    pipe_ends_t ends;
    pipe_make (stage, &ends, true);
    CHECK_OK (troika_pipe_set_window (ends.a, 1 << 20, 4));
    CHECK_ERRNO (troika_pipe_set_window (ends.a, 0, 4), EINVAL);
    CHECK_ERRNO (troika_pipe_set_window (ends.a, 4, 0), EINVAL);
    CHECK_OK (troika_pipe_poll (ends.a, 0));
    assert_int_equal (pipe_fill (ends.b, 1), 4);
    CHECK_OK (troika_pipe_poll (ends.a, TROIKA_FOREVER));
    CHECK_OK (troika_pipe_set_window (ends.a, 1 << 20, 6));
    size_t more = 0;
    WAIT_UNTIL ((more += pipe_fill (ends.b, 1)) >= 2);
    assert_int_equal (more, 2);
    pipe_drop (&ends);
}

static int
receive_three_megabytes (stage_t *stage, void *arg)
{
    pipe_ends_t *ends = arg;
    char *buffer = malloc (3 << 20);
    (void)stage;
    for (int i = 0; i < 4; i++)
        assert_int_equal (CHECK_OK (troika_pipe_recv_bytes_into (
                              ends->b, TROIKA_FOREVER, buffer, 3 << 20)),
                          30000);
    assert_int_equal (CHECK_OK (troika_pipe_recv_bytes_into (
                          ends->b, TROIKA_FOREVER, buffer, 3 << 20)),
                      3 << 20);
    free (buffer);
    return 0;
}

/* The small ones have been read, but the sender has not been told so. */
static void
a_message_larger_than_the_window_passes_when_all_is_read (stage_t *stage)
{
    char *buffer = calloc (1, 3 << 20);
    pipe_ends_t ends;
    pipe_make (stage, &ends, true);
    stage_peer_t *peer = pipe_peer (stage, &ends, receive_three_megabytes);
    for (int i = 0; i < 4; i++)
        CHECK_OK (troika_pipe_send_bytes (ends.a, -1, buffer, 30000));
    CHECK_OK (troika_pipe_send_bytes (ends.a, -1, buffer, 3 << 20));
    pipe_join (peer);
    pipe_drop (&ends);
    free (buffer);
}

/* The reader takes some and then does something else. */
static void
what_was_read_makes_room_though_nobody_reads_on (stage_t *stage)
{
    pipe_ends_t ends;
    char byte;
    pipe_make (stage, &ends, true);
    CHECK_OK (troika_pipe_poll (ends.b, 0));
    assert_int_equal (pipe_fill (ends.a, 1), 1000);
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 5; i++)
            CHECK_OK (troika_pipe_recv_bytes_into (ends.b, -1, &byte, 1));
        for (int i = 0; i < 5; i++)
            CHECK_OK (troika_pipe_send_bytes (ends.a, 5000, "", 1));
        CHECK_ERRNO (troika_pipe_send_bytes (ends.a, 0, "", 1), EAGAIN);
    }
    pipe_drop (&ends);
}

static void
questions_and_answers_leave_the_window_whole (stage_t *stage)
{
    pipe_ends_t ends;
    pipe_make (stage, &ends, true);
    for (int i = 0; i < 200; i++) {
        pipe_send_numbers (ends.a, i, i + 1);
        pipe_check_numbers (ends.b, i, i + 1);
    }
    size_t unread = 0;
    WAIT_UNTIL ((unread += pipe_fill (ends.a, 1)) >= 1000);
    assert_int_equal (unread, 1000);
    pipe_drop (&ends);
}

static const stage_case_t cases[] = {
    STAGE_TEST_ON (PAIRS, send_waits_while_a_thousand_messages_lie_unread),
    STAGE_TEST_ON (PAIRS, send_waits_while_a_mebibyte_lies_unread),
    STAGE_TEST_ON (PAIRS, the_window_can_be_set_before_and_after_use),
    STAGE_TEST_ON (PAIRS,
                   a_message_larger_than_the_window_passes_when_all_is_read),
    STAGE_TEST_ON (PAIRS, what_was_read_makes_room_though_nobody_reads_on),
    STAGE_TEST_ON (PAIRS, questions_and_answers_leave_the_window_whole),
};

int
main (int argc, char **argv)
{
    return STAGE_RUN (cases, argc, argv);
}
