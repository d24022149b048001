/* SPDX-License-Identifier: MPL-2.0 */
/*
 * bench.c - troika bench: how fast this manager serves this process.
 *
 * It works on a queue of its own, which it removes whatever happens.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include "tools/troika/command.h"
#include "tools/troika/output.h"
#include "tools/troika/place.h"
#include "tools/troika/signals.h"

typedef struct {
    const cli_options_t *options;
    int64_t count;
    troika_queue_t *queue;
    troika_msg_t *item;
} bench_t;

/* Each does its part self->count times; 0, or -1 with errno. */
static int
run_puts (bench_t *self)
{
    for (int64_t i = 0; i < self->count; i++)
        if (troika_queue_put_msg (self->queue, TROIKA_FOREVER, self->item))
            return -1;
    return troika_queue_flush (self->queue, TROIKA_FOREVER);
}

static int
run_gets (bench_t *self)
{
    for (int64_t i = 0; i < self->count; i++) {
        troika_msg_t *item = troika_queue_get (self->queue, TROIKA_FOREVER);
        if (!item)
            return -1;
        troika_msg_destroy (&item);
    }
    return 0;
}

static int
run_calls (bench_t *self)
{
    for (int64_t i = 0; i < self->count; i++)
        if (troika_queue_qsize (self->queue) < 0)
            return -1;
    return 0;
}

static double
now (void)
{
    struct timespec time;
    clock_gettime (CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static int
measure (bench_t *self, const char *endpoint, const char *what,
         int (*part) (bench_t *self))
{
    double begin = now ();
    if (part (self))
        return cli_fail (endpoint);
    double seconds = now () - begin;
    troika_msg_t *line = troika_msg_pack (
        "{s:s,s:I,s:f,s:f}", "what", what, "count", self->count, "seconds",
        seconds, "per_second", (double)self->count / seconds);
    return cli_answer (self->options, endpoint, line);
}

static int
measure_all (bench_t *self, const char *endpoint)
{
    int status = measure (self, endpoint, "put", run_puts);
    if (!status)
        status = measure (self, endpoint, "get", run_gets);
    return status ? status : measure (self, endpoint, "call", run_calls);
}

static int
make_item (bench_t *self)
{
    char *bytes = calloc (1, (size_t)self->options->size);
    if (bytes)
        self->item = troika_msg_pack ("B", bytes, (size_t)self->options->size);
    free (bytes);
    return self->item ? 0 : -1;
}

static int
run_on (const cli_options_t *options, const cli_place_t *place)
{
    char name[40];
    bench_t self = {options, options->count ? options->count : 10000, NULL,
                    NULL};
    snprintf (name, sizeof name, "bench.%ld", (long)getpid ());
    if (make_item (&self))
        return cli_complain (CLI_FAILED, place->text, "out of memory");
    self.queue = troika_manager_queue (place->handle, name, NULL);
    int status =
        self.queue ? measure_all (&self, place->text) : cli_fail (place->text);
    troika_queue_destroy (&self.queue);
    troika_manager_remove (place->handle, name);
    troika_msg_destroy (&self.item);
    return status;
}

static int
run (const cli_options_t *options, char **operands)
{
    cli_place_t place;
    cli_signals_catch ();
    int status = cli_place_open (&place, operands[0]);
    if (!status)
        status = run_on (options, &place);
    cli_place_close (&place);
    return status;
}

const cli_command_t cli_bench = {
    "bench",
    "ENDPOINT",
    "measure puts, gets and calls against a manager",
    "ns",
    1,
    1,
    false,
    run,
    "--count of each (10000), one after the other, on a queue of its own that "
    "it removes.\n",
    "  troika bench tcp://db1:5555 --count 100000 --size 1000\n",
};
