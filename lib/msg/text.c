/* SPDX-License-Identifier: MPL-2.0 */
/*
 * text.c - UTF-8, and the strings of a message as C strings.
 *
 * MessagePack strings have no NUL behind them, and the bytes of a message
 * are shared and immutable; so a message keeps copies of the strings that
 * were asked for by `s`. A text is a copy of a range of the document. In a
 * small document that is all of it, with a NUL written behind every string:
 * what stands there is the header of the next value (or the end), which
 * nobody reads in the copy. In a large one it is the one string.
 * Asking twice gives the same pointer, so a message that is unpacked a
 * million times does not grow. Copying all of every document was refused:
 * "{s:s,s:B}" of 10 MiB would copy the blob to terminate the name.
 */
#include <stdint.h>
#include <string.h>
#include "lib/wire/cursor.h"
#include "pool.h"
#include "text.h"

enum { SMALL = 1024 }; /* bytes of a document that is copied whole */

struct tk_text {
    tk_text_t *next;
    size_t from; /* range of the document */
    size_t size;
    char bytes[]; /* size + 1 */
};

/* Bounds of the second byte, for the lead bytes that narrow them. */
static bool
second_ok (uint8_t lead, uint8_t second)
{
    switch (lead) {
    case 0xe0:
        return second >= 0xa0 && second <= 0xbf;
    case 0xed:
        return second >= 0x80 && second <= 0x9f;
    case 0xf0:
        return second >= 0x90 && second <= 0xbf;
    case 0xf4:
        return second >= 0x80 && second <= 0x8f;
    default:
        return second >= 0x80 && second <= 0xbf;
    }
}

size_t
tk_utf8_next (const char *text, size_t length)
{
    const uint8_t *at = (const uint8_t *)text;
    if (length == 0)
        return 0;
    if (at[0] < 0x80)
        return 1;
    if (at[0] < 0xc2 || at[0] > 0xf4)
        return 0;
    size_t size = at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4;
    if (size > length || !second_ok (at[0], at[1]))
        return 0;
    for (size_t i = 2; i < size; i++)
        if ((at[i] & 0xc0) != 0x80)
            return 0;
    return size;
}

bool
tk_utf8_valid (const char *text, size_t length)
{
    while (length > 0) {
        uint64_t eight;
        if (length >= sizeof eight) {
            memcpy (&eight, text, sizeof eight);
            if ((eight & UINT64_C (0x8080808080808080)) == 0) {
                text += sizeof eight;
                length -= sizeof eight;
                continue;
            }
        }
        size_t size = tk_utf8_next (text, length);
        if (size == 0)
            return false;
        text += size;
        length -= size;
    }
    return true;
}

void
tk_utf8_repair (char *text)
{
    size_t length = strlen (text);
    while (length > 0) {
        size_t size = tk_utf8_next (text, length);
        if (size == 0) {
            *text = '?';
            size = 1;
        }
        text += size;
        length -= size;
    }
}

/* Writes a NUL behind every string of a copy of the whole document. */
static void
terminate (const troika_msg_t *msg, char *copy)
{
    tk_cursor_t at = tk_cursor (msg->data, msg->size);
    uint32_t count;
    const char *text;
    size_t length;
    while (at.at < at.end) {
        tk_kind_t kind = tk_cursor_peek (&at);
        if (kind == TK_ARRAY)
            tk_cursor_array (&at, &count);
        else if (kind == TK_MAP)
            tk_cursor_map (&at, &count);
        else if (kind != TK_STR)
            tk_cursor_skip (&at);
        else if (tk_cursor_str (&at, &text, &length) == 0)
            copy[at.at - msg->data] = '\0';
    }
}

static tk_text_t *
text_new (const troika_msg_t *msg, size_t from, size_t length)
{
    bool whole = msg->size <= SMALL;
    size_t size = whole ? msg->size : length;
    tk_text_t *self = tk_pool_get (sizeof *self + size + 1);
    if (!self)
        return NULL;
    self->from = whole ? 0 : from;
    self->size = size;
    memcpy (self->bytes, msg->data + self->from, size);
    self->bytes[size] = '\0';
    if (whole)
        terminate (msg, self->bytes);
    return self;
}

static void
text_free (tk_text_t *self)
{
    if (self)
        tk_pool_give (self, sizeof *self + self->size + 1);
}

/* The copy that holds this string. Strings do not overlap. */
static const char *
find (const tk_text_t *list, size_t from, size_t length)
{
    for (const tk_text_t *text = list; text; text = text->next)
        if (from >= text->from && from + length <= text->from + text->size)
            return text->bytes + (from - text->from);
    return NULL;
}

const char *
tk_text_of (const troika_msg_t *msg, const char *text, size_t length)
{
    troika_msg_t *self = (troika_msg_t *)msg;
    size_t from = (size_t)((const uint8_t *)text - self->data);
    tk_text_t *made = NULL;
    tk_text_t *head = atomic_load (&self->texts);
    for (;;) {
        const char *found = length ? find (head, from, length) : "";
        if (found) {
            text_free (made);
            return found;
        }
        if (!made && !(made = text_new (self, from, length)))
            return NULL;
        made->next = head;
        if (atomic_compare_exchange_weak (&self->texts, &head, made))
            return made->bytes + (from - made->from);
    }
}

void
tk_text_free_all (tk_text_t *list)
{
    while (list) {
        tk_text_t *next = list->next;
        text_free (list);
        list = next;
    }
}
