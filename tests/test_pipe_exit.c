/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_pipe_exit.c - a process exits that uses an end: it stays until all
 * that it sent has left it, though the reader is stopped, and no longer.
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "tests/pipe_ends.h"
#include "tests/scale.h"
#include "tests/stage_parts.h"

enum { READS, STOPPED, EXITS };
enum { MESSAGES = 900, SIZE = 1000 }; /* more than a socket's buffers hold */

static pid_t
in_child (void (*run) (stage_t *stage, troika_pipe_t *end), stage_t *stage,
          troika_pipe_t *mine, troika_pipe_t *other)
{
    fflush (NULL);
    pid_t pid = fork ();
    if (pid == 0) {
        troika_pipe_destroy (&other);
        run (stage, mine);
        exit (0);
    }
    return pid;
}

static void
write_and_exit (stage_t *stage, troika_pipe_t *end)
{
    char bytes[SIZE] = {0};
    CHECK_OK (troika_pipe_send_bytes (end, TROIKA_FOREVER, bytes, SIZE));
    stage_await (stage, STOPPED);
    for (int i = 1; i < MESSAGES; i++)
        CHECK_OK (troika_pipe_send_bytes (end, TROIKA_FOREVER, bytes, SIZE));
}

static void
read_all (stage_t *stage, troika_pipe_t *end)
{
    char bytes[SIZE];
    for (int i = 0; i < MESSAGES; i++) {
        CHECK_OK (
            troika_pipe_recv_bytes_into (end, TROIKA_FOREVER, bytes, SIZE));
        if (i == 0)
            stage_signal (stage, READS);
    }
    CHECK_ERRNO (troika_pipe_recv (end, TROIKA_FOREVER), EPIPE);
}

static void
an_exit_waits_for_a_stopped_reader (stage_t *stage)
{
    troika_pipe_t *a, *b;
    int status;
    stage_needs_fork (stage);
    CHECK_OK (troika_pipe_new (&a, &b, stage_address (stage), true));
    pid_t reader = in_child (read_all, stage, a, b);
    pid_t writer = in_child (write_and_exit, stage, b, a);
    troika_pipe_destroy (&a);
    troika_pipe_destroy (&b);
    stage_await (stage, READS);
    stage_stop (reader);
    stage_signal (stage, STOPPED);
    usleep (1500000); /* longer than the end of libzmq's context may take */
    if (waitpid (writer, &status, WNOHANG) != 0)
        STAGE_FAIL ("the writer did not wait: status %#x", (unsigned)status);
    kill (reader, SIGCONT);
    assert_int_equal (waitpid (writer, &status, 0), writer);
    assert_int_equal (status, 0);
    assert_int_equal (waitpid (reader, &status, 0), reader);
    assert_int_equal (status, 0);
}

static void *
receive_for_ever (void *end)
{
    CHECK_ERRNO (troika_pipe_recv (end, TROIKA_FOREVER), EPIPE);
    return NULL;
}

static int
exit_while_a_thread_waits (void *end)
{
    pthread_t thread;
    pipe_send_numbers (end, 0, 1);
    pthread_create (&thread, NULL, receive_for_ever, end);
    pthread_detach (thread);
    return 0;
}

static void
a_waiting_thread_does_not_keep_a_process_from_its_exit (stage_t *stage)
{
    troika_pipe_t *a, *b;
    stage_needs_fork (stage);
    CHECK_OK (troika_pipe_new (&a, &b, NULL, true));
    troika_process_t *process =
        CHECK_OK (troika_process_start (exit_while_a_thread_waits, b));
    troika_pipe_destroy (&b);
    pipe_check_numbers (a, 0, 1);
    CHECK_ERRNO (troika_pipe_recv (a, TROIKA_FOREVER), EPIPE);
    CHECK_OK (troika_process_join (process, TROIKA_FOREVER));
    troika_process_destroy (&process);
    troika_pipe_destroy (&a);
}

enum { CHILDREN = 30 };

/* Not even exit() is called: what the end has sent had left it before. */
static void
leave_at_once (troika_pipe_t *end)
{
    troika_msg_t *msg = troika_pipe_recv (end, TROIKA_FOREVER);
    if (msg)
        troika_pipe_send_msg (end, TROIKA_FOREVER, msg);
    troika_msg_destroy (&msg);
    troika_pipe_destroy (&end);
    _exit (0);
}

static void
what_was_sent_before_a_destroy_needs_no_exit (stage_t *stage)
{
    stage_needs_fork (stage);
    for (int i = 0; i < CHILDREN; i++) {
        troika_pipe_t *a, *b;
        CHECK_OK (troika_pipe_new (&a, &b, NULL, true));
        pid_t child = fork ();
        if (child == 0)
            leave_at_once (b);
        troika_pipe_destroy (&b);
        pipe_send_numbers (a, i, i + 1);
        pipe_check_numbers (a, i, i + 1);
        CHECK_ERRNO (troika_pipe_recv (a, TROIKA_FOREVER), EPIPE);
        assert_int_equal (waitpid (child, NULL, 0), child);
        troika_pipe_destroy (&a);
    }
}

static double
seconds (void)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Nothing was sent that could be waited for. */
static void
a_connect_that_failed_does_not_keep_a_process_from_its_exit (stage_t *stage)
{
    int status;
    const char *nobody = stage_variant (stage) == STAGE_HOST
                             ? "tcp://127.0.0.1:9"
                             : stage_address (stage);
    stage_needs_fork (stage);
    pid_t child = fork ();
    if (child == 0) {
        troika_set_connect_timeout (20);
        CHECK_ERRNO (troika_pipe_connect (nobody), EHOSTUNREACH);
        stage_signal (stage, EXITS);
        exit (0);
    }
    stage_await (stage, EXITS);
    double began = seconds ();
    assert_int_equal (waitpid (child, &status, 0), child);
    assert_int_equal (status, 0);
    assert_true (seconds () - began < 0.8 * stage_scale ());
}

static const stage_case_t cases[] = {
    STAGE_TEST_ON (STAGE_ONCE, what_was_sent_before_a_destroy_needs_no_exit),
    STAGE_TEST_ON (STAGE_THREAD | STAGE_REMOTE,
                   a_connect_that_failed_does_not_keep_a_process_from_its_exit),
    STAGE_TEST_ON (STAGE_PROCESS, an_exit_waits_for_a_stopped_reader),
    STAGE_TEST_ON (STAGE_ONCE,
                   a_waiting_thread_does_not_keep_a_process_from_its_exit),
};

int
main (int argc, char **argv)
{
    return STAGE_RUN (cases, argc, argv);
}
