/* SPDX-License-Identifier: MPL-2.0 */
/*
 * demo.h - the parts of the demo: the processes that do the work (tree,
 * hash) and the list of results that both sides of the comparison fill.
 */
#ifndef DEMO_H
#define DEMO_H

#include <stddef.h>
#include <troika.h>

/* Prints what failed and troika_error() or errno's text, and exits with 1. */
__attribute__ ((noreturn)) void demo_fail (const char *what);

/* demo_tree.c: puts the name of each regular file below directory into the
 * queue at endpoint, then shuts it down. Runs in a process of its own. */
void demo_walk (const char *endpoint, const char *directory);

/* demo_hash.c: takes names from the queue at jobs until it is shut down and
 * empty. Puts [name, digest] for each into the queue at sums; [name, nil]
 * where the file cannot be read; nil when all is done. */
void demo_hash (const char *jobs, const char *sums);

/* demo_list.c: lines as sha256sum writes them, in the order of sort. */
typedef struct {
    char **lines;
    size_t count, room;
} demo_list_t;

/* Adds the line for a file, name quoted as sha256sum does. */
void demo_list_add (demo_list_t *self, const void *name, size_t name_size,
                    const unsigned char *digest);
void demo_list_sort (demo_list_t *self);
/* Fills an empty list with what the programs print:
 * find directory -type f -print0 | xargs -0 sha256sum | sort */
void demo_list_expected (demo_list_t *self, const char *directory);
/* 1 when both are the same, byte for byte; else 0, and the first line that
 * differs goes to stderr. */
int demo_list_same (const demo_list_t *self, const demo_list_t *expected);
/* Writes the lines to a file. */
void demo_list_save (const demo_list_t *self, const char *path);
void demo_list_clear (demo_list_t *self);

#endif
