/* SPDX-License-Identifier: MPL-2.0 */
/*
 * lines.h - standard input line by line, and whether a next line is at hand.
 */
#ifndef CLI_LINES_H
#define CLI_LINES_H

#include <stdbool.h>
#include <stddef.h>

typedef struct {
    int fd;
    char end; /* of a line: '\n' or '\0' */
    char *buffer;
    size_t room, begin, filled;
    size_t seen;          /* bytes behind begin that hold no end */
    unsigned long number; /* of the line that was given last, from 1 */
    bool at_end;
} cli_lines_t;

void cli_lines_init (cli_lines_t *self, int fd, char end);
void cli_lines_fini (cli_lines_t *self);

/* The next line, without its end but with a NUL behind it, good until the
 * next call. 1; 0 at the end of the input; or a negative errno (EINTR:
 * call again). A last line may lack its end. */
int cli_lines_next (cli_lines_t *self, char **line, size_t *size);

/* Whether the next one can be had without reading. */
bool cli_lines_ready (cli_lines_t *self);

#endif
