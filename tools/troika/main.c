/* SPDX-License-Identifier: MPL-2.0 */
/*
 * main.c - troika, the command line: finds the subcommand and runs it.
 *
 * Each subcommand is a file that ends with its cli_command_t. They use the
 * public interface and nothing else of the library.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <troika.h>
#include <unistd.h>
#include "tools/troika/command.h"
#include "tools/troika/keys.h"
#include "tools/troika/signals.h"

static const cli_command_t *const commands[] = {
    &cli_serve, &cli_put,    &cli_get,   &cli_peek, &cli_drain,
    &cli_call,  &cli_dict,   &cli_lock,  &cli_ls,   &cli_stat,
    &cli_top,   &cli_keygen, &cli_bench,
};
enum { COMMANDS = sizeof commands / sizeof *commands };

static void
show_help (FILE *file)
{
    fputs ("Usage: troika COMMAND [OPTION]… OPERAND…\n"
           "Queues and shared objects of a Troika manager, from the shell.\n\n"
           "Commands:\n",
           file);
    for (int i = 0; i < COMMANDS; i++)
        fprintf (file, "  %-8s%s\n", commands[i]->name, commands[i]->summary);
    fputs (
        "\ntroika COMMAND --help tells more of each; troika --version which "
        "one this is.\n"
        "An ENDPOINT is tcp://HOST:PORT or ipc:///PATH, with #NAME at its end "
        "for an\nobject of the manager there. Documents are JSON, one on a "
        "line.\n\n"
        "Exit status: 0 done, 1 failed, 2 wrong usage, 3 time is up, 4 no such "
        "object or\nkey, 5 no manager reached, 6 refused, 7 the queue has "
        "ended, 8 bad input.\n\n"
        "Examples:\n"
        "  troika serve 'tcp://127.0.0.1:5555' --queue jobs:1000 --dict "
        "config\n"
        "  find . -name '*.c' | troika put 'tcp://127.0.0.1:5555#jobs' "
        "--lines\n"
        "  troika get 'tcp://127.0.0.1:5555#jobs' --follow | jq .\n",
        file);
}

static int
show_version (void)
{
    int major, minor, patch;
    troika_version (&major, &minor, &patch);
    printf ("troika %d.%d.%d\n", major, minor, patch);
    return CLI_OK;
}

static const cli_command_t *
find (const char *name)
{
    for (int i = 0; i < COMMANDS; i++)
        if (strcmp (commands[i]->name, name) == 0)
            return commands[i];
    return NULL;
}

static int
unknown (const char *name)
{
    return cli_complain (CLI_USAGE, name,
                         "there is no such command (see troika --help)");
}

static int
run (const cli_command_t *command, int argc, char **argv)
{
    cli_options_t options;
    char **operands;
    int status = cli_options_read (&options, command, argc, argv, &operands);
    if (status < 0) {
        troika_set_connect_timeout (options.connect_timeout);
        status = cli_keys_apply (&options, command->name);
        if (!status)
            status = command->run (&options, operands);
    }
    cli_options_fini (&options);
    return cli_signals_end (status);
}

static int
help (const char *name)
{
    const cli_command_t *command = name ? find (name) : NULL;
    if (name && !command)
        return unknown (name);
    if (command)
        cli_command_help (command, stdout);
    else
        show_help (stdout);
    return CLI_OK;
}

/* A socket must not get the number of a standard stream that is closed:
 * what is written there fails instead. */
static void
keep_standard_streams (void)
{
    int fd;
    do
        fd = open ("/dev/null", O_RDONLY | O_CLOEXEC);
    while (fd >= 0 && fd <= STDERR_FILENO);
    close (fd);
}

/* What stdio still holds must not be lost in silence. */
static int
end (int status)
{
    if (fflush (stdout) == 0 && !ferror (stdout))
        return status;
    if (errno != EPIPE)
        cli_complain (CLI_FAILED, "standard output", "%s", strerror (errno));
    return status ? status : CLI_FAILED;
}

int
main (int argc, char **argv)
{
    keep_standard_streams ();
    if (argc < 2) {
        show_help (stderr);
        return CLI_USAGE;
    }
    const char *name = argv[1];
    if (strcmp (name, "--version") == 0 || strcmp (name, "-V") == 0)
        return end (show_version ());
    if (strcmp (name, "--help") == 0 || strcmp (name, "-h") == 0)
        return end (help (NULL));
    if (strcmp (name, "help") == 0)
        return end (help (argv[2]));
    const cli_command_t *command = find (name);
    return end (command ? run (command, argc - 1, argv + 1) : unknown (name));
}
