/* SPDX-License-Identifier: MPL-2.0 */
/*
 * 01_threads.c - one thread puts, another gets, until a sentinel comes.
 *
 * A queue holds documents: here maps with a name and a number, and nil as
 * the last one, which says that nothing follows. Both threads use the same
 * handle; the queue needs no lock of theirs.
 */
#include <troika.h>
#include <pthread.h>
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

static void *
shop (void *arg)
{
    troika_queue_t *queue = arg;
    static const struct {
        const char *name;
        int price;
    } goods[] = {{"bread", 3}, {"cheese", 7}, {"olives", 5}};

    for (size_t i = 0; i < sizeof goods / sizeof *goods; i++)
        check (troika_queue_put (queue, TROIKA_FOREVER, "{s:s, s:i}", "name",
                                 goods[i].name, "price", goods[i].price) == 0,
               "put");
    check (troika_queue_put (queue, TROIKA_FOREVER, "n") == 0, "put");
    return NULL;
}

int
main (void)
{
    troika_queue_t *queue = troika_queue_new ("inproc://shop", 2);
    check (queue != NULL, "new");

    pthread_t thread;
    check (pthread_create (&thread, NULL, shop, queue) == 0, "thread");

    int sum = 0;
    for (;;) {
        troika_msg_t *msg = troika_queue_get (queue, TROIKA_FOREVER);
        check (msg != NULL, "get");
        if (troika_msg_is_nil (msg)) {
            troika_msg_destroy (&msg);
            break;
        }
        const char *name;
        int price;
        check (troika_msg_unpack (msg, "{s:s, s:i}", "name", &name, "price",
                                  &price) == 0,
               "unpack");
        printf ("%-8s %d\n", name, price);
        sum += price;
        troika_msg_destroy (&msg); /* name pointed into it */
    }
    printf ("%-8s %d\n", "in all", sum);

    pthread_join (thread, NULL);
    troika_queue_destroy (&queue);
    return 0;
}
