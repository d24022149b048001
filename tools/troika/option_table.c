/* SPDX-License-Identifier: MPL-2.0 */
/*
 * option_table.c - every option of the tool, in the order of their help.
 */
#include "tools/troika/option_table.h"

#include <string.h>

#define AT(member) offsetof (cli_options_t, member)

const cli_option_t cli_option_table[] = {
    {'t', true, CLI_TIME, "timeout", "MS", AT (timeout), 0,
     "wait at most so long (ms; or 5s, 2min); 0: not at all"},
    {'n', true, CLI_NUMBER, "count", "N", AT (count), 1, "how many"},
    {'l', true, CLI_FLAG, "lines", NULL, AT (lines), 0,
     "each line is a string, not JSON"},
    {'0', true, CLI_FLAG, "null", NULL, AT (null), 0,
     "lines end with a NUL byte (find -print0, xargs -0)"},
    {'r', true, CLI_FLAG, "raw", NULL, AT (raw), 0,
     "strings and binaries as they are, without quotes"},
    {'f', true, CLI_FLAG, "follow", NULL, AT (follow), 0,
     "go on until the queue is shut down"},
    {'d', true, CLI_FLAG, "done", NULL, AT (done), 0,
     "count each item as done, for those who join"},
    {'p', true, CLI_NUMBER, "priority", "N", AT (priority), INT64_MIN,
     "for a queue by priority: the smallest comes first"},
    {'i', true, CLI_TIME, "interval", "MS", AT (interval), 1,
     "time between two looks (1000)"},
    {'1', true, CLI_FLAG, "once", NULL, AT (once), 0,
     "one table, after one interval, and end"},
    {'s', true, CLI_NUMBER, "size", "BYTES", AT (size), 1,
     "size of an item (100)"},
    {'c', true, CLI_FLAG, "cast", NULL, AT (cast), 0,
     "do not wait for an answer"},
    {'j', true, CLI_FLAG, "json-key", NULL, AT (json_key), 0,
     "KEY is JSON, not a string"},
    {'a', true, CLI_FLAG, "authkey", NULL, AT (authkey), 0,
     "a secret for --authkey-file, in place of a certificate"},
    {'F', false, CLI_FLAG, "force", NULL, AT (force), 0,
     "write over old files"},
    {'A', false, CLI_OBJECT, "array", "NAME:TYPE,LENGTH", 0, 0,
     "TYPE i (64 bits), d (doubles) or B (bytes)"},
    {'B', false, CLI_OBJECT, "barrier", "NAME:PARTIES", 0, 0, NULL},
    {'C', false, CLI_OBJECT, "condition", "NAME", 0, 0, NULL},
    {'D', false, CLI_OBJECT, "dict", "NAME", 0, 0, NULL},
    {'E', false, CLI_OBJECT, "event", "NAME", 0, 0, NULL},
    {'L', false, CLI_OBJECT, "list", "NAME", 0, 0, NULL},
    {'K', false, CLI_OBJECT, "lock", "NAME", 0, 0, NULL},
    {'N', false, CLI_OBJECT, "namespace", "NAME", 0, 0, NULL},
    {'Q', false, CLI_OBJECT, "queue", "NAME[:WORD,…]", 0, 0,
     "WORD: most items, fifo, lifo, priority, ack, deliveries=N"},
    {'R', false, CLI_OBJECT, "rlock", "NAME", 0, 0, NULL},
    {'S', false, CLI_OBJECT, "semaphore", "NAME[:VALUE[,bounded]]", 0, 0, NULL},
    {'V', false, CLI_OBJECT, "value", "NAME[:JSON]", 0, 0, NULL},
    {'T', false, CLI_TIME, "connect-timeout", "MS", AT (connect_timeout), 0,
     "how long a manager may take to appear (5000)"},
    {'U', false, CLI_TEXT, "authkey-file", "FILE", AT (authkey_file), 0,
     "keys for tcp: a secret that all sides share"},
    {'X', false, CLI_TEXT, "cert", "FILE", AT (cert), 0,
     "keys for tcp: our certificate (FILE_secret) ..."},
    {'Y', false, CLI_TEXT, "trusted", "DIR", AT (trusted), 0,
     "... and those of the others"},
    {'P', false, CLI_FLAG, "plaintext", NULL, AT (plaintext), 0,
     "permit tcp beyond this host without keys"},
    {'h', true, CLI_FLAG, "help", NULL, AT (help), 0, "this text"},
};
const int cli_option_count = sizeof cli_option_table / sizeof *cli_option_table;

#define COMMON "TUXYPh" /* of every command */

bool
cli_option_taken (const cli_command_t *command, const cli_option_t *option)
{
    return strchr (COMMON, option->letter) ||
           strchr (command->takes, option->letter);
}

static void
show (const cli_option_t *option, FILE *file)
{
    char text[80];
    char letter[5] = {'-', option->letter, ',', ' ', '\0'};
    snprintf (text, sizeof text, "%s--%s%s%s",
              option->is_short ? letter : "    ", option->name,
              option->argument ? " " : "",
              option->argument ? option->argument : "");
    if (!option->help)
        fprintf (file, "  %s\n", text);
    else if (strlen (text) <= 24)
        fprintf (file, "  %-26s%s\n", text, option->help);
    else
        fprintf (file, "  %s\n  %26s%s\n", text, "", option->help);
}

void
cli_options_show (const cli_command_t *command, FILE *file)
{
    for (int i = 0; i < cli_option_count; i++)
        if (cli_option_taken (command, &cli_option_table[i]))
            show (&cli_option_table[i], file);
}
