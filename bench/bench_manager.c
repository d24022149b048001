/* SPDX-License-Identifier: MPL-2.0 */
/*
 * bench_manager.c - shared objects per second, beside Python's Manager.
 *
 * Both serve from a process of their own over a Unix socket; clients are
 * processes that begin together and count what they get done in a while.
 * Rounds of one and the other take turns. All clients work on the same
 * object, so eight of them wait for each other's lock, too.
 */
#include "bench/bench.h"

#include <stdio.h>
#include <sys/mman.h>
#include <troika.h>

enum { CLIENTS_MAX = 8, KEYS = 1000 };
static const double seconds = 0.4;
static const double begin_in = 0.05; /* for all clients to wake up */

/* What one client has in hand. */
typedef struct {
    troika_dict_t *dict;
    troika_lock_t *lock;
    troika_queue_t *queue;
    unsigned done;
} client_t;

static char keys[KEYS][8];

static bool
dict_set (client_t *self)
{
    return !troika_dict_set (self->dict, keys[self->done % KEYS], "u",
                             self->done);
}

static bool
dict_get (client_t *self)
{
    troika_msg_t *value = troika_dict_get (self->dict, keys[self->done % KEYS]);
    bool ok = value != NULL;
    troika_msg_destroy (&value);
    return ok;
}

static bool
acquire_release (client_t *self)
{
    return !troika_lock_acquire (self->lock, TROIKA_FOREVER) &&
           !troika_lock_release (self->lock);
}

static bool
put_get (client_t *self)
{
    if (troika_queue_put (self->queue, TROIKA_FOREVER, "u", self->done))
        return false;
    troika_msg_t *item = troika_queue_get (self->queue, TROIKA_FOREVER);
    bool ok = item != NULL;
    troika_msg_destroy (&item);
    return ok;
}

/* The names are also those that the peer knows. */
static const struct {
    const char *name;
    bool (*step) (client_t *self);
} works[] = {
    {"dict set", dict_set},
    {"dict get", dict_get},
    {"lock acquire+release", acquire_release},
    {"queue put+get", put_get},
};
enum { WORKS = sizeof works / sizeof *works };

/* --- troika */

static void
serve (bench_run_t *run, const void *unused)
{
    (void)unused;
    troika_manager_t *manager = troika_manager_new (NULL);
    troika_dict_t *dict = manager ? troika_manager_dict (manager, "d") : NULL;
    bench_check (dict != NULL, "manager");
    for (int i = 0; i < KEYS; i++)
        bench_check (!troika_dict_set (dict, keys[i], "i", i), "set");
    snprintf (run->endpoints[0], BENCH_ENDPOINT_SIZE, "%s",
              troika_manager_endpoint (manager));
    bench_reached (run);
    bench_hold (run);
    troika_dict_destroy (&dict);
    troika_manager_destroy (&manager);
}

/* One client's work, and where it puts its count. */
typedef struct {
    size_t work;
    unsigned *done;
} share_t;

static void
work (bench_run_t *run, const void *arg)
{
    const share_t *share = arg;
    bool (*step) (client_t *) = works[share->work].step;
    troika_manager_t *manager = troika_manager_connect (run->endpoints[0]);
    bench_check (manager != NULL, "connect");
    client_t self = {.dict = troika_manager_dict (manager, "d"),
                     .lock = troika_manager_lock (manager, "l"),
                     .queue = troika_manager_queue (manager, "q", NULL)};
    bench_check (self.dict && self.lock && self.queue, "objects");
    bench_check (step (&self), works[share->work].name);
    bench_reached (run);
    bench_hold (run);
    while (bench_now () < run->started)
        ;
    for (; bench_now () < run->started + seconds; self.done++)
        bench_check (step (&self), works[share->work].name);
    *share->done = self.done;
}

/* returns: steps per second, of all clients together. */
static double
measure_troika (size_t which, int clients, const char *endpoint)
{
    pid_t pids[CLIENTS_MAX];
    unsigned sum = 0;
    bench_run_t *run = bench_run_new ();
    snprintf (run->endpoints[0], BENCH_ENDPOINT_SIZE, "%s", endpoint);
    unsigned *done =
        mmap (NULL, CLIENTS_MAX * sizeof *done, PROT_READ | PROT_WRITE,
              MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    bench_check (done != MAP_FAILED, "mmap");
    for (int i = 0; i < clients; i++)
        pids[i] = bench_start (work, run, &(share_t){which, &done[i]});
    for (int i = 0; i < clients; i++)
        bench_await (run);
    run->started = bench_now () + begin_in;
    bench_release (run);
    for (int i = 0; i < clients; i++) {
        bench_wait (pids[i]);
        sum += done[i];
    }
    munmap (done, CLIENTS_MAX * sizeof *done);
    bench_run_destroy (&run);
    return sum / seconds;
}

static void
report (size_t which, int clients, double python, double troika)
{
    printf ("%-22s %7d %10.0f %10.0f", works[which].name, clients, python,
            troika);
    if (python > 0)
        printf (" %7.2f\n", troika / python);
    else
        printf (" %7s\n", "-");
    fflush (stdout);
}

static void
compare (size_t which, int clients, const char *endpoint)
{
    double troika[BENCH_ROUNDS], python[BENCH_ROUNDS];
    for (int round = 0; round < BENCH_ROUNDS; round++) {
        python[round] = bench_python ("manager.py", "'%s' %d %g",
                                      works[which].name, clients, seconds);
        troika[round] = measure_troika (which, clients, endpoint);
    }
    report (which, clients, bench_median (python, BENCH_ROUNDS),
            bench_median (troika, BENCH_ROUNDS));
}

int
main (void)
{
    static const int clients[] = {1, CLIENTS_MAX};
    for (int i = 0; i < KEYS; i++)
        snprintf (keys[i], sizeof keys[i], "key%d", i);
    bench_run_t *run = bench_run_new ();
    pid_t manager = bench_start (serve, run, NULL);
    bench_await (run);
    printf ("steps per second over ipc, all clients together; medians of %d "
            "rounds of %g s\n%-22s %7s %10s %10s %7s\n",
            BENCH_ROUNDS, seconds, "step", "clients", "python", "troika",
            "ratio");
    for (size_t c = 0; c < sizeof clients / sizeof *clients; c++)
        for (size_t which = 0; which < WORKS; which++)
            compare (which, clients[c], run->endpoints[0]);
    bench_release (run);
    bench_wait (manager);
    bench_run_destroy (&run);
    return 0;
}
