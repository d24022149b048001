/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_server_sessions.c - sessions of clients that speak the protocol by
 * themselves: repeated calls and casts, silence, and what a guest leaves.
 */
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <zmq.h>
#include "lib/base/mechanism.h"
#include "tests/guest.h"
#include "tests/queue_items.h"
#include "tests/stage_parts.h"

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
    int64_t since = clock_ms ();
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
    check_took (since, 0, ROUNDS * 100);
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
