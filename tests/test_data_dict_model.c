/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_data_dict_model.c - a dict in a long random run against a plain
 * model, and the memory that it gives back.
 */
#include "tests/data_check.h"

#include <errno.h>
#include "lib/object/table.h"
#include "patterns/dict/dict_private.h"

static int
start (void **state)
{
    (void)state;
    driver = driver_new (&tk_dict_type, "config", "[]");
    assert_non_null (driver);
    return 0;
}

enum { KEYS = 300 };

/* The model: values by key, and the order as ever larger numbers. */
static struct {
    int value[KEYS]; /* -1: absent */
    unsigned age[KEYS];
    unsigned last;
    int live;
} model;

/* Short keys and long ones, integers and strings. */
static troika_msg_t *
key_of (int number)
{
    if (number % 3 == 0)
        return troika_msg_pack ("i", number);
    char text[64];
    snprintf (text, sizeof text, "%s%d",
              number % 3 == 1 ? "k" : "a rather long key, number ", number);
    return troika_msg_pack ("s", text);
}

static void
model_set (int key, int value)
{
    if (model.value[key] < 0) {
        model.age[key] = ++model.last;
        model.live++;
    }
    model.value[key] = value;
}

static void
model_del (int key)
{
    model.live -= model.value[key] >= 0;
    model.value[key] = -1;
}

static int
by_age (const void *a, const void *b)
{
    unsigned x = model.age[*(const int *)a], y = model.age[*(const int *)b];
    return (x > y) - (x < y);
}

static void
check_order (void)
{
    int order[KEYS], live = 0;
    for (int key = 0; key < KEYS; key++)
        if (model.value[key] >= 0)
            order[live++] = key;
    qsort (order, (size_t)live, sizeof *order, by_age);
    ask_t *items = DO ("items", "[]");
    tk_cursor_t at = tk_cursor (troika_msg_data (items->result),
                                troika_msg_size (items->result));
    uint32_t count, pair;
    assert_int_equal (tk_cursor_array (&at, &count), 0);
    assert_int_equal (count, live);
    for (int i = 0; i < live; i++) {
        tk_span_t found;
        int64_t value;
        troika_msg_t *key = key_of (order[i]);
        assert_int_equal (tk_cursor_array (&at, &pair), 0);
        assert_int_equal (tk_span_next (&at, &found), 0);
        assert_int_equal (found.size, troika_msg_size (key));
        assert_memory_equal (found.data, troika_msg_data (key), found.size);
        assert_int_equal (tk_cursor_int (&at, &value), 0);
        assert_int_equal (value, model.value[order[i]]);
        troika_msg_destroy (&key);
    }
}

static void
random_step (int number, troika_msg_t *key, unsigned chance, int value)
{
    bool present = model.value[number] >= 0;
    if (chance < 40) {
        DO ("set", "[m,i]", key, value);
        model_set (number, value);
    } else if (chance < 70) {
        ask_t *ask = ASK (chance < 55 ? "del" : "pop", "[m]", key);
        assert_failed (ask, present ? 0 : ENOENT);
        model_del (number);
    } else if (chance < 80) {
        DO ("setdefault", "[m,i]", key, value);
        if (!present)
            model_set (number, value);
    } else if (chance < 90) {
        DO ("add", "[m,i]", key, 3);
        model_set (number, (present ? model.value[number] : 0) + 3);
    } else {
        ask_t *ask = ASK ("get", "[m]", key);
        assert_failed (ask, present ? 0 : ENOENT);
        if (present)
            assert_int_equal (driver_int (ask), model.value[number]);
    }
}

static void
dict_agrees_with_a_plain_model (void **state)
{
    (void)state;
    unsigned seed = 20240229;
    memset (&model, 0, sizeof model);
    memset (model.value, 0xff, sizeof model.value);
    for (int step = 0; step < 20000; step++) {
        /* Now many keys, now few: the table grows and shrinks. */
        int range = step / 2000 % 2 ? 10 : KEYS;
        int number = rand_r (&seed) % range;
        troika_msg_t *key = key_of (number);
        random_step (number, key, (unsigned)rand_r (&seed) % 100,
                     rand_r (&seed) % 100000);
        troika_msg_destroy (&key);
        if (step % 5000 == 4999) {
            DO ("clear", "[]");
            for (int i = 0; i < KEYS; i++)
                model_del (i);
        }
        if (step % 500 == 0)
            check_order ();
    }
    check_order ();
}

static void
dict_gives_memory_back_when_keys_go (void **state)
{
    (void)state;
    tk_table_t table;
    tk_table_init (&table);
    for (uint16_t i = 0; i < 10000; i++) {
        uint8_t key[] = {0xcd, (uint8_t)(i >> 8), (uint8_t)i};
        tk_entry_t *entry =
            tk_table_set (&table, tk_span (key, 3), tk_span (key, 3));
        assert_non_null (entry);
        entry->version = i;
    }
    uint32_t grown = table.capacity;
    for (uint16_t i = 0; i < 9990; i++) {
        uint8_t key[] = {0xcd, (uint8_t)(i >> 8), (uint8_t)i};
        tk_table_delete (&table, tk_table_find (&table, tk_span (key, 3)), i);
    }
    assert_true (table.capacity < grown / 50);
    assert_int_equal (table.live, 10);
    tk_table_fini (&table);
}

#define T(test) cmocka_unit_test_setup_teardown (test, start, end)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        T (dict_gives_memory_back_when_keys_go),
        T (dict_agrees_with_a_plain_model),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
