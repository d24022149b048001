/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_queue_end.c - the end of a queue, of its process, and of a handle:
 * everybody else learns it, and nobody waits for ever.
 *
 * A queue destroyed where it is served: EPIPE. Its process killed:
 * ECONNRESET, within 3 seconds. A handle destroyed: EPIPE for the threads
 * that wait on it, while the queue lives on.
 */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>
#include "tests/queue_items.h"
#include "tests/stage_parts.h"

static const troika_queue_options_t one = {.maxsize = 1};

static void
check_all_calls_fail (troika_queue_t *queue, int error)
{
    troika_msg_t *got[1];
    CHECK_ERRNO (troika_queue_get (queue, TROIKA_FOREVER), error);
    CHECK_ERRNO (troika_queue_get (queue, TROIKA_NOWAIT), error);
    CHECK_ERRNO (troika_queue_get_many (queue, 100, got, 1), error);
    CHECK_ERRNO (troika_queue_put (queue, TROIKA_FOREVER, "i", 1), error);
    CHECK_ERRNO (troika_queue_put (queue, TROIKA_NOWAIT, "i", 1), error);
    CHECK_ERRNO (troika_queue_task_done (queue), error);
    CHECK_ERRNO (troika_queue_join (queue, TROIKA_FOREVER), error);
    CHECK_ERRNO (troika_queue_qsize (queue), error);
    CHECK_ERRNO (troika_queue_empty (queue), error);
    CHECK_ERRNO (troika_queue_full (queue), error);
    CHECK_ERRNO (troika_queue_stat (queue), error);
    CHECK_ERRNO (troika_queue_shutdown (queue, false), error);
}

static void
after_its_end_every_call_says_so (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, NULL);
    PUT (queue, 1);
    stage_stop_server (stage);
    check_all_calls_fail (queue, EPIPE);
    troika_queue_destroy (&queue);
}

static void
the_end_of_a_bounded_queue_is_the_same (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, &one);
    PUT (queue, 1);
    stage_stop_server (stage);
    check_all_calls_fail (queue, EPIPE);
    troika_queue_destroy (&queue);
}

/* What a thread or process waits in, by number. */
static int
wait_in (stage_t *stage, void *arg)
{
    const int *where = arg;
    troika_queue_t *queue = stage_connect (stage);
    stage_signal (stage, 0);
    if (*where == 0)
        CHECK_ERRNO (troika_queue_get (queue, TROIKA_FOREVER), EPIPE);
    else if (*where == 1)
        CHECK_ERRNO (troika_queue_put (queue, TROIKA_FOREVER, "i", 1), EPIPE);
    else
        CHECK_ERRNO (troika_queue_join (queue, TROIKA_FOREVER), EPIPE);
    end_handle (queue);
    return 0;
}

static int waits[] = {0, 1, 2};

static void
waiting_gets_are_told_of_the_end (stage_t *stage)
{
    stage_peer_t *peers[2];
    troika_queue_t *queue = stage_queue (stage, NULL);
    stage_start_peers (stage, peers, 2, wait_in, &waits[0]);
    WAIT_UNTIL (figure (queue, "waiting_gets") == 2);
    stage_stop_server (stage);
    stage_join_peers (peers, 2);
    troika_queue_destroy (&queue);
}

static void
waiting_puts_are_told_of_the_end (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, &one);
    PUT (queue, 1);
    stage_peer_t *peer = stage_peer (stage, wait_in, &waits[1]);
    WAIT_UNTIL (figure (queue, "waiting_puts") == 1);
    stage_stop_server (stage);
    assert_int_equal (stage_join (peer), 0);
    troika_queue_destroy (&queue);
}

static void
waiting_joins_are_told_of_the_end (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, NULL);
    PUT (queue, 1);
    CHECK_OK (troika_queue_flush (queue, TROIKA_FOREVER));
    stage_peer_t *peer = stage_peer (stage, wait_in, &waits[2]);
    stage_await (stage, 0);
    stage_stop_server (stage);
    assert_int_equal (stage_join (peer), 0);
    troika_queue_destroy (&queue);
}

static void
when_its_process_is_killed_every_call_says_so (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, &one);
    PUT (queue, 1);
    stage_kill_server (stage);
    int64_t since = clock_ms ();
    CHECK_ERRNO (troika_queue_get (queue, TROIKA_FOREVER), ECONNRESET);
    check_took (since, 0, 3000);
    CHECK_ERRNO (troika_queue_put (queue, TROIKA_FOREVER, "i", 1), ECONNRESET);
    CHECK_ERRNO (troika_queue_qsize (queue), ECONNRESET);
    CHECK_ERRNO (troika_queue_task_done (queue), ECONNRESET);
    CHECK_ERRNO (troika_queue_shutdown (queue, true), ECONNRESET);
    troika_queue_destroy (&queue);
}

static int
wait_for_the_loss (stage_t *stage, void *arg)
{
    (void)arg;
    troika_queue_t *queue = stage_connect (stage);
    CHECK_ERRNO (troika_queue_get (queue, TROIKA_FOREVER), ECONNRESET);
    stage_tell (stage, 0, clock_ms ());
    end_handle (queue);
    return 0;
}

static void
a_waiting_get_learns_of_the_kill_in_time (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, NULL);
    stage_peer_t *peer = stage_peer (stage, wait_for_the_loss, NULL);
    WAIT_UNTIL (figure (queue, "waiting_gets") == 1);
    int64_t since = clock_ms ();
    stage_kill_server (stage);
    int64_t heard = stage_hear (stage, 0);
    check_took (since + (clock_ms () - heard), 0, 3000);
    assert_int_equal (stage_join (peer), 0);
    troika_queue_destroy (&queue);
}

/* A host that hangs does not close its connections. */
static void
a_waiting_get_learns_of_a_manager_that_hangs (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, NULL);
    assert_int_equal (CHECK_OK (troika_queue_qsize (queue)), 0);
    stage_stop (stage_server_pid (stage));
    int64_t since = clock_ms ();
    CHECK_ERRNO (troika_queue_get (queue, TROIKA_FOREVER), ECONNRESET);
    check_took (since, 0, 5000);
    stage_kill_server (stage);
    CHECK_OK (troika_set_linger (100));
    troika_queue_destroy (&queue);
}

static void
flush_tells_that_items_went_with_their_manager (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, NULL);
    assert_int_equal (CHECK_OK (troika_queue_qsize (queue)), 0);
    stage_stop (stage_server_pid (stage));
    PUT (queue, 1);
    CHECK_ERRNO (troika_queue_flush (queue, TROIKA_NOWAIT), EAGAIN);
    CHECK_ERRNO (troika_queue_flush (queue, 20), ETIMEDOUT);
    stage_kill_server (stage);
    CHECK_ERRNO (troika_queue_flush (queue, TROIKA_FOREVER), ECONNRESET);
    troika_queue_destroy (&queue);
}

static int
take_one (stage_t *stage, void *arg)
{
    (void)arg;
    troika_queue_t *queue = stage_connect (stage);
    CHECK_NEXT (queue, 1);
    troika_queue_destroy (&queue);
    return 0;
}

/* The put was taken before the end, so nothing of it is left to wait for. */
static void
flush_succeeds_after_an_end_before_which_all_was_taken (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, NULL);
    stage_peer_t *peer = stage_peer (stage, take_one, NULL);
    PUT (queue, 1);
    assert_int_equal (stage_join (peer), 0);
    stage_stop_server (stage);
    CHECK_OK (troika_queue_flush (queue, TROIKA_FOREVER));
    CHECK_ERRNO (troika_queue_put (queue, TROIKA_FOREVER, "i", 2), EPIPE);
    CHECK_OK (troika_queue_flush (queue, TROIKA_FOREVER));
    troika_queue_destroy (&queue);
}

static void
destroy_after_a_loss_returns_soon (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, NULL);
    put_numbers (queue, 100, 0);
    stage_kill_server (stage);
    int64_t since = clock_ms ();
    troika_queue_destroy (&queue);
    check_took (since, 0, 5000);
}

typedef struct {
    stage_t *stage;
    troika_queue_t *queue;
    int (*wait) (troika_queue_t *queue);
} waiter_t;

static void *
wait_on_handle (void *arg)
{
    waiter_t *self = arg;
    CHECK_ERRNO (self->wait (self->queue), EPIPE);
    return NULL;
}

static int
wait_get (troika_queue_t *queue)
{
    return troika_queue_get (queue, TROIKA_FOREVER) ? 0 : -1;
}

static int
wait_put (troika_queue_t *queue)
{
    return troika_queue_put (queue, TROIKA_FOREVER, "i", 2);
}

static int
wait_join (troika_queue_t *queue)
{
    return troika_queue_join (queue, TROIKA_FOREVER);
}

/* Destroys a handle on which a thread waits; the other one goes on. */
static void
destroy_under (stage_t *stage, int (*wait) (troika_queue_t *queue),
               const char *count)
{
    pthread_t thread;
    waiter_t waiter = {stage, stage_connect (stage), wait};
    troika_queue_t *other = stage_connect (stage);
    assert_int_equal (pthread_create (&thread, NULL, wait_on_handle, &waiter),
                      0);
    if (count)
        WAIT_UNTIL (figure (other, count) == 1);
    troika_queue_destroy (&waiter.queue);
    pthread_join (thread, NULL);
    if (count)
        assert_int_equal (figure (other, count), 0);
    troika_queue_destroy (&other);
}

static void
destroying_a_handle_ends_a_get_on_it (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, &one);
    destroy_under (stage, wait_get, "waiting_gets");
    PUT (queue, 1);
    CHECK_NEXT (queue, 1);
    troika_queue_destroy (&queue);
}

static void
destroying_a_handle_ends_a_put_on_it (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, &one);
    PUT (queue, 1);
    destroy_under (stage, wait_put, "waiting_puts");
    CHECK_NEXT (queue, 1);
    CHECK_DRAINED (queue);
    troika_queue_destroy (&queue);
}

/* Joins are in no figure: behind this there is nothing but the join that the
 * thread could sleep in. */
static atomic_int joiner;

static int
join_after_telling (troika_queue_t *queue)
{
    CHECK_ERRNO (troika_queue_join (queue, 20), ETIMEDOUT);
    atomic_store (&joiner, gettid ());
    return wait_join (queue);
}

static bool
joiner_is_asleep (void)
{
    pid_t thread = atomic_load (&joiner);
    return thread && stage_is_asleep (thread);
}

static void
destroying_a_handle_ends_a_join_on_it (stage_t *stage)
{
    pthread_t thread;
    troika_queue_t *queue = stage_queue (stage, NULL);
    waiter_t waiter = {stage, stage_connect (stage), join_after_telling};
    PUT (queue, 1);
    assert_int_equal (pthread_create (&thread, NULL, wait_on_handle, &waiter),
                      0);
    WAIT_UNTIL (joiner_is_asleep ());
    troika_queue_destroy (&waiter.queue);
    pthread_join (thread, NULL);
    assert_int_equal (CHECK_OK (troika_queue_qsize (queue)), 1);
    troika_queue_destroy (&queue);
}

static void
a_queue_outlives_the_handles_on_it (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, NULL);
    for (int i = 0; i < 50; i++) {
        troika_queue_t *other = stage_connect (stage);
        PUT (other, i);
        troika_queue_destroy (&other);
    }
    get_numbers (queue, 50, 0);
    troika_queue_destroy (&queue);
}

static void
destroy_flushes (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, NULL);
    troika_queue_t *other = stage_connect (stage);
    put_numbers (other, 1000, 0);
    troika_queue_destroy (&other);
    assert_int_equal (CHECK_OK (troika_queue_qsize (queue)), 1000);
    troika_queue_destroy (&queue);
}

static void
destroy_takes_null_and_twice (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, NULL);
    troika_queue_destroy (&queue);
    assert_null (queue);
    troika_queue_destroy (&queue);
    troika_queue_destroy (NULL);
}

static void
the_serving_handle_may_be_destroyed_first (stage_t *stage)
{
    troika_queue_t *queue =
        CHECK_OK (troika_queue_new (stage_address (stage), 0));
    troika_queue_t *other =
        CHECK_OK (troika_queue_connect (troika_queue_endpoint (queue)));
    PUT (other, 1);
    troika_queue_destroy (&queue);
    CHECK_ERRNO (troika_queue_get (other, TROIKA_FOREVER), EPIPE);
    troika_queue_destroy (&other);
}

static const stage_case_t cases[] = {
    STAGE_TEST (after_its_end_every_call_says_so),
    STAGE_TEST (the_end_of_a_bounded_queue_is_the_same),
    STAGE_TEST (waiting_gets_are_told_of_the_end),
    STAGE_TEST (waiting_puts_are_told_of_the_end),
    STAGE_TEST (waiting_joins_are_told_of_the_end),
    STAGE_TEST_ON (STAGE_REMOTE, when_its_process_is_killed_every_call_says_so),
    STAGE_TEST_ON (STAGE_REMOTE, a_waiting_get_learns_of_the_kill_in_time),
    STAGE_TEST_ON (STAGE_REMOTE, a_waiting_get_learns_of_a_manager_that_hangs),
    STAGE_TEST_ON (STAGE_REMOTE,
                   flush_tells_that_items_went_with_their_manager),
    STAGE_TEST_ON (STAGE_REMOTE,
                   flush_succeeds_after_an_end_before_which_all_was_taken),
    STAGE_TEST_ON (STAGE_REMOTE, destroy_after_a_loss_returns_soon),
    STAGE_TEST (destroying_a_handle_ends_a_get_on_it),
    STAGE_TEST (destroying_a_handle_ends_a_put_on_it),
    STAGE_TEST (destroying_a_handle_ends_a_join_on_it),
    STAGE_TEST (a_queue_outlives_the_handles_on_it),
    STAGE_TEST (destroy_flushes),
    STAGE_TEST (destroy_takes_null_and_twice),
    STAGE_TEST (the_serving_handle_may_be_destroyed_first),
};

int
main (int argc, char **argv)
{
    return STAGE_RUN (cases, argc, argv);
}
