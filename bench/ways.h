/* SPDX-License-Identifier: MPL-2.0 */
/*
 * ways.h - ways to pass items on between threads of one process: the twins
 * that bench_thread and bench_wake compare. An end belongs to one thread.
 */
#ifndef BENCH_WAYS_H
#define BENCH_WAYS_H

#include "bench/bench.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct {
    const char *name;
    void *(*open) (size_t maxsize);
    void (*close) (void *channel);
    void *(*join) (void *channel, bool puts);
    void (*leave) (void *end);
    void (*put) (void *end, const void *item, size_t size);
    void (*get) (void *end, void *item, size_t size);
} way_t;

/* PUSH to PULL over inproc. */
extern const way_t way_raw;

/* What a programmer writes by hand: a list, a mutex, a condition variable. */
extern const way_t way_mutex;

/* A queue at an inproc endpoint. */
extern const way_t way_troika;

#endif
