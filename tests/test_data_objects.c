/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_data_objects.c - value, array and namespace inside the manager: every
 * method, and what each refuses.
 */
#include "tests/data_check.h"

#include <endian.h>
#include <errno.h>
#include "patterns/array/array_private.h"
#include "patterns/namespace/namespace_private.h"
#include "patterns/value/value_private.h"

/* --- value */

static void
start_value (const char *format, int initial)
{
    driver = driver_new (&tk_value_type, "price", format, initial);
    assert_non_null (driver);
}

static void
value_begins_with_its_initial_document (void **state)
{
    (void)state;
    start_value ("[i]", 7);
    assert_json (DO ("get", "[]"), "7");
    driver_destroy (&driver);
    start_value ("[]", 0);
    assert_json (DO ("get", "[]"), "null");
    driver_destroy (&driver);
    start_value ("[[i]]", 7);
    assert_json (DO ("get", "[]"), "[7]");
}

static void
value_refuses_two_initial_documents (void **state)
{
    (void)state;
    assert_null (driver_new (&tk_value_type, "price", "[i,i]", 1, 2));
    assert_int_equal (errno, EINVAL);
    assert_null (driver_new (&tk_value_type, "price", "i", 1));
    assert_int_equal (errno, EINVAL);
}

static void
value_set_replaces_the_document (void **state)
{
    (void)state;
    start_value ("[i]", 1);
    assert_json (DO ("set", "[{s:s}]", "text", "longer than sixteen bytes"),
                 "null");
    assert_json (DO ("get", "[]"), "{\"text\":\"longer than sixteen bytes\"}");
    DO ("set", "[n]");
    assert_json (DO ("get", "[]"), "null");
    assert_failed (ASK ("set", "[]"), EINVAL);
    assert_failed (ASK ("set", "[i,i]", 1, 2), EINVAL);
}

static void
value_add_is_exact_or_refused (void **state)
{
    (void)state;
    start_value ("[i]", 1);
    assert_json (DO ("add", "[i]", 41), "42");
    assert_json (DO ("add", "[]"), "43");
    DO ("set", "[I]", INT64_MAX - 1);
    assert_json (DO ("add", "[i]", 1), "9223372036854775807");
    assert_failed_with (ASK ("add", "[i]", 1), ERANGE,
                        "value 'price': the sum does not fit 64 bits");
    assert_json (DO ("get", "[]"), "9223372036854775807");
    DO ("set", "[f]", 1.0);
    assert_failed_with (ASK ("add", "[i]", 1), EINVAL,
                        "value 'price' is no integer");
    assert_failed (ASK ("add", "[s]", "1"), EINVAL);
    assert_json (DO ("get", "[]"), "1.0");
}

static void
value_cas_sets_only_over_the_expected_document (void **state)
{
    (void)state;
    start_value ("[i]", 1);
    assert_failed_with (ASK ("cas", "[i,i]", 2, 3), ECANCELED,
                        "value 'price' is 1");
    assert_json (DO ("cas", "[i,s]", 1, "one"), "null");
    assert_failed_with (ASK ("cas", "[i,i]", 1, 3), ECANCELED,
                        "value 'price' is \"one\"");
    assert_failed (ASK ("cas", "[i]", 1), EINVAL);
    assert_json (DO ("get", "[]"), "\"one\"");
}

/* --- array */

static void
start_array (char type, unsigned length)
{
    driver =
        driver_new (&tk_array_type, "cells", "[S,u]", &type, (size_t)1, length);
    assert_non_null (driver);
}

static void
array_begins_with_zeros (void **state)
{
    (void)state;
    start_array ('i', 3);
    assert_json (DO ("len", "[]"), "3");
    assert_json (DO ("get", "[i]", 2), "0");
    assert_json (DO ("stat", "[]"), "{\"len\":3,\"type\":\"i\"}");
    driver_destroy (&driver);
    start_array ('d', 1);
    assert_json (DO ("get", "[i]", 0), "0.0");
    driver_destroy (&driver);
    start_array ('B', 0);
    assert_json (DO ("len", "[]"), "0");
    assert_failed (ASK ("get", "[i]", 0), ERANGE);
}

static void
array_refuses_wrong_parameters (void **state)
{
    (void)state;
    static const char *const formats[] = {"[]", "[s]", "[s,s]", "s"};
    for (int i = 0; i < 4; i++) {
        errno = 0;
        assert_null (driver_new (&tk_array_type, "a", formats[i], "i", "i"));
        assert_int_equal (errno, EINVAL);
    }
    assert_null (driver_new (&tk_array_type, "a", "[s,i]", "x", 1));
    assert_int_equal (errno, EINVAL);
    assert_null (driver_new (&tk_array_type, "a", "[s,i]", "", 1));
    assert_int_equal (errno, EINVAL);
    assert_null (driver_new (&tk_array_type, "a", "[s,i]", "ii", 1));
    assert_int_equal (errno, EINVAL);
    assert_null (driver_new (&tk_array_type, "a", "[s,i]", "i", -1));
    assert_int_equal (errno, EINVAL);
    assert_null (driver_new (&tk_array_type, "a", "[s,U]", "i", UINT64_MAX));
    assert_int_equal (errno, ENOMEM);
    assert_null (driver_new (&tk_array_type, "a", "[s,U]", "B", UINT64_MAX));
    assert_int_equal (errno, ENOMEM);
}

static void
array_counts_from_either_end (void **state)
{
    (void)state;
    start_array ('i', 3);
    DO ("set", "[i,I]", 0, INT64_MIN);
    DO ("set", "[i,I]", -1, INT64_MAX);
    assert_json (DO ("get", "[i]", -3), "-9223372036854775808");
    assert_json (DO ("get", "[i]", 2), "9223372036854775807");
    assert_failed_with (ASK ("get", "[i]", 3), ERANGE,
                        "array 'cells' has 3 items, none at index 3");
    assert_failed (ASK ("get", "[i]", -4), ERANGE);
    assert_failed (ASK ("set", "[i,i]", 3, 1), ERANGE);
    assert_failed (ASK ("set", "[I,i]", INT64_MIN, 1), ERANGE);
}

static void
array_holds_one_type_only (void **state)
{
    (void)state;
    start_array ('i', 1);
    assert_failed (ASK ("set", "[i,f]", 0, 1.0), EINVAL);
    assert_failed_with (ASK ("set", "[i,s]", 0, "1"), EINVAL,
                        "array 'cells' holds integers of 64 bits; the value "
                        "is no integer");
    assert_failed (ASK ("set", "[i,U]", 0, UINT64_MAX), ERANGE);
    driver_destroy (&driver);
    start_array ('d', 1);
    assert_failed (ASK ("set", "[i,s]", 0, "1"), EINVAL);
    DO ("set", "[i,i]", 0, 2); /* a whole number is a double, too */
    assert_json (DO ("get", "[i]", 0), "2.0");
    DO ("set", "[i,f]", 0, 0.1);
    assert_json (DO ("get", "[i]", 0), "0.1");
    driver_destroy (&driver);
    start_array ('B', 1);
    DO ("set", "[i,i]", 0, 255);
    assert_json (DO ("get", "[i]", 0), "255");
    assert_failed_with (ASK ("set", "[i,i]", 0, 256), ERANGE,
                        "array 'cells' holds bytes; the value does not fit");
    assert_failed (ASK ("set", "[i,i]", 0, -1), ERANGE);
    assert_failed (ASK ("set", "[i,f]", 0, 1.0), EINVAL);
    assert_json (DO ("get", "[i]", 0), "255");
}

static void
array_ranges_travel_as_one_binary (void **state)
{
    (void)state;
    start_array ('i', 4);
    uint64_t items[] = {htole64 (1), htole64 ((uint64_t)-2)};
    DO ("write", "[i,B]", 1, items, sizeof items);
    assert_json (DO ("get", "[i]", 0), "0");
    assert_json (DO ("get", "[i]", 1), "1");
    assert_json (DO ("get", "[i]", 2), "-2");
    assert_json (DO ("get", "[i]", 3), "0");
    const void *data;
    size_t size;
    ask_t *ask = DO ("read", "[i,i,s]", 1, 2, "i");
    assert_int_equal (troika_msg_unpack (ask->result, "B", &data, &size), 0);
    assert_int_equal (size, sizeof items);
    assert_memory_equal (data, items, size);
    ask = DO ("read", "[i,i]", 4, 0);
    assert_int_equal (troika_msg_unpack (ask->result, "B", &data, &size), 0);
    assert_int_equal (size, 0);
    DO ("write", "[i,B]", 4, "", (size_t)0);
}

static void
array_ranges_must_be_there_and_whole (void **state)
{
    (void)state;
    start_array ('i', 4);
    assert_failed_with (ASK ("read", "[i,i]", 3, 2), ERANGE,
                        "array 'cells' has 4 items, not 2 from index 3 on");
    assert_failed (ASK ("read", "[U,U]", UINT64_MAX, (uint64_t)2), ERANGE);
    assert_failed (ASK ("read", "[U,U]", (uint64_t)2, UINT64_MAX), ERANGE);
    assert_failed (ASK ("read", "[i,i]", -1, 1), EINVAL);
    assert_failed (ASK ("write", "[i,B]", 4, "12345678", (size_t)8), ERANGE);
    assert_failed_with (ASK ("write", "[i,B]", 0, "1234567", (size_t)7), EINVAL,
                        "array 'cells': 7 bytes are no whole items of 8");
    assert_failed_with (ASK ("write", "[i,s]", 0, "12345678"), EINVAL,
                        "array 'cells' write: argument 2, items, must be a "
                        "binary");
    assert_failed_with (ASK ("read", "[i,i,s]", 0, 1, "d"), EINVAL,
                        "array 'cells' is of type 'i', not 'd'");
    assert_failed (ASK ("write", "[i,B,s]", 0, "", (size_t)0, "ii"), EINVAL);
    assert_json (DO ("get", "[i]", 3), "0");
}

static void
array_of_bytes_is_read_as_it_is (void **state)
{
    (void)state;
    start_array ('B', 5);
    DO ("write", "[i,B]", 0, "hello", (size_t)5);
    assert_json (DO ("get", "[i]", 1), "101");
    assert_json (DO ("read", "[i,i]", 1, 3), "\"ZWxs\"");
}

/* --- namespace */

static void
start_namespace (void)
{
    driver = driver_new (&tk_namespace_type, "shared", "[]");
    assert_non_null (driver);
}

static void
namespace_keeps_attributes_by_name (void **state)
{
    (void)state;
    start_namespace ();
    assert_json (DO ("all", "[]"), "{}");
    assert_json (DO ("set", "[s,i]", "x", 1), "null");
    DO ("set", "[s,s]", "a name of more than fifteen bytes", "y");
    DO ("set", "[s,[i]]", "x", 2);
    assert_json (DO ("get", "[s]", "x"), "[2]");
    assert_json (DO ("all", "[]"),
                 "{\"x\":[2],\"a name of more than fifteen bytes\":\"y\"}");
    assert_json (DO ("stat", "[]"), "{\"len\":2}");
    assert_json (DO ("has", "[s]", "x"), "true");
    DO ("del", "[s]", "x");
    assert_json (DO ("has", "[s]", "x"), "false");
}

static void
namespace_fails_in_words (void **state)
{
    (void)state;
    start_namespace ();
    assert_failed_with (ASK ("get", "[s]", "x"), ENOENT,
                        "namespace 'shared' has no attribute \"x\"");
    assert_failed (ASK ("del", "[s]", "x"), ENOENT);
    assert_failed_with (ASK ("set", "[i,i]", 1, 2), EINVAL,
                        "namespace 'shared' set: argument 1, name, must be a "
                        "string");
    assert_failed (ASK ("set", "[s]", "x"), EINVAL);
    assert_failed (ASK ("all", "[i]", 1), EINVAL);
}

#define T(test) cmocka_unit_test_teardown (test, end)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        T (value_begins_with_its_initial_document),
        T (value_refuses_two_initial_documents),
        T (value_set_replaces_the_document),
        T (value_add_is_exact_or_refused),
        T (value_cas_sets_only_over_the_expected_document),
        T (array_begins_with_zeros),
        T (array_refuses_wrong_parameters),
        T (array_counts_from_either_end),
        T (array_holds_one_type_only),
        T (array_ranges_travel_as_one_binary),
        T (array_ranges_must_be_there_and_whole),
        T (array_of_bytes_is_read_as_it_is),
        T (namespace_keeps_attributes_by_name),
        T (namespace_fails_in_words),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
