/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_msg_unpack.c - documents taken apart by a format: what fits, what
 * does not, and where.
 */
#include "tests/msg_check.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>
#include "tests/scale.h"

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

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (every_letter_unpacks),
        cmocka_unit_test (several_values_at_the_top_unpack_an_array),
        cmocka_unit_test (integers_of_any_encoding_unpack),
        cmocka_unit_test (integers_out_of_range_are_refused),
        cmocka_unit_test (doubles_take_floats_and_exact_integers),
        cmocka_unit_test (a_star_ignores_the_rest),
        cmocka_unit_test (an_optional_key_may_be_absent),
        cmocka_unit_test (of_a_repeated_key_the_first_counts),
        cmocka_unit_test (keys_of_other_types_are_passed),
        cmocka_unit_test (a_mismatch_says_where_and_changes_nothing),
        cmocka_unit_test (every_other_kind_is_named),
        cmocka_unit_test (a_long_path_is_cut_and_not_overrun),
        cmocka_unit_test (a_null_address_checks_the_type_only),
        cmocka_unit_test (a_bad_format_is_einval_whatever_the_document),
        cmocka_unit_test (c_strings_are_utf8_without_nul),
        cmocka_unit_test (c_strings_end_though_others_follow),
        cmocka_unit_test (asking_twice_gives_the_same_string),
        cmocka_unit_test (binaries_point_into_the_message),
        cmocka_unit_test (an_embedded_message_outlives_its_parent),
    };
    alarm (60 * stage_scale ());
    return cmocka_run_group_tests_name ("msg unpack", tests, NULL, NULL);
}
