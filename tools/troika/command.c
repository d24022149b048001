/* SPDX-License-Identifier: MPL-2.0 */
/* command.c - the help of a subcommand, and the word about its misuse. */
#include "tools/troika/command.h"

#include <stdarg.h>

int
cli_misused (const cli_command_t *command, const char *format, ...)
{
    char words[600];
    va_list args;
    va_start (args, format);
    vsnprintf (words, sizeof words, format, args);
    va_end (args);
    return cli_complain (CLI_USAGE, command->name, "%s (see troika %s --help)",
                         words, command->name);
}

void
cli_command_help (const cli_command_t *command, FILE *file)
{
    fprintf (file, "Usage: troika %s [OPTION]… %s\n%s\n", command->name,
             command->operands, command->summary);
    if (command->details)
        fprintf (file, "\n%s", command->details);
    fprintf (file, "\nOptions:\n");
    cli_options_show (command, file);
    fprintf (file, "\nExamples:\n%s", command->examples);
}
