/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_queue_sleepers.c - consumers that go to sleep behind a quick burst
 * keep nothing from one that waits.
 *
 * It has all that they have not started, and waits for none of it for more
 * than 50 ms, however they took, however it takes, and whatever becomes of
 * them. Each number comes once, to one of them.
 */
#include <signal.h>
#include "tests/queue_items.h"

enum { SLEEPERS = 3, BURST = 300, ITEMS = 2000, LEFT = ITEMS - 3 * BURST };
enum { IN_TIME_MS = 50, AT_ONCE = 16 };
enum { READY = 0, GO = 1, ASLEEP = 2, WAKE = 3, TAKEN = 4 };

static int64_t
sum_of (troika_msg_t **items, ssize_t count)
{
    int64_t sum = 0;
    for (ssize_t i = 0; i < count; i++)
        sum += number_of (items[i]);
    return sum;
}

/* One call's items, of at most max; their sum is added. */
static ssize_t
take (troika_queue_t *queue, int timeout, size_t max, int64_t *sum)
{
    troika_msg_t *items[AT_ONCE];
    ssize_t count;
    if (max > 1)
        count = CHECK_OK (troika_queue_get_many (queue, timeout, items, max));
    else
        count = !!(items[0] = CHECK_OK (troika_queue_get (queue, timeout)));
    *sum += sum_of (items, count);
    return count;
}

static size_t
at_most (size_t wanted, ssize_t left)
{
    return wanted < (size_t)left ? wanted : (size_t)left;
}

static int
run_sleeper (stage_t *stage, void *max)
{
    int64_t sum = 0;
    troika_queue_t *queue = stage_connect (stage);
    stage_signal (stage, READY);
    stage_await (stage, GO);
    for (ssize_t left = BURST; left > 0;)
        left -=
            take (queue, TROIKA_FOREVER, at_most (*(size_t *)max, left), &sum);
    stage_tell (stage, ASLEEP, sum);
    stage_await (stage, WAKE);
    end_handle (queue);
    return 0;
}

static void
signal_all (stage_t *stage, unsigned event)
{
    for (int i = 0; i < SLEEPERS; i++)
        stage_signal (stage, event);
}

typedef struct {
    stage_t *stage;
    troika_queue_t *queue;
    stage_peer_t *peers[SLEEPERS];
    size_t max; /* by each of their gets */
} scene_t;

/* They are there, and nothing is. */
static void
begin (scene_t *self, stage_t *stage, const troika_queue_options_t *options,
       size_t max)
{
    self->stage = stage;
    self->max = max;
    self->queue = stage_queue (stage, options);
    stage_start_peers (stage, self->peers, SLEEPERS, run_sleeper, &self->max);
    for (int i = 0; i < SLEEPERS; i++)
        stage_await (stage, READY);
}

static void
fill (troika_queue_t *queue)
{
    put_numbers (queue, ITEMS, 1);
    CHECK_OK (troika_queue_flush (queue, TROIKA_FOREVER));
}

/* All have taken their bursts, one beside the other; the sum of them. */
static int64_t
let_them_sleep (scene_t *self)
{
    int64_t sum = 0;
    fill (self->queue);
    signal_all (self->stage, GO);
    for (int i = 0; i < SLEEPERS; i++)
        sum += stage_hear (self->stage, ASLEEP);
    return sum;
}

/* So many are there, and no more. */
static int64_t
inherit (scene_t *self, size_t max, ssize_t count)
{
    int64_t sum = 0;
    for (ssize_t left = count; left > 0;)
        left -= take (self->queue, IN_TIME_MS, at_most (max, left), &sum);
    CHECK_DRAINED (self->queue);
    return sum;
}

static void
check_sum (int64_t sum)
{
    assert_int_equal (sum, (int64_t)ITEMS * (ITEMS + 1) / 2);
}

static void
end (scene_t *self)
{
    assert_int_equal (figure (self->queue, "redelivered"), 0);
    signal_all (self->stage, WAKE);
    stage_join_peers (self->peers, SLEEPERS);
    assert_int_equal (figure (self->queue, "gets"), ITEMS);
    CHECK_DRAINED (self->queue);
    troika_queue_destroy (&self->queue);
}

/* They take max at once, and the other one so many. */
static void
sleep_and_inherit (stage_t *stage, const troika_queue_options_t *options,
                   size_t max, size_t heirs_max)
{
    scene_t scene;
    begin (&scene, stage, options, max);
    int64_t sum = let_them_sleep (&scene);
    check_sum (sum + inherit (&scene, heirs_max, LEFT));
    end (&scene);
}

static void
who_gets_one_has_what_sleepers_have_not_started (stage_t *stage)
{
    sleep_and_inherit (stage, NULL, 1, 1);
}

static void
who_gets_many_has_what_sleepers_have_not_started (stage_t *stage)
{
    sleep_and_inherit (stage, NULL, 1, AT_ONCE);
}

static void
sleepers_that_got_many_keep_nothing (stage_t *stage)
{
    sleep_and_inherit (stage, NULL, AT_ONCE, 1);
}

static void
sleepers_keep_nothing_of_a_bounded_queue (stage_t *stage)
{
    static const troika_queue_options_t bounded = {.maxsize = ITEMS};
    sleep_and_inherit (stage, &bounded, 1, 1);
}

static void
sleepers_keep_nothing_of_a_stack (stage_t *stage)
{
    static const troika_queue_options_t lifo = {.order = TROIKA_LIFO};
    sleep_and_inherit (stage, &lifo, 1, 1);
}

static void
sleepers_keep_nothing_that_has_a_priority (stage_t *stage)
{
    static const troika_queue_options_t options = {.order = TROIKA_PRIORITY};
    sleep_and_inherit (stage, &options, 1, 1);
}

static int
run_heir (stage_t *stage, void *arg)
{
    int64_t sum = 0;
    (void)arg;
    troika_queue_t *queue = stage_connect (stage);
    stage_signal (stage, READY);
    for (int i = 0; i < LEFT; i++)
        sum += GET (queue);
    stage_tell (stage, TAKEN, sum);
    end_handle (queue);
    return 0;
}

/* Nobody asks but one who waits all the time, as quick as they are. */
static void
who_waits_already_is_served_when_others_sleep (stage_t *stage)
{
    scene_t scene;
    begin (&scene, stage, NULL, 1);
    stage_peer_t *heir = stage_peer (stage, run_heir, NULL);
    stage_await (stage, READY);
    WAIT_UNTIL (figure (scene.queue, "waiting_gets") == 1);
    signal_all (stage, GO);
    WAIT_UNTIL (figure (scene.queue, "waiting_gets") == 1 + SLEEPERS);
    fill (scene.queue);
    int64_t sum = 0;
    for (int i = 0; i < SLEEPERS; i++)
        sum += stage_hear (stage, ASLEEP);
    check_sum (sum + stage_hear (stage, TAKEN));
    assert_int_equal (stage_join (heir), 0);
    end (&scene);
}

static void
signal_peers (const scene_t *self, int number)
{
    for (int i = 0; i < SLEEPERS; i++)
        kill (stage_peer_pid (self->peers[i]), number);
}

static void
stopped_sleepers_keep_nothing (stage_t *stage)
{
    scene_t scene;
    begin (&scene, stage, NULL, 1);
    int64_t sum = let_them_sleep (&scene);
    for (int i = 0; i < SLEEPERS; i++)
        stage_stop (stage_peer_pid (scene.peers[i]));
    check_sum (sum + inherit (&scene, 1, LEFT));
    signal_peers (&scene, SIGCONT);
    end (&scene);
}

/* What each of them had started last comes again when its end is known, what
 * it had not started comes at once. */
static void
killed_sleepers_keep_nothing (stage_t *stage)
{
    scene_t scene;
    begin (&scene, stage, NULL, 1);
    let_them_sleep (&scene);
    signal_peers (&scene, SIGKILL);
    for (int i = 0; i < LEFT; i++)
        number_of (CHECK_OK (troika_queue_get (scene.queue, IN_TIME_MS)));
    for (int i = 0; i < SLEEPERS; i++)
        stage_kill (scene.peers[i]);
    for (int i = 0; i < SLEEPERS; i++)
        GET (scene.queue);
    CHECK_DRAINED (scene.queue);
    assert_int_equal (figure (scene.queue, "redelivered"), SLEEPERS);
    troika_queue_destroy (&scene.queue);
}

/* Until it gets a number that is none. */
static int
run_endless (stage_t *stage, void *arg)
{
    int64_t number;
    int64_t sum = 0;
    (void)arg;
    troika_queue_t *queue = stage_connect (stage);
    for (int i = 1; (number = GET (queue)) >= 0; i++) {
        sum += number;
        if (i == BURST)
            stage_signal (stage, ASLEEP);
    }
    stage_tell (stage, TAKEN, sum);
    end_handle (queue);
    return 0;
}

/* Wherever the stop meets it: what was on its way to it has started. */
static void
one_that_is_stopped_in_its_burst_keeps_no_more_than_that (stage_t *stage)
{
    troika_msg_t *item;
    int64_t sum = 0;
    troika_queue_t *queue = stage_queue (stage, NULL);
    fill (queue);
    stage_peer_t *peer = stage_peer (stage, run_endless, NULL);
    stage_await (stage, ASLEEP);
    stage_stop (stage_peer_pid (peer));
    while ((item = troika_queue_get (queue, IN_TIME_MS)))
        sum += number_of (item);
    assert_int_equal (errno, ETIMEDOUT);
    assert_int_equal (figure (queue, "size"), 0);
    assert_true (figure (queue, "in_flight") <= 1);
    kill (stage_peer_pid (peer), SIGCONT);
    PUT (queue, -1);
    check_sum (sum + stage_hear (stage, TAKEN));
    assert_int_equal (stage_join (peer), 0);
    troika_queue_destroy (&queue);
}

static const stage_case_t cases[] = {
    STAGE_TEST (who_gets_one_has_what_sleepers_have_not_started),
    STAGE_TEST (who_gets_many_has_what_sleepers_have_not_started),
    STAGE_TEST (sleepers_that_got_many_keep_nothing),
    STAGE_TEST (sleepers_keep_nothing_of_a_bounded_queue),
    STAGE_TEST (sleepers_keep_nothing_of_a_stack),
    STAGE_TEST (sleepers_keep_nothing_that_has_a_priority),
    STAGE_TEST (who_waits_already_is_served_when_others_sleep),
    STAGE_TEST_ON (STAGE_REMOTE, stopped_sleepers_keep_nothing),
    STAGE_TEST_ON (STAGE_REMOTE, killed_sleepers_keep_nothing),
    STAGE_TEST_ON (STAGE_REMOTE,
                   one_that_is_stopped_in_its_burst_keeps_no_more_than_that),
};

int
main (int argc, char **argv)
{
    return STAGE_RUN (cases, argc, argv);
}
