/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_threads.c - many threads on one handle of each kind.
 */
#include <pthread.h>
#include <stdio.h>
#include "tests/shared_handles.h"
#include "tests/stage_parts.h"

typedef struct {
    pthread_t thread;
    const all_t *all;
    void (*run) (const all_t *all, int64_t number);
    int64_t number;
} worker_t;

static void *
work (void *arg)
{
    const worker_t *self = arg;
    self->run (self->all, self->number);
    return NULL;
}

static void
run_workers (const all_t *all, void (*run) (const all_t *all, int64_t number))
{
    static worker_t workers[THREADS];
    for (int64_t i = 0; i < THREADS; i++) {
        workers[i] = (worker_t){.all = all, .run = run, .number = i};
        if (pthread_create (&workers[i].thread, NULL, work, &workers[i]))
            STAGE_FAIL ("pthread_create failed");
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join (workers[i].thread, NULL);
}

static void
no_addition_of_64_threads_is_lost (stage_t *stage)
{
    int64_t sum;
    troika_manager_t *manager = stage_manager (stage);
    all_t all = {.dict = CHECK_OK (troika_manager_dict (manager, "d"))};
    run_workers (&all, add_often);
    CHECK_OK (troika_dict_add (all.dict, "sum", 0, &sum));
    assert_int_equal (sum, THREADS * EACH);
    troika_dict_destroy (&all.dict);
    troika_manager_destroy (&manager);
}

static void
check_lock (stage_t *stage,
            troika_lock_t *(*open) (troika_manager_t *, const char *))
{
    troika_manager_t *manager = stage_manager (stage);
    all_t all = {.dict = CHECK_OK (troika_manager_dict (manager, "d")),
                 .lock = CHECK_OK (open (manager, "l"))};
    CHECK_OK (troika_dict_set (all.dict, "n", "i", 0));
    run_workers (&all, add_under_the_lock);
    assert_int_equal (number_of (CHECK_OK (troika_dict_get (all.dict, "n"))),
                      THREADS * 5);
    troika_dict_destroy (&all.dict);
    troika_lock_destroy (&all.lock);
    troika_manager_destroy (&manager);
}

static void
a_lock_keeps_64_threads_apart (stage_t *stage)
{
    check_lock (stage, troika_manager_lock);
}

static void
an_rlock_keeps_64_threads_apart (stage_t *stage)
{
    check_lock (stage, troika_manager_rlock);
}

/* Even threads put, odd ones get and count what they saw. */
static void
put_or_get (const all_t *all, int64_t number)
{
    char key[32];
    for (int64_t i = 0; i < EACH; i++) {
        if (number % 2 == 0) {
            PUT (all->queue, number / 2 * EACH + i);
            continue;
        }
        snprintf (key, sizeof key, "%d", (int)GET (all->queue));
        CHECK_OK (troika_dict_add (all->dict, key, 1, NULL));
        CHECK_OK (troika_queue_task_done (all->queue));
    }
}

static void
check_queue (stage_t *stage, size_t maxsize)
{
    char key[32];
    int64_t seen;
    troika_queue_options_t options = {.maxsize = maxsize};
    troika_manager_t *manager = stage_manager (stage);
    all_t all = {.dict = CHECK_OK (troika_manager_dict (manager, "d")),
                 .queue =
                     CHECK_OK (troika_manager_queue (manager, "q", &options))};
    run_workers (&all, put_or_get);
    assert_int_equal (CHECK_OK (troika_dict_len (all.dict)),
                      THREADS / 2 * EACH);
    for (int i = 0; i < THREADS / 2 * EACH; i++) {
        snprintf (key, sizeof key, "%d", i);
        CHECK_OK (troika_dict_add (all.dict, key, 0, &seen));
        assert_int_equal (seen, 1);
    }
    CHECK_OK (troika_queue_join (all.queue, 5000));
    CHECK_DRAINED (all.queue);
    troika_dict_destroy (&all.dict);
    troika_queue_destroy (&all.queue);
    troika_manager_destroy (&manager);
}

static void
each_item_of_32_threads_comes_out_once (stage_t *stage)
{
    check_queue (stage, 0);
}

static void
each_item_comes_out_of_a_small_queue_once (stage_t *stage)
{
    check_queue (stage, 3);
}

/* In every round each place is given once, and nobody is a round ahead. */
static void
cross_three_times (const all_t *all, int64_t number)
{
    char key[32];
    int64_t count;
    (void)number;
    for (int round = 0; round < 3; round++) {
        snprintf (key, sizeof key, "before %d", round);
        CHECK_OK (troika_dict_add (all->dict, key, 1, NULL));
        int place =
            CHECK_OK (troika_barrier_wait (all->barrier, TROIKA_FOREVER));
        CHECK_OK (troika_dict_add (all->dict, key, 0, &count));
        assert_int_equal (count, THREADS);
        snprintf (key, sizeof key, "%d in %d", place, round);
        CHECK_OK (troika_dict_add (all->dict, key, 1, &count));
        assert_int_equal (count, 1);
    }
}

static void
a_barrier_holds_64_threads (stage_t *stage)
{
    troika_manager_t *manager = stage_manager (stage);
    all_t all = {.dict = CHECK_OK (troika_manager_dict (manager, "d")),
                 .barrier =
                     CHECK_OK (troika_manager_barrier (manager, "b", THREADS))};
    run_workers (&all, cross_three_times);
    troika_dict_destroy (&all.dict);
    troika_barrier_destroy (&all.barrier);
    troika_manager_destroy (&manager);
}

static void
be_one_of_three (const all_t *all, int64_t number)
{
    int64_t inside;
    (void)number;
    CHECK_OK (troika_semaphore_acquire (all->semaphore, TROIKA_FOREVER));
    CHECK_OK (troika_dict_add (all->dict, "inside", 1, &inside));
    assert_in_range (inside, 1, 3);
    CHECK_OK (troika_dict_add (all->dict, "inside", -1, NULL));
    CHECK_OK (troika_semaphore_release (all->semaphore));
}

static void
a_semaphore_lets_three_of_64_threads_in (stage_t *stage)
{
    troika_manager_t *manager = stage_manager (stage);
    all_t all = {.dict = CHECK_OK (troika_manager_dict (manager, "d")),
                 .semaphore = CHECK_OK (
                     troika_manager_semaphore (manager, "s", 3, true))};
    run_workers (&all, be_one_of_three);
    assert_int_equal (CHECK_OK (troika_semaphore_value (all.semaphore)), 3);
    troika_dict_destroy (&all.dict);
    troika_semaphore_destroy (&all.semaphore);
    troika_manager_destroy (&manager);
}

static const stage_case_t cases[] = {
    STAGE_TEST (no_addition_of_64_threads_is_lost),
    STAGE_TEST (a_lock_keeps_64_threads_apart),
    STAGE_TEST (an_rlock_keeps_64_threads_apart),
    STAGE_TEST (each_item_of_32_threads_comes_out_once),
    STAGE_TEST (each_item_comes_out_of_a_small_queue_once),
    STAGE_TEST (a_barrier_holds_64_threads),
    STAGE_TEST (a_semaphore_lets_three_of_64_threads_in),
};

int
main (int argc, char **argv)
{
    return STAGE_RUN (cases, argc, argv);
}
