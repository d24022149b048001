/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_barrier_object.c - the barrier inside the
 * manager: every change of its state, without sockets.
 */
#include "tests/sync_objects.h"

#include "patterns/barrier/barrier_private.h"

static void
start_barrier (unsigned parties)
{
    driver = driver_new (&tk_barrier_type, "line", "[u]", parties);
    assert_non_null (driver);
}

static void
barrier_lets_its_parties_go_in_order_of_arrival (void **state)
{
    (void)state;
    start_barrier (3);
    assert_int_equal (number (ANN, "parties"), 3);
    ask_t *ann = ask (ANN, "wait");
    ask_t *bob = ask (BOB, "wait");
    assert_waiting (ann);
    assert_int_equal (number (CAT, "waiting"), 2);
    assert_int_equal (number (CAT, "wait"), 2);
    assert_int_equal (driver_int (ann), 0);
    assert_int_equal (driver_int (bob), 1);
    assert_int_equal (number (CAT, "waiting"), 0);
}

static void
barrier_goes_on_round_after_round (void **state)
{
    (void)state;
    start_barrier (2);
    for (int i = 0; i < 3; i++) {
        ask_t *ann = ask (ANN, "wait");
        assert_waiting (ann);
        assert_int_equal (number (BOB, "wait"), 1);
        assert_int_equal (driver_int (ann), 0);
    }
    assert_int_equal (figure ("rounds"), 3);
}

static void
barrier_of_one_never_waits (void **state)
{
    (void)state;
    start_barrier (1);
    assert_int_equal (driver_int (ask_within (ANN, 0, "wait")), 0);
    assert_int_equal (driver_int (ask_within (ANN, 0, "wait")), 0);
}

static void
barrier_wants_at_least_one_party (void **state)
{
    (void)state;
    assert_null (driver_new (&tk_barrier_type, "b", "[u]", 0));
    assert_int_equal (errno, EINVAL);
    assert_null (driver_new (&tk_barrier_type, "b", "[]"));
    assert_null (driver_new (&tk_barrier_type, "b", "[i]", -1));
    assert_null (driver_new (&tk_barrier_type, "b", "[U]", UINT64_MAX));
}

static void
barrier_is_broken_for_all_by_a_deadline (void **state)
{
    (void)state;
    start_barrier (3);
    ask_t *ann = ask_within (ANN, 100, "wait");
    ask_t *bob = ask (BOB, "wait");
    driver_pass (driver, 100);
    assert_failed_with (ann, ECANCELED,
                        "barrier 'line' broke: 2 of 3 were there after 100 "
                        "ms");
    assert_failed_with (bob, ECANCELED,
                        "barrier 'line' broke: one who waited ran out of "
                        "time");
    assert_true (number (CAT, "broken"));
    assert_failed_with (ask (CAT, "wait"), ECANCELED,
                        "barrier 'line' is broken");
    assert_int_equal (number (CAT, "waiting"), 0);
}

static void
barrier_is_broken_by_who_will_not_wait (void **state)
{
    (void)state;
    start_barrier (3);
    ask_t *ann = ask (ANN, "wait");
    assert_failed (ask_within (BOB, 0, "wait"), ECANCELED);
    assert_failed (ann, ECANCELED);
    assert_true (number (CAT, "broken"));
}

static void
barrier_lets_the_last_pass_without_waiting (void **state)
{
    (void)state;
    start_barrier (2);
    ask_t *ann = ask (ANN, "wait");
    assert_int_equal (driver_int (ask_within (BOB, 0, "wait")), 1);
    assert_int_equal (driver_int (ann), 0);
}

static void
barrier_is_broken_by_the_death_of_a_party (void **state)
{
    (void)state;
    start_barrier (3);
    ask_t *ann = ask (ANN, "wait");
    ask_t *bob = ask (BOB, "wait");
    driver_kill (driver, CAT); /* was not there */
    assert_waiting (ann);
    driver_kill (driver, ANN);
    assert_failed (ann, ECONNRESET);
    assert_failed_with (bob, ECANCELED,
                        "barrier 'line' broke: one who waited died");
    assert_true (number (CAT, "broken"));
}

static void
barrier_is_not_broken_by_a_signal (void **state)
{
    (void)state;
    start_barrier (3);
    ask_t *ann = ask (ANN, "wait");
    ask_t *bob = ask (BOB, "wait");
    driver_interrupt (ann);
    assert_failed (ann, EINTR);
    assert_waiting (bob);
    ask_t *again = ask (ANN, "wait");
    assert_int_equal (number (CAT, "wait"), 2);
    assert_int_equal (driver_int (bob), 0);
    assert_int_equal (driver_int (again), 1);
}

static void
barrier_abort_breaks_it_until_reset (void **state)
{
    (void)state;
    start_barrier (2);
    ask_t *ann = ask (ANN, "wait");
    now (BOB, "abort");
    assert_failed_with (ann, ECANCELED, "barrier 'line' was aborted");
    assert_failed (ask (ANN, "wait"), ECANCELED);
    now (BOB, "reset");
    assert_false (number (BOB, "broken"));
    ann = ask (ANN, "wait");
    assert_int_equal (number (BOB, "wait"), 1);
    assert_answered (ann);
}

static void
barrier_reset_sends_those_away_who_wait (void **state)
{
    (void)state;
    start_barrier (2);
    ask_t *ann = ask (ANN, "wait");
    now (BOB, "reset");
    assert_failed_with (ann, ECANCELED, "barrier 'line' was reset");
    assert_false (number (BOB, "broken"));
    assert_int_equal (number (BOB, "waiting"), 0);
}

static void
barrier_that_is_removed_lets_its_parties_go (void **state)
{
    (void)state;
    start_barrier (3);
    ask_t *ann = ask (ANN, "wait");
    ask_t *bob = ask (BOB, "wait");
    driver_remove (driver);
    assert_failed (ann, EPIPE);
    assert_failed (bob, EPIPE);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (barrier_lets_its_parties_go_in_order_of_arrival),
        TEST (barrier_goes_on_round_after_round),
        TEST (barrier_of_one_never_waits),
        TEST (barrier_wants_at_least_one_party),
        TEST (barrier_is_broken_for_all_by_a_deadline),
        TEST (barrier_is_broken_by_who_will_not_wait),
        TEST (barrier_lets_the_last_pass_without_waiting),
        TEST (barrier_is_broken_by_the_death_of_a_party),
        TEST (barrier_is_not_broken_by_a_signal),
        TEST (barrier_abort_breaks_it_until_reset),
        TEST (barrier_reset_sends_those_away_who_wait),
        TEST (barrier_that_is_removed_lets_its_parties_go),
    };
    return cmocka_run_group_tests_name ("barrier_object", tests, NULL, NULL);
}
