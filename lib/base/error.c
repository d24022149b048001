/* SPDX-License-Identifier: MPL-2.0 */
/*
 * error.c - keeps a thread's words about its failure, and the error names.
 *
 * Two buffers for each thread: `pending` is what tk_error() wrote on the way,
 * `last` is what troika_error() shows. tk_edge() moves one to the other, so
 * that words about a failure the library got over never reach the caller.
 * Only this file touches them.
 */
#include "lib/base/error.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include "lib/base/troika_base.h"

#define WORDS_SIZE 512

TK_THREAD_LOCAL int tk_pending_error;

static _Thread_local struct {
    char pending[WORDS_SIZE];
    char last[WORDS_SIZE];
} words;

/* The closed list: what a call may fail with, and what travels on the wire. */
#define NAME(error)                                                            \
    {                                                                          \
        error, #error, sizeof #error - 1                                       \
    }
static const struct {
    int error;
    const char *name;
    size_t length;
} names[] = {
    NAME (EAGAIN),        NAME (ETIMEDOUT), NAME (EPIPE),
    NAME (ECONNRESET),    NAME (ENOENT),    NAME (EINVAL),
    NAME (EHOSTUNREACH),  NAME (EACCES),    NAME (EEXIST),
    NAME (EBADMSG),       NAME (EMSGSIZE),  NAME (EPERM),
    NAME (ESTALE),        NAME (EDEADLK),   NAME (ERANGE),
    NAME (ECANCELED),     NAME (EPROTO),    NAME (EINTR),
    NAME (ENOMEM),        NAME (ENOTSUP),   NAME (EADDRINUSE),
    NAME (EADDRNOTAVAIL), NAME (EMFILE),    NAME (ENOTDIR),
    NAME (ENAMETOOLONG),
};
#define NAMES (sizeof names / sizeof *names)

int
tk_error_v (int error, const char *format, va_list args)
{
    /* By way of a second buffer: args may point into the words. */
    char text[WORDS_SIZE];
    if (vsnprintf (text, sizeof text, format, args) < 0)
        text[0] = '\0';
    memcpy (words.pending, text, sizeof text);
    tk_pending_error = error;
    return -error;
}

int
tk_error (int error, const char *format, ...)
{
    va_list args;
    va_start (args, format);
    int rc = tk_error_v (error, format, args);
    va_end (args);
    return rc;
}

const char *
tk_error_text (int error)
{
    /* strerror: its texts for known numbers are constants in every libc. */
    if (tk_pending_error != error || error == 0)
        snprintf (words.pending, sizeof words.pending, "%s", strerror (error));
    tk_pending_error = 0;
    return words.pending;
}

int
tk_error_where (int error, const char *where)
{
    tk_error_text (error);
    tk_pending_error = error;
    size_t used = strlen (words.pending);
    size_t more = strlen (where);
    if (used + more + sizeof " ()" <= WORDS_SIZE &&
        !strstr (words.pending, where)) {
        memcpy (words.pending + used, " (", 2);
        memcpy (words.pending + used + 2, where, more);
        memcpy (words.pending + used + 2 + more, ")", 2);
    }
    return -error;
}

int
tk_edge_failure (int rc)
{
    memcpy (words.last, tk_error_text (-rc), sizeof words.last);
    errno = -rc;
    return -1;
}

void *
tk_edge_null (int rc)
{
    tk_edge (rc);
    return NULL;
}

const char *
troika_error (void)
{
    return words.last;
}

const char *
tk_error_name (int error)
{
    for (size_t i = 0; i < NAMES; i++)
        if (names[i].error == error)
            return names[i].name;
    return "EINVAL";
}

int
tk_error_number (const char *name, size_t length)
{
    for (size_t i = 0; i < NAMES; i++)
        if (names[i].length == length && !memcmp (names[i].name, name, length))
            return names[i].error;
    return EPROTO;
}
