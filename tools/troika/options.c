/* SPDX-License-Identifier: MPL-2.0 */
/*
 * options.c - reads options by one table: name, kind, place, meaning.
 *
 * A command that runs another one (lock) has options on both sides of its
 * first operand; what begins behind that is the other command's, whatever it
 * looks like.
 */
#include "tools/troika/options.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <troika.h>
#include "tools/troika/option_table.h"

#define OPTIONS_MAX 64

bool
cli_number (const char *text, int64_t least, int64_t most, int64_t *number)
{
    char *end;
    errno = 0;
    long long value = strtoll (text, &end, 10);
    if (errno || end == text || *end || value < least || value > most)
        return false;
    *number = value;
    return true;
}

/* "250", "250ms", "5s", "2min", or "-1" for ever. */
static bool
read_time (const char *text, int64_t least, int *ms)
{
    static const struct {
        const char *name;
        int64_t ms;
    } units[] = {{"", 1}, {"ms", 1}, {"s", 1000}, {"min", 60000}};
    size_t digits = strspn (text, "-0123456789");
    char number[20];
    int64_t value;
    snprintf (number, sizeof number, "%.*s", (int)digits, text);
    if (!cli_number (number, -1, INT_MAX, &value) || digits >= sizeof number)
        return false;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (strcmp (text + digits, units[i].name) == 0) {
            int64_t all = value < 0 ? -1 : value * units[i].ms;
            *ms = (int)all;
            return all <= INT_MAX &&
                   (all >= least || (all == -1 && least == 0)) &&
                   (value >= 0 || i == 0);
        }
    return false;
}

static bool
add_object (cli_options_t *self, const char *type, const char *text)
{
    cli_object_t *grown = realloc (self->objects, (self->object_count + 1) *
                                                      sizeof *self->objects);
    if (!grown)
        return false;
    self->objects = grown;
    self->objects[self->object_count++] = (cli_object_t){type, text};
    return true;
}

static bool
set (cli_options_t *self, const cli_option_t *option, const char *value)
{
    void *place = (char *)self + option->place;
    if (option->letter == 'p')
        self->has_priority = true;
    switch (option->kind) {
    case CLI_FLAG:
        *(bool *)place = true;
        return true;
    case CLI_NUMBER:
        return cli_number (value, option->least, INT64_MAX, place);
    case CLI_TIME:
        return read_time (value, option->least, place);
    case CLI_TEXT:
        *(const char **)place = value;
        return true;
    case CLI_OBJECT:
        return add_object (self, option->name, value);
    }
    return false;
}

/* getopt's view of what command takes: +: first, so that it stops at an
 * operand and tells a missing argument from an unknown option. */
static void
describe (const cli_command_t *command, struct option *longs, char *shorts)
{
    if (command->runs_command)
        *shorts++ = '+';
    *shorts++ = ':';
    for (int i = 0; i < cli_option_count; i++) {
        if (!cli_option_taken (command, &cli_option_table[i]))
            continue;
        *longs++ = (struct option){cli_option_table[i].name,
                                   cli_option_table[i].argument != NULL, NULL,
                                   256 + i};
        if (!cli_option_table[i].is_short)
            continue;
        *shorts++ = cli_option_table[i].letter;
        if (cli_option_table[i].argument)
            *shorts++ = ':';
    }
    *longs = (struct option){0};
    *shorts = '\0';
}

static const cli_option_t *
find (int found)
{
    if (found >= 256)
        return &cli_option_table[found - 256];
    for (int i = 0; i < cli_option_count; i++)
        if (cli_option_table[i].is_short && cli_option_table[i].letter == found)
            return &cli_option_table[i];
    return NULL;
}

static int
refuse (const cli_command_t *command, int found, char **argv)
{
    char letter[3] = {'-', (char)optopt, '\0'};
    bool is_long = optopt == 0 || optopt >= 256;
    const char *text = is_long ? argv[optind - 1] : letter;
    return cli_misused (command,
                        found == ':' ? "%s wants an argument"
                                     : "there is no option %s here",
                        text);
}

static int
take (cli_options_t *self, const cli_command_t *command, int found, char **argv)
{
    const cli_option_t *option = find (found);
    if (!option)
        return refuse (command, found, argv);
    if (set (self, option, optarg))
        return -1;
    return cli_misused (command, "--%s %s: %s is expected", option->name,
                        optarg, option->argument);
}

static int
check_operands (const cli_command_t *command, int count)
{
    if (count < command->least)
        return cli_misused (command, "%s is expected", command->operands);
    if (command->most >= 0 && count > command->most)
        return cli_misused (command, "there is more than %s",
                            command->operands);
    return -1;
}

/* Options, and behind them the operands. Where a command follows the first
 * operand, that one is passed by once; it stays in front of the rest. */
int
cli_options_read (cli_options_t *self, const cli_command_t *command, int argc,
                  char **argv, char ***operands)
{
    struct option longs[OPTIONS_MAX];
    char shorts[2 * OPTIONS_MAX];
    char *first = NULL;
    int status = -1;
    *self = (cli_options_t){.timeout = TROIKA_FOREVER,
                            .connect_timeout = 5000,
                            .interval = 1000,
                            .size = 100};
    describe (command, longs, shorts);
    opterr = 0;
    optind = 1;
    while (status < 0) {
        int found = getopt_long (argc, argv, shorts, longs, NULL);
        if (found >= 0)
            status = take (self, command, found, argv);
        else if (!command->runs_command || first || optind >= argc)
            break;
        else
            first = argv[optind++];
    }
    if (first)
        argv[--optind] = first;
    *operands = argv + optind;
    if (self->help) {
        cli_command_help (command, stdout);
        return CLI_OK;
    }
    return status < 0 ? check_operands (command, argc - optind) : status;
}

void
cli_options_fini (cli_options_t *self)
{
    free (self->objects);
}
