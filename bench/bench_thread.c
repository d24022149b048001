/* SPDX-License-Identifier: MPL-2.0 */
/*
 * bench_thread.c - items between threads of one process, beside raw sockets.
 *
 * The twins of a queue at an inproc endpoint: PUSH to PULL over inproc, and
 * what a programmer writes by hand, a list with a mutex and a condition
 * variable; and Python's queue.Queue. Each variant runs in a process of its
 * own, and rounds go through all of them, so that what disturbs the machine
 * disturbs each. A run begins at the first put and ends when the last item is
 * out; one producer's order is checked, of several the sum.
 */
#include "bench/ways.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

enum { LARGEST = 1024, FIRST_COUNT = 20000, MANY = 4, BOUND = 1000 };
static const size_t sizes[] = {16, 64, LARGEST};
enum { SIZES = sizeof sizes / sizeof *sizes };
static const double run_seconds = 0.25;

typedef enum { RAW, BY_HAND, UNBOUNDED, BOUNDED, FOUR, VARIANTS } variant_t;

static const struct {
    const way_t *way;
    size_t maxsize;
    size_t threads; /* that put; as many get */
} variants[VARIANTS] = {
    {&way_raw, 0, 1},        {&way_mutex, 0, 1},     {&way_troika, 0, 1},
    {&way_troika, BOUND, 1}, {&way_troika, 0, MANY},
};

typedef struct {
    variant_t variant;
    size_t size;
    size_t count; /* of items, for each thread */
} job_t;

typedef struct {
    const job_t *job;
    void *channel;
    pthread_t thread;
    pthread_barrier_t *start;
    uint64_t sum; /* of the numbers that came out */
} worker_t;

static void *
produce (void *arg)
{
    worker_t *self = arg;
    const way_t *way = variants[self->job->variant].way;
    char item[LARGEST] = {0};
    void *end = way->join (self->channel, true);
    pthread_barrier_wait (self->start);
    for (uint64_t i = 0; i < self->job->count; i++) {
        memcpy (item, &i, sizeof i);
        way->put (end, item, self->job->size);
    }
    way->leave (end);
    return NULL;
}

static void *
consume (void *arg)
{
    worker_t *self = arg;
    const way_t *way = variants[self->job->variant].way;
    bool alone = variants[self->job->variant].threads == 1;
    char item[LARGEST];
    void *end = way->join (self->channel, false);
    pthread_barrier_wait (self->start);
    for (uint64_t i = 0; i < self->job->count; i++) {
        uint64_t number;
        way->get (end, item, self->job->size);
        memcpy (&number, item, sizeof number);
        bench_check (!alone || number == i, "an item out of order");
        self->sum += number;
    }
    way->leave (end);
    return NULL;
}

static void
check_sum (const worker_t *consumers, size_t count, const job_t *job)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += consumers[i].sum;
    bench_check (sum == count * (job->count * (job->count - 1) / 2),
                 "items were lost or doubled");
}

static void
run_throughput (bench_run_t *run, const void *arg)
{
    const job_t *job = arg;
    const way_t *way = variants[job->variant].way;
    size_t threads = variants[job->variant].threads;
    worker_t workers[2 * MANY];
    pthread_barrier_t start;
    void *channel = way->open (variants[job->variant].maxsize);
    pthread_barrier_init (&start, NULL, 2 * (unsigned)threads + 1);
    for (size_t i = 0; i < 2 * threads; i++) {
        workers[i] =
            (worker_t){.job = job, .channel = channel, .start = &start};
        bench_check (!pthread_create (&workers[i].thread, NULL,
                                      i < threads ? consume : produce,
                                      &workers[i]),
                     "pthread_create");
    }
    pthread_barrier_wait (&start);
    run->started = bench_now ();
    for (size_t i = 0; i < 2 * threads; i++)
        pthread_join (workers[i].thread, NULL);
    run->ended = bench_now ();
    check_sum (workers, threads, job);
    way->close (channel);
}

/* returns: items per second. */
static double
measure (const job_t *job)
{
    bench_run_t *run = bench_run_new ();
    bench_wait (bench_start (run_throughput, run, job));
    double seconds = run->ended - run->started;
    bench_run_destroy (&run);
    return (double)(job->count * variants[job->variant].threads) / seconds;
}

/* Finds how many items take about run_seconds. */
static void
calibrate (job_t *job)
{
    size_t threads = variants[job->variant].threads;
    job->count = FIRST_COUNT / threads;
    double rate = measure (job);
    size_t limit = (size_t)512 * 1024 * 1024 / (job->size + 128);
    size_t count = (size_t)(rate * run_seconds);
    job->count = (count < limit ? count : limit) / threads;
}

/* returns: the rate of Python's queue. */
static double
measure_all (size_t size, double rates[VARIANTS])
{
    job_t jobs[VARIANTS];
    double values[VARIANTS][BENCH_ROUNDS], python[BENCH_ROUNDS];
    for (variant_t v = 0; v < VARIANTS; v++) {
        jobs[v] = (job_t){v, size, 0};
        calibrate (&jobs[v]);
    }
    for (size_t round = 0; round < BENCH_ROUNDS; round++) {
        for (variant_t v = 0; v < VARIANTS; v++)
            values[v][round] = measure (&jobs[v]);
        python[round] =
            bench_python ("thread_queue.py", "%zu %g", size, run_seconds);
    }
    for (variant_t v = 0; v < VARIANTS; v++)
        rates[v] = bench_median (values[v], BENCH_ROUNDS);
    return bench_median (python, BENCH_ROUNDS);
}

int
main (void)
{
    printf ("thousand items per second between threads, medians of %d; raw: "
            "PUSH to PULL over inproc\n"
            "%6s %9s %9s %9s %9s %9s %9s %12s %11s %11s\n",
            BENCH_ROUNDS, "bytes", "raw", "mutex", "unbounded", "bounded",
            "4 and 4", "python", "unbound/raw", "bounded/raw", "4+4/1+1");
    for (size_t i = 0; i < SIZES; i++) {
        double rates[VARIANTS];
        double python = measure_all (sizes[i], rates);
        printf ("%6zu", sizes[i]);
        for (variant_t v = 0; v < VARIANTS; v++)
            printf (" %9.1f", rates[v] / 1e3);
        printf (" %9.1f %12.2f %11.2f %11.2f\n", python / 1e3,
                rates[UNBOUNDED] / rates[RAW], rates[BOUNDED] / rates[RAW],
                rates[FOUR] / rates[UNBOUNDED]);
        fflush (stdout);
    }
    return 0;
}
