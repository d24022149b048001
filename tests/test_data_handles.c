/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_data_handles.c - dict, list, value, array and namespace by their
 * public functions, between threads, processes and hosts. What each method
 * does in every corner is tested beside the objects (test_data_dict.c,
 * test_data_list.c, test_data_objects.c).
 */
#include "tests/managed.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Checks an answer by its JSON, and destroys it. */
static void
check_json (troika_msg_t *msg, const char *json, const char *file, int line)
{
    char *text = msg ? troika_msg_json (msg) : NULL;
    if (!text || strcmp (text, json)) {
        print_error ("expected %s, found %s (%s)\n", json,
                     text ? text : "nothing", troika_error ());
        _fail (file, line);
    }
    free (text);
    troika_msg_destroy (&msg);
}

#define assert_json(msg, json) check_json (msg, json, __FILE__, __LINE__)
/* What, and where. */
#define assert_words(words)                                                    \
    assert_non_null (strstr (troika_error (), words " ("))

static void
dict_is_shared_by_name (stage_t *stage)
{
    troika_manager_t *manager = stage_manager (stage);
    CHECK_ERRNO (troika_dict_connect (stage_object (stage, "config")), ENOENT);
    troika_dict_t *dict = CHECK_OK (troika_manager_dict (manager, "config"));
    troika_dict_t *other =
        CHECK_OK (troika_dict_connect (stage_object (stage, "config")));
    CHECK_OK (troika_dict_set (dict, "port", "i", 5432));
    assert_json (troika_dict_get (other, "port"), "5432");
    CHECK_ERRNO (troika_manager_list (manager, "config"), EEXIST);
    CHECK_ERRNO (troika_dict_connect (stage_endpoint (stage)), EINVAL);
    troika_dict_destroy (&dict);
    troika_dict_destroy (&dict);
    assert_json (troika_dict_get (other, "port"), "5432");
    troika_dict_destroy (&other);
    troika_manager_destroy (&manager);
}

static void
dict_reads_and_writes (stage_t *stage)
{
    troika_manager_t *manager = stage_manager (stage);
    troika_dict_t *dict = CHECK_OK (troika_manager_dict (manager, "d"));
    CHECK_OK (troika_dict_set (dict, "a", "is", 1, "x"));
    CHECK_OK (troika_dict_set (dict, "b", NULL));
    CHECK_OK (troika_dict_update (dict, "{s:i}", "c", 3));
    assert_json (troika_dict_keys (dict), "[\"a\",\"b\",\"c\"]");
    assert_json (troika_dict_values (dict), "[[1,\"x\"],null,3]");
    assert_json (troika_dict_items (dict),
                 "[[\"a\",[1,\"x\"]],[\"b\",null],[\"c\",3]]");
    assert_int_equal (troika_dict_len (dict), 3);
    assert_int_equal (troika_dict_has (dict, "b"), 1);
    assert_int_equal (troika_dict_has (dict, "z"), 0);
    assert_json (troika_dict_setdefault (dict, "c", "i", 4), "3");
    assert_json (troika_dict_pop (dict, "c"), "3");
    CHECK_OK (troika_dict_del (dict, "b"));
    CHECK_ERRNO (troika_dict_del (dict, "b"), ENOENT);
    assert_words ("dict 'd' has no key \"b\"");
    CHECK_OK (troika_dict_clear (dict));
    assert_int_equal (troika_dict_len (dict), 0);
    troika_dict_destroy (&dict);
    troika_manager_destroy (&manager);
}

static void
dict_takes_documents_as_keys (stage_t *stage)
{
    troika_manager_t *manager = stage_manager (stage);
    troika_dict_t *dict = CHECK_OK (troika_manager_dict (manager, "d"));
    troika_msg_t *key = CHECK_OK (troika_msg_pack ("[i,i]", 3, 4));
    troika_msg_t *value = CHECK_OK (troika_msg_pack ("s", "a cell"));
    CHECK_OK (troika_dict_set_msg (dict, key, value));
    assert_json (troika_dict_get_msg (dict, key), "\"a cell\"");
    assert_int_equal (troika_dict_has_msg (dict, key), 1);
    assert_json (troika_dict_pop_msg (dict, key), "\"a cell\"");
    CHECK_ERRNO (troika_dict_del_msg (dict, key), ENOENT);
    assert_words ("dict 'd' has no key [3,4]");
    troika_msg_destroy (&key);
    troika_msg_destroy (&value);
    troika_dict_destroy (&dict);
    troika_manager_destroy (&manager);
}

static void
dict_refuses_what_cannot_be_packed (stage_t *stage)
{
    troika_manager_t *manager = stage_manager (stage);
    troika_dict_t *dict = CHECK_OK (troika_manager_dict (manager, "d"));
    CHECK_ERRNO (troika_dict_set (dict, NULL, "i", 1), EINVAL);
    CHECK_ERRNO (troika_dict_set (dict, "\xff", "i", 1), EINVAL);
    CHECK_ERRNO (troika_dict_set (dict, "k", "q", 1), EINVAL);
    CHECK_ERRNO (troika_dict_set (dict, "k", "s", NULL), EINVAL);
    CHECK_ERRNO (troika_dict_update (dict, "i", 1), EINVAL);
    CHECK_ERRNO (troika_dict_cas (dict, "k", NULL, NULL), EINVAL);
    assert_int_equal (troika_dict_len (dict), 0);
    troika_dict_destroy (&dict);
    troika_manager_destroy (&manager);
}

static void
dict_keeps_the_deepest_documents (stage_t *stage)
{
    char format[65];
    memset (format, '[', 32);
    memset (format + 32, ']', 32);
    format[64] = 0;
    troika_manager_t *manager = stage_manager (stage);
    troika_dict_t *dict = CHECK_OK (troika_manager_dict (manager, "d"));
    CHECK_OK (troika_dict_set (dict, "deep", format));
    assert_json (troika_dict_get (dict, "deep"), format);
    troika_msg_t *items = CHECK_OK (troika_dict_items (dict));
    troika_msg_destroy (&items);
    troika_dict_destroy (&dict);
    troika_manager_destroy (&manager);
}

enum { ADDERS = 4, ADDS = 250 };

static int
add_many (stage_t *stage, void *arg)
{
    (void)arg;
    troika_dict_t *dict = troika_dict_connect (stage_object (stage, "d"));
    if (!dict)
        return 1;
    int rc = 0;
    for (int i = 0; i < ADDS && !rc; i++)
        rc = troika_dict_add (dict, "n", 1, NULL);
    troika_dict_destroy (&dict);
    return rc ? 2 : 0;
}

static void
dict_loses_no_addition (stage_t *stage)
{
    troika_manager_t *manager = stage_manager (stage);
    troika_dict_t *dict = CHECK_OK (troika_manager_dict (manager, "d"));
    stage_peer_t *peers[ADDERS];
    stage_start_peers (stage, peers, ADDERS, add_many, NULL);
    stage_join_peers (peers, ADDERS);
    int64_t sum;
    CHECK_OK (troika_dict_add (dict, "n", 0, &sum));
    assert_int_equal (sum, ADDERS * ADDS);
    CHECK_OK (troika_dict_add (dict, "n", INT64_MAX - sum, NULL));
    CHECK_ERRNO (troika_dict_add (dict, "n", 1, &sum), ERANGE);
    troika_dict_destroy (&dict);
    troika_manager_destroy (&manager);
}

static void
dict_cas_lets_one_win (stage_t *stage)
{
    troika_manager_t *manager = stage_manager (stage);
    troika_dict_t *dict = CHECK_OK (troika_manager_dict (manager, "d"));
    troika_msg_t *nil = CHECK_OK (troika_msg_pack ("n"));
    troika_msg_t *one = CHECK_OK (troika_msg_pack ("i", 1));
    CHECK_ERRNO (troika_dict_cas (dict, "k", nil, one), ECANCELED);
    CHECK_OK (troika_dict_cas (dict, "k", NULL, nil));
    CHECK_ERRNO (troika_dict_cas (dict, "k", NULL, one), ECANCELED);
    CHECK_OK (troika_dict_cas (dict, "k", nil, one));
    assert_json (troika_dict_get (dict, "k"), "1");
    troika_msg_destroy (&nil);
    troika_msg_destroy (&one);
    troika_dict_destroy (&dict);
    troika_manager_destroy (&manager);
}

enum { ROUND }; /* events */

/* Sets, then deletes, each when told to. */
static int
change_key (stage_t *stage, void *arg)
{
    (void)arg;
    troika_dict_t *dict = troika_dict_connect (stage_object (stage, "d"));
    if (!dict)
        return 1;
    stage_await (stage, ROUND);
    int rc = troika_dict_set (dict, "k", "i", 7);
    stage_await (stage, ROUND);
    rc |= troika_dict_del (dict, "k");
    troika_dict_destroy (&dict);
    return rc ? 2 : 0;
}

static void
dict_wait_is_told_of_each_change (stage_t *stage)
{
    troika_manager_t *manager = stage_manager (stage);
    troika_dict_t *dict = CHECK_OK (troika_manager_dict (manager, "d"));
    uint64_t version = 0;
    CHECK_ERRNO (troika_dict_wait (dict, "k", &version, TROIKA_NOWAIT), EAGAIN);
    CHECK_ERRNO (troika_dict_wait (dict, "k", &version, 30), ETIMEDOUT);
    stage_check_after ("dict 'd' is still unchanged at key \"k\" after ", 30);
    CHECK_ERRNO (troika_dict_wait (dict, "k", &version, -2), EINVAL);
    assert_int_equal (version, 0);
    stage_peer_t *peer = stage_peer (stage, change_key, NULL);
    stage_signal (stage, ROUND);
    assert_json (troika_dict_wait (dict, "k", &version, TROIKA_FOREVER), "7");
    uint64_t set = version;
    stage_signal (stage, ROUND);
    CHECK_ERRNO (troika_dict_wait (dict, "k", &version, TROIKA_FOREVER),
                 ENOENT);
    assert_words ("dict 'd': key \"k\" was deleted");
    assert_true (version > set);
    assert_int_equal (stage_join (peer), 0);
    CHECK_ERRNO (troika_dict_wait (dict, "k", NULL, TROIKA_NOWAIT), EAGAIN);
    troika_dict_destroy (&dict);
    troika_manager_destroy (&manager);
}

static void
list_reads_and_writes (stage_t *stage)
{
    troika_manager_t *manager = stage_manager (stage);
    troika_list_t *list = CHECK_OK (troika_manager_list (manager, "l"));
    troika_msg_t *array = CHECK_OK (troika_msg_pack ("[i,i]", 5, 4));
    troika_msg_t *four = CHECK_OK (troika_msg_pack ("i", 4));
    CHECK_OK (troika_list_append (list, "i", 1));
    CHECK_OK (troika_list_insert (list, -9, "s", "x"));
    CHECK_OK (troika_list_extend (list, array));
    CHECK_OK (troika_list_set (list, 0, "i", 9));
    assert_json (troika_list_slice (list, 0, SSIZE_MAX), "[9,1,5,4]");
    CHECK_OK (troika_list_sort (list));
    CHECK_OK (troika_list_reverse (list));
    assert_json (troika_list_slice (list, -3, -1), "[5,4]");
    assert_int_equal (troika_list_index (list, four), 2);
    assert_int_equal (troika_list_count (list, four), 1);
    CHECK_OK (troika_list_remove (list, four));
    CHECK_ERRNO (troika_list_remove (list, four), ENOENT);
    CHECK_ERRNO (troika_list_index (list, four), ENOENT);
    CHECK_ERRNO (troika_list_extend (list, four), EINVAL);
    assert_json (troika_list_pop (list, -1), "1");
    assert_json (troika_list_get (list, 0), "9");
    CHECK_OK (troika_list_del (list, 0));
    assert_int_equal (troika_list_len (list), 1);
    CHECK_OK (troika_list_clear (list));
    CHECK_ERRNO (troika_list_pop (list, 0), ERANGE);
    assert_words ("list 'l' has 0 items, none at index 0");
    assert_json (troika_list_stat (list), "{\"len\":0}");
    troika_msg_destroy (&array);
    troika_msg_destroy (&four);
    troika_list_destroy (&list);
    troika_manager_destroy (&manager);
}

static void
value_is_one_document (stage_t *stage)
{
    troika_manager_t *manager = stage_manager (stage);
    troika_value_t *value =
        CHECK_OK (troika_manager_value (manager, "v", "i", 5));
    troika_value_t *again =
        CHECK_OK (troika_manager_value (manager, "v", "i", 5));
    CHECK_ERRNO (troika_manager_value (manager, "v", "i", 6), EEXIST);
    int64_t sum;
    CHECK_OK (troika_value_add (value, 2, &sum));
    assert_int_equal (sum, 7);
    troika_msg_t *seven = CHECK_OK (troika_value_get (again));
    troika_msg_t *text = CHECK_OK (troika_msg_pack ("s", "text"));
    CHECK_OK (troika_value_cas (value, seven, text));
    CHECK_ERRNO (troika_value_cas (value, seven, text), ECANCELED);
    assert_words ("value 'v' is \"text\"");
    CHECK_ERRNO (troika_value_add (value, 1, NULL), EINVAL);
    CHECK_OK (troika_value_set (value, "[i]", 1));
    assert_json (troika_value_get (again), "[1]");
    troika_msg_destroy (&seven);
    troika_msg_destroy (&text);
    troika_value_destroy (&value);
    troika_value_destroy (&again);
    troika_manager_destroy (&manager);
}

static void
array_of_integers (stage_t *stage)
{
    troika_manager_t *manager = stage_manager (stage);
    CHECK_ERRNO (troika_manager_array (manager, "a", 'x', 1), EINVAL);
    troika_array_t *array =
        CHECK_OK (troika_manager_array (manager, "a", 'i', 10));
    CHECK_ERRNO (troika_manager_array (manager, "a", 'i', 11), EEXIST);
    troika_array_t *other =
        CHECK_OK (troika_array_connect (stage_object (stage, "a")));
    const int64_t in[] = {1, -2, INT64_MIN};
    int64_t out[] = {0, 0, 0}, item;
    double real;
    CHECK_OK (troika_array_write (array, 7, 3, in));
    CHECK_OK (troika_array_read (other, 7, 3, out));
    assert_memory_equal (in, out, sizeof in);
    CHECK_OK (troika_array_set_int (array, 0, 4));
    CHECK_OK (troika_array_get_int (other, -10, &item));
    assert_int_equal (item, 4);
    CHECK_ERRNO (troika_array_read (array, 8, 3, out), ERANGE);
    CHECK_ERRNO (troika_array_write (array, SIZE_MAX, 1, in), ERANGE);
    CHECK_ERRNO (troika_array_set_int (array, 10, 1), ERANGE);
    CHECK_ERRNO (troika_array_get_double (array, 0, &real), EINVAL);
    CHECK_ERRNO (troika_array_set_double (other, 0, 1), EINVAL);
    assert_non_null (strstr (troika_error (), "array 'a' holds integers"));
    assert_int_equal (troika_array_len (other), 10);
    troika_array_destroy (&array);
    troika_array_destroy (&other);
    troika_manager_destroy (&manager);
}

static void
array_of_doubles_or_bytes (stage_t *stage)
{
    troika_manager_t *manager = stage_manager (stage);
    troika_array_t *array =
        CHECK_OK (troika_manager_array (manager, "d", 'd', 2));
    const double in[] = {0.1, -1e300};
    double out[] = {0, 0}, real;
    int64_t item;
    CHECK_OK (troika_array_write (array, 0, 2, in));
    CHECK_OK (troika_array_read (array, 0, 2, out));
    assert_memory_equal (in, out, sizeof in);
    CHECK_OK (troika_array_set_double (array, -1, 2.5));
    CHECK_OK (troika_array_get_double (array, 1, &real));
    assert_true (real == 2.5);
    CHECK_ERRNO (troika_array_get_int (array, 0, &item), EINVAL);
    troika_array_destroy (&array);
    array = CHECK_OK (troika_manager_array (manager, "b", 'B', 5));
    char text[6] = "";
    CHECK_OK (troika_array_write (array, 0, 5, "hello"));
    CHECK_OK (troika_array_read (array, 1, 4, text));
    assert_string_equal (text, "ello");
    CHECK_OK (troika_array_get_int (array, 0, &item));
    assert_int_equal (item, 'h');
    CHECK_ERRNO (troika_array_set_int (array, 0, 256), ERANGE);
    troika_array_destroy (&array);
    troika_manager_destroy (&manager);
}

static void
namespace_holds_attributes (stage_t *stage)
{
    troika_manager_t *manager = stage_manager (stage);
    troika_namespace_t *names =
        CHECK_OK (troika_manager_namespace (manager, "n"));
    CHECK_OK (troika_namespace_set (names, "x", "i", 1));
    CHECK_OK (troika_namespace_set (names, "y", "[s]", "z"));
    assert_json (troika_namespace_all (names), "{\"x\":1,\"y\":[\"z\"]}");
    assert_json (troika_namespace_get (names, "x"), "1");
    assert_int_equal (troika_namespace_has (names, "x"), 1);
    CHECK_OK (troika_namespace_del (names, "x"));
    assert_int_equal (troika_namespace_has (names, "x"), 0);
    CHECK_ERRNO (troika_namespace_get (names, "x"), ENOENT);
    assert_words ("namespace 'n' has no attribute \"x\"");
    troika_namespace_destroy (&names);
    troika_manager_destroy (&manager);
}

int
main (int argc, char **argv)
{
    const stage_case_t cases[] = {
        STAGE_TEST (dict_is_shared_by_name),
        STAGE_TEST (dict_reads_and_writes),
        STAGE_TEST (dict_takes_documents_as_keys),
        STAGE_TEST (dict_refuses_what_cannot_be_packed),
        STAGE_TEST (dict_keeps_the_deepest_documents),
        STAGE_TEST (dict_loses_no_addition),
        STAGE_TEST (dict_cas_lets_one_win),
        STAGE_TEST (dict_wait_is_told_of_each_change),
        STAGE_TEST (list_reads_and_writes),
        STAGE_TEST (value_is_one_document),
        STAGE_TEST (array_of_integers),
        STAGE_TEST (array_of_doubles_or_bytes),
        STAGE_TEST (namespace_holds_attributes),
    };
    return STAGE_RUN (cases, argc, argv);
}
