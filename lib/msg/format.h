/* SPDX-License-Identifier: MPL-2.0 */
/*
 * format.h - the format strings of pack and unpack: their syntax.
 */
#ifndef TK_MSG_FORMAT_H
#define TK_MSG_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum { TK_PACK, TK_UNPACK } tk_format_use_t;

/* What a character is in a format. */
enum { TK_FORMAT_OTHER, TK_FORMAT_LETTER, TK_FORMAT_IGNORED };
extern const uint8_t tk_format_class[256];

static inline unsigned
tk_format_class_of (char c)
{
    return tk_format_class[(unsigned char)c];
}

/* The shortest formats are the most frequent ones. */
static inline bool
tk_format_is_letter (const char *format)
{
    return format && tk_format_class_of (*format) == TK_FORMAT_LETTER &&
           !format[1];
}

/* -EINVAL with words that name the position, unless format is well-formed
 * for that use. *array becomes true when its top level stands for an array:
 * several values, or any with a '*'. format may be NULL: no values. */
int tk_format_check (const char *format, tk_format_use_t use, bool *array);

/* The next letter, passed; '\0' at the end, not passed. */
static inline char
tk_format_next (const char **at)
{
    while (tk_format_class_of (**at) == TK_FORMAT_IGNORED)
        (*at)++;
    return **at ? *(*at)++ : '\0';
}

#endif
