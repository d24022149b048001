/* SPDX-License-Identifier: MPL-2.0 */
/*
 * bench_peers.c - single items from one process to another: Troika beside
 * raw sockets, nng, Redis, beanstalkd, NATS and multiprocessing.Queue.
 *
 * Nobody keeps anything on disk. A run begins when one item has gone all the
 * way and ends when the consumer has the last; it checks number and size of
 * all. Rounds go through all peers, so that what disturbs the machine
 * disturbs each. A peer that is not installed is skipped by name. With an
 * argument, the figures are also written to that file, for the plot.
 */
#include "bench/bench.h"
#include "bench/peers/peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const peer_t *const peers[] = {
    &peer_troika,     &peer_troika_served,   &peer_raw,
#ifdef HAVE_NNG
    &peer_nng,
#endif
#ifdef HAVE_HIREDIS
    &peer_redis,      &peer_redis_pipelined,
#endif
    &peer_beanstalkd,
#ifdef HAVE_NATS
    &peer_nats,       &peer_jetstream,
#endif
};
enum { PEERS = sizeof peers / sizeof *peers, ROWS = PEERS + 1, PYTHON = PEERS };

static const size_t sizes[] = {16, 64, 1024};
enum { SIZES = sizeof sizes / sizeof *sizes, LARGEST = 1024, FIRST = 1000 };
enum { COLUMNS = BENCH_TRANSPORTS * SIZES };
static const double run_seconds = 0.25;
static const size_t run_bytes = (size_t)256 << 20;

/* One measurement. */
typedef struct {
    const peer_t *peer;
    bench_transport_t transport;
    size_t size, count;
} job_t;

static char endpoints[ROWS][BENCH_TRANSPORTS][BENCH_ENDPOINT_SIZE];
static bool here[ROWS];
static double rates[ROWS][COLUMNS];

static void
produce (bench_run_t *run, const void *arg)
{
    const job_t *job = arg;
    char item[LARGEST] = {0};
    void *link = job->peer->open (run->endpoints[0], job->transport, false);
    for (uint64_t i = 0; i <= job->count; i++) {
        memcpy (item, &i, sizeof i);
        job->peer->put (link, item, job->size);
        if (i > 0)
            continue;
        if (job->peer->flush)
            job->peer->flush (link);
        bench_await (run);
        run->started = bench_now ();
    }
    if (job->peer->flush)
        job->peer->flush (link);
    bench_hold (run); /* nng drops at close what has not left */
    job->peer->close (link);
}

static void
consume (bench_run_t *run, const void *arg)
{
    const job_t *job = arg;
    char item[LARGEST];
    void *link = job->peer->open (run->endpoints[0], job->transport, true);
    bench_reached (run);
    for (uint64_t i = 0, number; i <= job->count; i++) {
        size_t size = job->peer->get (link, item, sizeof item);
        memcpy (&number, item, sizeof number);
        bench_check (size == job->size && number == i, job->peer->name);
        if (i == 0)
            bench_reached (run);
    }
    run->ended = bench_now ();
    job->peer->close (link);
}

/* returns: items per second. */
static double
measure (const job_t *job, const char *endpoint)
{
    bench_run_t *run = bench_run_new ();
    snprintf (run->endpoints[0], BENCH_ENDPOINT_SIZE, "%s", endpoint);
    pid_t consumer = bench_start (consume, run, job);
    bench_await (run);
    pid_t producer = bench_start (produce, run, job);
    bench_wait (consumer);
    bench_release (run);
    bench_wait (producer);
    double seconds = run->ended - run->started;
    bench_run_destroy (&run);
    return (double)job->count / seconds;
}

/* Finds how many items take about run_seconds; warms up, too. */
static void
calibrate (job_t *job, const char *endpoint)
{
    double rate = 0;
    job->count = FIRST;
    while (rate == 0 || (double)job->count / rate < run_seconds / 5) {
        if (rate > 0)
            job->count *= 4;
        rate = measure (job, endpoint);
    }
    job->count = (size_t)(rate * run_seconds);
    if (job->count > run_bytes / job->size)
        job->count = run_bytes / job->size;
}

static void
measure_column (bench_transport_t transport, size_t which)
{
    job_t jobs[PEERS];
    double values[ROWS][BENCH_ROUNDS] = {{0}};
    for (size_t p = 0; p < PEERS; p++) {
        jobs[p] = (job_t){peers[p], transport, sizes[which], 0};
        if (here[p] && peers[p]->has[transport])
            calibrate (&jobs[p], endpoints[p][transport]);
    }
    for (size_t round = 0; round < BENCH_ROUNDS; round++) {
        for (size_t p = 0; p < PEERS; p++)
            if (jobs[p].count > 0)
                values[p][round] = measure (&jobs[p], endpoints[p][transport]);
        if (transport == BENCH_IPC)
            values[PYTHON][round] = bench_python ("mp_queue.py", "%zu %g",
                                                  sizes[which], run_seconds);
    }
    for (size_t row = 0; row < ROWS; row++)
        rates[row][transport * SIZES + which] =
            bench_median (values[row], BENCH_ROUNDS);
}

static void
start_peers (void)
{
    for (size_t p = 0; p < PEERS; p++) {
        here[p] = !peers[p]->start || peers[p]->start (endpoints[p]);
        if (here[p])
            printf ("%-30s %s\n", peers[p]->name, peers[p]->settings);
        else
            printf ("%-30s skipped: its server is not installed\n",
                    peers[p]->name);
    }
#ifndef HAVE_NNG
    puts ("nng                            skipped: built without libnng-dev");
#endif
#ifndef HAVE_HIREDIS
    puts ("redis                          skipped: built without "
          "libhiredis-dev");
#endif
#ifndef HAVE_NATS
    puts ("nats                           skipped: built without libnats-dev");
#endif
}

static const char *
row_name (size_t row)
{
    return row == PYTHON ? "multiprocessing.Queue" : peers[row]->name;
}

static void
print_head (FILE *out, const char *title)
{
    fprintf (out, "%-32s", title);
    for (size_t c = 0; c < COLUMNS; c++)
        fprintf (out, " %4s %4zu", bench_transport_names[c / SIZES],
                 sizes[c % SIZES]);
    fputc ('\n', out);
}

/* As they are, or as a part of what the first row has: Troika's. */
static void
print_rates (FILE *out, bool ratios)
{
    print_head (out, ratios ? "\"troika / this\"" : "\"1000 items/s\"");
    for (size_t row = 0; row < ROWS; row++) {
        char name[64];
        snprintf (name, sizeof name, "\"%s\"", row_name (row));
        fprintf (out, "%-32s", name);
        for (size_t c = 0; c < COLUMNS; c++)
            if (rates[row][c] == 0)
                fprintf (out, " %9s", "-");
            else
                fprintf (out, " %9.*f", ratios ? 2 : 1,
                         ratios ? rates[0][c] / rates[row][c]
                                : rates[row][c] / 1e3);
        fputc ('\n', out);
    }
}

static void
write_figures (const char *path)
{
    FILE *file = fopen (path, "w");
    bench_check (file != NULL, path);
    print_rates (file, false);
    bench_check (fclose (file) == 0, path);
}

int
main (int argc, char **argv)
{
    printf ("single items between two processes; medians of %d rounds\n\n",
            BENCH_ROUNDS);
    start_peers ();
    for (bench_transport_t t = 0; t < BENCH_TRANSPORTS; t++)
        for (size_t i = 0; i < SIZES; i++)
            measure_column (t, i);
    peer_servers_end ();
    putchar ('\n');
    print_rates (stdout, false);
    putchar ('\n');
    print_rates (stdout, true);
    if (argc > 1)
        write_figures (argv[1]);
    return 0;
}
