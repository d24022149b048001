/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_queue_shutdown.c - closing a queue for puts: what is in it still comes
 * out, or is dropped; whoever waits is told; no accepted item is lost.
 */
#include "tests/queue_items.h"

static const troika_queue_options_t one = {.maxsize = 1};

static void
after_a_shutdown_nothing_goes_in (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, NULL);
    troika_msg_t *item = CHECK_OK (troika_msg_pack ("i", 1));
    CHECK_OK (troika_queue_shutdown (queue, false));
    CHECK_ERRNO (troika_queue_put (queue, TROIKA_FOREVER, "i", 1), EPIPE);
    assert_non_null (strstr (troika_error (), troika_queue_endpoint (queue)));
    CHECK_ERRNO (troika_queue_put (queue, TROIKA_NOWAIT, "i", 1), EPIPE);
    CHECK_ERRNO (troika_queue_put_msg (queue, 10, item), EPIPE);
    CHECK_ERRNO (troika_queue_put_many (queue, 10, &item, 1), EPIPE);
    troika_msg_destroy (&item);
    troika_queue_destroy (&queue);
}

static void
gets_go_on_until_it_is_drained (stage_t *stage)
{
    troika_msg_t *got[4];
    troika_queue_t *queue = stage_queue (stage, NULL);
    put_numbers (queue, 4, 0);
    CHECK_OK (troika_queue_shutdown (queue, false));
    get_numbers (queue, 4, 0);
    CHECK_ERRNO (troika_queue_get (queue, TROIKA_FOREVER), EPIPE);
    CHECK_ERRNO (troika_queue_get (queue, TROIKA_NOWAIT), EPIPE);
    CHECK_ERRNO (troika_queue_get_many (queue, 10, got, 4), EPIPE);
    troika_queue_destroy (&queue);
}

static void
the_other_calls_go_on_after_a_shutdown (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, NULL);
    PUT (queue, 1);
    CHECK_OK (troika_queue_shutdown (queue, false));
    assert_int_equal (CHECK_OK (troika_queue_qsize (queue)), 1);
    CHECK_NEXT (queue, 1);
    CHECK_ERRNO (troika_queue_join (queue, TROIKA_NOWAIT), EAGAIN);
    CHECK_OK (troika_queue_task_done (queue));
    CHECK_OK (troika_queue_join (queue, TROIKA_FOREVER));
    assert_int_equal (CHECK_OK (troika_queue_empty (queue)), 1);
    CHECK_OK (troika_queue_flush (queue, TROIKA_FOREVER));
    troika_msg_t *stat = CHECK_OK (troika_queue_stat (queue));
    int shutdown = 0;
    CHECK_OK (troika_msg_unpack (stat, "{s:b}", "shutdown", &shutdown));
    assert_int_equal (shutdown, 1);
    troika_msg_destroy (&stat);
    troika_queue_destroy (&queue);
}

static void
an_immediate_shutdown_drops_the_items (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, NULL);
    put_numbers (queue, 10, 0);
    CHECK_OK (troika_queue_shutdown (queue, true));
    assert_int_equal (CHECK_OK (troika_queue_qsize (queue)), 0);
    CHECK_ERRNO (troika_queue_get (queue, TROIKA_FOREVER), EPIPE);
    CHECK_ERRNO (troika_queue_put (queue, TROIKA_FOREVER, "i", 1), EPIPE);
    CHECK_OK (troika_queue_join (queue, TROIKA_NOWAIT));
    CHECK_ERRNO (troika_queue_task_done (queue), EINVAL);
    troika_queue_destroy (&queue);
}

static void
what_was_taken_before_still_has_to_be_done (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, NULL);
    PUT (queue, 1);
    PUT (queue, 2);
    CHECK_NEXT (queue, 1);
    CHECK_OK (troika_queue_shutdown (queue, true));
    CHECK_ERRNO (troika_queue_join (queue, TROIKA_NOWAIT), EAGAIN);
    CHECK_OK (troika_queue_task_done (queue));
    CHECK_OK (troika_queue_join (queue, TROIKA_NOWAIT));
    troika_queue_destroy (&queue);
}

static void
a_shutdown_may_be_repeated_in_either_mode (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, NULL);
    PUT (queue, 1);
    CHECK_OK (troika_queue_shutdown (queue, false));
    CHECK_OK (troika_queue_shutdown (queue, false));
    assert_int_equal (CHECK_OK (troika_queue_qsize (queue)), 1);
    CHECK_OK (troika_queue_shutdown (queue, true));
    assert_int_equal (CHECK_OK (troika_queue_qsize (queue)), 0);
    CHECK_OK (troika_queue_shutdown (queue, false));
    CHECK_OK (troika_queue_shutdown (queue, true));
    CHECK_ERRNO (troika_queue_get (queue, TROIKA_FOREVER), EPIPE);
    troika_queue_destroy (&queue);
}

static int
shut_down_there (stage_t *stage, void *arg)
{
    (void)arg;
    troika_queue_t *queue = stage_connect (stage);
    CHECK_OK (troika_queue_shutdown (queue, false));
    end_handle (queue);
    return 0;
}

/* As soon as it has returned there, a put here is refused. */
static void
a_shutdown_by_another_counts_here (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, NULL);
    PUT (queue, 1);
    stage_run_peer (stage, shut_down_there, NULL);
    CHECK_ERRNO (troika_queue_put (queue, TROIKA_FOREVER, "i", 2), EPIPE);
    CHECK_NEXT (queue, 1);
    CHECK_ERRNO (troika_queue_get (queue, TROIKA_FOREVER), EPIPE);
    troika_queue_destroy (&queue);
}

static void
who_connects_after_a_shutdown_finds_it_so (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, NULL);
    PUT (queue, 1);
    CHECK_OK (troika_queue_shutdown (queue, false));
    troika_queue_t *other = stage_connect (stage);
    CHECK_ERRNO (troika_queue_put (other, TROIKA_FOREVER, "i", 2), EPIPE);
    CHECK_NEXT (other, 1);
    CHECK_ERRNO (troika_queue_get (other, TROIKA_FOREVER), EPIPE);
    troika_queue_destroy (&other);
    troika_queue_destroy (&queue);
}

#define WAITERS 3

static int
wait_in_get (stage_t *stage, void *arg)
{
    (void)arg;
    troika_queue_t *queue = stage_connect (stage);
    CHECK_ERRNO (troika_queue_get (queue, TROIKA_FOREVER), EPIPE);
    end_handle (queue);
    return 0;
}

static void
waiting_gets_are_told (stage_t *stage)
{
    stage_peer_t *peers[WAITERS];
    troika_queue_t *queue = stage_queue (stage, NULL);
    stage_start_peers (stage, peers, WAITERS, wait_in_get, NULL);
    WAIT_UNTIL (figure (queue, "waiting_gets") == WAITERS);
    CHECK_OK (troika_queue_shutdown (queue, false));
    stage_join_peers (peers, WAITERS);
    troika_queue_destroy (&queue);
}

static int
wait_in_put (stage_t *stage, void *arg)
{
    (void)arg;
    troika_queue_t *queue = stage_connect (stage);
    CHECK_ERRNO (troika_queue_put (queue, TROIKA_FOREVER, "i", 9), EPIPE);
    end_handle (queue);
    return 0;
}

static void
waiting_puts_are_told_and_put_nothing (stage_t *stage)
{
    stage_peer_t *peers[WAITERS];
    troika_queue_t *queue = stage_queue (stage, &one);
    PUT (queue, 1);
    stage_start_peers (stage, peers, WAITERS, wait_in_put, NULL);
    WAIT_UNTIL (figure (queue, "waiting_puts") == WAITERS);
    CHECK_OK (troika_queue_shutdown (queue, false));
    stage_join_peers (peers, WAITERS);
    CHECK_NEXT (queue, 1);
    CHECK_ERRNO (troika_queue_get (queue, TROIKA_FOREVER), EPIPE);
    troika_queue_destroy (&queue);
}

static int
wait_in_put_many (stage_t *stage, void *arg)
{
    troika_msg_t *items[5];
    (void)arg;
    troika_queue_t *queue = stage_connect (stage);
    make_numbers (items, 5, 0);
    ssize_t n =
        CHECK_OK (troika_queue_put_many (queue, TROIKA_FOREVER, items, 5));
    drop_numbers (items, 5);
    end_handle (queue);
    return (int)n;
}

static void
a_waiting_put_many_tells_how_many_went_in (stage_t *stage)
{
    static const troika_queue_options_t two = {.maxsize = 2};
    troika_queue_t *queue = stage_queue (stage, &two);
    stage_peer_t *peer = stage_peer (stage, wait_in_put_many, NULL);
    WAIT_UNTIL (figure (queue, "waiting_puts") == 1);
    CHECK_OK (troika_queue_shutdown (queue, false));
    assert_int_equal (stage_join (peer), 2);
    CHECK_NEXT (queue, 0);
    CHECK_NEXT (queue, 1);
    CHECK_ERRNO (troika_queue_get (queue, TROIKA_FOREVER), EPIPE);
    troika_queue_destroy (&queue);
}

static int
wait_in_join (stage_t *stage, void *arg)
{
    (void)arg;
    troika_queue_t *queue = stage_connect (stage);
    stage_signal (stage, 0);
    CHECK_OK (troika_queue_join (queue, TROIKA_FOREVER));
    end_handle (queue);
    return 0;
}

static void
an_immediate_shutdown_ends_a_join (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, NULL);
    PUT (queue, 1);
    CHECK_OK (troika_queue_flush (queue, TROIKA_FOREVER));
    stage_peer_t *peer = stage_peer (stage, wait_in_join, NULL);
    stage_await (stage, 0);
    CHECK_OK (troika_queue_shutdown (queue, true));
    assert_int_equal (stage_join (peer), 0);
    troika_queue_destroy (&queue);
}

/* Puts until it is refused, and tells how many went in. */
static int
put_until_refused (stage_t *stage, void *arg)
{
    int64_t accepted = 0;
    (void)arg;
    troika_queue_t *queue = stage_connect (stage);
    while (!troika_queue_put (queue, TROIKA_FOREVER, "I", accepted)) {
        if (++accepted == 500)
            stage_signal (stage, 0);
    }
    assert_int_equal (errno, EPIPE);
    stage_tell (stage, 1, accepted);
    end_handle (queue);
    return 0;
}

static int64_t
drain (troika_queue_t *queue)
{
    troika_msg_t *items[256];
    int64_t got = 0;
    ssize_t n;
    while ((n = troika_queue_get_many (queue, TROIKA_FOREVER, items, 256)) >
           0) {
        got += n;
        drop_numbers (items, (size_t)n);
    }
    assert_int_equal (errno, EPIPE);
    return got;
}

#define PRODUCERS 3

static void
shut_down_amid_puts (stage_t *stage, troika_queue_t *queue,
                     stage_peer_t **peers)
{
    stage_start_peers (stage, peers, PRODUCERS, put_until_refused, NULL);
    for (int i = 0; i < PRODUCERS; i++)
        stage_await (stage, 0);
    CHECK_OK (troika_queue_shutdown (queue, false));
}

static int64_t
hear_accepted (stage_t *stage)
{
    int64_t accepted = 0;
    for (int i = 0; i < PRODUCERS; i++)
        accepted += stage_hear (stage, 1);
    return accepted;
}

static void
no_put_that_was_accepted_is_lost (stage_t *stage)
{
    stage_peer_t *peers[PRODUCERS];
    troika_queue_t *queue = stage_queue (stage, NULL);
    shut_down_amid_puts (stage, queue, peers);
    int64_t accepted = hear_accepted (stage);
    assert_int_equal (drain (queue), accepted);
    stage_join_peers (peers, PRODUCERS);
    assert_int_equal (figure (queue, "puts"), accepted);
    troika_queue_destroy (&queue);
}

/* A get that says EPIPE means that nothing will ever come again. */
static void
after_the_last_item_comes_nothing (stage_t *stage)
{
    stage_peer_t *peers[PRODUCERS];
    troika_queue_t *queue = stage_queue (stage, NULL);
    shut_down_amid_puts (stage, queue, peers);
    int64_t got = drain (queue);
    stage_join_peers (peers, PRODUCERS);
    assert_int_equal (got, hear_accepted (stage));
    assert_int_equal (CHECK_OK (troika_queue_qsize (queue)), 0);
    troika_queue_destroy (&queue);
}

static const stage_case_t cases[] = {
    STAGE_TEST (after_a_shutdown_nothing_goes_in),
    STAGE_TEST (gets_go_on_until_it_is_drained),
    STAGE_TEST (the_other_calls_go_on_after_a_shutdown),
    STAGE_TEST (an_immediate_shutdown_drops_the_items),
    STAGE_TEST (what_was_taken_before_still_has_to_be_done),
    STAGE_TEST (a_shutdown_may_be_repeated_in_either_mode),
    STAGE_TEST (a_shutdown_by_another_counts_here),
    STAGE_TEST (who_connects_after_a_shutdown_finds_it_so),
    STAGE_TEST (waiting_gets_are_told),
    STAGE_TEST (waiting_puts_are_told_and_put_nothing),
    STAGE_TEST (a_waiting_put_many_tells_how_many_went_in),
    STAGE_TEST (an_immediate_shutdown_ends_a_join),
    STAGE_TEST_WITHIN (40, STAGE_ALL, no_put_that_was_accepted_is_lost),
    STAGE_TEST_WITHIN (40, STAGE_ALL, after_the_last_item_comes_nothing),
};

int
main (int argc, char **argv)
{
    return STAGE_RUN (cases, argc, argv);
}
