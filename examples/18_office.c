/* SPDX-License-Identifier: MPL-2.0 */
/*
 * 18_office.c - a manager on one host; its tickets are sold on two others.
 *
 *     ./18_office 'tcp://10.0.0.1:5555' 'tcp://10.0.1.1:5555'
 *
 * serves at each endpoint given, until both tills have sold out. Then it
 * looks whether every seat was sold, and none twice.
 */
#include <troika.h>
#include <stdio.h>
#include <stdlib.h>

enum { SEATS = 100, PARTIES = 3 };

static void
check (int ok, const char *what)
{
    if (ok)
        return;
    fprintf (stderr, "%s: %s\n", what, troika_error ());
    exit (1);
}

/* How many different seats were sold, by all tills together. */
static int
count (troika_dict_t *sold)
{
    int seats = 0;
    for (int seat = 1; seat <= SEATS; seat++) {
        char key[16];
        snprintf (key, sizeof key, "%d", seat);
        seats += troika_dict_has (sold, key) == 1;
    }
    return seats;
}

int
main (int argc, char **argv)
{
    troika_set_plaintext (true); /* the wires are ours alone */
    troika_manager_t *manager =
        troika_manager_new (argc > 1 ? argv[1] : "tcp://127.0.0.1:5555");
    check (manager != NULL, "new");
    troika_dict_t *sold = troika_manager_dict (manager, "sold");
    troika_value_t *last = troika_manager_value (manager, "last seat", "i", 0);
    troika_barrier_t *doors =
        troika_manager_barrier (manager, "doors", PARTIES);
    check (sold && last && doors, "dict, value, barrier");
    /* The tills may come only now, when everything is there. */
    for (int i = 2; i < argc; i++)
        check (troika_manager_bind (manager, argv[i]) == 0, "bind");
    printf ("%s\n", troika_manager_endpoint (manager));
    fflush (stdout);

    check (troika_barrier_wait (doors, TROIKA_FOREVER) >= 0, "open");
    check (troika_barrier_wait (doors, TROIKA_FOREVER) >= 0, "close");
    printf ("%zd tickets, %d different seats\n", troika_dict_len (sold),
            count (sold));

    troika_barrier_destroy (&doors);
    troika_value_destroy (&last);
    troika_dict_destroy (&sold);
    troika_manager_destroy (&manager);
    return 0;
}
