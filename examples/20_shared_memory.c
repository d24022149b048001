/* SPDX-License-Identifier: MPL-2.0 */
/*
 * 20_shared_memory.c - a value and an array that processes share, in place
 * of shared memory.
 *
 * Four processes square the numbers of one array, each a quarter of it, read
 * and written in one round trip, and add their sums to one value. Nothing is
 * mapped, so they could as well be on other hosts; add is one step, so
 * nothing is locked.
 */
#include <troika.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { WORKERS = 4, EACH = 5, ALL = WORKERS * EACH };

static troika_array_t *numbers;
static troika_value_t *sum;

static void
check (int ok, const char *what)
{
    if (ok)
        return;
    fprintf (stderr, "%s: %s\n", what, troika_error ());
    exit (1);
}

static int
square (void *arg)
{
    size_t from = (size_t)(*(int *)arg * EACH);
    int64_t mine[EACH], added = 0;
    check (troika_array_read (numbers, from, EACH, mine) == 0, "read");
    for (int i = 0; i < EACH; i++) {
        mine[i] *= mine[i];
        added += mine[i];
    }
    check (troika_array_write (numbers, from, EACH, mine) == 0, "write");
    check (troika_value_add (sum, added, NULL) == 0, "add");
    return 0;
}

int
main (void)
{
    troika_manager_t *manager = troika_manager_new (NULL);
    check (manager != NULL, "new");
    numbers = troika_manager_array (manager, "numbers", 'i', ALL);
    sum = troika_manager_value (manager, "sum", "i", 0);
    check (numbers && sum, "open");
    for (int i = 0; i < ALL; i++)
        check (troika_array_set_int (numbers, i, i + 1) == 0, "set");

    troika_process_t *workers[WORKERS];
    for (int i = 0; i < WORKERS; i++) {
        workers[i] = troika_process_start (square, &i);
        check (workers[i] != NULL, "start");
    }
    for (int i = 0, code; i < WORKERS; i++) {
        check (troika_process_join (workers[i], TROIKA_FOREVER) == 0, "join");
        check (troika_process_exitcode (workers[i], &code) == 0 && code == 0,
               "worker");
        troika_process_destroy (&workers[i]);
    }

    for (int64_t i = 0, number = 0; i < ALL; i++) {
        check (troika_array_get_int (numbers, i, &number) == 0, "get");
        printf ("%lld%c", (long long)number, i % EACH == EACH - 1 ? '\n' : ' ');
    }
    int total = 0;
    troika_msg_t *msg = troika_value_get (sum);
    check (msg && troika_msg_unpack (msg, "i", &total) == 0, "get");
    printf ("they add up to %d\n", total);
    troika_msg_destroy (&msg);
    troika_array_destroy (&numbers);
    troika_value_destroy (&sum);
    troika_manager_destroy (&manager);
}
