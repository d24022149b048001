/* SPDX-License-Identifier: MPL-2.0 */
/*
 * 15_start_gun.c - six runners, each a process, wait for one event.
 *
 * A barrier tells the parent that all are at the line; the event lets all of
 * them go at once. Who arrives first is chance; that nobody started before
 * the gun is not.
 */
#include <troika.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { RUNNERS = 6 };

static void
check (int ok, const char *what)
{
    if (ok)
        return;
    fprintf (stderr, "%s: %s\n", what, troika_error ());
    exit (1);
}

static void
run (troika_manager_t *manager, int who)
{
    troika_barrier_t *line =
        troika_manager_barrier (manager, "line", RUNNERS + 1);
    troika_event_t *gun = troika_manager_event (manager, "gun");
    troika_list_t *arrived = troika_manager_list (manager, "arrived");
    check (line && gun && arrived, "barrier, event, list");

    check (troika_barrier_wait (line, TROIKA_FOREVER) >= 0, "barrier");
    check (troika_event_wait (gun, TROIKA_FOREVER) == 0, "event");
    check (troika_list_append (arrived, "i", who) == 0, "append");

    troika_list_destroy (&arrived);
    troika_event_destroy (&gun);
    troika_barrier_destroy (&line);
}

int
main (void)
{
    troika_manager_t *manager = troika_manager_new (NULL);
    check (manager != NULL, "new");
    for (int i = 1; i <= RUNNERS; i++) {
        pid_t pid = fork ();
        check (pid >= 0, "fork");
        if (pid == 0) {
            run (manager, i);
            exit (0);
        }
    }

    troika_barrier_t *line =
        troika_manager_barrier (manager, "line", RUNNERS + 1);
    troika_event_t *gun = troika_manager_event (manager, "gun");
    troika_list_t *arrived = troika_manager_list (manager, "arrived");
    check (line && gun && arrived, "barrier, event, list");

    check (troika_barrier_wait (line, TROIKA_FOREVER) >= 0, "barrier");
    printf ("before the gun: %zd have arrived\n", troika_list_len (arrived));
    check (troika_event_set (gun) == 0, "event");
    for (int status; wait (&status) > 0;)
        check (status == 0, "a runner");

    printf ("after it:       %zd have arrived\n", troika_list_len (arrived));
    check (troika_list_sort (arrived) == 0, "sort");
    troika_msg_t *all = troika_list_slice (arrived, 0, RUNNERS);
    char *json = all ? troika_msg_json (all) : NULL;
    check (json != NULL, "slice");
    printf ("by number:      %s\n", json);

    free (json);
    troika_msg_destroy (&all);
    troika_list_destroy (&arrived);
    troika_event_destroy (&gun);
    troika_barrier_destroy (&line);
    troika_manager_destroy (&manager);
    return 0;
}
