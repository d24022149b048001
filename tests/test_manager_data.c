/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_manager_data.c - dict, list, value, array and namespace when several
 * processes use them at once. What each function does alone is tested in
 * test_data_handles.c.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tests/managed.h"

#define PEERS 5

static void
run_peers (stage_t *stage, int count, int (*run) (stage_t *stage, void *arg))
{
    static stage_peer_t *peers[20];
    static int64_t numbers[20];
    for (int i = 0; i < count; i++) {
        numbers[i] = i;
        peers[i] = stage_peer (stage, run, &numbers[i]);
    }
    stage_join_peers (peers, count);
}

static void
check_json (troika_msg_t *answer, const char *json)
{
    char *text = troika_msg_json (answer);
    assert_string_equal (text, json);
    free (text);
    troika_msg_destroy (&answer);
}

/* --- twenty processes, one counter */

static int
count_to_fifty (stage_t *stage, void *arg)
{
    (void)arg;
    troika_value_t *value =
        CHECK_OK (troika_value_connect (stage_object (stage, "v")));
    troika_dict_t *dict =
        CHECK_OK (troika_dict_connect (stage_object (stage, "d")));
    for (int i = 0; i < 50; i++) {
        CHECK_OK (troika_value_add (value, 1, NULL));
        CHECK_OK (troika_dict_add (dict, "n", -1, NULL));
    }
    troika_value_destroy (&value);
    troika_dict_destroy (&dict);
    return 0;
}

static void
twenty_processes_count_exactly (stage_t *stage)
{
    int64_t sum;
    troika_manager_t *manager = stage_manager (stage);
    troika_value_t *value =
        CHECK_OK (troika_manager_value (manager, "v", "i", 0));
    troika_dict_t *dict = CHECK_OK (troika_manager_dict (manager, "d"));
    run_peers (stage, 20, count_to_fifty);
    CHECK_OK (troika_value_add (value, 0, &sum));
    assert_int_equal (sum, 1000);
    CHECK_OK (troika_dict_add (dict, "n", 0, &sum));
    assert_int_equal (sum, -1000);
    troika_value_destroy (&value);
    troika_dict_destroy (&dict);
    troika_manager_destroy (&manager);
}

static int
count_by_cas (stage_t *stage, void *arg)
{
    (void)arg;
    troika_value_t *value =
        CHECK_OK (troika_value_connect (stage_object (stage, "v")));
    for (int done = 0; done < 20;) {
        int64_t number;
        troika_msg_t *old = CHECK_OK (troika_value_get (value));
        CHECK_OK (troika_msg_unpack (old, "I", &number));
        troika_msg_t *next = CHECK_OK (troika_msg_pack ("I", number + 1));
        int rc = troika_value_cas (value, old, next);
        assert_true (rc == 0 || errno == ECANCELED);
        done += rc == 0;
        troika_msg_destroy (&old);
        troika_msg_destroy (&next);
    }
    troika_value_destroy (&value);
    return 0;
}

static void
compare_and_set_loses_nothing (stage_t *stage)
{
    troika_manager_t *manager = stage_manager (stage);
    troika_value_t *value =
        CHECK_OK (troika_manager_value (manager, "v", "i", 0));
    run_peers (stage, PEERS, count_by_cas);
    assert_int_equal (number_of (CHECK_OK (troika_value_get (value))),
                      PEERS * 20);
    troika_value_destroy (&value);
    troika_manager_destroy (&manager);
}

/* --- dict_wait: every value that stayed until it was seen is seen */

#define STEPS 30

static int
follow_key (stage_t *stage, void *arg)
{
    uint64_t version = 0;
    (void)arg;
    troika_dict_t *dict =
        CHECK_OK (troika_dict_connect (stage_object (stage, "d")));
    for (int64_t i = 1; i <= STEPS; i++) {
        uint64_t before = version;
        troika_msg_t *value =
            CHECK_OK (troika_dict_wait (dict, "key", &version, 10000));
        assert_int_equal (number_of (value), i);
        assert_true (version > before);
        CHECK_OK (troika_dict_add (dict, "seen", 1, NULL));
    }
    CHECK_ERRNO (troika_dict_wait (dict, "key", &version, TROIKA_NOWAIT),
                 EAGAIN);
    troika_dict_destroy (&dict);
    return 0;
}

/* The next value is set between a follower's two waits as well as in one. */
static void
no_change_falls_between_two_waits (stage_t *stage)
{
    stage_peer_t *peers[PEERS];
    troika_manager_t *manager = stage_manager (stage);
    troika_dict_t *dict = CHECK_OK (troika_manager_dict (manager, "d"));
    stage_start_peers (stage, peers, PEERS, follow_key, NULL);
    for (int64_t i = 1; i <= STEPS; i++) {
        int64_t seen = 0;
        uint64_t version = 0;
        CHECK_OK (troika_dict_set (dict, "key", "I", i));
        while (seen < i * PEERS)
            seen = number_of (
                CHECK_OK (troika_dict_wait (dict, "seen", &version, 10000)));
    }
    stage_join_peers (peers, PEERS);
    troika_dict_destroy (&dict);
    troika_manager_destroy (&manager);
}

static int
see_it_deleted (stage_t *stage, void *arg)
{
    uint64_t version = 0;
    (void)arg;
    troika_dict_t *dict =
        CHECK_OK (troika_dict_connect (stage_object (stage, "d")));
    troika_msg_t *value =
        CHECK_OK (troika_dict_wait (dict, "key", &version, 10000));
    assert_int_equal (number_of (value), 1);
    uint64_t before = version;
    stage_signal (stage, 0);
    CHECK_ERRNO (troika_dict_wait (dict, "key", &version, 10000), ENOENT);
    assert_true (version > before);
    troika_dict_destroy (&dict);
    return 0;
}

static void
a_delete_is_a_change_too (stage_t *stage)
{
    troika_manager_t *manager = stage_manager (stage);
    troika_dict_t *dict = CHECK_OK (troika_manager_dict (manager, "d"));
    CHECK_OK (troika_dict_set (dict, "key", "i", 1));
    stage_peer_t *peer = stage_peer (stage, see_it_deleted, NULL);
    stage_await (stage, 0);
    CHECK_OK (troika_dict_del (dict, "key"));
    assert_int_equal (stage_join (peer), 0);
    troika_dict_destroy (&dict);
    troika_manager_destroy (&manager);
}

/* --- one step for everybody */

static int
update_both (stage_t *stage, void *arg)
{
    const int64_t *number = arg;
    troika_dict_t *dict =
        CHECK_OK (troika_dict_connect (stage_object (stage, "d")));
    for (int i = 0; i < 30; i++)
        CHECK_OK (
            troika_dict_update (dict, "{s:I,s:I}", "a", *number, "b", *number));
    troika_dict_destroy (&dict);
    return 0;
}

static void
nobody_sees_half_an_update (stage_t *stage)
{
    stage_peer_t *peers[2];
    int64_t numbers[2] = {1, 2};
    int64_t a, b;
    troika_manager_t *manager = stage_manager (stage);
    troika_dict_t *dict = CHECK_OK (troika_manager_dict (manager, "d"));
    CHECK_OK (troika_dict_update (dict, "{s:i,s:i}", "a", 0, "b", 0));
    for (int i = 0; i < 2; i++)
        peers[i] = stage_peer (stage, update_both, &numbers[i]);
    for (int i = 0; i < 100; i++) {
        troika_msg_t *values = CHECK_OK (troika_dict_values (dict));
        CHECK_OK (troika_msg_unpack (values, "[II]", &a, &b));
        assert_int_equal (a, b);
        troika_msg_destroy (&values);
    }
    stage_join_peers (peers, 2);
    troika_dict_destroy (&dict);
    troika_manager_destroy (&manager);
}

static int
fill_and_check (stage_t *stage, void *arg)
{
    const int64_t *number = arg;
    int64_t values[100];
    troika_array_t *array =
        CHECK_OK (troika_array_connect (stage_object (stage, "a")));
    for (int round = 0; round < 20; round++) {
        for (int i = 0; i < 100; i++)
            values[i] = *number;
        CHECK_OK (troika_array_write (array, 0, 100, values));
        CHECK_OK (troika_array_read (array, 0, 100, values));
        for (int i = 1; i < 100; i++)
            assert_int_equal (values[i], values[0]);
    }
    troika_array_destroy (&array);
    return 0;
}

static void
a_range_of_an_array_is_written_at_once (stage_t *stage)
{
    troika_manager_t *manager = stage_manager (stage);
    troika_array_t *array =
        CHECK_OK (troika_manager_array (manager, "a", 'i', 100));
    run_peers (stage, PEERS, fill_and_check);
    troika_array_destroy (&array);
    troika_manager_destroy (&manager);
}

static int
move_items (stage_t *stage, void *arg)
{
    (void)arg;
    troika_list_t *from =
        CHECK_OK (troika_list_connect (stage_object (stage, "from")));
    troika_list_t *to =
        CHECK_OK (troika_list_connect (stage_object (stage, "to")));
    troika_msg_t *item;
    while ((item = troika_list_pop (from, 0))) {
        CHECK_OK (troika_list_append (to, "m", item));
        troika_msg_destroy (&item);
    }
    assert_int_equal (errno, ERANGE);
    troika_list_destroy (&from);
    troika_list_destroy (&to);
    return 0;
}

static void
no_two_processes_pop_the_same_item (stage_t *stage)
{
    troika_manager_t *manager = stage_manager (stage);
    troika_list_t *from = CHECK_OK (troika_manager_list (manager, "from"));
    troika_list_t *to = CHECK_OK (troika_manager_list (manager, "to"));
    for (int i = 0; i < 100; i++)
        CHECK_OK (troika_list_append (from, "i", i));
    run_peers (stage, PEERS, move_items);
    assert_int_equal (CHECK_OK (troika_list_len (to)), 100);
    CHECK_OK (troika_list_sort (to));
    for (int i = 0; i < 100; i++)
        assert_int_equal (number_of (CHECK_OK (troika_list_get (to, i))), i);
    troika_list_destroy (&from);
    troika_list_destroy (&to);
    troika_manager_destroy (&manager);
}

static int
set_attribute (stage_t *stage, void *arg)
{
    const int64_t *number = arg;
    char name[16];
    troika_namespace_t *space =
        CHECK_OK (troika_namespace_connect (stage_object (stage, "n")));
    snprintf (name, sizeof name, "a%d", (int)*number);
    CHECK_OK (troika_namespace_set (space, name, "I", *number));
    CHECK_OK (troika_namespace_set (space, "last", "I", (int64_t)7));
    troika_namespace_destroy (&space);
    return 0;
}

static void
a_namespace_is_filled_by_several (stage_t *stage)
{
    troika_manager_t *manager = stage_manager (stage);
    troika_namespace_t *space =
        CHECK_OK (troika_manager_namespace (manager, "n"));
    run_peers (stage, PEERS, set_attribute);
    check_json (CHECK_OK (troika_namespace_get (space, "last")), "7");
    for (int i = 0; i < PEERS; i++) {
        char name[16];
        snprintf (name, sizeof name, "a%d", i);
        assert_int_equal (
            number_of (CHECK_OK (troika_namespace_get (space, name))), i);
    }
    CHECK_ERRNO (troika_namespace_get (space, "absent"), ENOENT);
    troika_namespace_destroy (&space);
    troika_manager_destroy (&manager);
}

static const stage_case_t cases[] = {
    STAGE_TEST_WITHIN (40, STAGE_ALL, twenty_processes_count_exactly),
    STAGE_TEST (compare_and_set_loses_nothing),
    STAGE_TEST (no_change_falls_between_two_waits),
    STAGE_TEST (a_delete_is_a_change_too),
    STAGE_TEST (nobody_sees_half_an_update),
    STAGE_TEST (a_range_of_an_array_is_written_at_once),
    STAGE_TEST (no_two_processes_pop_the_same_item),
    STAGE_TEST (a_namespace_is_filled_by_several),
};

int
main (int argc, char **argv)
{
    return STAGE_RUN (cases, argc, argv);
}
