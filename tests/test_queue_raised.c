/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_queue_raised.c - places that come to a busy producer unasked, while
 * a busy consumer has items ahead.
 *
 * Both run through many times what the queue holds. Then the consumer stops
 * in the middle of what it has, and the producer fills the queue: whoever
 * puts or looks must see what it would if each put had asked the queue.
 */
#include <signal.h>
#include <stdlib.h>
#include <sys/time.h>
#include "tests/queue_items.h"

enum { BOUND = 1000, TAKEN = 20 * BOUND, ALL = TAKEN + BOUND };
enum { ASLEEP = 0, FULL = 1, TAKE = 2, GO = 3, IN = 4 };

static const troika_queue_options_t bounded = {.maxsize = BOUND};

/* What the producer does when the queue is full, when it is told to go on. */
typedef void (*act_t) (stage_t *stage, troika_queue_t *queue);

static int
run_producer (stage_t *stage, void *arg)
{
    act_t act = *(act_t *)arg;
    troika_queue_t *queue = stage_connect (stage);
    for (int i = 1; i <= ALL; i++)
        PUT (queue, i);
    stage_signal (stage, FULL);
    stage_await (stage, GO);
    if (act)
        act (stage, queue);
    end_handle (queue);
    return 0;
}

/* Numbers from *next on; those of others, which are negative, in between. */
static void
take (troika_queue_t *queue, int *next, int count)
{
    for (int i = 0; i < count; i++) {
        int64_t number = GET (queue);
        if (number > 0)
            assert_int_equal (number, (*next)++);
    }
}

/* Sleeps behind a long run; takes as many as it is told to, until 0. */
static int
run_consumer (stage_t *stage, void *arg)
{
    int next = 1, count;
    troika_queue_t *queue = stage_connect (stage);
    (void)arg;
    take (queue, &next, TAKEN);
    stage_signal (stage, ASLEEP);
    while ((count = (int)stage_hear (stage, TAKE)) > 0) {
        take (queue, &next, count);
        stage_signal (stage, ASLEEP);
    }
    end_handle (queue);
    return 0;
}

typedef struct {
    stage_t *stage;
    troika_queue_t *queue;
    stage_peer_t *producer;
    stage_peer_t *consumer;
} scene_t;

/* The consumer sleeps. */
static void
begin (scene_t *self, stage_t *stage, act_t *act)
{
    *self = (scene_t){.stage = stage, .queue = stage_queue (stage, &bounded)};
    self->producer = stage_peer (stage, run_producer, act);
    self->consumer = stage_peer (stage, run_consumer, NULL);
    stage_await (stage, ASLEEP);
}

/* The queue is full, too. */
static void
begin_full (scene_t *self, stage_t *stage, act_t *act)
{
    begin (self, stage, act);
    stage_await (stage, FULL);
    WAIT_UNTIL (CHECK_OK (troika_queue_qsize (self->queue)) == BOUND);
    assert_int_equal (CHECK_OK (troika_queue_full (self->queue)), 1);
}

static void
take_more (scene_t *self, int count)
{
    stage_tell (self->stage, TAKE, count);
    stage_await (self->stage, ASLEEP);
}

static void
end (scene_t *self)
{
    stage_tell (self->stage, TAKE, 0);
    assert_int_equal (stage_join (self->consumer), 0);
    troika_queue_destroy (&self->queue);
}

static void
end_producer (scene_t *self)
{
    assert_int_equal (stage_join (self->producer), 0);
}

/* --- it is full */

static void
try_in_vain (stage_t *stage, troika_queue_t *queue)
{
    (void)stage;
    CHECK_ERRNO (troika_queue_put (queue, TROIKA_NOWAIT, "i", 0), EAGAIN);
    CHECK_ERRNO (troika_queue_put (queue, 1, "i", 0), ETIMEDOUT);
    int64_t since = clock_ms ();
    CHECK_ERRNO (troika_queue_put (queue, 20, "i", 0), ETIMEDOUT);
    check_took (since, 20, 2000);
    assert_int_equal (CHECK_OK (troika_queue_qsize (queue)), BOUND);
}

static void
a_put_waits_as_long_as_it_may_while_the_consumer_sleeps (stage_t *stage)
{
    scene_t scene;
    act_t act = try_in_vain;
    begin_full (&scene, stage, &act);
    stage_signal (stage, GO);
    end_producer (&scene);
    take_more (&scene, BOUND);
    end (&scene);
}

static void
put_three (stage_t *stage, troika_queue_t *queue)
{
    for (int i = ALL + 1; i <= ALL + 3; i++) {
        PUT (queue, i);
        stage_signal (stage, IN);
    }
}

static void
each_item_that_is_started_makes_one_place (stage_t *stage)
{
    scene_t scene;
    act_t act = put_three;
    begin_full (&scene, stage, &act);
    stage_signal (stage, GO);
    for (int i = 0; i < 3; i++) {
        take_more (&scene, 1);
        stage_await (stage, IN);
        WAIT_UNTIL (CHECK_OK (troika_queue_qsize (scene.queue)) == BOUND);
    }
    end_producer (&scene);
    take_more (&scene, BOUND);
    end (&scene);
}

static void
find_it_shut (stage_t *stage, troika_queue_t *queue)
{
    (void)stage;
    CHECK_ERRNO (troika_queue_put (queue, TROIKA_FOREVER, "i", 0), EPIPE);
}

static void
a_shutdown_ends_the_wait_for_places (stage_t *stage)
{
    scene_t scene;
    act_t act = find_it_shut;
    begin_full (&scene, stage, &act);
    stage_signal (stage, GO);
    CHECK_OK (troika_queue_shutdown (scene.queue, false));
    end_producer (&scene);
    take_more (&scene, BOUND);
    CHECK_ERRNO (troika_queue_get (scene.queue, TROIKA_NOWAIT), EPIPE);
    end (&scene);
}

static void
others_have_every_place_that_comes_free (stage_t *stage)
{
    scene_t scene;
    act_t act = NULL;
    begin_full (&scene, stage, &act);
    take_more (&scene, BOUND / 2);
    for (int i = 0; i < BOUND / 2; i++)
        CHECK_OK (troika_queue_put (scene.queue, TROIKA_NOWAIT, "i", -1));
    CHECK_ERRNO (troika_queue_put (scene.queue, TROIKA_NOWAIT, "i", -1),
                 EAGAIN);
    assert_int_equal (CHECK_OK (troika_queue_qsize (scene.queue)), BOUND);
    stage_signal (stage, GO);
    end_producer (&scene);
    take_more (&scene, BOUND);
    end (&scene);
}

/* --- anywhere */

/* As many as there are places for. */
static int
fill (troika_queue_t *queue)
{
    int count = 0;
    while (troika_queue_put (queue, TROIKA_NOWAIT, "i", -1) == 0)
        count++;
    assert_int_equal (errno, EAGAIN);
    assert_int_equal (CHECK_OK (troika_queue_full (queue)), 1);
    assert_in_range (CHECK_OK (troika_queue_qsize (queue)), 0, BOUND);
    return count;
}

static void
a_stopped_producer_keeps_none_and_loses_none (stage_t *stage)
{
    scene_t scene;
    act_t act = NULL;
    begin (&scene, stage, &act);
    stage_stop (stage_peer_pid (scene.producer));
    int more = fill (scene.queue);
    kill (stage_peer_pid (scene.producer), SIGCONT);
    take_more (&scene, BOUND + more);
    CHECK_DRAINED (scene.queue);
    stage_signal (stage, GO);
    end_producer (&scene);
    end (&scene);
}

static void
those_of_a_killed_producer_come_free (stage_t *stage)
{
    scene_t scene;
    act_t act = NULL;
    begin (&scene, stage, &act);
    stage_kill (scene.producer);
    while (CHECK_OK (troika_queue_qsize (scene.queue)) < BOUND)
        CHECK_OK (troika_queue_put (scene.queue, 6000, "i", -1));
    fill (scene.queue);
    take_more (&scene, BOUND);
    CHECK_DRAINED (scene.queue);
    end (&scene);
}

static void
those_of_a_killed_consumer_stay_taken (stage_t *stage)
{
    scene_t scene;
    act_t act = try_in_vain;
    int next = TAKEN + 1;
    begin_full (&scene, stage, &act);
    take_more (&scene, 1);
    stage_kill (scene.consumer);
    WAIT_UNTIL (CHECK_OK (troika_queue_full (scene.queue)));
    stage_signal (stage, GO);
    end_producer (&scene);
    take (scene.queue, &next, BOUND);
    CHECK_DRAINED (scene.queue);
    troika_queue_destroy (&scene.queue);
}

/* --- signals */

static void
ignore (int number)
{
    (void)number;
}

/* Whether this thread hears of it, and those that it starts. */
static void
listen_to_alarms (bool listens)
{
    sigset_t alarms;
    sigemptyset (&alarms);
    sigaddset (&alarms, SIGALRM);
    pthread_sigmask (listens ? SIG_UNBLOCK : SIG_BLOCK, &alarms, NULL);
}

static void
ring (int period_us)
{
    struct itimerval timer = {{0, period_us}, {0, period_us}};
    struct sigaction action = {.sa_handler = ignore};
    sigaction (SIGALRM, &action, NULL);
    setitimer (ITIMER_REAL, &timer, NULL);
}

static int
run_interrupted (stage_t *stage, void *arg)
{
    troika_queue_t *queue = stage_connect (stage);
    (void)arg;
    listen_to_alarms (true);
    ring (500);
    for (int i = 1; i <= TAKEN;) {
        if (troika_queue_put (queue, TROIKA_FOREVER, "i", i) == 0)
            i++;
        else
            assert_int_equal (errno, EINTR);
    }
    ring (0);
    end_handle (queue);
    return 0;
}

static void
signals_end_puts_and_lose_nothing (stage_t *stage)
{
    int next = 1;
    troika_queue_t *queue = stage_queue (stage, &bounded);
    listen_to_alarms (false);
    stage_peer_t *peer = stage_peer (stage, run_interrupted, NULL);
    take (queue, &next, TAKEN);
    assert_int_equal (stage_join (peer), 0);
    CHECK_DRAINED (queue);
    troika_queue_destroy (&queue);
}

static const stage_case_t cases[] = {
    STAGE_TEST (a_put_waits_as_long_as_it_may_while_the_consumer_sleeps),
    STAGE_TEST (each_item_that_is_started_makes_one_place),
    STAGE_TEST (a_shutdown_ends_the_wait_for_places),
    STAGE_TEST (others_have_every_place_that_comes_free),
    STAGE_TEST_ON (STAGE_REMOTE, a_stopped_producer_keeps_none_and_loses_none),
    STAGE_TEST_ON (STAGE_REMOTE, those_of_a_killed_producer_come_free),
    STAGE_TEST_ON (STAGE_REMOTE, those_of_a_killed_consumer_stay_taken),
    STAGE_TEST_ON (STAGE_REMOTE, signals_end_puts_and_lose_nothing),
};

int
main (int argc, char **argv)
{
    return STAGE_RUN (cases, argc, argv);
}
