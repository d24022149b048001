/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_stream.c - ZeroMQ messages over a plain descriptor: two of ours talk
 * to each other, and a stranger says what it should not.
 *
 * With libzmq at the other end they talk in every test that calls over ipc
 * or tcp.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include "lib/wire/stream.h"

#define LARGE ((size_t)3 << 20)

typedef struct {
    tk_stream_t one, other;
} pair_t;

static pair_t *
pair_new (void)
{
    int fds[2];
    pair_t *self = malloc (sizeof *self);
    assert_non_null (self);
    assert_int_equal (socketpair (AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds),
                      0);
    assert_int_equal (tk_stream_init (&self->one, fds[0], "REQ"), 0);
    assert_int_equal (tk_stream_init (&self->other, fds[1], "ROUTER"), 0);
    return self;
}

static void
pair_destroy (pair_t *self)
{
    tk_stream_fini (&self->one);
    tk_stream_fini (&self->other);
    free (self);
}

/* Both sides work until one has a message. */
static tk_slab_t *
pump (tk_stream_t *from, tk_stream_t *to, tk_parts_t *parts)
{
    tk_slab_t *body;
    for (;;) {
        assert_int_equal (tk_stream_flush (from), 0);
        assert_int_equal (tk_stream_flush (to), 0);
        assert_true (tk_stream_read (from) >= 0);
        assert_true (tk_stream_read (to) >= 0);
        tk_parts_t none;
        tk_slab_t *nothing;
        assert_int_equal (tk_stream_next (from, &none, &nothing), 0);
        int rc = tk_stream_next (to, parts, &body);
        assert_true (rc >= 0);
        if (rc)
            return body;
    }
}

static tk_parts_t
address (const char *text)
{
    tk_parts_t parts = {.count = 2};
    parts.parts[0].size = (uint8_t)strlen (text);
    memcpy (parts.parts[0].bytes, text, strlen (text));
    parts.parts[1].size = 0;
    return parts;
}

static void
send_text (tk_stream_t *from, const char *to, const char *text)
{
    tk_parts_t parts = address (to);
    tk_piece_t piece = {text, strlen (text), NULL};
    assert_int_equal (tk_stream_send (from, &parts, &piece, 1), 0);
}

static void
check_text (tk_stream_t *from, tk_stream_t *to, const char *expected)
{
    tk_parts_t parts;
    tk_slab_t *body = pump (from, to, &parts);
    assert_int_equal (tk_slab_size (body), strlen (expected));
    assert_memory_equal (tk_slab_data (body), expected, strlen (expected));
    assert_int_equal (parts.count, 2);
    assert_int_equal (parts.parts[1].size, 0);
    tk_slab_unref (body);
}

static void
two_streams_talk (void **unused)
{
    (void)unused;
    pair_t *pair = pair_new ();
    send_text (&pair->one, "id", "hello");
    check_text (&pair->one, &pair->other, "hello");
    send_text (&pair->other, "id", "you");
    check_text (&pair->other, &pair->one, "you");
    send_text (&pair->one, "id", "");
    check_text (&pair->one, &pair->other, "");
    pair_destroy (pair);
}

static void
messages_keep_their_order_and_their_bounds (void **unused)
{
    (void)unused;
    pair_t *pair = pair_new ();
    for (int round = 0; round < 50; round++) {
        send_text (&pair->one, "id", "one");
        send_text (&pair->one, "id", "two, which is longer");
        check_text (&pair->one, &pair->other, "one");
        send_text (&pair->one, "id", "");
        check_text (&pair->one, &pair->other, "two, which is longer");
        check_text (&pair->one, &pair->other, "");
    }
    pair_destroy (pair);
}

/* More than the kernel holds, from pieces with and without a slab. */
static void
a_large_body_comes_as_one (void **unused)
{
    (void)unused;
    pair_t *pair = pair_new ();
    tk_parts_t parts = address ("x");
    tk_slab_t *slab = tk_slab_new (LARGE);
    uint8_t *bytes = tk_slab_data (slab);
    for (size_t i = 0; i < LARGE; i++)
        bytes[i] = (uint8_t)(i * 7 / 3);
    tk_piece_t pieces[] = {
        {"head", 4, NULL}, {bytes, LARGE, slab}, {bytes + 5, 1000, NULL}};
    assert_int_equal (tk_stream_send (&pair->one, &parts, pieces, 3), 0);
    tk_slab_t *body = pump (&pair->one, &pair->other, &parts);
    const uint8_t *got = tk_slab_data (body);
    assert_int_equal (tk_slab_size (body), LARGE + 1004);
    assert_memory_equal (got, "head", 4);
    assert_memory_equal (got + 4, bytes, LARGE);
    assert_memory_equal (got + 4 + LARGE, bytes + 5, 1000);
    tk_slab_unref (body);
    tk_slab_unref (slab);
    pair_destroy (pair);
}

/* libzmq takes a message before its own READY has left for a fault. */
static void
nothing_but_the_greeting_is_sent_before_ready (void **unused)
{
    (void)unused;
    uint8_t bytes[1000];
    pair_t *pair = pair_new ();
    send_text (&pair->one, "id", "hello");
    ssize_t size = read (pair->other.fd, bytes, sizeof bytes);
    uint8_t ready[TK_ZMTP_READY_MAX];
    assert_int_equal (size, TK_ZMTP_GREETING + tk_zmtp_ready (ready, "REQ"));
    assert_memory_equal (bytes + TK_ZMTP_GREETING, ready,
                         (size_t)size - TK_ZMTP_GREETING);
    assert_int_equal (tk_stream_events (&pair->one), POLLIN);
    pair_destroy (pair);
}

static void
an_end_of_the_connection_is_told (void **unused)
{
    (void)unused;
    pair_t *pair = pair_new ();
    tk_stream_fini (&pair->other);
    assert_int_equal (tk_stream_read (&pair->one), -ECONNRESET);
    assert_int_equal (tk_stream_flush (&pair->one), -ECONNRESET);
    pair_destroy (pair);
}

/* --- waiting */

static void
a_wait_takes_what_is_there (void **unused)
{
    (void)unused;
    pair_t *pair = pair_new ();
    send_text (&pair->one, "id", "hello");
    check_text (&pair->one, &pair->other, "hello");
    send_text (&pair->other, "id", "you");
    assert_true (tk_stream_wait (&pair->one) > 0);
    check_text (&pair->other, &pair->one, "you");
    send_text (&pair->one, "id", "again");
    check_text (&pair->one, &pair->other, "again");
    pair_destroy (pair);
}

static void
a_wait_for_nothing_ends (void **unused)
{
    (void)unused;
    pair_t *pair = pair_new ();
    send_text (&pair->one, "id", "hello");
    check_text (&pair->one, &pair->other, "hello");
    assert_int_equal (tk_stream_wait (&pair->one), 0);
    assert_int_equal (tk_stream_read (&pair->one), 0);
    tk_stream_fini (&pair->other);
    assert_int_equal (tk_stream_wait (&pair->one), -ECONNRESET);
    pair_destroy (pair);
}

static void
ignore_alarm (int number)
{
    (void)number;
}

/* Also where handlers want system calls to be restarted. One that runs
 * between two waits ends neither. */
static void
a_wait_ends_at_a_signal (void **unused)
{
    (void)unused;
    struct sigaction action = {.sa_handler = ignore_alarm,
                               .sa_flags = SA_RESTART};
    struct sigaction before;
    struct itimerval often = {{0, 1000}, {0, 1000}};
    const struct itimerval never = {{0, 0}, {0, 0}};
    pair_t *pair = pair_new ();
    int rc = 0;
    sigaction (SIGALRM, &action, &before);
    setitimer (ITIMER_REAL, &often, NULL);
    for (int i = 0; rc == 0 && i < 1000; i++)
        while ((rc = tk_stream_wait (&pair->one)) > 0)
            continue;
    setitimer (ITIMER_REAL, &never, NULL);
    sigaction (SIGALRM, &before, NULL);
    assert_int_equal (rc, -EINTR);
    pair_destroy (pair);
}

/* --- strangers */

typedef struct {
    uint8_t bytes[8192];
    size_t size;
} speech_t;

static speech_t
greeting (void)
{
    speech_t self = {.size = TK_ZMTP_GREETING};
    tk_zmtp_greeting (self.bytes);
    return self;
}

static void
add (speech_t *self, const void *bytes, size_t size)
{
    memcpy (self->bytes + self->size, bytes, size);
    self->size += size;
}

static speech_t
introduction (void)
{
    speech_t self = greeting ();
    self.size += tk_zmtp_ready (self.bytes + self.size, "DEALER");
    return self;
}

/* What a stream makes of it, told in steps of so many bytes. The number of
 * messages, or the error of the first that is none. */
static int
hear (const speech_t *speech, size_t step)
{
    int fds[2];
    tk_parts_t parts;
    tk_slab_t *body;
    int rc = 0, count = 0;
    tk_stream_t *stream = malloc (sizeof *stream);
    assert_int_equal (socketpair (AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds),
                      0);
    assert_int_equal (tk_stream_init (stream, fds[0], "ROUTER"), 0);
    for (size_t at = 0; rc >= 0 && at < speech->size; at += step) {
        size_t size = at + step < speech->size ? step : speech->size - at;
        assert_int_equal (write (fds[1], speech->bytes + at, size), size);
        assert_true (tk_stream_read (stream) > 0);
        for (; (rc = tk_stream_next (stream, &parts, &body)) > 0; count++)
            tk_slab_unref (body);
    }
    tk_stream_fini (stream);
    free (stream);
    close (fds[1]);
    return rc < 0 ? rc : count;
}

static void
bytes_may_come_one_by_one (void **unused)
{
    (void)unused;
    speech_t speech = introduction ();
    add (&speech, "\1\2id\1\0\0\5hello", 13);
    add (&speech, "\0\2hi", 4);
    add (&speech, "\2\0\0\0\0\0\0\0\3abc", 12);
    for (size_t step = 1; step < 70; step++)
        assert_int_equal (hear (&speech, step), 3);
}

static void
another_protocol_is_refused (void **unused)
{
    (void)unused;
    speech_t speech = {.size = 64};
    memset (speech.bytes, 'G', sizeof speech.bytes);
    assert_int_equal (hear (&speech, 64), -EPROTO);
    speech = greeting ();
    speech.bytes[10] = 2; /* ZMTP 2 */
    assert_int_equal (hear (&speech, 64), -EPROTO);
    speech = greeting ();
    memcpy (speech.bytes + 12, "CURVE", 5);
    assert_int_equal (hear (&speech, 64), -EPROTO);
}

static void
a_message_before_ready_is_refused (void **unused)
{
    (void)unused;
    speech_t speech = greeting ();
    add (&speech, "\0\2hi", 4);
    assert_int_equal (hear (&speech, 100), -EPROTO);
    speech = greeting ();
    add (&speech, "\4\5\4PING", 7);
    assert_int_equal (hear (&speech, 100), -EPROTO);
}

static void
other_commands_are_passed_over (void **unused)
{
    (void)unused;
    speech_t speech = introduction ();
    add (&speech, "\4\5\4PING\0\2hi", 11);
    assert_int_equal (hear (&speech, 1000), 1);
}

static void
a_frame_beyond_the_limit_is_refused (void **unused)
{
    (void)unused;
    speech_t speech = introduction ();
    add (&speech, "\2\xff\xff\xff\xff\xff\xff\xff\xff", 9);
    assert_int_equal (hear (&speech, 1000), -EMSGSIZE);
    speech = introduction ();
    add (&speech, "\3\xff\xff\xff\xff\xff\xff\xff\xff", 9);
    assert_int_equal (hear (&speech, 1000), -EPROTO);
    speech = introduction ();
    add (&speech, "\6\0\0\0\0\0\1\0\0", 9);
    assert_int_equal (hear (&speech, 1000), -EPROTO);
}

static void
an_address_that_is_too_long_is_refused (void **unused)
{
    (void)unused;
    speech_t speech = introduction ();
    for (int i = 0; i < 4; i++)
        add (&speech, "\1\1x", 3);
    assert_int_equal (hear (&speech, 1000), -EPROTO);
    speech = introduction ();
    add (&speech,
         "\1\x21"
         "012345678901234567890123456789012",
         35);
    assert_int_equal (hear (&speech, 1000), -EPROTO);
}

int
main (void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test (two_streams_talk),
        cmocka_unit_test (messages_keep_their_order_and_their_bounds),
        cmocka_unit_test (a_large_body_comes_as_one),
        cmocka_unit_test (nothing_but_the_greeting_is_sent_before_ready),
        cmocka_unit_test (an_end_of_the_connection_is_told),
        cmocka_unit_test (a_wait_takes_what_is_there),
        cmocka_unit_test (a_wait_for_nothing_ends),
        cmocka_unit_test (a_wait_ends_at_a_signal),
        cmocka_unit_test (bytes_may_come_one_by_one),
        cmocka_unit_test (another_protocol_is_refused),
        cmocka_unit_test (a_message_before_ready_is_refused),
        cmocka_unit_test (other_commands_are_passed_over),
        cmocka_unit_test (a_frame_beyond_the_limit_is_refused),
        cmocka_unit_test (an_address_that_is_too_long_is_refused),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
