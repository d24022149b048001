/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_pipe_burst.c - small documents in quick succession, which travel
 * together: in order, whole, soon, and checked.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zmq.h>
#include "tests/pipe_ends.h"

#define PAIRS (STAGE_THREAD | STAGE_REMOTE)

static int
receive_and_tell (stage_t *stage, void *arg)
{
    pipe_ends_t *ends = arg;
    for (int round = 0; round < 5; round++) {
        pipe_check_numbers (ends->b, 0, 777);
        stage_signal (stage, 0);
    }
    return 0;
}

/* The sender makes no other call. */
static void
the_last_of_a_burst_need_no_push (stage_t *stage)
{
    pipe_ends_t ends;
    pipe_make (stage, &ends, true);
    stage_peer_t *peer = pipe_peer (stage, &ends, receive_and_tell);
    for (int round = 0; round < 5; round++) {
        pipe_send_numbers (ends.a, 0, 777);
        stage_await (stage, 0);
    }
    pipe_join (peer);
    pipe_drop (&ends);
}

/* Every size there is: empty, small, too large to travel with others. */
static size_t
size_of (int number)
{
    return (size_t)((number % 7) * (number % 5) * (number % 11) * 11);
}

enum { DOCUMENTS = 20000, LARGEST = 4096 };

static int
receive_every_size (stage_t *stage, void *arg)
{
    pipe_ends_t *ends = arg;
    unsigned char buffer[LARGEST], wanted[LARGEST];
    (void)stage;
    for (int i = 0; i < DOCUMENTS; i++) {
        size_t size = size_of (i);
        memset (wanted, i, size);
        CHECK_OK (troika_pipe_poll (ends->b, TROIKA_FOREVER));
        if (size > 1)
            CHECK_ERRNO (
                troika_pipe_recv_bytes_into (ends->b, -1, buffer, size - 1),
                EMSGSIZE);
        assert_int_equal (CHECK_OK (troika_pipe_recv_bytes_into (
                              ends->b, TROIKA_FOREVER, buffer, LARGEST)),
                          size);
        assert_memory_equal (buffer, wanted, size);
    }
    CHECK_ERRNO (troika_pipe_recv (ends->b, TROIKA_FOREVER), EPIPE);
    return 0;
}

static void
documents_of_all_sizes_keep_their_order (stage_t *stage)
{
    pipe_ends_t ends;
    unsigned char bytes[LARGEST];
    pipe_make (stage, &ends, true);
    stage_peer_t *peer = pipe_peer (stage, &ends, receive_every_size);
    for (int i = 0; i < DOCUMENTS; i++) {
        memset (bytes, i, size_of (i));
        CHECK_OK (troika_pipe_send_bytes (ends.a, -1, bytes, size_of (i)));
    }
    troika_pipe_close (ends.a);
    pipe_join (peer);
    pipe_drop (&ends);
}

static int
receive_some_and_hang (stage_t *stage, void *arg)
{
    pipe_ends_t *ends = arg;
    pipe_check_numbers (ends->b, 0, 100);
    stage_signal (stage, 0);
    for (;;)
        pause ();
    return 0;
}

static void
a_burst_to_a_killed_peer_ends_in_its_loss (stage_t *stage)
{
    pipe_ends_t ends;
    int rc = 0;
    stage_needs_fork (stage);
    pipe_make (stage, &ends, true);
    stage_peer_t *peer = pipe_peer (stage, &ends, receive_some_and_hang);
    pipe_send_numbers (ends.a, 0, 500);
    stage_await (stage, 0);
    stage_kill (peer);
    for (int i = 0; !rc && i < 2000; i++)
        rc = troika_pipe_send (ends.a, TROIKA_FOREVER, "i", i);
    CHECK_ERRNO (troika_pipe_send (ends.a, -1, "i", 0), ECONNRESET);
    CHECK_ERRNO (troika_pipe_recv (ends.a, TROIKA_FOREVER), ECONNRESET);
    pipe_drop (&ends);
}

/* --- a stranger who says hello and then what it likes */

static const char hello[] = "\x96\xa5hello\x01\xc0\xc2\x00\x00";

static void
say (void *socket, const char *bytes, size_t size)
{
    assert_int_equal (zmq_send (socket, "", 0, ZMQ_SNDMORE), 0);
    assert_int_equal (zmq_send (socket, bytes, size, 0), (int)size);
}

static void
check_batch (stage_t *stage, const char *bytes, size_t size, int good)
{
    void *context = zmq_ctx_new ();
    void *socket = zmq_socket (context, ZMQ_PAIR);
    int none = 0;
    troika_pipe_t *end =
        CHECK_OK (troika_pipe_bind (stage_address (stage), false));
    zmq_setsockopt (socket, ZMQ_LINGER, &none, sizeof none);
    assert_int_equal (zmq_connect (socket, troika_pipe_endpoint (end)), 0);
    say (socket, hello, sizeof hello - 1);
    say (socket, bytes, size);
    pipe_check_numbers (end, 0, good);
    CHECK_ERRNO (troika_pipe_recv (end, TROIKA_FOREVER), EPROTO);
    troika_pipe_destroy (&end);
    zmq_close (socket);
    zmq_ctx_term (context);
}

#define CHECK_BATCH(bytes, good)                                               \
    check_batch (stage, "" bytes, sizeof bytes - 1, good)

static void
a_batch_that_is_wrong_ends_the_pipe_after_what_was_right (stage_t *stage)
{
    CHECK_BATCH ("\x93\xa5"
                 "batch\x00\xc1",
                 1); /* no document */
    CHECK_BATCH ("\x93\xa5"
                 "batch\x00\xa5xx",
                 1); /* cut off */
    CHECK_BATCH ("\x94\xa5"
                 "batch\x00\x01",
                 2); /* one is missing */
    CHECK_BATCH ("\x92\xa5"
                 "batch\x00\x01",
                 1); /* one too many */
    CHECK_BATCH ("\x90", 0);
    CHECK_BATCH ("\xdd\xff\xff\xff\xff\xa5"
                 "batch\x00",
                 0); /* no room for so many */
}

static const stage_case_t cases[] = {
    STAGE_TEST_ON (PAIRS, the_last_of_a_burst_need_no_push),
    STAGE_TEST_ON (PAIRS, documents_of_all_sizes_keep_their_order),
    STAGE_TEST_ON (STAGE_REMOTE, a_burst_to_a_killed_peer_ends_in_its_loss),
    STAGE_TEST_ON (STAGE_REMOTE,
                   a_batch_that_is_wrong_ends_the_pipe_after_what_was_right),
};

int
main (int argc, char **argv)
{
    return STAGE_RUN (cases, argc, argv);
}
