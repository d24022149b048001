/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_exactly_once.c - connections break at every message in turn, before
 * it passes and right behind it, and all the same each call and each cast is
 * carried out once.
 *
 * Each cut has a run of its own, with a proxy, a session and objects of its
 * own; many run at a time, since they mostly wait for a repetition.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/mechanism.h"
#include "tests/managed.h"
#include "tests/proxy.h"
#include "tests/stage_parts.h"

#define AT_ONCE 32
#define ITEMS 120

typedef struct {
    stage_t *stage;
    void (*script) (troika_manager_t *manager, unsigned number);
    proxy_cut_t cut;
    unsigned number; /* of the run */
    unsigned messages;
    unsigned cuts;
    pthread_t thread;
} run_t;

/* A name of this run. */
static const char *
name_of (const char *kind, unsigned number)
{
    static _Thread_local char name[64];
    snprintf (name, sizeof name, "%s %u", kind, number);
    return name;
}

/* --- what is done: calls */

static void
count_by_calls (troika_manager_t *manager, unsigned number)
{
    int64_t sum;
    troika_dict_t *dict =
        CHECK_OK (troika_manager_dict (manager, name_of ("dict", number)));
    for (int64_t i = 1; i <= 4; i++) {
        CHECK_OK (troika_dict_add (dict, "n", 1, &sum));
        assert_int_equal (sum, i);
    }
    troika_msg_t *popped = CHECK_OK (troika_dict_pop (dict, "n"));
    assert_int_equal (number_of (popped), 4);
    CHECK_ERRNO (troika_dict_pop (dict, "n"), ENOENT);
    troika_dict_destroy (&dict);
}

/* Two grants, so the second token is one more. */
static void
lock_by_calls (troika_manager_t *manager, unsigned number)
{
    troika_lock_t *lock =
        CHECK_OK (troika_manager_lock (manager, name_of ("lock", number)));
    assert_int_equal (CHECK_OK (troika_lock_acquire (lock, 30000)), 0);
    uint64_t token = troika_lock_token (lock);
    CHECK_OK (troika_lock_release (lock));
    CHECK_ERRNO (troika_lock_release (lock), EPERM);
    assert_int_equal (CHECK_OK (troika_lock_acquire (lock, 30000)), 0);
    assert_true (troika_lock_token (lock) == token + 1);
    CHECK_OK (troika_lock_release (lock));
    troika_lock_destroy (&lock);
    troika_semaphore_t *semaphore = CHECK_OK (troika_manager_semaphore (
        manager, name_of ("semaphore", number), 2, true));
    CHECK_OK (troika_semaphore_acquire (semaphore, 30000));
    CHECK_OK (troika_semaphore_acquire (semaphore, 30000));
    assert_int_equal (CHECK_OK (troika_semaphore_value (semaphore)), 0);
    CHECK_OK (troika_semaphore_release (semaphore));
    CHECK_OK (troika_semaphore_release (semaphore));
    CHECK_ERRNO (troika_semaphore_release (semaphore), ERANGE);
    troika_semaphore_destroy (&semaphore);
}

static troika_msg_t *
get_item (troika_queue_t *queue, int64_t wanted, unsigned deliveries)
{
    int64_t value;
    troika_msg_t *item = CHECK_OK (troika_queue_get (queue, 30000));
    CHECK_OK (troika_msg_unpack (item, "I", &value));
    assert_int_equal (value, wanted);
    assert_int_equal (troika_queue_deliveries (item), deliveries);
    return item;
}

/* A bounded queue takes its items by calls. */
static void
queue_by_calls (troika_manager_t *manager, unsigned number)
{
    static const troika_queue_options_t options = {.maxsize = 3,
                                                   .manual_ack = true};
    troika_queue_t *queue = CHECK_OK (
        troika_manager_queue (manager, name_of ("queue", number), &options));
    for (int i = 1; i <= 3; i++)
        PUT (queue, i);
    assert_int_equal (CHECK_OK (troika_queue_qsize (queue)), 3);
    troika_msg_t *one = get_item (queue, 1, 1);
    CHECK_OK (troika_queue_ack (queue, one));
    CHECK_ERRNO (troika_queue_ack (queue, one), ESTALE);
    troika_msg_t *two = get_item (queue, 2, 1);
    CHECK_OK (troika_queue_nack (queue, two, true));
    troika_msg_t *again = get_item (queue, 2, 2);
    CHECK_OK (troika_queue_ack (queue, again));
    troika_msg_t *three = get_item (queue, 3, 1);
    CHECK_OK (troika_queue_ack (queue, three));
    CHECK_DRAINED (queue);
    assert_int_equal (figure (queue, "unfinished"), 0);
    assert_int_equal (figure (queue, "in_flight"), 0);
    assert_int_equal (figure (queue, "puts"), 3);
    troika_msg_destroy (&one);
    troika_msg_destroy (&two);
    troika_msg_destroy (&again);
    troika_msg_destroy (&three);
    troika_queue_destroy (&queue);
}

static void
do_calls (troika_manager_t *manager, unsigned number)
{
    count_by_calls (manager, number);
    lock_by_calls (manager, number);
    queue_by_calls (manager, number);
}

/* --- what is done: casts */

/* The call behind the casts sees them all, without a flush. */
static void
count_by_casts (troika_manager_t *manager, unsigned number)
{
    troika_object_t *dict = CHECK_OK (troika_manager_object (
        manager, "dict", name_of ("dict", number), NULL));
    for (int i = 0; i < 8; i++)
        CHECK_OK (troika_object_cast (dict, "add", "[si]", "n", 1));
    troika_msg_t *sum =
        CHECK_OK (troika_object_call (dict, 30000, "get", "s", "n"));
    assert_int_equal (number_of (sum), 8);
    troika_object_destroy (&dict);
}

/* Some are so large that they do not go with calls, whatever gathers. */
static void
put_by_casts (troika_queue_t *queue, int64_t first)
{
    static const char filling[20000];
    for (int64_t i = 0; i < ITEMS; i++)
        CHECK_OK (troika_queue_put (queue, TROIKA_FOREVER, "[IB]", first + i,
                                    filling, i % 30 ? 300 : sizeof filling));
}

static void
queue_by_casts (troika_manager_t *manager, unsigned number)
{
    troika_queue_t *queue = CHECK_OK (
        troika_manager_queue (manager, name_of ("queue", number), NULL));
    put_by_casts (queue, 0);
    CHECK_OK (troika_queue_flush (queue, 30000));
    put_by_casts (queue, ITEMS);
    CHECK_OK (troika_queue_flush (queue, 30000));
    assert_int_equal (figure (queue, "puts"), 2 * ITEMS);
    for (int64_t i = 0; i < 2 * ITEMS;) {
        troika_msg_t *items[ITEMS];
        ssize_t count =
            CHECK_OK (troika_queue_get_many (queue, 30000, items, ITEMS));
        for (ssize_t n = 0; n < count; n++, i++) {
            int64_t value;
            CHECK_OK (troika_msg_unpack (items[n], "[I*]", &value));
            assert_int_equal (value, i);
            troika_msg_destroy (&items[n]);
        }
    }
    CHECK_DRAINED (queue);
    troika_queue_destroy (&queue);
}

static void
do_casts (troika_manager_t *manager, unsigned number)
{
    count_by_casts (manager, number);
    queue_by_casts (manager, number);
}

/* --- runs */

static void *
run_one (void *arg)
{
    run_t *self = arg;
    proxy_t *proxy =
        proxy_new (self->stage, stage_endpoint (self->stage), &self->cut);
    troika_manager_t *manager =
        CHECK_OK (troika_manager_connect (proxy_endpoint (proxy)));
    self->script (manager, self->number);
    troika_manager_destroy (&manager);
    self->messages = proxy_messages (proxy);
    self->cuts = proxy_cuts (proxy);
    proxy_destroy (&proxy);
    return NULL;
}

static unsigned last_run;

static void
start_run (run_t *run)
{
    run->number = ++last_run;
    if (pthread_create (&run->thread, NULL, run_one, run))
        STAGE_FAIL ("pthread_create failed");
}

/* How many such messages there are when nothing is cut. */
static unsigned
count_messages (run_t run)
{
    run.cut.at = 0;
    start_run (&run);
    pthread_join (run.thread, NULL);
    return run.messages;
}

/* A run was cut if it had that message. */
static unsigned
end_run (run_t *run)
{
    pthread_join (run->thread, NULL);
    if (!run->cuts != (run->messages < run->cut.at))
        STAGE_FAIL ("%u cuts at message %u of %u", run->cuts, run->cut.at,
                    run->messages);
    return run->cuts;
}

/* A run for each message. What gathers, and with what it leaves, is different
 * each time, so that the last runs may find nothing to cut. */
static void
cut_at_each (run_t pattern)
{
    run_t runs[AT_ONCE];
    unsigned count = count_messages (pattern);
    unsigned cuts = 0;
    assert_true (count > 0);
    for (unsigned at = 1; at <= count; at += AT_ONCE) {
        for (unsigned i = 0; i < AT_ONCE; i++) {
            runs[i] = pattern;
            runs[i].cut.at = at + i;
            start_run (&runs[i]);
        }
        for (unsigned i = 0; i < AT_ONCE; i++)
            cuts += end_run (&runs[i]);
    }
    assert_true (cuts > 0);
}

static void
cut_all (stage_t *stage, void (*script) (troika_manager_t *, unsigned), int way,
         bool to_client)
{
    troika_manager_t *manager = stage_manager (stage);
    for (int lose = 0; lose < 2; lose++)
        cut_at_each ((run_t){
            .stage = stage,
            .script = script,
            .cut = {.way = way, .to_client = to_client, .lose = lose},
        });
    troika_manager_destroy (&manager);
}

static void
calls_are_made_once_though_requests_are_cut (stage_t *stage)
{
    cut_all (stage, do_calls, PROXY_CALLS, false);
}

static void
calls_are_made_once_though_replies_are_cut (stage_t *stage)
{
    cut_all (stage, do_calls, PROXY_CALLS, true);
}

static void
casts_are_made_once_though_they_are_cut (stage_t *stage)
{
    cut_all (stage, do_casts, PROXY_CASTS, false);
}

static void
casts_are_made_once_though_requests_are_cut (stage_t *stage)
{
    cut_all (stage, do_casts, PROXY_CALLS, false);
}

static void
casts_are_made_once_though_replies_are_cut (stage_t *stage)
{
    cut_all (stage, do_casts, PROXY_CALLS, true);
}

/* Not one cut, but one after the other: so often that some of the casts are
 * cut that do not go with calls, which are many where each leaves alone. */
static void
a_bad_line_only_slows_down (stage_t *stage)
{
    run_t runs[8];
    unsigned cast_every = tk_mechanism (TK_MECHANISM_BATCH) ? 3 : 50;
    troika_manager_t *manager = stage_manager (stage);
    for (unsigned i = 0; i < 8; i++) {
        runs[i] = (run_t){
            .stage = stage,
            .script = i < 6 ? do_calls : do_casts,
            .cut = {.way = i < 6 ? PROXY_CALLS : PROXY_CASTS,
                    .to_client = i < 6 && i % 2,
                    .lose = i & 2,
                    .at = i < 6 ? 4 + i : i - 4, /* most go with calls */
                    .every = i < 6 ? 7 : cast_every},
        };
        start_run (&runs[i]);
    }
    for (unsigned i = 0; i < 8; i++) {
        pthread_join (runs[i].thread, NULL);
        assert_true (runs[i].cuts > 0);
    }
    troika_manager_destroy (&manager);
}

static const stage_case_t cases[] = {
    STAGE_TEST_WITHIN (120, STAGE_REMOTE,
                       calls_are_made_once_though_requests_are_cut),
    STAGE_TEST_WITHIN (120, STAGE_REMOTE,
                       calls_are_made_once_though_replies_are_cut),
    STAGE_TEST_WITHIN (120, STAGE_REMOTE,
                       casts_are_made_once_though_they_are_cut),
    STAGE_TEST_WITHIN (120, STAGE_REMOTE,
                       casts_are_made_once_though_requests_are_cut),
    STAGE_TEST_WITHIN (120, STAGE_REMOTE,
                       casts_are_made_once_though_replies_are_cut),
    STAGE_TEST_WITHIN (120, STAGE_REMOTE, a_bad_line_only_slows_down),
};

int
main (int argc, char **argv)
{
    return STAGE_RUN (cases, argc, argv);
}
