/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_queue_loss.c - what was put and is not acknowledged when the manager
 * is lost is told of, once, though another manager serves there by then.
 *
 * The manager is stopped before it can acknowledge, then killed. A call of
 * another thread that waits tells when this process has found that out.
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "lib/base/mechanism.h"
#include "tests/managed.h"
#include "tests/stage_parts.h"

enum { THREADS = 4, PUTS = 5 };

/* A queue on a manager that can be lost. */
typedef struct {
    stage_t *stage;
    troika_manager_t *manager;
    troika_queue_t *queue;
    const troika_queue_options_t *options;
    troika_event_t *event; /* which nobody sets */
    caller_t watcher;      /* waits for it */
} scene_t;

static int
wait_for_event (void *event, int timeout)
{
    return troika_event_wait (event, timeout);
}

static void
begin (scene_t *self, stage_t *stage, const troika_queue_options_t *options)
{
    self->stage = stage;
    self->options = options;
    self->manager = stage_manager (stage);
    self->queue = CHECK_OK (troika_manager_queue (self->manager, "q", options));
    self->event = CHECK_OK (troika_manager_event (self->manager, "e"));
    caller_start (&self->watcher, wait_for_event, self->event, TROIKA_FOREVER);
    WAIT_UNTIL (waiters_of (stage, "e") == 1);
}

static void
end (scene_t *self)
{
    troika_event_destroy (&self->event);
    troika_queue_destroy (&self->queue);
    troika_manager_destroy (&self->manager);
}

static void
stop_manager (scene_t *self)
{
    stage_stop (stage_server_pid (self->stage));
}

/* The one that serves there now has an empty queue of that name. */
static void
serve_again (scene_t *self)
{
    char endpoint[512];
    snprintf (endpoint, sizeof endpoint, "%s", stage_endpoint (self->stage));
    stage_kill_server (self->stage);
    stage_manager_again (self->stage, endpoint);
    troika_manager_t *manager = stage_manager_more (self->stage);
    troika_queue_t *queue =
        CHECK_OK (troika_manager_queue (manager, "q", self->options));
    troika_queue_destroy (&queue);
    troika_manager_destroy (&manager);
}

static void
lose_manager (scene_t *self)
{
    serve_again (self);
    CHECK_ERRNO (caller_end (&self->watcher), ECONNRESET);
}

static void
put_some (troika_queue_t *queue)
{
    put_numbers (queue, PUTS, 0);
}

/* The new manager has what is put from now on, and nothing else. */
static void
check_goes_on (troika_queue_t *queue)
{
    CHECK_OK (troika_queue_flush (queue, 5000));
    PUT (queue, 77);
    CHECK_OK (troika_queue_flush (queue, 5000));
    assert_int_equal (CHECK_OK (troika_queue_qsize (queue)), 1);
    CHECK_NEXT (queue, 77);
}

/* Loses what has been put, and expects call to say so. */
#define CHECK_TELLS(scene, call)                                               \
    do {                                                                       \
        stop_manager (&(scene));                                               \
        put_some ((scene).queue);                                              \
        lose_manager (&(scene));                                               \
        CHECK_ERRNO (call, ECONNRESET);                                        \
        check_goes_on ((scene).queue);                                         \
    } while (0)

static void
flush_tells_of_the_loss (stage_t *stage)
{
    scene_t scene;
    begin (&scene, stage, NULL);
    CHECK_TELLS (scene, troika_queue_flush (scene.queue, 5000));
    end (&scene);
}

static void
a_put_tells_of_the_loss (stage_t *stage)
{
    scene_t scene;
    begin (&scene, stage, NULL);
    CHECK_TELLS (scene, troika_queue_put (scene.queue, 5000, "i", 1));
    end (&scene);
}

static void
a_join_tells_of_the_loss (stage_t *stage)
{
    scene_t scene;
    begin (&scene, stage, NULL);
    CHECK_TELLS (scene, troika_queue_join (scene.queue, 5000));
    end (&scene);
}

static void
a_get_tells_of_the_loss (stage_t *stage)
{
    scene_t scene;
    begin (&scene, stage, NULL);
    CHECK_TELLS (scene, troika_queue_get (scene.queue, 5000));
    end (&scene);
}

/* Found out by the call itself, or before it. */
static void
a_call_that_finds_out_tells_of_the_loss_alone (stage_t *stage)
{
    scene_t scene;
    begin (&scene, stage, NULL);
    stop_manager (&scene);
    put_some (scene.queue);
    serve_again (&scene);
    CHECK_ERRNO (troika_queue_flush (scene.queue, 5000), ECONNRESET);
    check_goes_on (scene.queue);
    CHECK_ERRNO (caller_end (&scene.watcher), ECONNRESET);
    check_goes_on (scene.queue);
    end (&scene);
}

/* Over ipc: a port that nobody serves for a while may be anybody's. */
static void
while_nobody_serves_the_loss_is_told_once (stage_t *stage)
{
    scene_t scene;
    char endpoint[512];
    begin (&scene, stage, NULL);
    snprintf (endpoint, sizeof endpoint, "%s", stage_endpoint (stage));
    stop_manager (&scene);
    put_some (scene.queue);
    stage_kill_server (stage);
    CHECK_ERRNO (caller_end (&scene.watcher), ECONNRESET);
    CHECK_ERRNO (troika_queue_put (scene.queue, 5000, "i", 1), ECONNRESET);
    stage_manager_again (stage, endpoint);
    troika_queue_t *anew =
        CHECK_OK (troika_manager_queue (scene.manager, "q", NULL));
    check_goes_on (scene.queue);
    troika_queue_destroy (&anew);
    end (&scene);
}

static void
what_was_flushed_is_no_loss (stage_t *stage)
{
    scene_t scene;
    begin (&scene, stage, NULL);
    put_some (scene.queue);
    CHECK_OK (troika_queue_flush (scene.queue, TROIKA_FOREVER));
    lose_manager (&scene);
    check_goes_on (scene.queue);
    end (&scene);
}

static void
what_a_call_came_behind_is_no_loss (stage_t *stage)
{
    scene_t scene;
    begin (&scene, stage, NULL);
    put_some (scene.queue);
    assert_int_equal (CHECK_OK (troika_queue_qsize (scene.queue)), PUTS);
    lose_manager (&scene);
    check_goes_on (scene.queue);
    end (&scene);
}

static void
other_objects_know_of_no_loss (stage_t *stage)
{
    scene_t scene;
    begin (&scene, stage, NULL);
    troika_queue_t *other =
        CHECK_OK (troika_manager_queue (scene.manager, "other", NULL));
    stop_manager (&scene);
    put_some (scene.queue);
    lose_manager (&scene);
    CHECK_ERRNO (troika_queue_flush (other, 5000), ENOENT);
    troika_queue_t *anew =
        CHECK_OK (troika_manager_queue (scene.manager, "other", NULL));
    check_goes_on (other);
    CHECK_ERRNO (troika_queue_flush (scene.queue, 5000), ECONNRESET);
    check_goes_on (scene.queue);
    troika_queue_destroy (&anew);
    troika_queue_destroy (&other);
    end (&scene);
}

static void
a_new_handle_knows_of_no_loss (stage_t *stage)
{
    scene_t scene;
    begin (&scene, stage, NULL);
    stop_manager (&scene);
    put_some (scene.queue);
    lose_manager (&scene);
    troika_queue_destroy (&scene.queue);
    scene.queue = CHECK_OK (troika_queue_connect (stage_object (stage, "q")));
    check_goes_on (scene.queue);
    end (&scene);
}

/* Its place was reserved, so that it need not ask. */
static void
what_had_a_reserved_place_is_told_of (stage_t *stage)
{
    static const troika_queue_options_t bounded = {.maxsize = 1000};
    scene_t scene;
    if (!tk_mechanism (TK_MECHANISM_PLACES) ||
        !tk_mechanism (TK_MECHANISM_PREFETCH))
        stage_skip (stage, "no place is reserved");
    begin (&scene, stage, &bounded);
    put_numbers (scene.queue, 100, 0);
    CHECK_OK (troika_queue_flush (scene.queue, TROIKA_FOREVER));
    stop_manager (&scene);
    CHECK_OK (troika_queue_put (scene.queue, 1000, "i", 1));
    lose_manager (&scene);
    CHECK_ERRNO (troika_queue_flush (scene.queue, 5000), ECONNRESET);
    check_goes_on (scene.queue);
    end (&scene);
}

/* --- any object's casts */

static void
a_cast_tells_of_a_lost_one (stage_t *stage)
{
    scene_t scene;
    begin (&scene, stage, NULL);
    troika_object_t *list =
        CHECK_OK (troika_manager_object (scene.manager, "list", "l", NULL));
    stop_manager (&scene);
    CHECK_OK (troika_object_cast (list, "append", "[i]", 1));
    lose_manager (&scene);
    CHECK_ERRNO (troika_object_cast (list, "append", "[i]", 2), ECONNRESET);
    troika_list_t *anew = CHECK_OK (troika_manager_list (scene.manager, "l"));
    CHECK_OK (troika_object_cast (list, "append", "[i]", 3));
    troika_msg_t *length =
        CHECK_OK (troika_object_call (list, 5000, "len", NULL));
    assert_int_equal (number_of (length), 1);
    troika_list_destroy (&anew);
    troika_object_destroy (&list);
    end (&scene);
}

static void
a_call_tells_of_a_lost_cast (stage_t *stage)
{
    scene_t scene;
    begin (&scene, stage, NULL);
    troika_object_t *list =
        CHECK_OK (troika_manager_object (scene.manager, "list", "l", NULL));
    stop_manager (&scene);
    CHECK_OK (troika_object_cast (list, "append", "[i]", 1));
    lose_manager (&scene);
    CHECK_ERRNO (troika_object_call (list, 5000, "len", NULL), ECONNRESET);
    CHECK_ERRNO (troika_object_call (list, 5000, "len", NULL), ENOENT);
    troika_object_destroy (&list);
    end (&scene);
}

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
    STAGE_TEST_ON (STAGE_REMOTE, flush_tells_of_the_loss),
    STAGE_TEST_ON (STAGE_REMOTE, a_put_tells_of_the_loss),
    STAGE_TEST_ON (STAGE_REMOTE, a_join_tells_of_the_loss),
    STAGE_TEST_ON (STAGE_REMOTE, a_get_tells_of_the_loss),
    STAGE_TEST_ON (STAGE_REMOTE, a_call_that_finds_out_tells_of_the_loss_alone),
    STAGE_TEST_ON (STAGE_PROCESS, while_nobody_serves_the_loss_is_told_once),
    STAGE_TEST_ON (STAGE_REMOTE, what_was_flushed_is_no_loss),
    STAGE_TEST_ON (STAGE_REMOTE, what_a_call_came_behind_is_no_loss),
    STAGE_TEST_ON (STAGE_REMOTE, other_objects_know_of_no_loss),
    STAGE_TEST_ON (STAGE_REMOTE, a_new_handle_knows_of_no_loss),
    STAGE_TEST_ON (STAGE_REMOTE, what_had_a_reserved_place_is_told_of),
    STAGE_TEST_ON (STAGE_REMOTE, a_cast_tells_of_a_lost_one),
    STAGE_TEST_ON (STAGE_REMOTE, a_call_tells_of_a_lost_cast),
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
