/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_msg.c - documents: packed, unpacked, compared, shared.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>
#include <troika/msg.h>
#include "lib/msg/document.h"
#include "tests/scale.h"

/* Destroys when the scope ends; a failed assertion leaks, and may. */
static void
drop (troika_msg_t **msg)
{
    troika_msg_destroy (msg);
}
#define MSG __attribute__ ((cleanup (drop))) troika_msg_t *

static void
has_bytes (const troika_msg_t *msg, const char *bytes, size_t size)
{
    assert_non_null (msg);
    assert_int_equal (troika_msg_size (msg), size);
    assert_memory_equal (troika_msg_data (msg), bytes, size);
}

/* format and arguments pack to these bytes. */
#define PACKS(bytes, ...)                                                      \
    do {                                                                       \
        MSG packed = troika_msg_pack (__VA_ARGS__);                            \
        has_bytes (packed, bytes, sizeof (bytes) - 1);                         \
    } while (0)

#define PACK_REFUSES(words, ...)                                               \
    do {                                                                       \
        errno = 0;                                                             \
        assert_null (troika_msg_pack (__VA_ARGS__));                           \
        assert_int_equal (errno, EINVAL);                                      \
        assert_non_null (strstr (troika_error (), words));                     \
    } while (0)

#define UNPACK_FAILS(error, words, ...)                                        \
    do {                                                                       \
        errno = 0;                                                             \
        assert_int_equal (troika_msg_unpack (__VA_ARGS__), -1);                \
        assert_int_equal (errno, error);                                       \
        assert_non_null (strstr (troika_error (), words));                     \
    } while (0)

static troika_msg_t *
raw (const char *bytes, size_t size)
{
    troika_msg_t *msg = troika_msg_new (bytes, size);
    assert_non_null (msg);
    return msg;
}
#define RAW(bytes) raw (bytes, sizeof (bytes) - 1)

static void
a_map_goes_in_and_comes_out (void **state)
{
    (void)state;
    int id = 0;
    const char *name = NULL;
    MSG msg = troika_msg_pack ("{s:i, s:s}", "id", 7, "name", "seven");
    assert_int_equal (
        troika_msg_unpack (msg, "{s:i, s:s}", "id", &id, "name", &name), 0);
    assert_int_equal (id, 7);
    assert_string_equal (name, "seven");
}

static void
every_letter_packs (void **state)
{
    (void)state;
    PACKS ("\xc0", "n");
    PACKS ("\xc3", "b", 5);
    PACKS ("\xc2", "b", 0);
    PACKS ("\xff", "i", -1);
    PACKS ("\xce\xff\xff\xff\xff", "u", UINT_MAX);
    PACKS ("\xd3\x80\0\0\0\0\0\0\0", "I", INT64_MIN);
    PACKS ("\xcf\xff\xff\xff\xff\xff\xff\xff\xff", "U", UINT64_MAX);
    PACKS ("\xcb\x3f\xf8\0\0\0\0\0\0", "f", 1.5);
    PACKS ("\xa2hi", "s", "hi");
    PACKS ("\xa3h\0i", "S", "h\0i", (size_t)3);
    PACKS ("\xc4\x02\0\xff", "B", "\0\xff", (size_t)2);
    PACKS ("\x92\x01\x02", "[ii]", 1, 2);
    PACKS ("\x81\xa1k\x90", "{s[]}", "k");
    PACKS ("\xa0", "S", NULL, (size_t)0);
    PACKS ("\xc4\0", "B", NULL, (size_t)0);
}

static void
integers_take_the_smallest_form (void **state)
{
    (void)state;
    PACKS ("\0", "i", 0);
    PACKS ("\x7f", "i", 127);
    PACKS ("\xcc\x80", "i", 128);
    PACKS ("\xcc\xff", "u", 255u);
    PACKS ("\xcd\x01\0", "i", 256);
    PACKS ("\xcd\xff\xff", "i", 65535);
    PACKS ("\xce\0\x01\0\0", "i", 65536);
    PACKS ("\xcf\0\0\0\x01\0\0\0\0", "I", INT64_C (1) << 32);
    PACKS ("\xe0", "i", -32);
    PACKS ("\xd0\xdf", "i", -33);
    PACKS ("\xd0\x80", "i", -128);
    PACKS ("\xd1\xff\x7f", "i", -129);
    PACKS ("\xd1\x80\0", "i", -32768);
    PACKS ("\xd2\xff\xff\x7f\xff", "i", -32769);
    PACKS ("\xd2\x80\0\0\0", "i", INT_MIN);
    PACKS ("\xd3\xff\xff\xff\xff\x7f\xff\xff\xff", "I", (int64_t)INT32_MIN - 1);
}

static void
no_value_is_nil_and_several_are_an_array (void **state)
{
    (void)state;
    PACKS ("\xc0", NULL);
    PACKS ("\xc0", "");
    PACKS ("\xc0", " , ");
    PACKS ("\x93\x01\xa1x\x90", "i s []", 1, "x");
}

static void
strings_and_binaries_take_the_form_of_their_size (void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 31, 32, 255, 256, 65535, 65536, 100000};
    static const size_t str[] = {1, 1, 2, 2, 3, 3, 5, 5};
    static const size_t bin[] = {2, 2, 2, 2, 3, 3, 5, 5};
    static char text[100000];
    memset (text, 'x', sizeof text);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        const char *back;
        const void *data;
        size_t size;
        MSG a = troika_msg_pack ("S", text, sizes[i]);
        MSG b = troika_msg_pack ("B", text, sizes[i]);
        assert_int_equal (troika_msg_size (a), str[i] + sizes[i]);
        assert_int_equal (troika_msg_size (b), bin[i] + sizes[i]);
        assert_int_equal (troika_msg_unpack (a, "s", &back), 0);
        assert_int_equal (strlen (back), sizes[i]);
        assert_int_equal (troika_msg_unpack (b, "B", &data, &size), 0);
        assert_int_equal (size, sizes[i]);
    }
}

static void
containers_take_the_form_of_their_count (void **state)
{
    (void)state;
    static const unsigned counts[] = {0, 15, 16, 17, 65535, 65536};
    static const size_t heads[] = {1, 1, 3, 3, 3, 5};
    static char format[65536 + 8];
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        memset (format, 'n', counts[i] + 1);
        format[0] = '[';
        strcpy (format + 1 + counts[i], "]");
        MSG msg = troika_msg_pack (format);
        assert_non_null (msg);
        assert_int_equal (troika_msg_size (msg), heads[i] + counts[i]);
        MSG back =
            troika_msg_new (troika_msg_data (msg), troika_msg_size (msg));
        assert_non_null (back);
        assert_int_equal (troika_msg_object (back)->via.array.size, counts[i]);
    }
}

static void
a_map_of_more_than_15_keys_packs (void **state)
{
    (void)state;
    int last = 0;
    MSG msg = troika_msg_pack ("{sisisisisisisisisisisisisisisisi}", "a", 0,
                               "b", 1, "c", 2, "d", 3, "e", 4, "f", 5, "g", 6,
                               "h", 7, "i", 8, "j", 9, "k", 10, "l", 11, "m",
                               12, "n", 13, "o", 14, "p", 15);
    assert_non_null (msg);
    assert_memory_equal (troika_msg_data (msg),
                         "\xde\0\x10\xa1"
                         "a",
                         5);
    assert_int_equal (troika_msg_unpack (msg, "{si}", "p", &last), 0);
    assert_int_equal (last, 15);
}

static void
a_bad_format_names_its_position (void **state)
{
    (void)state;
    PACK_REFUSES ("position 1: nothing for ']'", "i]", 1);
    PACK_REFUSES ("position 0: nothing for '}'", "}");
    PACK_REFUSES ("position 2: nothing for '}'", "[i}", 1);
    PACK_REFUSES ("position 2: ']' is missing", "[i", 1);
    PACK_REFUSES ("position 3: '}' is missing", "{si", "k", 1);
    PACK_REFUSES ("position 2: a key without a value", "{s}", "k");
    PACK_REFUSES ("position 1: a key must be 's'", "{i:i}", 1, 1);
    PACK_REFUSES ("position 4: unknown letter", "i s x", 1, "a");
    PACK_REFUSES ("position 2: unknown letter", "{s?i}", "k", 1);
    PACK_REFUSES ("position 1: '*' is for unpack", "[*]");
    MSG msg = troika_msg_pack ("i", 1);
    int i = 9;
    UNPACK_FAILS (EINVAL, "position 1: unknown letter", msg, "ix", &i);
    UNPACK_FAILS (EINVAL, "position 2: nothing may follow '*'", msg, "[*i]",
                  &i);
    UNPACK_FAILS (EINVAL, "position 1: nothing may follow '*'", msg, "*i", &i);
    UNPACK_FAILS (EINVAL, "position 2: a key without a value", msg, "{s*}",
                  "k");
    UNPACK_FAILS (EINVAL, "position 1: nothing for ']'", msg, "i]", &i);
    UNPACK_FAILS (EINVAL, "position 0: unknown letter", msg, "?i", &i);
    assert_int_equal (i, 9);
}

/* The document does not match either; the format is what is wrong. */
static void
a_bad_format_is_einval_whatever_the_document (void **state)
{
    (void)state;
    int i = 9;
    MSG msg = troika_msg_pack ("s", "text");
    UNPACK_FAILS (EINVAL, "position 2", msg, "[ix]", &i);
}

static void
bad_arguments_are_refused (void **state)
{
    (void)state;
    PACK_REFUSES ("position 0: the string is NULL", "s", NULL);
    PACK_REFUSES ("position 1: the string is NULL", "{s:i}", NULL, 1);
    PACK_REFUSES ("the string is NULL", "S", NULL, (size_t)1);
    PACK_REFUSES ("the binary is NULL", "B", NULL, (size_t)1);
    PACK_REFUSES ("position 1: the message is NULL", "im", 1, NULL);
    int i = 9;
    MSG msg = troika_msg_pack ("{s:i}", "a", 1);
    UNPACK_FAILS (EINVAL, "key", msg, "{s:i}", NULL, &i);
    UNPACK_FAILS (EINVAL, "message is NULL", NULL, "i", &i);
    assert_null (troika_msg_dup (NULL));
    assert_int_equal (errno, EINVAL);
    assert_null (troika_msg_object (NULL));
    assert_int_equal (errno, EINVAL);
    assert_int_equal (i, 9);
}

static void
strings_must_be_utf8_when_packed (void **state)
{
    (void)state;
    static const char *const good[] = {
        "",
        "plain",
        "\xc3\xa9",
        "\xe2\x82\xac",
        "\xf0\x9f\x98\x80",
        "\xed\x9f\xbf",
        "\xee\x80\x80",
        "\xf4\x8f\xbf\xbf",
        "\xe0\xa0\x80",
        "more than eight bytes, then \xc3\xa9 and more than eight"};
    static const char *const bad[] = {
        "\x80",
        "\xc3",
        "\xc0\x80",
        "\xc1\xbf",
        "\xe0\x9f\xbf",
        "\xed\xa0\x80",
        "\xf0\x8f\xbf\xbf",
        "\xf4\x90\x80\x80",
        "\xf5\x80\x80\x80",
        "\xff",
        "\xe2\x82",
        "\xf0\x9f\x98",
        "more than eight bytes, then \xe9 and more than eight"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        MSG msg = troika_msg_pack ("s", good[i]);
        assert_non_null (msg);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        PACK_REFUSES ("position 0: the string is not UTF-8", "s", bad[i]);
        PACK_REFUSES ("not UTF-8", "S", bad[i], strlen (bad[i]));
        PACK_REFUSES ("not UTF-8", "{s:n}", bad[i]);
    }
}

/* depth arrays around what is inside. */
static const char *
nested (unsigned depth, const char *inside)
{
    static char format[200];
    size_t length = strlen (inside);
    memset (format, '[', depth);
    memcpy (format + depth, inside, length);
    memset (format + depth + length, ']', depth);
    format[2 * depth + length] = '\0';
    return format;
}

static void
nesting_over_32_is_not_packed (void **state)
{
    (void)state;
    MSG deep = troika_msg_pack (nested (32, "n"));
    assert_non_null (deep);
    PACK_REFUSES ("position 32: nested deeper than 32", nested (33, "n"));
    PACK_REFUSES ("nested deeper than 32", nested (40, ""));
    PACK_REFUSES ("nested deeper than 32", "[m]", deep);
    PACK_REFUSES ("nested deeper than 32", "i m", 1, deep);
    MSG whole = troika_msg_pack ("m", deep);
    assert_true (troika_msg_eq (whole, deep));
    char two[80];
    strcpy (two, nested (32, "n"));
    strcat (two, "n");
    PACK_REFUSES ("nested deeper than 32", two);
    assert_int_equal (troika_msg_unpack (deep, nested (32, "n")), 0);
    UNPACK_FAILS (EINVAL, "nested deeper", deep, nested (33, "n"));
}

static void
bytes_nested_over_32_are_no_message (void **state)
{
    (void)state;
    char bytes[40];
    memset (bytes, 0x91, sizeof bytes);
    bytes[32] = 1;
    MSG msg = raw (bytes, 33);
    assert_non_null (troika_msg_object (msg));
    bytes[32] = (char)0x91;
    bytes[33] = 1;
    assert_null (troika_msg_new (bytes, 34));
    assert_int_equal (errno, EBADMSG);
}

static void
new_wants_exactly_one_document (void **state)
{
    (void)state;
    MSG good = RAW ("\x92\x01\xa1x");
    has_bytes (good, "\x92\x01\xa1x", 4);
    for (size_t size = 0; size < 4; size++) {
        assert_null (troika_msg_new ("\x92\x01\xa1x", size));
        assert_int_equal (errno, EBADMSG);
    }
    assert_null (troika_msg_new ("\x01\x02", 2));
    assert_int_equal (errno, EBADMSG);
    assert_non_null (strstr (troika_error (), "1 of 2 bytes go on"));
    assert_null (troika_msg_new ("\xc1", 1));
    assert_null (troika_msg_new (NULL, 4));
    assert_int_equal (errno, EBADMSG);
    assert_null (troika_msg_new ("\xdd\xff\xff\xff\xff\xc0", 6));
    assert_int_equal (errno, EBADMSG);
}

static void
every_letter_unpacks (void **state)
{
    (void)state;
    int b = 0, i = 0;
    unsigned u = 0;
    int64_t large = 0;
    uint64_t larger = 0;
    double f = 0;
    const char *s = NULL, *sized = NULL;
    const void *bin = NULL;
    size_t length = 0, size = 0;
    troika_msg_t *inner = NULL;
    MSG sub = troika_msg_pack ("{s:n}", "k");
    MSG msg = troika_msg_pack ("[nbiuIUfsSBm]", 1, INT_MIN, UINT_MAX, INT64_MIN,
                               UINT64_MAX, 0.1, "text", "a\0b", (size_t)3,
                               "\0\xff", (size_t)2, sub);
    assert_int_equal (troika_msg_unpack (msg, "[n,b,i,u,I,U,f,s,S,B,m]", &b, &i,
                                         &u, &large, &larger, &f, &s, &sized,
                                         &length, &bin, &size, &inner),
                      0);
    assert_int_equal (b, 1);
    assert_int_equal (i, INT_MIN);
    assert_int_equal (u, UINT_MAX);
    assert_true (large == INT64_MIN && larger == UINT64_MAX);
    assert_true (f == 0.1);
    assert_string_equal (s, "text");
    assert_int_equal (length, 3);
    assert_memory_equal (sized, "a\0b", 3);
    assert_int_equal (size, 2);
    assert_memory_equal (bin, "\0\xff", 2);
    assert_true (troika_msg_eq (inner, sub));
    troika_msg_destroy (&inner);
}

static void
several_values_at_the_top_unpack_an_array (void **state)
{
    (void)state;
    int a = 0, b = 0;
    MSG msg = troika_msg_pack ("ii", 1, 2);
    assert_int_equal (troika_msg_unpack (msg, "i i", &a, &b), 0);
    assert_int_equal (10 * a + b, 12);
    assert_int_equal (troika_msg_unpack (msg, "i*", &b), 0);
    assert_int_equal (b, 1);
    assert_int_equal (troika_msg_unpack (msg, "*"), 0);
    UNPACK_FAILS (EBADMSG, "at the top: expected an integer, found an array",
                  msg, "i", &a);
    UNPACK_FAILS (EBADMSG, "at the top: expected nil", msg, NULL);
    MSG nil = troika_msg_pack (NULL);
    assert_int_equal (troika_msg_unpack (nil, ""), 0);
    UNPACK_FAILS (EBADMSG, "expected an array, found nil", nil, "*");
}

static void
a_star_ignores_the_rest (void **state)
{
    (void)state;
    int a = 0, b = 0;
    MSG msg = troika_msg_pack ("[[i[i]s]{s:i}i]", 1, 2, "x", "k", 3, 4);
    assert_int_equal (troika_msg_unpack (msg, "[[i*]{*}i]", &a, &b), 0);
    assert_int_equal (10 * a + b, 14);
    assert_int_equal (troika_msg_unpack (msg, "[[i[i]s*]*]", &a, &b, NULL), 0);
    assert_int_equal (10 * a + b, 12);
    UNPACK_FAILS (EBADMSG, "at [0]: expected 1 elements, found 3", msg,
                  "[[i]*]", &a);
    UNPACK_FAILS (EBADMSG, "at [3]: missing: the array ends", msg, "[mmmi]",
                  NULL, NULL, NULL, &a);
}

static void
an_optional_key_may_be_absent (void **state)
{
    (void)state;
    int a = 1, b = 2, c = 3, d = 4;
    troika_msg_t *sub = NULL;
    MSG msg = troika_msg_pack ("{s:i,s:i}", "a", 10, "d", 40);
    assert_int_equal (troika_msg_unpack (msg,
                                         "{s?i, s?i, s?{s:i, s:[i*], s:m}, "
                                         "s:i}",
                                         "a", &a, "b", &b, "c", "x", &c, "y",
                                         &c, "z", &sub, "d", &d),
                      0);
    assert_int_equal (a, 10);
    assert_int_equal (b, 2);
    assert_int_equal (c, 3);
    assert_int_equal (d, 40);
    assert_null (sub);
    UNPACK_FAILS (EBADMSG, "at .a: expected a string", msg, "{s?s}", "a", NULL);
}

static void
a_mismatch_says_where_and_changes_nothing (void **state)
{
    (void)state;
    int a = 77;
    const char *s = "before";
    troika_msg_t *sub = NULL;
    MSG msg = troika_msg_pack ("{s:i, s:[{s:s}{s:s}{s:i}]}", "n", 5, "items",
                               "id", "x", "id", "y", "id", 3);
    UNPACK_FAILS (EBADMSG,
                  "at .items[2].id: expected a string, found an integer", msg,
                  "{s:i, s:[{s:s}{s:m}{s:s}]}", "n", &a, "items", "id", &s,
                  "id", &sub, "id", &s);
    assert_int_equal (a, 77);
    assert_string_equal (s, "before");
    assert_null (sub);
    UNPACK_FAILS (EBADMSG, "at .other: missing", msg, "{s:i s:i}", "n", &a,
                  "other", &a);
    UNPACK_FAILS (EBADMSG, "at .items[3]: missing", msg, "{s:[mmmm]}", "items",
                  NULL, NULL, NULL, NULL);
    UNPACK_FAILS (EBADMSG, "at .items: expected 2 elements, found 3", msg,
                  "{s:[mm]}", "items", &sub, &sub);
    UNPACK_FAILS (EBADMSG, "at .n: expected an array, found an integer", msg,
                  "{s:[]}", "n");
    UNPACK_FAILS (EBADMSG, "at .items: expected a map, found an array", msg,
                  "{s:{}}", "items");
    assert_int_equal (a, 77);
    assert_null (sub);
}

static void
a_long_path_is_cut_and_not_overrun (void **state)
{
    (void)state;
    char key[300];
    memset (key, 'k', sizeof key - 1);
    key[sizeof key - 1] = '\0';
    MSG msg = troika_msg_pack ("{s:{s:{s:i}}}", key, key, "x", 1);
    UNPACK_FAILS (EBADMSG, "at .kkkk", msg, "{s:{s:{s:s}}}", key, key, "x",
                  NULL);
}

static void
integers_out_of_range_are_refused (void **state)
{
    (void)state;
    int i = 9;
    unsigned u = 9;
    int64_t large = 9;
    uint64_t larger = 9;
    MSG over = troika_msg_pack ("I", (int64_t)INT_MAX + 1);
    UNPACK_FAILS (EBADMSG, "2147483648 is out of the range", over, "i", &i);
    assert_int_equal (troika_msg_unpack (over, "u", &u), 0);
    MSG under = troika_msg_pack ("I", (int64_t)INT_MIN - 1);
    UNPACK_FAILS (EBADMSG, "-2147483649 is out of the range", under, "i", &i);
    UNPACK_FAILS (EBADMSG, "-2147483649 is negative", under, "u", &u);
    UNPACK_FAILS (EBADMSG, "-2147483649 is negative", under, "U", &larger);
    MSG huge = troika_msg_pack ("U", UINT64_MAX);
    UNPACK_FAILS (EBADMSG, "18446744073709551615 is out of the range", huge,
                  "I", &large);
    UNPACK_FAILS (EBADMSG, "18446744073709551615 is over 4294967295", huge, "u",
                  &u);
    assert_int_equal (i, 9);
    assert_int_equal (larger, 9);
    assert_int_equal (large, 9);
}

static void
integers_of_any_encoding_unpack (void **state)
{
    (void)state;
    int i = 0;
    uint64_t u = 0;
    MSG wide = RAW ("\xd3\0\0\0\0\0\0\0\x05");
    assert_int_equal (troika_msg_unpack (wide, "i", &i), 0);
    assert_int_equal (i, 5);
    assert_int_equal (troika_msg_unpack (wide, "U", &u), 0);
    assert_int_equal (u, 5);
    MSG minus = RAW ("\xd3\xff\xff\xff\xff\xff\xff\xff\xff");
    assert_int_equal (troika_msg_unpack (minus, "i", &i), 0);
    assert_int_equal (i, -1);
}

static void
doubles_take_floats_and_exact_integers (void **state)
{
    (void)state;
    double f = 0;
    MSG narrow = RAW ("\xca\x3f\xc0\0\0");
    assert_int_equal (troika_msg_unpack (narrow, "f", &f), 0);
    assert_true (f == 1.5);
    MSG three = troika_msg_pack ("i", -3);
    assert_int_equal (troika_msg_unpack (three, "f", &f), 0);
    assert_true (f == -3.0);
    MSG least = troika_msg_pack ("I", INT64_MIN);
    assert_int_equal (troika_msg_unpack (least, "f", &f), 0);
    assert_true (f == -9223372036854775808.0);
    MSG zero = troika_msg_pack ("i", 0);
    assert_int_equal (troika_msg_unpack (zero, "f", &f), 0);
    assert_true (f == 0.0);
    MSG odd = troika_msg_pack ("I", (INT64_C (1) << 53) + 1);
    UNPACK_FAILS (EBADMSG, "9007199254740993 is not exact", odd, "f", &f);
    MSG text = troika_msg_pack ("s", "1.5");
    UNPACK_FAILS (EBADMSG, "expected a number, found a string", text, "f", &f);
    int i = 0;
    UNPACK_FAILS (EBADMSG, "found a float", narrow, "i", &i);
    assert_true (f == 0.0);
}

static void
every_other_kind_is_named (void **state)
{
    (void)state;
    static const struct {
        const char *format;
        const char *words;
    } cases[] = {
        {"n", "found nil"},        {"b", "found a bool"},
        {"i", "found an integer"}, {"f", "found a float"},
        {"s", "found a string"},   {"[]", "found an array"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        MSG msg = i == 3 ? troika_msg_pack ("f", 1.5)
                         : troika_msg_pack (cases[i].format, "x");
        UNPACK_FAILS (EBADMSG, cases[i].words, msg, "B", NULL, NULL);
    }
    MSG bin = troika_msg_pack ("B", "x", (size_t)1);
    UNPACK_FAILS (EBADMSG, "expected a string, found a binary", bin, "s", NULL);
    UNPACK_FAILS (EBADMSG, "expected a string, found a binary", bin, "S", NULL,
                  NULL);
    UNPACK_FAILS (EBADMSG, "expected a bool, found a binary", bin, "b", NULL);
    MSG ext = RAW ("\xd4\x05x");
    UNPACK_FAILS (EBADMSG, "found an extension", ext, "s", NULL);
    MSG map = RAW ("\x80");
    UNPACK_FAILS (EBADMSG, "found a map", map, "[]");
}

static void
a_null_address_checks_the_type_only (void **state)
{
    (void)state;
    int i = 0;
    MSG sub = troika_msg_pack ("n");
    MSG msg =
        troika_msg_pack ("[biuIUfsSBmi]", 1, 1, 1u, INT64_C (1), UINT64_C (1),
                         1.0, "s", "S", (size_t)1, "B", (size_t)1, sub, 5);
    assert_int_equal (troika_msg_unpack (msg, "[biuIUfsSBmi]", NULL, NULL, NULL,
                                         NULL, NULL, NULL, NULL, NULL, NULL,
                                         NULL, NULL, NULL, &i),
                      0);
    assert_int_equal (i, 5);
}

static void
c_strings_are_utf8_without_nul (void **state)
{
    (void)state;
    const char *s = "before";
    size_t length = 0;
    MSG nul = RAW ("\xa3"
                   "a\0b");
    UNPACK_FAILS (EBADMSG, "NUL inside", nul, "s", &s);
    assert_int_equal (troika_msg_unpack (nul, "S", &s, &length), 0);
    assert_int_equal (length, 3);
    MSG latin = RAW ("\xa1\xe9");
    UNPACK_FAILS (EBADMSG, "not UTF-8", latin, "s", &s);
    assert_int_equal (troika_msg_unpack (latin, "S", &s, &length), 0);
    assert_int_equal (length, 1);
}

static void
c_strings_end_though_others_follow (void **state)
{
    (void)state;
    const char *s[5];
    MSG msg =
        troika_msg_pack ("[s{s:s}ss[s]]", "one", "key", "", "", "four", "five");
    assert_int_equal (troika_msg_unpack (msg, "[s{s:s}ss[s]]", &s[0], "key",
                                         &s[1], &s[2], &s[3], &s[4]),
                      0);
    assert_string_equal (s[0], "one");
    assert_string_equal (s[1], "");
    assert_string_equal (s[2], "");
    assert_string_equal (s[3], "four");
    assert_string_equal (s[4], "five");
}

static void
asking_twice_gives_the_same_string (void **state)
{
    (void)state;
    static char blob[100000];
    const char *a = NULL, *b = NULL, *c = NULL;
    MSG small = troika_msg_pack ("{s:s}", "k", "value");
    assert_int_equal (troika_msg_unpack (small, "{s:s}", "k", &a), 0);
    assert_int_equal (troika_msg_unpack (small, "{s:s}", "k", &b), 0);
    assert_ptr_equal (a, b);
    MSG large = troika_msg_pack ("{s:s,s:B,s:s}", "k", "value", "blob", blob,
                                 sizeof blob, "l", "other");
    assert_int_equal (troika_msg_unpack (large, "{s:s,s:s}", "k", &a, "l", &c),
                      0);
    assert_int_equal (troika_msg_unpack (large, "{s:s}", "k", &b), 0);
    assert_ptr_equal (a, b);
    assert_string_equal (a, "value");
    assert_string_equal (c, "other");
}

static void
binaries_point_into_the_message (void **state)
{
    (void)state;
    const void *data = NULL;
    size_t size = 0;
    MSG msg = troika_msg_pack ("[B]", "xyz", (size_t)3);
    assert_int_equal (troika_msg_unpack (msg, "[B]", &data, &size), 0);
    assert_ptr_equal (data, (const char *)troika_msg_data (msg) + 3);
}

static void
an_embedded_message_outlives_its_parent (void **state)
{
    (void)state;
    int i = 0;
    const char *s = NULL;
    troika_msg_t *sub = NULL;
    troika_msg_t *msg = troika_msg_pack ("{s:[is]}", "k", 5, "five");
    assert_int_equal (troika_msg_unpack (msg, "{s:m}", "k", &sub), 0);
    troika_msg_destroy (&msg);
    assert_int_equal (troika_msg_unpack (sub, "is", &i, &s), 0);
    assert_int_equal (i, 5);
    assert_string_equal (s, "five");
    troika_msg_destroy (&sub);
}

static void
of_a_repeated_key_the_first_counts (void **state)
{
    (void)state;
    int i = 0;
    MSG msg = troika_msg_pack ("{s:i,s:i}", "k", 1, "k", 2);
    assert_int_equal (troika_msg_unpack (msg, "{s:i}", "k", &i), 0);
    assert_int_equal (i, 1);
}

static void
keys_of_other_types_are_passed (void **state)
{
    (void)state;
    int i = 0;
    MSG msg = RAW ("\x83\x01\x02\x91\xa1k\x03\xa1k\x04");
    assert_int_equal (troika_msg_unpack (msg, "{s:i}", "k", &i), 0);
    assert_int_equal (i, 4);
}

static void
a_duplicate_shares_the_bytes (void **state)
{
    (void)state;
    const char *s = NULL;
    troika_msg_t *msg = troika_msg_pack ("s", "shared");
    tk_msg_set_delivery (msg, (tk_delivery_t){12, 3});
    MSG copy = troika_msg_dup (msg);
    assert_ptr_equal (troika_msg_data (copy), troika_msg_data (msg));
    assert_int_equal (tk_msg_delivery (copy).number, 12);
    assert_int_equal (tk_msg_delivery (copy).count, 3);
    troika_msg_destroy (&msg);
    assert_null (msg);
    troika_msg_destroy (&msg);
    troika_msg_destroy (NULL);
    assert_int_equal (troika_msg_unpack (copy, "s", &s), 0);
    assert_string_equal (s, "shared");
}

static void
a_slice_keeps_a_received_frame (void **state)
{
    (void)state;
    for (size_t size = 8; size <= 20000; size += 19992) { /* copied; kept */
        zmq_msg_t frame;
        zmq_msg_init_size (&frame, size);
        memset (zmq_msg_data (&frame), 5, size);
        tk_slab_t *slab = tk_slab_from_frame (&frame);
        assert_non_null (slab);
        assert_int_equal (zmq_msg_size (&frame), 0);
        zmq_msg_close (&frame);
        assert_int_equal (tk_slab_size (slab), size);
        char *data = tk_slab_data (slab);
        MSG first = tk_msg_slice (slab, data, 1);
        MSG last = tk_msg_slice (slab, data + size - 1, 1);
        assert_ptr_equal (tk_msg_slab (first), slab);
        tk_slab_unref (slab);
        int i = 0;
        troika_msg_destroy (&first);
        assert_int_equal (troika_msg_unpack (last, "i", &i), 0);
        assert_int_equal (i, 5);
    }
}

static void
equal_values_are_equal_in_any_encoding (void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        size_t a_size, b_size;
        bool equal;
    } cases[] = {
#define PAIR(a, b, equal) {a, b, sizeof (a) - 1, sizeof (b) - 1, equal}
        PAIR ("\x01", "\x01", true),
        PAIR ("\x01", "\xd3\0\0\0\0\0\0\0\x01", true),
        PAIR ("\x01", "\xcd\0\x01", true),
        PAIR ("\xff", "\xd1\xff\xff", true),
        PAIR ("\x01", "\x02", false),
        PAIR ("\xff", "\xcf\xff\xff\xff\xff\xff\xff\xff\xff", false),
        PAIR ("\xca\x3f\xc0\0\0", "\xcb\x3f\xf8\0\0\0\0\0\0", true),
        PAIR ("\xca\x7f\xc0\0\0", "\xcb\x7f\xf8\0\0\0\0\0\0", true),
        PAIR ("\xcb\0\0\0\0\0\0\0\0", "\x00", false),
        PAIR ("\xa1x", "\xd9\x01x", true),
        PAIR ("\xa1x", "\xc4\x01x", false),
        PAIR ("\xa1x", "\xa1y", false),
        PAIR ("\xa1x", "\xa2xx", false),
        PAIR ("\xd4\x05x", "\xc7\x01\x05x", true),
        PAIR ("\xd4\x05x", "\xd4\x06x", false),
        PAIR ("\xc0", "\xc2", false),
        PAIR ("\xc2", "\xc3", false),
        PAIR ("\x91\xc3", "\xdc\0\x01\xc3", true),
        PAIR ("\x92\xc3\xc3", "\x91\xc3", false),
        PAIR ("\x90", "\x80", false),
        PAIR ("\x82\x01\x02\x03\x04", "\xde\0\x02\x01\x02\x03\x04", true),
        PAIR ("\x82\x01\x02\x03\x04", "\x82\x03\x04\x01\x02", false),
        PAIR ("\x92\x92\x01\x02\x03", "\x92\x91\x01\x92\x02\x03", false),
#undef PAIR
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        MSG a = raw (cases[i].a, cases[i].a_size);
        MSG b = raw (cases[i].b, cases[i].b_size);
        assert_int_equal (troika_msg_eq (a, b), cases[i].equal);
        assert_int_equal (troika_msg_eq (b, a), cases[i].equal);
        assert_true (troika_msg_eq (a, a));
    }
}

static void
nil_is_nil_and_null_is_nothing (void **state)
{
    (void)state;
    MSG nil = troika_msg_pack (NULL);
    MSG zero = troika_msg_pack ("i", 0);
    assert_true (troika_msg_is_nil (nil));
    assert_false (troika_msg_is_nil (zero));
    assert_false (troika_msg_is_nil (NULL));
    assert_false (troika_msg_eq (nil, NULL));
    assert_false (troika_msg_eq (NULL, NULL));
    assert_null (troika_msg_data (NULL));
    assert_int_equal (troika_msg_size (NULL), 0);
}

static void
the_object_is_decoded_once (void **state)
{
    (void)state;
    MSG msg = troika_msg_pack ("{s:[i,s]}", "k", -5, "text");
    const msgpack_object *object = troika_msg_object (msg);
    assert_non_null (object);
    assert_ptr_equal (troika_msg_object (msg), object);
    assert_int_equal (object->type, MSGPACK_OBJECT_MAP);
    const msgpack_object *value = &object->via.map.ptr[0].val;
    assert_int_equal (value->type, MSGPACK_OBJECT_ARRAY);
    assert_int_equal (value->via.array.ptr[0].via.i64, -5);
    assert_memory_equal (value->via.array.ptr[1].via.str.ptr, "text", 4);
}

static void
a_large_object_is_decoded (void **state)
{
    (void)state;
    static char bytes[5 + 200000];
    memcpy (bytes, "\xdd\0\x03\x0d\x40", 5);
    MSG msg = raw (bytes, sizeof bytes);
    assert_int_equal (troika_msg_object (msg)->via.array.size, 200000);
}

static void
a_failed_pack_leaves_the_buffer (void **state)
{
    (void)state;
    tk_buffer_t buffer;
    size_t size = 0;
    tk_buffer_init (&buffer);
    tk_write_cstr (&buffer, "before");
    size_t before = buffer.size;
    va_list none;
    memset (&none, 0, sizeof none);
    assert_int_equal (tk_pack (&buffer, "[n,n,x]", none), -EINVAL);
    assert_int_equal (buffer.size, before);
    assert_int_equal (tk_buffer_error (&buffer), 0);
    assert_int_equal (tk_pack (&buffer, "[nn]", none), 0);
    assert_int_equal (buffer.size, before + 3);
    tk_slab_t *slab = tk_buffer_take (&buffer, &size);
    assert_int_equal (size, before + 3);
    assert_null (buffer.slab);
    tk_slab_unref (slab);
    slab = tk_buffer_take (&buffer, &size);
    assert_non_null (slab);
    assert_int_equal (size, 0);
    tk_slab_unref (slab);
}

static void
an_array_is_counted_afterwards (void **state)
{
    (void)state;
    tk_buffer_t buffer;
    size_t size = 0;
    tk_buffer_init (&buffer);
    size_t at = tk_write_array32 (&buffer);
    for (int i = 0; i < 300; i++)
        tk_write_int (&buffer, i);
    tk_patch_array32 (&buffer, at, 300);
    tk_slab_t *slab = tk_buffer_take (&buffer, &size);
    MSG msg = tk_msg_slice (slab, tk_slab_data (slab), size);
    tk_slab_unref (slab);
    assert_int_equal (troika_msg_object (msg)->via.array.size, 300);
    assert_int_equal (troika_msg_object (msg)->via.array.ptr[299].via.u64, 299);
}

enum { READERS = 4, ROUNDS = 200 };

typedef struct {
    troika_msg_t *msg;
    pthread_barrier_t *start;
    const char *text;
    const msgpack_object *object;
    int rc;
} reader_t;

static void *
read_message (void *arg)
{
    reader_t *self = arg;
    int i = 0;
    pthread_barrier_wait (self->start);
    self->rc = troika_msg_unpack (self->msg, "{s:i,s:s}", "id", &i, "name",
                                  &self->text);
    self->object = troika_msg_object (self->msg);
    troika_msg_t *copy = troika_msg_dup (self->msg);
    troika_msg_destroy (&copy);
    return NULL;
}

static void
threads_read_one_message_at_once (void **state)
{
    (void)state;
    pthread_barrier_t start;
    pthread_barrier_init (&start, NULL, READERS);
    for (int round = 0; round < ROUNDS; round++) {
        pthread_t threads[READERS];
        reader_t readers[READERS];
        MSG msg = troika_msg_pack ("{s:i,s:s}", "id", round, "name", "text");
        for (int i = 0; i < READERS; i++) {
            readers[i] = (reader_t){msg, &start, NULL, NULL, -1};
            pthread_create (&threads[i], NULL, read_message, &readers[i]);
        }
        for (int i = 0; i < READERS; i++)
            pthread_join (threads[i], NULL);
        for (int i = 0; i < READERS; i++) {
            assert_int_equal (readers[i].rc, 0);
            assert_ptr_equal (readers[i].text, readers[0].text);
            assert_ptr_equal (readers[i].object, readers[0].object);
        }
    }
    pthread_barrier_destroy (&start);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (a_map_goes_in_and_comes_out),
        cmocka_unit_test (every_letter_packs),
        cmocka_unit_test (every_letter_unpacks),
        cmocka_unit_test (no_value_is_nil_and_several_are_an_array),
        cmocka_unit_test (several_values_at_the_top_unpack_an_array),
        cmocka_unit_test (integers_take_the_smallest_form),
        cmocka_unit_test (integers_of_any_encoding_unpack),
        cmocka_unit_test (integers_out_of_range_are_refused),
        cmocka_unit_test (doubles_take_floats_and_exact_integers),
        cmocka_unit_test (strings_and_binaries_take_the_form_of_their_size),
        cmocka_unit_test (containers_take_the_form_of_their_count),
        cmocka_unit_test (a_map_of_more_than_15_keys_packs),
        cmocka_unit_test (a_star_ignores_the_rest),
        cmocka_unit_test (an_optional_key_may_be_absent),
        cmocka_unit_test (of_a_repeated_key_the_first_counts),
        cmocka_unit_test (keys_of_other_types_are_passed),
        cmocka_unit_test (a_mismatch_says_where_and_changes_nothing),
        cmocka_unit_test (every_other_kind_is_named),
        cmocka_unit_test (a_long_path_is_cut_and_not_overrun),
        cmocka_unit_test (a_null_address_checks_the_type_only),
        cmocka_unit_test (a_bad_format_names_its_position),
        cmocka_unit_test (a_bad_format_is_einval_whatever_the_document),
        cmocka_unit_test (bad_arguments_are_refused),
        cmocka_unit_test (strings_must_be_utf8_when_packed),
        cmocka_unit_test (c_strings_are_utf8_without_nul),
        cmocka_unit_test (c_strings_end_though_others_follow),
        cmocka_unit_test (asking_twice_gives_the_same_string),
        cmocka_unit_test (binaries_point_into_the_message),
        cmocka_unit_test (nesting_over_32_is_not_packed),
        cmocka_unit_test (bytes_nested_over_32_are_no_message),
        cmocka_unit_test (new_wants_exactly_one_document),
        cmocka_unit_test (an_embedded_message_outlives_its_parent),
        cmocka_unit_test (a_duplicate_shares_the_bytes),
        cmocka_unit_test (a_slice_keeps_a_received_frame),
        cmocka_unit_test (equal_values_are_equal_in_any_encoding),
        cmocka_unit_test (nil_is_nil_and_null_is_nothing),
        cmocka_unit_test (the_object_is_decoded_once),
        cmocka_unit_test (a_large_object_is_decoded),
        cmocka_unit_test (a_failed_pack_leaves_the_buffer),
        cmocka_unit_test (an_array_is_counted_afterwards),
        cmocka_unit_test (threads_read_one_message_at_once),
    };
    alarm (60 * stage_scale ());
    return cmocka_run_group_tests_name ("msg", tests, NULL, NULL);
}
