/* SPDX-License-Identifier: MPL-2.0 */
/*
 * child.h - runs a command and lends it our signals.
 */
#ifndef CLI_CHILD_H
#define CLI_CHILD_H

/* Runs argv and waits for its end: its exit status, 128 + N when signal N
 * killed it, 126 or 127 when it cannot be run, 125 when there is no process
 * for it. SIGTERM and SIGHUP are passed on to it; SIGINT and SIGQUIT of a
 * terminal reach it by themselves and do not end us before it. It does not
 * outlive us (on Linux): killed holders leave nobody who believes he holds. */
int cli_child_run (char **argv);

#endif
