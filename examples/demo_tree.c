/* SPDX-License-Identifier: MPL-2.0 */
/*
 * demo_tree.c - the producer: puts the name of every file of a tree.
 *
 * Names are bytes, not text, so they travel as bin (B). Symbolic links are
 * not followed and a directory that cannot be read is passed over, as find
 * does.
 */
#include "examples/demo.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static void walk (troika_queue_t *jobs, const char *path);

static void
walk_directory (troika_queue_t *jobs, const char *path)
{
    DIR *directory = opendir (path);
    if (!directory)
        return;
    const char *slash = path[strlen (path) - 1] == '/' ? "" : "/";
    struct dirent *entry;
    while ((entry = readdir (directory))) {
        if (!strcmp (entry->d_name, ".") || !strcmp (entry->d_name, ".."))
            continue;
        char *below;
        if (asprintf (&below, "%s%s%s", path, slash, entry->d_name) < 0)
            demo_fail ("name");
        walk (jobs, below);
        free (below);
    }
    closedir (directory);
}

static void
walk (troika_queue_t *jobs, const char *path)
{
    struct stat status;
    if (lstat (path, &status))
        return;
    if (S_ISDIR (status.st_mode))
        walk_directory (jobs, path);
    else if (S_ISREG (status.st_mode) &&
             troika_queue_put (jobs, TROIKA_FOREVER, "B", path, strlen (path)))
        demo_fail ("put a name");
}

void
demo_walk (const char *endpoint, const char *directory)
{
    troika_queue_t *jobs = troika_queue_connect (endpoint);
    if (!jobs)
        demo_fail ("producer");
    walk (jobs, directory);
    if (troika_queue_shutdown (jobs, false))
        demo_fail ("shutdown");
    troika_queue_destroy (&jobs);
}
