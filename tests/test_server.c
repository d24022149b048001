/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_server.c - foreign clients at the two ports of a manager: plain
 * ZeroMQ sockets that keep to the protocol, and such that do not.
 *
 * A mistake is answered by an error to whoever made it, or counted where
 * there is no answer; and service goes on. Hostile ones: test_server_hostile.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zmq.h>
#include "lib/base/mechanism.h"
#include "tests/guest.h"
#include "tests/queue_items.h"
#include "tests/stage_parts.h"

static void
a_plain_push_puts_and_a_plain_req_gets (stage_t *stage)
{
    char answer[100];
    guest_t guest = guest_arrive (stage, NULL);
    void *req = guest_open (&guest, ZMQ_REQ, guest.call_endpoint);
    guest_cast (&guest, "[\"queue\",\"put\",[{\"id\":1}]]");
    troika_msg_t *get =
        CHECK_OK (troika_msg_from_json ("[\"queue\",\"get\",[]]"));
    zmq_send (req, troika_msg_data (get), troika_msg_size (get), 0);
    int size = zmq_recv (req, answer, sizeof answer, 0);
    assert_int_equal (size, 7);
    assert_memory_equal (answer, "\x92\xc0\x81\xa2id\x01", 7);
    troika_msg_destroy (&get);
    guest_check_service (&guest);
    guest_close (req);
    guest_leave (&guest);
}

static void
several_arguments_are_several_items (stage_t *stage)
{
    guest_t guest = guest_arrive (stage, NULL);
    guest_check (&guest, "[\"queue\",\"put\",[1,[2],\"three\",null]]", "4");
    guest_check (&guest, "[\"queue\",\"qsize\",[]]", "4");
    guest_check (&guest, "[\"queue\",\"get\",[]]", "1");
    guest_check (&guest, "[\"queue\",\"take\",[2]]",
                 "[[2,1,[2]],[3,1,\"three\"]]");
    guest_check (&guest, "[\"queue\",\"get\",[]]", "null");
    guest_leave (&guest);
}

static void
a_timeout_is_answered_by_its_name (stage_t *stage)
{
    guest_t guest = guest_arrive (stage, NULL);
    guest_check_error (&guest, "[\"queue\",\"get\",[],{\"t\":0}]", "EAGAIN");
    guest_check_error (&guest, "[\"queue\",\"get\",[],{\"t\":30}]",
                       "ETIMEDOUT");
    guest_check_error (&guest, "[\"queue\",\"take\",[5],{\"t\":1}]",
                       "ETIMEDOUT");
    guest_check_service (&guest);
    guest_leave (&guest);
}

static void
a_waiting_get_of_a_guest_is_served (stage_t *stage)
{
    guest_t guest = guest_arrive (stage, NULL);
    troika_msg_t *request =
        CHECK_OK (troika_msg_from_json ("[\"queue\",\"get\",[]]"));
    guest_call_bytes (&guest, troika_msg_data (request),
                      troika_msg_size (request));
    WAIT_UNTIL (figure (guest.queue, "waiting_gets") == 1);
    PUT (guest.queue, 6);
    troika_msg_t *answer = guest_answer (&guest);
    int item;
    CHECK_OK (troika_msg_unpack (answer, "[ni]", &item));
    assert_int_equal (item, 6);
    troika_msg_destroy (&request);
    troika_msg_destroy (&answer);
    guest_leave (&guest);
}

static void
guests_may_do_all_that_a_handle_does (stage_t *stage)
{
    static const troika_queue_options_t all = {
        .maxsize = 3, .order = TROIKA_PRIORITY, .manual_ack = true};
    guest_t guest = guest_arrive (stage, &all);
    guest_check (&guest, "[\"queue\",\"put_priority\",[5,\"five\"]]", "1");
    guest_check (&guest, "[\"queue\",\"put_priority\",[-5,\"first\"]]", "1");
    guest_check (&guest, "[\"queue\",\"put\",[\"zero\",\"over\"],{\"t\":0}]",
                 "1");
    guest_check_error (&guest, "[\"queue\",\"put\",[9],{\"t\":0}]", "EAGAIN");
    guest_check (&guest, "[\"queue\",\"take\",[1]]", "[[1,1,\"first\"]]");
    guest_check (&guest, "[\"queue\",\"nack\",[1,true]]", "null");
    guest_check_error (&guest, "[\"queue\",\"ack\",[1]]", "ESTALE");
    guest_check (&guest, "[\"queue\",\"take\",[9]]",
                 "[[2,2,\"first\"],[3,1,\"zero\"],[4,1,\"five\"]]");
    for (int i = 2; i <= 4; i++) {
        char ack[100];
        snprintf (ack, sizeof ack, "[\"queue\",\"ack\",[%d]]", i);
        guest_check (&guest, ack, "null");
    }
    guest_check (&guest, "[\"queue\",\"shutdown\",[false]]", "null");
    guest_check_error (&guest, "[\"queue\",\"put\",[1]]", "EPIPE");
    guest_check_error (&guest, "[\"queue\",\"get\",[]]", "EPIPE");
    guest_leave (&guest);
}

static void
what_is_not_there_is_enoent (stage_t *stage)
{
    guest_t guest = guest_arrive (stage, NULL);
    guest_check_error (&guest, "[\"none\",\"get\",[]]", "ENOENT");
    guest_check_error (&guest, "[\"queue\",\"none\",[]]", "ENOENT");
    guest_check_error (&guest, "[\"queue\",\"\",[]]", "ENOENT");
    guest_check_error (&guest, "[\"\",\"none\",[]]", "ENOENT");
    guest_check_error (&guest, "[\"\",\"open\",[\"none\",\"queue\"]]",
                       "ENOENT");
    guest_check_error (&guest, "[\"\",\"remove\",[\"none\"]]", "ENOENT");
    guest_check_service (&guest);
    guest_leave (&guest);
}

static void
arguments_of_wrong_types_are_einval (stage_t *stage)
{
    static const char *const requests[] = {
        "[\"queue\",\"take\",[]]",
        "[\"queue\",\"take\",[\"x\"]]",
        "[\"queue\",\"take\",[0]]",
        "[\"queue\",\"take\",[-1]]",
        "[\"queue\",\"take\",[1,2]]",
        "[\"queue\",\"shutdown\",[\"now\"]]",
        "[\"queue\",\"shutdown\",[]]",
        "[\"\",\"open\",[1,2]]",
        "[\"\",\"open\",[]]",
        "[\"\",\"create\",[\"queue\"]]",
        "[\"\",\"create\",[\"queue\",\"q\",\"x\"]]",
        "[\"\",\"create\",[\"queue\",\"q\",[\"a\",\"b\",\"c\",\"d\"]]]",
        "[\"\",\"create\",[\"queue\",\"q\",[0,77,false,0]]]",
        "[\"\",\"remove\",[[]]]",
        "[\"\",\"hello\",[]]",
        "[\"\",\"hello\",[{\"v\":\"one\"}]]",
    };
    guest_t guest = guest_arrive (stage, NULL);
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++)
        guest_check_error (&guest, requests[i], "EINVAL");
    guest_check_service (&guest);
    guest_leave (&guest);
}

static void
wrong_arguments_of_a_manual_or_priority_queue_are_einval (stage_t *stage)
{
    static const troika_queue_options_t options = {.order = TROIKA_PRIORITY,
                                                   .manual_ack = true};
    static const char *const requests[] = {
        "[\"queue\",\"ack\",[]]",
        "[\"queue\",\"ack\",[\"x\"]]",
        "[\"queue\",\"ack\",[-1]]",
        "[\"queue\",\"nack\",[1]]",
        "[\"queue\",\"nack\",[{},true]]",
        "[\"queue\",\"nack\",[1,2,3]]",
        "[\"queue\",\"put_priority\",[]]",
        "[\"queue\",\"put_priority\",[1]]",
        "[\"queue\",\"put_priority\",[\"x\",1]]",
        "[\"queue\",\"put_priority\",[18446744073709551615,1]]",
    };
    guest_t guest = guest_arrive (stage, &options);
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++)
        guest_check_error (&guest, requests[i], "EINVAL");
    guest_check (&guest, "[\"queue\",\"qsize\",[]]", "0");
    guest_leave (&guest);
}

static void
requests_of_a_wrong_shape_are_ebadmsg_and_counted (stage_t *stage)
{
    static const char *const requests[] = {
        "null",
        "1",
        "\"queue\"",
        "{}",
        "[]",
        "[\"queue\"]",
        "[\"queue\",\"get\"]",
        "[\"queue\",\"get\",[],{},1]",
        "[1,\"get\",[]]",
        "[\"queue\",1,[]]",
        "[null,null,null]",
        "[\"queue\",\"get\",{}]",
        "[\"queue\",\"get\",\"\"]",
        "[\"queue\",\"get\",[],[]]",
        "[\"queue\",\"get\",[],{\"t\":\"soon\"}]",
        "[\"queue\",\"get\",[],{\"t\":-2}]",
        "[\"queue\",\"get\",[],{\"s\":-1}]",
        "[\"queue\",\"get\",[],{\"c\":1.5}]",
    };
    size_t count = sizeof requests / sizeof requests[0];
    guest_t guest = guest_arrive (stage, NULL);
    for (size_t i = 0; i < count; i++)
        guest_check_error (&guest, requests[i], "EBADMSG");
    assert_int_equal (guest_counter (&guest, "malformed"), count);
    for (size_t i = 0; i < count; i++)
        guest_cast (&guest, requests[i]);
    WAIT_UNTIL (guest_counter (&guest, "malformed") == (int64_t)(2 * count));
    guest_check_service (&guest);
    guest_leave (&guest);
}

static void
casts_that_fail_are_counted (stage_t *stage)
{
    guest_t guest = guest_arrive (stage, NULL);
    guest_cast (&guest, "[\"none\",\"put\",[1]]");
    guest_cast (&guest, "[\"queue\",\"none\",[1]]");
    guest_cast (&guest, "[\"queue\",\"take\",[\"x\"]]");
    guest_cast (&guest, "[\"queue\",\"put_priority\",[1,2]]");
    WAIT_UNTIL (guest_counter (&guest, "refused") == 4);
    assert_int_equal (CHECK_OK (troika_queue_qsize (guest.queue)), 0);
    guest_check_service (&guest);
    guest_leave (&guest);
}

static void
another_protocol_version_is_eproto (stage_t *stage)
{
    const char *words;
    guest_t guest = guest_arrive (stage, NULL);
    troika_msg_t *answer = guest_ask (&guest, "[\"\",\"hello\",[{\"v\":77}]]");
    const char *name;
    CHECK_OK (troika_msg_unpack (answer, "[ss]", &name, &words));
    assert_string_equal (name, "EPROTO");
    assert_non_null (strstr (words, "77")); /* both are named */
    assert_non_null (strstr (words, "version 1"));
    troika_msg_destroy (&answer);
    guest_check_service (&guest);
    guest_leave (&guest);
}

static void
an_unknown_session_is_refused_and_counted (stage_t *stage)
{
    guest_t guest = guest_arrive (stage, NULL);
    int64_t stale = guest_counter (&guest, "stale");
    guest_check_error (&guest,
                       "[\"queue\",\"get\",[],{\"s\":12345,\"l\":1,\"c\":1}]",
                       "ESESSION");
    guest_cast (&guest,
                "[\"queue\",\"put\",[1],{\"s\":12345,\"l\":1,\"n\":1}]");
    WAIT_UNTIL (guest_counter (&guest, "stale") == stale + 2);
    assert_int_equal (CHECK_OK (troika_queue_qsize (guest.queue)), 0);
    guest_check_error (&guest, "[\"\",\"wait\",[]]", "EINVAL");
    guest_check_error (&guest, "[\"\",\"bye\",[[]]]", "EINVAL");
    guest_check_service (&guest);
    guest_leave (&guest);
}

/* A guest that says hello has a session, and may lose it by silence. */
static uint64_t
say_hello (guest_t *guest)
{
    uint64_t session;
    troika_msg_t *answer = guest_ask (guest, "[\"\",\"hello\",[{\"v\":1}]]");
    CHECK_OK (troika_msg_unpack (answer, "[n{s:U}]", "session", &session));
    troika_msg_destroy (&answer);
    return session;
}

static void
a_session_that_falls_silent_is_forgotten (stage_t *stage)
{
    char request[200];
    guest_t guest = guest_arrive (stage, NULL);
    PUT (guest.queue, 5);
    CHECK_OK (troika_queue_flush (guest.queue, TROIKA_FOREVER));
    int64_t sessions = guest_counter (&guest, "sessions");
    snprintf (request, sizeof request,
              "[\"queue\",\"take\",[1],{\"s\":%llu,\"l\":2,\"c\":1}]",
              (unsigned long long)say_hello (&guest));
    guest_check (&guest, request, "[[1,1,5]]");
    assert_int_equal (guest_counter (&guest, "sessions"), sessions + 1);
    WAIT_UNTIL (guest_counter (&guest, "sessions") == sessions);
    troika_msg_t *item = CHECK_OK (troika_queue_get (guest.queue, 5000));
    assert_int_equal (troika_queue_deliveries (item), 2);
    assert_int_equal (number_of (item), 5);
    guest_leave (&guest);
}

static void
a_repeated_call_gets_the_same_answer_again (stage_t *stage)
{
    char request[200];
    guest_t guest = guest_arrive (stage, NULL);
    for (int i = 1; i <= 2; i++)
        PUT (guest.queue, i);
    CHECK_OK (troika_queue_flush (guest.queue, TROIKA_FOREVER));
    snprintf (request, sizeof request,
              "[\"queue\",\"get\",[],{\"s\":%llu,\"l\":2,\"c\":1}]",
              (unsigned long long)say_hello (&guest));
    guest_check (&guest, request, "1");
    guest_check (&guest, request, "1");
    assert_int_equal (guest_counter (&guest, "repeated"), 1);
    CHECK_NEXT (guest.queue, 2);
    guest_leave (&guest);
}

static void
repeated_casts_and_casts_behind_a_gap_count_once (stage_t *stage)
{
    char cast[200];
    static const int numbers[] = {1, 1, 2, 4, 2, 3, 4, 3};
    guest_t guest = guest_arrive (stage, NULL);
    unsigned long long session = say_hello (&guest);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        snprintf (cast, sizeof cast,
                  "[\"queue\",\"put\",[%d],{\"s\":%llu,\"l\":2,\"n\":%d}]",
                  numbers[i], session, numbers[i]);
        guest_cast (&guest, cast);
    }
    for (int i = 1; i <= 4; i++)
        CHECK_NEXT (guest.queue, i);
    WAIT_UNTIL (guest_counter (&guest, "casts") == 8);
    CHECK_DRAINED (guest.queue);
    guest_leave (&guest);
}

/* An item that was answered to nobody is another's. */
static void
a_guest_that_leaves_while_it_waits_takes_nothing (stage_t *stage)
{
    guest_t guest = guest_arrive (stage, NULL);
    troika_msg_t *request =
        CHECK_OK (troika_msg_from_json ("[\"queue\",\"get\",[]]"));
    void *req = guest_open (&guest, ZMQ_REQ, guest.call_endpoint);
    zmq_send (req, troika_msg_data (request), troika_msg_size (request), 0);
    WAIT_UNTIL (figure (guest.queue, "waiting_gets") == 1);
    zmq_disconnect (req, guest.call_endpoint);
    guest_close (req);
    WAIT_UNTIL (figure (guest.queue, "waiting_gets") == 0);
    PUT (guest.queue, 3);
    CHECK_NEXT (guest.queue, 3);
    troika_msg_destroy (&request);
    guest_leave (&guest);
}

/* It had no way to say that it was done with the item but another call. */
static void
an_item_of_a_guest_that_left_goes_back (stage_t *stage)
{
    char answer[10];
    guest_t guest = guest_arrive (stage, NULL);
    troika_msg_t *request =
        CHECK_OK (troika_msg_from_json ("[\"queue\",\"get\",[]]"));
    void *req = guest_open (&guest, ZMQ_REQ, guest.call_endpoint);
    for (int i = 1; i <= 2; i++) {
        PUT (guest.queue, i);
        zmq_send (req, troika_msg_data (request), troika_msg_size (request), 0);
        assert_int_equal (zmq_recv (req, answer, sizeof answer, 0), 3);
    }
    guest_close (req);
    troika_msg_t *item = CHECK_OK (troika_queue_get (guest.queue, 5000));
    assert_int_equal (troika_queue_deliveries (item), 2);
    assert_int_equal (number_of (item), 2);
    CHECK_DRAINED (guest.queue);
    troika_msg_destroy (&request);
    guest_leave (&guest);
}

static void
send_and_drop (guest_t *guest, troika_msg_t *request)
{
    guest_call_bytes (guest, troika_msg_data (request),
                      troika_msg_size (request));
    troika_msg_destroy (&request);
}

static double
now (void)
{
    struct timespec time;
    clock_gettime (CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static troika_msg_t *
encoded (const char *json)
{
    return CHECK_OK (troika_msg_from_json (json));
}

static void
drain (guest_t *guest)
{
    troika_msg_t *items[1000];
    ssize_t count;
    while ((count = troika_queue_get_many (guest->queue, 0, items, 1000)) > 0)
        while (count > 0)
            troika_msg_destroy (&items[--count]);
}

/* ["queue", "put", [nil, …]]: some milliseconds of work. */
static void
cast_much (guest_t *guest)
{
    enum { ITEMS = 60000, HEAD = 14 };
    static char cast[HEAD + ITEMS];
    size_t items = ITEMS / stage_scale ();
    memset (cast, '\xc0', sizeof cast);
    memcpy (cast, "\x93\xa5queue\xa3put\xdc", 12);
    cast[12] = (char)(items >> 8);
    cast[13] = (char)(items & 0xff);
    assert_int_equal (zmq_send (guest->cast, cast, HEAD + items, 0),
                      HEAD + items);
}

/* The manager reads a socket only when its descriptor said so, and what it
 * sends may swallow that (where libzmq last looked for news more than a
 * millisecond ago): a call that comes while the cast is carried out, which
 * answers the get, would lie there until something else comes, which the
 * handle's own beat does once a second. */
static void
a_call_that_comes_while_another_is_answered_is_seen (stage_t *stage)
{
    enum { ROUNDS = 30 };
    guest_t guest = guest_arrive (stage, NULL);
    guest_t other = guest;
    double begun = now ();
    other.call = guest_open (&guest, ZMQ_DEALER, guest.call_endpoint);
    for (int round = 0; round < ROUNDS; round++) {
        send_and_drop (&guest, encoded ("[\"queue\",\"get\",[]]"));
        WAIT_UNTIL (figure (guest.queue, "waiting_gets") == 1);
        poll (NULL, 0, 3);
        cast_much (&guest);
        poll (NULL, 0, 1);
        send_and_drop (&other, encoded ("[\"\",\"ping\",[]]"));
        troika_msg_t *pong = guest_answer (&other);
        troika_msg_t *item = guest_answer (&guest);
        troika_msg_destroy (&pong);
        troika_msg_destroy (&item);
        drain (&guest);
    }
    assert_true (now () - begun < ROUNDS * 0.1 * stage_scale ());
    guest_close (other.call);
    guest_leave (&guest);
}

static int64_t
guest_malformed (const guest_t *guest, void *call)
{
    guest_t asker = *guest;
    asker.call = call;
    return guest_counter (&asker, "malformed");
}

/* Nothing tells in time that such a connection ends. */
static void
the_second_port_for_calls_is_for_sessions_only (stage_t *stage)
{
    static const char *const refused[] = {
        "[\"queue\",\"get\",[],{\"t\":0}]",
        "[\"\",\"hello\",[{\"v\":1}]]",
        "[\"\",\"wait\",[],{\"s\":5,\"l\":1,\"c\":1}]",
    };
    if (!tk_mechanism (TK_MECHANISM_ZMTP))
        stage_skip (stage, "there is one port for calls");
    guest_t guest = guest_arrive (stage, NULL);
    void *first = guest.call;
    strcat (guest.call_endpoint, ".call");
    guest.call = guest_open (&guest, ZMQ_DEALER, guest.call_endpoint);
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        guest_check_error (&guest, refused[i], "EINVAL");
    guest_check_error (
        &guest, "[\"queue\",\"get\",[],{\"s\":5,\"l\":2,\"c\":1}]", "ESESSION");
    guest_check_error (&guest, "[]", "EBADMSG");
    int64_t before = guest_malformed (&guest, first);
    troika_msg_t *cast = encoded ("[\"queue\",\"put\",[1]]");
    zmq_send (guest.call, troika_msg_data (cast), troika_msg_size (cast), 0);
    WAIT_UNTIL (guest_malformed (&guest, first) == before + 1);
    assert_int_equal (CHECK_OK (troika_queue_qsize (guest.queue)), 0);
    troika_msg_destroy (&cast);
    guest_close (guest.call);
    guest.call = first;
    guest_check_service (&guest);
    guest_leave (&guest);
}

static const stage_case_t cases[] = {
    STAGE_TEST_ON (STAGE_REMOTE, a_plain_push_puts_and_a_plain_req_gets),
    STAGE_TEST_ON (STAGE_REMOTE, several_arguments_are_several_items),
    STAGE_TEST_ON (STAGE_REMOTE, a_timeout_is_answered_by_its_name),
    STAGE_TEST_ON (STAGE_REMOTE, a_waiting_get_of_a_guest_is_served),
    STAGE_TEST_ON (STAGE_REMOTE, guests_may_do_all_that_a_handle_does),
    STAGE_TEST_ON (STAGE_REMOTE, what_is_not_there_is_enoent),
    STAGE_TEST_ON (STAGE_REMOTE, arguments_of_wrong_types_are_einval),
    STAGE_TEST_ON (STAGE_REMOTE,
                   wrong_arguments_of_a_manual_or_priority_queue_are_einval),
    STAGE_TEST_ON (STAGE_REMOTE,
                   requests_of_a_wrong_shape_are_ebadmsg_and_counted),
    STAGE_TEST_ON (STAGE_REMOTE, casts_that_fail_are_counted),
    STAGE_TEST_ON (STAGE_REMOTE, another_protocol_version_is_eproto),
    STAGE_TEST_ON (STAGE_REMOTE, an_unknown_session_is_refused_and_counted),
    STAGE_TEST_ON (STAGE_REMOTE, a_session_that_falls_silent_is_forgotten),
    STAGE_TEST_ON (STAGE_REMOTE, a_repeated_call_gets_the_same_answer_again),
    STAGE_TEST_ON (STAGE_REMOTE,
                   repeated_casts_and_casts_behind_a_gap_count_once),
    STAGE_TEST_ON (STAGE_REMOTE,
                   a_guest_that_leaves_while_it_waits_takes_nothing),
    STAGE_TEST_ON (STAGE_REMOTE, an_item_of_a_guest_that_left_goes_back),
    STAGE_TEST_ON (STAGE_REMOTE,
                   a_call_that_comes_while_another_is_answered_is_seen),
    STAGE_TEST_ON (STAGE_PROCESS,
                   the_second_port_for_calls_is_for_sessions_only),
};

int
main (int argc, char **argv)
{
    return STAGE_RUN (cases, argc, argv);
}
