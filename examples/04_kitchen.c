/* SPDX-License-Identifier: MPL-2.0 */
/*
 * 04_kitchen.c - serves a queue over tcp and waits until all is eaten.
 *
 *     ./04_kitchen tcp://127.0.0.1:5555 2
 *
 * cooks for 2 guests and prints the endpoint for 04_guest; port * picks a
 * free one. At most 5 dishes stand on the counter. The bill, nil, comes once
 * for each guest, so none finds the kitchen gone before it was served.
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
    int guests = argc > 2 ? atoi (argv[2]) : 1;
    troika_queue_t *counter = troika_queue_new (endpoint, 5);
    check (counter != NULL, "new");
    printf ("%s\n", troika_queue_endpoint (counter));
    fflush (stdout);

    for (int dish = 1; dish <= 20; dish++)
        check (troika_queue_put (counter, TROIKA_FOREVER, "i", dish) == 0,
               "put");
    for (int i = 0; i < guests; i++)
        check (troika_queue_put (counter, TROIKA_FOREVER, "n") == 0, "put");
    check (troika_queue_join (counter, TROIKA_FOREVER) == 0, "join");
    troika_queue_destroy (&counter);
    return 0;
}
