/* SPDX-License-Identifier: MPL-2.0 */
/*
 * command.h - what a subcommand is. Each has a file of its own that ends with
 * its cli_command_t; main.c lists them.
 */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include "tools/troika/options.h"
#include "tools/troika/status.h"

typedef struct cli_command {
    const char *name;
    const char *operands; /* as shown: "ENDPOINT[#QUEUE] [JSON…]" */
    const char *summary;  /* a line of the tool's --help */
    const char *takes;    /* letters of its options, see options.c */
    int least, most;      /* operands; most -1: any number */
    bool runs_command;    /* what follows the first operand is not ours */
    /* The exit status. operands ends with NULL. */
    int (*run) (const cli_options_t *options, char **operands);
    const char *details; /* paragraphs of its --help; NULL: none */
    const char *examples;
} cli_command_t;

/* "troika put: words (see troika put --help)"; CLI_USAGE. */
int cli_misused (const cli_command_t *command, const char *format, ...)
    __attribute__ ((format (printf, 2, 3)));

void cli_command_help (const cli_command_t *command, FILE *file);

extern const cli_command_t cli_bench, cli_call, cli_dict, cli_drain, cli_get,
    cli_keygen, cli_lock, cli_ls, cli_peek, cli_put, cli_serve, cli_stat,
    cli_top;

#endif
