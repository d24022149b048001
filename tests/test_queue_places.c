/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_queue_places.c - places reserved for a busy producer take nothing
 * from anybody, and no bound is ever exceeded.
 *
 * A quick producer puts so many items that places are reserved for it, and
 * stops there. Everything that others see or put must be as if each of its
 * puts had asked the queue.
 */
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tests/queue_partner.h"

enum { BOUND = 1000, FILLED = 300 };
enum { FULL = 2 }; /* an event */
static const troika_queue_options_t bounded = {.maxsize = BOUND};

static void
put_singly (stage_t *stage, troika_queue_t *queue)
{
    (void)stage;
    for (int i = 1; i <= FILLED; i++)
        CHECK_OK (troika_queue_put (queue, TROIKA_NOWAIT, "i", i));
}

/* A queue of 1000 places, 300 of which another has filled by as many puts;
 * what it does when it is told to go on. */
static troika_queue_t *
begin (partner_t *filler, stage_t *stage, act_t act)
{
    troika_queue_t *queue = stage_queue (stage, &bounded);
    partner_start (filler, stage, put_singly, act);
    return queue;
}

/* Exactly so many places are free. */
static void
check_places (troika_queue_t *queue, int places)
{
    for (int i = 0; i < places; i++) {
        assert_int_equal (CHECK_OK (troika_queue_full (queue)), 0);
        CHECK_OK (troika_queue_put (queue, TROIKA_NOWAIT, "i", -1));
    }
    assert_int_equal (CHECK_OK (troika_queue_full (queue)), 1);
    CHECK_ERRNO (troika_queue_put (queue, TROIKA_NOWAIT, "i", -1), EAGAIN);
}

static void
a_sleeping_producer_keeps_no_place_from_others (stage_t *stage)
{
    partner_t filler;
    troika_queue_t *queue = begin (&filler, stage, NULL);
    check_places (queue, BOUND - FILLED);
    partner_leave (&filler);
    assert_int_equal (CHECK_OK (troika_queue_qsize (queue)), BOUND);
    troika_queue_destroy (&queue);
}

static void
find_it_full (stage_t *stage, troika_queue_t *queue)
{
    CHECK_ERRNO (troika_queue_put (queue, TROIKA_NOWAIT, "i", -2), EAGAIN);
    stage_signal (stage, FULL);
    CHECK_OK (troika_queue_put (queue, TROIKA_FOREVER, "i", -2));
}

static void
a_producer_waits_once_its_places_are_called_back (stage_t *stage)
{
    partner_t filler;
    troika_queue_t *queue = begin (&filler, stage, find_it_full);
    check_places (queue, BOUND - FILLED);
    partner_go_on (&filler);
    stage_await (stage, FULL);
    CHECK_NEXT (queue, 1);
    partner_join (&filler);
    assert_int_equal (CHECK_OK (troika_queue_qsize (queue)), BOUND);
    troika_queue_destroy (&queue);
}

static void
fill_up (stage_t *stage, troika_queue_t *queue)
{
    (void)stage;
    for (int i = FILLED + 1; i <= BOUND; i++) {
        CHECK_OK (troika_queue_put (queue, TROIKA_NOWAIT, "i", i));
        assert_int_equal (CHECK_OK (troika_queue_qsize (queue)), i);
        assert_int_equal (CHECK_OK (troika_queue_full (queue)), i == BOUND);
    }
    CHECK_ERRNO (troika_queue_put (queue, TROIKA_NOWAIT, "i", 0), EAGAIN);
}

static void
a_producer_sees_its_own_puts (stage_t *stage)
{
    partner_t filler;
    troika_queue_t *queue = begin (&filler, stage, fill_up);
    partner_leave (&filler);
    get_numbers (queue, BOUND, 1);
    CHECK_DRAINED (queue);
    troika_queue_destroy (&queue);
}

static void
a_stopped_producer_keeps_no_place_from_others (stage_t *stage)
{
    partner_t filler;
    troika_queue_t *queue = begin (&filler, stage, NULL);
    partner_stop (&filler);
    check_places (queue, BOUND - FILLED);
    partner_continue (&filler);
    partner_leave (&filler);
    troika_queue_destroy (&queue);
}

/* What had not left its process is lost with it, and its place is free. */
static void
places_of_a_killed_producer_come_free (stage_t *stage)
{
    partner_t filler;
    troika_queue_t *queue = begin (&filler, stage, NULL);
    partner_kill (&filler);
    while (CHECK_OK (troika_queue_qsize (queue)) < BOUND)
        CHECK_OK (troika_queue_put (queue, 6000, "i", -1));
    CHECK_ERRNO (troika_queue_put (queue, TROIKA_NOWAIT, "i", -1), EAGAIN);
    troika_queue_destroy (&queue);
}

static void
places_of_a_producer_that_leaves_come_free (stage_t *stage)
{
    partner_t filler;
    troika_queue_t *queue = begin (&filler, stage, NULL);
    partner_leave (&filler);
    assert_int_equal (CHECK_OK (troika_queue_qsize (queue)), FILLED);
    check_places (queue, BOUND - FILLED);
    troika_queue_destroy (&queue);
}

static void
find_it_shut (stage_t *stage, troika_queue_t *queue)
{
    (void)stage;
    CHECK_ERRNO (troika_queue_put (queue, TROIKA_FOREVER, "i", 0), EPIPE);
}

static void
a_shutdown_keeps_what_was_put_and_takes_no_more (stage_t *stage)
{
    partner_t filler;
    troika_queue_t *queue = begin (&filler, stage, find_it_shut);
    CHECK_OK (troika_queue_shutdown (queue, false));
    partner_leave (&filler);
    get_numbers (queue, FILLED, 1);
    CHECK_ERRNO (troika_queue_get (queue, TROIKA_NOWAIT), EPIPE);
    troika_queue_destroy (&queue);
}

static void
fork_a_child (stage_t *stage, troika_queue_t *queue)
{
    stage_needs_fork (stage);
    pid_t pid = fork ();
    if (pid == 0) {
        int rc = 0;
        for (int i = 0; !rc && i < 100; i++)
            rc = troika_queue_put (queue, TROIKA_NOWAIT, "i", -1);
        troika_queue_destroy (&queue);
        exit (rc ? 1 : 0);
    }
    int status = -1;
    waitpid (pid, &status, 0);
    assert_int_equal (status, 0);
}

static void
a_forked_child_has_no_places_of_its_parent (stage_t *stage)
{
    partner_t filler;
    troika_queue_t *queue = begin (&filler, stage, fork_a_child);
    partner_leave (&filler);
    assert_int_equal (CHECK_OK (troika_queue_qsize (queue)), FILLED + 100);
    check_places (queue, BOUND - FILLED - 100);
    troika_queue_destroy (&queue);
}

enum { PUTTERS = 4, EACH = 3000, NARROW = 7, WIDE = 100 };

static int
run_putter (stage_t *stage, void *arg)
{
    troika_queue_t *queue = stage_connect (stage);
    (void)arg;
    put_numbers (queue, EACH, 1);
    end_handle (queue);
    return 0;
}

static void
check_bound (stage_t *stage, size_t bound)
{
    troika_queue_options_t options = {.maxsize = bound};
    stage_peer_t *peers[PUTTERS];
    troika_queue_t *queue = stage_queue (stage, &options);
    int64_t sum = 0;
    stage_start_peers (stage, peers, PUTTERS, run_putter, NULL);
    for (int i = 0; i < PUTTERS * EACH; i++) {
        if (i % 64 == 0)
            assert_in_range (CHECK_OK (troika_queue_qsize (queue)), 0, bound);
        sum += GET (queue);
    }
    stage_join_peers (peers, PUTTERS);
    assert_int_equal (sum, (int64_t)PUTTERS * EACH * (EACH + 1) / 2);
    CHECK_DRAINED (queue);
    troika_queue_destroy (&queue);
}

static void
many_producers_never_exceed_the_bound (stage_t *stage)
{
    check_bound (stage, NARROW);
}

static void
nor_where_places_come_unasked (stage_t *stage)
{
    check_bound (stage, WIDE);
}

static void
places_that_came_unasked_are_nobodys (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, &bounded);
    stage_peer_t *peer = stage_peer (stage, run_putter, NULL);
    for (int i = 1; i <= EACH - FILLED; i++)
        CHECK_NEXT (queue, i);
    WAIT_UNTIL (figure (queue, "puts") == EACH);
    check_places (queue, BOUND - FILLED);
    assert_int_equal (stage_join (peer), 0);
    troika_queue_destroy (&queue);
}

static const stage_case_t cases[] = {
    STAGE_TEST (a_sleeping_producer_keeps_no_place_from_others),
    STAGE_TEST (a_producer_waits_once_its_places_are_called_back),
    STAGE_TEST (a_producer_sees_its_own_puts),
    STAGE_TEST (places_of_a_producer_that_leaves_come_free),
    STAGE_TEST (a_shutdown_keeps_what_was_put_and_takes_no_more),
    STAGE_TEST_WITHIN (60, STAGE_ALL, many_producers_never_exceed_the_bound),
    STAGE_TEST_WITHIN (60, STAGE_ALL, nor_where_places_come_unasked),
    STAGE_TEST (places_that_came_unasked_are_nobodys),
    STAGE_TEST_ON (STAGE_REMOTE, a_stopped_producer_keeps_no_place_from_others),
    STAGE_TEST_ON (STAGE_REMOTE, places_of_a_killed_producer_come_free),
    STAGE_TEST_ON (STAGE_REMOTE, a_forked_child_has_no_places_of_its_parent),
};

int
main (int argc, char **argv)
{
    return STAGE_RUN (cases, argc, argv);
}
