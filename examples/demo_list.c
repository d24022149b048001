/* SPDX-License-Identifier: MPL-2.0 */
/*
 * demo_list.c - the lines of sha256sum: made here, and as it prints them.
 *
 * sha256sum writes a name with a backslash, a newline or a carriage return
 * escaped, and a backslash before the digest then. sort runs with LC_ALL=C,
 * where the order is that of the bytes.
 */
#include "examples/demo.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Takes line. */
static void
append (demo_list_t *self, char *line)
{
    if (self->count == self->room) {
        self->room = self->room ? 2 * self->room : 1024;
        self->lines = realloc (self->lines, self->room * sizeof *self->lines);
        if (!self->lines)
            demo_fail ("list");
    }
    self->lines[self->count++] = line;
}

static char *
write_name (char *at, const char *name, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        const char *quoted = name[i] == '\\'   ? "\\\\"
                             : name[i] == '\n' ? "\\n"
                             : name[i] == '\r' ? "\\r"
                                               : NULL;
        if (quoted)
            at = stpcpy (at, quoted);
        else
            *at++ = name[i];
    }
    *at = '\0';
    return at;
}

void
demo_list_add (demo_list_t *self, const void *name, size_t name_size,
               const unsigned char *digest)
{
    enum { DIGEST_SIZE = crypto_hash_sha256_BYTES };
    char *line = malloc (1 + 2 * DIGEST_SIZE + 2 + 2 * name_size + 1);
    if (!line)
        demo_fail ("list");
    char *at = line + 1;
    sodium_bin2hex (at, 2 * DIGEST_SIZE + 1, digest, DIGEST_SIZE);
    at = stpcpy (at + 2 * DIGEST_SIZE, "  ");
    char *end = write_name (at, name, name_size);
    line[0] = '\\';
    if ((size_t)(end - at) == name_size) /* nothing was escaped */
        memmove (line, line + 1, strlen (line));
    append (self, line);
}

static int
compare (const void *a, const void *b)
{
    return strcmp (*(char *const *)a, *(char *const *)b);
}

void
demo_list_sort (demo_list_t *self)
{
    if (self->count)
        qsort (self->lines, self->count, sizeof *self->lines, compare);
}

/* Runs in the child. Files that sha256sum cannot read are counted by the
 * demo itself; without -r, xargs would run it on no file for an empty tree. */
static void
run_programs (int output, const char *directory)
{
    dup2 (output, STDOUT_FILENO);
    setenv ("LC_ALL", "C", 1);
    execl ("/bin/sh", "sh", "-c",
           "find \"$1\" -type f -print0 | xargs -0 -r sha256sum | sort", "sh",
           directory, NULL);
    _exit (127);
}

void
demo_list_expected (demo_list_t *self, const char *directory)
{
    int pipe_fds[2];
    if (pipe (pipe_fds))
        demo_fail ("pipe");
    pid_t pid = fork ();
    if (pid < 0)
        demo_fail ("fork");
    if (pid == 0)
        run_programs (pipe_fds[1], directory);
    close (pipe_fds[1]);
    FILE *from = fdopen (pipe_fds[0], "r");
    char *line = NULL;
    size_t room = 0;
    ssize_t size;
    while (from && (size = getline (&line, &room, from)) > 0) {
        line[size - 1] = '\0';
        append (self, line);
        line = NULL;
        room = 0;
    }
    free (line);
    if (from)
        fclose (from);
    int status;
    if (waitpid (pid, &status, 0) < 0 || status)
        demo_fail ("find, xargs, sha256sum, sort");
}

int
demo_list_same (const demo_list_t *self, const demo_list_t *expected)
{
    size_t i = 0;
    while (i < self->count && i < expected->count &&
           !strcmp (self->lines[i], expected->lines[i]))
        i++;
    if (i == self->count && i == expected->count)
        return 1;
    fprintf (stderr, "line %zu differs\n  here:      %s\n  sha256sum: %s\n",
             i + 1, i < self->count ? self->lines[i] : "(no more)",
             i < expected->count ? expected->lines[i] : "(no more)");
    return 0;
}

void
demo_list_save (const demo_list_t *self, const char *path)
{
    FILE *to = fopen (path, "w");
    if (!to)
        demo_fail (path);
    for (size_t i = 0; i < self->count; i++)
        fprintf (to, "%s\n", self->lines[i]);
    if (fclose (to))
        demo_fail (path);
}

void
demo_list_clear (demo_list_t *self)
{
    for (size_t i = 0; i < self->count; i++)
        free (self->lines[i]);
    free (self->lines);
    *self = (demo_list_t){0};
}
