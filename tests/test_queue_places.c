/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_queue_places.c - places reserved for a busy producer take nothing
 * from anybody, and no bound is ever exceeded.
 *
 * A quick producer puts so many items that places are reserved for it, and
 * stops there. Everything that others see or put must be as if each of its
 * puts had asked the queue.
 */
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tests/queue_items.h"

enum { BOUND = 1000, FILLED = 300 };
enum { FILLER = 0, GO = 1 };

static const troika_queue_options_t bounded = {.maxsize = BOUND};

/* What the producer does after its burst, when it is told to go on. */
typedef int (*act_t) (stage_t *stage, troika_queue_t *queue);

static int
run_filler (stage_t *stage, void *arg)
{
    act_t act = *(act_t *)arg;
    troika_queue_t *queue = stage_connect (stage);
    for (int i = 1; i <= FILLED; i++)
        CHECK_OK (troika_queue_put (queue, TROIKA_NOWAIT, "i", i));
    stage_signal (stage, FILLER);
    stage_await (stage, GO);
    int rc = act ? act (stage, queue) : 0;
    end_handle (queue);
    return rc;
}

/* A queue of 1000 places, 300 of which another has filled by as many puts. */
static stage_peer_t *
start_filler (stage_t *stage, act_t *act)
{
    stage_peer_t *peer = stage_peer (stage, run_filler, act);
    stage_await (stage, FILLER);
    return peer;
}

static void
end_filler (stage_t *stage, stage_peer_t *peer)
{
    stage_signal (stage, GO);
    assert_int_equal (stage_join (peer), 0);
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
    act_t act = NULL;
    troika_queue_t *queue = stage_queue (stage, &bounded);
    stage_peer_t *peer = start_filler (stage, &act);
    check_places (queue, BOUND - FILLED);
    end_filler (stage, peer);
    assert_int_equal (CHECK_OK (troika_queue_qsize (queue)), BOUND);
    troika_queue_destroy (&queue);
}

static int
find_it_full (stage_t *stage, troika_queue_t *queue)
{
    CHECK_ERRNO (troika_queue_put (queue, TROIKA_NOWAIT, "i", -2), EAGAIN);
    stage_signal (stage, FILLER);
    CHECK_OK (troika_queue_put (queue, TROIKA_FOREVER, "i", -2));
    return 0;
}

static void
a_producer_waits_once_its_places_are_called_back (stage_t *stage)
{
    act_t act = find_it_full;
    troika_queue_t *queue = stage_queue (stage, &bounded);
    stage_peer_t *peer = start_filler (stage, &act);
    check_places (queue, BOUND - FILLED);
    stage_signal (stage, GO);
    stage_await (stage, FILLER);
    CHECK_NEXT (queue, 1);
    assert_int_equal (stage_join (peer), 0);
    assert_int_equal (CHECK_OK (troika_queue_qsize (queue)), BOUND);
    troika_queue_destroy (&queue);
}

static int
fill_up (stage_t *stage, troika_queue_t *queue)
{
    (void)stage;
    for (int i = FILLED + 1; i <= BOUND; i++) {
        CHECK_OK (troika_queue_put (queue, TROIKA_NOWAIT, "i", i));
        assert_int_equal (CHECK_OK (troika_queue_qsize (queue)), i);
        assert_int_equal (CHECK_OK (troika_queue_full (queue)), i == BOUND);
    }
    CHECK_ERRNO (troika_queue_put (queue, TROIKA_NOWAIT, "i", 0), EAGAIN);
    return 0;
}

static void
a_producer_sees_its_own_puts (stage_t *stage)
{
    act_t act = fill_up;
    troika_queue_t *queue = stage_queue (stage, &bounded);
    stage_peer_t *peer = start_filler (stage, &act);
    end_filler (stage, peer);
    for (int i = 1; i <= BOUND; i++)
        CHECK_NEXT (queue, i);
    CHECK_DRAINED (queue);
    troika_queue_destroy (&queue);
}

static void
a_stopped_producer_keeps_no_place_from_others (stage_t *stage)
{
    act_t act = NULL;
    troika_queue_t *queue = stage_queue (stage, &bounded);
    stage_peer_t *peer = start_filler (stage, &act);
    stage_stop (stage_peer_pid (peer));
    check_places (queue, BOUND - FILLED);
    kill (stage_peer_pid (peer), SIGCONT);
    end_filler (stage, peer);
    troika_queue_destroy (&queue);
}

/* What had not left its process is lost with it, and its place is free. */
static void
places_of_a_killed_producer_come_free (stage_t *stage)
{
    act_t act = NULL;
    troika_queue_t *queue = stage_queue (stage, &bounded);
    stage_peer_t *peer = start_filler (stage, &act);
    stage_kill (peer);
    while (CHECK_OK (troika_queue_qsize (queue)) < BOUND)
        CHECK_OK (troika_queue_put (queue, 6000, "i", -1));
    CHECK_ERRNO (troika_queue_put (queue, TROIKA_NOWAIT, "i", -1), EAGAIN);
    troika_queue_destroy (&queue);
}

static void
places_of_a_producer_that_leaves_come_free (stage_t *stage)
{
    act_t act = NULL;
    troika_queue_t *queue = stage_queue (stage, &bounded);
    stage_peer_t *peer = start_filler (stage, &act);
    end_filler (stage, peer);
    assert_int_equal (CHECK_OK (troika_queue_qsize (queue)), FILLED);
    check_places (queue, BOUND - FILLED);
    troika_queue_destroy (&queue);
}

static int
find_it_shut (stage_t *stage, troika_queue_t *queue)
{
    (void)stage;
    CHECK_ERRNO (troika_queue_put (queue, TROIKA_FOREVER, "i", 0), EPIPE);
    return 0;
}

static void
a_shutdown_keeps_what_was_put_and_takes_no_more (stage_t *stage)
{
    act_t act = find_it_shut;
    troika_queue_t *queue = stage_queue (stage, &bounded);
    stage_peer_t *peer = start_filler (stage, &act);
    CHECK_OK (troika_queue_shutdown (queue, false));
    end_filler (stage, peer);
    for (int i = 1; i <= FILLED; i++)
        CHECK_NEXT (queue, i);
    CHECK_ERRNO (troika_queue_get (queue, TROIKA_NOWAIT), EPIPE);
    troika_queue_destroy (&queue);
}

static int
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
    return 0;
}

static void
a_forked_child_has_no_places_of_its_parent (stage_t *stage)
{
    act_t act = fork_a_child;
    troika_queue_t *queue = stage_queue (stage, &bounded);
    stage_peer_t *peer = start_filler (stage, &act);
    end_filler (stage, peer);
    assert_int_equal (CHECK_OK (troika_queue_qsize (queue)), FILLED + 100);
    check_places (queue, BOUND - FILLED - 100);
    troika_queue_destroy (&queue);
}

enum { PUTTERS = 4, EACH = 3000, NARROW = 7 };

static int
run_putter (stage_t *stage, void *arg)
{
    troika_queue_t *queue = stage_connect (stage);
    (void)arg;
    for (int i = 1; i <= EACH; i++)
        CHECK_OK (troika_queue_put (queue, TROIKA_FOREVER, "i", i));
    end_handle (queue);
    return 0;
}

static void
many_producers_never_exceed_the_bound (stage_t *stage)
{
    static const troika_queue_options_t narrow = {.maxsize = NARROW};
    stage_peer_t *peers[PUTTERS];
    troika_queue_t *queue = stage_queue (stage, &narrow);
    int64_t sum = 0;
    for (int i = 0; i < PUTTERS; i++)
        peers[i] = stage_peer (stage, run_putter, NULL);
    for (int i = 0; i < PUTTERS * EACH; i++) {
        if (i % 64 == 0)
            assert_true (CHECK_OK (troika_queue_qsize (queue)) <= NARROW);
        sum += GET (queue);
    }
    for (int i = 0; i < PUTTERS; i++)
        assert_int_equal (stage_join (peers[i]), 0);
    assert_int_equal (sum, (int64_t)PUTTERS * EACH * (EACH + 1) / 2);
    CHECK_DRAINED (queue);
    troika_queue_destroy (&queue);
}

static const stage_case_t cases[] = {
    STAGE_TEST (a_sleeping_producer_keeps_no_place_from_others),
    STAGE_TEST (a_producer_waits_once_its_places_are_called_back),
    STAGE_TEST (a_producer_sees_its_own_puts),
    STAGE_TEST (places_of_a_producer_that_leaves_come_free),
    STAGE_TEST (a_shutdown_keeps_what_was_put_and_takes_no_more),
    STAGE_TEST_WITHIN (60, STAGE_ALL, many_producers_never_exceed_the_bound),
    STAGE_TEST_ON (STAGE_REMOTE, a_stopped_producer_keeps_no_place_from_others),
    STAGE_TEST_ON (STAGE_REMOTE, places_of_a_killed_producer_come_free),
    STAGE_TEST_ON (STAGE_REMOTE, a_forked_child_has_no_places_of_its_parent),
};

int
main (int argc, char **argv)
{
    return STAGE_RUN (cases, argc, argv);
}
