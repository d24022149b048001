/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_data_list.c - a list inside the manager: every method, what it
 * refuses, the order of sort, and a long random run against a plain model.
 */
#include "tests/data_check.h"

#include <errno.h>
#include <math.h>
#include "lib/object/canonical.h"
#include "lib/object/order.h"
#include "patterns/list/list_private.h"
#include "patterns/list/ring.h"

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

/* In ascending order, each with all its neighbours unequal. */
static const struct {
    const char *bytes;
    size_t size;
} ascending[] = {
    {"\xc0", 1},                                 /* nil */
    {"\xc2", 1},                                 /* false */
    {"\xc3", 1},                                 /* true */
    {"\xcb\xff\xf0\0\0\0\0\0\0", 9},             /* -inf */
    {"\xcb\xc3\xe0\0\0\0\0\0\1", 9},             /* just below -2^63 */
    {"\xd3\x80\0\0\0\0\0\0\0", 9},               /* -2^63 */
    {"\xcb\xc3\xe0\0\0\0\0\0\0", 9},             /* the same, a float */
    {"\xfe", 1},                                 /* -2 */
    {"\xcb\xbf\xf8\0\0\0\0\0\0", 9},             /* -1.5 */
    {"\xff", 1},                                 /* -1 */
    {"\x00", 1},                                 /* 0 */
    {"\xcb\0\0\0\0\0\0\0\0", 9},                 /* 0.0 */
    {"\xca\x3f\0\0\0", 5},                       /* 0.5, four bytes */
    {"\xcf\0\x20\0\0\0\0\0\0", 9},               /* 2^53 */
    {"\xcb\x43\x40\0\0\0\0\0\0", 9},             /* 2^53, a float */
    {"\xcf\0\x20\0\0\0\0\0\1", 9},               /* 2^53 + 1 */
    {"\xcf\xff\xff\xff\xff\xff\xff\xff\xff", 9}, /* 2^64 - 1 */
    {"\xcb\x43\xf0\0\0\0\0\0\0", 9},             /* 2^64 */
    {"\xcb\x7f\xf0\0\0\0\0\0\0", 9},             /* inf */
    {"\xcb\x7f\xf8\0\0\0\0\0\0", 9},             /* NaN */
    {"\xa0", 1},                                 /* "" */
    {"\xa1"
     "a",
     2},
    {"\xa2"
     "a\0",
     3},
    {"\xa1"
     "b",
     2},
    {"\xc4\0", 2}, /* an empty binary */
    {"\xc4\1\1", 3},
    {"\x90", 1}, /* [] */
    {"\x91\1", 2},
    {"\x92\1\0", 3},
    {"\x91\2", 2},
    {"\x91\x90", 2},
    {"\x80", 1}, /* {} */
    {"\x81\1\1", 3},
    {"\x81\1\2", 3},
    {"\xd4\xff\0", 3}, /* an extension of type -1 */
    {"\xd4\0\0", 3},
    {"\xc7\2\0\0\0", 5},
};

static void
order_is_total (void **state)
{
    (void)state;
    size_t count = sizeof ascending / sizeof *ascending;
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < count; j++) {
            int order =
                tk_order (tk_span (ascending[i].bytes, ascending[i].size),
                          tk_span (ascending[j].bytes, ascending[j].size));
            if ((i < j) != (order < 0) || (i > j) != (order > 0))
                fail_msg ("document %zu against %zu: %d", i, j, order);
        }
}

/* Equal by order, by troika_msg_eq() and by canonical bytes are one. */
static void
equality_is_one_thing (void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
    } forms[] = {
        {"\5", 1},
        {"\xcc\5", 2},
        {"\xd3\0\0\0\0\0\0\0\5", 9},
        {"\xfb", 1},
        {"\xd0\xfb", 2},
        {"\xd2\xff\xff\xff\xfb", 5},
        {"\xca\x40\xa0\0\0", 5},
        {"\xcb\x40\x14\0\0\0\0\0\0", 9},
        {"\xca\0\0\0\0", 5},
        {"\xcb\x80\0\0\0\0\0\0\0", 9},
        {"\xca\x7f\xc0\0\0", 5},
        {"\xcb\xff\xf8\0\0\0\0\0\1", 9},
        {"\xa1"
         "5",
         2},
        {"\xdb\0\0\0\1"
         "5",
         6},
        {"\xc4\1"
         "5",
         3},
        {"\xc6\0\0\0\1"
         "5",
         6},
        {"\x92\5\xa0", 3},
        {"\xdc\0\2\xd0\5\xd9\0", 7},
        {"\xdd\0\0\0\2\xcf\0\0\0\0\0\0\0\5\xdb\0\0\0\0", 19},
        {"\x81\5\5", 3},
        {"\xde\0\1\5\xcd\0\5", 7},
        {"\xd5\7xy", 4},
        {"\xc9\0\0\0\2\7xy", 8},
        {"\xc8\0\3\7xyz", 7},
        {"\xc7\3\7xyz", 6},
        {"\xc7\0\7", 3},
        {"\xc8\0\0\7", 4},
    };
    size_t count = sizeof forms / sizeof *forms;
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < count; j++) {
            troika_msg_t *a = troika_msg_new (forms[i].bytes, forms[i].size);
            troika_msg_t *b = troika_msg_new (forms[j].bytes, forms[j].size);
            assert_non_null (a);
            assert_non_null (b);
            tk_span_t x = tk_span (forms[i].bytes, forms[i].size);
            tk_span_t y = tk_span (forms[j].bytes, forms[j].size);
            bool by_order = tk_order (x, y) == 0;
            tk_buffer_t one, two;
            tk_buffer_init (&one);
            tk_buffer_init (&two);
            assert_int_equal (tk_canonical (&x, &one), 0);
            assert_int_equal (tk_canonical (&y, &two), 0);
            bool by_bytes = tk_span_same (x, y);
            if (by_order != troika_msg_eq (a, b) || by_order != by_bytes)
                fail_msg ("forms %zu and %zu: %d %d %d", i, j, by_order,
                          troika_msg_eq (a, b), by_bytes);
            assert_int_equal (tk_document_check (x.data, x.size), 0);
            tk_buffer_fini (&one);
            tk_buffer_fini (&two);
            troika_msg_destroy (&a);
            troika_msg_destroy (&b);
        }
}

/* --- a long run */

static struct {
    int items[20000];
    int count;
} model;

static void
model_insert (int index, int value)
{
    memmove (model.items + index + 1, model.items + index,
             (size_t)(model.count - index) * sizeof *model.items);
    model.items[index] = value;
    model.count++;
}

static void
model_del (int index)
{
    model.count--;
    memmove (model.items + index, model.items + index + 1,
             (size_t)(model.count - index) * sizeof *model.items);
}

/* Every third item is too long to lie inside its place. */
static troika_msg_t *
item_of (int value)
{
    return value % 3 ? troika_msg_pack ("i", value)
                     : troika_msg_pack ("[i,s]", value, "twenty bytes or more");
}

static void
check_items (void)
{
    ask_t *all = DO ("slice", "[]");
    tk_cursor_t at = tk_cursor (troika_msg_data (all->result),
                                troika_msg_size (all->result));
    uint32_t count;
    assert_int_equal (tk_cursor_array (&at, &count), 0);
    assert_int_equal (count, model.count);
    for (int i = 0; i < model.count; i++) {
        tk_span_t found;
        troika_msg_t *item = item_of (model.items[i]);
        assert_int_equal (tk_span_next (&at, &found), 0);
        assert_int_equal (found.size, troika_msg_size (item));
        assert_memory_equal (found.data, troika_msg_data (item), found.size);
        troika_msg_destroy (&item);
    }
}

static void
random_step (unsigned chance, int index, int value)
{
    troika_msg_t *item = item_of (value);
    if (chance < 25) {
        DO ("append", "[m]", item);
        model_insert (model.count, value);
    } else if (chance < 35) {
        DO ("insert", "[i,m]", 0, item);
        model_insert (0, value);
    } else if (chance < 50) {
        DO ("insert", "[i,m]", index, item);
        model_insert (index, value);
    } else if (model.count == 0) {
        assert_failed (ASK ("pop", "[i]", chance < 75 ? 0 : -1), ERANGE);
    } else if (chance < 60) {
        DO ("pop", "[i]", 0);
        model_del (0);
    } else if (chance < 75) {
        DO ("pop", "[]");
        model_del (model.count - 1);
    } else if (chance < 90) {
        DO ("del", "[i]", index % model.count);
        model_del (index % model.count);
    } else {
        DO ("set", "[i,m]", index % model.count - model.count, item);
        model.items[index % model.count] = value;
    }
    troika_msg_destroy (&item);
}

static void
list_agrees_with_a_plain_model (void **state)
{
    (void)state;
    unsigned seed = 20240301;
    model.count = 0;
    for (int step = 0; step < 20000; step++) {
        /* Now it grows, now it shrinks. */
        unsigned chance = (unsigned)rand_r (&seed) % 100;
        if (step / 1000 % 2 == 0 && chance >= 50 && chance < 90 && step % 3)
            chance -= 50;
        random_step (chance, rand_r (&seed) % (model.count + 1),
                     rand_r (&seed) % 1000);
        if (step % 250 == 0)
            check_items ();
        if (step % 4000 == 3999)
            DO ("reverse", "[]");
        for (int i = 0; step % 4000 == 3999 && i < model.count / 2; i++) {
            int swapped = model.items[i];
            model.items[i] = model.items[model.count - 1 - i];
            model.items[model.count - 1 - i] = swapped;
        }
    }
    check_items ();
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
        cmocka_unit_test (order_is_total),
        cmocka_unit_test (equality_is_one_thing),
        T (list_agrees_with_a_plain_model),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
