/* SPDX-License-Identifier: MPL-2.0 */
/*
 * status.c - one line on standard error, and the exit status that goes with
 * an errno: the only table of them.
 */
#include "tools/troika/status.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <troika.h>

static const struct {
    int error, status;
} statuses[] = {
    {EAGAIN, CLI_TIMEOUT},         {ETIMEDOUT, CLI_TIMEOUT},
    {ENOENT, CLI_NOT_FOUND},       {EEXIST, CLI_NOT_FOUND},
    {EHOSTUNREACH, CLI_UNREACHED}, {ECONNRESET, CLI_UNREACHED},
    {EACCES, CLI_REFUSED},         {EPERM, CLI_REFUSED},
    {EPROTO, CLI_REFUSED},         {EPIPE, CLI_ENDED},
    {EBADMSG, CLI_BAD_INPUT},      {EMSGSIZE, CLI_BAD_INPUT},
    {EINVAL, CLI_USAGE},
};

int
cli_status (int error)
{
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
        if (statuses[i].error == error)
            return statuses[i].status;
    return CLI_FAILED;
}

/* How much of the words does not repeat the subject behind them. */
static int
length_of (const char *words, const char *subject)
{
    size_t size = strlen (words), more = strlen (subject);
    if (size > more + 3 && words[size - 1] == ')' &&
        !memcmp (words + size - 1 - more, subject, more) &&
        !memcmp (words + size - 3 - more, " (", 2))
        size -= more + 3;
    return (int)size;
}

static void
say (const char *subject, const char *words)
{
    char line[1200];
    snprintf (line, sizeof line, "troika: %s: %.*s", subject,
              length_of (words, subject), words);
    for (char *at = line; *at; at++)
        if (iscntrl ((unsigned char)*at))
            *at = '?';
    fprintf (stderr, "%s\n", line);
}

int
cli_fail (const char *subject)
{
    int status = cli_status (errno);
    if (errno != EINTR) /* told by dying of the signal */
        say (subject, troika_error ());
    return status;
}

int
cli_complain (int status, const char *subject, const char *format, ...)
{
    char words[600];
    va_list args;
    va_start (args, format);
    vsnprintf (words, sizeof words, format, args);
    va_end (args);
    say (subject, words);
    return status;
}
