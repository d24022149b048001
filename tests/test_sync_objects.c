/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_sync_objects.c - many owners do to lock, rlock, semaphore, condition
 * and barrier what comes into their heads, and a model watches.
 *
 * Owners ask, give up, run out of time and die at random, but each has at
 * most one call under way, as a thread has. After every step the answers so
 * far are counted: one holder at most, in order of arrival; permits neither
 * lost nor minted; every call answered once. TROIKA_TEST_SEED picks another
 * course of things; a failure prints the seed.
 */
#include "tests/sync_objects.h"

#include <stdio.h>
#include <string.h>
#include "patterns/barrier/barrier_private.h"
#include "patterns/condition/condition_private.h"
#include "patterns/lock/lock_private.h"
#include "patterns/semaphore/semaphore_private.h"

#define OWNERS 8
#define STEPS 4000

typedef struct {
    uint64_t number;   /* a new one after each death */
    ask_t *call;       /* under way; NULL */
    unsigned has;      /* levels or permits, by the answers that it got */
    unsigned given_up; /* levels, during a condition's wait */
    uint64_t since;    /* when it asked: order of arrival */
} owner_t;

static owner_t owners[OWNERS];
static uint64_t last_number, clock_ticks, seed, state_of_chance;

static unsigned
chance (unsigned sides)
{
    state_of_chance ^= state_of_chance << 13;
    state_of_chance ^= state_of_chance >> 7;
    state_of_chance ^= state_of_chance << 17;
    return (unsigned)(state_of_chance % sides);
}

static int
begin (void **state)
{
    (void)state;
    const char *text = getenv ("TROIKA_TEST_SEED");
    seed = text ? strtoull (text, NULL, 10) : 20240607;
    state_of_chance = seed ? seed : 1;
    memset (owners, 0, sizeof owners);
    for (int i = 0; i < OWNERS; i++)
        owners[i].number = ++last_number + 100;
    return 0;
}

#define WATCH(truth)                                                           \
    do {                                                                       \
        if (!(truth))                                                          \
            fail_msg ("seed %llu, tick %llu: not true: %s",                    \
                      (unsigned long long)seed,                                \
                      (unsigned long long)clock_ticks, #truth);                \
    } while (0)

static void
start (owner_t *self, const char *method)
{
    static const int timeouts[] = {TROIKA_FOREVER, 0, 3, 20};
    self->since = ++clock_ticks;
    self->call =
        driver_ask (driver, self->number, timeouts[chance (4)], method, "[]");
}

static bool
is (const ask_t *call, const char *method)
{
    return strcmp (call->call.method, method) == 0;
}

static unsigned
total (void)
{
    unsigned sum = 0;
    for (int i = 0; i < OWNERS; i++)
        sum += owners[i].has;
    return sum;
}

static owner_t *
holder (void)
{
    owner_t *found = NULL;
    for (int i = 0; i < OWNERS; i++)
        if (owners[i].has) {
            WATCH (!found);
            found = &owners[i];
        }
    return found;
}

static unsigned
waiting_for (const char *method)
{
    unsigned count = 0;
    for (int i = 0; i < OWNERS; i++)
        if (owners[i].call && !owners[i].call->answered &&
            is (owners[i].call, method))
            count++;
    return count;
}

static void
die (owner_t *self)
{
    driver_kill (driver, self->number);
    WATCH (!self->call || self->call->answered);
    *self = (owner_t){.number = ++last_number + 100};
}

/* One who waits, or has nothing to do, comes to an end of some kind. */
static void
meddle (owner_t *self)
{
    switch (chance (8)) {
    case 0:
        die (self);
        break;
    case 1:
        if (self->call && !self->call->answered)
            driver_interrupt (self->call);
        break;
    case 2:
        driver_pass (driver, (int)chance (5));
        break;
    }
}

/* Takes note of answers, oldest question first, by the rules in settle. */
static void
collect (void (*settle) (owner_t *self, const ask_t *call))
{
    for (;;) {
        owner_t *oldest = NULL;
        for (int i = 0; i < OWNERS; i++)
            if (owners[i].call && owners[i].call->answered &&
                (!oldest || owners[i].since < oldest->since))
                oldest = &owners[i];
        if (!oldest)
            return;
        const ask_t *call = oldest->call;
        oldest->call = NULL;
        settle (oldest, call);
    }
}

static void
play (void (*act) (owner_t *self), void (*settle) (owner_t *, const ask_t *),
      void (*watch) (void))
{
    for (int step = 0; step < STEPS; step++) {
        owner_t *self = &owners[chance (OWNERS)];
        if (!self->call)
            act (self);
        collect (settle);
        meddle (self);
        collect (settle);
        watch ();
    }
    for (int i = 0; i < OWNERS; i++)
        die (&owners[i]);
}

/* --- lock and rlock */

static uint64_t last_token;

static void
lock_act (owner_t *self)
{
    start (self, self->has && chance (3) ? "release" : "acquire");
}

static void
lock_settle (owner_t *self, const ask_t *call)
{
    if (call->error)
        return;
    if (is (call, "release")) {
        self->has--;
        return;
    }
    if (self->has++ == 0) {
        WATCH (token (call) > last_token);
        last_token = token (call);
    }
}

static void
lock_watch (void)
{
    owner_t *who = holder ();
    WATCH (figure ("holder") == (who ? who->number : 0));
    WATCH (figure ("depth") == (who ? who->has : 0));
    WATCH (figure ("waiters") == waiting_for ("acquire"));
    WATCH (who || !waiting_for ("acquire"));
}

static void
lock_has_one_holder_at_most (void **state)
{
    (void)state;
    last_token = 0;
    driver = driver_new (&tk_lock_type, "lock", "[]");
    play (lock_act, lock_settle, lock_watch);
    assert_int_equal (figure ("holder"), 0);
}

static void
rlock_has_one_holder_at_most (void **state)
{
    (void)state;
    last_token = 0;
    driver = driver_new (&tk_rlock_type, "rlock", "[]");
    play (lock_act, lock_settle, lock_watch);
    assert_int_equal (figure ("holder"), 0);
}

/* --- semaphore */

#define PERMITS 3

static void
semaphore_act (owner_t *self)
{
    start (self, self->has && chance (2) ? "release" : "acquire");
}

static void
semaphore_settle (owner_t *self, const ask_t *call)
{
    if (call->error)
        return;
    if (is (call, "release")) {
        self->has--;
        return;
    }
    /* Who came earlier has been served, or waits no more. */
    for (int i = 0; i < OWNERS; i++)
        WATCH (!owners[i].call || owners[i].call->answered ||
               owners[i].since > self->since);
    self->has++;
}

static void
semaphore_watch (void)
{
    WATCH (figure ("value") + total () == PERMITS);
    WATCH (figure ("waiters") == waiting_for ("acquire"));
    WATCH (!figure ("value") || !figure ("waiters"));
}

static void
semaphore_keeps_its_permits (void **state)
{
    (void)state;
    driver = driver_new (&tk_semaphore_type, "permits", "[u,b]", PERMITS, 1);
    play (semaphore_act, semaphore_settle, semaphore_watch);
    assert_int_equal (figure ("value"), PERMITS);
}

static void
semaphore_without_bound_keeps_its_permits (void **state)
{
    (void)state;
    driver = driver_new (&tk_semaphore_type, "permits", "[u,b]", PERMITS, 0);
    play (semaphore_act, semaphore_settle, semaphore_watch);
    assert_int_equal (figure ("value"), PERMITS);
}

/* By the semaphore's own account. */
static uint64_t
accounted_for (void)
{
    troika_msg_t *holders;
    assert_int_equal (troika_msg_unpack (now (DAN, "stat")->result, "{s:m}",
                                         "holders", &holders),
                      0);
    const msgpack_object_array *pairs = &troika_msg_object (holders)->via.array;
    uint64_t sum = 0;
    for (uint32_t i = 0; i < pairs->size; i++)
        sum += pairs->ptr[i].via.array.ptr[1].via.u64;
    troika_msg_destroy (&holders);
    return sum;
}

/* Owners that release what others have acquired. */
static void
stranger_act (owner_t *self)
{
    start (self, chance (2) ? "release" : "acquire");
}

static void
stranger_settle (owner_t *self, const ask_t *call)
{
    (void)self;
    WATCH (call->error != ERANGE || is (call, "release"));
}

static void
stranger_watch (void)
{
    WATCH (figure ("value") + accounted_for () == PERMITS);
    WATCH (!figure ("value") || !figure ("waiters"));
}

static void
semaphore_survives_releases_by_strangers (void **state)
{
    (void)state;
    driver = driver_new (&tk_semaphore_type, "permits", "[u,b]", PERMITS, 1);
    play (stranger_act, stranger_settle, stranger_watch);
    assert_int_equal (figure ("value"), PERMITS);
}

/* --- condition */

static void
condition_act (owner_t *self)
{
    static const char *const methods[] = {"acquire", "release", "release",
                                          "wait",    "notify",  "notify_all"};
    const char *method = self->has ? methods[chance (6)] : "acquire";
    if (strcmp (method, "wait") == 0) {
        self->given_up = self->has;
        self->has = 0;
    }
    start (self, method);
}

static void
condition_settle (owner_t *self, const ask_t *call)
{
    if (is (call, "wait")) {
        WATCH (call->error != EPERM);
        self->has = self->given_up;
    } else if (is (call, "acquire") && !call->error)
        self->has++;
    else if (is (call, "release"))
        self->has--;
    else
        WATCH (!call->error || is (call, "acquire"));
}

static void
condition_watch (void)
{
    owner_t *who = holder ();
    uint64_t number, depth, line;
    assert_int_equal (troika_msg_unpack (now (DAN, "stat")->result,
                                         "{s:{s:U,s:U,s:U}}", "lock", "holder",
                                         &number, "depth", &depth, "waiters",
                                         &line),
                      0);
    WATCH (number == (who ? who->number : 0));
    WATCH (depth == (who ? who->has : 0));
    WATCH (line + figure ("waiters") ==
           waiting_for ("acquire") + waiting_for ("wait"));
    WATCH (who || !line);
}

static void
condition_has_one_holder_at_most (void **state)
{
    (void)state;
    driver = driver_new (&tk_condition_type, "condition", "[]");
    play (condition_act, condition_settle, condition_watch);
    assert_int_equal (figure ("waiters"), 0);
}

/* --- barrier */

#define PARTIES 4

static uint64_t crossings;

static void
barrier_act (owner_t *self)
{
    if (chance (20) == 0)
        start (self, "abort");
    else
        start (self, number (DAN, "broken") ? "reset" : "wait");
}

static void
barrier_settle (owner_t *self, const ask_t *call)
{
    (void)self;
    if (!is (call, "wait") || call->error)
        return;
    /* Answers of a round come all at once, in the order of arrival. */
    WATCH (driver_int (call) == (int64_t)(crossings++ % PARTIES));
}

static void
barrier_watch (void)
{
    WATCH (figure ("waiters") == waiting_for ("wait"));
    WATCH (figure ("waiters") < PARTIES);
    WATCH (crossings == figure ("rounds") * PARTIES);
    WATCH (!number (DAN, "broken") || !figure ("waiters"));
}

static void
barrier_gives_each_place_once_a_round (void **state)
{
    (void)state;
    crossings = 0;
    driver = driver_new (&tk_barrier_type, "barrier", "[u]", PARTIES);
    play (barrier_act, barrier_settle, barrier_watch);
    assert_true (crossings > 0);
}

#undef TEST
#define TEST(function) cmocka_unit_test_setup_teardown (function, begin, end)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (lock_has_one_holder_at_most),
        TEST (rlock_has_one_holder_at_most),
        TEST (semaphore_keeps_its_permits),
        TEST (semaphore_without_bound_keeps_its_permits),
        TEST (semaphore_survives_releases_by_strangers),
        TEST (condition_has_one_holder_at_most),
        TEST (barrier_gives_each_place_once_a_round),
    };
    return cmocka_run_group_tests_name ("sync_objects", tests, NULL, NULL);
}
