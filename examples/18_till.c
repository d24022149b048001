/* SPDX-License-Identifier: MPL-2.0 */
/*
 * 18_till.c - sells fifty of the tickets that 18_office keeps.
 *
 *     ./18_till tcp://10.0.0.1:5555 north
 *
 * Both tills begin together, so that they sell at the same time. Which seat
 * is sold where is chance; add hands each number out once.
 */
#include <troika.h>
#include <stdio.h>
#include <stdlib.h>

enum { TICKETS = 50, PARTIES = 3 };

static void
check (int ok, const char *what)
{
    if (ok)
        return;
    fprintf (stderr, "%s: %s\n", what, troika_error ());
    exit (1);
}

static void
sell (troika_value_t *last, troika_dict_t *sold, const char *name)
{
    int64_t seat;
    char key[16];
    check (troika_value_add (last, 1, &seat) == 0, "add");
    snprintf (key, sizeof key, "%d", (int)seat);
    troika_msg_t *ticket = troika_msg_pack ("s", name);
    check (ticket != NULL, "pack");
    /* Expects nobody to have sold it: NULL. */
    check (troika_dict_cas (sold, key, NULL, ticket) == 0, "cas");
    troika_msg_destroy (&ticket);
}

int
main (int argc, char **argv)
{
    const char *endpoint = argc > 1 ? argv[1] : "tcp://127.0.0.1:5555";
    const char *name = argc > 2 ? argv[2] : "till";
    troika_manager_t *manager = troika_manager_connect (endpoint);
    check (manager != NULL, "connect");
    troika_dict_t *sold = troika_manager_dict (manager, "sold");
    troika_value_t *last = troika_manager_value (manager, "last seat", "i", 0);
    troika_barrier_t *doors =
        troika_manager_barrier (manager, "doors", PARTIES);
    check (sold && last && doors, "dict, value, barrier");

    check (troika_barrier_wait (doors, TROIKA_FOREVER) >= 0, "open");
    for (int i = 0; i < TICKETS; i++)
        sell (last, sold, name);
    printf ("%s: sold %d tickets\n", name, TICKETS);
    check (troika_barrier_wait (doors, TROIKA_FOREVER) >= 0, "close");

    troika_barrier_destroy (&doors);
    troika_value_destroy (&last);
    troika_dict_destroy (&sold);
    troika_manager_destroy (&manager);
    return 0;
}
