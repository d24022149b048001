/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_data_list.c - a list inside the manager: every method, what it
 * refuses, its memory.
 */
#include <errno.h>
#include "patterns/list/list_private.h"
#include "patterns/list/ring.h"
#include "tests/data_check.h"

static int
start (void **state)
{
    (void)state;
    driver = driver_new (&tk_list_type, "todo", "[]");
    assert_non_null (driver);
    return 0;
}

#define assert_list(json) assert_json (DO ("slice", "[]"), json)

static void
list_appends_in_order (void **state)
{
    (void)state;
    assert_list ("[]");
    assert_json (DO ("append", "[i]", 1), "null");
    DO ("append", "[s]", "a text that needs more than sixteen bytes");
    DO ("append", "[n]");
    assert_list ("[1,\"a text that needs more than sixteen bytes\",null]");
    assert_json (DO ("len", "[]"), "3");
}

static void
list_get_counts_from_either_end (void **state)
{
    (void)state;
    DO ("extend", "[[i,i,i]]", 10, 11, 12);
    assert_json (DO ("get", "[i]", 0), "10");
    assert_json (DO ("get", "[i]", 2), "12");
    assert_json (DO ("get", "[i]", -1), "12");
    assert_json (DO ("get", "[i]", -3), "10");
    assert_failed_with (ASK ("get", "[i]", 3), ERANGE,
                        "list 'todo' has 3 items, none at index 3");
    assert_failed (ASK ("get", "[i]", -4), ERANGE);
    assert_failed (ASK ("get", "[I]", INT64_MIN), ERANGE);
    assert_failed (ASK ("get", "[I]", INT64_MAX), ERANGE);
}

static void
list_set_replaces_one_item (void **state)
{
    (void)state;
    DO ("extend", "[[i,i,i]]", 1, 2, 3);
    DO ("set", "[i,s]", -2, "two");
    assert_list ("[1,\"two\",3]");
    assert_failed (ASK ("set", "[i,i]", 3, 0), ERANGE);
    assert_failed (ASK ("set", "[i,i]", -4, 0), ERANGE);
    assert_list ("[1,\"two\",3]");
}

static void
list_insert_clips_its_index (void **state)
{
    (void)state;
    DO ("insert", "[i,i]", 100, 1);
    DO ("insert", "[i,i]", 0, 0);
    DO ("insert", "[i,i]", 2, 3);
    DO ("insert", "[i,i]", -1, 2);
    assert_list ("[0,1,2,3]");
    DO ("insert", "[i,s]", -100, "first");
    DO ("insert", "[i,s]", 100, "last");
    assert_list ("[\"first\",0,1,2,3,\"last\"]");
}

static void
list_pop_takes_the_last_or_the_one_named (void **state)
{
    (void)state;
    DO ("extend", "[[i,i,i,i]]", 1, 2, 3, 4);
    assert_json (DO ("pop", "[]"), "4");
    assert_json (DO ("pop", "[i]", 0), "1");
    assert_json (DO ("pop", "[i]", -1), "3");
    assert_json (DO ("pop", "[i]", 0), "2");
    assert_failed_with (ASK ("pop", "[]"), ERANGE,
                        "list 'todo' has 0 items, none at index -1");
}

static void
list_del_closes_the_gap (void **state)
{
    (void)state;
    DO ("extend", "[[i,i,i,i,i]]", 0, 1, 2, 3, 4);
    DO ("del", "[i]", 1);
    DO ("del", "[i]", -2);
    assert_list ("[0,2,4]");
    assert_failed (ASK ("del", "[i]", 3), ERANGE);
}

static void
list_slice_clips_its_bounds (void **state)
{
    (void)state;
    DO ("extend", "[[i,i,i,i,i]]", 0, 1, 2, 3, 4);
    assert_json (DO ("slice", "[i,i]", 1, 3), "[1,2]");
    assert_json (DO ("slice", "[i,i]", -2, 100), "[3,4]");
    assert_json (DO ("slice", "[i,i]", -100, -3), "[0,1]");
    assert_json (DO ("slice", "[i,i]", 3, 1), "[]");
    assert_json (DO ("slice", "[i,i]", 5, 9), "[]");
    assert_json (DO ("slice", "[i]", 3), "[3,4]");
    assert_json (DO ("slice", "[I,I]", INT64_MIN, INT64_MAX), "[0,1,2,3,4]");
}

static void
list_extend_wants_an_array (void **state)
{
    (void)state;
    DO ("extend", "[[]]");
    DO ("extend", "[[i,[i],s]]", 1, 2, "x");
    assert_list ("[1,[2],\"x\"]");
    assert_failed_with (ASK ("extend", "[i]", 1), EINVAL,
                        "list 'todo' extend: argument 1, array, must be an "
                        "array");
}

static void
list_clear_and_reverse (void **state)
{
    (void)state;
    DO ("reverse", "[]");
    DO ("extend", "[[i,i,i]]", 1, 2, 3);
    DO ("reverse", "[]");
    assert_list ("[3,2,1]");
    DO ("insert", "[i,i]", 0, 4);
    DO ("reverse", "[]");
    assert_list ("[1,2,3,4]");
    DO ("clear", "[]");
    assert_list ("[]");
    DO ("append", "[i]", 1);
    assert_list ("[1]");
}

static void
list_finds_equal_values (void **state)
{
    (void)state;
    DO ("extend", "[[i,s,f,[i],i,n]]", 1, "1", 1.0, 1, 1);
    assert_json (DO ("index", "[i]", 1), "0");
    assert_json (DO ("index", "[s]", "1"), "1");
    assert_json (DO ("index", "[f]", 1.0), "2");
    assert_json (DO ("index", "[[i]]", 1), "3");
    assert_json (DO ("index", "[n]"), "5");
    assert_json (DO ("count", "[i]", 1), "2");
    assert_json (DO ("count", "[i]", 2), "0");
    assert_failed_with (ASK ("index", "[s]", "2"), ENOENT,
                        "list 'todo' does not hold \"2\"");
}

static void
list_finds_a_value_however_encoded (void **state)
{
    (void)state;
    DO ("append", "[i]", 5);
    troika_msg_t *five = troika_msg_new ("\xcf\0\0\0\0\0\0\0\5", 9);
    assert_json (DO ("index", "[m]", five), "0");
    DO ("append", "[m]", five);
    assert_json (DO ("count", "[i]", 5), "2");
    troika_msg_destroy (&five);
}

static void
list_remove_deletes_the_first_such_item (void **state)
{
    (void)state;
    DO ("extend", "[[i,i,i]]", 1, 2, 1);
    DO ("remove", "[i]", 1);
    assert_list ("[2,1]");
    assert_failed (ASK ("remove", "[i]", 3), ENOENT);
    assert_list ("[2,1]");
}

static void
list_refuses_wrong_arguments (void **state)
{
    (void)state;
    assert_failed_with (ASK ("insert", "[s,i]", "0", 1), EINVAL,
                        "list 'todo' insert: argument 1, index, must be an "
                        "integer of 64 bits");
    assert_failed (ASK ("get", "[U]", UINT64_MAX), EINVAL);
    assert_failed (ASK ("append", "[]"), EINVAL);
    assert_failed (ASK ("append", "[i,i]", 1, 2), EINVAL);
    assert_failed (ASK ("sort", "[b]", 1), EINVAL);
    assert_list ("[]");
}

static void
list_sorts_numbers_by_value (void **state)
{
    (void)state;
    DO ("sort", "[]");
    DO ("extend", "[[i,f,I,U,f,i,f,i]]", 3, 2.5, INT64_MIN, UINT64_MAX, -0.5, 0,
        1e300, -7);
    DO ("sort", "[]");
    assert_list ("[-9223372036854775808,-7,-0.5,0,2.5,3,18446744073709551615,"
                 "1e300]");
}

static void
list_sorts_any_values (void **state)
{
    (void)state;
    DO ("extend", "[[{s:i},[i,i],s,B,f,i,b,n,[i],s,b]]", "a", 1, 1, 2, "b",
        "bin", (size_t)3, 1.0, 1, 1, 1, "a", 0);
    DO ("sort", "[]");
    assert_list ("[null,false,true,1,1.0,\"a\",\"b\",\"Ymlu\",[1],[1,2],"
                 "{\"a\":1}]");
}

static void
list_sorts_after_it_wrapped_round (void **state)
{
    (void)state;
    for (int i = 0; i < 8; i++)
        DO ("insert", "[i,i]", i % 2 ? 0 : 100, 8 - i);
    DO ("sort", "[]");
    assert_list ("[1,2,3,4,5,6,7,8]");
}

static void
list_gives_memory_back_when_items_go (void **state)
{
    (void)state;
    tk_ring_t ring = {0};
    for (size_t i = 0; i < 10000; i++) {
        assert_int_equal (tk_ring_reserve (&ring, 1), 0);
        assert_int_equal (
            tk_packed_init (tk_ring_open (&ring, i / 2), tk_span ("\x01", 1)),
            0);
    }
    size_t grown = ring.capacity;
    while (ring.count > 10)
        tk_ring_close (&ring, ring.count % 2 ? 0 : ring.count - 1);
    assert_true (ring.capacity < grown / 50);
    tk_ring_fini (&ring);
}

#define T(test) cmocka_unit_test_setup_teardown (test, start, end)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        T (list_appends_in_order),
        T (list_get_counts_from_either_end),
        T (list_set_replaces_one_item),
        T (list_insert_clips_its_index),
        T (list_pop_takes_the_last_or_the_one_named),
        T (list_del_closes_the_gap),
        T (list_slice_clips_its_bounds),
        T (list_extend_wants_an_array),
        T (list_clear_and_reverse),
        T (list_finds_equal_values),
        T (list_finds_a_value_however_encoded),
        T (list_remove_deletes_the_first_such_item),
        T (list_refuses_wrong_arguments),
        T (list_sorts_numbers_by_value),
        T (list_sorts_any_values),
        T (list_sorts_after_it_wrapped_round),
        cmocka_unit_test (list_gives_memory_back_when_items_go),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
