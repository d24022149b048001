/* SPDX-License-Identifier: MPL-2.0 */
/*
 * 02_join.c - N worker threads share the work; join waits until it is done.
 *
 * Each worker says task_done after each item. join returns when as many
 * were done as were put, not when the queue is empty: an item that a worker
 * has taken is not done yet. shutdown then ends the workers: a get from a
 * queue that is shut down and empty fails with EPIPE.
 */
#include <troika.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { WORKERS = 4, TASKS = 100 };

static int squares[TASKS];

static void
check (int ok, const char *what)
{
    if (ok)
        return;
    fprintf (stderr, "%s: %s\n", what, troika_error ());
    exit (1);
}

static void *
work (void *arg)
{
    troika_queue_t *queue = arg;
    troika_msg_t *msg;
    while ((msg = troika_queue_get (queue, TROIKA_FOREVER))) {
        int number;
        check (troika_msg_unpack (msg, "i", &number) == 0, "unpack");
        troika_msg_destroy (&msg);
        squares[number] = number * number;
        check (troika_queue_task_done (queue) == 0, "task_done");
    }
    check (errno == EPIPE, "get");
    return NULL;
}

int
main (void)
{
    troika_queue_t *queue = troika_queue_new ("inproc://tasks", 0);
    check (queue != NULL, "new");

    pthread_t workers[WORKERS];
    for (int i = 0; i < WORKERS; i++)
        check (pthread_create (&workers[i], NULL, work, queue) == 0, "thread");

    for (int i = 0; i < TASKS; i++)
        check (troika_queue_put (queue, TROIKA_FOREVER, "i", i) == 0, "put");
    check (troika_queue_join (queue, TROIKA_FOREVER) == 0, "join");

    int sum = 0;
    for (int i = 0; i < TASKS; i++)
        sum += squares[i];
    printf ("%d tasks done, the squares add up to %d\n", TASKS, sum);

    check (troika_queue_shutdown (queue, false) == 0, "shutdown");
    for (int i = 0; i < WORKERS; i++)
        pthread_join (workers[i], NULL);
    printf ("%d workers ended\n", WORKERS);
    troika_queue_destroy (&queue);
    return 0;
}
