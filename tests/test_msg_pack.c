/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_msg_pack.c - documents made by a format, and the formats and
 * arguments that make none.
 */
#include "tests/msg_check.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>
#include "lib/msg/document.h"
#include "tests/scale.h"

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

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (every_letter_packs),
        cmocka_unit_test (no_value_is_nil_and_several_are_an_array),
        cmocka_unit_test (integers_take_the_smallest_form),
        cmocka_unit_test (strings_and_binaries_take_the_form_of_their_size),
        cmocka_unit_test (containers_take_the_form_of_their_count),
        cmocka_unit_test (a_map_of_more_than_15_keys_packs),
        cmocka_unit_test (a_bad_format_names_its_position),
        cmocka_unit_test (bad_arguments_are_refused),
        cmocka_unit_test (strings_must_be_utf8_when_packed),
        cmocka_unit_test (nesting_over_32_is_not_packed),
        cmocka_unit_test (a_failed_pack_leaves_the_buffer),
        cmocka_unit_test (an_array_is_counted_afterwards),
    };
    alarm (60 * stage_scale ());
    return cmocka_run_group_tests_name ("msg pack", tests, NULL, NULL);
}
