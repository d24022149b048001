/* SPDX-License-Identifier: MPL-2.0 */
/*
 * 17_teller.c - works at the bank of 17_bank, wherever that runs.
 *
 *     ./17_teller tcp://127.0.0.1:5555
 *
 * Knows the bank's method by name only. Four clerks, each a process, move
 * money to and fro at the same time; none of it appears or disappears.
 */
#include <troika.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CLERKS = 4, TIMES = 50, BALANCE = 100 };

static void
check (int ok, const char *what)
{
    if (ok)
        return;
    fprintf (stderr, "%s: %s\n", what, troika_error ());
    exit (1);
}

/* What is left in the first account; -1 with errno. */
static int
transfer (troika_object_t *bank, int from, int to, int amount)
{
    int left;
    troika_msg_t *msg = troika_object_call (bank, TROIKA_FOREVER, "transfer",
                                            "[i, i, i]", from, to, amount);
    if (!msg)
        return -1;
    check (troika_msg_unpack (msg, "i", &left) == 0, "unpack");
    troika_msg_destroy (&msg);
    return left;
}

static void
work (troika_object_t *bank)
{
    for (int i = 0; i < TIMES; i++) {
        check (transfer (bank, 0, 1, 3) >= 0, "to 1");
        check (transfer (bank, 1, 0, 3) >= 0, "to 0");
    }
}

int
main (int argc, char **argv)
{
    const char *endpoint = argc > 1 ? argv[1] : "tcp://127.0.0.1:5555";
    troika_manager_t *manager = troika_manager_connect (endpoint);
    check (manager != NULL, "connect");
    troika_object_t *bank =
        troika_manager_object (manager, "bank", "city", "[i, i]", 2, BALANCE);
    troika_event_t *closed = troika_manager_event (manager, "closed");
    check (bank && closed, "bank, event");

    for (int i = 0; i < CLERKS; i++) {
        pid_t pid = fork ();
        check (pid >= 0, "fork");
        if (pid == 0) {
            work (bank);
            exit (0);
        }
    }
    for (int status; wait (&status) > 0;)
        check (status == 0, "a clerk");

    printf ("0 pays 30, has %d left\n", transfer (bank, 0, 1, 30));
    printf ("1 pays 10, has %d left\n", transfer (bank, 1, 0, 10));
    check (transfer (bank, 1, 0, 500) < 0 && errno == ERANGE, "too much");
    printf ("refused: %s\n", troika_error ());
    check (transfer (bank, 0, 7, 1) < 0 && errno == ENOENT, "to nobody");
    printf ("refused: %s\n", troika_error ());

    check (troika_event_set (closed) == 0, "set");
    troika_event_destroy (&closed);
    troika_object_destroy (&bank);
    troika_manager_destroy (&manager);
    return 0;
}
