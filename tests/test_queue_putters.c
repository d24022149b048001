/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_queue_putters.c - several producers with reserved places, and puts of
 * several items beside them.
 *
 * Some quick producers put until places are reserved for each, and go to
 * sleep. Whoever puts then, one item or many, finds every place free that no
 * item is in, and no more; each producer's items stay in order.
 */
#include "tests/queue_items.h"

enum {
    BOUND = 1000,
    PRODUCERS = 3,
    EACH = 200,
    FREE = BOUND - PRODUCERS * EACH
};
enum { ITEMS = 4000, LARGEST = 64 };
enum { ASLEEP = 0, WAKE = 1 };

static const troika_queue_options_t bounded = {.maxsize = BOUND};

/* An item tells its producer and its number, from 1 on. */
static int64_t
item_of (int producer, int number)
{
    return (int64_t)producer * 1000000 + number;
}

typedef struct {
    int numbers[PRODUCERS + 1]; /* the last one of each */
} seen_t;

static void
see (seen_t *self, troika_msg_t *item)
{
    int64_t value = number_of (item);
    int64_t producer = value / 1000000;
    assert_in_range (producer, 0, PRODUCERS);
    assert_int_equal (value % 1000000, ++self->numbers[producer]);
}

static void
see_next (seen_t *self, troika_queue_t *queue)
{
    see (self, CHECK_OK (troika_queue_get (queue, TROIKA_FOREVER)));
}

static void
put_from (troika_queue_t *queue, int producer, int first, int last)
{
    for (int i = first; i <= last; i++)
        PUT (queue, item_of (producer, i));
}

/* What a producer does after its burst, when it is woken. */
typedef void (*act_t) (troika_queue_t *queue, int producer);

typedef struct {
    int producer;
    act_t act;
} part_t;

static int
run_producer (stage_t *stage, void *arg)
{
    const part_t *part = arg;
    troika_queue_t *queue = stage_connect (stage);
    put_from (queue, part->producer, 1, EACH);
    stage_signal (stage, ASLEEP);
    stage_await (stage, WAKE);
    if (part->act)
        part->act (queue, part->producer);
    end_handle (queue);
    return 0;
}

typedef struct {
    stage_t *stage;
    troika_queue_t *queue;
    part_t parts[PRODUCERS];
    stage_peer_t *peers[PRODUCERS];
    seen_t seen;
} scene_t;

/* All of them have put their items one at a time, and sleep. */
static void
begin (scene_t *self, stage_t *stage, act_t act)
{
    *self = (scene_t){.stage = stage, .queue = stage_queue (stage, &bounded)};
    for (int i = 0; i < PRODUCERS; i++) {
        self->parts[i] = (part_t){i, act};
        self->peers[i] = stage_peer (stage, run_producer, &self->parts[i]);
    }
    for (int i = 0; i < PRODUCERS; i++)
        stage_await (stage, ASLEEP);
}

static void
wake_all (scene_t *self)
{
    for (int i = 0; i < PRODUCERS; i++)
        stage_signal (self->stage, WAKE);
}

static void
join_all (scene_t *self)
{
    for (int i = 0; i < PRODUCERS; i++)
        if (self->peers[i])
            assert_int_equal (stage_join (self->peers[i]), 0);
}

static void
end (scene_t *self)
{
    join_all (self);
    troika_queue_destroy (&self->queue);
}

/* What has been put may still be on its way; it has its place. */
static void
check_full (scene_t *self)
{
    troika_queue_t *queue = self->queue;
    WAIT_UNTIL (CHECK_OK (troika_queue_qsize (queue)) == BOUND);
    assert_int_equal (CHECK_OK (troika_queue_full (queue)), 1);
    CHECK_ERRNO (troika_queue_put (queue, TROIKA_NOWAIT, "i", 0), EAGAIN);
}

/* They sleep until it is full; then it has one item for each place. */
static void
check_full_and_drain (scene_t *self)
{
    check_full (self);
    wake_all (self);
    for (int i = 0; i < BOUND; i++)
        see_next (&self->seen, self->queue);
    CHECK_DRAINED (self->queue);
}

/* The main thread puts number first to last by one call; how many went in. */
static int
put_many (troika_queue_t *queue, int timeout, int first, int last)
{
    troika_msg_t *items[BOUND];
    size_t count = (size_t)(last - first + 1);
    make_numbers (items, count, item_of (PRODUCERS, first));
    ssize_t done =
        CHECK_OK (troika_queue_put_many (queue, timeout, items, count));
    drop_numbers (items, count);
    return (int)done;
}

/* --- they sleep */

static void
sleeping_producers_keep_no_place_from_one (stage_t *stage)
{
    scene_t scene;
    begin (&scene, stage, NULL);
    for (int i = 1; i <= FREE; i++) {
        assert_int_equal (CHECK_OK (troika_queue_full (scene.queue)), 0);
        CHECK_OK (troika_queue_put (scene.queue, TROIKA_NOWAIT, "I",
                                    item_of (PRODUCERS, i)));
    }
    check_full_and_drain (&scene);
    end (&scene);
}

static void
sleeping_producers_keep_no_place_from_several_at_once (stage_t *stage)
{
    scene_t scene;
    begin (&scene, stage, NULL);
    assert_int_equal (put_many (scene.queue, TROIKA_NOWAIT, 1, FREE + 100),
                      FREE);
    check_full_and_drain (&scene);
    end (&scene);
}

static void
several_at_once_that_run_out_of_time_say_how_many (stage_t *stage)
{
    scene_t scene;
    begin (&scene, stage, NULL);
    assert_int_equal (put_many (scene.queue, 20, 1, FREE + 100), FREE);
    check_full (&scene);
    wake_all (&scene);
    end (&scene);
}

/* --- they go on */

static void
put_more (troika_queue_t *queue, int producer)
{
    put_from (queue, producer, EACH + 1, 2 * EACH);
}

static void
producers_whose_places_were_called_back_all_go_on (stage_t *stage)
{
    scene_t scene;
    begin (&scene, stage, put_more);
    assert_int_equal (put_many (scene.queue, TROIKA_NOWAIT, 1, FREE), FREE);
    check_full (&scene);
    wake_all (&scene);
    if (stage_variant (stage) != STAGE_THREAD)
        WAIT_UNTIL (figure (scene.queue, "waiting_puts") == PRODUCERS);
    for (int i = 0; i < BOUND + PRODUCERS * EACH; i++) {
        assert_in_range (CHECK_OK (troika_queue_qsize (scene.queue)), 0, BOUND);
        see_next (&scene.seen, scene.queue);
    }
    CHECK_DRAINED (scene.queue);
    end (&scene);
}

static void
find_it_full (troika_queue_t *queue, int producer)
{
    (void)producer;
    CHECK_ERRNO (troika_queue_put (queue, TROIKA_NOWAIT, "i", 0), EAGAIN);
    CHECK_ERRNO (troika_queue_put (queue, 1, "i", 0), ETIMEDOUT);
}

static void
producers_whose_places_were_called_back_find_it_full (stage_t *stage)
{
    scene_t scene;
    begin (&scene, stage, find_it_full);
    assert_int_equal (put_many (scene.queue, TROIKA_NOWAIT, 1, FREE), FREE);
    wake_all (&scene);
    join_all (&scene);
    check_full (&scene);
    troika_queue_destroy (&scene.queue);
}

static void
find_it_shut (troika_queue_t *queue, int producer)
{
    (void)producer;
    CHECK_ERRNO (troika_queue_put (queue, TROIKA_FOREVER, "i", 0), EPIPE);
}

static void
a_shutdown_ends_the_places_of_all (stage_t *stage)
{
    scene_t scene;
    begin (&scene, stage, find_it_shut);
    CHECK_OK (troika_queue_shutdown (scene.queue, false));
    wake_all (&scene);
    join_all (&scene);
    for (int i = 0; i < PRODUCERS * EACH; i++)
        see_next (&scene.seen, scene.queue);
    CHECK_ERRNO (troika_queue_get (scene.queue, TROIKA_NOWAIT), EPIPE);
    troika_queue_destroy (&scene.queue);
}

/* What one had counted and not sent may be lost with it, no place is. */
static void
a_killed_one_takes_no_place_of_the_others (stage_t *stage)
{
    scene_t scene;
    begin (&scene, stage, put_more);
    WAIT_UNTIL (figure (scene.queue, "puts") == PRODUCERS * EACH);
    stage_kill (scene.peers[0]);
    scene.peers[0] = NULL;
    assert_int_equal (put_many (scene.queue, 6000, 1, FREE), FREE);
    check_full (&scene);
    wake_all (&scene);
    for (int i = 0; i < BOUND + (PRODUCERS - 1) * EACH; i++)
        see_next (&scene.seen, scene.queue);
    CHECK_DRAINED (scene.queue);
    end (&scene);
}

/* --- all at once */

/* One at a time, or, every so often, some together. */
static void
put_mixed (troika_queue_t *queue, int producer)
{
    troika_msg_t *items[LARGEST];
    int number = EACH + 1;
    while (number <= ITEMS) {
        size_t count = (size_t)(number % LARGEST) + 1;
        if (count > (size_t)(ITEMS - number + 1))
            count = (size_t)(ITEMS - number + 1);
        make_numbers (items, count, item_of (producer, number));
        assert_int_equal (CHECK_OK (troika_queue_put_many (
                              queue, TROIKA_FOREVER, items, count)),
                          count);
        drop_numbers (items, count);
        number += (int)count;
        for (int last = number + EACH; number < last && number <= ITEMS;
             number++)
            PUT (queue, item_of (producer, number));
    }
}

static void
single_ones_and_several_keep_order_and_bound (stage_t *stage)
{
    scene_t scene;
    begin (&scene, stage, put_mixed);
    wake_all (&scene);
    for (int i = 0; i < PRODUCERS * ITEMS; i++) {
        if (i % 64 == 0)
            assert_in_range (CHECK_OK (troika_queue_qsize (scene.queue)), 0,
                             BOUND);
        see_next (&scene.seen, scene.queue);
    }
    CHECK_DRAINED (scene.queue);
    end (&scene);
}

static const stage_case_t cases[] = {
    STAGE_TEST (sleeping_producers_keep_no_place_from_one),
    STAGE_TEST (sleeping_producers_keep_no_place_from_several_at_once),
    STAGE_TEST (several_at_once_that_run_out_of_time_say_how_many),
    STAGE_TEST (producers_whose_places_were_called_back_all_go_on),
    STAGE_TEST (producers_whose_places_were_called_back_find_it_full),
    STAGE_TEST (a_shutdown_ends_the_places_of_all),
    STAGE_TEST_WITHIN (60, STAGE_ALL,
                       single_ones_and_several_keep_order_and_bound),
    STAGE_TEST_ON (STAGE_REMOTE, a_killed_one_takes_no_place_of_the_others),
};

int
main (int argc, char **argv)
{
    return STAGE_RUN (cases, argc, argv);
}
