/* SPDX-License-Identifier: MPL-2.0 */
/*
 * stage.c - runs a list of cases, each stamped onto its variants, through
 * cmocka: one cmocka test per (case, variant), each in a forked child.
 *
 * The child's output is kept and shown when it failed. A check that fails
 * in it aborts it (CMOCKA_TEST_ABORT), from whatever thread. This process
 * adopts the grandchildren, so it knows when all of a test is gone, and
 * stays single-threaded, so that the next fork is clean.
 */
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tests/stage_parts.h"

#define SKIPPED 77
#define DEFAULT_SECONDS 20

typedef struct {
    const stage_case_t *test;
    unsigned variant;
    char name[128];
} stamped_t;

static const struct {
    unsigned variant;
    const char *name;
} variants[] = {
    {STAGE_THREAD, "thread"},   {STAGE_THREAD_SOCKET, "thread-socket"},
    {STAGE_PROCESS, "process"}, {STAGE_HOST, "host"},
    {STAGE_ONCE, "once"},
};
#define VARIANTS (sizeof variants / sizeof variants[0])

/* What cmocka's own handlers replace: the sanitizers' reports of a crash. */
static const int crashes[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
#define CRASHES (sizeof crashes / sizeof crashes[0])
static struct sigaction crash_actions[CRASHES];

static volatile pid_t running_group; /* for the alarm */
static volatile sig_atomic_t ran_out;

unsigned
stage_threads (void)
{
    struct stat tasks;
    return stat ("/proc/self/task", &tasks) ? 0 : (unsigned)tasks.st_nlink - 2;
}

static void
on_alarm (int number)
{
    (void)number;
    ran_out = 1;
    kill (-running_group, SIGKILL);
}

static int
remove_entry (const char *path, const struct stat *info, int kind,
              struct FTW *walk)
{
    (void)info;
    (void)kind;
    (void)walk;
    remove (path);
    return 0;
}

static void
print_output (int output)
{
    char line[1024];
    FILE *file = fdopen (output, "r");
    if (!file)
        return;
    rewind (file);
    while (fgets (line, sizeof line, file))
        print_error ("    | %s%s", line, strchr (line, '\n') ? "" : "\n");
    fclose (file);
}

static void
run_child (const stamped_t *stamped, const char *directory, int output)
{
    static const struct rlimit no_core;
    stage_t stage;
    setpgid (0, 0);
    for (size_t i = 0; i < CRASHES; i++)
        sigaction (crashes[i], &crash_actions[i], NULL);
    setrlimit (RLIMIT_CORE, &no_core);
    fflush (NULL);
    dup2 (output, STDOUT_FILENO);
    dup2 (output, STDERR_FILENO);
    setvbuf (stdout, NULL, _IOLBF, 0);
    setenv ("CMOCKA_TEST_ABORT", "1", 1);
    setenv ("TMPDIR", directory, 1);
    if (stamped->variant == STAGE_THREAD_SOCKET)
        setenv ("TROIKA_DIRECT", "0", 1);
    stage_watch_leaks ();
    stage_begin (&stage, stamped->variant, directory);
    stamped->test->function (&stage);
    stage_end (&stage);
    exit (0);
}

/* Reaps what the test left; says how many did not end by themselves within
 * two seconds and were killed. */
static unsigned
reap_group (pid_t group)
{
    unsigned killed = 0;
    for (unsigned step = 0; step < 200; step++) {
        pid_t pid = waitpid (-group, NULL, WNOHANG);
        if (pid < 0)
            return 0;
        if (pid == 0)
            usleep (10000);
    }
    kill (-group, SIGKILL);
    while (waitpid (-group, NULL, 0) > 0)
        killed++;
    return killed;
}

/* 0, SKIPPED, or a failure that has been described. */
static int
run_stamped (const stamped_t *stamped, const char *directory, int output)
{
    unsigned seconds =
        stamped->test->seconds ? stamped->test->seconds : DEFAULT_SECONDS;
    ran_out = 0;
    fflush (NULL);
    pid_t pid = fork ();
    if (pid < 0) {
        print_error ("fork: %s\n", strerror (errno));
        return 1;
    }
    if (pid == 0)
        run_child (stamped, directory, output);
    setpgid (pid, pid); /* whoever is first */
    running_group = pid;
    alarm (seconds * stage_scale ());
    int status = stage_wait_child (pid);
    alarm (0);
    if (ran_out)
        print_error ("stopped: still running after %u s\n",
                     seconds * stage_scale ());
    else if (status < 0)
        print_error ("ended by signal %d (%s)\n", -status, strsignal (-status));
    else if (status != 0 && status != SKIPPED)
        print_error ("exit status %d\n", status);
    unsigned left = reap_group (pid);
    if (left > 0 && !ran_out)
        print_error ("left %u processes running\n", left);
    return left > 0 && (status == 0 || status == SKIPPED) ? 1 : status;
}

/* What cmocka calls for each (case, variant). */
static void
run_in_child (void **state)
{
    const stamped_t *stamped = *state;
    const char *top = getenv ("TMPDIR");
    char directory[512];
    snprintf (directory, sizeof directory, "%s/stage.XXXXXX",
              top ? top : "/tmp");
    if (!mkdtemp (directory))
        fail_msg ("%s: %s", directory, strerror (errno));
    FILE *output = tmpfile ();
    if (!output)
        fail_msg ("tmpfile: %s", strerror (errno));
    int status = run_stamped (stamped, directory, fileno (output));
    nftw (directory, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    if (status != 0)
        print_output (dup (fileno (output)));
    fclose (output);
    if (status == SKIPPED)
        skip ();
    if (status != 0)
        fail ();
}

static size_t
stamp (const stage_case_t *cases, size_t count, stamped_t *stamped,
       struct CMUnitTest *tests)
{
    size_t made = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t v = 0; v < VARIANTS; v++) {
            if (!(cases[i].variants & variants[v].variant))
                continue;
            stamped_t *one = &stamped[made];
            one->test = &cases[i];
            one->variant = variants[v].variant;
            snprintf (one->name, sizeof one->name, "%s [%s]", cases[i].name,
                      variants[v].name);
            tests[made++] = (struct CMUnitTest){
                .name = one->name,
                .test_func = run_in_child,
                .initial_state = one,
            };
        }
    return made;
}

int
stage_run (const stage_case_t *cases, size_t count, int argc, char **argv)
{
    stamped_t *stamped = calloc (count * VARIANTS, sizeof *stamped);
    struct CMUnitTest *tests = calloc (count * VARIANTS, sizeof *tests);
    if (!stamped || !tests)
        return 99;
    stage_order_messages ();
    setvbuf (stdout, NULL, _IOLBF, 0);
    for (size_t i = 0; i < CRASHES; i++)
        sigaction (crashes[i], NULL, &crash_actions[i]);
    signal (SIGALRM, on_alarm);
    prctl (PR_SET_CHILD_SUBREAPER, 1);
    if (argc > 1)
        cmocka_set_test_filter (argv[1]);
    size_t made = stamp (cases, count, stamped, tests);
    int failed = _cmocka_run_group_tests (argv[0], tests, made, NULL, NULL);
    free (tests);
    free (stamped);
    return failed != 0;
}

/* Threads may still be running: nothing is ended in good order. */
void
stage_skip (stage_t *self, const char *why)
{
    printf ("skipped: %s\n", why);
    fflush (NULL);
    if (self->server_pid > 0)
        stage_kill_server (self);
    _exit (SKIPPED);
}

void
stage_needs_fork (stage_t *self)
{
    if (UNDER_TSAN)
        stage_skip (self, "ThreadSanitizer cannot fork a process with threads");
}

int
stage_wait_child (pid_t pid)
{
    int status;
    while (waitpid (pid, &status, 0) < 0)
        if (errno != EINTR)
            return -errno;
    return WIFSIGNALED (status) ? -WTERMSIG (status) : WEXITSTATUS (status);
}
