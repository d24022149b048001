/* SPDX-License-Identifier: MPL-2.0 */
/*
 * format.h - the format strings of pack and unpack: their syntax.
 */
#ifndef TK_MSG_FORMAT_H
#define TK_MSG_FORMAT_H

#include <stdbool.h>

typedef enum { TK_PACK, TK_UNPACK } tk_format_use_t;

/* -EINVAL with words that name the position, unless format is well-formed
 * for that use. *array becomes true when its top level stands for an array:
 * several values, or any with a '*'. format may be NULL: no values. */
int tk_format_check (const char *format, tk_format_use_t use, bool *array);

/* The next letter, passed; '\0' at the end, not passed. */
char tk_format_next (const char **at);

#endif
