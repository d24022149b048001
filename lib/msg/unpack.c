/* SPDX-License-Identifier: MPL-2.0 */
/*
 * unpack.c - a format and its arguments read values out of a message.
 *
 * Two walks over the same format. The first compares it with the document
 * and makes what needs memory: C strings, which stay with the message, and
 * the messages of `m`, which are collected in order. Only when all of it
 * matches does the second walk store, and it cannot fail. So a failed unpack
 * has not touched the caller's variables. For one scalar, one walk does.
 * A part of the format whose optional key is absent is walked with no
 * cursor: its arguments are passed over, nothing is compared or stored.
 */
#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>
#include "lib/base/error.h"
#include "format.h"
#include "unpack.h"

static int unpack_value (tk_unpacker_t *self, char letter, tk_cursor_t *in,
                         const tk_path_t *path);

static troika_msg_t *
take_made (tk_unpacker_t *self)
{
    troika_msg_t *msg = self->made;
    self->made = msg->next;
    atomic_init (&msg->texts, NULL); /* in the place of next */
    return msg;
}

static int
unpack_message (tk_unpacker_t *self, tk_cursor_t *in)
{
    troika_msg_t **to = va_arg (self->args->list, troika_msg_t **);
    if (!in)
        return 0;
    const uint8_t *from = in->at;
    tk_cursor_skip (in);
    if (!to)
        return 0;
    if (self->store) {
        *to = take_made (self);
        return 0;
    }
    *self->last = tk_msg_slice (self->msg->slab, from, (size_t)(in->at - from));
    if (!*self->last)
        return -ENOMEM;
    (*self->last)->next = NULL;
    self->last = &(*self->last)->next;
    return 0;
}

/* After the format's last element: the array must end, too, or '*' was
 * there; then the rest is passed. */
static int
finish_array (tk_cursor_t *in, const tk_path_t *path, uint32_t count,
              bool starred)
{
    if (!starred && path->index < count)
        return tk_mismatch (path->up,
                            "expected %" PRIu32 " elements, found %" PRIu32,
                            path->index, count);
    for (uint32_t i = path->index; i < count; i++)
        tk_cursor_skip (in);
    return 0;
}

static int
unpack_array (tk_unpacker_t *self, char close, tk_cursor_t *in,
              const tk_path_t *up)
{
    tk_path_t path = {up, NULL, 0};
    uint32_t count = 0;
    bool starred = false;
    if (in && tk_cursor_array (in, &count) != 0)
        return tk_expected (up, "an array", in);
    for (char c; (c = tk_format_next (&self->at)) != close;) {
        if (c == '*') {
            starred = true;
            continue;
        }
        if (in && path.index == count)
            return tk_mismatch (&path, "missing: the array ends");
        int rc = unpack_value (self, c, in, &path);
        if (rc != 0)
            return rc;
        path.index++;
    }
    return in ? finish_array (in, &path, count, starred) : 0;
}

/* Sets *value to the first value under this key. */
static bool
find_key (tk_cursor_t pairs, uint32_t count, const char *key,
          tk_cursor_t *value)
{
    size_t wanted = strlen (key);
    while (count-- > 0) {
        const char *text;
        size_t length;
        if (tk_cursor_str (&pairs, &text, &length) != 0)
            tk_cursor_skip (&pairs);
        else if (length == wanted && memcmp (text, key, length) == 0) {
            *value = pairs;
            return true;
        }
        tk_cursor_skip (&pairs);
    }
    return false;
}

/* One key of the format and its value; pairs is NULL when the map itself is
 * absent. */
static int
unpack_pair (tk_unpacker_t *self, const tk_cursor_t *pairs, uint32_t count,
             tk_path_t *path)
{
    const char *key = va_arg (self->args->list, const char *);
    bool optional = *self->at == '?';
    self->at += optional;
    if (!key)
        return tk_error (EINVAL, "a key of the format is NULL");
    tk_cursor_t value;
    bool found = pairs && find_key (*pairs, count, key, &value);
    path->key = key;
    if (pairs && !found && !optional)
        return tk_mismatch (path, "missing: the map has no such key");
    char letter = tk_format_next (&self->at);
    return unpack_value (self, letter, found ? &value : NULL, path);
}

static int
unpack_map (tk_unpacker_t *self, tk_cursor_t *in, const tk_path_t *up)
{
    tk_path_t path = {up, NULL, 0};
    tk_cursor_t pairs;
    uint32_t count = 0;
    if (in) {
        pairs = *in;
        if (tk_cursor_map (&pairs, &count) != 0)
            return tk_expected (up, "a map", in);
        tk_cursor_skip (in);
    }
    for (char c; (c = tk_format_next (&self->at)) != '}';) {
        if (c == '*')
            continue;
        int rc = unpack_pair (self, in ? &pairs : NULL, count, &path);
        if (rc != 0)
            return rc;
    }
    return 0;
}

static int
unpack_value (tk_unpacker_t *self, char letter, tk_cursor_t *in,
              const tk_path_t *path)
{
    switch (letter) {
    case 'm':
        return unpack_message (self, in);
    case '[':
        return unpack_array (self, ']', in, path);
    case '{':
        return unpack_map (self, in, path);
    default:
        return tk_unpack_scalar (self, letter, in, path);
    }
}

/* A call's arguments are one array; a format of one value means the only
 * one that is in it. */
static void
enter_single (tk_cursor_t *in, const char *format)
{
    tk_cursor_t array = *in;
    uint32_t count;
    char letter = tk_format_next (&format);
    if (letter && letter != '[' && tk_cursor_array (&array, &count) == 0 &&
        count == 1)
        *in = array;
}

static tk_cursor_t
begin (const troika_msg_t *msg, const char *format, bool array)
{
    tk_cursor_t in = {msg->data, msg->data + msg->size};
    if (!array && msg->is_args)
        enter_single (&in, format);
    return in;
}

static int
walk (tk_unpacker_t *self, bool store, bool array, const char *format,
      tk_args_t *args)
{
    tk_cursor_t in = begin (self->msg, format, array);
    self->check = !store;
    self->store = store;
    self->at = format;
    self->args = args;
    return array ? unpack_array (self, '\0', &in, NULL)
                 : unpack_value (self, tk_format_next (&self->at), &in, NULL);
}

static void
drop_made (tk_unpacker_t *self)
{
    while (self->made) {
        troika_msg_t *msg = take_made (self);
        troika_msg_destroy (&msg);
    }
}

static int
unpack_twice (const troika_msg_t *msg, const char *format, tk_args_t *args)
{
    bool array;
    tk_args_t first;
    int rc = tk_format_check (format, TK_UNPACK, &array);
    if (rc != 0)
        return rc;
    if (!format)
        format = "";
    tk_unpacker_t self = {.msg = msg};
    self.last = &self.made;
    va_copy (first.list, args->list);
    rc = walk (&self, false, array, format, &first);
    va_end (first.list);
    if (rc != 0) {
        drop_made (&self);
        return rc;
    }
    rc = walk (&self, true, array, format, args);
    assert (rc == 0 && !self.made);
    return rc;
}

static int
unpack_once (const troika_msg_t *msg, const char *format, tk_args_t *args)
{
    tk_cursor_t in = begin (msg, format, false);
    tk_unpacker_t self;
    self.msg = msg;
    self.check = self.store = true;
    self.args = args;
    return tk_unpack_scalar (&self, *format, &in, NULL);
}

static int
unpack (const troika_msg_t *msg, const char *format, tk_args_t *args)
{
    if (!msg)
        return tk_error (EINVAL, "the message is NULL");
    return tk_format_is_letter (format) && *format != 'm'
               ? unpack_once (msg, format, args)
               : unpack_twice (msg, format, args);
}

int
troika_msg_vunpack (const troika_msg_t *self, const char *format, va_list args)
{
    tk_args_t own;
    va_copy (own.list, args);
    int rc = unpack (self, format, &own);
    va_end (own.list);
    return tk_edge (rc);
}

int
troika_msg_unpack (const troika_msg_t *self, const char *format, ...)
{
    tk_args_t args;
    va_start (args.list, format);
    int rc = unpack (self, format, &args);
    va_end (args.list);
    return tk_edge (rc);
}
