/* SPDX-License-Identifier: MPL-2.0 */
/*
 * 14_simulation.c - four processes step through one world, cell by cell.
 *
 * In the next generation a cell lives if one of its two neighbours lives
 * now, not both. A step has two halves, and everybody waits for everybody
 * between them: all read the whole world, then each writes its quarter. The
 * parent is a fifth party that only looks.
 */
#include <troika.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PROCESSES = 4, CELLS = 64, EACH = CELLS / PROCESSES, STEPS = 16 };

static troika_array_t *world;
static troika_barrier_t *barrier;

static void
check (int ok, const char *what)
{
    if (ok)
        return;
    fprintf (stderr, "%s: %s\n", what, troika_error ());
    exit (1);
}

static void
look (unsigned char cells[CELLS])
{
    check (troika_array_read (world, 0, CELLS, cells) == 0, "read");
    check (troika_barrier_wait (barrier, TROIKA_FOREVER) >= 0, "barrier");
}

static void
live (int who)
{
    unsigned char now[CELLS], next[EACH];
    for (int step = 0; step < STEPS; step++) {
        look (now);
        for (int i = 0; i < EACH; i++) {
            int at = who * EACH + i;
            next[i] = now[(at + CELLS - 1) % CELLS] ^ now[(at + 1) % CELLS];
        }
        size_t from = (size_t)who * EACH;
        check (troika_array_write (world, from, EACH, next) == 0, "write");
        check (troika_barrier_wait (barrier, TROIKA_FOREVER) >= 0, "barrier");
    }
}

static void
watch (void)
{
    unsigned char cells[CELLS];
    for (int step = 0; step < STEPS; step++) {
        look (cells);
        for (int i = 0; i < CELLS; i++)
            putchar (cells[i] ? '#' : '.');
        putchar ('\n');
        check (troika_barrier_wait (barrier, TROIKA_FOREVER) >= 0, "barrier");
    }
}

int
main (void)
{
    troika_manager_t *manager = troika_manager_new (NULL);
    check (manager != NULL, "new");
    world = troika_manager_array (manager, "world", 'B', CELLS);
    barrier = troika_manager_barrier (manager, "step", PROCESSES + 1);
    check (world && barrier, "array, barrier");
    check (troika_array_set_int (world, CELLS / 2, 1) == 0, "set");

    for (int i = 0; i < PROCESSES; i++) {
        pid_t pid = fork ();
        check (pid >= 0, "fork");
        if (pid == 0) {
            live (i);
            exit (0);
        }
    }
    watch ();
    for (int status; wait (&status) > 0;)
        check (status == 0, "a process");
    troika_barrier_destroy (&barrier);
    troika_array_destroy (&world);
    troika_manager_destroy (&manager);
    return 0;
}
