/* SPDX-License-Identifier: MPL-2.0 */
/*
 * match.h - reads a value that must be of some type, and says in words where
 * and why it is not.
 */
#ifndef TK_MSG_MATCH_H
#define TK_MSG_MATCH_H

#include <stdint.h>
#include "lib/wire/cursor.h"

/* How a value was reached; NULL is the top. Lives on the stack of a walk. */
typedef struct tk_path {
    const struct tk_path *up;
    const char *key; /* NULL: an element */
    uint32_t index;
} tk_path_t;

/* "at .items[2].id: …"; -EBADMSG. */
int tk_mismatch (const tk_path_t *path, const char *format, ...)
    __attribute__ ((format (printf, 2, 3)));

/* "expected a string, found an integer"; -EBADMSG. */
int tk_expected (const tk_path_t *path, const char *what,
                 const tk_cursor_t *in);

/* A number in that range, min <= 0: passes it and returns 0, or stays and
 * returns -EBADMSG with words. */
int tk_read_int (tk_cursor_t *in, const tk_path_t *path, int64_t min,
                 int64_t max, int64_t *value);
int tk_read_uint (tk_cursor_t *in, const tk_path_t *path, uint64_t max,
                  uint64_t *value);
int tk_read_double (tk_cursor_t *in, const tk_path_t *path, double *value);

#endif
