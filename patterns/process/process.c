/* SPDX-License-Identifier: MPL-2.0 */
/*
 * process.c - starts children of this process and waits for them.
 *
 * A child is RUNNING until one thread has reaped it, under the lock; then
 * its code is known, or LOST when somebody else reaped it. Whoever waits
 * polls a descriptor of the child and takes nothing, so that any number can.
 * Children whose handle has gone are orphans: later calls look at them.
 * Only the process that forked a child may ask about it.
 */
#include <troika/process.h>

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include "lib/base/error.h"
#include "lib/base/list.h"
#include "lib/base/runtime.h"
#include "lib/base/sys.h"

/* How long to sleep between two looks at a child without a descriptor. */
#define LOOK_MS 5

typedef enum { RUNNING, ENDED, LOST } state_t;

struct troika_process {
    tk_link_t link; /* among the orphans, once destroyed while it runs */
    pid_t pid;
    pid_t parent;
    int fd; /* readable when it has ended; -1 where there is no such thing */
    state_t state;
    int code; /* in ENDED */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* all states */
static tk_link_t orphans = {&orphans, &orphans};

static void
before_fork (void)
{
    pthread_mutex_lock (&lock);
}

static void
after_fork (void)
{
    pthread_mutex_unlock (&lock);
}

/* The orphans are not this process's children; their memory is let be. */
static void
in_child (void)
{
    pthread_mutex_init (&lock, NULL);
    tk_list_init (&orphans);
}

static const tk_module_t module = {.phase = TK_PHASE_PIPE,
                                   .prepare = before_fork,
                                   .parent = after_fork,
                                   .child = in_child};

static void
dispose (troika_process_t *self)
{
    if (self->fd >= 0)
        close (self->fd);
    free (self);
}

/* Takes the child's status if it has ended; the lock is held. */
static void
look (troika_process_t *self)
{
    int status;
    pid_t pid;
    if (self->state != RUNNING)
        return;
    do
        pid = waitpid (self->pid, &status, WNOHANG);
    while (pid < 0 && errno == EINTR);
    if (pid < 0) {
        self->state = LOST;
    } else if (pid > 0) {
        self->state = ENDED;
        self->code =
            WIFSIGNALED (status) ? -WTERMSIG (status) : WEXITSTATUS (status);
    }
}

static void
look_at_orphans (void)
{
    tk_link_t *next;
    for (tk_link_t *at = orphans.next; at != &orphans; at = next) {
        troika_process_t *orphan = TK_MEMBER (at, troika_process_t, link);
        next = at->next;
        look (orphan);
        if (orphan->state != RUNNING) {
            tk_list_remove (at);
            dispose (orphan);
        }
    }
}

static state_t
state (troika_process_t *self)
{
    pthread_mutex_lock (&lock);
    look (self);
    look_at_orphans ();
    state_t now = self->state;
    pthread_mutex_unlock (&lock);
    return now;
}

static int
check (const troika_process_t *self)
{
    if (!self)
        return tk_error (EINVAL, "no process");
    if (self->parent != getpid ())
        return tk_error (EPERM,
                         "process %d was started by process %d, not by "
                         "this one",
                         (int)self->pid, (int)self->parent);
    return 0;
}

static _Noreturn void
be_child (int (*run) (void *), void *arg)
{
    int value = run (arg);
    troika_shutdown (tk_linger_ms ());
    fflush (NULL);
    _exit (value & 0xff);
}

static int
start (troika_process_t *self, int (*run) (void *), void *arg)
{
    int rc = tk_module (&module);
    if (rc)
        return rc;
    fflush (NULL);
    self->parent = getpid ();
    self->pid = fork ();
    if (self->pid < 0)
        return tk_error (errno == EAGAIN ? EAGAIN : ENOMEM, "cannot fork: %s",
                         errno == EAGAIN ? "too many processes"
                                         : "not enough memory");
    if (self->pid == 0)
        be_child (run, arg);
    self->fd = tk_sys_child_open (self->pid);
    return 0;
}

troika_process_t *
troika_process_start (int (*main) (void *arg), void *arg)
{
    if (!main)
        return tk_edge_null (tk_error (EINVAL, "no function to run"));
    troika_process_t *self = calloc (1, sizeof *self);
    if (!self)
        return tk_edge_null (-ENOMEM);
    tk_list_init (&self->link);
    self->fd = -1;
    int rc = start (self, main, arg);
    if (rc) {
        free (self);
        return tk_edge_null (rc);
    }
    pthread_mutex_lock (&lock);
    look_at_orphans ();
    pthread_mutex_unlock (&lock);
    return self;
}

pid_t
troika_process_pid (const troika_process_t *self)
{
    if (!self)
        return tk_edge (tk_error (EINVAL, "no process"));
    return self->pid;
}

int
troika_process_is_alive (troika_process_t *self)
{
    int rc = check (self);
    if (!rc)
        rc = state (self) == RUNNING;
    return tk_edge (rc);
}

/* Sleeps until the child may have ended: 0, -EINTR, -ETIMEDOUT. */
static int
await (const troika_process_t *self, tk_time_t deadline)
{
    struct pollfd set = {.fd = self->fd, .events = POLLIN};
    int left = tk_deadline_poll (deadline);
    if (left == 0)
        return -ETIMEDOUT;
    if (self->fd < 0 && (left < 0 || left > LOOK_MS))
        left = LOOK_MS;
    if (poll (&set, self->fd < 0 ? 0 : 1, left) < 0)
        return errno == EINTR ? -EINTR : -ENOMEM;
    return 0;
}

static int
join (troika_process_t *self, tk_time_t deadline)
{
    int rc = 0;
    while (!rc && state (self) == RUNNING)
        rc = await (self, deadline);
    if (rc != -ETIMEDOUT)
        return rc;
    return tk_error (tk_deadline_error (deadline), "process %d still runs",
                     (int)self->pid);
}

int
troika_process_join (troika_process_t *self, int timeout)
{
    tk_time_t deadline;
    int rc = check (self);
    if (!rc)
        rc = tk_deadline (timeout, &deadline);
    if (!rc)
        rc = join (self, deadline);
    if (rc == -ETIMEDOUT)
        tk_error (ETIMEDOUT, "process %d still runs after %d ms",
                  (int)self->pid, timeout);
    return tk_edge (rc);
}

int
troika_process_exitcode (troika_process_t *self, int *code)
{
    int rc = check (self);
    if (!rc && !code)
        rc = tk_error (EINVAL, "nowhere to put the exit code");
    if (rc)
        return tk_edge (rc);
    switch (state (self)) {
    case RUNNING:
        rc = tk_error (EAGAIN, "process %d still runs", (int)self->pid);
        break;
    case LOST:
        rc = tk_error (ESTALE,
                       "the exit code of process %d went to somebody else "
                       "who waited for it, or SIGCHLD is ignored",
                       (int)self->pid);
        break;
    case ENDED:
        *code = self->code;
        break;
    }
    return tk_edge (rc);
}

/* Under the lock: nobody reaps the child, and its id stays its own. */
static int
send_signal (troika_process_t *self, int number)
{
    int rc = check (self);
    if (rc)
        return tk_edge (rc);
    pthread_mutex_lock (&lock);
    look (self);
    if (self->state == RUNNING)
        rc = tk_sys_child_signal (self->fd, self->pid, number);
    pthread_mutex_unlock (&lock);
    return tk_edge (rc == -ESRCH ? 0 : rc);
}

int
troika_process_terminate (troika_process_t *self)
{
    return send_signal (self, SIGTERM);
}

int
troika_process_kill (troika_process_t *self)
{
    return send_signal (self, SIGKILL);
}

void
troika_process_destroy (troika_process_t **self_p)
{
    troika_process_t *self = self_p ? *self_p : NULL;
    if (!self)
        return;
    *self_p = NULL;
    if (self->parent != getpid () || state (self) != RUNNING) {
        dispose (self);
        return;
    }
    pthread_mutex_lock (&lock);
    tk_list_append (&orphans, &self->link);
    pthread_mutex_unlock (&lock);
}
