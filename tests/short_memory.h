/* SPDX-License-Identifier: MPL-2.0 */
/*
 * short_memory.h - the n-th allocation of a thread fails.
 *
 * Included once in a program that is linked with
 * -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc. Each thread has a countdown
 * of its own.
 */
#ifndef TK_TESTS_SHORT_MEMORY_H
#define TK_TESTS_SHORT_MEMORY_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

void *__real_malloc (size_t size);
void *__real_calloc (size_t count, size_t size);
void *__real_realloc (void *old, size_t size);
void *__wrap_malloc (size_t size);
void *__wrap_calloc (size_t count, size_t size);
void *__wrap_realloc (void *old, size_t size);

static _Thread_local unsigned countdown; /* 0: none; n: the n-th from now */

static bool
fails (void)
{
    if (countdown == 0 || --countdown > 0)
        return false;
    errno = ENOMEM;
    return true;
}

void *
__wrap_malloc (size_t size)
{
    return fails () ? NULL : __real_malloc (size);
}

void *
__wrap_calloc (size_t count, size_t size)
{
    return fails () ? NULL : __real_calloc (count, size);
}

void *
__wrap_realloc (void *old, size_t size)
{
    return fails () ? NULL : __real_realloc (old, size);
}

#endif
