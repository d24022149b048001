/* SPDX-License-Identifier: MPL-2.0 */
/*
 * lines.c - standard input line by line.
 *
 * Not stdio: who puts lines into a queue wants to know whether another one
 * is there already, so that they can travel together without making a slow
 * writer's line wait. begin..filled is what was read and not yet given.
 */
#include "tools/troika/lines.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define READ_SIZE 65536

void
cli_lines_init (cli_lines_t *self, int fd, char end)
{
    *self = (cli_lines_t){.fd = fd, .end = end};
}

void
cli_lines_fini (cli_lines_t *self)
{
    free (self->buffer);
}

static char *
find_end (cli_lines_t *self)
{
    if (self->begin + self->seen == self->filled)
        return NULL;
    char *from = self->buffer + self->begin;
    char *end = memchr (from + self->seen, self->end,
                        self->filled - self->begin - self->seen);
    self->seen = end ? (size_t)(end - from) : self->filled - self->begin;
    return end;
}

bool
cli_lines_ready (cli_lines_t *self)
{
    return find_end (self) != NULL;
}

/* Room for READ_SIZE more and a NUL. */
static int
make_room (cli_lines_t *self)
{
    if (self->room - self->filled > READ_SIZE)
        return 0;
    if (self->begin && self->begin >= self->room / 2) {
        self->filled -= self->begin;
        memmove (self->buffer, self->buffer + self->begin, self->filled);
        self->begin = 0;
        if (self->room - self->filled > READ_SIZE)
            return 0;
    }
    size_t room = 2 * self->room + READ_SIZE + 1;
    char *grown = realloc (self->buffer, room);
    if (!grown)
        return -ENOMEM;
    self->buffer = grown;
    self->room = room;
    return 0;
}

static int
read_more (cli_lines_t *self)
{
    int rc = make_room (self);
    if (rc)
        return rc;
    ssize_t size = read (self->fd, self->buffer + self->filled, READ_SIZE);
    if (size < 0)
        return -errno;
    self->at_end = size == 0;
    self->filled += (size_t)size;
    return 0;
}

static int
give (cli_lines_t *self, size_t size, char **line, size_t *line_size)
{
    *line = self->buffer + self->begin;
    (*line)[size] = '\0';
    *line_size = size;
    self->begin += size + (size != self->filled - self->begin);
    self->seen = 0;
    self->number++;
    return 1;
}

int
cli_lines_next (cli_lines_t *self, char **line, size_t *size)
{
    for (;;) {
        char *end = find_end (self);
        if (end)
            return give (self, self->seen, line, size);
        if (self->at_end)
            break;
        int rc = read_more (self);
        if (rc)
            return rc;
    }
    if (self->begin == self->filled)
        return 0;
    return give (self, self->filled - self->begin, line, size);
}
