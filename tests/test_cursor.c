/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_cursor.c - the walk over encoded bytes: every form of MessagePack. How a
 * stranger's bytes can lie is in test_cursor_malformed.c.
 */
#include <math.h>
#include <unistd.h>
#include "tests/cursor_check.h"
#include "tests/scale.h"

static tk_kind_t
kind (const uint8_t *bytes, size_t size)
{
    tk_cursor_t at = tk_cursor (bytes, size);
    return tk_cursor_peek (&at);
}

static int64_t
int_of (const uint8_t *bytes, size_t size)
{
    tk_cursor_t at = tk_cursor (bytes, size);
    int64_t value = 0;
    assert_int_equal (tk_cursor_int (&at, &value), 0);
    assert_ptr_equal (at.at, at.end);
    return value;
}

static uint64_t
uint_of (const uint8_t *bytes, size_t size)
{
    tk_cursor_t at = tk_cursor (bytes, size);
    uint64_t value = 0;
    assert_int_equal (tk_cursor_uint (&at, &value), 0);
    assert_ptr_equal (at.at, at.end);
    return value;
}

static double
float_of (const uint8_t *bytes, size_t size)
{
    tk_cursor_t at = tk_cursor (bytes, size);
    double value = 0;
    assert_int_equal (tk_cursor_float (&at, &value), 0);
    assert_ptr_equal (at.at, at.end);
    return value;
}

static void
every_kind_is_told (void **state)
{
    (void)state;
    assert_int_equal (kind (BYTES ("\xc0")), TK_NIL);
    assert_int_equal (kind (BYTES ("\xc2")), TK_BOOL);
    assert_int_equal (kind (BYTES ("\x7f")), TK_UINT);
    assert_int_equal (kind (BYTES ("\xe0")), TK_INT);
    assert_int_equal (kind (BYTES ("\xcb\0\0\0\0\0\0\0\0")), TK_FLOAT);
    assert_int_equal (kind (BYTES ("\xa1x")), TK_STR);
    assert_int_equal (kind (BYTES ("\xc4\0")), TK_BIN);
    assert_int_equal (kind (BYTES ("\x90")), TK_ARRAY);
    assert_int_equal (kind (BYTES ("\x80")), TK_MAP);
    assert_int_equal (kind (BYTES ("\xd4\x05x")), TK_EXT);
    assert_int_equal (kind (BYTES ("\xc1")), TK_BAD);
    assert_int_equal (kind (BYTES ("")), TK_BAD);
}

static void
a_signed_form_of_a_positive_number_is_unsigned (void **state)
{
    (void)state;
    assert_int_equal (kind (BYTES ("\xd0\x05")), TK_UINT);
    assert_int_equal (kind (BYTES ("\xd0\x85")), TK_INT);
    assert_int_equal (uint_of (BYTES ("\xd1\x7f\xff")), 32767);
    assert_int_equal (uint_of (BYTES ("\xd3\0\0\0\0\0\0\0\0")), 0);
}

static void
integers_of_every_width_are_read (void **state)
{
    (void)state;
    assert_int_equal (int_of (BYTES ("\0")), 0);
    assert_int_equal (int_of (BYTES ("\x7f")), 127);
    assert_int_equal (int_of (BYTES ("\xff")), -1);
    assert_int_equal (int_of (BYTES ("\xe0")), -32);
    assert_int_equal (int_of (BYTES ("\xd0\xdf")), -33);
    assert_int_equal (int_of (BYTES ("\xd0\x80")), -128);
    assert_int_equal (int_of (BYTES ("\xd1\x80\0")), -32768);
    assert_int_equal (int_of (BYTES ("\xd2\x80\0\0\0")), INT32_MIN);
    assert_int_equal (int_of (BYTES ("\xd3\x80\0\0\0\0\0\0\0")), INT64_MIN);
    assert_int_equal (int_of (BYTES ("\xcc\xff")), 255);
    assert_int_equal (int_of (BYTES ("\xcd\xff\xff")), 65535);
    assert_int_equal (int_of (BYTES ("\xce\xff\xff\xff\xff")), UINT32_MAX);
    assert_int_equal (int_of (BYTES ("\xcf\x7f\xff\xff\xff\xff\xff\xff\xff")),
                      INT64_MAX);
    assert_true (uint_of (BYTES ("\xcf\xff\xff\xff\xff\xff\xff\xff\xff")) ==
                 UINT64_MAX);
}

static void
an_integer_out_of_range_stays_unread (void **state)
{
    (void)state;
    int64_t number = 7;
    uint64_t large = 7;
    tk_cursor_t at = tk_cursor (BYTES ("\xcf\x80\0\0\0\0\0\0\0"));
    const uint8_t *start = at.at;
    assert_int_equal (tk_cursor_int (&at, &number), -EBADMSG);
    assert_ptr_equal (at.at, start);
    assert_int_equal (tk_cursor_uint (&at, &large), 0);
    at = tk_cursor (BYTES ("\xff"));
    assert_int_equal (tk_cursor_uint (&at, &large), -EBADMSG);
    assert_int_equal (number, 7);
}

static void
floats_of_both_widths_are_read (void **state)
{
    (void)state;
    assert_true (float_of (BYTES ("\xca\x3f\xc0\0\0")) == 1.5);
    assert_true (float_of (BYTES ("\xca\xbf\xc0\0\0")) == -1.5);
    assert_true (float_of (BYTES ("\xcb\x3f\xf8\0\0\0\0\0\0")) == 1.5);
    assert_true (isnan (float_of (BYTES ("\xca\x7f\xc0\0\0"))));
    assert_true (isinf (float_of (BYTES ("\xcb\xff\xf0\0\0\0\0\0\0"))));
}

static void
strings_and_binaries_point_into_the_bytes (void **state)
{
    (void)state;
    static const uint8_t bytes[] = "\xa2hi\xd9\x01x\xda\0\x01y\xdb\0\0\0\x01z"
                                   "\xc4\x01"
                                   "a\xc5\0\x01"
                                   "b\xc6\0\0\0\x01"
                                   "c";
    tk_cursor_t at = tk_cursor (bytes, sizeof bytes - 1);
    const char *text;
    const void *data;
    size_t size;
    assert_int_equal (tk_cursor_str (&at, &text, &size), 0);
    assert_ptr_equal (text, bytes + 1);
    assert_int_equal (size, 2);
    for (const char *one = "xyz"; *one; one++) {
        assert_int_equal (tk_cursor_str (&at, &text, &size), 0);
        assert_int_equal (size, 1);
        assert_int_equal (*text, *one);
    }
    for (const char *one = "abc"; *one; one++) {
        assert_int_equal (tk_cursor_bin (&at, &data, &size), 0);
        assert_int_equal (size, 1);
        assert_int_equal (*(const char *)data, *one);
    }
    assert_ptr_equal (at.at, at.end);
}

static void
extensions_of_every_form_are_read (void **state)
{
    (void)state;
    static const struct {
        const char *head;
        size_t length;
        size_t size;
    } forms[] = {
        {"\xd4\xfb", 2, 1},       {"\xd5\xfb", 2, 2},
        {"\xd6\xfb", 2, 4},       {"\xd7\xfb", 2, 8},
        {"\xd8\xfb", 2, 16},      {"\xc7\x03\xfb", 3, 3},
        {"\xc8\0\x03\xfb", 4, 3}, {"\xc9\0\0\0\x03\xfb", 6, 3},
        {"\xc7\0\xfb", 3, 0},
    };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        uint8_t bytes[32] = {0};
        memcpy (bytes, forms[i].head, forms[i].length);
        size_t whole = forms[i].length + forms[i].size;
        tk_cursor_t at = tk_cursor (bytes, whole);
        int8_t type = 0;
        const void *data;
        size_t size;
        assert_int_equal (tk_cursor_ext (&at, &type, &data, &size), 0);
        assert_int_equal (type, -5);
        assert_int_equal (size, forms[i].size);
        assert_ptr_equal (at.at, at.end);
        refuse (bytes, whole - 1);
    }
}

static void
container_headers_give_their_count (void **state)
{
    (void)state;
    uint32_t count = 0;
    tk_cursor_t at = tk_cursor (BYTES ("\x92\x01\x02"));
    assert_int_equal (tk_cursor_array (&at, &count), 0);
    assert_int_equal (count, 2);
    assert_int_equal (at.end - at.at, 2);
    at = tk_cursor (BYTES ("\xdc\0\x01\xc0"));
    assert_int_equal (tk_cursor_array (&at, &count), 0);
    assert_int_equal (count, 1);
    at = tk_cursor (BYTES ("\xdf\0\0\0\x01\xc0\xc0"));
    assert_int_equal (tk_cursor_map (&at, &count), 0);
    assert_int_equal (count, 1);
}

static void
a_read_of_another_kind_moves_nothing (void **state)
{
    (void)state;
    tk_cursor_t at = tk_cursor (BYTES ("\xa1x"));
    const uint8_t *start = at.at;
    bool truth;
    int64_t number;
    double real;
    const void *data;
    size_t size;
    uint32_t count;
    int8_t type;
    assert_int_equal (tk_cursor_nil (&at), -EBADMSG);
    assert_int_equal (tk_cursor_bool (&at, &truth), -EBADMSG);
    assert_int_equal (tk_cursor_int (&at, &number), -EBADMSG);
    assert_int_equal (tk_cursor_float (&at, &real), -EBADMSG);
    assert_int_equal (tk_cursor_bin (&at, &data, &size), -EBADMSG);
    assert_int_equal (tk_cursor_array (&at, &count), -EBADMSG);
    assert_int_equal (tk_cursor_map (&at, &count), -EBADMSG);
    assert_int_equal (tk_cursor_ext (&at, &type, &data, &size), -EBADMSG);
    assert_ptr_equal (at.at, start);
}

static void
nil_and_bools_are_read (void **state)
{
    (void)state;
    bool truth = false;
    tk_cursor_t at = tk_cursor (BYTES ("\xc0\xc3\xc2"));
    assert_int_equal (tk_cursor_nil (&at), 0);
    assert_int_equal (tk_cursor_bool (&at, &truth), 0);
    assert_true (truth);
    assert_int_equal (tk_cursor_bool (&at, &truth), 0);
    assert_false (truth);
    assert_int_equal (tk_cursor_bool (&at, &truth), -EBADMSG);
}

static void
skip_passes_one_whole_value (void **state)
{
    (void)state;
    tk_cursor_t at = tk_cursor (BYTES ("\x82\xa1"
                                       "a\x93\x01\x90\xc0\xa1"
                                       "b\x81\x01\x02\x2a"));
    assert_int_equal (tk_cursor_skip (&at), 0);
    assert_int_equal (at.end - at.at, 1);
    assert_int_equal (*at.at, 42);
    assert_int_equal (tk_cursor_skip (&at), 0);
    assert_int_equal (tk_cursor_skip (&at), -EBADMSG);
}

/* What is behind a container that has ended belongs to the one around it. */
static void
containers_end_after_their_last_value (void **state)
{
    (void)state;
    tk_cursor_t at = tk_cursor (BYTES ("\x93\x92\x01\x90\x81\xa1k\x91\xc4\x01x"
                                       "\x02\x03"));
    assert_int_equal (tk_cursor_skip (&at), 0);
    assert_ptr_equal (at.at + 1, at.end);
    refuse (BYTES ("\x93\x92\x01\x90\x81\xa1k\x91\xc4\x01x"));
    refuse (BYTES ("\x92\x01\xc4"));
    refuse (BYTES ("\x92\x01\xc4\x02x"));
    refuse (BYTES ("\x92\x01\xd9\x01"));
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (every_kind_is_told),
        cmocka_unit_test (nil_and_bools_are_read),
        cmocka_unit_test (integers_of_every_width_are_read),
        cmocka_unit_test (a_signed_form_of_a_positive_number_is_unsigned),
        cmocka_unit_test (an_integer_out_of_range_stays_unread),
        cmocka_unit_test (floats_of_both_widths_are_read),
        cmocka_unit_test (strings_and_binaries_point_into_the_bytes),
        cmocka_unit_test (extensions_of_every_form_are_read),
        cmocka_unit_test (container_headers_give_their_count),
        cmocka_unit_test (a_read_of_another_kind_moves_nothing),
        cmocka_unit_test (skip_passes_one_whole_value),
        cmocka_unit_test (containers_end_after_their_last_value),
    };
    alarm (60 * stage_scale ());
    return cmocka_run_group_tests_name ("cursor", tests, NULL, NULL);
}
