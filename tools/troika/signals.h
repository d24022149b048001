/* SPDX-License-Identifier: MPL-2.0 */
/*
 * signals.h - a command that is told to end does so in good order: what it
 * put is delivered, what it took is confirmed, its waiting calls leave.
 */
#ifndef CLI_SIGNALS_H
#define CLI_SIGNALS_H

/* From now on SIGINT, SIGTERM and SIGHUP interrupt the call that waits
 * (EINTR) and are remembered. Those that were ignored stay so. */
void cli_signals_catch (void);

/* The signal that came, or 0. */
int cli_signals_caught (void);

/* At the end: if one came, ends the library and dies of that signal, so that
 * a shell knows. Otherwise passes status on. */
int cli_signals_end (int status);

#endif
