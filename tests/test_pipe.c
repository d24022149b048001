/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_pipe.c - what goes through a pipe, and how long either side waits:
 * inproc between threads, ipc and tcp between processes.
 */
#include "tests/pipe_ends.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define PAIRS (STAGE_THREAD | STAGE_REMOTE)

static void
what_one_end_sends_the_other_receives (stage_t *stage)
{
    pipe_ends_t ends;
    pipe_make (stage, &ends, true);
    CHECK_OK (troika_pipe_send (ends.a, TROIKA_FOREVER, "{s:i}", "id", 7));
    troika_msg_t *msg = CHECK_OK (troika_pipe_recv (ends.b, TROIKA_FOREVER));
    int id = 0;
    CHECK_OK (troika_msg_unpack (msg, "{s:i}", "id", &id));
    assert_int_equal (id, 7);
    CHECK_OK (troika_pipe_send_msg (ends.b, TROIKA_FOREVER, msg));
    troika_msg_destroy (&msg);
    msg = CHECK_OK (troika_pipe_recv (ends.a, TROIKA_FOREVER));
    CHECK_OK (troika_msg_unpack (msg, "{s:i}", "id", &id));
    troika_msg_destroy (&msg);
    pipe_drop (&ends);
}

static int
echo (stage_t *stage, void *arg)
{
    pipe_ends_t *ends = arg;
    (void)stage;
    pipe_echo (ends->b);
    return 0;
}

static void
two_sides_talk_both_ways (stage_t *stage)
{
    pipe_ends_t ends;
    pipe_make (stage, &ends, true);
    stage_peer_t *peer = pipe_peer (stage, &ends, echo);
    for (int i = 0; i < 500; i++) {
        pipe_send_numbers (ends.a, i, i + 1);
        pipe_check_numbers (ends.a, i, i + 1);
    }
    troika_pipe_close (ends.a);
    pipe_join (peer);
    pipe_drop (&ends);
}

/* Bytes that say where they are. */
static void
draw (unsigned char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        bytes[i] = (unsigned char)(i * 7 + size);
}

static void
bytes_of_every_size_arrive_as_they_were (stage_t *stage)
{
    static const size_t sizes[] = {0,   1,     33,    34,      255,    256,
                                   300, 65535, 65536, 1 << 20, 3 << 20};
    pipe_ends_t ends;
    unsigned char *sent = malloc (3 << 20), *got = malloc (3 << 20);
    pipe_make (stage, &ends, true);
    stage_peer_t *peer = pipe_peer (stage, &ends, echo);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        size_t size = sizes[i];
        draw (sent, size);
        CHECK_OK (troika_pipe_send_bytes (ends.a, TROIKA_FOREVER, sent, size));
        ssize_t came = CHECK_OK (
            troika_pipe_recv_bytes_into (ends.a, TROIKA_FOREVER, got, 3 << 20));
        assert_int_equal (came, size);
        assert_memory_equal (got, sent, size);
    }
    troika_pipe_close (ends.a);
    pipe_join (peer);
    pipe_drop (&ends);
    free (sent);
    free (got);
}

static void
what_does_not_fit_the_buffer_stays (stage_t *stage)
{
    char buffer[8];
    pipe_ends_t ends;
    pipe_make (stage, &ends, false);
    CHECK_OK (troika_pipe_send_bytes (ends.b, TROIKA_FOREVER, "12345678", 8));
    CHECK_OK (troika_pipe_send (ends.b, TROIKA_FOREVER, "s", "text"));
    CHECK_ERRNO (troika_pipe_recv_bytes_into (ends.a, -1, buffer, 7), EMSGSIZE);
    assert_non_null (strstr (troika_error (), "8 bytes"));
    CHECK_ERRNO (troika_pipe_recv_bytes_into (ends.a, -1, NULL, 0), EMSGSIZE);
    assert_int_equal (CHECK_OK (troika_pipe_poll (ends.a, 0)), 1);
    assert_int_equal (
        CHECK_OK (troika_pipe_recv_bytes_into (ends.a, -1, buffer, 8)), 8);
    assert_memory_equal (buffer, "12345678", 8);
    CHECK_ERRNO (troika_pipe_recv_bytes_into (ends.a, -1, buffer, 8), EBADMSG);
    CHECK_ERRNO (troika_pipe_recv_bytes_into (ends.a, -1, buffer, 8), EBADMSG);
    troika_msg_t *msg = CHECK_OK (troika_pipe_recv (ends.a, TROIKA_FOREVER));
    const char *text;
    CHECK_OK (troika_msg_unpack (msg, "s", &text));
    assert_string_equal (text, "text");
    troika_msg_destroy (&msg);
    pipe_drop (&ends);
}

/* --- how long */

static int64_t
now_ms (void)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void
recv_waits_as_long_as_it_may (stage_t *stage)
{
    pipe_ends_t ends;
    char byte;
    pipe_make (stage, &ends, true);
    CHECK_ERRNO (troika_pipe_recv (ends.a, TROIKA_NOWAIT), EAGAIN);
    CHECK_ERRNO (troika_pipe_recv_bytes_into (ends.a, 0, &byte, 1), EAGAIN);
    int64_t start = now_ms ();
    CHECK_ERRNO (troika_pipe_recv (ends.a, 30), ETIMEDOUT);
    assert_true (now_ms () - start >= 30);
    assert_non_null (strstr (troika_error (), "nothing has come"));
    CHECK_ERRNO (troika_pipe_recv (ends.a, -2), EINVAL);
    CHECK_ERRNO (troika_pipe_send (ends.a, -2, "i", 1), EINVAL);
    CHECK_ERRNO (troika_pipe_send (ends.a, -1, "?"), EINVAL);
    CHECK_ERRNO (troika_pipe_poll (ends.a, -2), EINVAL);
    assert_int_equal (CHECK_OK (troika_pipe_poll (ends.a, 0)), 0);
    start = now_ms ();
    assert_int_equal (CHECK_OK (troika_pipe_poll (ends.a, 30)), 0);
    assert_true (now_ms () - start >= 30);
    pipe_drop (&ends);
}

static int
send_when_told (stage_t *stage, void *arg)
{
    pipe_ends_t *ends = arg;
    stage_await (stage, 0);
    pipe_send_numbers (ends->b, 0, 1);
    return 0;
}

static void
poll_waits_for_a_message_and_takes_nothing (stage_t *stage)
{
    pipe_ends_t ends;
    pipe_make (stage, &ends, true);
    stage_peer_t *peer = pipe_peer (stage, &ends, send_when_told);
    assert_int_equal (CHECK_OK (troika_pipe_poll (ends.a, 20)), 0);
    stage_signal (stage, 0);
    assert_int_equal (CHECK_OK (troika_pipe_poll (ends.a, TROIKA_FOREVER)), 1);
    assert_int_equal (CHECK_OK (troika_pipe_poll (ends.a, 0)), 1);
    pipe_check_numbers (ends.a, 0, 1);
    pipe_join (peer);
    pipe_drop (&ends);
}

static void
a_failure_says_which_pipe_and_after_how_long (stage_t *stage)
{
    pipe_ends_t ends;
    char byte;
    pipe_make (stage, &ends, true);
    const char *endpoint = troika_pipe_endpoint (ends.a);
    CHECK_ERRNO (troika_pipe_recv (ends.a, 20), ETIMEDOUT);
    assert_non_null (strstr (troika_error (), endpoint));
    assert_non_null (strstr (troika_error (), " 20 ms"));
    CHECK_ERRNO (troika_pipe_recv_bytes_into (ends.b, 0, &byte, 1), EAGAIN);
    assert_non_null (strstr (troika_error (), endpoint));
    pipe_fill (ends.a, 1);
    CHECK_ERRNO (troika_pipe_send (ends.a, 20, "i", 1), ETIMEDOUT);
    assert_non_null (strstr (troika_error (), endpoint));
    assert_non_null (strstr (troika_error (), " 20 ms"));
    troika_pipe_close (ends.a);
    CHECK_ERRNO (troika_pipe_poll (ends.a, 0), EPIPE);
    assert_non_null (strstr (troika_error (), endpoint));
    pipe_drop (&ends);
}

static void
a_document_over_the_limit_is_refused (stage_t *stage)
{
    size_t size = (size_t)64 << 20;
    char *buffer = calloc (1, size);
    pipe_ends_t ends;
    pipe_make (stage, &ends, true);
    CHECK_ERRNO (troika_pipe_send_bytes (ends.a, -1, buffer, size), EMSGSIZE);
    CHECK_OK (troika_pipe_send_bytes (ends.a, -1, buffer, size - 5));
    assert_int_equal (
        CHECK_OK (troika_pipe_recv_bytes_into (ends.b, -1, buffer, size)),
        size - 5);
    pipe_drop (&ends);
    free (buffer);
}

/* --- many threads at one end */

enum { THREADS = 4, EACH = 3000 };

static pthread_mutex_t tally_lock = PTHREAD_MUTEX_INITIALIZER;
static int tally[THREADS * EACH];

static void *
take_some (void *end)
{
    troika_msg_t *msg;
    while ((msg = troika_pipe_recv (end, TROIKA_FOREVER))) {
        int number = -1;
        CHECK_OK (troika_msg_unpack (msg, "i", &number));
        troika_msg_destroy (&msg);
        assert_true (number >= 0 && number < THREADS * EACH);
        pthread_mutex_lock (&tally_lock);
        tally[number]++;
        pthread_mutex_unlock (&tally_lock);
    }
    assert_int_equal (errno, EPIPE);
    return NULL;
}

static int
receive_with_many_threads (stage_t *stage, void *arg)
{
    pipe_ends_t *ends = arg;
    pthread_t threads[THREADS];
    (void)stage;
    for (int i = 0; i < THREADS; i++)
        pthread_create (&threads[i], NULL, take_some, ends->b);
    for (int i = 0; i < THREADS; i++)
        pthread_join (threads[i], NULL);
    for (int i = 0; i < THREADS * EACH; i++)
        assert_int_equal (tally[i], 1);
    return 0;
}

typedef struct {
    troika_pipe_t *end;
    int from;
} share_t;

static void *
send_share (void *arg)
{
    share_t *share = arg;
    pipe_send_numbers (share->end, share->from, share->from + EACH);
    return NULL;
}

static void
each_message_of_many_senders_goes_to_one_of_many_receivers (stage_t *stage)
{
    pipe_ends_t ends;
    pthread_t threads[THREADS];
    share_t shares[THREADS];
    pipe_make (stage, &ends, true);
    stage_peer_t *peer = pipe_peer (stage, &ends, receive_with_many_threads);
    for (int i = 0; i < THREADS; i++) {
        shares[i] = (share_t){ends.a, i * EACH};
        pthread_create (&threads[i], NULL, send_share, &shares[i]);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join (threads[i], NULL);
    troika_pipe_close (ends.a);
    pipe_join (peer);
    pipe_drop (&ends);
}

/* Each side sends more than the window before it reads anything by the same
 * thread; another thread reads. */
static void *
send_ten_thousand (void *end)
{
    pipe_send_numbers (end, 0, 10000);
    return NULL;
}

static int
send_and_receive_at_once (stage_t *stage, void *arg)
{
    pipe_ends_t *ends = arg;
    pthread_t sender;
    (void)stage;
    pthread_create (&sender, NULL, send_ten_thousand, ends->b);
    pipe_check_numbers (ends->b, 0, 10000);
    pthread_join (sender, NULL);
    return 0;
}

static void
one_thread_sends_while_another_receives (stage_t *stage)
{
    pipe_ends_t ends;
    pthread_t sender;
    pipe_make (stage, &ends, true);
    stage_peer_t *peer = pipe_peer (stage, &ends, send_and_receive_at_once);
    pthread_create (&sender, NULL, send_ten_thousand, ends.a);
    pipe_check_numbers (ends.a, 0, 10000);
    pthread_join (sender, NULL);
    pipe_join (peer);
    pipe_drop (&ends);
}

/* --- signals */

static void
on_signal (int number)
{
    (void)number;
}

static void
a_signal_interrupts_and_nothing_is_lost (stage_t *stage)
{
    pipe_ends_t ends;
    struct sigaction action = {.sa_handler = on_signal};
    struct itimerval often = {{0, 5000}, {0, 5000}}, never = {{0, 0}, {0, 0}};
    pipe_make (stage, &ends, true);
    CHECK_OK (troika_pipe_set_window (ends.b, 1 << 20, 5));
    CHECK_OK (troika_pipe_poll (ends.b, 0));
    sigaction (SIGALRM, &action, NULL);
    setitimer (ITIMER_REAL, &often, NULL);
    CHECK_ERRNO (troika_pipe_recv (ends.a, TROIKA_FOREVER), EINTR);
    CHECK_ERRNO (troika_pipe_poll (ends.a, TROIKA_FOREVER), EINTR);
    int sent = 0;
    while (!troika_pipe_send (ends.a, TROIKA_FOREVER, "i", sent))
        sent++;
    assert_int_equal (errno, EINTR);
    setitimer (ITIMER_REAL, &never, NULL);
    pipe_check_numbers (ends.b, 0, sent);
    pipe_send_numbers (ends.a, sent, sent + 1);
    pipe_check_numbers (ends.b, sent, sent + 1);
    pipe_drop (&ends);
}

static const stage_case_t cases[] = {
    STAGE_TEST_ON (PAIRS, what_one_end_sends_the_other_receives),
    STAGE_TEST_ON (PAIRS, two_sides_talk_both_ways),
    STAGE_TEST_ON (PAIRS, bytes_of_every_size_arrive_as_they_were),
    STAGE_TEST_ON (PAIRS, what_does_not_fit_the_buffer_stays),
    STAGE_TEST_ON (PAIRS, recv_waits_as_long_as_it_may),
    STAGE_TEST_ON (PAIRS, poll_waits_for_a_message_and_takes_nothing),
    STAGE_TEST_ON (PAIRS, a_failure_says_which_pipe_and_after_how_long),
    STAGE_TEST_ON (PAIRS, a_document_over_the_limit_is_refused),
    STAGE_TEST_ON (PAIRS,
                   each_message_of_many_senders_goes_to_one_of_many_receivers),
    STAGE_TEST_ON (PAIRS, one_thread_sends_while_another_receives),
    STAGE_TEST_ON (PAIRS, a_signal_interrupts_and_nothing_is_lost),
};

int
main (int argc, char **argv)
{
    return STAGE_RUN (cases, argc, argv);
}
