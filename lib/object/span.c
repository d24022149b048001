/* SPDX-License-Identifier: MPL-2.0 */
/*
 * span.c - reads arguments where they lie and answers with bytes at hand.
 *
 * Arguments come from anybody: every one is walked by the cursor before
 * its span is given out, so that those who store it need not look again.
 */
#include "lib/object/span.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/object/args.h"
#include "lib/object/call.h"
#include "lib/object/registry.h"

int
tk_span_next (tk_cursor_t *cursor, tk_span_t *value)
{
    const uint8_t *start = cursor->at;
    int rc = tk_cursor_skip (cursor);
    if (!rc)
        *value = tk_span (start, (size_t)(cursor->at - start));
    return rc;
}

/* What each letter of a format wants. */
static const struct {
    char letter;
    tk_kind_t kind; /* TK_BAD: looked at by its reader, or any */
    const char *words;
} wants[] = {
    {'v', TK_BAD, "a value"},
    {'a', TK_ARRAY, "an array"},
    {'m', TK_MAP, "a map"},
    {'s', TK_STR, "a string"},
    {'b', TK_BAD, "a binary"},
    {'i', TK_BAD, "an integer of 64 bits"},
    {'u', TK_BAD, "an integer from 0 to 2^64-1"},
};

static size_t
want (char letter)
{
    size_t i = 0;
    while (wants[i].letter != letter)
        i++;
    return i;
}

static int
take_span (tk_cursor_t *from, tk_kind_t kind, tk_span_t *value)
{
    if (kind != TK_BAD && tk_cursor_peek (from) != kind)
        return -EBADMSG;
    return tk_span_next (from, value);
}

static int
take_bin (tk_cursor_t *from, tk_span_t *value)
{
    const void *data;
    size_t size;
    int rc = tk_cursor_bin (from, &data, &size);
    if (!rc)
        *value = tk_span (data, size);
    return rc;
}

/* One argument at a time; the names in a format end at a space. */
typedef struct {
    troika_call_t *call;
    const char *format;
    tk_cursor_t from;
    uint32_t count; /* arguments there are */
    uint32_t taken;
} taker_t;

static bool
refuse (const taker_t *self, const char *fault, const char *words)
{
    const char *name = strchr (self->format, ':') + 1;
    troika_call_fail (self->call, EINVAL, "%s '%s' %s: argument %u, %.*s, %s%s",
                      self->call->object->type->name, troika_current_name (),
                      self->call->method, self->taken + 1,
                      (int)strcspn (name, " "), name, fault, words);
    return false;
}

static bool
refuse_count (const taker_t *self)
{
    char most[32] = "no arguments";
    if (self->taken > 0)
        snprintf (most, sizeof most, "%u argument%s", self->taken,
                  self->taken > 1 ? "s" : "");
    troika_call_fail (self->call, EINVAL, "%s '%s' %s: takes %s, not %u",
                      self->call->object->type->name, troika_current_name (),
                      self->call->method, most, self->count);
    return false;
}

static int
take_next (taker_t *self, char letter, va_list *where)
{
    switch (letter) {
    case 'i':
        return tk_cursor_int (&self->from, va_arg (*where, int64_t *));
    case 'u':
        return tk_cursor_uint (&self->from, va_arg (*where, uint64_t *));
    case 'b':
        return take_bin (&self->from, va_arg (*where, tk_span_t *));
    default:
        return take_span (&self->from, wants[want (letter)].kind,
                          va_arg (*where, tk_span_t *));
    }
}

static bool
take_all (taker_t *self, va_list *where)
{
    while (*self->format) {
        bool optional = *self->format == '?';
        char letter = self->format[optional];
        if (self->taken == self->count)
            return optional || refuse (self, "is missing", "");
        if (take_next (self, letter, where))
            return refuse (self, "must be ", wants[want (letter)].words);
        self->taken++;
        self->format += strcspn (self->format, " ");
        self->format += *self->format == ' ';
    }
    return self->taken == self->count || refuse_count (self);
}

bool
tk_take (troika_call_t *call, const char *format, ...)
{
    const troika_msg_t *args = troika_call_args (call);
    taker_t self = {.call = call, .format = format};
    self.from = tk_cursor (troika_msg_data (args), troika_msg_size (args));
    if (tk_cursor_array (&self.from, &self.count)) {
        troika_call_fail (call, EINVAL,
                          "%s '%s' %s: the arguments must be "
                          "an array",
                          call->object->type->name, troika_current_name (),
                          call->method);
        return false;
    }
    va_list where;
    va_start (where, format);
    bool ok = take_all (&self, &where);
    va_end (where);
    return ok;
}

bool
tk_no_params (const troika_msg_t *params)
{
    uint32_t count;
    tk_cursor_t from =
        tk_cursor (troika_msg_data (params), troika_msg_size (params));
    if (!tk_cursor_array (&from, &count) && count == 0)
        return true;
    errno = EINVAL;
    return false;
}

int
tk_give_written (troika_call_t *call, tk_buffer_t *result)
{
    troika_msg_t *msg = tk_written (result);
    int rc = msg ? troika_call_reply_msg (call, msg) : -1;
    troika_msg_destroy (&msg);
    return rc;
}

int
tk_give (troika_call_t *call, tk_span_t value)
{
    tk_buffer_t result;
    tk_buffer_init (&result);
    tk_buffer_append (&result, value.data, value.size);
    return tk_give_written (call, &result);
}

int
tk_refuse (int rc)
{
    errno = -rc;
    return -1;
}

/* Copies text, in quotes if it was a string; a cut ends at a character. */
static const char *
show_text (const char *text, size_t length, const char *quote,
           char shown[TK_SHOW_SIZE])
{
    const char *more = "";
    if (length > TK_SHOW_SIZE - 8) {
        length = TK_SHOW_SIZE - 8;
        while (length > 0 && ((uint8_t)text[length] & 0xc0) == 0x80)
            length--;
        more = "...";
    }
    snprintf (shown, TK_SHOW_SIZE, "%s%.*s%s%s", quote, (int)length, text, more,
              quote);
    return shown;
}

const char *
tk_show (tk_span_t value, char shown[TK_SHOW_SIZE])
{
    const char *text;
    size_t length;
    tk_cursor_t cursor = tk_span_cursor (value);
    if (!tk_cursor_str (&cursor, &text, &length))
        return show_text (text, length, "\"", shown);
    troika_msg_t *msg = troika_msg_new (value.data, value.size);
    char *json = msg ? troika_msg_json (msg) : NULL;
    show_text (json ? json : "?", json ? strlen (json) : 1, "", shown);
    free (json);
    troika_msg_destroy (&msg);
    return shown;
}
