/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_null_object.c - NULL, as a failed connect gives it, is no object to
 * call: EINVAL, whatever the function.
 */
#include <stdint.h>
#include <string.h>
#include <troika.h>
#include "tests/stage.h"

static void
no_queue (stage_t *stage)
{
    troika_msg_t *msg = CHECK_OK (troika_msg_pack ("i", 1));
    troika_msg_t *msgs[] = {msg, msg};
    (void)stage;
    CHECK_ERRNO (troika_queue_put (NULL, 0, "i", 1), EINVAL);
    CHECK_ERRNO (troika_queue_put_msg (NULL, 0, msg), EINVAL);
    CHECK_ERRNO (troika_queue_put_priority (NULL, 0, 1, msg), EINVAL);
    CHECK_ERRNO (troika_queue_put_many (NULL, 0, msgs, 2), EINVAL);
    CHECK_ERRNO (troika_queue_get (NULL, 0), EINVAL);
    CHECK_ERRNO (troika_queue_get_many (NULL, 0, msgs, 2), EINVAL);
    CHECK_ERRNO (troika_queue_task_done (NULL), EINVAL);
    CHECK_ERRNO (troika_queue_join (NULL, 0), EINVAL);
    CHECK_ERRNO (troika_queue_ack (NULL, msg), EINVAL);
    CHECK_ERRNO (troika_queue_nack (NULL, msg, 1), EINVAL);
    CHECK_ERRNO (troika_queue_stat (NULL), EINVAL);
    CHECK_ERRNO (troika_queue_qsize (NULL), EINVAL);
    CHECK_ERRNO (troika_queue_empty (NULL), EINVAL);
    CHECK_ERRNO (troika_queue_full (NULL), EINVAL);
    CHECK_ERRNO (troika_queue_flush (NULL, 0), EINVAL);
    CHECK_ERRNO (troika_queue_shutdown (NULL, 0), EINVAL);
    CHECK_ERRNO (troika_queue_bind (NULL, "ipc://@x"), EINVAL);
    CHECK_ERRNO (troika_queue_endpoint (NULL), EINVAL);
    CHECK_ERRNO (troika_queue_peek (NULL, 1), EINVAL);
    assert_string_equal (troika_error (), "NULL is no object");
    troika_msg_destroy (&msg);
}

static void
no_manager (stage_t *stage)
{
    (void)stage;
    CHECK_ERRNO (troika_manager_bind (NULL, "ipc://@x"), EINVAL);
    CHECK_ERRNO (troika_manager_endpoint (NULL), EINVAL);
    CHECK_ERRNO (troika_manager_register (NULL, NULL), EINVAL);
    CHECK_ERRNO (troika_manager_objects (NULL), EINVAL);
    CHECK_ERRNO (troika_manager_shutdown (NULL, 0), EINVAL);
    CHECK_ERRNO (troika_manager_remove (NULL, "x"), EINVAL);
    CHECK_ERRNO (troika_manager_queue (NULL, "x", NULL), EINVAL);
    CHECK_ERRNO (troika_manager_dict (NULL, "x"), EINVAL);
    CHECK_ERRNO (troika_manager_list (NULL, "x"), EINVAL);
    CHECK_ERRNO (troika_manager_value (NULL, "x", "i", 1), EINVAL);
    CHECK_ERRNO (troika_manager_array (NULL, "x", 'i', 3), EINVAL);
    CHECK_ERRNO (troika_manager_namespace (NULL, "x"), EINVAL);
    CHECK_ERRNO (troika_manager_lock (NULL, "x"), EINVAL);
    CHECK_ERRNO (troika_manager_rlock (NULL, "x"), EINVAL);
    CHECK_ERRNO (troika_manager_semaphore (NULL, "x", 1, true), EINVAL);
    CHECK_ERRNO (troika_manager_condition (NULL, "x"), EINVAL);
    CHECK_ERRNO (troika_manager_event (NULL, "x"), EINVAL);
    CHECK_ERRNO (troika_manager_barrier (NULL, "x", 1), EINVAL);
    CHECK_ERRNO (troika_manager_object (NULL, "t", "x", NULL), EINVAL);
}

static void
no_container (stage_t *stage)
{
    troika_msg_t *msg = CHECK_OK (troika_msg_pack ("i", 1));
    int64_t number, values[1] = {0};
    double real;
    uint64_t version = 0;
    (void)stage;
    CHECK_ERRNO (troika_dict_set (NULL, "a", "i", 1), EINVAL);
    CHECK_ERRNO (troika_dict_set_msg (NULL, msg, msg), EINVAL);
    CHECK_ERRNO (troika_dict_get (NULL, "a"), EINVAL);
    CHECK_ERRNO (troika_dict_get_msg (NULL, msg), EINVAL);
    CHECK_ERRNO (troika_dict_pop (NULL, "a"), EINVAL);
    CHECK_ERRNO (troika_dict_setdefault (NULL, "a", "i", 1), EINVAL);
    CHECK_ERRNO (troika_dict_del (NULL, "a"), EINVAL);
    CHECK_ERRNO (troika_dict_has (NULL, "a"), EINVAL);
    CHECK_ERRNO (troika_dict_len (NULL), EINVAL);
    CHECK_ERRNO (troika_dict_update (NULL, "{}"), EINVAL);
    CHECK_ERRNO (troika_dict_clear (NULL), EINVAL);
    CHECK_ERRNO (troika_dict_keys (NULL), EINVAL);
    CHECK_ERRNO (troika_dict_values (NULL), EINVAL);
    CHECK_ERRNO (troika_dict_items (NULL), EINVAL);
    CHECK_ERRNO (troika_dict_add (NULL, "a", 1, &number), EINVAL);
    CHECK_ERRNO (troika_dict_cas (NULL, "a", msg, msg), EINVAL);
    CHECK_ERRNO (troika_dict_wait (NULL, "a", &version, 0), EINVAL);
    CHECK_ERRNO (troika_list_append (NULL, "i", 1), EINVAL);
    CHECK_ERRNO (troika_list_insert (NULL, 0, "i", 1), EINVAL);
    CHECK_ERRNO (troika_list_set (NULL, 0, "i", 1), EINVAL);
    CHECK_ERRNO (troika_list_extend (NULL, msg), EINVAL);
    CHECK_ERRNO (troika_list_get (NULL, 0), EINVAL);
    CHECK_ERRNO (troika_list_pop (NULL, 0), EINVAL);
    CHECK_ERRNO (troika_list_slice (NULL, 0, 1), EINVAL);
    CHECK_ERRNO (troika_list_del (NULL, 0), EINVAL);
    CHECK_ERRNO (troika_list_clear (NULL), EINVAL);
    CHECK_ERRNO (troika_list_reverse (NULL), EINVAL);
    CHECK_ERRNO (troika_list_sort (NULL), EINVAL);
    CHECK_ERRNO (troika_list_len (NULL), EINVAL);
    CHECK_ERRNO (troika_list_index (NULL, msg), EINVAL);
    CHECK_ERRNO (troika_list_count (NULL, msg), EINVAL);
    CHECK_ERRNO (troika_list_remove (NULL, msg), EINVAL);
    CHECK_ERRNO (troika_namespace_set (NULL, "a", "i", 1), EINVAL);
    CHECK_ERRNO (troika_namespace_del (NULL, "a"), EINVAL);
    CHECK_ERRNO (troika_namespace_has (NULL, "a"), EINVAL);
    CHECK_ERRNO (troika_namespace_get (NULL, "a"), EINVAL);
    CHECK_ERRNO (troika_namespace_all (NULL), EINVAL);
    CHECK_ERRNO (troika_value_get (NULL), EINVAL);
    CHECK_ERRNO (troika_value_set (NULL, "i", 1), EINVAL);
    CHECK_ERRNO (troika_value_add (NULL, 1, &number), EINVAL);
    CHECK_ERRNO (troika_value_cas (NULL, msg, msg), EINVAL);
    CHECK_ERRNO (troika_array_get_int (NULL, 0, &number), EINVAL);
    CHECK_ERRNO (troika_array_set_int (NULL, 0, 1), EINVAL);
    CHECK_ERRNO (troika_array_get_double (NULL, 0, &real), EINVAL);
    CHECK_ERRNO (troika_array_set_double (NULL, 0, 1), EINVAL);
    CHECK_ERRNO (troika_array_read (NULL, 0, 1, values), EINVAL);
    CHECK_ERRNO (troika_array_write (NULL, 0, 1, values), EINVAL);
    CHECK_ERRNO (troika_array_len (NULL), EINVAL);
    CHECK_ERRNO (troika_listener_accept (NULL, 0), EINVAL);
    CHECK_ERRNO (troika_listener_endpoint (NULL), EINVAL);
    troika_msg_destroy (&msg);
}

static void
nothing_to_wait_for (stage_t *stage)
{
    (void)stage;
    CHECK_ERRNO (troika_lock_acquire (NULL, 0), EINVAL);
    CHECK_ERRNO (troika_lock_release (NULL), EINVAL);
    errno = 0;
    assert_int_equal (troika_lock_token (NULL), 0);
    assert_int_equal (errno, EINVAL);
    CHECK_ERRNO (troika_semaphore_acquire (NULL, 0), EINVAL);
    CHECK_ERRNO (troika_semaphore_release (NULL), EINVAL);
    CHECK_ERRNO (troika_semaphore_value (NULL), EINVAL);
    CHECK_ERRNO (troika_event_set (NULL), EINVAL);
    CHECK_ERRNO (troika_event_clear (NULL), EINVAL);
    CHECK_ERRNO (troika_event_is_set (NULL), EINVAL);
    CHECK_ERRNO (troika_event_wait (NULL, 0), EINVAL);
    CHECK_ERRNO (troika_condition_acquire (NULL, 0), EINVAL);
    CHECK_ERRNO (troika_condition_release (NULL), EINVAL);
    CHECK_ERRNO (troika_condition_wait (NULL, 0), EINVAL);
    CHECK_ERRNO (troika_condition_notify (NULL, 1), EINVAL);
    CHECK_ERRNO (troika_condition_notify_all (NULL), EINVAL);
    CHECK_ERRNO (troika_barrier_wait (NULL, 0), EINVAL);
    CHECK_ERRNO (troika_barrier_abort (NULL), EINVAL);
    CHECK_ERRNO (troika_barrier_reset (NULL), EINVAL);
    CHECK_ERRNO (troika_barrier_parties (NULL), EINVAL);
    CHECK_ERRNO (troika_barrier_waiting (NULL), EINVAL);
    CHECK_ERRNO (troika_barrier_broken (NULL), EINVAL);
    CHECK_ERRNO (troika_object_call (NULL, 0, "m", NULL), EINVAL);
    CHECK_ERRNO (troika_object_cast (NULL, "m", NULL), EINVAL);
}

static void
an_array_neither_fills_nor_takes_null (stage_t *stage)
{
    (void)stage;
    troika_manager_t *manager = CHECK_OK (troika_manager_new (NULL));
    troika_array_t *array =
        CHECK_OK (troika_manager_array (manager, "a", 'i', 3));
    CHECK_ERRNO (troika_array_read (array, 0, 1, NULL), EINVAL);
    CHECK_ERRNO (troika_array_write (array, 0, 1, NULL), EINVAL);
    CHECK_OK (troika_array_read (array, 0, 0, NULL));
    troika_array_destroy (&array);
    troika_manager_destroy (&manager);
}

static const stage_case_t cases[] = {
    STAGE_TEST_ON (STAGE_THREAD, no_queue),
    STAGE_TEST_ON (STAGE_THREAD, no_manager),
    STAGE_TEST_ON (STAGE_THREAD, no_container),
    STAGE_TEST_ON (STAGE_THREAD, nothing_to_wait_for),
    STAGE_TEST_ON (STAGE_THREAD, an_array_neither_fills_nor_takes_null),
};

int
main (int argc, char **argv)
{
    return STAGE_RUN (cases, argc, argv);
}
