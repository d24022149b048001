/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_queue_fork.c - handles over fork(): a child goes on with its parent's
 * handle as a client of its own, and disturbs nothing of the parent's.
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tests/queue_items.h"
#include "tests/stage_parts.h"

/* In a child, with the handle that its parent made; exits with what run
 * gives. */
static pid_t
in_child (stage_t *stage, int (*run) (stage_t *stage, troika_queue_t *queue),
          troika_queue_t *queue)
{
    stage_needs_fork (stage);
    pid_t pid = stage_fork ();
    assert_true (pid >= 0);
    if (pid == 0)
        exit (run (stage, queue));
    return pid;
}

static void
check_child (pid_t pid)
{
    assert_int_equal (stage_wait_child (pid), 0);
}

static int
put_three (stage_t *stage, troika_queue_t *queue)
{
    (void)stage;
    put_numbers (queue, 3, 1);
    return 0;
}

static void
a_child_puts_with_its_parents_handle (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, NULL);
    PUT (queue, 0); /* the handle is in use already */
    CHECK_OK (troika_queue_flush (queue, TROIKA_FOREVER));
    check_child (in_child (stage, put_three, queue));
    for (int i = 0; i <= 3; i++)
        CHECK_NEXT (queue, i);
    troika_queue_destroy (&queue);
}

static int
get_three (stage_t *stage, troika_queue_t *queue)
{
    (void)stage;
    get_numbers (queue, 3, 1);
    return 0;
}

static void
a_child_gets_with_its_parents_handle (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, NULL);
    pid_t pid = in_child (stage, get_three, queue);
    put_numbers (queue, 3, 1);
    CHECK_OK (troika_queue_flush (queue, TROIKA_FOREVER));
    check_child (pid);
    CHECK_DRAINED (queue);
    troika_queue_destroy (&queue);
}

static int
use_grandchild (stage_t *stage, troika_queue_t *queue)
{
    PUT (queue, 0);
    CHECK_OK (troika_queue_flush (queue, TROIKA_FOREVER));
    check_child (in_child (stage, put_three, queue));
    return 0;
}

static void
a_grandchild_may_use_it_too (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, NULL);
    check_child (in_child (stage, use_grandchild, queue));
    for (int i = 0; i <= 3; i++)
        CHECK_NEXT (queue, i);
    troika_queue_destroy (&queue);
}

static int
do_nothing (stage_t *stage, troika_queue_t *queue)
{
    (void)stage;
    (void)queue;
    return 0;
}

/* Those that are on their way at the fork belong to the parent alone. */
static void
unsent_items_are_not_duplicated (stage_t *stage)
{
    pid_t pids[3];
    troika_queue_t *queue = stage_queue (stage, NULL);
    for (int i = 0; i < 1000; i++) {
        PUT (queue, i);
        if (i % 300 == 250)
            pids[i / 300] = in_child (
                stage, i % 600 == 250 ? put_three : do_nothing, queue);
    }
    for (int i = 0; i < 3; i++)
        check_child (pids[i]);
    CHECK_OK (troika_queue_flush (queue, TROIKA_FOREVER));
    assert_int_equal (CHECK_OK (troika_queue_qsize (queue)), 1000 + 2 * 3);
    troika_queue_destroy (&queue);
}

static int
destroy_it (stage_t *stage, troika_queue_t *queue)
{
    (void)stage;
    PUT (queue, 1);
    troika_queue_destroy (&queue);
    return 0;
}

static void
a_child_destroys_only_its_own_copy (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, NULL);
    check_child (in_child (stage, destroy_it, queue));
    CHECK_NEXT (queue, 1);
    PUT (queue, 2);
    CHECK_NEXT (queue, 2);
    troika_queue_destroy (&queue);
}

static int
exit_at_once (stage_t *stage, troika_queue_t *queue)
{
    (void)stage;
    (void)queue;
    exit (0);
}

/* What is served here stays served, at the same path. */
static void
a_childs_end_does_not_end_what_its_parent_serves (stage_t *stage)
{
    troika_queue_t *queue =
        CHECK_OK (troika_queue_new (stage_address (stage), 0));
    check_child (in_child (stage, exit_at_once, queue));
    check_child (in_child (stage, destroy_it, queue));
    CHECK_NEXT (queue, 1);
    troika_queue_t *other =
        CHECK_OK (troika_queue_connect (troika_queue_endpoint (queue)));
    PUT (other, 2);
    CHECK_NEXT (queue, 2);
    troika_queue_destroy (&other);
    troika_queue_destroy (&queue);
}

static int
be_refused (stage_t *stage, troika_queue_t *queue)
{
    (void)stage;
    CHECK_ERRNO (troika_queue_bind (queue, "tcp://127.0.0.1:*"), EPERM);
    return 0;
}

static void
a_child_does_not_serve_its_parents_queue (stage_t *stage)
{
    troika_queue_t *queue =
        CHECK_OK (troika_queue_new (stage_address (stage), 0));
    check_child (in_child (stage, be_refused, queue));
    troika_queue_destroy (&queue);
}

static int
find_inproc_unreachable (stage_t *stage, troika_queue_t *queue)
{
    (void)stage;
    CHECK_ERRNO (troika_queue_get (queue, TROIKA_FOREVER), EHOSTUNREACH);
    assert_non_null (strstr (troika_error (), "inproc"));
    CHECK_ERRNO (troika_queue_put (queue, TROIKA_FOREVER, "i", 1),
                 EHOSTUNREACH);
    assert_non_null (strstr (troika_error (), "inproc"));
    troika_queue_destroy (&queue);
    return 0;
}

static void
an_inproc_queue_says_clearly_that_a_child_cannot_reach_it (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, NULL);
    PUT (queue, 1);
    check_child (in_child (stage, find_inproc_unreachable, queue));
    CHECK_NEXT (queue, 1);
    troika_queue_destroy (&queue);
}

typedef struct {
    stage_t *stage;
    troika_queue_t *queue;
} busy_t;

/* Keeps the library's locks and buffers busy until told to end. */
static void *
be_busy (void *arg)
{
    busy_t *self = arg;
    while (!stage_heard (self->stage, 0)) {
        PUT (self->queue, 5);
        GET (self->queue);
    }
    return NULL;
}

static int
count_one (stage_t *stage, troika_queue_t *counter)
{
    (void)stage;
    PUT (counter, 1);
    return 0;
}

#define FORKS 20

static void
children_of_a_busy_parent_all_come_through (stage_t *stage)
{
    pthread_t threads[2];
    pid_t pids[FORKS];
    troika_queue_t *queue = stage_queue (stage, NULL);
    troika_queue_t *counter = CHECK_OK (troika_queue_new (NULL, 0));
    busy_t busy = {stage, queue};
    if (UNDER_ASAN)
        stage_skip (stage, "AddressSanitizer cannot fork while threads "
                           "allocate");
    for (int i = 0; i < 2; i++)
        pthread_create (&threads[i], NULL, be_busy, &busy);
    for (int i = 0; i < FORKS; i++)
        pids[i] = in_child (stage, count_one, counter);
    for (int i = 0; i < FORKS; i++)
        check_child (pids[i]);
    stage_signal (stage, 0);
    for (int i = 0; i < 2; i++)
        pthread_join (threads[i], NULL);
    assert_int_equal (CHECK_OK (troika_queue_qsize (counter)), FORKS);
    troika_queue_destroy (&counter);
    troika_queue_destroy (&queue);
}

static void *
wait_for_an_item (void *arg)
{
    CHECK_NEXT (arg, 7);
    return NULL;
}

static int
put_seven (stage_t *stage, troika_queue_t *queue)
{
    (void)stage;
    PUT (queue, 7);
    return 0;
}

static void
a_thread_that_waits_at_the_fork_goes_on_waiting (stage_t *stage)
{
    pthread_t thread;
    troika_queue_t *queue = stage_queue (stage, NULL);
    pthread_create (&thread, NULL, wait_for_an_item, queue);
    WAIT_UNTIL (figure (queue, "waiting_gets") == 1);
    check_child (in_child (stage, do_nothing, queue));
    check_child (in_child (stage, put_seven, queue));
    pthread_join (thread, NULL);
    troika_queue_destroy (&queue);
}

static int
linger_after_using (stage_t *stage, troika_queue_t *queue)
{
    CHECK_OK (troika_queue_qsize (queue));
    stage_signal (stage, 0);
    stage_await (stage, 1);
    return 0;
}

/* A child that lives on does not keep its parent's session alive. */
static int
get_and_leave_a_child (stage_t *stage, void *arg)
{
    troika_queue_t *queue = stage_connect (stage);
    (void)arg;
    GET (queue);
    in_child (stage, linger_after_using, queue);
    stage_await (stage, 2);
    return 0;
}

static void
the_parents_death_shows_although_its_child_lives (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, NULL);
    PUT (queue, 1);
    CHECK_OK (troika_queue_flush (queue, TROIKA_FOREVER));
    stage_peer_t *peer = stage_peer (stage, get_and_leave_a_child, NULL);
    stage_await (stage, 0);
    stage_kill (peer);
    troika_msg_t *item = CHECK_OK (troika_queue_get (queue, 6000));
    assert_int_equal (troika_queue_deliveries (item), 2);
    troika_msg_destroy (&item);
    stage_signal (stage, 1);
    troika_queue_destroy (&queue);
}

static int
find_nobody_soon (stage_t *stage, troika_queue_t *queue)
{
    (void)stage;
    int64_t since = clock_ms ();
    CHECK_ERRNO (troika_queue_get (queue, 20), EHOSTUNREACH);
    CHECK_ERRNO (troika_queue_put (queue, TROIKA_NOWAIT, "i", 1), EHOSTUNREACH);
    check_took (since, 40, 4000); /* a connect may take 5000 each */
    return 0;
}

static void
a_child_s_first_call_has_a_timeout_as_well (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, NULL);
    stage_stop (stage_server_pid (stage));
    check_child (in_child (stage, find_nobody_soon, queue));
    stage_kill_server (stage);
    CHECK_OK (troika_set_linger (100));
    troika_queue_destroy (&queue);
}

/* The inproc ones cannot be reached from a child. */
static const stage_case_t cases[] = {
    STAGE_TEST_ON (STAGE_REMOTE, a_child_puts_with_its_parents_handle),
    STAGE_TEST_ON (STAGE_REMOTE, a_child_gets_with_its_parents_handle),
    STAGE_TEST_ON (STAGE_REMOTE, a_grandchild_may_use_it_too),
    STAGE_TEST_ON (STAGE_REMOTE, unsent_items_are_not_duplicated),
    STAGE_TEST_ON (STAGE_REMOTE, a_child_destroys_only_its_own_copy),
    STAGE_TEST_ON (STAGE_REMOTE,
                   a_childs_end_does_not_end_what_its_parent_serves),
    STAGE_TEST_ON (STAGE_REMOTE, a_child_does_not_serve_its_parents_queue),
    STAGE_TEST_ON (STAGE_THREADS,
                   an_inproc_queue_says_clearly_that_a_child_cannot_reach_it),
    STAGE_TEST_WITHIN (40, STAGE_ALL,
                       children_of_a_busy_parent_all_come_through),
    STAGE_TEST_ON (STAGE_REMOTE,
                   a_thread_that_waits_at_the_fork_goes_on_waiting),
    STAGE_TEST_ON (STAGE_REMOTE,
                   the_parents_death_shows_although_its_child_lives),
    STAGE_TEST_ON (STAGE_REMOTE, a_child_s_first_call_has_a_timeout_as_well),
};

int
main (int argc, char **argv)
{
    return STAGE_RUN (cases, argc, argv);
}
