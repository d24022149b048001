/* SPDX-License-Identifier: MPL-2.0 */
/* test_queue_join.c - task_done and join: when all that was put is done. */
#include <pthread.h>
#include "tests/queue_items.h"

static void
join_of_a_fresh_queue_returns (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, NULL);
    CHECK_OK (troika_queue_join (queue, TROIKA_NOWAIT));
    CHECK_OK (troika_queue_join (queue, TROIKA_FOREVER));
    troika_queue_destroy (&queue);
}

static void
join_returns_when_all_is_done (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, NULL);
    put_numbers (queue, 10, 0);
    for (int i = 0; i < 10; i++) {
        CHECK_ERRNO (troika_queue_join (queue, TROIKA_NOWAIT), EAGAIN);
        CHECK_NEXT (queue, i);
        CHECK_OK (troika_queue_task_done (queue));
    }
    CHECK_OK (troika_queue_join (queue, TROIKA_NOWAIT));
    troika_queue_destroy (&queue);
}

static void
join_times_out_and_not_early (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, NULL);
    PUT (queue, 1);
    int64_t since = clock_ms ();
    CHECK_ERRNO (troika_queue_join (queue, 60), ETIMEDOUT);
    check_took (since, 60, 1000);
    CHECK_NEXT (queue, 1); /* taken is not done */
    CHECK_ERRNO (troika_queue_join (queue, 1), ETIMEDOUT);
    troika_queue_destroy (&queue);
}

static void
task_done_once_too_often_is_refused (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, NULL);
    CHECK_ERRNO (troika_queue_task_done (queue), EINVAL);
    PUT (queue, 1);
    CHECK_NEXT (queue, 1);
    CHECK_OK (troika_queue_task_done (queue));
    CHECK_ERRNO (troika_queue_task_done (queue), EINVAL);
    PUT (queue, 2);
    assert_int_equal (figure (queue, "unfinished"), 1);
    troika_queue_destroy (&queue);
}

static void
task_done_may_come_before_the_get (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, NULL);
    PUT (queue, 1);
    CHECK_OK (troika_queue_task_done (queue));
    CHECK_OK (troika_queue_join (queue, TROIKA_NOWAIT));
    CHECK_NEXT (queue, 1);
    CHECK_ERRNO (troika_queue_task_done (queue), EINVAL);
    troika_queue_destroy (&queue);
}

static int
work (stage_t *stage, void *arg)
{
    int done = 0;
    (void)arg;
    troika_queue_t *queue = stage_connect (stage);
    while (GET (queue) >= 0) {
        CHECK_OK (troika_queue_task_done (queue));
        done++;
    }
    CHECK_OK (troika_queue_task_done (queue));
    end_handle (queue);
    return done;
}

#define WORKERS 3

static void
join_waits_for_the_work_of_others (stage_t *stage)
{
    stage_peer_t *peers[WORKERS];
    int done = 0;
    troika_queue_t *queue = stage_queue (stage, NULL);
    stage_start_peers (stage, peers, WORKERS, work, NULL);
    put_numbers (queue, 200, 0);
    CHECK_OK (troika_queue_join (queue, TROIKA_FOREVER));
    assert_int_equal (figure (queue, "unfinished"), 0);
    assert_int_equal (CHECK_OK (troika_queue_qsize (queue)), 0);
    for (int i = 0; i < WORKERS; i++)
        PUT (queue, -1);
    CHECK_OK (troika_queue_join (queue, TROIKA_FOREVER));
    for (int i = 0; i < WORKERS; i++)
        done += stage_join (peers[i]);
    assert_int_equal (done, 200);
    troika_queue_destroy (&queue);
}

static int
join_there (stage_t *stage, void *arg)
{
    (void)arg;
    troika_queue_t *queue = stage_connect (stage);
    CHECK_ERRNO (troika_queue_join (queue, TROIKA_NOWAIT), EAGAIN);
    stage_signal (stage, 0);
    CHECK_OK (troika_queue_join (queue, TROIKA_FOREVER));
    end_handle (queue);
    return 0;
}

static void
one_task_done_ends_every_join (stage_t *stage)
{
    stage_peer_t *peers[WORKERS];
    troika_queue_t *queue = stage_queue (stage, NULL);
    PUT (queue, 1);
    CHECK_NEXT (queue, 1);
    stage_start_peers (stage, peers, WORKERS, join_there, NULL);
    for (int i = 0; i < WORKERS; i++)
        stage_await (stage, 0);
    CHECK_OK (troika_queue_task_done (queue));
    stage_join_peers (peers, WORKERS);
    troika_queue_destroy (&queue);
}

static void
join_counts_what_this_thread_has_just_put (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, NULL);
    for (int i = 0; i < 200; i++) {
        PUT (queue, i);
        CHECK_ERRNO (troika_queue_join (queue, TROIKA_NOWAIT), EAGAIN);
        CHECK_NEXT (queue, i);
        CHECK_OK (troika_queue_task_done (queue));
        CHECK_OK (troika_queue_join (queue, TROIKA_NOWAIT));
    }
    troika_queue_destroy (&queue);
}

typedef struct {
    stage_t *stage;
    troika_queue_t *queue;
    unsigned phase; /* of the stage, for the thread to stay in */
    bool ends;
} putter_t;

static void *
put_five (void *arg)
{
    putter_t *self = arg;
    put_numbers (self->queue, 5, 0);
    if (self->ends)
        return NULL;
    stage_signal (self->stage, self->phase);
    stage_await (self->stage, self->phase + 1);
    return NULL;
}

static void
take_five (troika_queue_t *queue)
{
    for (int i = 0; i < 5; i++) {
        CHECK_NEXT (queue, i);
        CHECK_OK (troika_queue_task_done (queue));
    }
}

static void
what_threads_that_ended_have_put_is_there (stage_t *stage)
{
    static const troika_queue_options_t bounded = {.maxsize = 100};
    troika_queue_t *queue = stage_queue (stage, &bounded);
    putter_t putter = {stage, queue, 0, true};
    for (int i = 0; i < 50; i++) {
        pthread_t thread;
        assert_int_equal (pthread_create (&thread, NULL, put_five, &putter), 0);
        pthread_join (thread, NULL);
        assert_int_equal (troika_queue_qsize (queue), 5);
        CHECK_ERRNO (troika_queue_join (queue, TROIKA_NOWAIT), EAGAIN);
        take_five (queue);
        CHECK_OK (troika_queue_join (queue, TROIKA_NOWAIT));
    }
    troika_queue_destroy (&queue);
}

static void
join_counts_what_other_threads_have_put (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, NULL);
    for (unsigned phase = 0; phase < 16; phase += 2) {
        pthread_t thread;
        putter_t putter = {stage, queue, phase, false};
        assert_int_equal (pthread_create (&thread, NULL, put_five, &putter), 0);
        stage_await (stage, phase);
        CHECK_ERRNO (troika_queue_join (queue, 1), ETIMEDOUT);
        take_five (queue);
        CHECK_OK (troika_queue_join (queue, TROIKA_NOWAIT));
        stage_signal (stage, phase + 1);
        pthread_join (thread, NULL);
    }
    troika_queue_destroy (&queue);
}

static void
a_put_that_failed_counts_for_nothing (stage_t *stage)
{
    static const troika_queue_options_t one = {.maxsize = 1};
    troika_queue_t *queue = stage_queue (stage, &one);
    CHECK_ERRNO (troika_queue_put (queue, 0, "["), EINVAL);
    PUT (queue, 1);
    CHECK_ERRNO (troika_queue_put (queue, 0, "i", 2), EAGAIN);
    CHECK_ERRNO (troika_queue_put (queue, 1, "i", 2), ETIMEDOUT);
    CHECK_NEXT (queue, 1);
    CHECK_OK (troika_queue_task_done (queue));
    CHECK_OK (troika_queue_join (queue, TROIKA_NOWAIT));
    troika_queue_destroy (&queue);
}

static const stage_case_t cases[] = {
    STAGE_TEST (join_of_a_fresh_queue_returns),
    STAGE_TEST (join_returns_when_all_is_done),
    STAGE_TEST (join_times_out_and_not_early),
    STAGE_TEST (task_done_once_too_often_is_refused),
    STAGE_TEST (task_done_may_come_before_the_get),
    STAGE_TEST (join_waits_for_the_work_of_others),
    STAGE_TEST (one_task_done_ends_every_join),
    STAGE_TEST (join_counts_what_this_thread_has_just_put),
    STAGE_TEST (what_threads_that_ended_have_put_is_there),
    STAGE_TEST (join_counts_what_other_threads_have_put),
    STAGE_TEST (a_put_that_failed_counts_for_nothing),
};

int
main (int argc, char **argv)
{
    return STAGE_RUN (cases, argc, argv);
}
