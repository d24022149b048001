/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_manager_fork.c - what a forked child may use of its parent's manager and
 * handles, and that it harms nothing there.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "tests/shared_handles.h"
#include "tests/stage_parts.h"

static pid_t
in_child (int (*run) (const all_t *all), const all_t *all)
{
    pid_t pid = stage_fork ();
    if (pid < 0)
        STAGE_FAIL ("fork: %s", strerror (errno));
    if (pid == 0)
        exit (run (all));
    return pid;
}

/* An item, then what only the lock makes one step. */
static int
work_in_child (const all_t *all)
{
    stage_await (all->stage, 0);
    int64_t item = GET (all->queue);
    PUT (all->queue, item + 100);
    add_under_the_lock (all, 0);
    add_often (all, 0);
    return 0;
}

static all_t
open_all (stage_t *stage, troika_manager_t *manager)
{
    all_t all = {.stage = stage,
                 .dict = CHECK_OK (troika_manager_dict (manager, "d")),
                 .lock = CHECK_OK (troika_manager_lock (manager, "l")),
                 .queue = CHECK_OK (troika_manager_queue (manager, "q", NULL))};
    CHECK_OK (troika_dict_set (all.dict, "n", "i", 0));
    return all;
}

static void
destroy_all (all_t *all)
{
    troika_dict_destroy (&all->dict);
    troika_lock_destroy (&all->lock);
    troika_queue_destroy (&all->queue);
}

static void
check_children (const all_t *all)
{
    pid_t children[4];
    for (int64_t i = 0; i < 4; i++)
        PUT (all->queue, i);
    CHECK_OK (troika_queue_flush (all->queue, TROIKA_FOREVER));
    for (int i = 0; i < 4; i++)
        children[i] = in_child (work_in_child, all);
    for (int i = 0; i < 4; i++)
        stage_signal (all->stage, 0);
    add_under_the_lock (all, 0); /* the parent goes on with its own */
    for (int i = 0; i < 4; i++)
        assert_int_equal (stage_wait_child (children[i]), 0);
    int64_t sum = 0;
    for (int i = 0; i < 4; i++)
        sum += GET (all->queue);
    assert_int_equal (sum, 406);
    CHECK_DRAINED (all->queue);
}

static void
handles_made_before_a_fork_work_in_the_children (stage_t *stage)
{
    stage_needs_fork (stage);
    troika_manager_t *manager = stage_manager (stage);
    all_t all = open_all (stage, manager);
    check_children (&all);
    destroy_all (&all);
    troika_manager_destroy (&manager);
}

static void
children_use_the_manager_of_their_parent (stage_t *stage)
{
    stage_needs_fork (stage);
    troika_manager_t *manager = CHECK_OK (troika_manager_new (NULL));
    all_t all = open_all (stage, manager);
    check_children (&all);
    destroy_all (&all);
    troika_manager_destroy (&manager);
}

static int
cannot_reach (const all_t *all)
{
    CHECK_ERRNO (troika_dict_len (all->dict), EHOSTUNREACH);
    assert_non_null (strstr (troika_error (), "inproc"));
    return 0;
}

static void
an_inproc_manager_is_out_of_a_child_s_reach (stage_t *stage)
{
    stage_needs_fork (stage);
    troika_manager_t *manager = stage_manager (stage);
    all_t all = open_all (stage, manager);
    assert_int_equal (stage_wait_child (in_child (cannot_reach, &all)), 0);
    assert_int_equal (CHECK_OK (troika_dict_len (all.dict)), 1);
    destroy_all (&all);
    troika_manager_destroy (&manager);
}

static int
is_not_the_holder (const all_t *all)
{
    CHECK_ERRNO (troika_lock_acquire (all->lock, TROIKA_NOWAIT), EAGAIN);
    CHECK_ERRNO (troika_lock_release (all->lock), EPERM);
    errno = 0;
    assert_int_equal (troika_lock_token (all->lock), 0);
    assert_int_equal (errno, EPERM);
    return 0;
}

static void
a_child_does_not_hold_its_parent_s_rlock (stage_t *stage)
{
    stage_needs_fork (stage);
    troika_manager_t *manager = stage_manager (stage);
    all_t all = {.lock = CHECK_OK (troika_manager_rlock (manager, "r"))};
    CHECK_OK (troika_lock_acquire (all.lock, TROIKA_NOWAIT));
    assert_int_equal (stage_wait_child (in_child (is_not_the_holder, &all)), 0);
    assert_true (troika_lock_token (all.lock) != 0);
    CHECK_OK (troika_lock_release (all.lock));
    destroy_all (&all);
    troika_manager_destroy (&manager);
}

static int
end_at_once (const all_t *all)
{
    (void)all;
    return 0;
}

static int
die_at_once (const all_t *all)
{
    (void)all;
    _exit (0);
}

/* Neither its end nor its death is the parent's. */
static void
a_child_that_ends_harms_nothing_of_its_parent (stage_t *stage)
{
    stage_needs_fork (stage);
    troika_manager_t *manager = stage_manager (stage);
    all_t all = open_all (stage, manager);
    CHECK_OK (troika_lock_acquire (all.lock, TROIKA_NOWAIT));
    uint64_t token = troika_lock_token (all.lock);
    assert_int_equal (stage_wait_child (in_child (end_at_once, &all)), 0);
    assert_int_equal (stage_wait_child (in_child (die_at_once, &all)), 0);
    usleep (400000); /* longer than a death takes to be noticed */
    assert_true (token && troika_lock_token (all.lock) == token);
    CHECK_OK (troika_lock_release (all.lock));
    destroy_all (&all);
    troika_manager_destroy (&manager);
}

static const stage_case_t cases[] = {
    STAGE_TEST_ON (STAGE_REMOTE,
                   handles_made_before_a_fork_work_in_the_children),
    STAGE_TEST_ON (STAGE_THREADS, children_use_the_manager_of_their_parent),
    STAGE_TEST_ON (STAGE_THREADS, an_inproc_manager_is_out_of_a_child_s_reach),
    STAGE_TEST_ON (STAGE_REMOTE, a_child_does_not_hold_its_parent_s_rlock),
    STAGE_TEST_ON (STAGE_REMOTE, a_child_that_ends_harms_nothing_of_its_parent),
};

int
main (int argc, char **argv)
{
    return STAGE_RUN (cases, argc, argv);
}
