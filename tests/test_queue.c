/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_queue.c - put and get: what goes in comes out, in order, in time.
 *
 * Read from the top it shows how a queue is used; its other sides stand in
 * test_queue_*.c.
 */
#include <limits.h>
#include <pthread.h>
#include <string.h>
#include "tests/queue_items.h"

static void
what_is_put_is_got (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, NULL);
    CHECK_OK (troika_queue_put (queue, TROIKA_FOREVER, "{s:i,s:s}", "id", 7,
                                "name", "seven"));
    troika_msg_t *item = CHECK_OK (troika_queue_get (queue, TROIKA_FOREVER));
    int id;
    const char *name;
    CHECK_OK (troika_msg_unpack (item, "{s:i,s:s}", "id", &id, "name", &name));
    assert_int_equal (id, 7);
    assert_string_equal (name, "seven");
    troika_msg_destroy (&item);
    troika_queue_destroy (&queue);
}

static void
items_come_out_in_order (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, NULL);
    put_numbers (queue, 1000, 0);
    get_numbers (queue, 1000, 0);
    CHECK_DRAINED (queue);
    troika_queue_destroy (&queue);
}

static void
puts_and_gets_may_alternate (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, NULL);
    for (int i = 0; i < 200; i++) {
        PUT (queue, 2 * i);
        PUT (queue, 2 * i + 1);
        CHECK_NEXT (queue, i);
    }
    assert_int_equal (CHECK_OK (troika_queue_qsize (queue)), 200);
    troika_queue_destroy (&queue);
}

static void
a_message_that_was_put_stays_the_callers (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, NULL);
    troika_msg_t *item = CHECK_OK (troika_msg_pack ("[s,i]", "again", 3));
    CHECK_OK (troika_queue_put_msg (queue, TROIKA_FOREVER, item));
    CHECK_OK (troika_queue_put_msg (queue, TROIKA_FOREVER, item));
    for (int i = 0; i < 2; i++) {
        troika_msg_t *got = CHECK_OK (troika_queue_get (queue, 5000));
        assert_true (troika_msg_eq (got, item));
        troika_msg_destroy (&got);
    }
    troika_msg_destroy (&item);
    troika_queue_destroy (&queue);
}

static void
a_put_keeps_what_the_item_was_then (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, NULL);
    char text[] = "before";
    CHECK_OK (troika_queue_put (queue, TROIKA_FOREVER, "s", text));
    strcpy (text, "after!");
    troika_msg_t *item = CHECK_OK (troika_queue_get (queue, TROIKA_FOREVER));
    const char *got;
    CHECK_OK (troika_msg_unpack (item, "s", &got));
    assert_string_equal (got, "before");
    troika_msg_destroy (&item);
    troika_queue_destroy (&queue);
}

static void
an_item_outlives_its_queue (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, NULL);
    PUT (queue, 12345);
    troika_msg_t *item = CHECK_OK (troika_queue_get (queue, TROIKA_FOREVER));
    troika_queue_destroy (&queue);
    stage_stop_server (stage);
    assert_int_equal (number_of (item), 12345);
}

/* One handle puts, another sees it without waiting: after a flush. */
static void
after_a_flush_everybody_sees_the_item (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, NULL);
    troika_queue_t *other = stage_connect (stage);
    for (int i = 0; i < 300; i++) {
        PUT (queue, i);
        CHECK_OK (troika_queue_flush (queue, TROIKA_FOREVER));
        assert_int_equal (
            number_of (CHECK_OK (troika_queue_get (other, TROIKA_NOWAIT))), i);
    }
    troika_queue_destroy (&other);
    troika_queue_destroy (&queue);
}

static void
a_thread_sees_its_own_puts_at_once (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, NULL);
    for (int i = 0; i < 300; i++) {
        assert_int_equal (CHECK_OK (troika_queue_qsize (queue)), i);
        assert_int_equal (CHECK_OK (troika_queue_empty (queue)), i == 0);
        PUT (queue, i);
    }
    for (int i = 0; i < 300; i++)
        assert_int_equal (
            number_of (CHECK_OK (troika_queue_get (queue, TROIKA_NOWAIT))), i);
    troika_queue_destroy (&queue);
}

static int
flush_puts_of_another_thread (stage_t *stage, void *queue)
{
    (void)stage;
    put_numbers (queue, 100, 0);
    return 0;
}

typedef struct {
    stage_t *stage;
    troika_queue_t *queue;
} place_t;

static void *
put_in_thread (void *arg)
{
    place_t *place = arg;
    flush_puts_of_another_thread (place->stage, place->queue);
    stage_signal (place->stage, 0);
    stage_await (place->stage, 1); /* this thread's lane stays */
    return NULL;
}

static void
flush_covers_the_puts_of_all_threads (stage_t *stage)
{
    pthread_t thread;
    troika_queue_t *queue = stage_queue (stage, NULL);
    place_t place = {stage, queue};
    assert_int_equal (pthread_create (&thread, NULL, put_in_thread, &place), 0);
    stage_await (stage, 0);
    CHECK_OK (troika_queue_flush (queue, TROIKA_FOREVER));
    assert_int_equal (figure (queue, "puts"), 100);
    stage_signal (stage, 1);
    pthread_join (thread, NULL);
    troika_queue_destroy (&queue);
}

static int
put_one (stage_t *stage, void *arg)
{
    (void)arg;
    troika_queue_t *queue = stage_connect (stage);
    WAIT_UNTIL (figure (queue, "waiting_gets") == 1);
    PUT (queue, 99);
    end_handle (queue);
    return 0;
}

static void
a_get_waits_for_the_put_of_another (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, NULL);
    stage_peer_t *peer = stage_peer (stage, put_one, NULL);
    CHECK_NEXT (queue, 99);
    assert_int_equal (stage_join (peer), 0);
    troika_queue_destroy (&queue);
}

static void
a_get_of_an_empty_queue_says_so_at_once (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, NULL);
    CHECK_ERRNO (troika_queue_get (queue, TROIKA_NOWAIT), EAGAIN);
    PUT (queue, 1);
    CHECK_NEXT (queue, 1);
    CHECK_ERRNO (troika_queue_get (queue, TROIKA_NOWAIT), EAGAIN);
    troika_queue_destroy (&queue);
}

static void
a_get_times_out_and_not_early (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, NULL);
    int64_t since = clock_ms ();
    CHECK_ERRNO (troika_queue_get (queue, 60), ETIMEDOUT);
    check_took (since, 60, 1000);
    assert_non_null (strstr (troika_error (), "queue"));
    PUT (queue, 5);
    CHECK_NEXT (queue, 5); /* the wait that ended took nothing */
    troika_queue_destroy (&queue);
}

static void
a_timeout_says_which_queue_where_and_after_how_long (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, NULL);
    const char *endpoint = troika_queue_endpoint (queue);
    CHECK_ERRNO (troika_queue_get (queue, 30), ETIMEDOUT);
    assert_non_null (strstr (troika_error (), "'queue'"));
    assert_non_null (strstr (troika_error (), endpoint));
    stage_check_after ("after ", 30);
    CHECK_DRAINED (queue);
    assert_non_null (strstr (troika_error (), endpoint));
    troika_queue_destroy (&queue);
}

static void
a_get_that_timed_out_waits_no_more (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, NULL);
    CHECK_ERRNO (troika_queue_get (queue, 1), ETIMEDOUT);
    assert_int_equal (figure (queue, "waiting_gets"), 0);
    PUT (queue, 5);
    assert_int_equal (figure (queue, "size"), 1);
    assert_int_equal (figure (queue, "gets"), 0);
    troika_queue_destroy (&queue);
}

static void
timeouts_below_minus_one_are_refused (stage_t *stage)
{
    troika_msg_t *item = CHECK_OK (troika_msg_pack ("i", 1));
    troika_msg_t *got[1];
    troika_queue_t *queue = stage_queue (stage, NULL);
    PUT (queue, 1);
    CHECK_ERRNO (troika_queue_get (queue, -2), EINVAL);
    CHECK_ERRNO (troika_queue_put (queue, -2, "i", 1), EINVAL);
    CHECK_ERRNO (troika_queue_put_msg (queue, INT_MIN, item), EINVAL);
    CHECK_ERRNO (troika_queue_put_many (queue, -2, &item, 1), EINVAL);
    CHECK_ERRNO (troika_queue_get_many (queue, -2, got, 1), EINVAL);
    CHECK_ERRNO (troika_queue_join (queue, -2), EINVAL);
    CHECK_ERRNO (troika_queue_flush (queue, -2), EINVAL);
    assert_int_equal (CHECK_OK (troika_queue_qsize (queue)), 1);
    troika_msg_destroy (&item);
    troika_queue_destroy (&queue);
}

static void
stat_tells_the_figures_of_a_queue (stage_t *stage)
{
    static const troika_queue_options_t options = {.maxsize = 5};
    const char *name;
    int64_t size, maxsize, unfinished, puts, gets;
    int shutdown;
    troika_queue_t *queue = stage_queue (stage, &options);
    PUT (queue, 1);
    PUT (queue, 2);
    CHECK_NEXT (queue, 1);
    troika_msg_t *stat = CHECK_OK (troika_queue_stat (queue));
    CHECK_OK (troika_msg_unpack (stat, "{s:s,s:I,s:I,s:I,s:I,s:I,s:b}", "name",
                                 &name, "size", &size, "maxsize", &maxsize,
                                 "unfinished", &unfinished, "puts", &puts,
                                 "gets", &gets, "shutdown", &shutdown));
    assert_string_equal (name, "queue");
    assert_int_equal (size, 1);
    assert_int_equal (maxsize, 5);
    assert_int_equal (unfinished, 2);
    assert_int_equal (puts, 2);
    assert_int_equal (gets, 1);
    assert_int_equal (shutdown, 0);
    troika_msg_destroy (&stat);
    troika_queue_destroy (&queue);
}

static void
flush_of_nothing_returns (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, NULL);
    CHECK_OK (troika_queue_flush (queue, TROIKA_NOWAIT));
    PUT (queue, 1);
    CHECK_OK (troika_queue_flush (queue, TROIKA_FOREVER));
    CHECK_OK (troika_queue_flush (queue, TROIKA_FOREVER));
    troika_queue_destroy (&queue);
}

static const stage_case_t cases[] = {
    STAGE_TEST (what_is_put_is_got),
    STAGE_TEST (items_come_out_in_order),
    STAGE_TEST (puts_and_gets_may_alternate),
    STAGE_TEST (a_message_that_was_put_stays_the_callers),
    STAGE_TEST (a_put_keeps_what_the_item_was_then),
    STAGE_TEST (an_item_outlives_its_queue),
    STAGE_TEST (after_a_flush_everybody_sees_the_item),
    STAGE_TEST (a_thread_sees_its_own_puts_at_once),
    STAGE_TEST (flush_covers_the_puts_of_all_threads),
    STAGE_TEST (a_get_waits_for_the_put_of_another),
    STAGE_TEST (a_get_of_an_empty_queue_says_so_at_once),
    STAGE_TEST (a_get_times_out_and_not_early),
    STAGE_TEST (a_timeout_says_which_queue_where_and_after_how_long),
    STAGE_TEST (a_get_that_timed_out_waits_no_more),
    STAGE_TEST (timeouts_below_minus_one_are_refused),
    STAGE_TEST (stat_tells_the_figures_of_a_queue),
    STAGE_TEST (flush_of_nothing_returns),
};

int
main (int argc, char **argv)
{
    return STAGE_RUN (cases, argc, argv);
}
