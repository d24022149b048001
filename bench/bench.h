/* SPDX-License-Identifier: MPL-2.0 */
/*
 * bench.h - what the measuring programs share: a clock, medians, processes
 * that start together, and raw sockets to compare with.
 *
 * A program fails with a message and exit status 1 as soon as anything does;
 * its children are killed then.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Two transports are measured everywhere. */
typedef enum { BENCH_IPC, BENCH_TCP, BENCH_TRANSPORTS } bench_transport_t;
extern const char *const bench_transport_names[BENCH_TRANSPORTS];

enum { BENCH_ENDPOINT_SIZE = 256, BENCH_ROUNDS = 5 };

/* --- bench.c */

double bench_now (void); /* seconds, the same clock in every process */
double bench_median (double *values, size_t count); /* sorts them */
/* Exits when ok is false, after what is to be done then (may be NULL). */
extern void (*bench_on_failure) (void);
void bench_check (bool ok, const char *what);
/* Resident bytes of a process. */
double bench_resident (pid_t pid);

/* What the processes of one run share; in memory that fork does not copy. */
typedef struct {
    double started, ended;
    char endpoints[4][BENCH_ENDPOINT_SIZE];
    int gate[2]; /* a pipe: closed by the parent to let servers end */
    int steps;   /* an eventfd, a semaphore: counts bench_reached */
} bench_run_t;

bench_run_t *bench_run_new (void);
void bench_run_destroy (bench_run_t **self_p);
/* Runs task (run, arg) in a child. */
pid_t bench_start (void (*task) (bench_run_t *, const void *), bench_run_t *run,
                   const void *arg);
void bench_wait (pid_t pid);
/* A child says that it is ready; the parent waits for one to say so. */
void bench_reached (bench_run_t *run);
void bench_await (bench_run_t *run);
/* A server waits until the parent releases all of them. */
void bench_hold (bench_run_t *run);
void bench_release (bench_run_t *run);

/* --- bench_raw.c: libzmq without limits, in a context of its own */

/* endpoint gets what others connect to; NULL context: exits. */
void *bench_bind (void *context, int type, bench_transport_t transport,
                  char endpoint[BENCH_ENDPOINT_SIZE]);
void *bench_connect (void *context, int type, const char *endpoint);
void bench_send (void *socket, const void *data, size_t size);
/* returns: the size; the buffer is as large as anything sent. */
size_t bench_receive (void *socket, void *buffer, size_t room);

/* --- bench_python.c: what a script in bench/peers prints; 0 without Python */

double bench_python (const char *script, const char *format, ...)
    __attribute__ ((format (printf, 2, 3)));

/* --- what Troika needs here */

/* The endpoint to serve a queue at; with ipc a private one. */
const char *bench_troika_endpoint (bench_transport_t transport);
/* Tasks: serve a queue, or a manager, until released; arg is the transport. */
void bench_serve_queue (bench_run_t *run, const void *transport);
void bench_serve_manager (bench_run_t *run, const void *transport);

#endif
