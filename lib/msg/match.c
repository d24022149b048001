/* SPDX-License-Identifier: MPL-2.0 */
/*
 * match.c - reads a value that must be of some type, and says in words where
 * and why it is not.
 *
 * The words are made only for a failure: the path to a value is a chain of
 * records on the stack of the walk that asks, written out from the top.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include "lib/base/error.h"
#include "match.h"

enum { PATH_SIZE = 256 };

/* Writes ".items[2].id" into text; what does not fit is left out. */
static size_t
describe (const tk_path_t *path, char *text)
{
    if (!path)
        return 0;
    size_t used = describe (path->up, text);
    int more = path->key
                   ? snprintf (text + used, PATH_SIZE - used, ".%s", path->key)
                   : snprintf (text + used, PATH_SIZE - used, "[%" PRIu32 "]",
                               path->index);
    used += more > 0 ? (size_t)more : 0;
    return used < PATH_SIZE ? used : PATH_SIZE - 1;
}

int
tk_mismatch (const tk_path_t *path, const char *format, ...)
{
    char where[PATH_SIZE];
    char what[PATH_SIZE];
    va_list args;
    va_start (args, format);
    vsnprintf (what, sizeof what, format, args);
    va_end (args);
    if (!path)
        return tk_error (EBADMSG, "at the top: %s", what);
    describe (path, where);
    return tk_error (EBADMSG, "at %s: %s", where, what);
}

int
tk_expected (const tk_path_t *path, const char *what, const tk_cursor_t *in)
{
    static const char *const names[] = {
        [TK_NIL] = "nil",         [TK_BOOL] = "a bool",
        [TK_UINT] = "an integer", [TK_INT] = "an integer",
        [TK_FLOAT] = "a float",   [TK_STR] = "a string",
        [TK_BIN] = "a binary",    [TK_ARRAY] = "an array",
        [TK_MAP] = "a map",       [TK_EXT] = "an extension",
        [TK_BAD] = "nothing",
    };
    return tk_mismatch (path, "expected %s, found %s", what,
                        names[tk_cursor_peek (in)]);
}

int
tk_read_int (tk_cursor_t *in, const tk_path_t *path, int64_t min, int64_t max,
             int64_t *value)
{
    uint64_t large;
    if (tk_cursor_int (in, value) == 0) {
        if (*value >= min && *value <= max)
            return 0;
        return tk_mismatch (
            path, "%" PRId64 " is out of the range %" PRId64 " to %" PRId64,
            *value, min, max);
    }
    if (tk_cursor_uint (in, &large) != 0)
        return tk_expected (path, "an integer", in);
    return tk_mismatch (
        path, "%" PRIu64 " is out of the range %" PRId64 " to %" PRId64, large,
        min, max);
}

int
tk_read_uint (tk_cursor_t *in, const tk_path_t *path, uint64_t max,
              uint64_t *value)
{
    int64_t negative;
    if (tk_cursor_uint (in, value) == 0) {
        if (*value <= max)
            return 0;
        return tk_mismatch (path, "%" PRIu64 " is over %" PRIu64, *value, max);
    }
    if (tk_cursor_int (in, &negative) != 0)
        return tk_expected (path, "an integer", in);
    return tk_mismatch (path, "%" PRId64 " is negative", negative);
}

/* An integer counts as a double if it is one: JavaScript and JSON write 1
 * for 1.0. Doubles hold every integer of up to 53 significant bits. */
int
tk_read_double (tk_cursor_t *in, const tk_path_t *path, double *value)
{
    const uint64_t limit = UINT64_C (1) << 53;
    uint64_t large;
    int64_t number;
    if (tk_cursor_float (in, value) == 0)
        return 0;
    tk_kind_t kind = tk_cursor_peek (in);
    if (kind != TK_UINT && kind != TK_INT)
        return tk_expected (path, "a number", in);
    bool negative = kind == TK_INT;
    if (negative) {
        tk_cursor_int (in, &number);
        large = 0 - (uint64_t)number;
    } else
        tk_cursor_uint (in, &large);
    uint64_t odd = large >> (large ? __builtin_ctzll (large) : 0);
    if (odd > limit)
        return tk_mismatch (path, "%s%" PRIu64 " is not exact as a double",
                            negative ? "-" : "", large);
    *value = negative ? -(double)large : (double)large;
    return 0;
}
