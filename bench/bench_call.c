/* SPDX-License-Identifier: MPL-2.0 */
/*
 * bench_call.c - the round trip of a call, as a multiple of REQ to REP.
 *
 * Another process serves a queue, a third one echoes with a REP socket.
 * Blocks of troika_queue_qsize() and of raw round trips take turns; each
 * figure is the median of the means of its blocks. The raw request and reply
 * are as long as those of the call. At last, calls that need no round trip:
 * in the manager's process, by one thread.
 */
#include "bench/bench.h"

#include <stdio.h>
#include <troika.h>
#include <zmq.h>

enum { BLOCKS = 101, BLOCK_CALLS = 500, REQUEST_SIZE = 48, REPLY_SIZE = 3 };
static const double goal = 1.10, direct_goal_us = 0.3;

static void
echo (bench_run_t *run, const void *transport)
{
    char buffer[REQUEST_SIZE] = {0};
    void *context = zmq_ctx_new ();
    void *rep =
        bench_bind (context, ZMQ_REP, *(const bench_transport_t *)transport,
                    run->endpoints[1]);
    bench_reached (run);
    /* An empty request asks it to end. */
    while (bench_receive (rep, buffer, sizeof buffer) > 0)
        bench_send (rep, buffer, REPLY_SIZE);
    zmq_close (rep);
    zmq_ctx_term (context);
}

static void
raw_call (void *req)
{
    char buffer[REQUEST_SIZE] = {0};
    bench_send (req, buffer, sizeof buffer);
    bench_receive (req, buffer, sizeof buffer);
}

static void
troika_call (void *queue)
{
    bench_check (troika_queue_qsize (queue) == 0, "troika_queue_qsize");
}

/* returns: microseconds for one call. */
static double
time_block (void (*call) (void *), void *arg)
{
    double start = bench_now ();
    for (int i = 0; i < BLOCK_CALLS; i++)
        call (arg);
    return (bench_now () - start) * 1e6 / BLOCK_CALLS;
}

static void
report (bench_transport_t transport, double raw[BLOCKS], double troika[BLOCKS],
        double ratios[BLOCKS])
{
    double raw_us = bench_median (raw, BLOCKS);
    double troika_us = bench_median (troika, BLOCKS);
    double ratio = troika_us / raw_us;
    printf ("%-9s %11.1f %11.1f %8.2f %16.2f   %s\n",
            bench_transport_names[transport], raw_us, troika_us, ratio,
            bench_median (ratios, BLOCKS),
            ratio <= goal ? "" : "over the goal");
}

/* In a process of its own, as any client would be. */
static void
call_all (bench_run_t *run, const void *arg)
{
    bench_transport_t transport = *(const bench_transport_t *)arg;
    double raw[BLOCKS], troika[BLOCKS], ratios[BLOCKS];
    void *context = zmq_ctx_new ();
    void *req = bench_connect (context, ZMQ_REQ, run->endpoints[1]);
    troika_queue_t *queue = troika_queue_connect (run->endpoints[0]);
    bench_check (queue != NULL, "troika_queue_connect");

    for (int i = -1; i < BLOCKS; i++) { /* -1 warms up */
        double raw_us = time_block (raw_call, req);
        double troika_us = time_block (troika_call, queue);
        if (i < 0)
            continue;
        raw[i] = raw_us;
        troika[i] = troika_us;
        ratios[i] = troika_us / raw_us;
    }
    report (transport, raw, troika, ratios);

    bench_send (req, "", 0);
    zmq_close (req);
    zmq_ctx_term (context);
    troika_queue_destroy (&queue);
}

static void
measure (bench_transport_t transport)
{
    bench_run_t *run = bench_run_new ();
    pid_t manager = bench_start (bench_serve_queue, run, &transport);
    bench_await (run);
    pid_t echoing = bench_start (echo, run, &transport);
    bench_await (run);
    bench_wait (bench_start (call_all, run, &transport));
    bench_release (run);
    bench_wait (echoing);
    bench_wait (manager);
    bench_run_destroy (&run);
}

static void
dict_set (void *dict)
{
    bench_check (troika_dict_set (dict, "key", "i", 1) == 0, "troika_dict_set");
}

static void
dict_get (void *dict)
{
    troika_msg_t *msg = troika_dict_get (dict, "key");
    bench_check (msg != NULL, "troika_dict_get");
    troika_msg_destroy (&msg);
}

static void
measure_direct (const char *name, void (*call) (void *), void *dict)
{
    double values[BLOCKS];
    time_block (call, dict); /* warms up */
    for (int i = 0; i < BLOCKS; i++)
        values[i] = time_block (call, dict);
    double us = bench_median (values, BLOCKS);
    printf ("direct    %-11s %11.2f us, goal: at most %.1f   %s\n", name, us,
            direct_goal_us, us <= direct_goal_us ? "" : "over the goal");
}

static void
call_direct (bench_run_t *run, const void *unused)
{
    (void)run;
    (void)unused;
    troika_manager_t *manager = troika_manager_new (NULL);
    troika_dict_t *dict = troika_manager_dict (manager, "dict");
    bench_check (dict != NULL, "troika_manager_dict");
    measure_direct ("dict set", dict_set, dict);
    measure_direct ("dict get", dict_get, dict);
    troika_dict_destroy (&dict);
    troika_manager_destroy (&manager);
}

int
main (void)
{
    printf ("microseconds for a round trip, medians of %d blocks of %d; "
            "goal: at most %.2f times raw\n"
            "%-9s %11s %11s %8s %16s\n",
            BLOCKS, BLOCK_CALLS, goal, "transport", "raw REQ/REP", "qsize",
            "ratio", "median of ratios");
    for (bench_transport_t t = 0; t < BENCH_TRANSPORTS; t++)
        measure (t);
    fflush (stdout);
    bench_run_t *run = bench_run_new ();
    bench_wait (bench_start (call_direct, run, NULL));
    bench_run_destroy (&run);
    return 0;
}
