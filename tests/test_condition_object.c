/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_condition_object.c - the condition inside the
 * manager: every change of its state, without sockets.
 */
#include "tests/sync_objects.h"

#include "patterns/condition/condition_private.h"

static void
start_condition (void)
{
    driver = driver_new (&tk_condition_type, "news", "[]");
    assert_non_null (driver);
}

static ask_t *
wait_for_news (uint64_t owner, int timeout)
{
    now (owner, "acquire");
    return ask_within (owner, timeout, "wait");
}

static void
notify (uint64_t owner, unsigned count)
{
    driver_do (driver, owner, "notify", "[u]", count);
}

/* Acquires, notifies count and releases: those wake in turn. */
static void
bring_news (uint64_t owner, unsigned count)
{
    now (owner, "acquire");
    notify (owner, count);
    now (owner, "release");
}

static bool
holds (uint64_t owner)
{
    uint64_t holder = 0;
    assert_int_equal (troika_msg_unpack (now (DAN, "stat")->result, "{s:{s:U}}",
                                         "lock", "holder", &holder),
                      0);
    return holder == owner;
}

static void
condition_wait_returns_when_notified (void **state)
{
    (void)state;
    start_condition ();
    ask_t *ann = wait_for_news (ANN, TROIKA_FOREVER);
    assert_waiting (ann);
    now (BOB, "acquire");
    now (BOB, "notify");
    assert_waiting (ann);
    now (BOB, "release");
    assert_false (died (ann));
    assert_true (holds (ANN));
    now (ANN, "release");
    assert_false (holds (ANN));
}

static void
condition_wants_its_lock_held (void **state)
{
    (void)state;
    start_condition ();
    const char *words = "condition 'news' is not held by this thread";
    assert_failed_with (ask (ANN, "wait"), EPERM, words);
    assert_failed_with (ask (ANN, "notify"), EPERM, words);
    assert_failed_with (ask (ANN, "notify_all"), EPERM, words);
    assert_failed_with (ask (ANN, "release"), EPERM, words);
    now (BOB, "acquire");
    assert_failed_with (ask (ANN, "wait"), EPERM, words);
    assert_failed_with (ask (ANN, "notify"), EPERM, words);
    assert_failed_with (ask (ANN, "release"), EPERM, words);
}

static void
condition_restores_the_depth_after_a_wait (void **state)
{
    (void)state;
    start_condition ();
    now (ANN, "acquire");
    now (ANN, "acquire");
    ask_t *ann = wait_for_news (ANN, TROIKA_FOREVER);
    bring_news (BOB, 1);
    assert_answered (ann);
    now (ANN, "release");
    now (ANN, "release");
    assert_true (holds (ANN));
    now (ANN, "release");
    assert_false (holds (ANN));
}

static void
condition_notifies_the_oldest_first (void **state)
{
    (void)state;
    start_condition ();
    ask_t *ann = wait_for_news (ANN, TROIKA_FOREVER);
    ask_t *bob = wait_for_news (BOB, TROIKA_FOREVER);
    ask_t *cat = wait_for_news (CAT, TROIKA_FOREVER);
    bring_news (DAN, 2);
    assert_answered (ann);
    assert_waiting (bob);
    now (ANN, "release");
    assert_answered (bob);
    now (BOB, "release");
    assert_waiting (cat);
    assert_int_equal (figure ("waiters"), 1);
}

static void
condition_notify_all_wakes_everybody_one_after_the_other (void **state)
{
    (void)state;
    start_condition ();
    ask_t *ann = wait_for_news (ANN, TROIKA_FOREVER);
    ask_t *bob = wait_for_news (BOB, TROIKA_FOREVER);
    now (CAT, "acquire");
    now (CAT, "notify_all");
    now (CAT, "release");
    assert_answered (ann);
    assert_waiting (bob);
    now (ANN, "release");
    assert_answered (bob);
}

static void
condition_does_not_remember_a_notification (void **state)
{
    (void)state;
    start_condition ();
    bring_news (BOB, 5);
    ask_t *ann = wait_for_news (ANN, TROIKA_FOREVER);
    bring_news (BOB, 0);
    assert_waiting (ann);
    bring_news (BOB, 9);
    assert_answered (ann);
}

static void
condition_wait_times_out_holding_the_lock (void **state)
{
    (void)state;
    start_condition ();
    ask_t *ann = wait_for_news (ANN, 100);
    driver_pass (driver, 100);
    assert_failed_with (ann, ETIMEDOUT,
                        "condition 'news' is still not notified after 100 "
                        "ms");
    assert_true (holds (ANN));
}

static void
condition_wait_that_timed_out_waits_for_the_lock (void **state)
{
    (void)state;
    start_condition ();
    now (ANN, "acquire");
    ask_t *ann = wait_for_news (ANN, 100);
    now (BOB, "acquire");
    ask_t *cat = ask (CAT, "acquire");
    driver_pass (driver, 100);
    assert_waiting (ann);
    notify (BOB, 1); /* too late: not for ANN */
    now (BOB, "release");
    assert_answered (cat);
    assert_waiting (ann);
    now (CAT, "release");
    assert_failed (ann, ETIMEDOUT);
    now (ANN, "release");
    assert_true (holds (ANN));
}

static void
condition_wait_without_waiting_says_eagain_holding_the_lock (void **state)
{
    (void)state;
    start_condition ();
    now (ANN, "acquire");
    assert_failed (ask_within (ANN, 0, "wait"), EAGAIN);
    assert_true (holds (ANN));
    ask_t *bob = ask (BOB, "acquire");
    ask_t *ann = ask_within (ANN, 0, "wait");
    assert_waiting (ann);
    assert_answered (bob);
    now (BOB, "release");
    assert_failed_with (ann, EAGAIN, "condition 'news' is not notified");
    assert_true (holds (ANN));
}

static void
condition_wait_that_was_notified_succeeds_after_its_deadline (void **state)
{
    (void)state;
    start_condition ();
    ask_t *ann = wait_for_news (ANN, 100);
    now (BOB, "acquire");
    notify (BOB, 1);
    driver_pass (driver, 1000);
    assert_waiting (ann);
    now (BOB, "release");
    assert_answered (ann);
}

static void
condition_wait_given_up_says_so_holding_the_lock (void **state)
{
    (void)state;
    start_condition ();
    ask_t *ann = wait_for_news (ANN, 100);
    now (BOB, "acquire");
    driver_interrupt (ann);
    assert_waiting (ann);
    driver_interrupt (ann);
    driver_pass (driver, 1000);
    assert_waiting (ann);
    now (BOB, "release");
    assert_failed (ann, EINTR);
    assert_true (holds (ANN));
}

static void
condition_forgets_a_dead_waiter (void **state)
{
    (void)state;
    start_condition ();
    ask_t *ann = wait_for_news (ANN, TROIKA_FOREVER);
    ask_t *bob = wait_for_news (BOB, TROIKA_FOREVER);
    driver_kill (driver, ANN);
    assert_failed (ann, ECONNRESET);
    bring_news (CAT, 1);
    assert_false (died (bob));
}

static void
condition_passes_a_dead_waiters_notification_on (void **state)
{
    (void)state;
    start_condition ();
    ask_t *ann = wait_for_news (ANN, TROIKA_FOREVER);
    ask_t *bob = wait_for_news (BOB, TROIKA_FOREVER);
    now (CAT, "acquire");
    notify (CAT, 1);
    driver_kill (driver, ANN);
    assert_failed (ann, ECONNRESET);
    now (CAT, "release");
    assert_answered (bob);
}

static void
condition_dead_waiter_out_of_time_passes_nothing_on (void **state)
{
    (void)state;
    start_condition ();
    ask_t *ann = wait_for_news (ANN, 100);
    ask_t *bob = wait_for_news (BOB, TROIKA_FOREVER);
    now (CAT, "acquire");
    driver_pass (driver, 100);
    driver_kill (driver, ANN);
    assert_failed (ann, ECONNRESET);
    now (CAT, "release");
    assert_waiting (bob);
}

static void
condition_of_a_dead_holder_is_marked_for_the_next_one (void **state)
{
    (void)state;
    start_condition ();
    ask_t *ann = wait_for_news (ANN, TROIKA_FOREVER);
    now (BOB, "acquire");
    notify (BOB, 1);
    ask_t *cat = ask (CAT, "acquire");
    driver_kill (driver, BOB);
    assert_true (died (ann));
    now (ANN, "release");
    assert_false (died (cat));
}

static void
condition_mark_stays_while_only_failures_take_the_lock (void **state)
{
    (void)state;
    start_condition ();
    ask_t *ann = wait_for_news (ANN, 100);
    now (BOB, "acquire");
    driver_pass (driver, 100);
    driver_kill (driver, BOB);
    assert_failed (ann, ETIMEDOUT);
    now (ANN, "release");
    assert_true (died (now (CAT, "acquire")));
}

static void
condition_that_is_removed_lets_everybody_go (void **state)
{
    (void)state;
    start_condition ();
    ask_t *ann = wait_for_news (ANN, 100);
    ask_t *bob = wait_for_news (BOB, TROIKA_FOREVER);
    now (CAT, "acquire");
    notify (CAT, 1);
    ask_t *dan = ask (DAN, "acquire");
    driver_remove (driver);
    assert_failed (ann, EPIPE);
    assert_failed (bob, EPIPE);
    assert_failed (dan, EPIPE);
}

static void
condition_refuses_wrong_arguments (void **state)
{
    (void)state;
    start_condition ();
    now (ANN, "acquire");
    assert_failed (driver_ask (driver, ANN, -1, "notify", "[i]", -1), EINVAL);
    assert_failed (driver_ask (driver, ANN, -1, "notify", "[s]", "all"),
                   EINVAL);
    assert_failed (driver_ask (driver, ANN, -1, "wait", "[i]", 5), EINVAL);
    assert_true (holds (ANN));
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (condition_wait_returns_when_notified),
        TEST (condition_wants_its_lock_held),
        TEST (condition_restores_the_depth_after_a_wait),
        TEST (condition_notifies_the_oldest_first),
        TEST (condition_notify_all_wakes_everybody_one_after_the_other),
        TEST (condition_does_not_remember_a_notification),
        TEST (condition_wait_times_out_holding_the_lock),
        TEST (condition_wait_that_timed_out_waits_for_the_lock),
        TEST (condition_wait_without_waiting_says_eagain_holding_the_lock),
        TEST (condition_wait_that_was_notified_succeeds_after_its_deadline),
        TEST (condition_wait_given_up_says_so_holding_the_lock),
        TEST (condition_forgets_a_dead_waiter),
        TEST (condition_passes_a_dead_waiters_notification_on),
        TEST (condition_dead_waiter_out_of_time_passes_nothing_on),
        TEST (condition_of_a_dead_holder_is_marked_for_the_next_one),
        TEST (condition_mark_stays_while_only_failures_take_the_lock),
        TEST (condition_that_is_removed_lets_everybody_go),
        TEST (condition_refuses_wrong_arguments),
    };
    return cmocka_run_group_tests_name ("condition_object", tests, NULL, NULL);
}
