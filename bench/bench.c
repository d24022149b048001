/* SPDX-License-Identifier: MPL-2.0 */
/*
 * bench.c - clock, medians and processes for the measuring programs.
 *
 * A child sees the death of its parent as a signal, so an interrupted run
 * leaves nothing behind.
 */
#include "bench/bench.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <troika.h>

const char *const bench_transport_names[BENCH_TRANSPORTS] = {"ipc", "tcp"};

double
bench_now (void)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static int
compare (const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double
bench_median (double *values, size_t count)
{
    qsort (values, count, sizeof *values, compare);
    return (values[(count - 1) / 2] + values[count / 2]) / 2;
}

void (*bench_on_failure) (void);

void
bench_check (bool ok, const char *what)
{
    if (ok)
        return;
    fprintf (stderr, "%s: %s; errno: %s\n", what, troika_error (),
             strerror (errno));
    if (bench_on_failure)
        bench_on_failure ();
    _exit (1); /* not exit: nothing needs to be flushed now */
}

double
bench_resident (pid_t pid)
{
    char path[64];
    snprintf (path, sizeof path, "/proc/%d/statm", (int)pid);
    FILE *file = fopen (path, "r");
    unsigned long total, resident = 0;
    bench_check (file && fscanf (file, "%lu %lu", &total, &resident) == 2,
                 path);
    fclose (file);
    return (double)resident * (double)sysconf (_SC_PAGESIZE);
}

bench_run_t *
bench_run_new (void)
{
    bench_run_t *self = mmap (NULL, sizeof *self, PROT_READ | PROT_WRITE,
                              MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    bench_check (self != MAP_FAILED, "mmap");
    bench_check (pipe (self->gate) == 0, "pipe");
    self->steps = eventfd (0, EFD_SEMAPHORE);
    bench_check (self->steps >= 0, "eventfd");
    return self;
}

void
bench_run_destroy (bench_run_t **self_p)
{
    bench_run_t *self = *self_p;
    bench_release (self);
    close (self->gate[0]);
    close (self->steps);
    munmap (self, sizeof *self);
    *self_p = NULL;
}

pid_t
bench_start (void (*task) (bench_run_t *, const void *), bench_run_t *run,
             const void *arg)
{
    fflush (NULL);
    pid_t pid = fork ();
    bench_check (pid >= 0, "fork");
    if (pid == 0) {
        prctl (PR_SET_PDEATHSIG, SIGKILL);
        close (run->gate[1]);
        task (run, arg);
        exit (0);
    }
    return pid;
}

void
bench_wait (pid_t pid)
{
    int status;
    bench_check (waitpid (pid, &status, 0) == pid && status == 0,
                 "a process of the measurement failed");
}

void
bench_reached (bench_run_t *run)
{
    uint64_t one = 1;
    bench_check (write (run->steps, &one, sizeof one) == sizeof one, "step");
}

void
bench_await (bench_run_t *run)
{
    struct pollfd poll_fd = {.fd = run->steps, .events = POLLIN};
    bench_check (poll (&poll_fd, 1, 60 * 1000) == 1,
                 "nothing was reached within a minute");
    uint64_t one;
    bench_check (read (run->steps, &one, sizeof one) == sizeof one, "step");
}

void
bench_hold (bench_run_t *run)
{
    char nothing;
    bench_check (read (run->gate[0], &nothing, 1) == 0, "gate");
}

/* The parent's copy must be the last one: no child keeps the writing end. */
void
bench_release (bench_run_t *run)
{
    if (run->gate[1] >= 0)
        close (run->gate[1]);
    run->gate[1] = -1;
}

const char *
bench_troika_endpoint (bench_transport_t transport)
{
    return transport == BENCH_IPC ? NULL : "tcp://127.0.0.1:*";
}

void
bench_serve_queue (bench_run_t *run, const void *transport)
{
    troika_queue_t *queue = troika_queue_new (
        bench_troika_endpoint (*(const bench_transport_t *)transport), 0);
    bench_check (queue != NULL, "troika_queue_new");
    snprintf (run->endpoints[0], BENCH_ENDPOINT_SIZE, "%s",
              troika_queue_endpoint (queue));
    bench_reached (run);
    bench_hold (run);
    troika_queue_destroy (&queue);
}

void
bench_serve_manager (bench_run_t *run, const void *transport)
{
    troika_manager_t *manager = troika_manager_new (
        bench_troika_endpoint (*(const bench_transport_t *)transport));
    bench_check (manager != NULL, "troika_manager_new");
    snprintf (run->endpoints[0], BENCH_ENDPOINT_SIZE, "%s",
              troika_manager_endpoint (manager));
    bench_reached (run);
    bench_hold (run);
    troika_manager_destroy (&manager);
}
