/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_server.c - foreign clients at the two ports of a manager: plain
 * ZeroMQ sockets that keep to the protocol, and such that do not.
 *
 * A mistake is answered by an error to whoever made it, or counted where
 * there is no answer; and service goes on. Sessions are in
 * test_server_sessions.c, hostile clients in test_server_hostile.c.
 */
#include <stdio.h>
#include <string.h>
#include <zmq.h>
#include "tests/guest.h"
#include "tests/queue_items.h"

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
};

int
main (int argc, char **argv)
{
    return STAGE_RUN (cases, argc, argv);
}
