/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_queue_many.c - get_many takes what is there, as one call.
 *
 * However much of it was handed ahead: all that is there comes at once, all
 * of it is in flight until the next call, and single gets before and behind
 * it see one order.
 */
#include <errno.h>
#include <stdlib.h>
#include "lib/msg/layout.h"
#include "tests/queue_partner.h"

enum { ITEMS = 1000, TAKEN = 300, GROUP = 10 };

void *__real_malloc (size_t size);
void *__real_calloc (size_t count, size_t size);
void *__wrap_malloc (size_t size);
void *__wrap_calloc (size_t count, size_t size);

static _Thread_local unsigned countdown; /* n: the n-th message fails */

static bool
fails (size_t size)
{
    if (size != sizeof (struct troika_msg) || countdown == 0 || --countdown > 0)
        return false;
    errno = ENOMEM;
    return true;
}

void *
__wrap_malloc (size_t size)
{
    return fails (size) ? NULL : __real_malloc (size);
}

void *
__wrap_calloc (size_t count, size_t size)
{
    return fails (count * size) ? NULL : __real_calloc (count, size);
}

/* The next numbers behind *last, in one call. */
static ssize_t
check_many (troika_queue_t *queue, size_t max, int64_t *last)
{
    troika_msg_t **items = calloc (max, sizeof *items);
    ssize_t count =
        CHECK_OK (troika_queue_get_many (queue, TROIKA_NOWAIT, items, max));
    assert_in_range (count, 1, max);
    for (ssize_t i = 0; i < count; i++)
        assert_int_equal (number_of (items[i]), ++*last);
    free (items);
    return count;
}

static int
take_in_all_ways (stage_t *stage, void *arg)
{
    static const size_t sizes[] = {7, 1, 100, 2, 1000, 31};
    int64_t last = 0;
    troika_queue_t *queue = stage_connect (stage);
    (void)arg;
    for (size_t i = 0; last < 20 * ITEMS; i++) {
        for (size_t n = 0; n < i % 50 && last < 20 * ITEMS; n++)
            CHECK_NEXT (queue, ++last);
        if (last < 20 * ITEMS)
            check_many (queue, sizes[i % 6], &last);
    }
    CHECK_DRAINED (queue);
    end_handle (queue);
    return 0;
}

static void
gets_of_one_and_of_many_keep_the_order (stage_t *stage)
{
    troika_queue_t *queue = queue_of_numbers (stage, NULL, 20 * ITEMS);
    stage_run_peer (stage, take_in_all_ways, NULL);
    assert_int_equal (figure (queue, "gets"), 20 * ITEMS);
    assert_int_equal (figure (queue, "redelivered"), 0);
    troika_queue_destroy (&queue);
}

/* So quickly that some more are handed ahead. */
static void
take_singly (troika_queue_t *queue, int64_t *last)
{
    while (*last < TAKEN)
        CHECK_NEXT (queue, ++*last);
}

static int
take_the_rest (stage_t *stage, void *arg)
{
    int64_t last = 0;
    (void)arg;
    troika_queue_t *queue = stage_connect (stage);
    take_singly (queue, &last);
    assert_int_equal (check_many (queue, ITEMS, &last), ITEMS - TAKEN);
    CHECK_DRAINED (queue);
    end_handle (queue);
    return 0;
}

static void
get_many_takes_all_that_is_there (stage_t *stage)
{
    troika_queue_t *queue = queue_of_numbers (stage, NULL, ITEMS);
    stage_run_peer (stage, take_the_rest, NULL);
    assert_int_equal (figure (queue, "size"), 0);
    troika_queue_destroy (&queue);
}

static void
take_groups (stage_t *stage, troika_queue_t *queue)
{
    int64_t last = 0;
    (void)stage;
    take_singly (queue, &last);
    for (int i = 0; i < 3; i++)
        assert_int_equal (check_many (queue, GROUP, &last), GROUP);
}

/* A queue of which another has taken some, GROUP of them by its last call. */
static troika_queue_t *
begin (partner_t *taker, stage_t *stage)
{
    troika_queue_t *queue = queue_of_numbers (stage, NULL, ITEMS);
    partner_start (taker, stage, take_groups, NULL);
    return queue;
}

static void
all_of_the_last_call_is_in_flight (stage_t *stage)
{
    partner_t taker;
    troika_queue_t *queue = begin (&taker, stage);
    assert_int_equal (figure (queue, "in_flight"), GROUP);
    assert_int_equal (figure (queue, "gets"), TAKEN + 3 * GROUP);
    assert_int_equal (figure (queue, "size"), ITEMS - TAKEN - 3 * GROUP);
    partner_kill (&taker);
    troika_queue_destroy (&queue);
}

static void
of_a_killed_consumer_all_of_the_last_call_comes_back (stage_t *stage)
{
    troika_msg_t *items[ITEMS];
    partner_t taker;
    troika_queue_t *queue = begin (&taker, stage);
    partner_kill (&taker);
    int64_t first = TAKEN + 2 * GROUP + 1;
    WAIT_UNTIL (figure (queue, "size") == ITEMS - first + 1);
    assert_int_equal (
        troika_queue_get_many (queue, TROIKA_NOWAIT, items, ITEMS),
        ITEMS - first + 1);
    for (int64_t i = first; i <= ITEMS; i++) {
        troika_msg_t *item = items[i - first];
        assert_int_equal (troika_queue_deliveries (item),
                          i < first + GROUP ? 2 : 1);
        assert_int_equal (number_of (item), i);
    }
    assert_int_equal (figure (queue, "redelivered"), GROUP);
    CHECK_DRAINED (queue);
    troika_queue_destroy (&queue);
}

static void
an_empty_queue_gives_none (stage_t *stage)
{
    troika_msg_t *items[GROUP];
    troika_queue_t *queue = stage_queue (stage, NULL);
    CHECK_ERRNO (troika_queue_get_many (queue, TROIKA_NOWAIT, items, GROUP),
                 EAGAIN);
    CHECK_ERRNO (troika_queue_get_many (queue, 20, items, GROUP), ETIMEDOUT);
    troika_queue_destroy (&queue);
}

/* One item after another becomes no message; the call itself needs two. */
static int
take_short_of_memory (stage_t *stage, void *arg)
{
    troika_msg_t *items[2 * GROUP];
    int64_t last = 0;
    bool *gave_part = arg;
    troika_queue_t *queue = stage_connect (stage);
    for (unsigned n = 1; last < ITEMS; n++) {
        countdown = 3 + n % 30;
        ssize_t count =
            troika_queue_get_many (queue, TROIKA_FOREVER, items, 2 * GROUP);
        int error = errno;
        countdown = 0;
        if (count < 0)
            assert_int_equal (error, ENOMEM);
        *gave_part = *gave_part || (count > 0 && count < 2 * GROUP);
        for (ssize_t i = 0; i < count; i++)
            assert_int_equal (number_of (items[i]), ++last);
    }
    CHECK_DRAINED (queue);
    end_handle (queue);
    return *gave_part ? 0 : 1;
}

static void
nothing_is_lost_when_memory_is_short (stage_t *stage)
{
    bool gave_part = false;
    troika_queue_t *queue = queue_of_numbers (stage, NULL, ITEMS);
    stage_run_peer (stage, take_short_of_memory, &gave_part);
    assert_int_equal (figure (queue, "gets"), ITEMS);
    assert_int_equal (figure (queue, "redelivered"), 0);
    troika_queue_destroy (&queue);
}

static const stage_case_t cases[] = {
    STAGE_TEST (an_empty_queue_gives_none),
    STAGE_TEST (gets_of_one_and_of_many_keep_the_order),
    STAGE_TEST_ON (STAGE_REMOTE, get_many_takes_all_that_is_there),
    STAGE_TEST_ON (STAGE_REMOTE, all_of_the_last_call_is_in_flight),
    STAGE_TEST_ON (STAGE_REMOTE,
                   of_a_killed_consumer_all_of_the_last_call_comes_back),
    STAGE_TEST_ON (STAGE_REMOTE, nothing_is_lost_when_memory_is_short),
};

int
main (int argc, char **argv)
{
    setenv ("TROIKA_POOL", "0", 1); /* each block an allocation */
    return STAGE_RUN (cases, argc, argv);
}
