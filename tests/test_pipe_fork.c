/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_pipe_fork.c - the two ends of troika_pipe_new(), shared out to forked
 * children: used early, late or never.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tests/pipe_ends.h"

#define MESSAGES 10000

static troika_pipe_t *a, *b;

static void
make (stage_t *stage, bool duplex)
{
    stage_needs_fork (stage);
    CHECK_OK (troika_pipe_new (&a, &b, NULL, duplex));
}

static void
drop (void)
{
    troika_pipe_destroy (&a);
    troika_pipe_destroy (&b);
}

static int
in_child (void (*run) (void))
{
    fflush (NULL);
    pid_t pid = fork ();
    if (pid == 0) {
        run ();
        exit (0);
    }
    return pid;
}

static int
status_of (pid_t pid)
{
    int status;
    assert_int_equal (waitpid (pid, &status, 0), pid);
    return WIFSIGNALED (status) ? -WTERMSIG (status) : WEXITSTATUS (status);
}

static void
echo_until_the_end (void)
{
    troika_pipe_destroy (&a);
    pipe_echo (b);
}

static void
parent_and_child_talk_both_ways (stage_t *stage)
{
    make (stage, true);
    pid_t pid = in_child (echo_until_the_end);
    troika_pipe_destroy (&b);
    for (int i = 0; i < 100; i++) {
        CHECK_OK (troika_pipe_send (a, TROIKA_FOREVER, "i", i));
        pipe_check_next (a, i);
    }
    troika_pipe_close (a);
    assert_int_equal (status_of (pid), 0);
    drop ();
    assert_int_equal (pipe_directories_left (stage), 0);
}

static void
send_many_and_return (void)
{
    pipe_send_numbers (b, 0, MESSAGES);
}

static void
a_child_that_sends_and_exits_loses_nothing (stage_t *stage)
{
    make (stage, false);
    pid_t pid = in_child (send_many_and_return);
    troika_pipe_destroy (&b);
    pipe_check_numbers (a, 0, MESSAGES);
    CHECK_ERRNO (troika_pipe_recv (a, TROIKA_FOREVER), EPIPE);
    assert_int_equal (status_of (pid), 0);
    drop ();
    assert_int_equal (pipe_directories_left (stage), 0);
}

static void
send_some_and_return (void)
{
    pipe_send_numbers (b, 0, 500);
}

static void
a_child_may_be_waited_for_before_it_is_read (stage_t *stage)
{
    make (stage, true);
    assert_int_equal (status_of (in_child (send_some_and_return)), 0);
    troika_pipe_destroy (&b);
    pipe_check_numbers (a, 0, 500);
    CHECK_ERRNO (troika_pipe_recv (a, TROIKA_FOREVER), EPIPE);
    drop ();
}

static void
an_open_end_is_no_reason_for_a_child_to_wait (stage_t *stage)
{
    make (stage, true);
    assert_int_equal (CHECK_OK (troika_pipe_poll (a, 0)), 0);
    assert_int_equal (status_of (in_child (send_some_and_return)), 0);
    troika_pipe_destroy (&b);
    pipe_check_numbers (a, 0, 500);
    CHECK_ERRNO (troika_pipe_recv (a, TROIKA_FOREVER), EPIPE);
    drop ();
}

static void
say_nothing (void)
{
}

static void
a_child_that_exits_without_a_word_ends_the_stream (stage_t *stage)
{
    make (stage, true);
    pid_t pid = in_child (say_nothing);
    troika_pipe_destroy (&b);
    CHECK_ERRNO (troika_pipe_recv (a, TROIKA_FOREVER), EPIPE);
    CHECK_ERRNO (troika_pipe_send (a, TROIKA_FOREVER, "i", 1), EPIPE);
    assert_int_equal (status_of (pid), 0);
    drop ();
    assert_int_equal (pipe_directories_left (stage), 0);
}

static void
read_what_was_left (void)
{
    troika_pipe_destroy (&a);
    pipe_check_numbers (b, 0, 100);
    CHECK_ERRNO (troika_pipe_recv (b, TROIKA_FOREVER), EPIPE);
    troika_pipe_destroy (&b);
}

static void
a_child_reads_what_its_parent_left_long_ago (stage_t *stage)
{
    make (stage, true);
    pipe_send_numbers (a, 0, 100);
    troika_pipe_destroy (&a);
    pid_t pid = in_child (read_what_was_left);
    troika_pipe_destroy (&b);
    assert_int_equal (status_of (pid), 0);
    assert_int_equal (pipe_directories_left (stage), 0);
}

static stage_t *scene;

static void
send_ten_and_wait (void)
{
    pipe_send_numbers (b, 0, 10);
    for (int i = 0;; i++) {
        pipe_check_next (b, i);
        stage_signal (scene, 0);
    }
}

/* It hears of two documents after its ten: its I/O thread, which heard of the
 * second one in another round, has written those then. */
static pid_t
start_sender (stage_t *stage)
{
    scene = stage;
    pid_t pid = in_child (send_ten_and_wait);
    for (int i = 0; i < 2; i++) {
        CHECK_OK (troika_pipe_send (a, TROIKA_FOREVER, "i", i));
        stage_await (stage, 0);
    }
    return pid;
}

static void
a_killed_child_is_noticed_after_what_arrived (stage_t *stage)
{
    make (stage, true);
    pid_t pid = start_sender (stage);
    troika_pipe_destroy (&b);
    pipe_check_numbers (a, 0, 5);
    kill (pid, SIGKILL);
    assert_int_equal (status_of (pid), -SIGKILL);
    pipe_check_numbers (a, 5, 10);
    CHECK_ERRNO (troika_pipe_recv (a, TROIKA_FOREVER), ECONNRESET);
    CHECK_ERRNO (troika_pipe_recv (a, TROIKA_FOREVER), ECONNRESET);
    CHECK_ERRNO (troika_pipe_send (a, TROIKA_FOREVER, "i", 1), ECONNRESET);
    drop ();
}

/* The parent forgot to close its copy. */
static void
a_killed_child_is_noticed_though_a_copy_lives (stage_t *stage)
{
    make (stage, true);
    pid_t pid = start_sender (stage);
    pipe_check_next (a, 0);
    kill (pid, SIGKILL);
    status_of (pid);
    pipe_check_numbers (a, 1, 10);
    CHECK_ERRNO (troika_pipe_recv (a, TROIKA_FOREVER), ECONNRESET);
    drop ();
}

static void
use_the_parents_end (void)
{
    CHECK_ERRNO (troika_pipe_send (a, 0, "i", 1), EPERM);
    assert_non_null (strstr (troika_error (), "in use by process"));
    CHECK_ERRNO (troika_pipe_recv (a, 0), EPERM);
    drop ();
}

static void
an_end_belongs_to_the_process_that_used_it_first (stage_t *stage)
{
    make (stage, true);
    CHECK_OK (troika_pipe_send (a, TROIKA_FOREVER, "i", 1));
    assert_int_equal (status_of (in_child (use_the_parents_end)), 0);
    pipe_check_next (b, 1);
    CHECK_OK (troika_pipe_send (b, TROIKA_FOREVER, "i", 2));
    pipe_check_next (a, 2);
    drop ();
}

static int keep_open[2];

static void
wait_for_the_pipe (void)
{
    char byte;
    close (keep_open[1]);
    assert_int_equal (read (keep_open[0], &byte, 1), 0);
    _exit (0);
}

static void
an_unrelated_child_does_not_keep_a_used_end_alive (stage_t *stage)
{
    make (stage, true);
    CHECK_OK (troika_pipe_send (a, TROIKA_FOREVER, "i", 1));
    pipe_check_next (b, 1);
    assert_int_equal (pipe (keep_open), 0);
    pid_t pid = in_child (wait_for_the_pipe);
    troika_pipe_close (b);
    CHECK_ERRNO (troika_pipe_recv (a, TROIKA_FOREVER), EPIPE);
    CHECK_ERRNO (troika_pipe_send (a, TROIKA_FOREVER, "i", 1), EPIPE);
    close (keep_open[1]);
    assert_int_equal (status_of (pid), 0);
    drop ();
}

static void
pass_on (void)
{
    troika_msg_t *msg = CHECK_OK (troika_pipe_recv (b, TROIKA_FOREVER));
    _exit (msg ? 0 : 1);
}

static void
pass_in (void)
{
    troika_pipe_destroy (&b);
    CHECK_OK (troika_pipe_send (a, TROIKA_FOREVER, "i", 1));
}

static void
two_children_get_an_end_each (stage_t *stage)
{
    make (stage, true);
    pid_t reader = in_child (pass_on);
    pid_t writer = in_child (pass_in);
    drop ();
    assert_int_equal (status_of (writer), 0);
    assert_int_equal (status_of (reader), 0);
}

static void
talk_and_wait (troika_pipe_t *end)
{
    CHECK_OK (troika_pipe_send (end, TROIKA_FOREVER, "i", 0));
    for (;;) {
        pipe_check_next (end, 0);
        CHECK_OK (troika_pipe_send (end, TROIKA_FOREVER, "i", 0));
    }
}

static void
talk_with_a (void)
{
    troika_pipe_destroy (&b);
    talk_and_wait (a);
}

static void
talk_with_b (void)
{
    troika_pipe_destroy (&a);
    talk_and_wait (b);
}

/* Nobody is left to clean up after them. */
static void
two_that_are_killed_leave_no_directory (stage_t *stage)
{
    make (stage, true);
    pid_t pids[] = {in_child (talk_with_a), in_child (talk_with_b)};
    WAIT_UNTIL (pipe_directories_left (stage) == 0);
    for (int i = 0; i < 2; i++)
        kill (pids[i], SIGKILL);
    for (int i = 0; i < 2; i++)
        assert_int_equal (status_of (pids[i]), -SIGKILL);
    drop ();
}

static const stage_case_t cases[] = {
    STAGE_TEST_ON (STAGE_ONCE, parent_and_child_talk_both_ways),
    STAGE_TEST_ON (STAGE_ONCE, a_child_that_sends_and_exits_loses_nothing),
    STAGE_TEST_ON (STAGE_ONCE, a_child_may_be_waited_for_before_it_is_read),
    STAGE_TEST_ON (STAGE_ONCE, an_open_end_is_no_reason_for_a_child_to_wait),
    STAGE_TEST_ON (STAGE_ONCE,
                   a_child_that_exits_without_a_word_ends_the_stream),
    STAGE_TEST_ON (STAGE_ONCE, a_child_reads_what_its_parent_left_long_ago),
    STAGE_TEST_ON (STAGE_ONCE, a_killed_child_is_noticed_after_what_arrived),
    STAGE_TEST_ON (STAGE_ONCE, a_killed_child_is_noticed_though_a_copy_lives),
    STAGE_TEST_ON (STAGE_ONCE,
                   an_end_belongs_to_the_process_that_used_it_first),
    STAGE_TEST_ON (STAGE_ONCE,
                   an_unrelated_child_does_not_keep_a_used_end_alive),
    STAGE_TEST_ON (STAGE_ONCE, two_children_get_an_end_each),
    STAGE_TEST_ON (STAGE_ONCE, two_that_are_killed_leave_no_directory),
};

int
main (int argc, char **argv)
{
    return STAGE_RUN (cases, argc, argv);
}
