/* SPDX-License-Identifier: MPL-2.0 */
/*
 * bench_queue.c - items per second through a queue, beside raw sockets.
 *
 * Producer, manager and consumer are three processes. The raw twins are
 * PUSH to PULL between two processes, and with a forwarder (PULL, PUSH) as
 * the third; that of a queue bound to one item is multiprocessing.Queue(1).
 * Each run begins when one item has gone all the way and ends
 * when the consumer has the last; it checks the order of all. Rounds go
 * through all variants, so that what disturbs the machine disturbs each.
 */
#include "bench/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <troika.h>
#include <zmq.h>

/* LOCAL: the consumer's process serves the queue. */
typedef enum {
    RAW,
    FORWARDED,
    GET,
    GET_MANY,
    LOCAL,
    BOUNDED,
    TIGHT,
    VARIANTS
} variant_t;

/* Of the queue; 0: no bound. */
static const size_t bounds[VARIANTS] = {[BOUNDED] = 1000, [TIGHT] = 1};

enum { MANY = 1000, LARGEST = 1 << 20, FIRST_COUNT = 2000 };
static const size_t sizes[] = {16, 64, 1024, 64 << 10, LARGEST};
enum { SIZES = sizeof sizes / sizeof *sizes };
static const size_t limit_bytes = (size_t)256 << 20; /* of one run */
static const double run_seconds = 0.25;

typedef struct {
    bench_transport_t transport;
    variant_t variant;
    size_t size, count; /* of items; one more goes first */
} job_t;

/* --- items carry their number */

static void
number_item (char *item, uint64_t number)
{
    memcpy (item, &number, sizeof number);
}

static void
check_item (const void *item, size_t size, const job_t *job, uint64_t number)
{
    uint64_t found;
    bench_check (size == job->size, "an item of another size");
    memcpy (&found, item, sizeof found);
    bench_check (found == number, "an item out of order");
}

/* --- raw */

static void
raw_produce (bench_run_t *run, const void *arg)
{
    const job_t *job = arg;
    char item[LARGEST] = {0};
    void *context = zmq_ctx_new ();
    void *push = bench_connect (context, ZMQ_PUSH, run->endpoints[0]);
    bench_send (push, item, job->size);
    bench_await (run);
    run->started = bench_now ();
    for (uint64_t i = 1; i <= job->count; i++) {
        number_item (item, i);
        bench_send (push, item, job->size);
    }
    zmq_close (push);
    zmq_ctx_term (context);
}

static void
raw_forward (bench_run_t *run, const void *arg)
{
    const job_t *job = arg;
    void *context = zmq_ctx_new ();
    void *push = bench_connect (context, ZMQ_PUSH, run->endpoints[1]);
    void *pull =
        bench_bind (context, ZMQ_PULL, job->transport, run->endpoints[0]);
    bench_reached (run);
    zmq_msg_t msg;
    zmq_msg_init (&msg);
    for (uint64_t i = 0; i <= job->count; i++)
        bench_check (zmq_msg_recv (&msg, pull, 0) >= 0 &&
                         zmq_msg_send (&msg, push, 0) >= 0,
                     "forwarder");
    zmq_close (pull);
    zmq_close (push);
    zmq_ctx_term (context);
}

static void
raw_consume (bench_run_t *run, const void *arg)
{
    const job_t *job = arg;
    char item[LARGEST];
    void *context = zmq_ctx_new ();
    void *pull = bench_bind (context, ZMQ_PULL, job->transport,
                             run->endpoints[job->variant == FORWARDED]);
    bench_reached (run);
    for (uint64_t i = 0; i <= job->count; i++) {
        check_item (item, bench_receive (pull, item, sizeof item), job, i);
        if (i == 0)
            bench_reached (run);
    }
    run->ended = bench_now ();
    zmq_close (pull);
    zmq_ctx_term (context);
}

/* --- troika */

static troika_queue_t *
connect_queue (bench_run_t *run)
{
    troika_queue_t *queue = troika_queue_connect (run->endpoints[0]);
    bench_check (queue != NULL, "troika_queue_connect");
    return queue;
}

static void
produce (bench_run_t *run, const void *arg)
{
    const job_t *job = arg;
    char item[LARGEST] = {0};
    troika_queue_t *queue = connect_queue (run);
    for (uint64_t i = 0; i <= job->count; i++) {
        number_item (item, i);
        bench_check (
            troika_queue_put (queue, TROIKA_FOREVER, "B", item, job->size) == 0,
            "troika_queue_put");
        if (i > 0)
            continue;
        bench_await (run);
        run->started = bench_now ();
    }
    troika_queue_destroy (&queue);
}

static void
check_msg (troika_msg_t *msg, const job_t *job, uint64_t number)
{
    const void *item = NULL;
    size_t size = 0;
    bench_check (msg && troika_msg_unpack (msg, "B", &item, &size) == 0,
                 "an item");
    check_item (item, size, job, number);
    troika_msg_destroy (&msg);
}

static uint64_t
take_one (troika_queue_t *queue, const job_t *job, uint64_t next)
{
    check_msg (troika_queue_get (queue, TROIKA_FOREVER), job, next);
    return next + 1;
}

static uint64_t
take_many (troika_queue_t *queue, const job_t *job, uint64_t next)
{
    troika_msg_t *msgs[MANY];
    ssize_t count = troika_queue_get_many (queue, TROIKA_FOREVER, msgs, MANY);
    bench_check (count > 0, "troika_queue_get_many");
    for (ssize_t i = 0; i < count; i++)
        check_msg (msgs[i], job, next++);
    return next;
}

static troika_queue_t *
serve_queue (bench_run_t *run, const job_t *job)
{
    troika_queue_t *queue = troika_queue_new (
        bench_troika_endpoint (job->transport), bounds[job->variant]);
    bench_check (queue != NULL, "troika_queue_new");
    snprintf (run->endpoints[0], BENCH_ENDPOINT_SIZE, "%s",
              troika_queue_endpoint (queue));
    bench_reached (run);
    return queue;
}

static void
serve (bench_run_t *run, const void *arg)
{
    troika_queue_t *queue = serve_queue (run, arg);
    bench_hold (run);
    troika_queue_destroy (&queue);
}

static void
consume (bench_run_t *run, const void *arg)
{
    const job_t *job = arg;
    troika_queue_t *queue =
        job->variant == LOCAL ? serve_queue (run, job) : connect_queue (run);
    uint64_t next = take_one (queue, job, 0);
    bench_reached (run);
    while (next <= job->count)
        next = job->variant == GET_MANY ? take_many (queue, job, next)
                                        : take_one (queue, job, next);
    run->ended = bench_now ();
    if (job->variant == LOCAL)
        bench_hold (run);
    troika_queue_destroy (&queue);
}

/* --- runs */

static void
run_raw (bench_run_t *run, const job_t *job)
{
    pid_t consumer = bench_start (raw_consume, run, job), forwarder = 0;
    bench_await (run);
    if (job->variant == FORWARDED) {
        forwarder = bench_start (raw_forward, run, job);
        bench_await (run);
    } else
        memcpy (run->endpoints[1], run->endpoints[0], BENCH_ENDPOINT_SIZE);
    pid_t producer = bench_start (raw_produce, run, job);
    bench_wait (producer);
    if (forwarder)
        bench_wait (forwarder);
    bench_wait (consumer);
}

static void
run_troika (bench_run_t *run, const job_t *job)
{
    pid_t manager = 0;
    if (job->variant != LOCAL) {
        manager = bench_start (serve, run, job);
        bench_await (run);
    }
    pid_t consumer = bench_start (consume, run, job);
    if (job->variant == LOCAL)
        bench_await (run);
    pid_t producer = bench_start (produce, run, job);
    bench_wait (producer);
    if (!manager)
        bench_release (run);
    bench_wait (consumer);
    if (!manager)
        return;
    bench_release (run);
    bench_wait (manager);
}

/* returns: items per second. */
static double
measure (const job_t *job)
{
    bench_run_t *run = bench_run_new ();
    if (job->variant <= FORWARDED)
        run_raw (run, job);
    else
        run_troika (run, job);
    double seconds = run->ended - run->started;
    bench_run_destroy (&run);
    return (double)job->count / seconds;
}

/* Finds how many items take about run_seconds; warms up, too. */
static void
calibrate (job_t *job)
{
    double rate = 0;
    size_t limit = limit_bytes / job->size;
    job->count = FIRST_COUNT < limit ? FIRST_COUNT : limit;
    while (rate == 0 || (job->count < limit / 8 &&
                         (double)job->count / rate < run_seconds / 5)) {
        if (rate > 0)
            job->count *= 8;
        rate = measure (job);
    }
    job->count = (size_t)(rate * run_seconds);
    job->count = job->count < limit ? job->count : limit;
}

/* returns: the rate of multiprocessing.Queue(1). */
static double
measure_all (bench_transport_t transport, size_t size, double rates[VARIANTS])
{
    job_t jobs[VARIANTS];
    double values[VARIANTS][BENCH_ROUNDS], python[BENCH_ROUNDS];
    for (variant_t v = 0; v < VARIANTS; v++) {
        jobs[v] = (job_t){transport, v, size, 0};
        calibrate (&jobs[v]);
    }
    for (size_t round = 0; round < BENCH_ROUNDS; round++) {
        for (variant_t v = 0; v < VARIANTS; v++)
            values[v][round] = measure (&jobs[v]);
        python[round] =
            bench_python ("mp_queue.py", "%zu %g 1", size, run_seconds);
    }
    for (variant_t v = 0; v < VARIANTS; v++)
        rates[v] = bench_median (values[v], BENCH_ROUNDS);
    return bench_median (python, BENCH_ROUNDS);
}

int
main (void)
{
    static const char *const names[VARIANTS] = {
        "raw", "raw 3", "get", "get_many", "local", "bound 1000", "bound 1"};
    printf ("thousand items per second, medians of %d; below, to raw\n"
            "raw: PUSH to PULL, raw 3: by a forwarder; local: the consumer's "
            "process serves\n%-9s %6s",
            BENCH_ROUNDS, "transport", "bytes");
    for (variant_t v = 0; v < VARIANTS; v++)
        printf (" %10s", names[v]);
    printf (" %10s\n", "mp.Queue(1)");
    for (bench_transport_t t = 0; t < BENCH_TRANSPORTS; t++)
        for (size_t i = 0; i < SIZES; i++) {
            double rates[VARIANTS];
            double python = measure_all (t, sizes[i], rates);
            printf ("%-9s %6zu", bench_transport_names[t], sizes[i]);
            for (variant_t v = 0; v < VARIANTS; v++)
                printf (" %10.1f", rates[v] / 1e3);
            printf (" %11.1f\n%16s", python / 1e3, "");
            for (variant_t v = 0; v < VARIANTS; v++)
                printf (" %10.2f", rates[v] / rates[RAW]);
            printf ("\n");
            fflush (stdout);
        }
    return 0;
}
