/* SPDX-License-Identifier: MPL-2.0 */
/*
 * 16_bounded_buffer.c - a list that holds at most four items at a time.
 *
 * Two producers wait while it is full, two consumers while it is empty, all
 * on one condition: whoever changes the list tells the others. (A queue with
 * a bound does this by itself; a condition does it for whatever you like.)
 */
#include <troika.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PAIRS = 2, ITEMS = 50, ROOM = 4, END = -1 };

static troika_condition_t *changed;
static troika_list_t *buffer;
static troika_value_t *sum;

static void
check (int ok, const char *what)
{
    if (ok)
        return;
    fprintf (stderr, "%s: %s\n", what, troika_error ());
    exit (1);
}

/* Takes the lock when the list's length is anything but that. */
static void
acquire_unless (ssize_t length)
{
    check (troika_condition_acquire (changed, TROIKA_FOREVER) == 0, "acquire");
    while (troika_list_len (buffer) == length)
        check (troika_condition_wait (changed, TROIKA_FOREVER) == 0, "wait");
}

static void
tell (void)
{
    check (troika_condition_notify_all (changed) == 0, "notify");
    check (troika_condition_release (changed) == 0, "release");
}

static void
produce (int item)
{
    acquire_unless (ROOM);
    check (troika_list_len (buffer) < ROOM, "room");
    check (troika_list_append (buffer, "i", item) == 0, "append");
    tell ();
}

static int
consume (void)
{
    int item = 0;
    acquire_unless (0);
    troika_msg_t *msg = troika_list_pop (buffer, 0);
    check (msg && troika_msg_unpack (msg, "i", &item) == 0, "pop");
    troika_msg_destroy (&msg);
    tell ();
    return item;
}

int
main (void)
{
    troika_manager_t *manager = troika_manager_new (NULL);
    check (manager != NULL, "new");
    changed = troika_manager_condition (manager, "changed");
    buffer = troika_manager_list (manager, "buffer");
    sum = troika_manager_value (manager, "sum", "i", 0);
    check (changed && buffer && sum, "condition, list, value");

    for (int i = 0; i < 2 * PAIRS; i++) {
        pid_t pid = fork ();
        check (pid >= 0, "fork");
        if (pid > 0)
            continue;
        for (int item = 1; i < PAIRS && item <= ITEMS; item++)
            produce (item);
        if (i < PAIRS)
            produce (END);
        for (int item; i >= PAIRS && (item = consume ()) != END;)
            check (troika_value_add (sum, item, NULL) == 0, "add");
        exit (0);
    }
    for (int status; wait (&status) > 0;)
        check (status == 0, "a process");

    int64_t total;
    check (troika_value_add (sum, 0, &total) == 0, "add");
    printf ("made 1..%d twice, took %d in all, %zd are left\n", ITEMS,
            (int)total, troika_list_len (buffer));
    troika_manager_destroy (&manager);
    return 0;
}
