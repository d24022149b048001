/* SPDX-License-Identifier: MPL-2.0 */
/*
 * 04_guest.c - takes from the queue of 04_kitchen, wherever that runs.
 *
 *     ./04_guest tcp://127.0.0.1:5555
 *
 * May start before the kitchen: connect waits a while for it to appear. The
 * first bill, nil, is the last thing a guest takes.
 */
#include <troika.h>
#include <stdio.h>
#include <stdlib.h>

static void
check (int ok, const char *what)
{
    if (ok)
        return;
    fprintf (stderr, "%s: %s\n", what, troika_error ());
    exit (1);
}

int
main (int argc, char **argv)
{
    const char *endpoint = argc > 1 ? argv[1] : "tcp://127.0.0.1:5555";
    troika_queue_t *counter = troika_queue_connect (endpoint);
    check (counter != NULL, "connect");

    for (bool served = false; !served;) {
        troika_msg_t *msg = troika_queue_get (counter, TROIKA_FOREVER);
        check (msg != NULL, "get");
        served = troika_msg_is_nil (msg);
        int dish;
        if (!served) {
            check (troika_msg_unpack (msg, "i", &dish) == 0, "unpack");
            printf ("ate dish %d\n", dish);
        }
        troika_msg_destroy (&msg);
        check (troika_queue_task_done (counter) == 0, "task_done");
    }
    troika_queue_destroy (&counter);
    return 0;
}
