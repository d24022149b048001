/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_cursor_malformed.c - every way in which a stranger's bytes can lie is
 * refused, and nothing outside of them is read.
 */
#include <unistd.h>
#include "lib/msg/buffer.h"
#include "tests/cursor_check.h"
#include "tests/scale.h"

static void
accept (const uint8_t *bytes, size_t size)
{
    assert_int_equal (check (bytes, size), 0);
}

static void
a_document_must_end_where_the_bytes_do (void **state)
{
    (void)state;
    accept (BYTES ("\xc0"));
    refuse (BYTES (""));
    refuse (BYTES ("\xc0\xc0"));
    refuse (BYTES ("\x90\x90"));
    assert_int_equal (tk_document_check (NULL, 0), -EBADMSG);
    assert_int_equal (tk_document_check (NULL, 9), -EBADMSG);
}

static void
byte_c1_is_refused_everywhere (void **state)
{
    (void)state;
    refuse (BYTES ("\xc1"));
    refuse (BYTES ("\x91\xc1"));
    refuse (BYTES ("\x81\xa1"
                   "a\xc1"));
    refuse (BYTES ("\x81\xc1\xc0"));
    accept (BYTES ("\xa1\xc1")); /* content is not looked into */
}

static void
absurd_counts_are_refused_at_the_header (void **state)
{
    (void)state;
    uint32_t count;
    tk_cursor_t at = tk_cursor (BYTES ("\xdd\xff\xff\xff\xff\xc0\xc0"));
    assert_int_equal (tk_cursor_array (&at, &count), -EBADMSG);
    at = tk_cursor (BYTES ("\xdf\xff\xff\xff\xff\xc0\xc0"));
    assert_int_equal (tk_cursor_map (&at, &count), -EBADMSG);
    at = tk_cursor (BYTES ("\xdf\x80\0\0\x01\xc0\xc0")); /* 2n wraps to 2 */
    assert_int_equal (tk_cursor_map (&at, &count), -EBADMSG);
    at = tk_cursor (BYTES ("\x82\xc0\xc0\xc0"));
    assert_int_equal (tk_cursor_map (&at, &count), -EBADMSG);
    refuse (BYTES ("\xdd\xff\xff\xff\xff"));
    refuse (BYTES ("\xdb\xff\xff\xff\xff"));
    refuse (BYTES ("\xc6\xff\xff\xff\xff"));
    refuse (BYTES ("\xc9\xff\xff\xff\xff\x01"));
    refuse (BYTES ("\x91\x91\xdd\x7f\xff\xff\xff"));
}

/* depth arrays around inner. */
static int
check_nested (unsigned depth, uint8_t open, uint8_t inner)
{
    uint8_t bytes[256];
    size_t size = 0;
    for (unsigned i = 0; i < depth; i++) {
        bytes[size++] = open;
        if (open == 0x81)
            bytes[size++] = 1;
    }
    bytes[size++] = inner;
    return check (bytes, size);
}

static void
nesting_is_bounded_by_32 (void **state)
{
    (void)state;
    assert_int_equal (check_nested (32, 0x91, 0xc0), 0);
    assert_int_equal (check_nested (31, 0x91, 0x90), 0);
    assert_int_equal (check_nested (33, 0x91, 0xc0), -EBADMSG);
    assert_int_equal (check_nested (32, 0x91, 0x90), -EBADMSG);
    assert_int_equal (check_nested (32, 0x81, 0xc0), 0);
    assert_int_equal (check_nested (33, 0x81, 0xc0), -EBADMSG);
    assert_int_equal (check_nested (200, 0x91, 0xc0), -EBADMSG);
}

static void
siblings_do_not_add_to_the_depth (void **state)
{
    (void)state;
    uint8_t bytes[3 + 1000];
    memcpy (bytes, "\xdc\x03\xe8", 3);
    memset (bytes + 3, 0x90, 1000);
    accept (bytes, sizeof bytes);
}

/* A document with every form in it. */
static void
write_everything (tk_buffer_t *out)
{
    tk_write_array (out, 14);
    tk_write_nil (out);
    tk_write_bool (out, true);
    tk_write_int (out, INT64_MIN);
    tk_write_int (out, -129);
    tk_write_uint (out, UINT64_MAX);
    tk_write_uint (out, 70000);
    tk_write_double (out, 0.1);
    tk_write_cstr (out, "short");
    tk_write_cstr (out, "longer than the thirty-one bytes of a fixstr");
    tk_write_bin (out, "\0\1\2", 3);
    tk_write_map (out, 2);
    tk_write_cstr (out, "a");
    tk_write_array (out, 0);
    tk_write_cstr (out, "b");
    tk_write_map (out, 1);
    tk_write_int (out, 1);
    tk_write_int (out, 2);
    tk_buffer_append (out, "\xd6\xff\1\2\3\4", 6);
    tk_buffer_append (out, "\xc7\3\1abc", 6);
    tk_buffer_append (out, "\xca\x3f\xc0\0\0", 5);
}

static void
every_proper_prefix_is_refused (void **state)
{
    (void)state;
    tk_buffer_t out;
    tk_buffer_init (&out);
    write_everything (&out);
    assert_int_equal (tk_buffer_error (&out), 0);
    accept (tk_buffer_data (&out), out.size);
    for (size_t size = 0; size < out.size; size++)
        refuse (tk_buffer_data (&out), size);
    tk_buffer_fini (&out);
}

/* Whatever byte is put anywhere: an answer, and never a step outside. */
static void
no_changed_byte_leads_outside (void **state)
{
    (void)state;
    tk_buffer_t out;
    uint8_t bytes[256];
    unsigned accepted = 0;
    tk_buffer_init (&out);
    write_everything (&out);
    size_t size = out.size;
    assert_true (size < sizeof bytes);
    for (size_t i = 0; i < size; i++)
        for (unsigned byte = 0; byte < 256; byte++) {
            memcpy (bytes, tk_buffer_data (&out), size);
            bytes[i] = (uint8_t)byte;
            accepted += check (bytes, size) == 0;
        }
    assert_true (accepted >= size);
    assert_true (accepted < 256 * size);
    tk_buffer_fini (&out);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (a_document_must_end_where_the_bytes_do),
        cmocka_unit_test (byte_c1_is_refused_everywhere),
        cmocka_unit_test (absurd_counts_are_refused_at_the_header),
        cmocka_unit_test (nesting_is_bounded_by_32),
        cmocka_unit_test (siblings_do_not_add_to_the_depth),
        cmocka_unit_test (every_proper_prefix_is_refused),
        cmocka_unit_test (no_changed_byte_leads_outside),
    };
    alarm (60 * stage_scale ());
    return cmocka_run_group_tests_name ("cursor", tests, NULL, NULL);
}
