/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_lock_object.c - lock and rlock inside the
 * manager: every change of their state, without sockets.
 */
#include "tests/sync_objects.h"

#include "patterns/lock/lock_private.h"

static void
start_lock (void)
{
    driver = driver_new (&tk_lock_type, "cash", "[]");
    assert_non_null (driver);
}

static void
lock_is_acquired_and_released (void **state)
{
    (void)state;
    start_lock ();
    assert_false (died (now (ANN, "acquire")));
    assert_int_equal (figure ("holder"), ANN);
    now (ANN, "release");
    assert_int_equal (figure ("holder"), 0);
}

static void
lock_is_granted_in_order_of_arrival (void **state)
{
    (void)state;
    start_lock ();
    now (ANN, "acquire");
    ask_t *bob = ask (BOB, "acquire");
    ask_t *cat = ask (CAT, "acquire");
    assert_int_equal (figure ("waiters"), 2);
    now (ANN, "release");
    assert_answered (bob);
    assert_waiting (cat);
    now (BOB, "release");
    assert_answered (cat);
    assert_int_equal (figure ("holder"), CAT);
}

static void
lock_makes_its_holder_wait_for_itself (void **state)
{
    (void)state;
    start_lock ();
    now (ANN, "acquire");
    ask_t *again = ask_within (ANN, 200, "acquire");
    assert_waiting (again);
    driver_pass (driver, 200);
    assert_failed_with (again, ETIMEDOUT,
                        "lock 'cash' is still held by this thread itself "
                        "after 200 ms");
}

static void
lock_acquire_times_out_and_leaves_the_line (void **state)
{
    (void)state;
    start_lock ();
    now (ANN, "acquire");
    ask_t *bob = ask_within (BOB, 200, "acquire");
    ask_t *cat = ask (CAT, "acquire");
    driver_pass (driver, 199);
    assert_waiting (bob);
    driver_pass (driver, 1);
    assert_failed_with (bob, ETIMEDOUT,
                        "lock 'cash' is still held by another after 200 ms");
    now (ANN, "release");
    assert_answered (cat);
}

static void
lock_acquire_without_waiting_says_eagain (void **state)
{
    (void)state;
    start_lock ();
    assert_answered (ask_within (ANN, 0, "acquire"));
    assert_failed_with (ask_within (BOB, 0, "acquire"), EAGAIN,
                        "lock 'cash' is held by another");
    assert_int_equal (figure ("waiters"), 0);
}

static void
lock_acquire_given_up_leaves_no_trace (void **state)
{
    (void)state;
    start_lock ();
    now (ANN, "acquire");
    ask_t *bob = ask (BOB, "acquire");
    driver_interrupt (bob);
    assert_failed (bob, EINTR);
    now (ANN, "release");
    assert_int_equal (figure ("holder"), 0);
}

static void
lock_is_released_by_anybody (void **state)
{
    (void)state;
    start_lock ();
    now (ANN, "acquire");
    now (BOB, "release");
    assert_int_equal (figure ("holder"), 0);
    driver_do (driver, CAT, "acquire", "[]");
    driver_do (driver, BOB, "release", "[n]");
    assert_int_equal (figure ("holder"), 0);
}

static void
lock_release_fails_when_it_is_free (void **state)
{
    (void)state;
    start_lock ();
    assert_failed_with (ask (ANN, "release"), EPERM, "lock 'cash' is not held");
    uint64_t mine = token (now (ANN, "acquire"));
    now (BOB, "release");
    assert_failed (driver_ask (driver, ANN, -1, "release", "[U]", mine), EPERM);
}

static void
lock_token_grows_and_is_told_to_the_holder_only (void **state)
{
    (void)state;
    start_lock ();
    uint64_t first = token (now (ANN, "acquire"));
    assert_true (first > 0);
    assert_int_equal (number (ANN, "token"), first);
    assert_failed_with (ask (BOB, "token"), EPERM,
                        "lock 'cash' is not held by this thread");
    ask_t *bob = ask (BOB, "acquire");
    now (ANN, "release");
    assert_true (token (bob) > first);
    assert_int_equal (number (BOB, "token"), token (bob));
    assert_failed (ask (ANN, "token"), EPERM);
}

static void
lock_token_grows_from_one_object_to_the_next (void **state)
{
    (void)state;
    start_lock ();
    uint64_t before = token (now (ANN, "acquire"));
    driver_destroy (&driver);
    start_lock ();
    assert_true (token (now (ANN, "acquire")) > before);
}

static void
lock_of_a_dead_holder_is_marked_for_the_next_one (void **state)
{
    (void)state;
    start_lock ();
    now (ANN, "acquire");
    ask_t *bob = ask (BOB, "acquire");
    driver_kill (driver, ANN);
    assert_true (died (bob));
    now (BOB, "release");
    assert_false (died (now (CAT, "acquire")));
}

static void
lock_of_a_dead_holder_is_marked_until_somebody_comes (void **state)
{
    (void)state;
    start_lock ();
    now (ANN, "acquire");
    driver_leave (driver, ANN);
    assert_int_equal (figure ("holder"), 0);
    assert_true (died (now (BOB, "acquire")));
    now (BOB, "release");
    assert_false (died (now (BOB, "acquire")));
}

static void
lock_forgets_a_dead_waiter (void **state)
{
    (void)state;
    start_lock ();
    now (ANN, "acquire");
    ask_t *bob = ask (BOB, "acquire");
    ask_t *cat = ask (CAT, "acquire");
    driver_kill (driver, BOB);
    assert_failed (bob, ECONNRESET);
    assert_int_equal (figure ("waiters"), 1);
    now (ANN, "release");
    assert_false (died (cat));
}

static void
lock_refuses_the_release_of_a_stale_holding (void **state)
{
    (void)state;
    start_lock ();
    uint64_t stale = token (now (ANN, "acquire"));
    ask_t *bob = ask (BOB, "acquire");
    driver_kill (driver, ANN);
    uint64_t reborn = DAN; /* the same client in a new session */
    assert_failed (driver_ask (driver, reborn, -1, "release", "[U]", stale),
                   ESTALE);
    assert_int_equal (figure ("holder"), BOB);
    driver_do (driver, reborn, "release", "[U]", token (bob));
    assert_int_equal (figure ("holder"), 0);
}

static void
lock_refuses_wrong_arguments (void **state)
{
    (void)state;
    start_lock ();
    assert_failed (driver_ask (driver, ANN, -1, "acquire", "[i]", 1), EINVAL);
    assert_failed (driver_ask (driver, ANN, -1, "release", "[s]", "x"), EINVAL);
    assert_failed (driver_ask (driver, ANN, -1, "release", "[U,U]", (uint64_t)1,
                               (uint64_t)2),
                   EINVAL);
    assert_failed (driver_ask (driver, ANN, -1, "stat", "i", 1), EINVAL);
    assert_failed (ask (ANN, "lock"), ENOENT);
    assert_int_equal (figure ("holder"), 0);
    assert_null (driver_new (&tk_lock_type, "other", "[i]", 1));
    assert_int_equal (errno, EINVAL);
}

static void
lock_that_is_removed_lets_its_waiters_go (void **state)
{
    (void)state;
    start_lock ();
    now (ANN, "acquire");
    ask_t *bob = ask (BOB, "acquire");
    ask_t *cat = ask_within (CAT, 100, "acquire");
    driver_remove (driver);
    assert_failed (bob, EPIPE);
    assert_failed (cat, EPIPE);
}

static void
start_rlock (void)
{
    driver = driver_new (&tk_rlock_type, "tree", "[]");
    assert_non_null (driver);
}

static void
rlock_is_released_as_often_as_acquired (void **state)
{
    (void)state;
    start_rlock ();
    uint64_t outer = token (now (ANN, "acquire"));
    assert_int_equal (token (now (ANN, "acquire")), outer);
    assert_int_equal (figure ("depth"), 2);
    ask_t *bob = ask (BOB, "acquire");
    now (ANN, "release");
    assert_waiting (bob);
    assert_int_equal (number (ANN, "token"), outer);
    now (ANN, "release");
    assert_true (token (bob) > outer);
    assert_int_equal (figure ("depth"), 1);
}

static void
rlock_is_released_by_its_owner_only (void **state)
{
    (void)state;
    start_rlock ();
    const char *words = "rlock 'tree' is not held by this thread";
    assert_failed_with (ask (ANN, "release"), EPERM, words);
    uint64_t mine = token (now (ANN, "acquire"));
    assert_failed_with (ask (BOB, "release"), EPERM, words);
    assert_failed (driver_ask (driver, BOB, -1, "release", "[U]", mine), EPERM);
    assert_int_equal (figure ("depth"), 1);
}

static void
rlock_of_a_dead_owner_is_free_at_every_depth (void **state)
{
    (void)state;
    start_rlock ();
    now (ANN, "acquire");
    now (ANN, "acquire");
    ask_t *bob = ask (BOB, "acquire");
    driver_kill (driver, ANN);
    assert_true (died (bob));
    assert_int_equal (figure ("depth"), 1);
    assert_false (died (now (BOB, "acquire")));
}

static void
rlock_acquire_times_out (void **state)
{
    (void)state;
    start_rlock ();
    now (ANN, "acquire");
    ask_t *bob = ask_within (BOB, 50, "acquire");
    driver_pass (driver, 50);
    assert_failed_with (bob, ETIMEDOUT,
                        "rlock 'tree' is still held by another after 50 ms");
    assert_failed (ask_within (BOB, 0, "acquire"), EAGAIN);
    assert_answered (ask_within (ANN, 0, "acquire"));
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (lock_is_acquired_and_released),
        TEST (lock_is_granted_in_order_of_arrival),
        TEST (lock_makes_its_holder_wait_for_itself),
        TEST (lock_acquire_times_out_and_leaves_the_line),
        TEST (lock_acquire_without_waiting_says_eagain),
        TEST (lock_acquire_given_up_leaves_no_trace),
        TEST (lock_is_released_by_anybody),
        TEST (lock_release_fails_when_it_is_free),
        TEST (lock_token_grows_and_is_told_to_the_holder_only),
        TEST (lock_token_grows_from_one_object_to_the_next),
        TEST (lock_of_a_dead_holder_is_marked_for_the_next_one),
        TEST (lock_of_a_dead_holder_is_marked_until_somebody_comes),
        TEST (lock_forgets_a_dead_waiter),
        TEST (lock_refuses_the_release_of_a_stale_holding),
        TEST (lock_refuses_wrong_arguments),
        TEST (lock_that_is_removed_lets_its_waiters_go),
        TEST (rlock_is_released_as_often_as_acquired),
        TEST (rlock_is_released_by_its_owner_only),
        TEST (rlock_of_a_dead_owner_is_free_at_every_depth),
        TEST (rlock_acquire_times_out),
    };
    return cmocka_run_group_tests_name ("lock_object", tests, NULL, NULL);
}
