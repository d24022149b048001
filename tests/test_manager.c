/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_manager.c - a manager and the objects it holds: opened, made, listed,
 * removed, reached by several ways, and refused.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tests/managed.h"

static void
an_object_is_made_once_and_opened_by_all (stage_t *stage)
{
    int64_t sum;
    troika_manager_t *manager = stage_manager (stage);
    troika_manager_t *other = stage_manager_more (stage);
    troika_value_t *first =
        CHECK_OK (troika_manager_value (manager, "v", "i", 5));
    troika_value_t *second =
        CHECK_OK (troika_manager_value (other, "v", "i", 5));
    troika_value_t *third =
        CHECK_OK (troika_value_connect (stage_object (stage, "v")));
    CHECK_OK (troika_value_add (first, 1, &sum));
    CHECK_OK (troika_value_add (second, 1, &sum));
    CHECK_OK (troika_value_add (third, 1, &sum));
    assert_int_equal (sum, 8);
    troika_value_destroy (&first);
    troika_value_destroy (&second);
    troika_value_destroy (&third);
    troika_manager_destroy (&other);
    troika_manager_destroy (&manager);
}

static void
an_object_outlives_its_handles (stage_t *stage)
{
    int64_t sum;
    troika_manager_t *manager = stage_manager (stage);
    for (int64_t i = 1; i <= 3; i++) {
        troika_value_t *value =
            CHECK_OK (troika_manager_value (manager, "v", "i", 0));
        CHECK_OK (troika_value_add (value, 1, &sum));
        assert_int_equal (sum, i);
        troika_value_destroy (&value);
        assert_null (value);
    }
    troika_manager_destroy (&manager);
}

static void
a_name_has_one_type_and_one_set_of_parameters (stage_t *stage)
{
    static const troika_queue_options_t two = {.maxsize = 2};
    static const troika_queue_options_t three = {.maxsize = 3};
    troika_manager_t *m = stage_manager (stage);
    troika_value_t *value = CHECK_OK (troika_manager_value (m, "v", "i", 0));
    troika_queue_t *queue = CHECK_OK (troika_manager_queue (m, "q", &two));
    troika_array_t *array = CHECK_OK (troika_manager_array (m, "a", 'i', 4));
    troika_lock_t *lock = CHECK_OK (troika_manager_lock (m, "l"));
    CHECK_ERRNO (troika_manager_dict (m, "v"), EEXIST);
    CHECK_ERRNO (troika_manager_value (m, "v", "i", 1), EEXIST);
    CHECK_ERRNO (troika_manager_queue (m, "q", &three), EEXIST);
    CHECK_ERRNO (troika_manager_queue (m, "q", NULL), EEXIST);
    CHECK_ERRNO (troika_manager_array (m, "a", 'd', 4), EEXIST);
    CHECK_ERRNO (troika_manager_array (m, "a", 'i', 5), EEXIST);
    CHECK_ERRNO (troika_manager_rlock (m, "l"), EEXIST);
    CHECK_ERRNO (troika_manager_object (m, "gate", "l", NULL), EEXIST);
    CHECK_ERRNO (troika_manager_object (m, "no such type", "x", NULL), ENOENT);
    troika_value_destroy (&value);
    troika_queue_destroy (&queue);
    troika_array_destroy (&array);
    troika_lock_destroy (&lock);
    troika_manager_destroy (&m);
}

static void
connect_finds_what_is_there_and_nothing_else (stage_t *stage)
{
    troika_manager_t *manager = stage_manager (stage);
    troika_lock_t *lock = CHECK_OK (troika_manager_lock (manager, "l"));
    troika_lock_t *same =
        CHECK_OK (troika_lock_connect (stage_object (stage, "l")));
    CHECK_ERRNO (troika_lock_connect (stage_object (stage, "m")), ENOENT);
    CHECK_ERRNO (troika_dict_connect (stage_object (stage, "l")), EEXIST);
    CHECK_ERRNO (troika_queue_connect (stage_object (stage, "l")), EEXIST);
    CHECK_ERRNO (troika_object_connect (stage_object (stage, "m")), ENOENT);
    CHECK_ERRNO (troika_lock_connect (stage_endpoint (stage)), EINVAL);
    CHECK_ERRNO (troika_object_connect (stage_endpoint (stage)), EINVAL);
    CHECK_ERRNO (troika_lock_connect (NULL), EINVAL);
    CHECK_ERRNO (troika_lock_connect ("carrier pigeon"), EINVAL);
    troika_lock_destroy (&lock);
    troika_lock_destroy (&same);
    troika_manager_destroy (&manager);
}

static void
a_name_has_1_to_255_bytes (stage_t *stage)
{
    char name[257];
    troika_manager_t *manager = stage_manager (stage);
    memset (name, 'n', 256);
    name[256] = 0;
    CHECK_ERRNO (troika_manager_dict (manager, ""), EINVAL);
    CHECK_ERRNO (troika_manager_dict (manager, NULL), EINVAL);
    CHECK_ERRNO (troika_manager_dict (manager, name), EINVAL);
    name[255] = 0;
    troika_dict_t *dict = CHECK_OK (troika_manager_dict (manager, name));
    troika_dict_t *same =
        CHECK_OK (troika_dict_connect (stage_object (stage, name)));
    CHECK_OK (troika_dict_set (dict, "key", "i", 1));
    assert_int_equal (CHECK_OK (troika_dict_has (same, "key")), 1);
    troika_dict_destroy (&dict);
    troika_dict_destroy (&same);
    troika_manager_destroy (&manager);
}

static void
where_no_manager_serves_connect_gives_up (stage_t *stage)
{
    const char *nowhere = stage_address (stage);
    if (stage_variant (stage) == STAGE_HOST)
        nowhere = "tcp://127.0.0.1:1";
    CHECK_OK (troika_set_connect_timeout (150));
    int64_t since = clock_ms ();
    CHECK_ERRNO (troika_manager_connect (nowhere), EHOSTUNREACH);
    check_took (since, 0, 1500);
    assert_non_null (strstr (troika_error (), nowhere));
}

/* --- removed */

static void
a_removed_object_is_gone (stage_t *stage)
{
    troika_manager_t *manager = stage_manager (stage);
    troika_value_t *value =
        CHECK_OK (troika_manager_value (manager, "v", "i", 1));
    CHECK_OK (troika_manager_remove (manager, "v"));
    CHECK_ERRNO (troika_value_get (value), ENOENT);
    CHECK_ERRNO (troika_manager_remove (manager, "v"), ENOENT);
    CHECK_ERRNO (troika_value_connect (stage_object (stage, "v")), ENOENT);
    troika_value_t *again =
        CHECK_OK (troika_manager_value (manager, "v", "i", 2));
    int64_t sum;
    CHECK_OK (troika_value_add (value, 1, &sum)); /* the old handle, too */
    assert_int_equal (sum, 3);
    troika_value_destroy (&again);
    troika_value_destroy (&value);
    troika_manager_destroy (&manager);
}

static void
the_manager_itself_cannot_be_removed (stage_t *stage)
{
    troika_manager_t *manager = stage_manager (stage);
    errno = 0;
    assert_int_equal (troika_manager_remove (manager, ""), -1);
    assert_true (errno == EINVAL || errno == ENOENT || errno == EPERM);
    troika_msg_t *objects = CHECK_OK (troika_manager_objects (manager));
    troika_msg_destroy (&objects);
    troika_manager_destroy (&manager);
}

/* --- listed */

static void
objects_are_listed_with_their_types (stage_t *stage)
{
    troika_manager_t *manager = stage_manager (stage);
    troika_dict_t *dict = CHECK_OK (troika_manager_dict (manager, "d"));
    troika_lock_t *lock = CHECK_OK (troika_manager_lock (manager, "l"));
    troika_msg_t *objects = CHECK_OK (troika_manager_objects (manager));
    char *json = troika_msg_json (objects);
    assert_non_null (strstr (json, "\"name\":\"d\",\"type\":\"dict\""));
    assert_non_null (strstr (json, "\"name\":\"l\",\"type\":\"lock\""));
    assert_non_null (strstr (json, "\"len\":0"));
    free (json);
    troika_msg_destroy (&objects);
    troika_dict_destroy (&dict);
    troika_lock_destroy (&lock);
    troika_manager_destroy (&manager);
}

/* --- several endpoints */

static int64_t
add_by (const char *endpoint)
{
    char text[600];
    int64_t sum;
    snprintf (text, sizeof text, "%s#v", endpoint);
    troika_value_t *value = CHECK_OK (troika_value_connect (text));
    CHECK_OK (troika_value_add (value, 1, &sum));
    troika_value_destroy (&value);
    return sum;
}

static int
add_by_each (stage_t *stage, void *arg)
{
    (void)stage;
    return add_by (arg) == 3 ? 0 : 1;
}

static void
a_manager_has_several_endpoints (stage_t *stage)
{
    char path[300];
    troika_manager_t *manager =
        CHECK_OK (troika_manager_new (stage_address (stage)));
    snprintf (path, sizeof path, "ipc://%s/second", stage_directory (stage));
    CHECK_OK (troika_manager_bind (manager, path));
    CHECK_ERRNO (troika_manager_bind (manager, path), EADDRINUSE);
    CHECK_ERRNO (troika_manager_bind (manager, "nonsense"), EINVAL);
    troika_value_t *value =
        CHECK_OK (troika_manager_value (manager, "v", "i", 0));
    assert_int_equal (add_by (troika_manager_endpoint (manager)), 1);
    assert_int_equal (add_by (path), 2);
    stage_run_peer (stage, add_by_each, path);
    troika_value_destroy (&value);
    troika_manager_destroy (&manager);
}

static void
only_the_process_that_serves_may_bind_and_register (stage_t *stage)
{
    char path[300];
    troika_manager_t *manager = stage_manager (stage);
    snprintf (path, sizeof path, "ipc://%s/second", stage_directory (stage));
    CHECK_ERRNO (troika_manager_bind (manager, path), EPERM);
    CHECK_ERRNO (troika_manager_register (manager, &gate_type), EPERM);
    troika_manager_destroy (&manager);
}

static void
a_type_is_registered_once (stage_t *stage)
{
    static const troika_type_t nothing = {.name = "nothing"};
    troika_manager_t *manager =
        CHECK_OK (troika_manager_new (stage_address (stage)));
    troika_type_t queue = gate_type;
    queue.name = "queue";
    CHECK_OK (troika_manager_register (manager, &gate_type));
    CHECK_ERRNO (troika_manager_register (manager, &gate_type), EEXIST);
    CHECK_ERRNO (troika_manager_register (manager, &queue), EEXIST);
    CHECK_ERRNO (troika_manager_register (manager, &nothing), EINVAL);
    CHECK_ERRNO (troika_manager_register (manager, NULL), EINVAL);
    troika_manager_destroy (&manager);
}

static void
two_managers_cannot_serve_the_same_endpoint (stage_t *stage)
{
    troika_manager_t *manager = stage_manager (stage);
    CHECK_ERRNO (troika_manager_new (stage_endpoint (stage)), EADDRINUSE);
    troika_msg_t *objects = CHECK_OK (troika_manager_objects (manager));
    troika_msg_destroy (&objects);
    troika_manager_destroy (&manager);
}

static void
after_a_shutdown_the_endpoint_is_free_again (stage_t *stage)
{
    char endpoint[300];
    (void)stage_own_network (stage);
    troika_manager_t *manager =
        CHECK_OK (troika_manager_new (stage_address (stage)));
    snprintf (endpoint, sizeof endpoint, "%s",
              troika_manager_endpoint (manager));
    troika_dict_t *dict = CHECK_OK (troika_manager_dict (manager, "d"));
    CHECK_OK (troika_manager_shutdown (manager, 2000));
    CHECK_OK (troika_manager_shutdown (manager, 2000));
    CHECK_ERRNO (troika_dict_len (dict), EPIPE);
    CHECK_ERRNO (troika_manager_objects (manager), EPIPE);
    CHECK_ERRNO (troika_manager_dict (manager, "e"), EPIPE);
    troika_manager_t *next = CHECK_OK (troika_manager_new (endpoint));
    troika_dict_destroy (&dict);
    troika_manager_destroy (&manager);
    troika_manager_destroy (&manager);
    troika_manager_destroy (&next);
}

static const stage_case_t cases[] = {
    STAGE_TEST (an_object_is_made_once_and_opened_by_all),
    STAGE_TEST (an_object_outlives_its_handles),
    STAGE_TEST (a_name_has_one_type_and_one_set_of_parameters),
    STAGE_TEST (connect_finds_what_is_there_and_nothing_else),
    STAGE_TEST (a_name_has_1_to_255_bytes),
    STAGE_TEST (where_no_manager_serves_connect_gives_up),
    STAGE_TEST (a_removed_object_is_gone),
    STAGE_TEST (the_manager_itself_cannot_be_removed),
    STAGE_TEST (objects_are_listed_with_their_types),
    STAGE_TEST (a_manager_has_several_endpoints),
    STAGE_TEST_ON (STAGE_REMOTE,
                   only_the_process_that_serves_may_bind_and_register),
    STAGE_TEST (a_type_is_registered_once),
    STAGE_TEST (two_managers_cannot_serve_the_same_endpoint),
    STAGE_TEST (after_a_shutdown_the_endpoint_is_free_again),
};

int
main (int argc, char **argv)
{
    return STAGE_RUN (cases, argc, argv);
}
