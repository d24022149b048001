/* SPDX-License-Identifier: MPL-2.0 */
/*
 * 12_counter_add.c - the counter of 11_counter_lock.c without a lock.
 *
 * add is one step inside the manager, so there is nothing to lock: one round
 * trip in place of four, and nobody waits for anybody.
 */
#include <troika.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PROCESSES = 20, TIMES = 50 };

static void
check (int ok, const char *what)
{
    if (ok)
        return;
    fprintf (stderr, "%s: %s\n", what, troika_error ());
    exit (1);
}

static void
count (troika_value_t *counter, int delta)
{
    for (int i = 0; i < TIMES; i++)
        check (troika_value_add (counter, delta, NULL) == 0, "add");
}

int
main (void)
{
    troika_manager_t *manager = troika_manager_new (NULL);
    check (manager != NULL, "new");
    troika_value_t *counter = troika_manager_value (manager, "counter", "i", 0);
    check (counter != NULL, "value");

    for (int i = 0; i < PROCESSES; i++) {
        pid_t pid = fork ();
        check (pid >= 0, "fork");
        if (pid == 0) {
            count (counter, i % 2 ? 1 : -1);
            exit (0);
        }
    }
    for (int status; wait (&status) > 0;)
        check (status == 0, "a process");

    int64_t sum;
    check (troika_value_add (counter, 0, &sum) == 0, "add");
    printf ("%d processes, %d steps each: the counter is at %d\n", PROCESSES,
            TIMES, (int)sum);
    troika_value_destroy (&counter);
    troika_manager_destroy (&manager);
    return 0;
}
