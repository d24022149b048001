/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_data_order.c - one order and one equality of all values.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include "lib/object/canonical.h"
#include "lib/object/order.h"

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

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (order_is_total),
        cmocka_unit_test (equality_is_one_thing),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
