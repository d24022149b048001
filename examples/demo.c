/* SPDX-License-Identifier: MPL-2.0 */
/*
 * demo.c - the SHA-256 of every file of a tree, by several processes.
 *
 *     demo [-o FILE] [DIRECTORY]
 *
 * A producer walks the tree and puts names into one queue; as many workers
 * as there are cores take them and put digests into a second one, which
 * this process reads. Once over ipc, once over tcp: nothing but the endpoint
 * changes. Each time the result is compared with what sha256sum says, and
 * the exit status is 1 when they differ. -o saves the list.
 *
 * The other processes are this program again, told only the endpoints:
 *     demo --walk JOBS DIRECTORY
 *     demo --hash JOBS SUMS
 */
#include "examples/demo.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const struct {
    const char *name, *endpoint;
} transports[] = {
    {"ipc", NULL}, /* a private ipc endpoint */
    {"tcp", "tcp://127.0.0.1:*"},
};
enum { TRANSPORTS = sizeof transports / sizeof *transports };

static const char *program;
static const char *directory = "/usr/share/doc";
static long workers;

void
demo_fail (const char *what)
{
    const char *words = *troika_error () ? troika_error () : strerror (errno);
    fprintf (stderr, "demo: %s: %s\n", what, words);
    exit (1);
}

static double
now (void)
{
    struct timespec time;
    clock_gettime (CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* Draws one line over and over, on a terminal only; count 0 wipes it. */
static void
show_progress (const char *transport, size_t count, size_t total)
{
    static double last;
    if (!isatty (STDERR_FILENO) || (count && now () - last < 0.1))
        return;
    last = now ();
    if (count)
        fprintf (stderr, "\r%s: %zu of %zu files ", transport, count, total);
    else
        fprintf (stderr, "\r\033[K");
}

static void
start (const char *role, const char *first, const char *second)
{
    pid_t pid = fork ();
    if (pid < 0)
        demo_fail ("fork");
    if (pid > 0)
        return;
    execlp (program, program, role, first, second, NULL);
    _exit (127);
}

static void
start_processes (const char *jobs, const char *sums)
{
    for (long i = 0; i < workers; i++)
        start ("--hash", jobs, sums);
    start ("--walk", jobs, directory);
}

/* Reaps those that have ended, or with flags 0 waits for all of them. */
static void
check_processes (int flags)
{
    int status;
    while (waitpid (-1, &status, flags) > 0)
        if (status) {
            fprintf (stderr, "demo: a process failed\n");
            exit (1);
        }
}

/* returns: whether the message told that a worker has done its last. */
static bool
take_result (const troika_msg_t *msg, demo_list_t *list, size_t *unreadable)
{
    const void *name, *digest;
    size_t name_size, digest_size;
    if (troika_msg_is_nil (msg))
        return true;
    if (!troika_msg_unpack (msg, "[B B]", &name, &name_size, &digest,
                            &digest_size))
        demo_list_add (list, name, name_size, digest);
    else if (!troika_msg_unpack (msg, "[B n]", NULL, NULL))
        ++*unreadable;
    else
        demo_fail ("a result");
    return false;
}

static void
collect (troika_queue_t *sums, const char *transport, size_t total,
         demo_list_t *list)
{
    size_t unreadable = 0;
    for (long at_work = workers; at_work > 0;) {
        troika_msg_t *msg = troika_queue_get (sums, 200);
        if (msg && take_result (msg, list, &unreadable))
            at_work--;
        else if (msg)
            show_progress (transport, list->count + unreadable, total);
        else if (errno == ETIMEDOUT)
            check_processes (WNOHANG);
        else
            demo_fail ("get a digest");
        troika_msg_destroy (&msg);
    }
    show_progress (transport, 0, 0);
    if (unreadable)
        printf ("%s: %zu files could not be read\n", transport, unreadable);
}

/* returns: the seconds it took. */
static double
run (size_t which, size_t total, demo_list_t *list)
{
    double start = now ();
    troika_queue_t *jobs = troika_queue_new (transports[which].endpoint, 0);
    troika_queue_t *sums = troika_queue_new (transports[which].endpoint, 0);
    if (!jobs || !sums)
        demo_fail ("queue");
    start_processes (troika_queue_endpoint (jobs),
                     troika_queue_endpoint (sums));
    collect (sums, transports[which].name, total, list);
    demo_list_sort (list);
    double seconds = now () - start;
    check_processes (0);
    troika_queue_destroy (&jobs);
    troika_queue_destroy (&sums);
    return seconds;
}

static bool
check_result (const char *transport, const demo_list_t *list,
              const demo_list_t *expected)
{
    bool same = demo_list_same (list, expected);
    printf ("%s: %zu files, %s find %s -type f -print0 | "
            "xargs -0 sha256sum | sort, byte for byte\n",
            transport, list->count, same ? "the same as" : "NOT the same as",
            directory);
    return same;
}

static void
print_table (size_t items, const double seconds[TRANSPORTS],
             double sha256sum_seconds)
{
    printf ("\n%-10s %8s %9s %20s\n", "transport", "items", "seconds",
            "items/s per worker");
    for (size_t i = 0; i < TRANSPORTS; i++)
        printf ("%-10s %8zu %9.3f %20.0f\n", transports[i].name, items,
                seconds[i], (double)items / seconds[i] / (double)workers);
    printf ("sha256sum alone took %.3f seconds; there were %ld workers.\n",
            sha256sum_seconds, workers);
}

static bool
compare (const char *output)
{
    demo_list_t expected = {0};
    double begin = now (), seconds[TRANSPORTS];
    demo_list_expected (&expected, directory);
    double sha256sum_seconds = now () - begin;

    bool same = true;
    for (size_t i = 0; i < TRANSPORTS; i++) {
        demo_list_t list = {0};
        seconds[i] = run (i, expected.count, &list);
        same &= check_result (transports[i].name, &list, &expected);
        if (output)
            demo_list_save (&list, output);
        demo_list_clear (&list);
    }
    print_table (expected.count, seconds, sha256sum_seconds);
    demo_list_clear (&expected);
    return same;
}

/* One of the other processes, if the arguments say so. */
static bool
play_role (int argc, char **argv)
{
    if (argc == 4 && !strcmp (argv[1], "--walk"))
        demo_walk (argv[2], argv[3]);
    else if (argc == 4 && !strcmp (argv[1], "--hash"))
        demo_hash (argv[2], argv[3]);
    else
        return false;
    return true;
}

int
main (int argc, char **argv)
{
    if (play_role (argc, argv))
        return 0;
    const char *output = NULL;
    for (int option; (option = getopt (argc, argv, "o:")) != -1;) {
        if (option != 'o') {
            fprintf (stderr, "usage: demo [-o FILE] [DIRECTORY]\n");
            return 2;
        }
        output = optarg;
    }
    if (optind < argc)
        directory = argv[optind];
    program = argv[0];
    workers = sysconf (_SC_NPROCESSORS_ONLN);
    workers = workers < 2 ? 2 : workers;
    return compare (output) ? 0 : 1;
}
