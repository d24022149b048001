/* SPDX-License-Identifier: MPL-2.0 */
/*
 * bench_growth.c - what a put and a get cost as the work grows.
 *
 * More clients at once (of a queue with few items, and with many), more
 * queues in one manager, more items that wait: each figure is puts and gets
 * per second of all clients together, and its share of the best figure with
 * as much work or less, so that what growth costs shows as a number below 1.
 */
#include "bench/bench.h"

#include <stdio.h>
#include <sys/mman.h>
#include <troika.h>

enum { COLUMNS_MAX = 4, CLIENTS_MAX = 64, ROUNDS = 5 };
static const double seconds = 0.4;

typedef struct {
    int clients, queues, items;
} load_t;

typedef struct {
    const char *what;
    int count;
    load_t loads[COLUMNS_MAX];
} row_t;

static const row_t rows[] = {
    {"clients 1 4 16 64",
     4,
     {{1, 1, 10}, {4, 1, 10}, {16, 1, 10}, {CLIENTS_MAX, 1, 10}}},
    {"the same, 10^5 items",
     4,
     {{1, 1, 100 * 1000},
      {4, 1, 100 * 1000},
      {16, 1, 100 * 1000},
      {CLIENTS_MAX, 1, 100 * 1000}}},
    {"queues 1 100 10000", 3, {{1, 1, 10}, {1, 100, 10}, {1, 10000, 10}}},
    {"items 10 10^4 10^6",
     3,
     {{1, 1, 10}, {1, 1, 10 * 1000}, {1, 1, 1000 * 1000}}},
};

static void
serve (bench_run_t *run, const void *arg)
{
    const load_t *load = arg;
    char name[16], item[64] = {0};
    troika_manager_t *manager = troika_manager_new (NULL);
    bench_check (manager != NULL, "troika_manager_new");
    for (int i = 0; i < load->queues; i++) {
        snprintf (name, sizeof name, "q%d", i);
        troika_queue_t *queue = troika_manager_queue (manager, name, NULL);
        bench_check (queue != NULL, "troika_manager_queue");
        for (int k = 0; i == 0 && k < load->items; k++)
            bench_check (!troika_queue_put (queue, TROIKA_FOREVER, "B", item,
                                            sizeof item),
                         "troika_queue_put");
        troika_queue_destroy (&queue);
    }
    snprintf (run->endpoints[0], BENCH_ENDPOINT_SIZE, "%s",
              troika_manager_endpoint (manager));
    bench_reached (run);
    bench_hold (run);
    troika_manager_destroy (&manager);
}

static bool
step (troika_queue_t *queue)
{
    char item[64] = {0};
    if (troika_queue_put (queue, TROIKA_FOREVER, "B", item, sizeof item))
        return false;
    troika_msg_t *msg = troika_queue_get (queue, TROIKA_FOREVER);
    bool ok = msg != NULL;
    troika_msg_destroy (&msg);
    return ok;
}

/* The manager is held by its own gate; clients begin by the clock. */
static void
work (bench_run_t *run, const void *arg)
{
    unsigned *done = *(unsigned *const *)arg, count = 0;
    troika_manager_t *manager = troika_manager_connect (run->endpoints[0]);
    bench_check (manager != NULL, "troika_manager_connect");
    troika_queue_t *queue = troika_manager_queue (manager, "q0", NULL);
    bench_check (queue && step (queue), "a client");
    bench_reached (run);
    bench_hold (run);
    while (bench_now () < run->started)
        ;
    for (; bench_now () < run->started + seconds; count++)
        bench_check (step (queue), "put and get");
    *done = count;
}

static double
measure (const load_t *load)
{
    pid_t pids[CLIENTS_MAX];
    unsigned sum = 0;
    bench_run_t *server = bench_run_new ();
    pid_t manager = bench_start (serve, server, load);
    bench_run_t *run = bench_run_new (); /* a gate that no manager has */
    unsigned *done =
        mmap (NULL, CLIENTS_MAX * sizeof *done, PROT_READ | PROT_WRITE,
              MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    bench_check (done != MAP_FAILED, "mmap");
    bench_await (server);
    snprintf (run->endpoints[0], BENCH_ENDPOINT_SIZE, "%s",
              server->endpoints[0]);
    for (int i = 0; i < load->clients; i++) {
        unsigned *mine = &done[i];
        pids[i] = bench_start (work, run, &mine);
        bench_await (run);
    }
    run->started = bench_now () + 0.05;
    bench_release (run);
    for (int i = 0; i < load->clients; i++) {
        bench_wait (pids[i]);
        sum += done[i];
    }
    bench_release (server);
    bench_wait (manager);
    munmap (done, CLIENTS_MAX * sizeof *done);
    bench_run_destroy (&run);
    bench_run_destroy (&server);
    return sum / seconds;
}

static void
report (const row_t *row)
{
    double values[COLUMNS_MAX][ROUNDS], best = 0;
    for (int round = 0; round < ROUNDS; round++)
        for (int i = 0; i < row->count; i++)
            values[i][round] = measure (&row->loads[i]);
    printf ("%-20s", row->what);
    for (int i = 0; i < row->count; i++) {
        double rate = bench_median (values[i], ROUNDS);
        best = rate > best ? rate : best;
        printf (" %8.0f (%.2f)", rate, rate / best);
    }
    printf ("\n");
    fflush (stdout);
}

int
main (void)
{
    printf (
        "puts and gets per second over ipc, and their share of the best with "
        "as much work or less; medians of %d; goal: 0.75\n",
        ROUNDS);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        report (&rows[i]);
    return 0;
}
