/* SPDX-License-Identifier: MPL-2.0 */
/*
 * leaks.c - which processes LeakSanitizer and valgrind look at when they end.
 *
 * Only those that say so by stage_watch_leaks(): a child of a process with
 * threads has what those were just using, and nothing there points to it any
 * more. Memory that is used wrongly is told of in every process.
 */
#include <pthread.h>
#include <stdbool.h>
#include <sys/types.h>
#include <unistd.h>
#include "tests/leaks.h"

#if __has_include(<valgrind/valgrind.h>)
#include <valgrind/valgrind.h>
#else
#define VALGRIND_CLO_CHANGE(option) (void)0
#endif

static pid_t watched;

static void
watch_no_more (void)
{
    VALGRIND_CLO_CHANGE ("--leak-check=no");
}

void
stage_watch_leaks (void)
{
    if (watched == 0)
        pthread_atfork (NULL, NULL, watch_no_more);
    watched = getpid ();
    VALGRIND_CLO_CHANGE ("--leak-check=full");
}

/* LeakSanitizer asks at the end of each process. */
int __lsan_is_turned_off (void);
__attribute__ ((visibility ("default"))) int
__lsan_is_turned_off (void)
{
    return watched != getpid ();
}
