/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_process.c - a function runs in a process of its own: started, waited
 * for, ended, and asked how it went.
 */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tests/stage.h"

static int
give_back (void *arg)
{
    return *(int *)arg;
}

static int
wait_for_ever (void *arg)
{
    (void)arg;
    for (;;)
        pause ();
    return 0;
}

static int
exit_code (troika_process_t *process)
{
    int code = 1000;
    CHECK_OK (troika_process_join (process, TROIKA_FOREVER));
    CHECK_OK (troika_process_exitcode (process, &code));
    return code;
}

static void
a_process_gives_the_value_of_its_function (stage_t *stage)
{
    (void)stage;
    int value = 7;
    troika_process_t *process =
        CHECK_OK (troika_process_start (give_back, &value));
    assert_true (troika_process_pid (process) > 0);
    assert_int_not_equal (troika_process_pid (process), getpid ());
    assert_int_equal (exit_code (process), 7);
    assert_int_equal (CHECK_OK (troika_process_is_alive (process)), 0);
    troika_process_destroy (&process);
    assert_null (process);
    troika_process_destroy (&process);
}

static void
only_eight_bits_of_the_value_are_kept (stage_t *stage)
{
    (void)stage;
    static const int values[][2] = {{0, 0}, {256, 0}, {-1, 255}, {300, 44}};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        int value = values[i][0];
        troika_process_t *process =
            CHECK_OK (troika_process_start (give_back, &value));
        assert_int_equal (exit_code (process), values[i][1]);
        troika_process_destroy (&process);
    }
}

static void
a_running_process_can_be_asked_and_waited_for (stage_t *stage)
{
    (void)stage;
    int code;
    troika_process_t *process =
        CHECK_OK (troika_process_start (wait_for_ever, NULL));
    assert_int_equal (CHECK_OK (troika_process_is_alive (process)), 1);
    CHECK_ERRNO (troika_process_exitcode (process, &code), EAGAIN);
    CHECK_ERRNO (troika_process_join (process, TROIKA_NOWAIT), EAGAIN);
    CHECK_ERRNO (troika_process_join (process, 20), ETIMEDOUT);
    assert_non_null (strstr (troika_error (), "still runs after 20 ms"));
    CHECK_OK (troika_process_kill (process));
    assert_int_equal (exit_code (process), -SIGKILL);
    CHECK_OK (troika_process_join (process, TROIKA_NOWAIT));
    troika_process_destroy (&process);
}

static void
terminate_lets_a_process_end_by_sigterm (stage_t *stage)
{
    (void)stage;
    troika_process_t *process =
        CHECK_OK (troika_process_start (wait_for_ever, NULL));
    CHECK_OK (troika_process_terminate (process));
    assert_int_equal (exit_code (process), -SIGTERM);
    CHECK_OK (troika_process_terminate (process));
    CHECK_OK (troika_process_kill (process));
    troika_process_destroy (&process);
}

static void *
join_for_ever (void *arg)
{
    CHECK_OK (troika_process_join (arg, TROIKA_FOREVER));
    return NULL;
}

static void
several_threads_join_one_process (stage_t *stage)
{
    (void)stage;
    pthread_t threads[4];
    troika_process_t *process =
        CHECK_OK (troika_process_start (wait_for_ever, NULL));
    for (int i = 0; i < 4; i++)
        pthread_create (&threads[i], NULL, join_for_ever, process);
    CHECK_OK (troika_process_kill (process));
    for (int i = 0; i < 4; i++)
        pthread_join (threads[i], NULL);
    assert_int_equal (exit_code (process), -SIGKILL);
    troika_process_destroy (&process);
}

static void
on_signal (int number)
{
    (void)number;
}

static void
a_signal_interrupts_join (stage_t *stage)
{
    (void)stage;
    struct sigaction action = {.sa_handler = on_signal};
    sigaction (SIGALRM, &action, NULL);
    troika_process_t *process =
        CHECK_OK (troika_process_start (wait_for_ever, NULL));
    struct itimerval often = {{0, 5000}, {0, 5000}};
    setitimer (ITIMER_REAL, &often, NULL);
    CHECK_ERRNO (troika_process_join (process, TROIKA_FOREVER), EINTR);
    memset (&often, 0, sizeof often);
    setitimer (ITIMER_REAL, &often, NULL);
    CHECK_OK (troika_process_kill (process));
    assert_int_equal (exit_code (process), -SIGKILL);
    troika_process_destroy (&process);
}

static void
sigchld_stays_as_the_application_has_it (stage_t *stage)
{
    (void)stage;
    struct sigaction before, after;
    int value = 0;
    sigaction (SIGCHLD, NULL, &before);
    troika_process_t *process =
        CHECK_OK (troika_process_start (give_back, &value));
    assert_int_equal (exit_code (process), 0);
    sigaction (SIGCHLD, NULL, &after);
    assert_true (before.sa_handler == after.sa_handler);
    troika_process_destroy (&process);
}

static void
a_code_that_somebody_else_took_is_lost (stage_t *stage)
{
    (void)stage;
    int code, value = 3;
    troika_process_t *process =
        CHECK_OK (troika_process_start (give_back, &value));
    assert_int_equal (waitpid (troika_process_pid (process), &code, 0),
                      troika_process_pid (process));
    CHECK_OK (troika_process_join (process, TROIKA_FOREVER));
    CHECK_ERRNO (troika_process_exitcode (process, &code), ESTALE);
    CHECK_OK (troika_process_kill (process));
    troika_process_destroy (&process);
}

static int
wait_for_end_of_pipe (void *arg)
{
    int *ends = arg;
    char byte;
    close (ends[1]);
    return read (ends[0], &byte, 1) == 0 ? 0 : 1;
}

static void
a_process_outlives_its_handle_and_leaves_no_zombie (stage_t *stage)
{
    (void)stage;
    int ends[2], value = 0;
    assert_int_equal (pipe (ends), 0);
    troika_process_t *process =
        CHECK_OK (troika_process_start (wait_for_end_of_pipe, ends));
    pid_t pid = troika_process_pid (process);
    troika_process_destroy (&process);
    assert_int_equal (kill (pid, 0), 0);
    close (ends[1]);
    process = CHECK_OK (troika_process_start (give_back, &value));
    /* Each look at any process reaps what has ended meanwhile. */
    WAIT_UNTIL (troika_process_is_alive (process) == 0 && kill (pid, 0) != 0 &&
                errno == ESRCH);
    troika_process_destroy (&process);
    close (ends[0]);
}

static void
touch_at_exit (void)
{
    if (write (STDOUT_FILENO, "atexit\n", 7) < 0)
        abort ();
}

static int
print_word (void *arg)
{
    printf ("%s", (const char *)arg);
    return 0;
}

/* Runs in a process of its own, whose stdout is a file. */
static int
print_around_a_start (void *arg)
{
    int file = open (arg, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    dup2 (file, STDOUT_FILENO);
    setvbuf (stdout, NULL, _IOFBF, 4096);
    atexit (touch_at_exit);
    printf ("parent ");
    troika_process_t *process = troika_process_start (print_word, "child ");
    int code = troika_process_join (process, TROIKA_FOREVER);
    troika_process_destroy (&process);
    return code;
}

static void
text_is_printed_once_and_the_parents_atexit_is_not_run (stage_t *stage)
{
    char path[300], text[100];
    snprintf (path, sizeof path, "%s/out", stage_directory (stage));
    troika_process_t *process =
        CHECK_OK (troika_process_start (print_around_a_start, path));
    assert_int_equal (exit_code (process), 0);
    int file = open (path, O_RDONLY);
    ssize_t size = read (file, text, sizeof text - 1);
    assert_true (size >= 0);
    text[size] = '\0';
    assert_string_equal (text, "parent child ");
    close (file);
    troika_process_destroy (&process);
}

static int
put_some (void *arg)
{
    for (int i = 0; i < 10000; i++)
        if (troika_queue_put (arg, TROIKA_FOREVER, "i", i))
            return 1;
    return 0;
}

static void
what_a_process_put_last_is_delivered (stage_t *stage)
{
    stage_needs_fork (stage);
    troika_queue_t *queue = CHECK_OK (troika_queue_new (NULL, 0));
    troika_process_t *process =
        CHECK_OK (troika_process_start (put_some, queue));
    assert_int_equal (exit_code (process), 0);
    assert_int_equal (CHECK_OK (troika_queue_qsize (queue)), 10000);
    troika_process_destroy (&process);
    troika_queue_destroy (&queue);
}

static int
use_anothers_handle (void *arg)
{
    troika_process_t *process = arg;
    int code;
    CHECK_ERRNO (troika_process_join (process, TROIKA_NOWAIT), EPERM);
    assert_non_null (strstr (troika_error (), "not by this one"));
    CHECK_ERRNO (troika_process_is_alive (process), EPERM);
    CHECK_ERRNO (troika_process_exitcode (process, &code), EPERM);
    CHECK_ERRNO (troika_process_terminate (process), EPERM);
    CHECK_ERRNO (troika_process_kill (process), EPERM);
    troika_process_destroy (&process);
    return 0;
}

static void
only_its_parent_may_ask_about_a_process (stage_t *stage)
{
    (void)stage;
    troika_process_t *first =
        CHECK_OK (troika_process_start (wait_for_ever, NULL));
    troika_process_t *second =
        CHECK_OK (troika_process_start (use_anothers_handle, first));
    assert_int_equal (exit_code (second), 0);
    assert_int_equal (CHECK_OK (troika_process_is_alive (first)), 1);
    CHECK_OK (troika_process_kill (first));
    assert_int_equal (exit_code (first), -SIGKILL);
    troika_process_destroy (&first);
    troika_process_destroy (&second);
}

static void
wrong_use_is_refused (stage_t *stage)
{
    (void)stage;
    int value = 0;
    CHECK_ERRNO (troika_process_start (NULL, NULL), EINVAL);
    CHECK_ERRNO (troika_process_join (NULL, 0), EINVAL);
    CHECK_ERRNO (troika_process_pid (NULL), EINVAL);
    troika_process_t *process =
        CHECK_OK (troika_process_start (give_back, &value));
    CHECK_ERRNO (troika_process_join (process, -2), EINVAL);
    CHECK_ERRNO (troika_process_exitcode (process, NULL), EINVAL);
    assert_int_equal (exit_code (process), 0);
    troika_process_destroy (&process);
    troika_process_destroy (NULL);
}

static const stage_case_t cases[] = {
    STAGE_TEST_ON (STAGE_ONCE, a_process_gives_the_value_of_its_function),
    STAGE_TEST_ON (STAGE_ONCE, only_eight_bits_of_the_value_are_kept),
    STAGE_TEST_ON (STAGE_ONCE, a_running_process_can_be_asked_and_waited_for),
    STAGE_TEST_ON (STAGE_ONCE, terminate_lets_a_process_end_by_sigterm),
    STAGE_TEST_ON (STAGE_ONCE, several_threads_join_one_process),
    STAGE_TEST_ON (STAGE_ONCE, a_signal_interrupts_join),
    STAGE_TEST_ON (STAGE_ONCE, sigchld_stays_as_the_application_has_it),
    STAGE_TEST_ON (STAGE_ONCE, a_code_that_somebody_else_took_is_lost),
    STAGE_TEST_ON (STAGE_ONCE,
                   a_process_outlives_its_handle_and_leaves_no_zombie),
    STAGE_TEST_ON (STAGE_ONCE,
                   text_is_printed_once_and_the_parents_atexit_is_not_run),
    STAGE_TEST_ON (STAGE_ONCE, what_a_process_put_last_is_delivered),
    STAGE_TEST_ON (STAGE_ONCE, only_its_parent_may_ask_about_a_process),
    STAGE_TEST_ON (STAGE_ONCE, wrong_use_is_refused),
};

int
main (int argc, char **argv)
{
    return STAGE_RUN (cases, argc, argv);
}
