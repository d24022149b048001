/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_bias.c - a biased lock excludes its owner and all others from each
 * other, however often either comes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdlib.h>
#include "lib/base/bias.h"
#include "tests/sanitized.h"

enum { OTHERS = 3, OFTEN = UNDER_TSAN ? 20000 : 1000000, SELDOM = 1000 };

typedef struct {
    tk_bias_t lock;
    long first, second; /* plain: always equal outside */
} pair_t;

static void
count (pair_t *self)
{
    if (self->first != self->second)
        abort ();
    self->first++;
    self->second++;
}

static void *
come_often (void *arg)
{
    pair_t *self = arg;
    for (int i = 0; i < OFTEN; i++) {
        tk_bias_lock_own (&self->lock);
        count (self);
        tk_bias_unlock_own (&self->lock);
    }
    return NULL;
}

static void *
come_seldom (void *arg)
{
    pair_t *self = arg;
    for (int i = 0; i < SELDOM; i++) {
        tk_bias_lock (&self->lock);
        count (self);
        tk_bias_unlock (&self->lock);
    }
    return NULL;
}

static void
one_is_inside_at_a_time (void **unused)
{
    pthread_t threads[OTHERS + 1];
    pair_t pair = {.first = 0};
    (void)unused;
    tk_bias_init (&pair.lock);
    pthread_create (&threads[0], NULL, come_often, &pair);
    for (int i = 1; i <= OTHERS; i++)
        pthread_create (&threads[i], NULL, come_seldom, &pair);
    for (int i = 0; i <= OTHERS; i++)
        pthread_join (threads[i], NULL);
    assert_int_equal (pair.first, OFTEN + OTHERS * SELDOM);
    assert_int_equal (pair.second, pair.first);
    tk_bias_fini (&pair.lock);
}

static void
another_owner_may_follow (void **unused)
{
    pair_t pair = {.first = 0};
    (void)unused;
    tk_bias_init (&pair.lock);
    for (int i = 0; i < 3; i++) {
        pthread_t thread;
        pthread_create (&thread, NULL, come_often, &pair);
        come_seldom (&pair);
        pthread_join (thread, NULL);
    }
    assert_int_equal (pair.first, 3 * (OFTEN + SELDOM));
    tk_bias_fini (&pair.lock);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (one_is_inside_at_a_time),
        cmocka_unit_test (another_owner_may_follow),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
