/* SPDX-License-Identifier: MPL-2.0 */
/*
 * format.c - the format strings of pack and unpack: their syntax.
 *
 * A format is checked before anything is read from the arguments or
 * written. So a bad format is always EINVAL, whatever the document holds,
 * and pack and unpack walk a format without a doubt about it: brackets
 * match, keys alternate with values, '*' stands last, depth is bounded.
 */
#include <errno.h>
#include "lib/base/error.h"
#include "lib/wire/cursor.h"
#include "format.h"

typedef struct {
    char close;   /* '\0' at the top */
    bool key;     /* a map, and a key comes next */
    bool starred; /* nothing but close may follow */
} level_t;

typedef struct {
    const char *format;
    const char *at;
    tk_format_use_t use;
    unsigned values;  /* at the top */
    unsigned depth;   /* open brackets */
    unsigned deepest; /* most of them */
    level_t levels[TK_DEPTH_MAX + 1];
} checker_t;

#define LETTER TK_FORMAT_LETTER
#define IGNORED TK_FORMAT_IGNORED
const uint8_t tk_format_class[256] = {
    [' '] = IGNORED,  [','] = IGNORED, [':'] = IGNORED, ['\t'] = IGNORED,
    ['\n'] = IGNORED, ['n'] = LETTER,  ['b'] = LETTER,  ['i'] = LETTER,
    ['u'] = LETTER,   ['I'] = LETTER,  ['U'] = LETTER,  ['f'] = LETTER,
    ['s'] = LETTER,   ['S'] = LETTER,  ['B'] = LETTER,  ['m'] = LETTER,
};

static int
refuse (const checker_t *self, const char *why)
{
    return tk_error (EINVAL, "format \"%s\", position %d: %s", self->format,
                     (int)(self->at - self->format), why);
}

static int
check_close (checker_t *self, char c)
{
    level_t *level = &self->levels[self->depth];
    if (self->depth == 0 || c != level->close)
        return refuse (self, c == ']' ? "nothing for ']' to close"
                                      : "nothing for '}' to close");
    if (c == '}' && !level->key)
        return refuse (self, "a key without a value");
    self->depth--;
    return 0;
}

static int
check_open (checker_t *self, char c)
{
    if (self->depth == TK_DEPTH_MAX)
        return refuse (self, "nested deeper than 32");
    level_t *level = &self->levels[++self->depth];
    *level = (level_t){c == '[' ? ']' : '}', c == '{', false};
    if (self->deepest < self->depth)
        self->deepest = self->depth;
    return 0;
}

static int
check_star (checker_t *self, level_t *level)
{
    if (self->use != TK_UNPACK)
        return refuse (self, "'*' is for unpack");
    if (level->close == '}' && !level->key)
        return refuse (self, "a key without a value");
    level->starred = true;
    return 0;
}

static int
check_key (checker_t *self, level_t *level, char c)
{
    if (c != 's')
        return refuse (self, "a key must be 's'");
    if (self->use == TK_UNPACK && self->at[1] == '?')
        self->at++;
    level->key = false;
    return 0;
}

static int
check_letter (checker_t *self, char c)
{
    level_t *level = &self->levels[self->depth];
    if (c == ']' || c == '}')
        return check_close (self, c);
    if (level->starred)
        return refuse (self, "nothing may follow '*'");
    if (c == '*')
        return check_star (self, level);
    if (level->key)
        return check_key (self, level, c);
    level->key = level->close == '}';
    self->values += self->depth == 0;
    if (c == '[' || c == '{')
        return check_open (self, c);
    return tk_format_class_of (c) == LETTER ? 0
                                            : refuse (self, "unknown letter");
}

static int
check_end (checker_t *self, bool *array)
{
    if (self->depth > 0)
        return refuse (self, self->levels[self->depth].close == ']'
                                 ? "']' is missing"
                                 : "'}' is missing");
    *array = self->values > 1 || self->levels[0].starred;
    if (*array && self->deepest == TK_DEPTH_MAX)
        return refuse (self, "nested deeper than 32");
    return 0;
}

static int
check_all (checker_t *self, bool *array)
{
    for (; *self->at; self->at++) {
        if (tk_format_class_of (*self->at) == IGNORED)
            continue;
        int rc = check_letter (self, *self->at);
        if (rc != 0)
            return rc;
    }
    return check_end (self, array);
}

/* A format of letters alone has nothing to be refused. */
static bool
is_flat (const char *format, bool *array)
{
    unsigned values = 0;
    for (; tk_format_class_of (*format) != TK_FORMAT_OTHER; format++)
        values += tk_format_class_of (*format) == LETTER;
    *array = values > 1;
    return !*format;
}

int
tk_format_check (const char *format, tk_format_use_t use, bool *array)
{
    checker_t self;
    if (is_flat (format ? format : "", array))
        return 0;
    self.format = self.at = format;
    self.use = use;
    self.values = self.depth = self.deepest = 0;
    self.levels[0] = (level_t){'\0', false, false};
    return check_all (&self, array);
}
