/* SPDX-License-Identifier: MPL-2.0 */
/*
 * option_table.h - what each option of the tool is: for options.c, which
 * reads them, and for a command's help.
 */
#ifndef CLI_OPTION_TABLE_H
#define CLI_OPTION_TABLE_H

#include "tools/troika/command.h"

typedef enum {
    CLI_FLAG,   /* bool */
    CLI_NUMBER, /* int64_t, not below least */
    CLI_TIME,   /* int, ms; -1 (for ever) where least is 0 */
    CLI_TEXT,   /* const char * */
    CLI_OBJECT  /* one more of objects */
} cli_kind_t;

typedef struct {
    char letter;
    bool is_short; /* the letter may be typed */
    cli_kind_t kind;
    const char *name;
    const char *argument; /* NULL: none */
    size_t place;         /* in cli_options_t */
    int64_t least;
    const char *help; /* NULL: its name says it */
} cli_option_t;

extern const cli_option_t cli_option_table[];
extern const int cli_option_count;

bool cli_option_taken (const cli_command_t *command,
                       const cli_option_t *option);

#endif
