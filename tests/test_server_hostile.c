/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_server_hostile.c - clients that want to do harm: random bytes, absurd
 * counts, endless frames. Foreign protocols, and floods of connections, are in
 * test_server_visitors.c.
 *
 * The manager is another process: if any of this ended it, its service would
 * be missed at once.
 */
#include <string.h>
#include <zmq.h>
#include "tests/guest.h"
#include "tests/queue_items.h"
#include "tests/random.h"

#define QUEUE_PUT "\xa5queue\xa3put"

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
};

int
main (int argc, char **argv)
{
    return STAGE_RUN (cases, argc, argv);
}
