/* SPDX-License-Identifier: MPL-2.0 */
/*
 * bench_pipe.c - a pipe against a raw PAIR socket, a bare socketpair and
 * Python's multiprocessing.Pipe: round trips, and one way as fast as it goes.
 *
 * All means take turns; each figure is the median of the rounds. Inproc is
 * two threads, all else two processes that are new for each measurement. One
 * way is timed by the receiver, from its first message to its last.
 */
#include "bench/bench.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <troika.h>
#include <unistd.h>
#include <zmq.h>

typedef enum { INPROC, IPC, TCP, TRANSPORTS } transport_t;
static const char *const transports[] = {"inproc", "ipc", "tcp"};

typedef enum { TRIP, FLOW } kind_t;

enum { ROUNDS = 7, TRIP_SIZE = 64 };
static const struct {
    kind_t kind;
    size_t size;
    int count;
} cells[] = {{TRIP, TRIP_SIZE, 10000},
             {FLOW, 16, 1000000},
             {FLOW, 1024, 300000},
             {FLOW, 65536, 8000}};
#define CELLS (sizeof cells / sizeof *cells)
static const double goal_flow = 0.9, goal_trip = 1.1, goal_trip_inproc = 0.5;

static unsigned char buffers[2][1 << 17];

/* What one measurement is made of; both sides have it. */
typedef struct {
    transport_t transport;
    kind_t kind;
    size_t size;
    int count;
    bench_run_t *run;
    troika_pipe_t *ends[2];
    void *context; /* inproc */
    void *sockets[2];
    int fds[2];
} pair_t;

/* Side 0 measures, side 1 sends or echoes. */
typedef struct {
    const char *name;
    void (*make) (pair_t *pair);
    void (*open) (pair_t *pair, int side);
    void (*send) (pair_t *pair, int side, const void *data, size_t size);
    size_t (*receive) (pair_t *pair, int side, void *buffer, size_t room);
    void (*close) (pair_t *pair, int side);
} means_t;

/* --- troika */

static void
troika_make (pair_t *pair)
{
    static const char *const endpoints[] = {"inproc://bench", NULL,
                                            "tcp://127.0.0.1:*"};
    bench_check (troika_pipe_new (&pair->ends[0], &pair->ends[1],
                                  endpoints[pair->transport], true) == 0,
                 "troika_pipe_new");
}

static void
troika_open (pair_t *pair, int side)
{
    if (pair->transport != INPROC)
        troika_pipe_destroy (&pair->ends[1 - side]);
}

static void
troika_send (pair_t *pair, int side, const void *data, size_t size)
{
    bench_check (troika_pipe_send_bytes (pair->ends[side], TROIKA_FOREVER, data,
                                         size) == 0,
                 "troika_pipe_send_bytes");
}

static size_t
troika_receive (pair_t *pair, int side, void *buffer, size_t room)
{
    ssize_t size = troika_pipe_recv_bytes_into (pair->ends[side],
                                                TROIKA_FOREVER, buffer, room);
    bench_check (size >= 0, "troika_pipe_recv_bytes_into");
    return (size_t)size;
}

static void
troika_close (pair_t *pair, int side)
{
    troika_pipe_destroy (&pair->ends[side]);
}

/* --- raw */

static void
raw_make (pair_t *pair)
{
    if (pair->transport == INPROC)
        pair->context = zmq_ctx_new ();
}

static void
raw_open_inproc (pair_t *pair, int side)
{
    int zero = 0;
    void *socket = zmq_socket (pair->context, ZMQ_PAIR);
    zmq_setsockopt (socket, ZMQ_SNDHWM, &zero, sizeof zero);
    zmq_setsockopt (socket, ZMQ_RCVHWM, &zero, sizeof zero);
    bench_check ((side ? zmq_connect (socket, "inproc://bench")
                       : zmq_bind (socket, "inproc://bench")) == 0,
                 "inproc");
    pair->sockets[side] = socket;
}

static void
raw_open (pair_t *pair, int side)
{
    if (pair->transport == INPROC) {
        raw_open_inproc (pair, side);
        return;
    }
    pair->context = zmq_ctx_new ();
    if (side == 0) {
        pair->sockets[0] =
            bench_bind (pair->context, ZMQ_PAIR,
                        pair->transport == IPC ? BENCH_IPC : BENCH_TCP,
                        pair->run->endpoints[0]);
        bench_reached (pair->run);
    } else {
        bench_await (pair->run);
        pair->sockets[1] =
            bench_connect (pair->context, ZMQ_PAIR, pair->run->endpoints[0]);
    }
}

static void
raw_send (pair_t *pair, int side, const void *data, size_t size)
{
    bench_send (pair->sockets[side], data, size);
}

static size_t
raw_receive (pair_t *pair, int side, void *buffer, size_t room)
{
    return bench_receive (pair->sockets[side], buffer, room);
}

static void
raw_close (pair_t *pair, int side)
{
    zmq_close (pair->sockets[side]);
    if (pair->transport != INPROC || side == 0)
        zmq_ctx_term (pair->context);
}

/* --- a socketpair, of messages */

static void
bare_make (pair_t *pair)
{
    bench_check (socketpair (AF_UNIX, SOCK_SEQPACKET, 0, pair->fds) == 0,
                 "socketpair");
}

static void
bare_open (pair_t *pair, int side)
{
    if (pair->transport != INPROC)
        close (pair->fds[1 - side]);
}

static void
bare_send (pair_t *pair, int side, const void *data, size_t size)
{
    bench_check (write (pair->fds[side], data, size) == (ssize_t)size, "write");
}

static size_t
bare_receive (pair_t *pair, int side, void *buffer, size_t room)
{
    ssize_t size = read (pair->fds[side], buffer, room);
    bench_check (size > 0, "read");
    return (size_t)size;
}

static void
bare_close (pair_t *pair, int side)
{
    close (pair->fds[side]);
}

static const means_t means[] = {
    {"raw PAIR", raw_make, raw_open, raw_send, raw_receive, raw_close},
    {"pipe", troika_make, troika_open, troika_send, troika_receive,
     troika_close},
    {"socketpair", bare_make, bare_open, bare_send, bare_receive, bare_close},
};
enum { RAW, TROIKA, BARE, MEANS, PYTHON = MEANS, COLUMNS };

/* --- a measurement */

typedef struct {
    const means_t *means;
    pair_t *pair;
} task_t;

static void
be_second (const task_t *task)
{
    pair_t *pair = task->pair;
    void *buffer = buffers[1];
    task->means->open (pair, 1);
    for (int i = 0; i <= pair->count; i++) {
        if (pair->kind == TRIP)
            task->means->receive (pair, 1, buffer, sizeof buffers[1]);
        task->means->send (pair, 1, buffer, pair->size);
    }
    task->means->close (pair, 1);
}

static void *
second_thread (void *task)
{
    be_second (task);
    return NULL;
}

static void
second_process (bench_run_t *run, const void *task)
{
    (void)run;
    be_second (task);
}

/* returns: seconds. */
static double
be_first (const task_t *task)
{
    pair_t *pair = task->pair;
    double start = 0;
    void *buffer = buffers[0];
    for (int i = 0; i <= pair->count; i++) {
        if (i == 1)
            start = bench_now ();
        if (pair->kind == TRIP)
            task->means->send (pair, 0, buffer, pair->size);
        bench_check (task->means->receive (pair, 0, buffer,
                                           sizeof buffers[0]) == pair->size,
                     "size");
    }
    return bench_now () - start;
}

static void
measure_here (bench_run_t *run, const void *arg)
{
    const task_t *task = arg;
    pair_t *pair = task->pair;
    pthread_t thread;
    pid_t pid = 0;
    pair->run = bench_run_new ();
    task->means->make (pair);
    if (pair->transport != INPROC)
        pid = bench_start (second_process, pair->run, task);
    task->means->open (pair, 0);
    if (pair->transport == INPROC)
        pthread_create (&thread, NULL, second_thread, (void *)(uintptr_t)task);
    run->ended = be_first (task);
    if (pair->transport == INPROC)
        pthread_join (thread, NULL);
    else
        bench_wait (pid);
    task->means->close (pair, 0);
}

static double
unit (size_t cell, double seconds)
{
    return cells[cell].kind == TRIP ? seconds * 1e6 / cells[cell].count
                                    : cells[cell].count / seconds;
}

static double
measure (const means_t *how, transport_t transport, size_t cell)
{
    bench_run_t *run = bench_run_new ();
    pair_t pair = {.transport = transport,
                   .kind = cells[cell].kind,
                   .size = cells[cell].size,
                   .count = cells[cell].count};
    task_t task = {how, &pair};
    bench_wait (bench_start (measure_here, run, &task));
    double value = unit (cell, run->ended);
    bench_run_destroy (&run);
    return value;
}

/* returns: the same of Python; 0 where there is none. */
static double
measure_python (size_t cell)
{
    return bench_python ("pipe.py", "%s %zu %d",
                         cells[cell].kind == TRIP ? "trip" : "flow",
                         cells[cell].size, cells[cell].count / 2);
}

/* --- the report */

static bool
reaches_goal (transport_t transport, size_t cell, double ratio)
{
    if (cells[cell].kind == FLOW)
        return ratio >= goal_flow;
    return ratio <= (transport == INPROC ? goal_trip_inproc : goal_trip);
}

static void
report (transport_t transport, size_t cell, double values[][ROUNDS])
{
    double medians[COLUMNS], ratios[ROUNDS];
    for (int i = 0; i < ROUNDS; i++)
        ratios[i] = values[TROIKA][i] / values[RAW][i];
    for (int i = 0; i < COLUMNS; i++)
        medians[i] = bench_median (values[i], ROUNDS);
    double ratio = medians[TROIKA] / medians[RAW];
    printf ("%-7s %-6s %6zu B", transports[transport],
            cells[cell].kind == TRIP ? "us/rt" : "msg/s", cells[cell].size);
    for (int i = 0; i < COLUMNS; i++) {
        if (medians[i] > 0)
            printf (" %11.*f", cells[cell].kind == TRIP, medians[i]);
        else
            printf (" %11s", "-");
    }
    printf (" %7.2f %7.2f  %s\n", ratio, bench_median (ratios, ROUNDS),
            reaches_goal (transport, cell, ratio) ? "" : "not the goal");
    fflush (stdout);
}

static void
measure_cell (transport_t transport, size_t cell)
{
    double values[COLUMNS][ROUNDS] = {{0}};
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < MEANS; i++)
            if (i != BARE || transport != TCP)
                values[i][round] = measure (&means[i], transport, cell);
        if (transport == IPC)
            values[PYTHON][round] = measure_python (cell);
    }
    report (transport, cell, values);
}

/* Arguments: a transport, a size; all others are left out then. */
int
main (int argc, char **argv)
{
    printf ("medians of %d rounds; goals: one way at least %.1f of raw, a "
            "round trip at most %.1f, inproc %.1f\n%-23s",
            ROUNDS, goal_flow, goal_trip, goal_trip_inproc, "");
    for (int i = 0; i < MEANS; i++)
        printf (" %11s", means[i].name);
    printf (" %11s %7s %7s\n", "python", "ratio", "(pairs)");
    for (transport_t t = 0; t < TRANSPORTS; t++)
        for (size_t cell = 0; cell < CELLS; cell++)
            if ((argc < 2 || !strcmp (argv[1], transports[t])) &&
                (argc < 3 || strtoul (argv[2], NULL, 10) == cells[cell].size))
                measure_cell (t, cell);
    return 0;
}
