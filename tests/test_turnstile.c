/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_turnstile.c - one thread is inside at a time, whether one comes all
 * the time, or many, or one of the many more often than the others.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include "lib/base/turnstile.h"
#include "tests/sanitized.h"

/* OFTEN is enough to become the owner. */
enum { THREADS = 4, SCALE = UNDER_TSAN ? 1 : 20, OFTEN = 3000 };

typedef struct {
    tk_turnstile_t turnstile;
    long first, second; /* plain: always equal outside */
    long owned;         /* times that somebody came in as the owner */
} room_t;

typedef struct {
    pthread_t thread;
    room_t *room;
    long times;
    long shared_each; /* after so many by the shared way; 0: never */
    long rests_each;  /* after so many it rests; 0: never */
    unsigned rest;
} visitor_t;

static void
visit (room_t *room)
{
    if (room->first != room->second)
        abort ();
    room->first++;
    room->owned += !room->turnstile.by_latch;
    room->second++;
}

static void
come_once (const visitor_t *self, long time)
{
    tk_turnstile_t *turnstile = &self->room->turnstile;
    if (self->shared_each && time % self->shared_each == 0)
        tk_turnstile_lock_shared (turnstile);
    else
        tk_turnstile_lock (turnstile);
    visit (self->room);
    tk_turnstile_unlock (turnstile);
}

static void *
come_and_go (void *arg)
{
    visitor_t *self = arg;
    if (!tk_hazard_enter (self))
        abort ();
    for (long i = 1; i <= self->times; i++) {
        come_once (self, i);
        if (self->rests_each && i % self->rests_each == 0)
            for (unsigned rest = 0; rest < self->rest; rest++)
                tk_pause ();
    }
    tk_hazard_leave ();
    return NULL;
}

static void
run (room_t *room, visitor_t *visitors, int count)
{
    long sum = room->first;
    for (int i = 0; i < count; i++) {
        visitors[i].room = room;
        sum += visitors[i].times;
        pthread_create (&visitors[i].thread, NULL, come_and_go, &visitors[i]);
    }
    for (int i = 0; i < count; i++)
        pthread_join (visitors[i].thread, NULL);
    assert_int_equal (room->first, sum);
    assert_int_equal (room->second, sum);
}

static void
who_comes_alone_becomes_the_owner (void **unused)
{
    room_t room = {.first = 0};
    visitor_t visitor = {.times = 2 * OFTEN};
    (void)unused;
    run (&room, &visitor, 1);
    assert_in_range (room.owned, OFTEN, 2 * OFTEN - 1);
}

static void
who_shares_each_time_never_does (void **unused)
{
    room_t room = {.first = 0};
    visitor_t visitor = {.times = 2 * OFTEN, .shared_each = 1};
    (void)unused;
    run (&room, &visitor, 1);
    assert_int_equal (room.owned, 0);
}

static void
an_owner_that_has_ended_is_followed_by_others (void **unused)
{
    room_t room = {.first = 0};
    visitor_t visitors[THREADS] = {{.times = 0}};
    (void)unused;
    for (int i = 0; i < THREADS; i++) {
        visitors[i].times = OFTEN;
        run (&room, &visitors[i], 1);
    }
    for (int i = 0; i < THREADS; i++)
        visitors[i].times = 10;
    run (&room, visitors, THREADS);
    assert_true (room.owned > 0);
}

static void
one_of_many_is_inside_at_a_time (void **unused)
{
    room_t room = {.first = 0};
    visitor_t visitors[THREADS] = {{.times = 0}};
    (void)unused;
    for (int i = 0; i < THREADS; i++)
        visitors[i].times = 10000 * SCALE;
    run (&room, visitors, THREADS);
}

static void
an_owner_and_those_who_come_seldom_exclude_each_other (void **unused)
{
    room_t room = {.first = 0};
    visitor_t visitors[THREADS] = {
        {.times = 100000 * SCALE},
        {.times = 500 * SCALE, .rests_each = 1, .rest = 500},
        {.times = 500 * SCALE, .rests_each = 1, .rest = 700, .shared_each = 2},
        {.times = 500 * SCALE, .rests_each = 1, .rest = 300, .shared_each = 1}};
    (void)unused;
    run (&room, visitors, THREADS);
    assert_true (room.owned > 0);
}

static void
owners_follow_each_other (void **unused)
{
    room_t room = {.first = 0};
    visitor_t visitors[THREADS] = {{.times = 0}};
    (void)unused;
    for (int i = 0; i < THREADS; i++)
        visitors[i] = (visitor_t){.times = 20 * SCALE * (OFTEN + 700 * i),
                                  .rests_each = OFTEN + 700 * i,
                                  .rest = 20000 + 7000 * (unsigned)i};
    run (&room, visitors, THREADS);
    assert_true (room.owned > 0);
}

/* --- who is inside for long */

typedef struct {
    room_t room;
    int inside[2]; /* a byte each: the owner is, */
    int leave[2];  /* and may leave */
    atomic_bool passed;
} stay_t;

static void
tell (const int fds[2])
{
    if (write (fds[1], "", 1) != 1)
        abort ();
}

static void
hear (const int fds[2])
{
    char byte;
    if (read (fds[0], &byte, 1) != 1)
        abort ();
}

static void *
own_and_stay (void *arg)
{
    stay_t *self = arg;
    visitor_t visitor = {.room = &self->room, .times = OFTEN};
    if (!tk_hazard_enter (self))
        abort ();
    for (long i = 1; i <= visitor.times; i++)
        come_once (&visitor, i);
    tk_turnstile_lock (&self->room.turnstile);
    if (self->room.turnstile.by_latch)
        abort ();
    tell (self->inside);
    hear (self->leave);
    if (atomic_load (&self->passed))
        abort ();
    tk_turnstile_unlock (&self->room.turnstile);
    tk_hazard_leave ();
    return NULL;
}

static void *
pass (void *arg)
{
    stay_t *self = arg;
    tk_turnstile_lock (&self->room.turnstile);
    atomic_store (&self->passed, true);
    tk_turnstile_unlock (&self->room.turnstile);
    return NULL;
}

static void
start_stay (stay_t *stay, pthread_t *owner)
{
    *stay = (stay_t){.passed = false};
    assert_int_equal (pipe (stay->inside) || pipe (stay->leave), 0);
    pthread_create (owner, NULL, own_and_stay, stay);
    hear (stay->inside);
}

static void
end_stay (stay_t *stay, pthread_t owner)
{
    tell (stay->leave);
    pthread_join (owner, NULL);
    for (int i = 0; i < 2; i++) {
        close (stay->inside[i]);
        close (stay->leave[i]);
    }
}

/* What a former owner does that finds itself no longer the owner. */
static void
step_back (const tk_turnstile_t *turnstile)
{
    assert_true (tk_hazard_enter (turnstile));
    tk_hazard_leave ();
}

static void
who_steps_back_hides_no_owner (void **unused)
{
    stay_t stay;
    pthread_t owner, other;
    (void)unused;
    start_stay (&stay, &owner);
    step_back (&stay.room.turnstile);
    pthread_create (&other, NULL, pass, &stay);
    while (atomic_load (&stay.room.turnstile.owner))
        sched_yield ();
    for (int i = 0; i < 1000; i++) {
        step_back (&stay.room.turnstile);
        assert_false (atomic_load (&stay.passed));
    }
    end_stay (&stay, owner);
    pthread_join (other, NULL);
    assert_true (atomic_load (&stay.passed));
}

static void
in_a_forked_child_no_owner_is_inside (void **unused)
{
    stay_t stay;
    pthread_t owner;
    int status;
    (void)unused;
    start_stay (&stay, &owner);
    pid_t pid = fork ();
    if (pid == 0) {
        tk_hazard_child ();
        tk_turnstile_lock_shared (&stay.room.turnstile);
        _exit (0);
    }
    assert_int_equal (waitpid (pid, &status, 0), pid);
    assert_int_equal (status, 0);
    end_stay (&stay, owner);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (who_comes_alone_becomes_the_owner),
        cmocka_unit_test (who_shares_each_time_never_does),
        cmocka_unit_test (an_owner_that_has_ended_is_followed_by_others),
        cmocka_unit_test (one_of_many_is_inside_at_a_time),
        cmocka_unit_test (
            an_owner_and_those_who_come_seldom_exclude_each_other),
        cmocka_unit_test (owners_follow_each_other),
        cmocka_unit_test (who_steps_back_hides_no_owner),
        cmocka_unit_test (in_a_forked_child_no_owner_is_inside),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
