/* SPDX-License-Identifier: MPL-2.0 */
/*
 * 11_counter_lock.c - twenty processes count up and down, under a lock.
 *
 * Reading a value and setting it are two steps, so they need the lock: with
 * it the counter ends at exactly 0. 12_counter_add.c does without.
 */
#include <troika.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PROCESSES = 20, TIMES = 50 };

static void
check (int ok, const char *what)
{
    if (ok)
        return;
    fprintf (stderr, "%s: %s\n", what, troika_error ());
    exit (1);
}

static int
read_counter (troika_value_t *counter)
{
    int count = 0;
    troika_msg_t *msg = troika_value_get (counter);
    check (msg && troika_msg_unpack (msg, "i", &count) == 0, "get");
    troika_msg_destroy (&msg);
    return count;
}

static void
count (troika_lock_t *lock, troika_value_t *counter, int delta)
{
    for (int i = 0; i < TIMES; i++) {
        /* 1 would say that the last holder died, perhaps half way. */
        check (troika_lock_acquire (lock, TROIKA_FOREVER) == 0, "acquire");
        int old = read_counter (counter);
        check (troika_value_set (counter, "i", old + delta) == 0, "set");
        check (troika_lock_release (lock) == 0, "release");
    }
}

int
main (void)
{
    troika_manager_t *manager = troika_manager_new (NULL);
    check (manager != NULL, "new");
    troika_lock_t *lock = troika_manager_lock (manager, "lock");
    troika_value_t *counter = troika_manager_value (manager, "counter", "i", 0);
    check (lock && counter, "lock, value");

    for (int i = 0; i < PROCESSES; i++) {
        pid_t pid = fork ();
        check (pid >= 0, "fork");
        if (pid == 0) {
            count (lock, counter, i % 2 ? 1 : -1);
            exit (0);
        }
    }
    for (int status; wait (&status) > 0;)
        check (status == 0, "a process");
    printf ("%d processes, %d steps each: the counter is at %d\n", PROCESSES,
            TIMES, read_counter (counter));

    troika_value_destroy (&counter);
    troika_lock_destroy (&lock);
    troika_manager_destroy (&manager);
    return 0;
}
