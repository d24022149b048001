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
 *
 * One way: half the round trip of one item through two queues; and with a
 * millisecond of rest before each put, from its beginning to the end of the
 * get, which found nothing for so long that its thread sleeps.
 */
#include "bench/bench.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <troika.h>
#include <zmq.h>

enum { LARGEST = 1024, FIRST_COUNT = 20000, MANY = 4, BOUND = 1000 };
enum { TRIPS = 20000, RESTS = 200 };
static const size_t sizes[] = {16, 64, LARGEST};
enum { SIZES = sizeof sizes / sizeof *sizes };
static const double run_seconds = 0.25;

/* --- ways to pass items on: an end belongs to one thread */

typedef struct {
    const char *name;
    void *(*open) (size_t maxsize);
    void (*close) (void *channel);
    void *(*join) (void *channel, bool puts);
    void (*leave) (void *end);
    void (*put) (void *end, const void *item, size_t size);
    void (*get) (void *end, void *item, size_t size);
} way_t;

/* --- by hand */

typedef struct node {
    struct node *next;
    size_t size;
    char item[];
} node_t;

typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t filled;
    node_t *first;
    node_t **last;
} list_t;

static void *
list_open (size_t maxsize)
{
    list_t *self = calloc (1, sizeof *self);
    bench_check (self && !maxsize, "a list");
    pthread_mutex_init (&self->lock, NULL);
    pthread_cond_init (&self->filled, NULL);
    self->last = &self->first;
    return self;
}

static void *
same_end (void *channel, bool puts)
{
    (void)puts;
    return channel;
}

static void
no_leave (void *end)
{
    (void)end;
}

static void
list_put (void *end, const void *item, size_t size)
{
    list_t *self = end;
    node_t *node = malloc (sizeof *node + size);
    bench_check (node != NULL, "malloc");
    node->next = NULL;
    node->size = size;
    memcpy (node->item, item, size);
    pthread_mutex_lock (&self->lock);
    *self->last = node;
    self->last = &node->next;
    pthread_cond_signal (&self->filled);
    pthread_mutex_unlock (&self->lock);
}

static void
list_get (void *end, void *item, size_t size)
{
    list_t *self = end;
    pthread_mutex_lock (&self->lock);
    while (!self->first)
        pthread_cond_wait (&self->filled, &self->lock);
    node_t *node = self->first;
    self->first = node->next;
    if (!self->first)
        self->last = &self->first;
    pthread_mutex_unlock (&self->lock);
    bench_check (node->size == size, "an item of another size");
    memcpy (item, node->item, size);
    free (node);
}

/* --- raw */

typedef struct {
    void *context;
    void *pull;
} raw_t;

static void *
raw_open (size_t maxsize)
{
    raw_t *self = calloc (1, sizeof *self);
    int zero = 0;
    bench_check (self && !maxsize, "a raw channel");
    self->context = zmq_ctx_new ();
    self->pull = zmq_socket (self->context, ZMQ_PULL);
    zmq_setsockopt (self->pull, ZMQ_RCVHWM, &zero, sizeof zero);
    bench_check (zmq_bind (self->pull, "inproc://raw") == 0, "zmq_bind");
    return self;
}

static void
raw_close (void *channel)
{
    raw_t *self = channel;
    zmq_ctx_term (self->context);
    free (self);
}

static void *
raw_join (void *channel, bool puts)
{
    raw_t *self = channel;
    return puts ? bench_connect (self->context, ZMQ_PUSH, "inproc://raw")
                : self->pull;
}

static void
raw_leave (void *end)
{
    zmq_close (end);
}

static void
raw_get (void *end, void *item, size_t size)
{
    bench_check (bench_receive (end, item, size) == size, "another size");
}

/* --- troika */

static void *
queue_open (size_t maxsize)
{
    static unsigned count;
    char endpoint[64];
    snprintf (endpoint, sizeof endpoint, "inproc://bench-%u", count++);
    troika_queue_t *queue = troika_queue_new (endpoint, maxsize);
    bench_check (queue != NULL, "troika_queue_new");
    return queue;
}

static void
queue_close (void *channel)
{
    troika_queue_t *queue = channel;
    troika_queue_destroy (&queue);
}

static void
queue_put (void *end, const void *item, size_t size)
{
    bench_check (troika_queue_put (end, TROIKA_FOREVER, "B", item, size) == 0,
                 "troika_queue_put");
}

static void
queue_get (void *end, void *item, size_t size)
{
    const void *data;
    size_t length;
    troika_msg_t *msg = troika_queue_get (end, TROIKA_FOREVER);
    bench_check (msg && !troika_msg_unpack (msg, "B", &data, &length) &&
                     length == size,
                 "troika_queue_get");
    memcpy (item, data, size);
    troika_msg_destroy (&msg);
}

static const way_t by_hand = {"mutex",  list_open, free,    same_end,
                              no_leave, list_put,  list_get};
static const way_t raw = {"raw",     raw_open,   raw_close, raw_join,
                          raw_leave, bench_send, raw_get};
static const way_t direct = {"troika", queue_open, queue_close, same_end,
                             no_leave, queue_put,  queue_get};

/* --- throughput */

typedef enum { RAW, BY_HAND, UNBOUNDED, BOUNDED, FOUR, VARIANTS } variant_t;

static const struct {
    const way_t *way;
    size_t maxsize;
    size_t threads; /* that put; as many get */
} variants[VARIANTS] = {
    {&raw, 0, 1},        {&by_hand, 0, 1},   {&direct, 0, 1},
    {&direct, BOUND, 1}, {&direct, 0, MANY},
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

static void
print_throughput (void)
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
}

/* --- one way */

typedef struct {
    const way_t *way;
    bool rests; /* a millisecond before each put */
} trip_t;

typedef struct {
    const way_t *way;
    void *there, *back; /* channels */
    size_t trips;
    double arrived; /* of the item that is answered now */
} echo_t;

static void *
echo (void *arg)
{
    echo_t *self = arg;
    char item[16];
    void *in = self->way->join (self->there, false);
    void *out = self->way->join (self->back, true);
    for (size_t i = 0; i < self->trips; i++) {
        self->way->get (in, item, sizeof item);
        self->arrived = bench_now ();
        self->way->put (out, item, sizeof item);
    }
    self->way->leave (in);
    self->way->leave (out);
    return NULL;
}

/* returns: seconds one way. */
static double
exchange (echo_t *echo, void *in, void *out, bool rests)
{
    struct timespec rest = {.tv_nsec = 1000000};
    char item[16] = {0};
    double times[RESTS];
    for (size_t i = 0; rests && i < RESTS; i++) {
        nanosleep (&rest, NULL);
        double start = bench_now ();
        echo->way->put (out, item, sizeof item);
        echo->way->get (in, item, sizeof item);
        times[i] = echo->arrived - start;
    }
    if (rests)
        return bench_median (times, RESTS);
    double start = bench_now ();
    for (size_t i = 0; i < TRIPS; i++) {
        echo->way->put (out, item, sizeof item);
        echo->way->get (in, item, sizeof item);
    }
    return (bench_now () - start) / TRIPS / 2;
}

static void
run_trip (bench_run_t *run, const void *arg)
{
    const trip_t *trip = arg;
    const way_t *way = trip->way;
    echo_t other = {.way = way,
                    .there = way->open (0),
                    .back = way->open (0),
                    .trips = trip->rests ? RESTS : TRIPS};
    pthread_t thread;
    void *in = way->join (other.back, false);
    void *out = way->join (other.there, true);
    bench_check (!pthread_create (&thread, NULL, echo, &other),
                 "pthread_create");
    run->ended = exchange (&other, in, out, trip->rests);
    pthread_join (thread, NULL);
    way->leave (in);
    way->leave (out);
    way->close (other.there);
    way->close (other.back);
}

static double
measure_trip (const trip_t *trip)
{
    bench_run_t *run = bench_run_new ();
    bench_wait (bench_start (run_trip, run, trip));
    double seconds = run->ended;
    bench_run_destroy (&run);
    return seconds * 1e6;
}

static void
print_trips (bool rests)
{
    const way_t *const ways[] = {&raw, &by_hand, &direct};
    double values[3][BENCH_ROUNDS], us[3];
    for (size_t round = 0; round < BENCH_ROUNDS; round++)
        for (size_t i = 0; i < 3; i++) {
            trip_t trip = {ways[i], rests};
            values[i][round] = measure_trip (&trip);
        }
    for (size_t i = 0; i < 3; i++)
        us[i] = bench_median (values[i], BENCH_ROUNDS);
    printf ("%-12s %9.2f %9.2f %9.2f %12.2f\n",
            rests ? "after 1 ms" : "at once", us[0], us[1], us[2],
            us[2] / us[0]);
}

int
main (void)
{
    print_throughput ();
    printf ("\nmicroseconds one way, 16 bytes\n%-12s %9s %9s %9s %12s\n", "",
            "raw", "mutex", "troika", "troika/raw");
    print_trips (false);
    print_trips (true);
    return 0;
}
