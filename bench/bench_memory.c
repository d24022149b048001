/* SPDX-License-Identifier: MPL-2.0 */
/*
 * bench_memory.c - what an item costs that waits in a queue.
 *
 * One process puts a million items of 64 bytes, one at a time; the growth of
 * the manager's resident memory, divided by their number, is the figure.
 * The raw twin is a PULL socket without limit that nobody reads meanwhile.
 */
#include "bench/bench.h"

#include <stdio.h>
#include <time.h>
#include <troika.h>
#include <zmq.h>

enum { ITEMS = 1000 * 1000, ITEM_SIZE = 64, GOAL = 112 };

/* --- raw */

static void
raw_hold (bench_run_t *run, const void *transport)
{
    char item[ITEM_SIZE];
    void *context = zmq_ctx_new ();
    void *pull =
        bench_bind (context, ZMQ_PULL, *(const bench_transport_t *)transport,
                    run->endpoints[0]);
    bench_reached (run);
    bench_receive (pull, item, sizeof item);
    bench_reached (run);
    bench_hold (run);
    for (int i = 0; i < ITEMS; i++) /* all of them were there */
        bench_check (zmq_recv (pull, item, sizeof item, ZMQ_DONTWAIT) ==
                         ITEM_SIZE,
                     "items that had not arrived");
    zmq_close (pull);
    zmq_ctx_term (context);
}

static void
raw_fill (bench_run_t *run, const void *unused)
{
    (void)unused;
    char item[ITEM_SIZE] = {0};
    void *context = zmq_ctx_new ();
    void *push = bench_connect (context, ZMQ_PUSH, run->endpoints[0]);
    bench_send (push, item, sizeof item);
    bench_hold (run);
    for (int i = 0; i < ITEMS; i++)
        bench_send (push, item, sizeof item);
    zmq_close (push);
    zmq_ctx_term (context);
}

/* A PULL socket does not tell how much has come: it has all when its memory
 * has not grown for a while, which its process checks afterwards. */
static double
settled (pid_t pid)
{
    const struct timespec while_ = {.tv_nsec = 200 * 1000 * 1000};
    double before, resident = bench_resident (pid);
    do {
        nanosleep (&while_, NULL);
        before = resident;
        resident = bench_resident (pid);
    } while (resident > before);
    return resident;
}

static double
measure_raw (bench_transport_t transport)
{
    bench_run_t *run = bench_run_new ();
    pid_t holder = bench_start (raw_hold, run, &transport);
    bench_await (run);
    bench_run_t *filling = bench_run_new (); /* now: no server keeps its gate */
    snprintf (filling->endpoints[0], BENCH_ENDPOINT_SIZE, "%s",
              run->endpoints[0]);
    pid_t filler = bench_start (raw_fill, filling, NULL);
    bench_await (run);
    double before = bench_resident (holder);
    bench_release (filling);
    bench_wait (filler);
    double grown = settled (holder) - before;
    bench_release (run);
    bench_wait (holder);
    bench_run_destroy (&run);
    bench_run_destroy (&filling);
    return grown / ITEMS;
}

/* --- troika */

static void
fill (bench_run_t *run, const void *unused)
{
    (void)unused;
    char item[ITEM_SIZE] = {0};
    troika_queue_t *queue = troika_queue_connect (run->endpoints[0]);
    bench_check (queue && troika_queue_qsize (queue) == 0, "an empty queue");
    bench_reached (run);
    bench_hold (run);
    for (int i = 0; i < ITEMS; i++)
        bench_check (troika_queue_put (queue, TROIKA_FOREVER, "B", item,
                                       sizeof item) == 0,
                     "troika_queue_put");
    bench_check (troika_queue_flush (queue, TROIKA_FOREVER) == 0 &&
                     troika_queue_qsize (queue) == ITEMS,
                 "a full queue");
    troika_queue_destroy (&queue);
}

static double
measure_troika (bench_transport_t transport)
{
    bench_run_t *run = bench_run_new ();
    pid_t manager = bench_start (bench_serve_queue, run, &transport);
    bench_await (run);
    bench_run_t *filling = bench_run_new (); /* now: no server keeps its gate */
    snprintf (filling->endpoints[0], BENCH_ENDPOINT_SIZE, "%s",
              run->endpoints[0]);
    pid_t filler = bench_start (fill, filling, NULL);
    bench_await (filling);
    double before = bench_resident (manager);
    bench_release (filling);
    bench_wait (filler);
    double grown = bench_resident (manager) - before;
    bench_release (run);
    bench_wait (manager);
    bench_run_destroy (&run);
    bench_run_destroy (&filling);
    return grown / ITEMS;
}

int
main (void)
{
    printf ("resident bytes for each of %d items of %d bytes, medians of %d; "
            "goal: at most %d\n"
            "%-9s %9s %9s %7s\n",
            ITEMS, ITEM_SIZE, BENCH_ROUNDS, GOAL, "transport", "raw PULL",
            "queue", "ratio");
    for (bench_transport_t t = 0; t < BENCH_TRANSPORTS; t++) {
        double raw[BENCH_ROUNDS], queue[BENCH_ROUNDS];
        for (int round = 0; round < BENCH_ROUNDS; round++) {
            raw[round] = measure_raw (t);
            queue[round] = measure_troika (t);
        }
        double raw_bytes = bench_median (raw, BENCH_ROUNDS);
        double queue_bytes = bench_median (queue, BENCH_ROUNDS);
        printf ("%-9s %9.1f %9.1f %7.2f   %s\n", bench_transport_names[t],
                raw_bytes, queue_bytes, queue_bytes / raw_bytes,
                queue_bytes <= GOAL ? "" : "over the goal");
        fflush (stdout);
    }
    return 0;
}
