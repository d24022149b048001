/* SPDX-License-Identifier: MPL-2.0 */
/* leaks.h - which processes are looked at for leaks when they end. */
#ifndef TESTS_LEAKS_H
#define TESTS_LEAKS_H

/* This process is. A child that is forked from now on is not, unless it calls
 * it, too: one of a process without threads may. */
void stage_watch_leaks (void);

#endif
