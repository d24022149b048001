/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_event_object.c - the event inside the
 * manager: every change of its state, without sockets.
 */
#include "tests/sync_objects.h"

#include "patterns/event/event_private.h"

static void
start_event (void)
{
    driver = driver_new (&tk_event_type, "go", "[]");
    assert_non_null (driver);
}

static void
event_is_clear_at_first_and_set_until_cleared (void **state)
{
    (void)state;
    start_event ();
    assert_false (number (ANN, "is_set"));
    now (ANN, "set");
    now (ANN, "set");
    assert_true (number (BOB, "is_set"));
    assert_answered (ask_within (BOB, 0, "wait"));
    now (ANN, "clear");
    now (ANN, "clear");
    assert_false (number (BOB, "is_set"));
    assert_failed_with (ask_within (BOB, 0, "wait"), EAGAIN,
                        "event 'go' is not set");
}

static void
event_wakes_all_who_wait_though_clear_follows (void **state)
{
    (void)state;
    start_event ();
    ask_t *ann = ask (ANN, "wait");
    ask_t *bob = ask_within (BOB, 100, "wait");
    assert_int_equal (figure ("waiters"), 2);
    now (CAT, "set");
    now (CAT, "clear");
    assert_answered (ann);
    assert_answered (bob);
    assert_waiting (ask (ANN, "wait"));
}

static void
event_wait_times_out (void **state)
{
    (void)state;
    start_event ();
    ask_t *ann = ask_within (ANN, 100, "wait");
    ask_t *bob = ask (BOB, "wait");
    driver_pass (driver, 100);
    assert_failed_with (ann, ETIMEDOUT,
                        "event 'go' is still not set after 100 ms");
    driver_interrupt (bob);
    assert_failed (bob, EINTR);
    assert_int_equal (figure ("waiters"), 0);
}

static void
event_forgets_a_dead_waiter (void **state)
{
    (void)state;
    start_event ();
    ask_t *ann = ask (ANN, "wait");
    ask_t *bob = ask (BOB, "wait");
    driver_kill (driver, ANN);
    assert_failed (ann, ECONNRESET);
    now (CAT, "set");
    assert_answered (bob);
}

static void
event_that_is_removed_lets_its_waiters_go (void **state)
{
    (void)state;
    start_event ();
    ask_t *ann = ask (ANN, "wait");
    driver_remove (driver);
    assert_failed (ann, EPIPE);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (event_is_clear_at_first_and_set_until_cleared),
        TEST (event_wakes_all_who_wait_though_clear_follows),
        TEST (event_wait_times_out),
        TEST (event_forgets_a_dead_waiter),
        TEST (event_that_is_removed_lets_its_waiters_go),
    };
    return cmocka_run_group_tests_name ("event_object", tests, NULL, NULL);
}
