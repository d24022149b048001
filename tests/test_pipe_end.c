/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_pipe_end.c - how a pipe ends in good order: closed here or there,
 * waited on or not, its other side in a hurry to exit.
 */
#include "tests/pipe_ends.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PAIRS (STAGE_THREAD | STAGE_REMOTE)

static int
send_hundred_and_close (stage_t *stage, void *arg)
{
    pipe_ends_t *ends = arg;
    (void)stage;
    pipe_send_numbers (ends->b, 0, 100);
    troika_pipe_destroy (&ends->b);
    return 0;
}

static void
the_end_comes_after_the_data_and_stays (stage_t *stage)
{
    pipe_ends_t ends;
    pipe_make (stage, &ends, true);
    stage_peer_t *peer = pipe_peer (stage, &ends, send_hundred_and_close);
    pipe_check_numbers (ends.a, 0, 100);
    for (int i = 0; i < 3; i++) {
        CHECK_ERRNO (troika_pipe_recv (ends.a, TROIKA_FOREVER), EPIPE);
        assert_int_equal (CHECK_OK (troika_pipe_poll (ends.a, 0)), 1);
    }
    CHECK_ERRNO (troika_pipe_send (ends.a, TROIKA_FOREVER, "i", 1), EPIPE);
    pipe_join (peer);
    pipe_drop (&ends);
}

/* With no recv that would have told. */
static void
send_to_a_closed_end_fails_at_once (stage_t *stage)
{
    pipe_ends_t ends;
    pipe_make (stage, &ends, true);
    pipe_send_numbers (ends.a, 0, 2);
    pipe_check_numbers (ends.b, 0, 1);
    troika_pipe_close (ends.b);
    CHECK_ERRNO (troika_pipe_send (ends.a, TROIKA_FOREVER, "i", 1), EPIPE);
    CHECK_ERRNO (troika_pipe_send (ends.a, TROIKA_NOWAIT, "i", 1), EPIPE);
    pipe_drop (&ends);
}

static int
close_unused (stage_t *stage, void *arg)
{
    pipe_ends_t *ends = arg;
    (void)stage;
    troika_pipe_destroy (&ends->b);
    return 0;
}

static int
leave_without_a_word (stage_t *stage, void *arg)
{
    return pipe_peer_shares (stage) ? close_unused (stage, arg) : 0;
}

static void
an_end_that_was_never_used_ends_the_stream (stage_t *stage)
{
    pipe_ends_t ends;
    for (int i = 0; i < 2; i++) {
        pipe_make (stage, &ends, true);
        stage_peer_t *peer =
            pipe_peer (stage, &ends, i ? close_unused : leave_without_a_word);
        CHECK_ERRNO (troika_pipe_recv (ends.a, TROIKA_FOREVER), EPIPE);
        CHECK_ERRNO (troika_pipe_send (ends.a, -1, "i", 1), EPIPE);
        pipe_join (peer);
        pipe_drop (&ends);
        pipe_make (stage, &ends, false);
        peer =
            pipe_peer (stage, &ends, i ? close_unused : leave_without_a_word);
        CHECK_ERRNO (troika_pipe_recv (ends.a, TROIKA_FOREVER), EPIPE);
        pipe_join (peer);
        pipe_drop (&ends);
    }
}

/* --- closing while somebody waits */

static void *
recv_until_closed (void *end)
{
    CHECK_ERRNO (troika_pipe_recv (end, TROIKA_FOREVER), EPIPE);
    assert_non_null (strstr (troika_error (), "this end"));
    return NULL;
}

static void *
poll_until_closed (void *end)
{
    CHECK_ERRNO (troika_pipe_poll (end, TROIKA_FOREVER), EPIPE);
    return NULL;
}

static void *
send_until_closed (void *end)
{
    int rc = 0;
    while (rc == 0)
        rc = troika_pipe_send (end, TROIKA_FOREVER, "i", 1);
    assert_int_equal (errno, EPIPE);
    assert_non_null (strstr (troika_error (), "this end"));
    return NULL;
}

static void
close_wakes_those_who_wait_on_that_end (stage_t *stage)
{
    pipe_ends_t ends;
    pthread_t threads[4];
    pipe_make (stage, &ends, true);
    CHECK_OK (troika_pipe_poll (ends.b, 0));
    pthread_create (&threads[0], NULL, recv_until_closed, ends.a);
    pthread_create (&threads[1], NULL, recv_until_closed, ends.a);
    pthread_create (&threads[2], NULL, poll_until_closed, ends.a);
    pthread_create (&threads[3], NULL, send_until_closed, ends.a);
    usleep (20000); /* so that they wait, mostly */
    troika_pipe_close (ends.a);
    for (int i = 0; i < 4; i++)
        pthread_join (threads[i], NULL);
    CHECK_ERRNO (troika_pipe_recv (ends.a, 0), EPIPE);
    CHECK_ERRNO (troika_pipe_send (ends.a, 0, "i", 1), EPIPE);
    pipe_drop (&ends);
}

static int
close_when_told (stage_t *stage, void *arg)
{
    pipe_ends_t *ends = arg;
    CHECK_OK (troika_pipe_poll (ends->b, TROIKA_FOREVER));
    stage_await (stage, 0);
    troika_pipe_close (ends->b);
    return 0;
}

static void
a_waiting_sender_learns_that_nobody_will_read (stage_t *stage)
{
    pipe_ends_t ends;
    pipe_make (stage, &ends, true);
    stage_peer_t *peer = pipe_peer (stage, &ends, close_when_told);
    pipe_fill (ends.a, 1);
    CHECK_ERRNO (troika_pipe_send (ends.a, 20, "i", 1), ETIMEDOUT);
    stage_signal (stage, 0);
    CHECK_ERRNO (troika_pipe_send (ends.a, TROIKA_FOREVER, "i", 1), EPIPE);
    pipe_join (peer);
    pipe_drop (&ends);
}

/* Both have sent what the other never reads. */
static int
send_and_close (stage_t *stage, void *arg)
{
    pipe_ends_t *ends = arg;
    pipe_send_numbers (ends->b, 0, 500);
    stage_signal (stage, 1);
    stage_await (stage, 0);
    troika_pipe_close (ends->b);
    return 0;
}

static void
what_was_sent_arrives_though_the_sender_did_not_read (stage_t *stage)
{
    pipe_ends_t ends;
    pipe_make (stage, &ends, true);
    stage_peer_t *peer = pipe_peer (stage, &ends, send_and_close);
    stage_await (stage, 1);
    pipe_send_numbers (ends.a, 0, 500);
    stage_signal (stage, 0);
    pipe_check_numbers (ends.a, 0, 500);
    CHECK_ERRNO (troika_pipe_recv (ends.a, TROIKA_FOREVER), EPIPE);
    pipe_join (peer);
    pipe_drop (&ends);
}

/* --- exits */

static int
send_many (stage_t *stage, void *arg)
{
    pipe_ends_t *ends = arg;
    pipe_send_numbers (ends->b, 0, 10000);
    if (pipe_peer_shares (stage))
        troika_pipe_close (ends->b);
    return 0;
}

static void
whoever_sends_and_exits_loses_nothing (stage_t *stage)
{
    pipe_ends_t ends;
    pipe_make (stage, &ends, true);
    stage_peer_t *peer = pipe_peer (stage, &ends, send_many);
    pipe_check_numbers (ends.a, 0, 10000);
    CHECK_ERRNO (troika_pipe_recv (ends.a, TROIKA_FOREVER), EPIPE);
    pipe_join (peer);
    pipe_drop (&ends);
}

static int
send_large_and_exit (stage_t *stage, void *arg)
{
    pipe_ends_t *ends = arg;
    char *bytes = calloc (1, 1000000);
    (void)stage;
    CHECK_OK (troika_pipe_send_bytes (ends->b, -1, bytes, 1000000));
    free (bytes);
    return 0;
}

static void
a_process_may_be_joined_before_it_is_read (stage_t *stage)
{
    char *bytes = malloc (1000000);
    pipe_ends_t ends;
    stage_needs_fork (stage);
    for (int opened = 0; opened < 2; opened++) {
        pipe_make (stage, &ends, true);
        if (opened)
            CHECK_OK (troika_pipe_poll (ends.a, 0));
        pipe_join (pipe_peer (stage, &ends, send_large_and_exit));
        assert_int_equal (CHECK_OK (troika_pipe_recv_bytes_into (
                              ends.a, TROIKA_FOREVER, bytes, 1000000)),
                          1000000);
        CHECK_ERRNO (troika_pipe_recv (ends.a, TROIKA_FOREVER), EPIPE);
        pipe_drop (&ends);
    }
    free (bytes);
}

static const stage_case_t cases[] = {
    STAGE_TEST_ON (PAIRS, the_end_comes_after_the_data_and_stays),
    STAGE_TEST_ON (PAIRS, send_to_a_closed_end_fails_at_once),
    STAGE_TEST_ON (PAIRS, an_end_that_was_never_used_ends_the_stream),
    STAGE_TEST_ON (PAIRS, close_wakes_those_who_wait_on_that_end),
    STAGE_TEST_ON (PAIRS, a_waiting_sender_learns_that_nobody_will_read),
    STAGE_TEST_ON (PAIRS, what_was_sent_arrives_though_the_sender_did_not_read),
    STAGE_TEST_ON (PAIRS, whoever_sends_and_exits_loses_nothing),
    STAGE_TEST_ON (STAGE_REMOTE, a_process_may_be_joined_before_it_is_read),
};

int
main (int argc, char **argv)
{
    return STAGE_RUN (cases, argc, argv);
}
