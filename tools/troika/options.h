/* SPDX-License-Identifier: MPL-2.0 */
/*
 * options.h - the options of all subcommands: one table says what each is
 * called, takes and means; a command names those it knows by their letters.
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* serve: one object to make, "jobs:1000" of type "queue". */
typedef struct {
    const char *type;
    const char *text;
} cli_object_t;

typedef struct {
    int timeout;         /* ms, TROIKA_FOREVER when not given */
    int connect_timeout; /* ms */
    int interval;        /* ms */
    int64_t count;       /* 0: not given */
    int64_t size;        /* bytes */
    int64_t priority;
    bool has_priority;
    bool lines, null, raw, follow, done, once, force, cast, json_key;
    bool plaintext, authkey, help;
    const char *authkey_file, *cert, *trusted;
    cli_object_t *objects; /* in the order of the command line */
    size_t object_count;
} cli_options_t;

struct cli_command;

/* Reads the options of a command and gives its operands. An exit status
 * (help was asked for, or wrong usage, said on stderr), or -1 to go on. */
int cli_options_read (cli_options_t *self, const struct cli_command *command,
                      int argc, char **argv, char ***operands);
void cli_options_fini (cli_options_t *self);

/* The lines of a command's --help that tell its options. */
void cli_options_show (const struct cli_command *command, FILE *file);

/* A whole number from least to most; false when text is none. */
bool cli_number (const char *text, int64_t least, int64_t most,
                 int64_t *number);

#endif
