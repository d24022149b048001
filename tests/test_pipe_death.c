/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_pipe_death.c - the other side of a pipe is killed, stopped or gone.
 */
#include "tests/pipe_ends.h"

#include <dirent.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define HOLD_US 100000

static int
send_ten_and_hang (stage_t *stage, void *arg)
{
    pipe_ends_t *ends = arg;
    pipe_send_numbers (ends->b, 0, 10);
    pipe_check_numbers (ends->b, 0, 1);
    stage_signal (stage, 0);
    for (;;)
        pause ();
    return 0;
}

/* A pipe whose other end has sent ten, has read one and lives on. */
static stage_peer_t *
begin (stage_t *stage, pipe_ends_t *ends)
{
    pipe_make (stage, ends, true);
    stage_peer_t *peer = pipe_peer (stage, ends, send_ten_and_hang);
    pipe_send_numbers (ends->a, 0, 1);
    stage_await (stage, 0);
    return peer;
}

/* Then all have arrived, and one of them is unread. */
static void
await_tenth (troika_pipe_t *end)
{
    pipe_check_numbers (end, 0, 9);
    assert_int_equal (CHECK_OK (troika_pipe_poll (end, TROIKA_FOREVER)), 1);
}

static void
a_killed_peer_is_told_after_what_arrived (stage_t *stage)
{
    pipe_ends_t ends;
    stage_peer_t *peer = begin (stage, &ends);
    await_tenth (ends.a);
    stage_kill (peer);
    pipe_check_numbers (ends.a, 9, 10);
    for (int i = 0; i < 2; i++)
        CHECK_ERRNO (troika_pipe_recv (ends.a, TROIKA_FOREVER), ECONNRESET);
    CHECK_ERRNO (troika_pipe_send (ends.a, -1, "i", 1), ECONNRESET);
    pipe_drop (&ends);
}

static void *
kill_it (void *peer)
{
    usleep (20000); /* so that the others wait, mostly */
    stage_kill (peer);
    return NULL;
}

static void
a_waiting_sender_learns_that_its_peer_was_killed (stage_t *stage)
{
    pipe_ends_t ends;
    pthread_t killer;
    stage_needs_fork (stage);
    stage_peer_t *peer = begin (stage, &ends);
    size_t unread = 0; /* it has read one, and says so presently */
    WAIT_UNTIL ((unread += pipe_fill (ends.a, 1)) == 1000);
    pthread_create (&killer, NULL, kill_it, peer);
    CHECK_ERRNO (troika_pipe_send (ends.a, TROIKA_FOREVER, "i", 1), ECONNRESET);
    pthread_join (killer, NULL);
    pipe_drop (&ends);
}

/* Copies of another process's connections, which keeps them up. */
typedef struct {
    int fds[64];
    size_t count;
} held_t;

static void
hold_connections (held_t *self, pid_t pid)
{
    struct sockaddr_storage address;
    int process = (int)syscall (SYS_pidfd_open, pid, 0);
    self->count = 0;
    for (int i = 3; i < 64; i++) {
        socklen_t size = sizeof address;
        int fd = (int)syscall (SYS_pidfd_getfd, process, i, 0);
        if (fd >= 0 && !getpeername (fd, (void *)&address, &size))
            self->fds[self->count++] = fd;
        else if (fd >= 0)
            close (fd);
    }
    if (process >= 0)
        close (process);
}

static void
let_connections_go (held_t *self)
{
    while (self->count > 0)
        close (self->fds[--self->count]);
}

/* As when the news of the connection is slow. */
static void
a_killed_peer_is_told_before_its_connection_ends (stage_t *stage)
{
    held_t held;
    pipe_ends_t ends;
    stage_needs_fork (stage);
    stage_peer_t *peer = begin (stage, &ends);
    await_tenth (ends.a);
    hold_connections (&held, stage_peer_pid (peer));
    bool holds = held.count > 0;
    stage_kill (peer);
    CHECK_ERRNO (troika_pipe_send (ends.a, -1, "i", 1), ECONNRESET);
    let_connections_go (&held);
    pipe_check_numbers (ends.a, 9, 10);
    CHECK_ERRNO (troika_pipe_recv (ends.a, TROIKA_FOREVER), ECONNRESET);
    pipe_drop (&ends);
    if (!holds)
        stage_skip (stage, "no descriptor of another process is had here");
}

static int
use_and_die (stage_t *stage, void *arg)
{
    pipe_ends_t *ends = arg;
    (void)stage;
    pipe_send_numbers (ends->b, 0, 1);
    kill (getpid (), SIGKILL);
    return 0;
}

/* It was used, and what it sent is lost: this is no good order. */
static void
death_before_anybody_looked_is_no_end_in_good_order (stage_t *stage)
{
    pipe_ends_t ends;
    stage_needs_fork (stage);
    pipe_make (stage, &ends, true);
    stage_peer_t *peer = pipe_peer (stage, &ends, use_and_die);
    assert_int_equal (stage_join (peer), -SIGKILL);
    CHECK_ERRNO (troika_pipe_recv (ends.a, TROIKA_FOREVER), ECONNRESET);
    CHECK_ERRNO (troika_pipe_send (ends.a, -1, "i", 1), ECONNRESET);
    pipe_drop (&ends);
}

/* A stopped process and a vanished host look alike: heartbeats tell. */
static void
a_peer_that_does_not_answer_is_lost_within_three_seconds (stage_t *stage)
{
    pipe_ends_t ends;
    stage_peer_t *peer = begin (stage, &ends);
    pipe_check_numbers (ends.a, 0, 10);
    stage_stop (stage_peer_pid (peer));
    CHECK_ERRNO (troika_pipe_recv (ends.a, 4000), ECONNRESET);
    stage_kill (peer);
    pipe_drop (&ends);
}

/* The number of this process's thread of that name. */
static pid_t
thread_named (const char *name)
{
    pid_t found = 0;
    struct dirent *entry;
    DIR *tasks = opendir ("/proc/self/task");
    assert_non_null (tasks);
    while (!found && (entry = readdir (tasks))) {
        char path[300], comm[32] = "";
        snprintf (path, sizeof path, "/proc/self/task/%s/comm", entry->d_name);
        FILE *file = fopen (path, "r");
        if (file && fgets (comm, sizeof comm, file) && strstr (comm, name))
            found = atoi (entry->d_name);
        if (file)
            fclose (file);
    }
    closedir (tasks);
    return found;
}

/* A child that keeps a thread of this process from running for HOLD_US. */
static pid_t
hold_thread (stage_t *stage, pid_t thread)
{
    pid_t child = fork ();
    if (child)
        return child;
    bool held = !ptrace (PTRACE_SEIZE, thread, NULL, NULL) &&
                !ptrace (PTRACE_INTERRUPT, thread, NULL, NULL) &&
                waitpid (thread, NULL, __WALL) == thread;
    stage_tell (stage, 1, held);
    usleep (HOLD_US);
    _exit (0);
}

/* libzmq's thread learns of the death when the end is closed already, and
 * has not sent its last word yet: libzmq would keep that for all its linger. */
static void
an_end_whose_peer_was_killed_is_closed_at_once (stage_t *stage)
{
    pipe_ends_t ends;
    stage_needs_fork (stage);
    stage_peer_t *peer = begin (stage, &ends);
    pipe_check_numbers (ends.a, 0, 10);
    pid_t child = hold_thread (stage, thread_named ("/IO/"));
    bool held = stage_hear (stage, 1);
    stage_kill (peer);
    pipe_drop (&ends);
    assert_int_equal (waitpid (child, NULL, 0), child);
    if (!held)
        stage_skip (stage, "no process may trace another here");
}

static const stage_case_t cases[] = {
    STAGE_TEST_ON (STAGE_REMOTE, a_killed_peer_is_told_after_what_arrived),
    STAGE_TEST_ON (STAGE_REMOTE,
                   a_waiting_sender_learns_that_its_peer_was_killed),
    STAGE_TEST_ON (STAGE_REMOTE,
                   a_killed_peer_is_told_before_its_connection_ends),
    STAGE_TEST_ON (STAGE_REMOTE,
                   an_end_whose_peer_was_killed_is_closed_at_once),
    STAGE_TEST_ON (STAGE_REMOTE,
                   death_before_anybody_looked_is_no_end_in_good_order),
    STAGE_TEST_ON (STAGE_HOST,
                   a_peer_that_does_not_answer_is_lost_within_three_seconds),
};

int
main (int argc, char **argv)
{
    return STAGE_RUN (cases, argc, argv);
}
