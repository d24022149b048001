/* SPDX-License-Identifier: MPL-2.0 */
/*
 * bench_wake.c - how long an item is on its way to a thread that waits.
 *
 * The twins of bench_thread. At once: half the round trip of one item through
 * two queues. After a rest: from the beginning of a put, before which its
 * thread has slept a millisecond, to the end of the get, which found nothing
 * for so long that its thread sleeps.
 *
 * What a wake-up costs depends most on where the two threads are: on one core
 * there is only a switch, from core to core an interrupt, and the other core
 * may sleep, too. Where the scheduler puts them is chance, and stays for the
 * whole of a run; so both are measured by themselves, too.
 */
#include "bench/ways.h"

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <time.h>

enum { TRIPS = 5000, RESTS = 200, ITEM_SIZE = 16 };
typedef enum { AS_SCHEDULED, ONE_CORE, TWO_CORES } where_t;
static const char *const where_names[] = {"as scheduled", "on one core",
                                          "on two cores"};
static const way_t *const ways[] = {&way_raw, &way_mutex, &way_troika};
enum { RAW, MUTEX, TROIKA, WAYS };

typedef struct {
    const way_t *way;
    where_t where;
    bool rests; /* a millisecond before each put */
} trip_t;

typedef struct {
    const trip_t *trip;
    void *there, *back; /* channels */
    double arrived;     /* when the item that is answered now did */
} echo_t;

/* The thread that calls stays on a core of those that it may use. */
static void
stay (int number)
{
    cpu_set_t all, one;
    bench_check (!sched_getaffinity (0, sizeof all, &all), "sched_getaffinity");
    for (size_t cpu = 0; cpu < CPU_SETSIZE; cpu++)
        if (CPU_ISSET (cpu, &all) && number-- == 0) {
            CPU_ZERO (&one);
            CPU_SET (cpu, &one);
            bench_check (!sched_setaffinity (0, sizeof one, &one),
                         "sched_setaffinity");
            return;
        }
    bench_check (false, "so many cores");
}

static int
cores (void)
{
    cpu_set_t all;
    bench_check (!sched_getaffinity (0, sizeof all, &all), "sched_getaffinity");
    return CPU_COUNT (&all);
}

static size_t
count_of (const trip_t *trip)
{
    return trip->rests ? RESTS : TRIPS;
}

static void *
echo (void *arg)
{
    echo_t *self = arg;
    const way_t *way = self->trip->way;
    char item[ITEM_SIZE];
    if (self->trip->where == TWO_CORES)
        stay (1);
    void *in = way->join (self->there, false);
    void *out = way->join (self->back, true);
    for (size_t i = 0; i < count_of (self->trip); i++) {
        way->get (in, item, sizeof item);
        self->arrived = bench_now ();
        way->put (out, item, sizeof item);
    }
    way->leave (in);
    way->leave (out);
    return NULL;
}

/* returns: seconds one way. */
static double
exchange (echo_t *echo, void *in, void *out)
{
    const way_t *way = echo->trip->way;
    struct timespec rest = {.tv_nsec = 1000000};
    char item[ITEM_SIZE] = {0};
    double times[RESTS], start = bench_now ();
    for (size_t i = 0; i < count_of (echo->trip); i++) {
        if (echo->trip->rests) {
            nanosleep (&rest, NULL);
            start = bench_now ();
        }
        way->put (out, item, sizeof item);
        way->get (in, item, sizeof item);
        if (echo->trip->rests)
            times[i] = echo->arrived - start;
    }
    return echo->trip->rests ? bench_median (times, RESTS)
                             : (bench_now () - start) / TRIPS / 2;
}

/* The other thread is put on its core by itself: it begins where this one is,
 * which has not chosen yet. */
static void
run_trip (bench_run_t *run, const void *arg)
{
    const trip_t *trip = arg;
    const way_t *way = trip->way;
    echo_t other = {trip, way->open (0), way->open (0), 0};
    pthread_t thread;
    if (trip->where == ONE_CORE)
        stay (0);
    bench_check (!pthread_create (&thread, NULL, echo, &other),
                 "pthread_create");
    if (trip->where == TWO_CORES)
        stay (0);
    void *in = way->join (other.back, false);
    void *out = way->join (other.there, true);
    run->ended = exchange (&other, in, out);
    pthread_join (thread, NULL);
    way->leave (in);
    way->leave (out);
    way->close (other.there);
    way->close (other.back);
}

/* returns: microseconds. */
static double
measure (const trip_t *trip)
{
    bench_run_t *run = bench_run_new ();
    bench_wait (bench_start (run_trip, run, trip));
    double seconds = run->ended;
    bench_run_destroy (&run);
    return seconds * 1e6;
}

static void
compare (bool rests, where_t where)
{
    double values[WAYS][BENCH_ROUNDS], us[WAYS];
    for (size_t round = 0; round < BENCH_ROUNDS; round++)
        for (size_t i = 0; i < WAYS; i++)
            values[i][round] = measure (&(trip_t){ways[i], where, rests});
    for (size_t i = 0; i < WAYS; i++)
        us[i] = bench_median (values[i], BENCH_ROUNDS);
    printf ("%-10s %-12s %9.2f %9.2f %9.2f %12.2f\n",
            rests ? "after 1 ms" : "at once", where_names[where], us[RAW],
            us[MUTEX], us[TROIKA], us[TROIKA] / us[RAW]);
    fflush (stdout);
}

int
main (void)
{
    where_t last = cores () > 1 ? TWO_CORES : ONE_CORE;
    printf ("microseconds one way between two threads, %d bytes, medians of %d"
            "; goal: at most 0.50 times raw\n%23s %9s %9s %9s %12s\n",
            ITEM_SIZE, BENCH_ROUNDS, "", "raw", "mutex", "troika",
            "troika/raw");
    for (int rests = 0; rests < 2; rests++)
        for (where_t where = AS_SCHEDULED; where <= last; where++)
            compare (rests, where);
    return 0;
}
