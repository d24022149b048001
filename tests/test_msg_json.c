/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_msg_json.c - documents to and from JSON: exact integers, and what JSON
 * does not have.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <troika/msg.h>
#include "tests/scale.h"

/* Takes the message over. */
static void
writes (troika_msg_t *msg, const char *expected)
{
    assert_non_null (msg);
    char *text = troika_msg_json (msg);
    assert_non_null (text);
    assert_string_equal (text, expected);
    free (text);
    troika_msg_destroy (&msg);
}

static void
reads (const char *json, const char *bytes, size_t size)
{
    troika_msg_t *msg = troika_msg_from_json (json);
    assert_non_null (msg);
    assert_int_equal (troika_msg_size (msg), size);
    assert_memory_equal (troika_msg_data (msg), bytes, size);
    troika_msg_destroy (&msg);
}
#define READS(json, bytes) reads (json, bytes, sizeof (bytes) - 1)

static void
refuses (const char *json, const char *words)
{
    errno = 0;
    assert_null (troika_msg_from_json (json));
    assert_int_equal (errno, EBADMSG);
    if (!strstr (troika_error (), words))
        fail_msg ("no '%s' in '%s'", words, troika_error ());
}

/* The text comes back as it was. */
static void
returns (const char *json)
{
    writes (troika_msg_from_json (json), json);
}

static troika_msg_t *
raw (const char *bytes, size_t size)
{
    return troika_msg_new (bytes, size);
}
#define RAW(bytes) raw (bytes, sizeof (bytes) - 1)

static void
json_becomes_a_document (void **state)
{
    (void)state;
    READS ("{\"id\": 7, \"tags\": [\"a\", null, true, false], \"x\": 1.5}",
           "\x83\xa2id\x07\xa4tags\x94\xa1"
           "a\xc0\xc3\xc2\xa1x\xcb\x3f\xf8\0\0\0\0\0\0");
}

static void
any_value_may_stand_at_the_top (void **state)
{
    (void)state;
    READS ("null", "\xc0");
    READS (" 5 ", "\x05");
    READS ("\"x\"", "\xa1x");
    READS ("[]", "\x90");
    READS ("{}", "\x80");
}

static void
a_document_becomes_json (void **state)
{
    (void)state;
    writes (troika_msg_pack ("{s:i,s:[s,n,b,b],s:f}", "id", 7, "tags", "a", 1,
                             0, "x", 1.5),
            "{\"id\":7,\"tags\":[\"a\",null,true,false],\"x\":1.5}");
    writes (troika_msg_pack ("[]"), "[]");
    writes (troika_msg_pack ("{}"), "{}");
}

static void
integers_survive_exactly (void **state)
{
    (void)state;
    returns ("[0,-1,127,128,-9223372036854775808,9223372036854775807]");
    returns ("18446744073709551615");
    returns ("9223372036854775808");
    returns ("[1,18446744073709551615,-2,9223372036854775808,1.5,\"x\"]");
    returns ("{\"18446744073709551615\":18446744073709551615,\"b\":"
             "[3,10000000000000000000],\"\\\"9\":\"9223372036854775808\","
             "\"c\":9223372036854775809}");
    READS ("9223372036854775808", "\xcf\x80\0\0\0\0\0\0\0");
    READS ("9223372036854775807", "\xcf\x7f\xff\xff\xff\xff\xff\xff\xff");
    READS ("-9223372036854775808", "\xd3\x80\0\0\0\0\0\0\0");
}

static void
integers_beyond_64_bits_are_refused (void **state)
{
    (void)state;
    refuses ("18446744073709551616", "line 1, column 1: an integer of more");
    refuses ("[18446744073709551615,\n 99999999999999999999999]",
             "line 2, column 2: an integer of more");
    refuses ("-9223372036854775809", "an integer of more than 64 bits");
    refuses ("[1, 1e999]", "line 1, column 5: a number out of the range");
}

static void
errors_tell_line_and_column (void **state)
{
    (void)state;
    static const struct {
        const char *json;
        const char *words;
    } cases[] = {
        {"{\n  \"a\": oops\n}", "JSON, line 2, column 8: expected a value"},
        {"", "line 1, column 1: expected a value"},
        {"[1", "column 3: expected ',' or ']'"},
        {"[1,]", "column 4: expected a value"},
        {"{\"a\":1", "column 7: expected ',' or '}'"},
        {"{\"a\"}", "column 5: expected ':'"},
        {"{a:1}", "column 2: expected a key"},
        {"1 2", "column 3: expected the end"},
        {"nul", "column 1: expected a value"},
        {"{\"a\":1,\n\"b\":1,\"a\":2}", "line 2, column 7: a key that"},
        {"{\"\\u0061\":1,\"a\":2}", "a key that stands twice"},
        {"\"\xff\"", "column 2: not UTF-8"},
        {"\"\xc3\xa9\xc3\"", "column 3: not UTF-8"},
        {"\"a\nb\"", "column 3: a control character"},
        {"\"abc", "column 5: the string does not end"},
        {"\"a\\", "column 3: no escape"},
        {"\"\\x\"", "column 2: no escape"},
        {"\"\\u12g4\"", "column 2: \\u without four digits"},
        {"\"\\u12", "without four digits"},
        {"\"\\ud800\"", "half of a pair"},
        {"\"\\udc00\\ud800\"", "half of a pair"},
        {"\"\\ud800\\u0041\"", "half of a pair"},
        {"[NaN]", "column 2: expected a value"},
        {"01", "not a number"},
        {"-", "not a number"},
        {"1.", "not a number"},
        {"1e+", "not a number"},
        {".5", "expected a value"},
        {"+1", "expected a value"},
        {"0x10", "column 2: expected the end"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        refuses (cases[i].json, cases[i].words);
    assert_null (troika_msg_from_json (NULL));
    assert_int_equal (errno, EINVAL);
}

static const char *
nested (unsigned depth, char open, char close)
{
    static char json[512];
    memset (json, open, depth);
    memset (json + depth, close, depth);
    json[2 * depth] = '\0';
    return json;
}

static void
nesting_over_32_is_refused (void **state)
{
    (void)state;
    returns (nested (32, '[', ']'));
    refuses (nested (33, '[', ']'), "line 1, column 33: nested deeper than 32");
    refuses (nested (200, '[', ']'), "nested deeper than 32");
    char json[1024];
    snprintf (json, sizeof json, "[\"\xc3\xa9\",\n%s]", nested (32, '[', ']'));
    refuses (json, "line 2, column 32: nested deeper");
    snprintf (json, sizeof json, "[\"%s\\\"[\"]", nested (33, '[', '['));
    returns (json);
}

static void
strings_keep_every_character (void **state)
{
    (void)state;
    returns ("\"quote \\\" backslash \\\\ tab \\t bell \\u0007 \xc3\xa9 "
             "\xf0\x9f\x98\x80\"");
    READS ("\"a\\u0000b\"", "\xa3"
                            "a\0b");
    writes (RAW ("\xa3"
                 "a\0b"),
            "\"a\\u0000b\"");
    READS ("\"\\ud83d\\ude00\\u00E9\\u20ac\\/\\b\\f\\n\\r\\t\\\"\\\\.\"",
           "\xb2\xf0\x9f\x98\x80\xc3\xa9\xe2\x82\xac/\b\f\n\r\t\"\\.");
    READS ("{\"a\\u0000\":1,\"a\":2}", "\x82\xa2"
                                       "a\0\x01\xa1"
                                       "a\x02");
    READS ("[-0, -0.0, 1E2, 1e-2]",
           "\x94\0\xcb\x80\0\0\0\0\0\0\0\xcb\x40\x59\0\0\0\0\0\0"
           "\xcb\x3f\x84\x7a\xe1\x47\xae\x14\x7b");
}

static void
what_is_not_utf8_is_replaced (void **state)
{
    (void)state;
    writes (RAW ("\xa5"
                 "a\xff\xc3\xa9\xc3"),
            "\"a\xef\xbf\xbd\xc3\xa9\xef\xbf\xbd\"");
    writes (RAW ("\x81\xa1\xff\x01"), "{\"\xef\xbf\xbd\":1}");
}

static void
doubles_are_shortest_and_return_exactly (void **state)
{
    (void)state;
    writes (troika_msg_pack ("f", 0.1), "0.1");
    writes (troika_msg_pack ("f", 1.0), "1.0");
    writes (troika_msg_pack ("f", -0.0), "-0.0");
    writes (troika_msg_pack ("f", 1e100), "1e100");
    static const double values[] = {1.0 / 3, 5e-324, 1.7976931348623157e308,
                                    0.1 + 0.2, 123456789.123456789};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        double back = 0;
        troika_msg_t *msg = troika_msg_pack ("f", values[i]);
        char *text = troika_msg_json (msg);
        troika_msg_t *other = troika_msg_from_json (text);
        assert_non_null (other);
        assert_int_equal (troika_msg_unpack (other, "f", &back), 0);
        assert_true (back == values[i]);
        free (text);
        troika_msg_destroy (&msg);
        troika_msg_destroy (&other);
    }
}

static void
the_point_is_a_point_in_every_locale (void **state)
{
    (void)state;
    if (!setlocale (LC_NUMERIC, "de_DE.UTF-8"))
        skip ();
    writes (troika_msg_pack ("f", 0.1), "0.1");
    returns ("[2.5]");
    setlocale (LC_NUMERIC, "C");
}

static void
what_json_does_not_have_is_replaced (void **state)
{
    (void)state;
    writes (troika_msg_pack ("f", (double)NAN), "null");
    writes (troika_msg_pack ("f", (double)-INFINITY), "null");
    writes (troika_msg_pack ("B", "\0\xff\x10", (size_t)3), "\"AP8Q\"");
    writes (troika_msg_pack ("B", "", (size_t)0), "\"\"");
    writes (RAW ("\xd6\xff\0\0\0\x01"), "{\"ext\":-1,\"data\":\"AAAAAQ==\"}");
    writes (RAW ("\xca\x3f\xc0\0\0"), "1.5");
}

static void
keys_become_strings (void **state)
{
    (void)state;
    writes (RAW ("\x86\x01\x01\xff\x02\xc0\x03\xc3\x04\xcb\x3f\xf8\0\0\0\0\0\0"
                 "\x05\xc4\x01"
                 "a\x06"),
            "{\"1\":1,\"-1\":2,\"null\":3,\"true\":4,\"1.5\":5,\"YQ==\":6}");
    writes (RAW ("\x83\x91\x01\x01\x80\x02\xd4\x05x\x03"),
            "{\"kQE=\":1,\"gA==\":2,\"1AV4\":3}");
}

static void
a_null_message_has_no_json (void **state)
{
    (void)state;
    assert_null (troika_msg_json (NULL));
    assert_int_equal (errno, EINVAL);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (json_becomes_a_document),
        cmocka_unit_test (any_value_may_stand_at_the_top),
        cmocka_unit_test (a_document_becomes_json),
        cmocka_unit_test (integers_survive_exactly),
        cmocka_unit_test (integers_beyond_64_bits_are_refused),
        cmocka_unit_test (errors_tell_line_and_column),
        cmocka_unit_test (nesting_over_32_is_refused),
        cmocka_unit_test (strings_keep_every_character),
        cmocka_unit_test (what_is_not_utf8_is_replaced),
        cmocka_unit_test (doubles_are_shortest_and_return_exactly),
        cmocka_unit_test (the_point_is_a_point_in_every_locale),
        cmocka_unit_test (what_json_does_not_have_is_replaced),
        cmocka_unit_test (keys_become_strings),
        cmocka_unit_test (a_null_message_has_no_json),
    };
    alarm (60 * stage_scale ());
    return cmocka_run_group_tests_name ("msg json", tests, NULL, NULL);
}
