/* SPDX-License-Identifier: MPL-2.0 */
/*
 * 10_shared_dict.c - ten processes fill one dict, and one sum in it.
 *
 * Each counts the primes of its own thousand, enters the count, and adds it
 * to the sum. Adding is one step inside the manager: nobody reads a sum that
 * another is just changing.
 */
#include <troika.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PROCESSES = 10, EACH = 1000 };

static void
check (int ok, const char *what)
{
    if (ok)
        return;
    fprintf (stderr, "%s: %s\n", what, troika_error ());
    exit (1);
}

static int
is_prime (int n)
{
    for (int d = 2; d * d <= n; d++)
        if (n % d == 0)
            return 0;
    return n > 1;
}

static void
count (troika_dict_t *primes, int who)
{
    int found = 0;
    char key[16];
    for (int n = who * EACH; n < (who + 1) * EACH; n++)
        found += is_prime (n);
    snprintf (key, sizeof key, "%d", who * EACH);
    check (troika_dict_set (primes, key, "i", found) == 0, "set");
    check (troika_dict_add (primes, "sum", found, NULL) == 0, "add");
}

static int
look_up (troika_dict_t *primes, const char *key)
{
    int found = 0;
    troika_msg_t *msg = troika_dict_get (primes, key);
    check (msg && troika_msg_unpack (msg, "i", &found) == 0, "get");
    troika_msg_destroy (&msg);
    return found;
}

int
main (void)
{
    troika_manager_t *manager = troika_manager_new (NULL);
    check (manager != NULL, "new");
    troika_dict_t *primes = troika_manager_dict (manager, "primes");
    check (primes != NULL, "dict");

    for (int i = 0; i < PROCESSES; i++) {
        pid_t pid = fork ();
        check (pid >= 0, "fork");
        if (pid == 0) {
            count (primes, i);
            exit (0);
        }
    }
    for (int status; wait (&status) > 0;)
        check (status == 0, "a process");

    for (int i = 0; i < PROCESSES; i++) {
        char key[16];
        snprintf (key, sizeof key, "%d", i * EACH);
        printf ("%3d primes from %s on\n", look_up (primes, key), key);
    }
    printf ("%d in all, in %zd entries\n", look_up (primes, "sum"),
            troika_dict_len (primes));
    troika_dict_destroy (&primes);
    troika_manager_destroy (&manager);
    return 0;
}
