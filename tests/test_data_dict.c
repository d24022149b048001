/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_data_dict.c - a dict inside the manager: every method, and what it
 * refuses.
 */
#include "tests/data_check.h"

#include <errno.h>
#include "patterns/dict/dict_private.h"

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
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
