/* SPDX-License-Identifier: MPL-2.0 */
/*
 * text.h - UTF-8, and the strings of a message as C strings.
 */
#ifndef TK_MSG_TEXT_H
#define TK_MSG_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include "layout.h"

/* How many bytes the well-formed UTF-8 character at text takes (1 to 4), or
 * 0 when there is none. Overlong forms, surrogates and what lies beyond
 * U+10FFFF are not well-formed. */
size_t tk_utf8_next (const char *text, size_t length);
bool tk_utf8_valid (const char *text, size_t length);

/* Puts a question mark for each byte that is of no well-formed character. */
void tk_utf8_repair (char *text);

/* A string inside the message's bytes, with a NUL behind it; lives as long
 * as the message. NULL when memory is short. Any thread. */
const char *tk_text_of (const troika_msg_t *msg, const char *text,
                        size_t length);

void tk_text_free_all (tk_text_t *list);

/* Frees all of a message's; no one else may hold the message. */
static inline void
tk_text_free (troika_msg_t *msg)
{
    tk_text_t *list = atomic_load_explicit (&msg->texts, memory_order_relaxed);
    if (list)
        tk_text_free_all (list);
}

#endif
