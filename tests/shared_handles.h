/* SPDX-License-Identifier: MPL-2.0 */
/*
 * shared_handles.h - one handle of each kind that many threads, or a parent and
 * its children, use at once, and what they do with it.
 */
#ifndef SHARED_HANDLES_H
#define SHARED_HANDLES_H

#include "tests/managed.h"

#define THREADS 64
#define EACH 25

typedef struct {
    stage_t *stage;
    troika_dict_t *dict;
    troika_lock_t *lock;
    troika_queue_t *queue;
    troika_barrier_t *barrier;
    troika_semaphore_t *semaphore;
} all_t;

static inline void
add_often (const all_t *all, int64_t number)
{
    int64_t sum, last = 0;
    (void)number;
    for (int i = 0; i < EACH; i++) {
        CHECK_OK (troika_dict_add (all->dict, "sum", 1, &sum));
        assert_true (sum > last);
        last = sum;
    }
}

/* Two steps, which only the lock makes one. */
static inline void
add_under_the_lock (const all_t *all, int64_t number)
{
    (void)number;
    for (int i = 0; i < 5; i++) {
        assert_int_equal (CHECK_OK (troika_lock_acquire (all->lock, -1)), 0);
        int64_t value = number_of (CHECK_OK (troika_dict_get (all->dict, "n")));
        CHECK_OK (troika_dict_set (all->dict, "n", "I", value + 1));
        CHECK_OK (troika_lock_release (all->lock));
    }
}

#endif
