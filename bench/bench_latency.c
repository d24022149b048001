/* SPDX-License-Identifier: MPL-2.0 */
/*
 * bench_latency.c - how long one item is on its way to a waiting get, as a
 * multiple of PUSH to PULL.
 *
 * Two processes, each of which serves one queue and waits there; an item
 * goes to and fro, half of which is one way. Blocks of it and of raw round
 * trips take turns; each figure is the median of the means of its blocks.
 * After a rest is what a program sees that has little to do; at once, the
 * cores are awake.
 */
#include "bench/bench.h"

#include <stdio.h>
#include <string.h>
#include <troika.h>
#include <unistd.h>
#include <zmq.h>

enum { BLOCKS = 31, BLOCK_TRIPS = 200, RESTED_TRIPS = 20, REST_US = 2000 };
enum { ITEM_SIZE = 16 };
/* Where what is served, by whom. */
enum { QUEUE_HERE, QUEUE_THERE, PULL_HERE, PULL_THERE };
static const double goal = 1.25;

/* --- raw: a socket for each way */

typedef struct {
    void *push;
    void *pull;
} raw_t;

static void
raw_echo (bench_run_t *run, const void *transport)
{
    char buffer[ITEM_SIZE];
    void *context = zmq_ctx_new ();
    void *pull =
        bench_bind (context, ZMQ_PULL, *(const bench_transport_t *)transport,
                    run->endpoints[PULL_THERE]);
    bench_reached (run);
    bench_hold (run);
    void *push = bench_connect (context, ZMQ_PUSH, run->endpoints[PULL_HERE]);
    while (bench_receive (pull, buffer, sizeof buffer) > 0)
        bench_send (push, buffer, sizeof buffer);
    zmq_close (pull);
    zmq_close (push);
    zmq_ctx_term (context);
}

static void
raw_trip (const void *arg)
{
    const raw_t *raw = arg;
    char buffer[ITEM_SIZE] = {0};
    bench_send (raw->push, buffer, sizeof buffer);
    bench_receive (raw->pull, buffer, sizeof buffer);
}

/* --- troika: a queue for each way */

typedef struct {
    troika_queue_t *there;
    troika_queue_t *here;
} pair_t;

static void
pass (troika_queue_t *queue, const void *item, size_t size)
{
    bench_check (troika_queue_put (queue, TROIKA_FOREVER, "B", item, size) == 0,
                 "troika_queue_put");
}

/* returns: the size of the item. */
static size_t
await (troika_queue_t *queue)
{
    const void *data;
    size_t size = 0;
    troika_msg_t *item = troika_queue_get (queue, TROIKA_FOREVER);
    bench_check (item && !troika_msg_unpack (item, "B", &data, &size),
                 "troika_queue_get");
    troika_msg_destroy (&item);
    return size;
}

static troika_queue_t *
serve_at (bench_run_t *run, bench_transport_t transport, int place)
{
    troika_queue_t *queue =
        troika_queue_new (bench_troika_endpoint (transport), 0);
    bench_check (queue != NULL, "troika_queue_new");
    snprintf (run->endpoints[place], BENCH_ENDPOINT_SIZE, "%s",
              troika_queue_endpoint (queue));
    return queue;
}

static troika_queue_t *
connect_to (bench_run_t *run, int place)
{
    troika_queue_t *queue = troika_queue_connect (run->endpoints[place]);
    bench_check (queue != NULL, "troika_queue_connect");
    return queue;
}

static void
echo (bench_run_t *run, const void *transport)
{
    char item[ITEM_SIZE] = {0};
    pair_t pair = {.here = serve_at (run, *(const bench_transport_t *)transport,
                                     QUEUE_THERE)};
    bench_reached (run);
    bench_hold (run);
    pair.there = connect_to (run, QUEUE_HERE);
    while (await (pair.here) > 0)
        pass (pair.there, item, sizeof item);
    troika_queue_destroy (&pair.there);
    troika_queue_destroy (&pair.here);
}

static void
troika_trip (const void *arg)
{
    const pair_t *pair = arg;
    char item[ITEM_SIZE] = {0};
    pass (pair->there, item, sizeof item);
    await (pair->here);
}

/* --- blocks */

/* returns: microseconds one way. */
static double
time_block (void (*trip) (const void *), const void *arg, int rest_us)
{
    int trips = rest_us ? RESTED_TRIPS : BLOCK_TRIPS;
    double sum = 0;
    for (int i = 0; i < trips; i++) {
        if (rest_us)
            usleep ((useconds_t)rest_us);
        double start = bench_now ();
        trip (arg);
        sum += bench_now () - start;
    }
    return sum * 1e6 / trips / 2;
}

static void
compare (bench_transport_t transport, const raw_t *raw, const pair_t *pair,
         int rest_us)
{
    double raws[BLOCKS], troikas[BLOCKS];
    for (int i = -1; i < BLOCKS; i++) { /* -1 warms up */
        double raw_us = time_block (raw_trip, raw, rest_us);
        double troika_us = time_block (troika_trip, pair, rest_us);
        if (i < 0)
            continue;
        raws[i] = raw_us;
        troikas[i] = troika_us;
    }
    double raw_us = bench_median (raws, BLOCKS);
    double troika_us = bench_median (troikas, BLOCKS);
    printf (
        "%-9s %-12s %8.1f %8.1f %7.2f   %s\n", bench_transport_names[transport],
        rest_us ? "after a rest" : "at once", raw_us, troika_us,
        troika_us / raw_us, troika_us / raw_us <= goal ? "" : "over the goal");
    fflush (stdout);
}

static void
measure_both (bench_run_t *run, const void *arg)
{
    bench_transport_t transport = *(const bench_transport_t *)arg;
    void *context = zmq_ctx_new ();
    raw_t raw = {.pull = bench_bind (context, ZMQ_PULL, transport,
                                     run->endpoints[PULL_HERE])};
    pair_t pair = {.here = serve_at (run, transport, QUEUE_HERE)};
    bench_reached (run);
    bench_hold (run);
    raw.push = bench_connect (context, ZMQ_PUSH, run->endpoints[PULL_THERE]);
    pair.there = connect_to (run, QUEUE_THERE);

    compare (transport, &raw, &pair, REST_US);
    compare (transport, &raw, &pair, 0);

    bench_send (raw.push, "", 0);
    pass (pair.there, "", 0);
    zmq_close (raw.pull);
    zmq_close (raw.push);
    zmq_ctx_term (context);
    troika_queue_destroy (&pair.there);
    troika_queue_destroy (&pair.here);
}

static void
measure (bench_transport_t transport)
{
    static void (*const tasks[]) (bench_run_t *, const void *) = {
        raw_echo, echo, measure_both};
    enum { TASKS = sizeof tasks / sizeof *tasks };
    pid_t pids[TASKS];
    bench_run_t *run = bench_run_new ();
    for (int i = 0; i < TASKS; i++) {
        pids[i] = bench_start (tasks[i], run, &transport);
        bench_await (run);
    }
    bench_release (run);
    for (int i = TASKS - 1; i >= 0; i--)
        bench_wait (pids[i]);
    bench_run_destroy (&run);
}

int
main (void)
{
    printf ("microseconds from a put to the get that waits for it, %d bytes, "
            "medians of %d blocks; goal: at most %.2f times raw\n"
            "%-9s %-12s %8s %8s %7s\n",
            ITEM_SIZE, BLOCKS, goal, "transport", "", "PUSH/PULL", "queue",
            "ratio");
    for (bench_transport_t t = 0; t < BENCH_TRANSPORTS; t++)
        measure (t);
    return 0;
}
