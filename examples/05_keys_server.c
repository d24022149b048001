/* SPDX-License-Identifier: MPL-2.0 */
/*
 * 05_keys_server.c - a queue on the network, for those who know the secret.
 *
 *     openssl rand -base64 24 >secret; chmod 600 secret
 *     ./05_keys_server tcp://0.0.0.0:5555 secret
 *
 * prints the endpoint, then what it gets, until nil. With the secret every
 * connection is encrypted and proves on both sides that it knows it. Without
 * keys, troika_queue_new() would refuse an address that others can reach.
 */
#include <troika.h>
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
    use_secret (argc > 2 ? argv[2] : "secret");
    const char *endpoint = argc > 1 ? argv[1] : "tcp://0.0.0.0:5555";
    troika_queue_t *orders = troika_queue_new (endpoint, 0);
    check (orders != NULL, "new");
    printf ("%s\n", troika_queue_endpoint (orders));
    fflush (stdout);

    for (bool done = false; !done;) {
        const char *text;
        troika_msg_t *msg = troika_queue_get (orders, TROIKA_FOREVER);
        check (msg != NULL, "get");
        done = troika_msg_is_nil (msg);
        if (!done && troika_msg_unpack (msg, "s", &text) == 0)
            printf ("order: %s\n", text);
        troika_msg_destroy (&msg);
    }
    troika_queue_destroy (&orders);
    return 0;
}
