/* SPDX-License-Identifier: MPL-2.0 */
/*
 * 32_threads.c - a pipe between two threads.
 *
 * Over inproc a document is handed over, not copied through the system. At
 * most four lie unread here: a thread that sends faster waits for the other.
 */
#include <troika.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { READINGS = 1000 };

static void
check (int ok, const char *what)
{
    if (ok)
        return;
    fprintf (stderr, "%s: %s\n", what, troika_error ());
    exit (1);
}

/* A sensor that reads faster than anybody listens. */
static void *
measure (void *arg)
{
    troika_pipe_t *end = arg;
    for (int i = 0; i < READINGS; i++)
        check (troika_pipe_send (end, TROIKA_FOREVER, "[i, f]", i, i * 0.5) ==
                   0,
               "send");
    troika_pipe_close (end);
    return NULL;
}

int
main (void)
{
    troika_pipe_t *display, *sensor;
    check (troika_pipe_new (&display, &sensor, "inproc://sensor", false) == 0,
           "new");
    check (troika_pipe_set_window (display, 1 << 20, 4) == 0, "window");
    pthread_t thread;
    check (pthread_create (&thread, NULL, measure, sensor) == 0, "thread");

    troika_msg_t *msg;
    int next = 0;
    double sum = 0;
    while ((msg = troika_pipe_recv (display, TROIKA_FOREVER))) {
        int number = 0;
        double reading = 0;
        check (troika_msg_unpack (msg, "[i, f]", &number, &reading) == 0 &&
                   number == next++,
               "unpack");
        sum += reading;
        troika_msg_destroy (&msg);
    }
    check (errno == EPIPE, "recv");
    printf ("%d readings in order, %.2f on average\n", next, sum / next);
    pthread_join (thread, NULL);
    troika_pipe_destroy (&display);
    troika_pipe_destroy (&sensor);
}
