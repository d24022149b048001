/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_manager_types.c - types of one's own: a bank that moves money between
 * accounts, and whose calls wait for it.
 */
#include <stdlib.h>
#include <string.h>
#include "tests/managed.h"

static troika_object_t *
open_bank (stage_t *stage)
{
    troika_manager_t *manager = stage_manager (stage);
    troika_object_t *bank =
        CHECK_OK (troika_manager_object (manager, "bank", "bank", NULL));
    troika_manager_destroy (&manager);
    return bank;
}

#define ASK(object, method, ...)                                               \
    number_of (                                                                \
        CHECK_OK (troika_object_call (object, 5000, method, __VA_ARGS__)))

static void
money_moves_in_one_step (stage_t *stage)
{
    int64_t from, to;
    troika_object_t *bank = open_bank (stage);
    CHECK_OK (troika_object_cast (bank, "deposit", "I", (int64_t)100));
    troika_msg_t *answer = CHECK_OK (troika_object_call (
        bank, 1000, "transfer", "[iiI]", 0, 2, (int64_t)30));
    CHECK_OK (
        troika_msg_unpack (answer, "{s:I,s:I}", "from", &from, "to", &to));
    assert_int_equal (from, 70);
    assert_int_equal (to, 30);
    troika_msg_destroy (&answer);
    CHECK_ERRNO (
        troika_object_call (bank, 1000, "transfer", "iiI", 2, 0, (int64_t)31),
        ERANGE);
    assert_non_null (strstr (troika_error (), "account 2 has only 30"));
    assert_int_equal (ASK (bank, "balance", "i", 2), 30);
    assert_int_equal (ASK (bank, "balance", "[i]", 0), 70);
    troika_object_destroy (&bank);
}

static int
move_money (stage_t *stage, void *arg)
{
    (void)arg;
    troika_object_t *bank =
        CHECK_OK (troika_object_connect (stage_object (stage, "bank")));
    for (int i = 0; i < 200; i++) {
        troika_msg_t *answer = troika_object_call (
            bank, 5000, "transfer", "iiI", i % 4, (i + 1) % 4, (int64_t)1);
        assert_true (answer || errno == ERANGE);
        troika_msg_destroy (&answer);
    }
    troika_object_destroy (&bank);
    return 0;
}

static void
no_money_is_made_or_lost (stage_t *stage)
{
    stage_peer_t *peers[4];
    int64_t sum = 0;
    troika_object_t *bank = open_bank (stage);
    CHECK_OK (troika_object_cast (bank, "deposit", "I", (int64_t)20));
    stage_start_peers (stage, peers, 4, move_money, NULL);
    stage_join_peers (peers, 4);
    for (int i = 0; i < 4; i++)
        sum += ASK (bank, "balance", "i", i);
    assert_int_equal (sum, 20);
    troika_object_destroy (&bank);
}

static void
create_gets_the_parameters_and_may_refuse (stage_t *stage)
{
    troika_object_t *bank = open_bank (stage);
    troika_manager_t *manager = stage_manager_more (stage);
    CHECK_ERRNO (troika_manager_object (manager, "bank", "b", "i", -1), ERANGE);
    CHECK_ERRNO (troika_manager_object (manager, "bank", "b", "s", "much"),
                 EBADMSG);
    troika_object_t *rich =
        CHECK_OK (troika_manager_object (manager, "bank", "b", "[i]", 7));
    troika_object_t *same =
        CHECK_OK (troika_manager_object (manager, "bank", "b", "i", 7));
    CHECK_ERRNO (troika_manager_object (manager, "bank", "b", "i", 8), EEXIST);
    assert_int_equal (ASK (same, "balance", "i", 3), 7);
    troika_object_destroy (&rich);
    troika_object_destroy (&same);
    troika_object_destroy (&bank);
    troika_manager_destroy (&manager);
}

static void
check_echo (troika_msg_t *answer, const char *json)
{
    char *text = troika_msg_json (answer);
    assert_string_equal (text, json);
    free (text);
    troika_msg_destroy (&answer);
}

static void
arguments_are_one_array (stage_t *stage)
{
    troika_object_t *bank = open_bank (stage);
#define ECHO(json, ...)                                                        \
    check_echo (                                                               \
        CHECK_OK (troika_object_call (bank, 1000, "echo", __VA_ARGS__)), json)
    ECHO ("[]", NULL);
    ECHO ("[1]", "i", 1);
    ECHO ("[1]", "[i]", 1);
    ECHO ("[1,\"two\"]", "is", 1, "two");
    ECHO ("[1,\"two\"]", "[is]", 1, "two");
    ECHO ("[[1]]", "[[i]]", 1);
    ECHO ("[{\"k\":1}]", "{s:i}", "k", 1);
    ECHO ("[]", "[]");
    ECHO ("[null]", "n");
#undef ECHO
    CHECK_ERRNO (troika_object_call (bank, 1000, "echo", "[i"), EINVAL);
    CHECK_ERRNO (troika_object_cast (bank, "echo", "?"), EINVAL);
    CHECK_ERRNO (troika_object_call (bank, 1000, "ohce", NULL), ENOENT);
    CHECK_ERRNO (troika_object_call (bank, 1000, "", NULL), EINVAL);
    CHECK_ERRNO (troika_object_call (bank, 1000, NULL, NULL), EINVAL);
    CHECK_ERRNO (troika_object_call (bank, -2, "echo", NULL), EINVAL);
    troika_object_destroy (&bank);
}

static int
withdraw_ten (void *bank, int timeout)
{
    troika_msg_t *answer =
        troika_object_call (bank, timeout, "withdraw", "I", (int64_t)10);
    return answer ? (int)number_of (answer) : -1;
}

static void
a_deferred_call_is_answered_by_another (stage_t *stage)
{
    caller_t caller;
    troika_object_t *bank = open_bank (stage);
    caller_start (&caller, withdraw_ten, bank, TROIKA_FOREVER);
    WAIT_UNTIL (waiters_of (stage, "bank") == 1);
    CHECK_ERRNO (withdraw_ten (bank, TROIKA_FOREVER), EPERM);
    CHECK_OK (troika_object_cast (bank, "deposit", "i", 9));
    CHECK_OK (troika_object_cast (bank, "deposit", "i", 2));
    assert_int_equal (caller_end (&caller), 10);
    assert_int_equal (ASK (bank, "balance", "i", 0), 1);
    assert_int_equal (stat_of (stage, "bank", "cancelled"), 0);
    troika_object_destroy (&bank);
}

static void
a_cast_is_not_waited_for_and_its_failure_not_told (stage_t *stage)
{
    troika_object_t *bank = open_bank (stage);
    CHECK_OK (troika_object_cast (bank, "withdraw", "i", 10)); /* deferred */
    CHECK_OK (troika_object_cast (bank, "no such method", NULL));
    CHECK_OK (troika_object_cast (bank, "withdraw", "i", 10)); /* refused */
    WAIT_UNTIL (waiters_of (stage, "bank") == 1);
    CHECK_OK (troika_object_cast (bank, "deposit", "i", 12));
    assert_int_equal (ASK (bank, "balance", "i", 0), 2);
    troika_object_destroy (&bank);
}

static void
cancel_runs_once_and_says_why (stage_t *stage)
{
    troika_object_t *bank = open_bank (stage);
    CHECK_ERRNO (withdraw_ten (bank, TROIKA_NOWAIT), EAGAIN);
    assert_int_equal (stat_of (stage, "bank", "cancelled"), 1);
    assert_int_equal (stat_of (stage, "bank", "reason"), EAGAIN);
    CHECK_ERRNO (withdraw_ten (bank, 30), ETIMEDOUT);
    assert_int_equal (stat_of (stage, "bank", "cancelled"), 2);
    assert_int_equal (stat_of (stage, "bank", "reason"), ETIMEDOUT);
    CHECK_OK (troika_object_cast (bank, "deposit", "i", 10));
    assert_int_equal (withdraw_ten (bank, TROIKA_NOWAIT), -1);
    assert_int_equal (ASK (bank, "balance", "i", 0), 10);
    assert_int_equal (withdraw_ten (bank, 1000), 10);
    troika_object_destroy (&bank);
}

static int
wait_for_money (stage_t *stage, void *arg)
{
    (void)arg;
    troika_object_t *bank =
        CHECK_OK (troika_object_connect (stage_object (stage, "bank")));
    withdraw_ten (bank, TROIKA_FOREVER);
    return 1;
}

static void
cancel_runs_when_the_caller_dies (stage_t *stage)
{
    troika_object_t *bank = open_bank (stage);
    stage_peer_t *peer = stage_peer (stage, wait_for_money, NULL);
    WAIT_UNTIL (waiters_of (stage, "bank") == 1);
    stage_kill (peer);
    WAIT_UNTIL (waiters_of (stage, "bank") == 0);
    assert_int_equal (stat_of (stage, "bank", "cancelled"), 1);
    assert_int_equal (stat_of (stage, "bank", "reason"), ECONNRESET);
    troika_object_destroy (&bank);
}

static int
ask_who (void *bank, int timeout)
{
    return (int)number_of (
        CHECK_OK (troika_object_call (bank, timeout, "who", NULL)));
}

static int
ask_who_as_peer (stage_t *stage, void *arg)
{
    (void)arg;
    troika_object_t *bank =
        CHECK_OK (troika_object_connect (stage_object (stage, "bank")));
    stage_tell (stage, 3, ASK (bank, "who", NULL));
    troika_object_destroy (&bank);
    return 0;
}

static void
each_thread_is_an_owner_of_its_own (stage_t *stage)
{
    troika_object_t *bank = open_bank (stage);
    int64_t me = ASK (bank, "who", NULL);
    int64_t thread = in_thread (ask_who, bank, 1000);
    stage_run_peer (stage, ask_who_as_peer, NULL);
    int64_t peer = stage_hear (stage, 3);
    assert_true (me && thread && peer);
    assert_true (me != thread && thread != peer && me != peer);
    assert_int_equal (ASK (bank, "who", NULL), me);
    troika_object_destroy (&bank);
}

/* Another session would be another owner. */
static void
a_handler_s_econnreset_is_not_the_session_s (stage_t *stage)
{
    troika_object_t *bank = open_bank (stage);
    int64_t me = ASK (bank, "who", NULL);
    CHECK_ERRNO (troika_object_call (bank, 1000, "lose", NULL), ECONNRESET);
    assert_string_equal (troika_error (), "the vault is lost");
    assert_int_equal (ASK (bank, "who", NULL), me);
    troika_object_destroy (&bank);
}

static int
deposit_one (void *bank, int timeout)
{
    troika_msg_t *answer =
        CHECK_OK (troika_object_call (bank, timeout, "deposit", "i", 1));
    int nil = troika_msg_is_nil (answer);
    troika_msg_destroy (&answer);
    return nil;
}

static void
forget_is_told_of_a_thread_s_end (stage_t *stage)
{
    troika_object_t *bank = open_bank (stage);
    assert_int_equal (in_thread (deposit_one, bank, 1000), 1);
    WAIT_UNTIL (stat_of (stage, "bank", "forgotten") == 1);
    troika_object_destroy (&bank);
}

static const stage_case_t cases[] = {
    STAGE_TEST (money_moves_in_one_step),
    STAGE_TEST (no_money_is_made_or_lost),
    STAGE_TEST (create_gets_the_parameters_and_may_refuse),
    STAGE_TEST (arguments_are_one_array),
    STAGE_TEST (a_deferred_call_is_answered_by_another),
    STAGE_TEST (a_cast_is_not_waited_for_and_its_failure_not_told),
    STAGE_TEST (cancel_runs_once_and_says_why),
    STAGE_TEST_ON (STAGE_REMOTE, cancel_runs_when_the_caller_dies),
    STAGE_TEST (each_thread_is_an_owner_of_its_own),
    STAGE_TEST (a_handler_s_econnreset_is_not_the_session_s),
    STAGE_TEST (forget_is_told_of_a_thread_s_end),
};

int
main (int argc, char **argv)
{
    return STAGE_RUN (cases, argc, argv);
}
