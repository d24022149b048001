/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_queue_stress.c - many at once: what went in comes out, each item once
 * and none else, each producer's in order.
 *
 * A producer's items are numbered, with its own number above them. A
 * consumer ends at shutdown and tells what it saw by a table in shared
 * memory: one byte for each item.
 */
#include <sched.h>
#include <sys/mman.h>
#include "tests/queue_items.h"

#define PRODUCERS 3
#define CONSUMERS 3
#define EACH 2000

typedef struct {
    uint8_t seen[PRODUCERS][EACH];
    int64_t taken[CONSUMERS];
} table_t;

typedef struct {
    int number;
    int pace; /* how it goes about it */
    table_t *table;
} part_t;

static table_t *
new_table (void)
{
    table_t *table = mmap (NULL, sizeof *table, PROT_READ | PROT_WRITE,
                           MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true (table != MAP_FAILED);
    return table;
}

/* Each item is noted by the one consumer that got it: twice is an error. */
static void
note (part_t *part, int64_t item, int64_t *last)
{
    int64_t producer = item / 100000, number = item % 100000;
    assert_in_range (producer, 0, PRODUCERS - 1);
    assert_in_range (number, 0, EACH - 1);
    assert_true (number > last[producer]);
    last[producer] = number;
    assert_int_equal (__atomic_fetch_add (&part->table->seen[producer][number],
                                          1, __ATOMIC_SEQ_CST),
                      0);
    part->table->taken[part->number]++;
}

static int
produce (stage_t *stage, void *arg)
{
    part_t *part = arg;
    troika_queue_t *queue = stage_connect (stage);
    for (int i = 0; i < EACH; i++) {
        int64_t item = part->number * INT64_C (100000) + i;
        while (troika_queue_put (queue, part->pace, "I", item))
            assert_true (errno == EAGAIN || errno == ETIMEDOUT);
    }
    end_handle (queue);
    return 0;
}

/* Gets whose timeouts race the puts: none of them may take and lose. */
static int
consume_one_by_one (stage_t *stage, void *arg)
{
    part_t *part = arg;
    int64_t last[PRODUCERS] = {-1, -1, -1};
    troika_queue_t *queue = stage_connect (stage);
    for (;;) {
        troika_msg_t *item = troika_queue_get (queue, part->pace);
        if (item)
            note (part, number_of (item), last);
        else if (errno == EPIPE)
            break;
        else if (errno == EAGAIN)
            sched_yield ();
        else
            assert_int_equal (errno, ETIMEDOUT);
    }
    end_handle (queue);
    return 0;
}

static int
consume_many (stage_t *stage, void *arg)
{
    part_t *part = arg;
    troika_msg_t *items[32];
    int64_t last[PRODUCERS] = {-1, -1, -1};
    troika_queue_t *queue = stage_connect (stage);
    for (;;) {
        ssize_t n = troika_queue_get_many (queue, part->pace, items, 32);
        if (n < 0 && errno == EPIPE)
            break;
        if (n < 0)
            assert_true (errno == EAGAIN || errno == ETIMEDOUT);
        for (ssize_t i = 0; i < n; i++)
            note (part, number_of (items[i]), last);
    }
    end_handle (queue);
    return 0;
}

static void
check_table (const table_t *table)
{
    int64_t taken = 0;
    for (int i = 0; i < CONSUMERS; i++)
        taken += table->taken[i];
    assert_int_equal (taken, PRODUCERS * EACH);
    for (int i = 0; i < PRODUCERS; i++)
        for (int j = 0; j < EACH; j++)
            assert_int_equal (table->seen[i][j], 1);
}

/* Runs producers of one pace against consumers of three. */
static void
stress (stage_t *stage, const troika_queue_options_t *options, int put_pace,
        int (*consume) (stage_t *stage, void *arg), const int *get_paces)
{
    stage_peer_t *producers[PRODUCERS], *consumers[CONSUMERS];
    part_t in[PRODUCERS], out[CONSUMERS];
    troika_queue_t *queue = stage_queue (stage, options);
    table_t *table = new_table ();
    for (int i = 0; i < CONSUMERS; i++) {
        out[i] = (part_t){i, get_paces[i], table};
        consumers[i] = stage_peer (stage, consume, &out[i]);
    }
    for (int i = 0; i < PRODUCERS; i++) {
        in[i] = (part_t){i, put_pace, table};
        producers[i] = stage_peer (stage, produce, &in[i]);
    }
    stage_join_peers (producers, PRODUCERS);
    CHECK_OK (troika_queue_shutdown (queue, false));
    stage_join_peers (consumers, CONSUMERS);
    check_table (table);
    munmap (table, sizeof *table);
    troika_queue_destroy (&queue);
}

static const int for_ever[] = {TROIKA_FOREVER, TROIKA_FOREVER, TROIKA_FOREVER};
static const int hasty[] = {TROIKA_NOWAIT, 1, 2};

static void
what_goes_in_comes_out_once (stage_t *stage)
{
    stress (stage, NULL, TROIKA_FOREVER, consume_one_by_one, for_ever);
}

static void
tiny_timeouts_of_gets_lose_nothing (stage_t *stage)
{
    stress (stage, NULL, TROIKA_FOREVER, consume_one_by_one, hasty);
}

static void
a_small_bound_loses_nothing (stage_t *stage)
{
    static const troika_queue_options_t small = {.maxsize = 5};
    stress (stage, &small, TROIKA_FOREVER, consume_one_by_one, for_ever);
}

static void
tiny_timeouts_of_puts_put_once_or_not_at_all (stage_t *stage)
{
    static const troika_queue_options_t small = {.maxsize = 3};
    stress (stage, &small, 1, consume_one_by_one, hasty);
}

static void
consumers_of_many_lose_nothing (stage_t *stage)
{
    stress (stage, NULL, TROIKA_FOREVER, consume_many, for_ever);
}

static void
hasty_consumers_of_many_lose_nothing (stage_t *stage)
{
    static const troika_queue_options_t some = {.maxsize = 50};
    stress (stage, &some, 2, consume_many, hasty);
}

#define ROUNDS 300

/* Hundreds of handles come and go beside each other. */
static int
come_and_go (stage_t *stage, void *arg)
{
    (void)arg;
    for (int i = 0; i < ROUNDS / 3; i++) {
        troika_queue_t *queue = stage_connect (stage);
        PUT (queue, i);
        end_handle (queue);
    }
    return 0;
}

static void
handles_may_come_and_go (stage_t *stage)
{
    stage_peer_t *peers[3];
    troika_queue_t *queue = stage_queue (stage, NULL);
    stage_start_peers (stage, peers, 3, come_and_go, NULL);
    for (int i = 0; i < ROUNDS; i++)
        GET (queue);
    stage_join_peers (peers, 3);
    CHECK_DRAINED (queue);
    troika_queue_destroy (&queue);
}

#define STRESS(test) STAGE_TEST_WITHIN (60, STAGE_ALL, test)

static const stage_case_t cases[] = {
    STRESS (what_goes_in_comes_out_once),
    STRESS (tiny_timeouts_of_gets_lose_nothing),
    STRESS (a_small_bound_loses_nothing),
    STRESS (tiny_timeouts_of_puts_put_once_or_not_at_all),
    STRESS (consumers_of_many_lose_nothing),
    STRESS (hasty_consumers_of_many_lose_nothing),
    STRESS (handles_may_come_and_go),
};

int
main (int argc, char **argv)
{
    return STAGE_RUN (cases, argc, argv);
}
