/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_data_dict.c - a dict inside the manager: every method, what it
 * refuses, waits for changes, and a long random run against a plain model.
 */
#include "tests/data_check.h"

#include <errno.h>
#include "lib/object/table.h"
#include "patterns/dict/dict_private.h"

enum { ANN = 1, BOB, CAT };

static int
start (void **state)
{
    (void)state;
    driver = driver_new (&tk_dict_type, "config", "[]");
    assert_non_null (driver);
    return 0;
}

static void
dict_get_reads_what_set_stored (void **state)
{
    (void)state;
    assert_json (DO ("set", "[s,i]", "port", 5432), "null");
    assert_json (DO ("get", "[s]", "port"), "5432");
    DO ("set", "[s,[i,s]]", "port", 1, "a value longer than sixteen bytes");
    assert_json (DO ("get", "[s]", "port"),
                 "[1,\"a value longer than sixteen bytes\"]");
    DO ("set", "[s,n]", "port");
    assert_json (DO ("get", "[s]", "port"), "null");
}

static void
dict_get_of_an_absent_key_fails_in_words (void **state)
{
    (void)state;
    assert_failed_with (ASK ("get", "[s]", "port"), ENOENT,
                        "dict 'config' has no key \"port\"");
    assert_failed_with (ASK ("get", "[i]", 7), ENOENT,
                        "dict 'config' has no key 7");
    assert_failed_with (ASK ("pop", "[[i,s]]", 1, "x"), ENOENT,
                        "dict 'config' has no key [1,\"x\"]");
    assert_failed_with (ASK ("del", "[s]", ""), ENOENT,
                        "dict 'config' has no key \"\"");
}

static void
dict_words_cut_a_long_key_at_a_whole_character (void **state)
{
    (void)state;
    char key[200] = "x";
    for (int i = 0; i < 60; i++)
        strcat (key, "\u00e9");
    ask_t *ask = ASK ("get", "[s]", key);
    assert_failed (ask, ENOENT);
    assert_non_null (strstr (ask->words, "\u00e9...\""));
}

static void
dict_get_and_pop_take_a_default (void **state)
{
    (void)state;
    assert_json (DO ("get", "[s,i]", "port", 1), "1");
    assert_json (DO ("pop", "[s,n]", "port"), "null");
    DO ("set", "[s,i]", "port", 2);
    assert_json (DO ("pop", "[s,i]", "port", 1), "2");
    assert_json (DO ("len", "[]"), "0");
}

static void
dict_pop_takes_the_value_out (void **state)
{
    (void)state;
    DO ("set", "[s,i]", "a", 1);
    assert_json (DO ("pop", "[s]", "a"), "1");
    assert_failed (ASK ("pop", "[s]", "a"), ENOENT);
}

static void
dict_setdefault_keeps_what_is_there (void **state)
{
    (void)state;
    assert_json (DO ("setdefault", "[s,i]", "a", 1), "1");
    assert_json (DO ("setdefault", "[s,i]", "a", 2), "1");
    assert_json (DO ("get", "[s]", "a"), "1");
}

static void
dict_has_tells_presence (void **state)
{
    (void)state;
    assert_json (DO ("has", "[s]", "a"), "false");
    DO ("set", "[s,n]", "a");
    assert_json (DO ("has", "[s]", "a"), "true");
    DO ("del", "[s]", "a");
    assert_json (DO ("has", "[s]", "a"), "false");
}

static void
dict_keeps_insertion_order (void **state)
{
    (void)state;
    DO ("set", "[s,i]", "c", 1);
    DO ("set", "[s,i]", "a", 2);
    DO ("set", "[s,i]", "b", 3);
    DO ("set", "[s,i]", "c", 4); /* keeps its place */
    assert_json (DO ("items", "[]"), "[[\"c\",4],[\"a\",2],[\"b\",3]]");
    DO ("del", "[s]", "c");
    DO ("set", "[s,i]", "c", 5); /* comes back at the end */
    assert_json (DO ("keys", "[]"), "[\"a\",\"b\",\"c\"]");
    assert_json (DO ("values", "[]"), "[2,3,5]");
    assert_json (DO ("len", "[]"), "3");
}

static void
dict_update_merges_a_map_at_once (void **state)
{
    (void)state;
    DO ("set", "[s,i]", "a", 1);
    assert_json (DO ("update", "[{s:i,s:i}]", "b", 2, "a", 3), "null");
    assert_json (DO ("items", "[]"), "[[\"a\",3],[\"b\",2]]");
    DO ("update", "[{}]");
    assert_json (DO ("len", "[]"), "2");
    /* A key that stands twice: the last one counts. */
    DO ("update", "[{s:i,s:i}]", "d", 1, "d", 2);
    assert_json (DO ("get", "[s]", "d"), "2");
    assert_failed_with (ASK ("update", "[[i]]", 1), EINVAL,
                        "dict 'config' update: argument 1, map, must be "
                        "a map");
}

static void
dict_update_takes_thousands_of_keys (void **state)
{
    (void)state;
    tk_buffer_t map;
    tk_buffer_init (&map);
    tk_write_map (&map, 5000);
    for (int i = 0; i < 5000; i++) {
        tk_write_int (&map, i);
        tk_write_int (&map, -i);
    }
    troika_msg_t *msg = troika_msg_new (tk_buffer_data (&map), map.size);
    DO ("update", "[m]", msg);
    troika_msg_destroy (&msg);
    tk_buffer_fini (&map);
    assert_json (DO ("len", "[]"), "5000");
    assert_json (DO ("get", "[i]", 4321), "-4321");
}

static void
dict_clear_deletes_everything (void **state)
{
    (void)state;
    DO ("clear", "[]");
    DO ("set", "[s,i]", "a", 1);
    DO ("clear", "[]");
    assert_json (DO ("items", "[]"), "[]");
    DO ("set", "[s,i]", "a", 2);
    assert_json (DO ("items", "[]"), "[[\"a\",2]]");
}

static void
dict_add_counts_from_zero (void **state)
{
    (void)state;
    assert_json (DO ("add", "[s,i]", "n", 5), "5");
    assert_json (DO ("add", "[s,i]", "n", -7), "-2");
    assert_json (DO ("add", "[s]", "n"), "-1");
    assert_json (DO ("get", "[s]", "n"), "-1");
}

static void
dict_add_refuses_what_is_no_integer (void **state)
{
    (void)state;
    DO ("set", "[s,s]", "n", "five");
    assert_failed_with (ASK ("add", "[s,i]", "n", 1), EINVAL,
                        "dict 'config' holds no integer at key \"n\"");
    DO ("set", "[s,f]", "n", 1.5);
    assert_failed (ASK ("add", "[s,i]", "n", 1), EINVAL);
    assert_json (DO ("get", "[s]", "n"), "1.5");
    assert_failed_with (ASK ("add", "[s,f]", "n", 1.5), EINVAL,
                        "dict 'config' add: argument 2, delta, must be an "
                        "integer of 64 bits");
}

static void
dict_add_never_wraps_round (void **state)
{
    (void)state;
    DO ("set", "[s,I]", "n", INT64_MAX);
    assert_failed_with (ASK ("add", "[s,i]", "n", 1), ERANGE,
                        "dict 'config' key \"n\": the sum does not fit 64 "
                        "bits");
    assert_json (DO ("get", "[s]", "n"), "9223372036854775807");
    assert_json (DO ("add", "[s,I]", "n", -INT64_MAX), "0");
    DO ("set", "[s,I]", "n", INT64_MIN);
    assert_failed (ASK ("add", "[s,i]", "n", -1), ERANGE);
    DO ("set", "[s,U]", "n", UINT64_MAX);
    assert_failed (ASK ("add", "[s,i]", "n", -1), ERANGE);
    assert_json (DO ("add", "[s,I]", "new", INT64_MIN), "-9223372036854775808");
}

static void
dict_cas_sets_only_over_the_expected_value (void **state)
{
    (void)state;
    assert_failed_with (ASK ("cas", "[s,i,i]", "k", 1, 2), ECANCELED,
                        "dict 'config' key \"k\" does not exist");
    DO ("set", "[s,i]", "k", 1);
    assert_json (DO ("cas", "[s,i,i]", "k", 1, 2), "null");
    assert_failed_with (ASK ("cas", "[s,i,i]", "k", 1, 3), ECANCELED,
                        "dict 'config' key \"k\" holds another value");
    assert_json (DO ("get", "[s]", "k"), "2");
}

static void
dict_cas_tells_absent_from_nil (void **state)
{
    (void)state;
    assert_failed (ASK ("cas", "[s,n,i]", "k", 1), ECANCELED);
    assert_json (DO ("cas", "[s,n]", "k"), "null"); /* was absent: now nil */
    assert_failed_with (ASK ("cas", "[s,i]", "k", 1), ECANCELED,
                        "dict 'config' key \"k\" exists already");
    assert_json (DO ("cas", "[s,n,i]", "k", 1), "null");
    assert_json (DO ("get", "[s]", "k"), "1");
}

static void
dict_takes_any_document_as_key (void **state)
{
    (void)state;
    DO ("set", "[i,s]", 1, "int");
    DO ("set", "[f,s]", 1.0, "float");
    DO ("set", "[s,s]", "1", "string");
    DO ("set", "[B,s]", "1", (size_t)1, "bin");
    DO ("set", "[n,s]", "nil");
    DO ("set", "[b,s]", 1, "true");
    DO ("set", "[[i],s]", 1, "array");
    DO ("set", "[{s:i},s]", "a", 1, "map");
    assert_json (DO ("len", "[]"), "8");
    assert_json (DO ("get", "[i]", 1), "\"int\"");
    assert_json (DO ("get", "[f]", 1.0), "\"float\"");
    assert_json (DO ("get", "[{s:i}]", "a", 1), "\"map\"");
    assert_json (DO ("get", "[[i]]", 1), "\"array\"");
}

static void
dict_keys_are_one_however_encoded (void **state)
{
    (void)state;
    DO ("set", "[i,s]", 5, "five");
    DO ("set", "[[i,s],s]", 300, "x", "pair");
    DO ("set", "[f,s]", 0.5, "half");
    DO ("set", "[f,s]", 0.0, "zero");
    static const struct {
        const char *bytes;
        size_t size;
        const char *json;
    } wide[] = {
        {"\xcf\0\0\0\0\0\0\0\5", 9, "\"five\""},
        {"\xd1\0\5", 3, "\"five\""},
        {"\xdd\0\0\0\2\xd2\0\0\1\x2c\xdb\0\0\0\1x", 16, "\"pair\""},
        {"\xca\x3f\0\0\0", 5, "\"half\""},
        {"\xcb\x80\0\0\0\0\0\0\0", 9, "\"zero\""},
    };
    for (size_t i = 0; i < sizeof wide / sizeof *wide; i++) {
        troika_msg_t *key = troika_msg_new (wide[i].bytes, wide[i].size);
        assert_non_null (key);
        assert_json (DO ("get", "[m]", key), wide[i].json);
        troika_msg_destroy (&key);
    }
}

static void
dict_refuses_wrong_arguments_by_name (void **state)
{
    (void)state;
    assert_failed_with (ASK ("set", "[s]", "k"), EINVAL,
                        "dict 'config' set: argument 2, value, is missing");
    assert_failed_with (ASK ("get", "[]"), EINVAL,
                        "dict 'config' get: argument 1, key, is missing");
    assert_failed_with (ASK ("del", "[i,i]", 1, 2), EINVAL,
                        "dict 'config' del: takes 1 argument, not 2");
    assert_failed_with (ASK ("len", "[i]", 1), EINVAL,
                        "dict 'config' len: takes no arguments, not 1");
    assert_failed_with (ASK ("get", "[i,i,i]", 1, 2, 3), EINVAL,
                        "dict 'config' get: takes 2 arguments, not 3");
    assert_failed_with (ASK ("get", "{s:i}", "key", 1), EINVAL,
                        "dict 'config' get: the arguments must be an array");
    assert_failed (ASK ("wait", "[s,i]", "k", -1), EINVAL);
    assert_failed (ASK ("explode", "[]"), ENOENT);
    assert_json (DO ("len", "[]"), "0");
}

static void
dict_refuses_parameters (void **state)
{
    (void)state;
    driver_destroy (&driver);
    assert_null (driver_new (&tk_dict_type, "config", "[i]", 1));
    assert_int_equal (errno, EINVAL);
}

/* --- wait */

/* The version that an answered wait told. */
static uint64_t
version_of (const ask_t *wait)
{
    uint64_t version;
    assert_answered (wait);
    if (troika_msg_unpack (wait->result, "[U,*]", &version))
        assert_int_equal (troika_msg_unpack (wait->result, "[U]", &version), 0);
    return version;
}

/* What it told: the value as an int, or -1 for a delete. */
static int
value_of (const ask_t *wait)
{
    int value;
    assert_answered (wait);
    if (!troika_msg_unpack (wait->result, "[I,i]", NULL, &value))
        return value;
    assert_int_equal (troika_msg_unpack (wait->result, "[I]", NULL), 0);
    return -1;
}

static ask_t *
wait_for (const char *key, uint64_t version)
{
    return driver_ask (driver, BOB, TROIKA_FOREVER, "wait", "[s,U]", key,
                       version);
}

static void
wait_tells_a_present_value_at_once (void **state)
{
    (void)state;
    DO ("set", "[s,i]", "k", 1);
    assert_int_equal (value_of (wait_for ("k", 0)), 1);
    assert_int_equal (value_of (DO ("wait", "[s]", "k")), 1);
}

static void
wait_is_answered_by_the_next_change_of_its_key (void **state)
{
    (void)state;
    ask_t *first = wait_for ("k", 0);
    ask_t *other = wait_for ("l", 0);
    DO ("set", "[s,i]", "k", 1);
    assert_int_equal (value_of (first), 1);
    assert_waiting (other);
    ask_t *next = wait_for ("k", version_of (first));
    ask_t *beside = wait_for ("k", version_of (first));
    assert_waiting (next);
    DO ("get", "[s]", "k");
    assert_waiting (next);
    DO ("add", "[s,i]", "k", 1);
    assert_int_equal (value_of (next), 2);
    assert_int_equal (value_of (beside), 2);
    assert_waiting (other);
    assert_true (version_of (next) > version_of (first));
    driver_interrupt (other);
}

static void
wait_is_answered_by_every_kind_of_change (void **state)
{
    (void)state;
    ask_t *wait = wait_for ("k", 0);
    DO ("setdefault", "[s,i]", "k", 1);
    assert_int_equal (value_of (wait), 1);
    wait = wait_for ("k", version_of (wait));
    DO ("setdefault", "[s,i]", "k", 9); /* no change */
    assert_waiting (wait);
    DO ("update", "[{s:i}]", "k", 2);
    assert_int_equal (value_of (wait), 2);
    wait = wait_for ("k", version_of (wait));
    assert_failed (ASK ("cas", "[s,i,i]", "k", 1, 3), ECANCELED);
    assert_waiting (wait);
    DO ("cas", "[s,i,i]", "k", 2, 3);
    assert_int_equal (value_of (wait), 3);
    wait = wait_for ("k", version_of (wait));
    DO ("set", "[s,i]", "k", 3); /* the same value is a change, too */
    assert_int_equal (value_of (wait), 3);
}

static void
wait_is_told_of_a_delete (void **state)
{
    (void)state;
    static const char *const methods[] = {"del", "pop", "clear"};
    for (int i = 0; i < 3; i++) {
        DO ("set", "[s,i]", "k", 1);
        ask_t *wait = wait_for ("k", version_of (wait_for ("k", 0)));
        if (i == 2)
            DO (methods[i], "[]");
        else
            DO (methods[i], "[s]", "k");
        assert_int_equal (value_of (wait), -1);
        ask_t *next = wait_for ("k", version_of (wait));
        assert_waiting (next);
        DO ("set", "[s,i]", "k", 2);
        assert_int_equal (value_of (next), 2);
    }
}

static void
wait_misses_nothing_between_two_waits (void **state)
{
    (void)state;
    DO ("set", "[s,i]", "k", 1);
    uint64_t seen = version_of (wait_for ("k", 0));
    DO ("set", "[s,i]", "k", 2);
    ask_t *wait = wait_for ("k", seen);
    assert_int_equal (value_of (wait), 2);
    seen = version_of (wait);
    DO ("del", "[s]", "k");
    wait = wait_for ("k", seen);
    assert_int_equal (value_of (wait), -1);
    uint64_t gone = version_of (wait);
    assert_true (gone > seen);
    DO ("set", "[s,i]", "k", 2);
    DO ("del", "[s]", "k"); /* come and gone again */
    wait = wait_for ("k", gone);
    assert_int_equal (value_of (wait), -1);
    assert_true (version_of (wait) > gone);
    assert_waiting (wait_for ("k", version_of (wait)));
}

static void
wait_sees_that_a_key_was_made_anew (void **state)
{
    (void)state;
    DO ("set", "[s,i]", "k", 1);
    uint64_t seen = version_of (wait_for ("k", 0));
    DO ("del", "[s]", "k");
    DO ("set", "[s,i]", "k", 1);
    ask_t *wait = wait_for ("k", seen);
    assert_int_equal (value_of (wait), 1);
    assert_true (version_of (wait) > seen);
}

static void
wait_with_nothing_seen_waits_for_a_value (void **state)
{
    (void)state;
    DO ("set", "[s,i]", "k", 1);
    DO ("del", "[s]", "k");
    ask_t *wait = wait_for ("k", 0);
    assert_waiting (wait);
    DO ("clear", "[]");
    DO ("set", "[s,i]", "l", 1);
    DO ("clear", "[]");
    assert_waiting (wait);
    DO ("set", "[s,i]", "k", 2);
    assert_int_equal (value_of (wait), 2);
}

static void
wait_says_deleted_when_the_trace_is_gone (void **state)
{
    (void)state;
    DO ("set", "[s,i]", "k", 1);
    uint64_t seen = version_of (wait_for ("k", 0));
    DO ("del", "[s]", "k");
    for (int i = 0; i < 1000; i++) {
        DO ("set", "[i,i]", i, i);
        DO ("del", "[i]", i);
    }
    ask_t *wait = wait_for ("k", seen);
    assert_int_equal (value_of (wait), -1);
    assert_waiting (wait_for ("k", version_of (wait)));
}

static void
wait_says_deleted_after_a_clear (void **state)
{
    (void)state;
    DO ("set", "[s,i]", "k", 1);
    uint64_t seen = version_of (wait_for ("k", 0));
    DO ("clear", "[]");
    ask_t *wait = wait_for ("k", seen);
    assert_int_equal (value_of (wait), -1);
    assert_waiting (wait_for ("k", version_of (wait)));
}

static void
wait_notices_a_dict_that_was_made_anew (void **state)
{
    (void)state;
    DO ("set", "[s,i]", "k", 1);
    uint64_t seen = version_of (wait_for ("k", 0));
    driver_destroy (&driver);
    start (NULL);
    ask_t *wait = wait_for ("k", seen);
    assert_int_equal (value_of (wait), -1);
    assert_true (version_of (wait) > seen);
    DO ("set", "[s,i]", "k", 2);
    assert_int_equal (value_of (wait_for ("k", seen)), 2);
    /* A version of a dict whose clock was ahead. */
    assert_int_equal (value_of (wait_for ("k", UINT64_MAX)), 2);
    assert_int_equal (value_of (wait_for ("l", UINT64_MAX)), -1);
}

static void
wait_ends_at_its_deadline_in_words (void **state)
{
    (void)state;
    ask_t *wait = driver_ask (driver, BOB, 200, "wait", "[s]", "port");
    driver_pass (driver, 199);
    assert_waiting (wait);
    driver_pass (driver, 1);
    assert_failed_with (wait, ETIMEDOUT,
                        "dict 'config' is still unchanged at key \"port\" "
                        "after 200 ms");
    assert_failed_with (
        driver_ask (driver, BOB, TROIKA_NOWAIT, "wait", "[s]", "port"), EAGAIN,
        "dict 'config' is unchanged at key \"port\"");
    DO ("set", "[s,i]", "port", 1);
}

static uint64_t
waiters (void)
{
    uint64_t count;
    assert_int_equal (troika_msg_unpack (DO ("stat", "[]")->result, "{s:U}",
                                         "waiters", &count),
                      0);
    return count;
}

static void
wait_leaves_with_its_caller (void **state)
{
    (void)state;
    ask_t *lost = wait_for ("k", 0);
    ask_t *given_up =
        driver_ask (driver, CAT, TROIKA_FOREVER, "wait", "[s]", "k");
    assert_int_equal (waiters (), 2);
    driver_kill (driver, BOB);
    assert_failed (lost, ECONNRESET);
    driver_interrupt (given_up);
    assert_failed (given_up, EINTR);
    assert_int_equal (waiters (), 0);
    DO ("set", "[s,i]", "k", 1);
}

static void
wait_ends_with_its_dict (void **state)
{
    (void)state;
    ask_t *wait = wait_for ("a key that is longer than sixteen bytes", 0);
    driver_remove (driver);
    assert_failed (wait, EPIPE);
}

/* --- a long run */

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
        T (dict_get_reads_what_set_stored),
        T (dict_get_of_an_absent_key_fails_in_words),
        T (dict_words_cut_a_long_key_at_a_whole_character),
        T (dict_get_and_pop_take_a_default),
        T (dict_pop_takes_the_value_out),
        T (dict_setdefault_keeps_what_is_there),
        T (dict_has_tells_presence),
        T (dict_keeps_insertion_order),
        T (dict_update_merges_a_map_at_once),
        T (dict_update_takes_thousands_of_keys),
        T (dict_clear_deletes_everything),
        T (dict_add_counts_from_zero),
        T (dict_add_refuses_what_is_no_integer),
        T (dict_add_never_wraps_round),
        T (dict_cas_sets_only_over_the_expected_value),
        T (dict_cas_tells_absent_from_nil),
        T (dict_takes_any_document_as_key),
        T (dict_keys_are_one_however_encoded),
        T (dict_refuses_wrong_arguments_by_name),
        T (dict_refuses_parameters),
        T (wait_tells_a_present_value_at_once),
        T (wait_is_answered_by_the_next_change_of_its_key),
        T (wait_is_answered_by_every_kind_of_change),
        T (wait_is_told_of_a_delete),
        T (wait_misses_nothing_between_two_waits),
        T (wait_sees_that_a_key_was_made_anew),
        T (wait_with_nothing_seen_waits_for_a_value),
        T (wait_says_deleted_when_the_trace_is_gone),
        T (wait_says_deleted_after_a_clear),
        T (wait_notices_a_dict_that_was_made_anew),
        T (wait_ends_at_its_deadline_in_words),
        T (wait_leaves_with_its_caller),
        T (wait_ends_with_its_dict),
        T (dict_gives_memory_back_when_keys_go),
        T (dict_agrees_with_a_plain_model),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
