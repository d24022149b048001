/* SPDX-License-Identifier: MPL-2.0 */
/*
 * bench_death.c - how soon a manager knows that the holder of a lock is dead.
 *
 * A process acquires the lock and is killed with SIGKILL; another one, on the
 * same host, acquires it then. The time is from the kill to that acquire,
 * which must say that the last holder died.
 */
#include "bench/bench.h"

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <troika.h>
#include <unistd.h>

enum { KILLS = 100, GOAL_MS = 300 };

static troika_lock_t *
open_lock (const bench_run_t *run)
{
    troika_manager_t *manager = troika_manager_connect (run->endpoints[0]);
    troika_lock_t *lock = manager ? troika_manager_lock (manager, "l") : NULL;
    bench_check (lock != NULL, "troika_manager_lock");
    troika_manager_destroy (&manager);
    return lock;
}

static void
hold_lock (bench_run_t *run, const void *unused)
{
    (void)unused;
    troika_lock_t *lock = open_lock (run);
    bench_check (troika_lock_acquire (lock, TROIKA_FOREVER) == 0,
                 "the holder's acquire");
    bench_reached (run);
    for (;;)
        pause ();
}

/* returns: milliseconds from the kill to the acquire. */
static double
kill_holder (bench_run_t *run, troika_lock_t *lock)
{
    pid_t holder = bench_start (hold_lock, run, NULL);
    bench_await (run);
    double killed = bench_now ();
    kill (holder, SIGKILL);
    bench_check (troika_lock_acquire (lock, TROIKA_FOREVER) == 1,
                 "an acquire that says that the holder died");
    double took = (bench_now () - killed) * 1e3;
    waitpid (holder, NULL, 0);
    bench_check (troika_lock_release (lock) == 0, "troika_lock_release");
    return took;
}

static void
measure_deaths (bench_run_t *run, const void *transport)
{
    double took[KILLS];
    troika_lock_t *lock = open_lock (run);
    for (int i = 0; i < KILLS; i++)
        took[i] = kill_holder (run, lock);
    double median = bench_median (took, KILLS); /* sorts them */
    double worst = took[KILLS - 1];
    printf ("%-9s %8.1f %8.1f   %s\n",
            bench_transport_names[*(const bench_transport_t *)transport],
            median, worst, worst <= GOAL_MS ? "" : "over the goal");
    troika_lock_destroy (&lock);
}

int
main (void)
{
    printf ("ms from kill -9 of a lock's holder to the next acquire, of %d; "
            "goal: at most %d\n%-9s %8s %8s\n",
            KILLS, GOAL_MS, "transport", "median", "worst");
    fflush (stdout);
    for (bench_transport_t t = 0; t < BENCH_TRANSPORTS; t++) {
        bench_run_t *run = bench_run_new ();
        pid_t manager = bench_start (bench_serve_manager, run, &t);
        bench_await (run);
        bench_wait (bench_start (measure_deaths, run, &t));
        bench_release (run);
        bench_wait (manager);
        bench_run_destroy (&run);
    }
    return 0;
}
