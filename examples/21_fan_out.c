/* SPDX-License-Identifier: MPL-2.0 */
/*
 * 21_fan_out.c - the same work spread over threads, then over processes.
 *
 * All that differs is who runs: both take numbers from one queue until it is
 * shut down and empty, and put what they found into another. One endpoint,
 * private ipc, is good for both; threads of this process go the short way.
 */
#include <troika.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { WORKERS = 4, NUMBERS = 200 };

static troika_queue_t *numbers, *primes;

static void
check (int ok, const char *what)
{
    if (ok)
        return;
    fprintf (stderr, "%s: %s\n", what, troika_error ());
    exit (1);
}

static int
work (void *unused)
{
    troika_msg_t *msg;
    (void)unused;
    while ((msg = troika_queue_get (numbers, TROIKA_FOREVER))) {
        int number = 0, divisor = 2;
        check (troika_msg_unpack (msg, "i", &number) == 0, "unpack");
        while (divisor < number && number % divisor)
            divisor++;
        if (divisor == number)
            check (troika_queue_put_msg (primes, TROIKA_FOREVER, msg) == 0,
                   "put");
        troika_msg_destroy (&msg);
    }
    check (errno == EPIPE, "get");
    return 0;
}

static void *
work_in_thread (void *unused)
{
    work (unused);
    return NULL;
}

static void
begin (void)
{
    numbers = troika_queue_new (NULL, 0);
    primes = troika_queue_new (NULL, 0);
    check (numbers && primes, "new");
    for (int i = 1; i <= NUMBERS; i++)
        check (troika_queue_put (numbers, TROIKA_FOREVER, "i", i) == 0, "put");
    check (troika_queue_shutdown (numbers, false) == 0, "shutdown");
}

static void
end (const char *who)
{
    printf ("%d %s found %zd primes up to %d\n", WORKERS, who,
            troika_queue_qsize (primes), NUMBERS);
    troika_queue_destroy (&numbers);
    troika_queue_destroy (&primes);
}

int
main (void)
{
    pthread_t threads[WORKERS];
    troika_process_t *processes[WORKERS];
    begin ();
    for (int i = 0; i < WORKERS; i++)
        check (!pthread_create (&threads[i], NULL, work_in_thread, NULL),
               "thread");
    for (int i = 0; i < WORKERS; i++)
        pthread_join (threads[i], NULL);
    end ("threads");

    begin ();
    for (int i = 0; i < WORKERS; i++)
        check ((processes[i] = troika_process_start (work, NULL)) != NULL,
               "start");
    for (int i = 0; i < WORKERS; i++) {
        check (troika_process_join (processes[i], TROIKA_FOREVER) == 0, "join");
        troika_process_destroy (&processes[i]);
    }
    end ("processes");
}
