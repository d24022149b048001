/* SPDX-License-Identifier: MPL-2.0 */
/*
 * signals.c - remembers the signal that ends a command.
 *
 * A signal may come just before a call that waits for ever, which it then
 * does not interrupt. So the handler asks for SIGALRM, second by second,
 * until the command has noticed. Library threads block all signals: they
 * reach the main thread only.
 */
#include "tools/troika/signals.h"

#include <signal.h>
#include <stddef.h>
#include <troika.h>
#include <unistd.h>

#define END_MS 5000 /* for what was put and not yet delivered */

static const int ending[] = {SIGINT, SIGTERM, SIGHUP};
static volatile sig_atomic_t caught;

static void
remember (int number)
{
    if (number != SIGALRM)
        caught = number;
    alarm (1);
}

static void
handle (int number)
{
    struct sigaction action = {.sa_handler = remember};
    struct sigaction old;
    sigaction (number, NULL, &old);
    if (old.sa_handler != SIG_IGN || number == SIGALRM)
        sigaction (number, &action, NULL);
}

void
cli_signals_catch (void)
{
    handle (SIGALRM);
    for (size_t i = 0; i < sizeof ending / sizeof *ending; i++)
        handle (ending[i]);
}

int
cli_signals_caught (void)
{
    return caught;
}

int
cli_signals_end (int status)
{
    if (!caught)
        return status;
    alarm (0);
    troika_shutdown (END_MS);
    signal (caught, SIG_DFL);
    raise (caught);
    return 128 + caught;
}
