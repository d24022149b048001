/* SPDX-License-Identifier: MPL-2.0 */
/*
 * child.c - runs a command and lends it our signals.
 *
 * The signals that are passed on are blocked until the handler knows the
 * child's number, so that none falls between.
 */
#include "tools/troika/child.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#if defined __linux__
#include <sys/prctl.h>
#endif
#include "tools/troika/status.h"

static volatile sig_atomic_t child;

static void
pass_on (int number)
{
    int error = errno;
    if (child > 0)
        kill ((pid_t)child, number);
    errno = error;
}

/* What the child finds: what we found, as those that catch were set later. */
typedef struct {
    sigset_t mask;
    bool ignored[NSIG];
} signals_t;

static void
set (int number, void (*handler) (int))
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
    sigaction (number, &action, NULL);
}

static bool
is_ignored (int number)
{
    struct sigaction action;
    sigaction (number, NULL, &action);
    return action.sa_handler == SIG_IGN;
}

static const int passed[] = {SIGTERM, SIGHUP};
static const int shared[] = {SIGINT, SIGQUIT};
enum { EACH = 2 };

static void
hold_signals (signals_t *before)
{
    sigset_t all;
    sigfillset (&all);
    sigprocmask (SIG_SETMASK, &all, &before->mask);
    for (int i = 0; i < EACH; i++) {
        before->ignored[passed[i]] = is_ignored (passed[i]);
        before->ignored[shared[i]] = is_ignored (shared[i]);
    }
}

/* The parent's, while the child runs. */
static void
lend_signals (const signals_t *before)
{
    for (int i = 0; i < EACH; i++) {
        set (shared[i], SIG_IGN);
        if (!before->ignored[passed[i]])
            set (passed[i], pass_on);
    }
    sigprocmask (SIG_SETMASK, &before->mask, NULL);
}

static _Noreturn void
become (char **argv, const signals_t *before, pid_t parent)
{
#if defined __linux__
    prctl (PR_SET_PDEATHSIG, SIGTERM);
    if (getppid () != parent)
        _exit (CLI_NOT_RUN);
#else
    (void)parent;
#endif
    for (int i = 0; i < EACH; i++) {
        set (passed[i], before->ignored[passed[i]] ? SIG_IGN : SIG_DFL);
        set (shared[i], before->ignored[shared[i]] ? SIG_IGN : SIG_DFL);
    }
    set (SIGALRM, SIG_DFL);
    sigprocmask (SIG_SETMASK, &before->mask, NULL);
    execvp (argv[0], argv);
    int error = errno;
    cli_complain (CLI_FAILED, argv[0], "%s", strerror (error));
    _exit (error == ENOENT ? CLI_NO_COMMAND : CLI_NO_EXEC);
}

/* Once it is reaped its number may be another's: nothing is passed on then. */
static int
wait_for_child (void)
{
    int status;
    siginfo_t info;
    pid_t pid = (pid_t)child;
    while (waitid (P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) &&
           errno == EINTR)
        continue;
    child = 0;
    while (waitpid (pid, &status, 0) < 0)
        if (errno != EINTR)
            return CLI_NOT_RUN;
    return WIFEXITED (status) ? WEXITSTATUS (status) : 128 + WTERMSIG (status);
}

int
cli_child_run (char **argv)
{
    signals_t before;
    hold_signals (&before);
    pid_t parent = getpid ();
    child = (sig_atomic_t)fork ();
    if (child == 0)
        become (argv, &before, parent);
    if (child > 0) {
        lend_signals (&before);
        return wait_for_child ();
    }
    cli_complain (CLI_NOT_RUN, argv[0], "%s", strerror (errno));
    sigprocmask (SIG_SETMASK, &before.mask, NULL);
    return CLI_NOT_RUN;
}
