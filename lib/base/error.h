/* SPDX-License-Identifier: MPL-2.0 */
/*
 * error.h - failures inside the library and at its public edge.
 *
 * Inside, a function returns 0 (or a count) or a negative errno, and may
 * record words for it with tk_error(). The public edge turns that into
 * errno and -1 once, with tk_edge(). Words belong to the calling thread.
 */
#ifndef TK_BASE_ERROR_H
#define TK_BASE_ERROR_H

#include <stdarg.h>
#include <stddef.h>
#include "thread_local.h"

/* What this thread's pending words are about; 0: there are none. Of error.c
 * alone, but for the edge, which each call passes. */
extern TK_THREAD_LOCAL int tk_pending_error;
int tk_edge_failure (int rc);

/* Records the words of this thread's failure; returns -error. */
int tk_error (int error, const char *format, ...)
    __attribute__ ((format (printf, 2, 3)));
int tk_error_v (int error, const char *format, va_list args);

/* The words recorded last, if they are about this error and not yet used,
 * else strerror's: what a failure says on the wire. Good until this thread's
 * next tk_ call here; may be an argument of tk_error(). */
const char *tk_error_text (int error);

/* Adds " (where)" to the words about error, unless they say it. No format is
 * read: polling by calls that may not wait fails often and has to be cheap.
 * Returns -error. */
int tk_error_where (int error, const char *where);

/* rc >= 0 passes; a negative errno sets errno and gives -1. If no words
 * were recorded for this very error since the last edge, they become
 * strerror's. Words that no edge took are dropped by the next one. */
static inline int
tk_edge (int rc)
{
    if (rc < 0)
        return tk_edge_failure (rc);
    tk_pending_error = 0;
    return rc;
}

/* For functions that give a pointer: sets errno from -rc, returns NULL. */
void *tk_edge_null (int rc);

/* "ETIMEDOUT" for ETIMEDOUT and back. One table holds the closed list of
 * error names that travel on the wire; a number outside it is "EINVAL",
 * a name outside it is EPROTO. */
const char *tk_error_name (int error);
int tk_error_number (const char *name, size_t length);

#endif
