/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_semaphore_object.c - the semaphore inside the
 * manager: every change of its state, without sockets.
 */
#include "tests/sync_objects.h"

#include "patterns/semaphore/semaphore_private.h"

static void
start_semaphore (unsigned value, bool bounded)
{
    driver = driver_new (&tk_semaphore_type, "slots", "[u,b]", value, bounded);
    assert_non_null (driver);
}

static int64_t
value (void)
{
    return number (DAN, "value");
}

static void
semaphore_hands_out_its_permits (void **state)
{
    (void)state;
    start_semaphore (2, true);
    now (ANN, "acquire");
    now (ANN, "acquire");
    assert_int_equal (value (), 0);
    ask_t *bob = ask (BOB, "acquire");
    ask_t *cat = ask (CAT, "acquire");
    now (ANN, "release");
    assert_answered (bob);
    assert_waiting (cat);
    now (BOB, "release");
    assert_answered (cat);
    now (ANN, "release");
    now (CAT, "release");
    assert_int_equal (value (), 2);
}

static void
semaphore_acquire_times_out_and_leaves_the_line (void **state)
{
    (void)state;
    start_semaphore (1, true);
    now (ANN, "acquire");
    assert_failed_with (ask_within (BOB, 0, "acquire"), EAGAIN,
                        "semaphore 'slots' is without a permit");
    ask_t *bob = ask_within (BOB, 200, "acquire");
    ask_t *cat = ask (CAT, "acquire");
    driver_interrupt (cat);
    driver_pass (driver, 200);
    assert_failed_with (bob, ETIMEDOUT,
                        "semaphore 'slots' is still without a permit after "
                        "200 ms");
    assert_failed (cat, EINTR);
    now (ANN, "release");
    assert_int_equal (value (), 1);
}

static void
semaphore_with_a_bound_refuses_one_release_too_many (void **state)
{
    (void)state;
    start_semaphore (2, true);
    assert_failed_with (ask (ANN, "release"), ERANGE,
                        "semaphore 'slots' has all its 2 permits");
    now (ANN, "acquire");
    now (BOB, "release");
    assert_failed (ask (ANN, "release"), ERANGE);
    assert_int_equal (value (), 2);
}

static void
semaphore_with_bound_zero_has_nothing_to_give_or_take (void **state)
{
    (void)state;
    start_semaphore (0, true);
    assert_failed (ask_within (ANN, 0, "acquire"), EAGAIN);
    assert_failed (ask (ANN, "release"), ERANGE);
}

static void
semaphore_without_bound_takes_permits_from_anybody (void **state)
{
    (void)state;
    start_semaphore (0, false);
    ask_t *bob = ask (BOB, "acquire");
    now (ANN, "release");
    assert_answered (bob);
    now (ANN, "release");
    now (ANN, "release");
    assert_int_equal (value (), 2);
}

static void
semaphore_has_a_largest_value (void **state)
{
    (void)state;
    start_semaphore (2147483647, false);
    assert_failed (ask (ANN, "release"), ERANGE);
    assert_null (
        driver_new (&tk_semaphore_type, "s", "[I,b]", (int64_t)2147483648, 0));
    assert_int_equal (errno, EINVAL);
    assert_null (driver_new (&tk_semaphore_type, "s", "[i,b]", -1, 0));
    assert_null (driver_new (&tk_semaphore_type, "s", "[i]", 1));
}

static void
semaphore_is_one_without_parameters (void **state)
{
    (void)state;
    driver = driver_new (&tk_semaphore_type, "s", "[]");
    assert_int_equal (value (), 1);
}

static void
semaphore_gets_the_permits_of_the_dead_back (void **state)
{
    (void)state;
    start_semaphore (3, true);
    now (ANN, "acquire");
    now (ANN, "acquire");
    now (BOB, "acquire");
    ask_t *cat = ask (CAT, "acquire");
    driver_kill (driver, ANN);
    assert_answered (cat);
    assert_int_equal (value (), 1);
    driver_kill (driver, ANN);
    assert_int_equal (value (), 1);
    driver_leave (driver, BOB);
    driver_kill (driver, CAT);
    assert_int_equal (value (), 3);
}

static void
semaphore_forgets_a_dead_waiter (void **state)
{
    (void)state;
    start_semaphore (1, true);
    now (ANN, "acquire");
    ask_t *bob = ask (BOB, "acquire");
    driver_kill (driver, BOB);
    assert_failed (bob, ECONNRESET);
    now (ANN, "release");
    assert_int_equal (value (), 1);
}

static void
semaphore_never_gets_a_permit_back_twice (void **state)
{
    (void)state;
    start_semaphore (1, true);
    now (ANN, "acquire");
    now (BOB, "release"); /* on behalf of ANN */
    now (CAT, "acquire");
    driver_kill (driver, ANN);
    assert_int_equal (value (), 0);
    driver_kill (driver, CAT);
    assert_int_equal (value (), 1);
}

static void
semaphore_used_as_a_signal_returns_only_what_is_under_way (void **state)
{
    (void)state;
    start_semaphore (0, false);
    for (int i = 0; i < 10; i++) {
        now (ANN, "release");
        now (BOB, "acquire");
    }
    driver_kill (driver, BOB);
    assert_int_equal (value (), 1);
}

static void
semaphore_tells_its_figures (void **state)
{
    (void)state;
    start_semaphore (2, true);
    now (ANN, "acquire");
    now (BOB, "acquire");
    ask (CAT, "acquire");
    char *json = troika_msg_json (now (DAN, "stat")->result);
    assert_string_equal (json,
                         "{\"value\":0,\"bounded\":true,\"holders\":[[1,1],"
                         "[2,1]],\"waiters\":1,\"waiting\":[3]}");
    free (json);
    driver_remove (driver);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (semaphore_hands_out_its_permits),
        TEST (semaphore_acquire_times_out_and_leaves_the_line),
        TEST (semaphore_with_a_bound_refuses_one_release_too_many),
        TEST (semaphore_with_bound_zero_has_nothing_to_give_or_take),
        TEST (semaphore_without_bound_takes_permits_from_anybody),
        TEST (semaphore_has_a_largest_value),
        TEST (semaphore_is_one_without_parameters),
        TEST (semaphore_gets_the_permits_of_the_dead_back),
        TEST (semaphore_forgets_a_dead_waiter),
        TEST (semaphore_never_gets_a_permit_back_twice),
        TEST (semaphore_used_as_a_signal_returns_only_what_is_under_way),
        TEST (semaphore_tells_its_figures),
    };
    return cmocka_run_group_tests_name ("semaphore_object", tests, NULL, NULL);
}
