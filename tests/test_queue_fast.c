/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_queue_fast.c - what must not depend on whether a thread puts and
 * takes by the fast path of its own process or by a call: order, figures,
 * confirmation, and the queue's end.
 */
#include <pthread.h>
#include <stdlib.h>
#include "lib/base/mechanism.h"
#include "tests/queue_items.h"

enum { MANY = 2000 };

static void
a_get_confirms_the_one_before (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, NULL);
    put_numbers (queue, 4, 0);
    for (int i = 0; i < 3; i++) {
        CHECK_NEXT (queue, i);
        assert_int_equal (figure (queue, "in_flight"), 1);
        assert_int_equal (figure (queue, "gets"), i + 1);
    }
    assert_int_equal (figure (queue, "puts"), 4);
    assert_int_equal (figure (queue, "size"), 1);
    assert_int_equal (figure (queue, "unfinished"), 4);
    PUT (queue, 4);
    CHECK_OK (troika_queue_qsize (queue));
    assert_int_equal (figure (queue, "in_flight"), 0);
    troika_queue_destroy (&queue);
}

static void *
take_two (void *arg)
{
    troika_queue_t *queue = arg;
    CHECK_NEXT (queue, 0);
    CHECK_NEXT (queue, 1);
    return NULL;
}

static void
a_thread_that_ends_has_confirmed (stage_t *stage)
{
    pthread_t thread;
    troika_queue_t *queue = stage_queue (stage, NULL);
    for (int round = 0; round < 3; round++) {
        PUT (queue, 0);
        PUT (queue, 1);
        pthread_create (&thread, NULL, take_two, queue);
        pthread_join (thread, NULL);
        WAIT_UNTIL (figure (queue, "in_flight") == 0);
        assert_int_equal (figure (queue, "size"), 0);
    }
    troika_queue_destroy (&queue);
}

static void
gets_of_one_and_of_many_keep_the_order (stage_t *stage)
{
    troika_msg_t *items[7];
    int next = 0;
    troika_queue_t *queue = stage_queue (stage, NULL);
    put_numbers (queue, MANY, 0);
    while (next < MANY) {
        CHECK_NEXT (queue, next++);
        if (next == MANY)
            break;
        ssize_t count =
            CHECK_OK (troika_queue_get_many (queue, TROIKA_FOREVER, items, 7));
        for (ssize_t i = 0; i < count; i++)
            assert_int_equal (number_of (items[i]), next++);
    }
    CHECK_DRAINED (queue);
    troika_queue_destroy (&queue);
}

/* --- the same queue from its own process and from another one */

typedef struct {
    troika_queue_t *items, *turns, *done;
} shared_t;

static int
take_in_turns (void *arg)
{
    const shared_t *shared = arg;
    for (int64_t next; (next = GET (shared->turns)) >= 0;) {
        CHECK_NEXT (shared->items, next);
        PUT (shared->done, next);
    }
    return 0;
}

static void
a_thread_and_a_process_take_in_one_order (stage_t *stage)
{
    stage_needs_fork (stage);
    shared_t shared = {CHECK_OK (troika_queue_new (NULL, 0)),
                       CHECK_OK (troika_queue_new (NULL, 0)),
                       CHECK_OK (troika_queue_new (NULL, 0))};
    int code = -1;
    troika_process_t *other =
        CHECK_OK (troika_process_start (take_in_turns, &shared));
    put_numbers (shared.items, 60, 0);
    for (int i = 0; i < 60; i += 3) {
        CHECK_NEXT (shared.items, i);
        PUT (shared.turns, i + 1);
        CHECK_NEXT (shared.done, i + 1);
        CHECK_NEXT (shared.items, i + 2);
    }
    PUT (shared.turns, -1);
    CHECK_OK (troika_process_join (other, TROIKA_FOREVER));
    CHECK_OK (troika_process_exitcode (other, &code));
    assert_int_equal (code, 0);
    troika_process_destroy (&other);
    troika_queue_destroy (&shared.items);
    troika_queue_destroy (&shared.turns);
    troika_queue_destroy (&shared.done);
}

static void
a_handle_follows_its_name_to_a_new_queue (stage_t *stage)
{
    if (!tk_mechanism (TK_MECHANISM_DIRECT))
        stage_skip (stage, "a put by a cast hears of it later");
    troika_manager_t *manager =
        CHECK_OK (troika_manager_new (stage_address (stage)));
    troika_queue_t *old = CHECK_OK (troika_manager_queue (manager, "q", NULL));
    PUT (old, 1);
    CHECK_OK (troika_manager_remove (manager, "q"));
    CHECK_ERRNO (troika_queue_put (old, TROIKA_FOREVER, "i", 2), ENOENT);
    CHECK_ERRNO (troika_queue_get (old, TROIKA_FOREVER), ENOENT);
    troika_queue_t *new = CHECK_OK (troika_manager_queue (manager, "q", NULL));
    PUT (old, 3);
    PUT (new, 4);
    CHECK_NEXT (old, 3);
    CHECK_NEXT (old, 4);
    troika_queue_destroy (&old);
    troika_queue_destroy (&new);
    troika_manager_destroy (&manager);
}

static const stage_case_t cases[] = {
    STAGE_TEST (a_get_confirms_the_one_before),
    STAGE_TEST (a_thread_that_ends_has_confirmed),
    STAGE_TEST (gets_of_one_and_of_many_keep_the_order),
    STAGE_TEST_ON (STAGE_ONCE, a_thread_and_a_process_take_in_one_order),
    STAGE_TEST_ON (STAGE_ONCE, a_handle_follows_its_name_to_a_new_queue),
};

int
main (int argc, char **argv)
{
    return STAGE_RUN (cases, argc, argv);
}
