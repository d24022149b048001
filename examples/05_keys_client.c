/* SPDX-License-Identifier: MPL-2.0 */
/*
 * 05_keys_client.c - puts words into the queue of 05_keys_server.
 *
 *     ./05_keys_client tcp://db1:5555 secret coffee tea
 *
 * "-" in the secret's place is no secret, and "end" is sent as nil. Whoever
 * has the wrong secret, or none, is told so at once: EACCES.
 */
#include <troika.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
check (int ok, const char *what)
{
    if (ok)
        return;
    fprintf (stderr, "%s: %s\n", what, troika_error ());
    exit (1);
}

static void
use_secret (const char *path)
{
    char secret[256] = "";
    FILE *file = fopen (path, "r");
    if (!file || !fgets (secret, sizeof secret, file)) {
        perror (path);
        exit (1);
    }
    fclose (file);
    secret[strcspn (secret, "\n")] = '\0';
    check (troika_set_authkey (secret) == 0, "authkey");
}

int
main (int argc, char **argv)
{
    if (argc < 3) {
        fprintf (stderr, "usage: %s ENDPOINT SECRET-FILE WORD...\n", argv[0]);
        return 2;
    }
    if (strcmp (argv[2], "-"))
        use_secret (argv[2]);
    troika_queue_t *orders = troika_queue_connect (argv[1]);
    if (!orders && errno == EACCES) {
        printf ("refused\n");
        return 0;
    }
    check (orders != NULL, "connect");
    for (int i = 3; i < argc; i++)
        if (strcmp (argv[i], "end"))
            check (troika_queue_put (orders, TROIKA_FOREVER, "s", argv[i]) == 0,
                   "put");
        else
            check (troika_queue_put (orders, TROIKA_FOREVER, "n") == 0, "put");
    troika_queue_destroy (&orders); /* waits until all of it has arrived */
    return 0;
}
