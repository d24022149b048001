/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_queue_loss_threads.c - each thread is told of its own loss, a process
 * of that of its threads, and a producer that was taken for dead of its own.
 */
#include <pthread.h>
#include <signal.h>
#include "tests/queue_loss.h"

/* --- several threads */

typedef struct {
    scene_t *scene;
    pthread_t thread;
} putter_t;

enum { HAVE_PUT, LOST };

static void
start_putters (scene_t *scene, putter_t *putters, void *(*run) (void *putter))
{
    for (int i = 0; i < THREADS; i++) {
        putters[i].scene = scene;
        pthread_create (&putters[i].thread, NULL, run, &putters[i]);
    }
    for (int i = 0; i < THREADS; i++)
        stage_await (scene->stage, HAVE_PUT);
}

static void
end_putters (putter_t *putters)
{
    for (int i = 0; i < THREADS; i++)
        stage_signal (putters[i].scene->stage, LOST);
    for (int i = 0; i < THREADS; i++)
        pthread_join (putters[i].thread, NULL);
}

static void *
put_and_be_told (void *arg)
{
    putter_t *self = arg;
    troika_queue_t *queue = self->scene->queue;
    put_some (queue);
    stage_signal (self->scene->stage, HAVE_PUT);
    stage_await (self->scene->stage, LOST);
    CHECK_ERRNO (troika_queue_put (queue, 5000, "i", 1), ECONNRESET);
    PUT (queue, 2);
    return NULL;
}

static void
each_thread_is_told_of_its_own_loss (stage_t *stage)
{
    scene_t scene;
    putter_t putters[THREADS];
    begin (&scene, stage, NULL);
    stop_manager (&scene);
    start_putters (&scene, putters, put_and_be_told);
    lose_manager (&scene);
    end_putters (putters);
    CHECK_OK (troika_queue_flush (scene.queue, 5000));
    assert_int_equal (CHECK_OK (troika_queue_qsize (scene.queue)), THREADS);
    end (&scene);
}

static void *
put_and_end (void *arg)
{
    putter_t *self = arg;
    put_some (self->scene->queue);
    stage_signal (self->scene->stage, HAVE_PUT);
    return NULL;
}

static void
flush_tells_of_the_losses_of_threads_that_ended (stage_t *stage)
{
    scene_t scene;
    putter_t putters[THREADS];
    begin (&scene, stage, NULL);
    stop_manager (&scene);
    start_putters (&scene, putters, put_and_end);
    lose_manager (&scene);
    end_putters (putters);
    assert_int_equal (CHECK_OK (troika_queue_qsize (scene.queue)), 0);
    CHECK_ERRNO (troika_queue_flush (scene.queue, 5000), ECONNRESET);
    check_goes_on (scene.queue);
    end (&scene);
}

static void *
put_and_be_told_nothing (void *arg)
{
    putter_t *self = arg;
    put_some (self->scene->queue);
    stage_signal (self->scene->stage, HAVE_PUT);
    stage_await (self->scene->stage, LOST);
    PUT (self->scene->queue, 1);
    return NULL;
}

static void
what_another_thread_flushed_is_no_loss (stage_t *stage)
{
    scene_t scene;
    putter_t putters[THREADS];
    begin (&scene, stage, NULL);
    start_putters (&scene, putters, put_and_be_told_nothing);
    CHECK_OK (troika_queue_flush (scene.queue, TROIKA_FOREVER));
    lose_manager (&scene);
    end_putters (putters);
    CHECK_OK (troika_queue_flush (scene.queue, 5000));
    assert_int_equal (CHECK_OK (troika_queue_qsize (scene.queue)), THREADS);
    end (&scene);
}

/* --- the end of the process */

static int
shut_down_after_a_loss (stage_t *stage, void *arg)
{
    (void)arg;
    troika_queue_t *queue =
        CHECK_OK (troika_queue_connect (stage_object (stage, "q")));
    troika_event_t *event =
        CHECK_OK (troika_event_connect (stage_object (stage, "e")));
    stage_signal (stage, 0);
    stage_await (stage, 1);
    put_some (queue);
    stage_signal (stage, 2);
    CHECK_ERRNO (troika_event_wait (event, TROIKA_FOREVER), ECONNRESET);
    CHECK_ERRNO (troika_shutdown (5000), ECONNRESET);
    CHECK_OK (troika_shutdown (5000));
    troika_queue_destroy (&queue);
    troika_event_destroy (&event);
    return 0;
}

static void
a_shutdown_tells_of_a_loss (stage_t *stage)
{
    scene_t scene;
    begin (&scene, stage, NULL);
    stage_needs_fork (stage);
    stage_peer_t *peer = stage_peer (stage, shut_down_after_a_loss, NULL);
    stage_await (stage, 0);
    stop_manager (&scene);
    stage_signal (stage, 1);
    stage_await (stage, 2);
    lose_manager (&scene);
    assert_int_equal (stage_join (peer), 0);
    check_goes_on (scene.queue);
    end (&scene);
}

/* --- a session that was declared dead */

/* What gathered and had not left is lost by the stop; what had left was taken
 * in, and the acknowledgement waits here. */
static int
put_and_be_stopped (stage_t *stage, void *arg)
{
    (void)arg;
    troika_queue_t *queue =
        CHECK_OK (troika_queue_connect (stage_object (stage, "q")));
    troika_lock_t *lock =
        CHECK_OK (troika_lock_connect (stage_object (stage, "lock")));
    CHECK_OK (troika_lock_acquire (lock, TROIKA_FOREVER));
    put_some (queue);
    raise (SIGSTOP);
    int rc = troika_queue_flush (queue, 5000);
    stage_tell (stage, 0, rc ? errno : 0);
    CHECK_OK (troika_queue_flush (queue, 5000));
    PUT (queue, 77);
    CHECK_OK (troika_queue_flush (queue, 5000));
    troika_queue_destroy (&queue);
    troika_lock_destroy (&lock);
    return 0;
}

static void
a_producer_that_was_stopped_too_long_is_told (stage_t *stage)
{
    scene_t scene;
    begin (&scene, stage, NULL);
    troika_lock_t *lock =
        CHECK_OK (troika_manager_lock (scene.manager, "lock"));
    stage_peer_t *peer = stage_peer (stage, put_and_be_stopped, NULL);
    pid_t pid = stage_peer_pid (peer);
    WAIT_UNTIL (stat_of (stage, "lock", "depth") == 1);
    assert_int_equal (CHECK_OK (troika_lock_acquire (lock, TROIKA_FOREVER)), 1);
    kill (pid, SIGCONT);
    int error = (int)stage_hear (stage, 0);
    assert_int_equal (stage_join (peer), 0);
    ssize_t count = CHECK_OK (troika_queue_qsize (scene.queue));
    if (error != ECONNRESET) {
        assert_int_equal (error, 0);
        assert_int_equal (count, PUTS + 1);
    }
    for (int i = 0; i < count - 1; i++)
        CHECK_NEXT (scene.queue, i);
    CHECK_NEXT (scene.queue, 77);
    troika_lock_destroy (&lock);
    CHECK_OK (troika_event_set (scene.event));
    CHECK_OK (caller_end (&scene.watcher));
    end (&scene);
}

static const stage_case_t cases[] = {
    STAGE_TEST_ON (STAGE_REMOTE, each_thread_is_told_of_its_own_loss),
    STAGE_TEST_ON (STAGE_REMOTE,
                   flush_tells_of_the_losses_of_threads_that_ended),
    STAGE_TEST_ON (STAGE_REMOTE, what_another_thread_flushed_is_no_loss),
    STAGE_TEST_ON (STAGE_REMOTE, a_shutdown_tells_of_a_loss),
    STAGE_TEST_ON (STAGE_REMOTE, a_producer_that_was_stopped_too_long_is_told),
};

int
main (int argc, char **argv)
{
    return STAGE_RUN (cases, argc, argv);
}
