/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_data_list_model.c - a list agrees with a plain array over a long run.
 */
#include "lib/object/span.h"
#include "patterns/list/list_private.h"
#include "tests/data_check.h"

static int
start (void **state)
{
    (void)state;
    driver = driver_new (&tk_list_type, "todo", "[]");
    assert_non_null (driver);
    return 0;
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
        T (list_agrees_with_a_plain_model),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
