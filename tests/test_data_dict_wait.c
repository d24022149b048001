/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_data_dict_wait.c - a dict inside the manager: waits for changes of
 * a key.
 */
#include "tests/data_check.h"

#include <errno.h>
#include "patterns/dict/dict_private.h"

enum { ANN = 1, BOB, CAT };

static int
start (void **state)
{
    (void)state;
    driver = driver_new (&tk_dict_type, "config", "[]");
    assert_non_null (driver);
    return 0;
}

/* The version that an answered wait told. */
static uint64_t
version_of (const ask_t *wait)
{
    uint64_t version;
    assert_answered (wait);
    if (troika_msg_unpack (wait->result, "[U,*]", &version))
        assert_int_equal (troika_msg_unpack (wait->result, "[U]", &version), 0);
    return version;
}

/* What it told: the value as an int, or -1 for a delete. */
static int
value_of (const ask_t *wait)
{
    int value;
    assert_answered (wait);
    if (!troika_msg_unpack (wait->result, "[I,i]", NULL, &value))
        return value;
    assert_int_equal (troika_msg_unpack (wait->result, "[I]", NULL), 0);
    return -1;
}

static ask_t *
wait_for (const char *key, uint64_t version)
{
    return driver_ask (driver, BOB, TROIKA_FOREVER, "wait", "[s,U]", key,
                       version);
}

static void
wait_tells_a_present_value_at_once (void **state)
{
    (void)state;
    DO ("set", "[s,i]", "k", 1);
    assert_int_equal (value_of (wait_for ("k", 0)), 1);
    assert_int_equal (value_of (DO ("wait", "[s]", "k")), 1);
}

static void
wait_is_answered_by_the_next_change_of_its_key (void **state)
{
    (void)state;
    ask_t *first = wait_for ("k", 0);
    ask_t *other = wait_for ("l", 0);
    DO ("set", "[s,i]", "k", 1);
    assert_int_equal (value_of (first), 1);
    assert_waiting (other);
    ask_t *next = wait_for ("k", version_of (first));
    ask_t *beside = wait_for ("k", version_of (first));
    assert_waiting (next);
    DO ("get", "[s]", "k");
    assert_waiting (next);
    DO ("add", "[s,i]", "k", 1);
    assert_int_equal (value_of (next), 2);
    assert_int_equal (value_of (beside), 2);
    assert_waiting (other);
    assert_true (version_of (next) > version_of (first));
    driver_interrupt (other);
}

static void
wait_is_answered_by_every_kind_of_change (void **state)
{
    (void)state;
    ask_t *wait = wait_for ("k", 0);
    DO ("setdefault", "[s,i]", "k", 1);
    assert_int_equal (value_of (wait), 1);
    wait = wait_for ("k", version_of (wait));
    DO ("setdefault", "[s,i]", "k", 9); /* no change */
    assert_waiting (wait);
    DO ("update", "[{s:i}]", "k", 2);
    assert_int_equal (value_of (wait), 2);
    wait = wait_for ("k", version_of (wait));
    assert_failed (ASK ("cas", "[s,i,i]", "k", 1, 3), ECANCELED);
    assert_waiting (wait);
    DO ("cas", "[s,i,i]", "k", 2, 3);
    assert_int_equal (value_of (wait), 3);
    wait = wait_for ("k", version_of (wait));
    DO ("set", "[s,i]", "k", 3); /* the same value is a change, too */
    assert_int_equal (value_of (wait), 3);
}

static void
wait_is_told_of_a_delete (void **state)
{
    (void)state;
    static const char *const methods[] = {"del", "pop", "clear"};
    for (int i = 0; i < 3; i++) {
        DO ("set", "[s,i]", "k", 1);
        ask_t *wait = wait_for ("k", version_of (wait_for ("k", 0)));
        if (i == 2)
            DO (methods[i], "[]");
        else
            DO (methods[i], "[s]", "k");
        assert_int_equal (value_of (wait), -1);
        ask_t *next = wait_for ("k", version_of (wait));
        assert_waiting (next);
        DO ("set", "[s,i]", "k", 2);
        assert_int_equal (value_of (next), 2);
    }
}

static void
wait_misses_nothing_between_two_waits (void **state)
{
    (void)state;
    DO ("set", "[s,i]", "k", 1);
    uint64_t seen = version_of (wait_for ("k", 0));
    DO ("set", "[s,i]", "k", 2);
    ask_t *wait = wait_for ("k", seen);
    assert_int_equal (value_of (wait), 2);
    seen = version_of (wait);
    DO ("del", "[s]", "k");
    wait = wait_for ("k", seen);
    assert_int_equal (value_of (wait), -1);
    uint64_t gone = version_of (wait);
    assert_true (gone > seen);
    DO ("set", "[s,i]", "k", 2);
    DO ("del", "[s]", "k"); /* come and gone again */
    wait = wait_for ("k", gone);
    assert_int_equal (value_of (wait), -1);
    assert_true (version_of (wait) > gone);
    assert_waiting (wait_for ("k", version_of (wait)));
}

static void
wait_sees_that_a_key_was_made_anew (void **state)
{
    (void)state;
    DO ("set", "[s,i]", "k", 1);
    uint64_t seen = version_of (wait_for ("k", 0));
    DO ("del", "[s]", "k");
    DO ("set", "[s,i]", "k", 1);
    ask_t *wait = wait_for ("k", seen);
    assert_int_equal (value_of (wait), 1);
    assert_true (version_of (wait) > seen);
}

static void
wait_with_nothing_seen_waits_for_a_value (void **state)
{
    (void)state;
    DO ("set", "[s,i]", "k", 1);
    DO ("del", "[s]", "k");
    ask_t *wait = wait_for ("k", 0);
    assert_waiting (wait);
    DO ("clear", "[]");
    DO ("set", "[s,i]", "l", 1);
    DO ("clear", "[]");
    assert_waiting (wait);
    DO ("set", "[s,i]", "k", 2);
    assert_int_equal (value_of (wait), 2);
}

static void
wait_says_deleted_when_the_trace_is_gone (void **state)
{
    (void)state;
    DO ("set", "[s,i]", "k", 1);
    uint64_t seen = version_of (wait_for ("k", 0));
    DO ("del", "[s]", "k");
    for (int i = 0; i < 1000; i++) {
        DO ("set", "[i,i]", i, i);
        DO ("del", "[i]", i);
    }
    ask_t *wait = wait_for ("k", seen);
    assert_int_equal (value_of (wait), -1);
    assert_waiting (wait_for ("k", version_of (wait)));
}

static void
wait_says_deleted_after_a_clear (void **state)
{
    (void)state;
    DO ("set", "[s,i]", "k", 1);
    uint64_t seen = version_of (wait_for ("k", 0));
    DO ("clear", "[]");
    ask_t *wait = wait_for ("k", seen);
    assert_int_equal (value_of (wait), -1);
    assert_waiting (wait_for ("k", version_of (wait)));
}

static void
wait_notices_a_dict_that_was_made_anew (void **state)
{
    (void)state;
    DO ("set", "[s,i]", "k", 1);
    uint64_t seen = version_of (wait_for ("k", 0));
    driver_destroy (&driver);
    start (NULL);
    ask_t *wait = wait_for ("k", seen);
    assert_int_equal (value_of (wait), -1);
    assert_true (version_of (wait) > seen);
    DO ("set", "[s,i]", "k", 2);
    assert_int_equal (value_of (wait_for ("k", seen)), 2);
    /* A version of a dict whose clock was ahead. */
    assert_int_equal (value_of (wait_for ("k", UINT64_MAX)), 2);
    assert_int_equal (value_of (wait_for ("l", UINT64_MAX)), -1);
}

static void
wait_ends_at_its_deadline_in_words (void **state)
{
    (void)state;
    ask_t *wait = driver_ask (driver, BOB, 200, "wait", "[s]", "port");
    driver_pass (driver, 199);
    assert_waiting (wait);
    driver_pass (driver, 1);
    assert_failed_with (wait, ETIMEDOUT,
                        "dict 'config' is still unchanged at key \"port\" "
                        "after 200 ms");
    assert_failed_with (
        driver_ask (driver, BOB, TROIKA_NOWAIT, "wait", "[s]", "port"), EAGAIN,
        "dict 'config' is unchanged at key \"port\"");
    DO ("set", "[s,i]", "port", 1);
}

static uint64_t
waiters (void)
{
    uint64_t count;
    assert_int_equal (troika_msg_unpack (DO ("stat", "[]")->result, "{s:U}",
                                         "waiters", &count),
                      0);
    return count;
}

static void
wait_leaves_with_its_caller (void **state)
{
    (void)state;
    ask_t *lost = wait_for ("k", 0);
    ask_t *given_up =
        driver_ask (driver, CAT, TROIKA_FOREVER, "wait", "[s]", "k");
    assert_int_equal (waiters (), 2);
    driver_kill (driver, BOB);
    assert_failed (lost, ECONNRESET);
    driver_interrupt (given_up);
    assert_failed (given_up, EINTR);
    assert_int_equal (waiters (), 0);
    DO ("set", "[s,i]", "k", 1);
}

static void
wait_ends_with_its_dict (void **state)
{
    (void)state;
    ask_t *wait = wait_for ("a key that is longer than sixteen bytes", 0);
    driver_remove (driver);
    assert_failed (wait, EPIPE);
}

#define T(test) cmocka_unit_test_setup_teardown (test, start, end)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        T (wait_tells_a_present_value_at_once),
        T (wait_is_answered_by_the_next_change_of_its_key),
        T (wait_is_answered_by_every_kind_of_change),
        T (wait_is_told_of_a_delete),
        T (wait_misses_nothing_between_two_waits),
        T (wait_sees_that_a_key_was_made_anew),
        T (wait_with_nothing_seen_waits_for_a_value),
        T (wait_says_deleted_when_the_trace_is_gone),
        T (wait_says_deleted_after_a_clear),
        T (wait_notices_a_dict_that_was_made_anew),
        T (wait_ends_at_its_deadline_in_words),
        T (wait_leaves_with_its_caller),
        T (wait_ends_with_its_dict),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
