/* SPDX-License-Identifier: MPL-2.0 */
/*
 * 13_downloads.c - eight processes download; three of them at a time.
 *
 * A semaphore has as many permits as there may be downloads at once. Were a
 * process killed during one, its permit would come back by itself.
 */
#include <troika.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PROCESSES = 8, FILES = 4, AT_ONCE = 3 };

static troika_semaphore_t *permits;
static troika_dict_t *figures;

static void
check (int ok, const char *what)
{
    if (ok)
        return;
    fprintf (stderr, "%s: %s\n", what, troika_error ());
    exit (1);
}

static int64_t
add (const char *key, int64_t delta)
{
    int64_t sum;
    check (troika_dict_add (figures, key, delta, &sum) == 0, "add");
    return sum;
}

static void
download (void)
{
    check (troika_semaphore_acquire (permits, TROIKA_FOREVER) == 0, "acquire");
    if (add ("under way", 1) > AT_ONCE)
        add ("too many", 1);
    usleep (2000); /* here the bytes would come in */
    add ("under way", -1);
    check (troika_semaphore_release (permits) == 0, "release");
    add ("done", 1);
}

int
main (void)
{
    troika_manager_t *manager = troika_manager_new (NULL);
    check (manager != NULL, "new");
    permits = troika_manager_semaphore (manager, "permits", AT_ONCE, true);
    figures = troika_manager_dict (manager, "figures");
    check (permits && figures, "semaphore, dict");

    for (int i = 0; i < PROCESSES; i++) {
        pid_t pid = fork ();
        check (pid >= 0, "fork");
        if (pid == 0) {
            for (int file = 0; file < FILES; file++)
                download ();
            exit (0);
        }
    }
    for (int status; wait (&status) > 0;)
        check (status == 0, "a process");

    printf ("%d downloads, %d of them beyond the limit of %d at once\n",
            (int)add ("done", 0), (int)add ("too many", 0), AT_ONCE);
    printf ("%d permits are back\n", troika_semaphore_value (permits));
    troika_semaphore_destroy (&permits);
    troika_dict_destroy (&figures);
    troika_manager_destroy (&manager);
    return 0;
}
