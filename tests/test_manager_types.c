/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_manager_types.c - types of one's own: a bank that moves money between
 * accounts, a till whose calls wait, and a meddler that calls its own
 * manager, which is refused.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tests/managed.h"

/* --- bank: accounts 0..3, no debts; calls may wait for money */

typedef struct {
    int64_t accounts[4];
    troika_call_t *waiting; /* for account 0 to have so much: */
    int64_t wanted;
    int64_t cancelled;
    int64_t reason;
    int64_t forgotten;
    uint64_t customer; /* who deposited last */
} bank_t;

/* [money in each] */
static void *
create_bank (const troika_msg_t *args)
{
    int64_t money = 0;
    if (troika_msg_unpack (args, "[]") &&
        troika_msg_unpack (args, "[I]", &money))
        return NULL; /* errno is EBADMSG */
    if (money < 0) {
        errno = ERANGE;
        return NULL;
    }
    bank_t *self = calloc (1, sizeof *self);
    for (int i = 0; self && i < 4; i++)
        self->accounts[i] = money;
    return self;
}

static void
pay_out (bank_t *self)
{
    troika_call_t *call = self->waiting;
    if (!call || self->accounts[0] < self->wanted)
        return;
    self->waiting = NULL;
    self->accounts[0] -= self->wanted;
    troika_call_reply (call, "I", self->wanted);
}

static int
transfer (void *object, troika_call_t *call)
{
    bank_t *self = object;
    int from, to;
    int64_t sum;
    if (troika_msg_unpack (troika_call_args (call), "[iiI]", &from, &to, &sum))
        return troika_call_fail (call, EINVAL,
                                 "transfer takes [from, to, "
                                 "sum]");
    if (from < 0 || from > 3 || to < 0 || to > 3)
        return troika_call_fail (call, ENOENT, "no account %d or %d", from, to);
    if (self->accounts[from] < sum)
        return troika_call_fail (call, ERANGE, "account %d has only %lld", from,
                                 (long long)self->accounts[from]);
    self->accounts[from] -= sum;
    self->accounts[to] += sum;
    troika_call_reply (call, "{s:I,s:I}", "from", self->accounts[from], "to",
                       self->accounts[to]);
    pay_out (self);
    return 0;
}

/* A single argument may be unpacked without brackets. */
static int
balance (void *object, troika_call_t *call)
{
    bank_t *self = object;
    unsigned account;
    if (troika_msg_unpack (troika_call_args (call), "u", &account) ||
        account > 3)
        return -1;
    return troika_call_reply (call, "I", self->accounts[account]);
}

static int
deposit (void *object, troika_call_t *call)
{
    bank_t *self = object;
    int64_t sum;
    if (troika_msg_unpack (troika_call_args (call), "[I]", &sum))
        return -1;
    self->customer = troika_call_owner (call);
    self->accounts[0] += sum;
    pay_out (self);
    return 0; /* answers nil */
}

static void
cancel_withdraw (troika_call_t *call, void *context)
{
    bank_t *self = context;
    self->waiting = NULL;
    self->cancelled++;
    self->reason = troika_call_reason (call);
}

static int
withdraw (void *object, troika_call_t *call)
{
    bank_t *self = object;
    if (self->waiting)
        return troika_call_fail (call, EPERM, "another customer waits");
    if (troika_msg_unpack (troika_call_args (call), "[I]", &self->wanted))
        return -1;
    self->waiting = call;
    if (troika_call_defer (call, cancel_withdraw, self))
        return -1;
    if (self->waiting)
        pay_out (self);
    return 0;
}

static int
figures (void *object, troika_call_t *call)
{
    bank_t *self = object;
    return troika_call_reply (call, "{s:I,s:I,s:I,s:I}", "waiters",
                              (int64_t)(self->waiting != NULL), "cancelled",
                              self->cancelled, "reason", self->reason,
                              "forgotten", self->forgotten);
}

static int
who (void *object, troika_call_t *call)
{
    (void)object;
    return troika_call_reply (call, "U", troika_call_owner (call));
}

/* As if it were the manager's own loss. */
static int
lose (void *object, troika_call_t *call)
{
    (void)object;
    return troika_call_fail (call, ECONNRESET, "the vault is lost");
}

/* Everything that came is sent back, the brackets included. */
static int
echo (void *object, troika_call_t *call)
{
    (void)object;
    return troika_call_reply (call, "m", troika_call_args (call));
}

static void
forget_customer (void *object, uint64_t owner)
{
    bank_t *self = object;
    if (self->customer == owner)
        self->forgotten++;
}

static const troika_method_t bank_methods[] = {
    {"transfer", transfer}, {"balance", balance}, {"deposit", deposit},
    {"withdraw", withdraw}, {"stat", figures},    {"who", who},
    {"echo", echo},         {"lose", lose},       {NULL, NULL},
};

static const troika_type_t bank_type = {"bank", create_bank, free,
                                        forget_customer, bank_methods};

/* --- meddler: its handler calls its own manager */

static char own_endpoint[600];
/* Counts the making of what its handlers use, and each use. */
static atomic_uint uses;

static void *
create_meddler (const troika_msg_t *args)
{
    (void)args;
    assert_true (atomic_load (&uses) > 0);
    return malloc (1);
}

static int
answer_errno (troika_call_t *call, bool failed)
{
    int error = failed ? errno : 0;
    atomic_fetch_add (&uses, 1);
    return troika_call_reply (call, "i", error);
}

/* Handles in the process that serves. */
static troika_manager_t *server;
static troika_manager_t *inside;
static troika_dict_t *own_dict;
static troika_queue_t *own_queue;

static int
meddle_call (void *object, troika_call_t *call)
{
    (void)object;
    return answer_errno (call, troika_dict_set (own_dict, "k", "i", 1) < 0);
}

static int
meddle_cast (void *object, troika_call_t *call)
{
    (void)object;
    return answer_errno (call, troika_queue_put (own_queue, 0, "i", 1) < 0);
}

static int
meddle_flush (void *object, troika_call_t *call)
{
    (void)object;
    return answer_errno (call, troika_queue_flush (own_queue, 1000) < 0);
}

static int
meddle_open (void *object, troika_call_t *call)
{
    (void)object;
    troika_dict_t *dict = troika_manager_dict (inside, "another");
    int rc = answer_errno (call, !dict);
    troika_dict_destroy (&dict);
    return rc;
}

static int
meddle_connect (void *object, troika_call_t *call)
{
    (void)object;
    troika_manager_t *manager = troika_manager_connect (own_endpoint);
    int rc = answer_errno (call, !manager);
    troika_manager_destroy (&manager);
    return rc;
}

static int
meddle_bind (void *object, troika_call_t *call)
{
    (void)object;
    return answer_errno (call, troika_manager_bind (server, "ipc://@x") < 0);
}

static int
meddle_register (void *object, troika_call_t *call)
{
    (void)object;
    return answer_errno (call,
                         troika_manager_register (server, &gate_type) < 0);
}

static int
meddle_shutdown (void *object, troika_call_t *call)
{
    (void)object;
    return answer_errno (call, troika_manager_shutdown (server, 100) < 0);
}

static const troika_method_t meddler_methods[] = {
    {"call", meddle_call},
    {"cast", meddle_cast},
    {"flush", meddle_flush},
    {"open", meddle_open},
    {"connect", meddle_connect},
    {"bind", meddle_bind},
    {"register", meddle_register},
    {"shutdown", meddle_shutdown},
    {NULL, NULL},
};

static const troika_type_t meddler_type = {"meddler", create_meddler, free,
                                           NULL, meddler_methods};

/* --- the manager */

static void *
start (const char *endpoint, const void *options)
{
    (void)options;
    troika_manager_t *self = CHECK_OK (troika_manager_new (endpoint));
    CHECK_OK (troika_manager_register (self, &bank_type));
    CHECK_OK (troika_manager_register (self, &meddler_type));
    server = self;
    snprintf (own_endpoint, sizeof own_endpoint, "%s",
              troika_manager_endpoint (self));
    inside = CHECK_OK (troika_manager_connect (own_endpoint));
    own_dict = CHECK_OK (troika_manager_dict (inside, "own"));
    own_queue = CHECK_OK (troika_manager_queue (inside, "own queue", NULL));
    atomic_store (&uses, 1);
    return self;
}

static const char *
endpoint (void *manager)
{
    return troika_manager_endpoint (manager);
}

static void
stop (void *manager)
{
    troika_manager_t *self = manager;
    assert_true (atomic_load (&uses) > 0);
    troika_dict_destroy (&own_dict);
    troika_queue_destroy (&own_queue);
    troika_manager_destroy (&inside);
    troika_manager_destroy (&self);
}

static troika_object_t *
open_object (stage_t *stage, const char *type)
{
    static const stage_service_t service = {start, endpoint, stop};
    stage_serve (stage, &service, NULL);
    troika_manager_t *manager =
        CHECK_OK (troika_manager_connect (stage_endpoint (stage)));
    troika_object_t *object =
        CHECK_OK (troika_manager_object (manager, type, type, NULL));
    troika_manager_destroy (&manager);
    return object;
}

static int64_t
number (troika_msg_t *answer)
{
    return number_of (answer);
}

#define ASK(object, method, ...)                                               \
    number (CHECK_OK (troika_object_call (object, 5000, method, __VA_ARGS__)))

/* --- tests */

static void
money_moves_in_one_step (stage_t *stage)
{
    int64_t from, to;
    troika_object_t *bank = open_object (stage, "bank");
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
    troika_object_t *bank = open_object (stage, "bank");
    CHECK_OK (troika_object_cast (bank, "deposit", "I", (int64_t)20));
    for (int i = 0; i < 4; i++)
        peers[i] = stage_peer (stage, move_money, NULL);
    for (int i = 0; i < 4; i++)
        assert_int_equal (stage_join (peers[i]), 0);
    for (int i = 0; i < 4; i++)
        sum += ASK (bank, "balance", "i", i);
    assert_int_equal (sum, 20);
    troika_object_destroy (&bank);
}

static void
create_gets_the_parameters_and_may_refuse (stage_t *stage)
{
    troika_object_t *bank = open_object (stage, "bank");
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
    troika_object_t *bank = open_object (stage, "bank");
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
    troika_object_t *bank = open_object (stage, "bank");
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
    troika_object_t *bank = open_object (stage, "bank");
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
    troika_object_t *bank = open_object (stage, "bank");
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
    troika_object_t *bank = open_object (stage, "bank");
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
    troika_object_t *bank = open_object (stage, "bank");
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
    troika_object_t *bank = open_object (stage, "bank");
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
    troika_object_t *bank = open_object (stage, "bank");
    assert_int_equal (in_thread (deposit_one, bank, 1000), 1);
    WAIT_UNTIL (stat_of (stage, "bank", "forgotten") == 1);
    troika_object_destroy (&bank);
}

static void
a_handler_cannot_call_its_own_manager (stage_t *stage)
{
    troika_object_t *meddler = open_object (stage, "meddler");
    int64_t since = clock_ms ();
    assert_int_equal (ASK (meddler, "call", NULL), EDEADLK);
    assert_int_equal (ASK (meddler, "cast", NULL), EDEADLK);
    assert_int_equal (ASK (meddler, "open", NULL), EDEADLK);
    check_took (since, 0, 1000);
    troika_object_destroy (&meddler);
}

static void
a_handler_cannot_manage_its_own_manager (stage_t *stage)
{
    troika_object_t *meddler = open_object (stage, "meddler");
    int64_t since = clock_ms ();
    assert_int_equal (ASK (meddler, "flush", NULL), EDEADLK);
    assert_int_equal (ASK (meddler, "connect", NULL), EDEADLK);
    assert_int_equal (ASK (meddler, "bind", NULL), EDEADLK);
    assert_int_equal (ASK (meddler, "register", NULL), EDEADLK);
    assert_int_equal (ASK (meddler, "shutdown", NULL), EDEADLK);
    check_took (since, 0, 1000);
    troika_object_destroy (&meddler);
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
    STAGE_TEST (a_handler_cannot_call_its_own_manager),
    STAGE_TEST (a_handler_cannot_manage_its_own_manager),
};

int
main (int argc, char **argv)
{
    return STAGE_RUN (cases, argc, argv);
}
