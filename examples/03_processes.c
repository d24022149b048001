/* SPDX-License-Identifier: MPL-2.0 */
/*
 * 03_processes.c - cooks and eaters are processes; the table is a queue.
 *
 * Both queues are made before the fork and used after it: in the children
 * the same handles reach the parent's queues over ipc. Three dishes fit on
 * the table, so cooks wait for eaters. Which eater gets what is chance; that
 * every dish is eaten once, and each cook's dishes in order, is not.
 */
#include <troika.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { COOKS = 2, EATERS = 3, DISHES = 20 };

static troika_queue_t *table, *plates;

static void
check (int ok, const char *what)
{
    if (ok)
        return;
    fprintf (stderr, "%s: %s\n", what, troika_error ());
    exit (1);
}

static void
cook (int who)
{
    for (int dish = 1; dish <= DISHES; dish++)
        check (troika_queue_put (table, TROIKA_FOREVER, "{s:i, s:i}", "cook",
                                 who, "dish", dish) == 0,
               "put");
}

static void
eat (int who)
{
    int eaten = 0, last[COOKS] = {0};
    troika_msg_t *msg;
    while ((msg = troika_queue_get (table, TROIKA_FOREVER))) {
        int cooked_by, dish;
        check (troika_msg_unpack (msg, "{s:i, s:i}", "cook", &cooked_by, "dish",
                                  &dish) == 0,
               "unpack");
        troika_msg_destroy (&msg);
        check (dish > last[cooked_by], "order");
        last[cooked_by] = dish;
        eaten++;
    }
    check (errno == EPIPE, "get");
    check (troika_queue_put (plates, TROIKA_FOREVER, "[i, i]", who, eaten) == 0,
           "put");
}

static pid_t
start (void (*task) (int who), int who)
{
    pid_t pid = fork ();
    check (pid >= 0, "fork");
    if (pid == 0) {
        task (who);
        exit (0); /* sends what was put and is still on its way */
    }
    return pid;
}

int
main (void)
{
    table = troika_queue_new (NULL, 3);
    plates = troika_queue_new (NULL, 0);
    check (table && plates, "new");

    pid_t cooks[COOKS];
    for (int i = 0; i < EATERS; i++)
        start (eat, i);
    for (int i = 0; i < COOKS; i++)
        cooks[i] = start (cook, i);
    for (int i = 0, status; i < COOKS; i++)
        check (waitpid (cooks[i], &status, 0) > 0 && status == 0, "cook");
    check (troika_queue_shutdown (table, false) == 0, "shutdown");

    int eaten = 0;
    for (int i = 0, who, count; i < EATERS; i++) {
        troika_msg_t *msg = troika_queue_get (plates, TROIKA_FOREVER);
        check (msg && troika_msg_unpack (msg, "[i, i]", &who, &count) == 0,
               "get");
        eaten += count;
        troika_msg_destroy (&msg);
    }
    printf ("%d dishes cooked, %d eaten\n", COOKS * DISHES, eaten);
    for (int status; wait (&status) > 0;)
        check (status == 0, "eater");
    troika_queue_destroy (&table);
    troika_queue_destroy (&plates);
}
