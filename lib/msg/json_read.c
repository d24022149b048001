/* SPDX-License-Identifier: MPL-2.0 */
/*
 * json_read.c - a JSON text becomes a document, in one pass.
 *
 * Not by jansson, which writes JSON for us: its integers end at 2^63-1, and
 * when memory is short inside a token it (2.14) drops a character and
 * reports success. Here a value goes straight into the buffer, whose errors
 * stick; a refusal names line and column.
 * Keys of the open objects lie on one stack, an object's on top; when it
 * closes they are sorted to find one that stands twice.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/error.h"
#include "lib/wire/cursor.h"
#include "json_number.h"
#include "layout.h"
#include "text.h"

typedef struct {
    const char *json;
    const char *at; /* what is read next */
    tk_buffer_t *out;
    tk_buffer_t keys; /* member_t of every open object */
    tk_buffer_t text; /* a string whose escapes are being undone */
    unsigned depth;
} reader_t;

typedef struct {
    const char *at; /* in the JSON */
    size_t offset;  /* of its encoding in out */
    const char *text;
    size_t length;
} member_t;

static int read_value (reader_t *self);

/* -EBADMSG for what stands at `at`. Columns count characters, from 1. */
static int
refuse (const reader_t *self, const char *at, const char *why)
{
    int line = 1;
    int column = 1;
    for (const char *text = self->json; text < at; text++) {
        if (*text == '\n') {
            line++;
            column = 1;
        } else if (((unsigned char)*text & 0xc0) != 0x80)
            column++;
    }
    return tk_error (EBADMSG, "JSON, line %d, column %d: %s", line, column,
                     why);
}

/* The next character that is no space; not passed. */
static char
look (reader_t *self)
{
    self->at += strspn (self->at, " \t\r\n");
    return *self->at;
}

static int
read_word (reader_t *self, const char *word)
{
    size_t length = strlen (word);
    if (strncmp (self->at, word, length) != 0)
        return refuse (self, self->at, "expected a value");
    self->at += length;
    return 0;
}

static int
read_number (reader_t *self)
{
    const char *from = self->at;
    const char *why = NULL;
    int rc = tk_json_number (&self->at, self->out, &why);
    return why ? refuse (self, from, why) : rc;
}

/* The four digits of \uXXXX, or -1. */
static int32_t
read_hex (const char *at)
{
    int32_t value = 0;
    for (int i = 0; i < 4; i++) {
        static const char hex[] = "0123456789abcdef0123456789ABCDEF";
        const char *digit = at[i] ? strchr (hex, at[i]) : NULL;
        if (!digit)
            return -1;
        value = value << 4 | (int32_t)((digit - hex) & 15);
    }
    return value;
}

static void
write_utf8 (tk_buffer_t *out, uint32_t code)
{
    unsigned more = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    static const uint8_t lead[] = {0x00, 0xc0, 0xe0, 0xf0};
    uint8_t *at = tk_buffer_extend (out, 1 + more);
    if (!at)
        return;
    at[0] = (uint8_t)(lead[more] | code >> (6 * more));
    for (unsigned i = 1; i <= more; i++)
        at[i] = (uint8_t)(0x80 | (code >> (6 * (more - i)) & 0x3f));
}

/* \uXXXX, and the second half of a pair of them. */
static int
read_unicode (reader_t *self)
{
    const char *from = self->at;
    int32_t code = read_hex (from + 2);
    if (code < 0)
        return refuse (self, from, "\\u without four digits");
    self->at += 6;
    if (code >= 0xd800 && code <= 0xdfff) {
        int32_t low = self->at[0] == '\\' && self->at[1] == 'u'
                          ? read_hex (self->at + 2)
                          : -1;
        if (code >= 0xdc00 || low < 0xdc00 || low > 0xdfff)
            return refuse (self, from, "half of a pair of \\u");
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        self->at += 6;
    }
    write_utf8 (&self->text, (uint32_t)code);
    return 0;
}

static int
read_escape (reader_t *self)
{
    static const char letters[] = "\"\\/bfnrt";
    static const char meant[] = "\"\\/\b\f\n\r\t";
    if (self->at[1] == 'u')
        return read_unicode (self);
    const char *letter = self->at[1] ? strchr (letters, self->at[1]) : NULL;
    if (!letter)
        return refuse (self, self->at, "no escape of JSON");
    tk_buffer_append (&self->text, &meant[letter - letters], 1);
    self->at += 2;
    return 0;
}

/* The plain characters from self->at on, in *length; they end at a quote or
 * a backslash. */
static int
read_plain (reader_t *self, size_t *length)
{
    const char *at = self->at;
    while (*at != '"' && *at != '\\') {
        size_t size = tk_utf8_next (at, strnlen (at, 4));
        if (*at == '\0')
            return refuse (self, at, "the string does not end");
        if (size == 0)
            return refuse (self, at, "not UTF-8");
        if ((unsigned char)*at < 0x20)
            return refuse (self, at, "a control character in a string");
        at += size;
    }
    *length = (size_t)(at - self->at);
    return 0;
}

static int
read_string (reader_t *self)
{
    size_t length = 0;
    self->at++;
    int rc = read_plain (self, &length);
    if (rc == 0 && self->at[length] == '"') { /* without escapes: as it is */
        tk_write_str (self->out, self->at, length);
        self->at += length + 1;
        return 0;
    }
    tk_buffer_truncate (&self->text, 0);
    while (rc == 0) {
        tk_buffer_append (&self->text, self->at, length);
        self->at += length;
        if (*self->at == '"')
            break;
        rc = read_escape (self);
        if (rc == 0)
            rc = read_plain (self, &length);
    }
    if (rc != 0 || self->text.failed)
        return rc != 0 ? rc : -ENOMEM;
    tk_write_str (self->out, (const char *)tk_buffer_data (&self->text),
                  self->text.size);
    self->at++;
    return 0;
}

static int
read_key (reader_t *self)
{
    if (look (self) != '"')
        return refuse (self, self->at, "expected a key in quotes");
    member_t key = {.at = self->at, .offset = self->out->size};
    tk_buffer_append (&self->keys, &key, sizeof key);
    int rc = read_string (self);
    if (rc != 0)
        return rc;
    if (look (self) != ':')
        return refuse (self, self->at, "expected ':'");
    self->at++;
    return 0;
}

static int
compare_text (const void *a, const void *b)
{
    const member_t *x = a;
    const member_t *y = b;
    if (x->length != y->length)
        return x->length < y->length ? -1 : 1;
    return memcmp (x->text, y->text, x->length);
}

/* The same key twice stands side by side, the earlier first. */
static int
compare (const void *a, const void *b)
{
    const member_t *x = a;
    const member_t *y = b;
    int order = compare_text (a, b);
    return order != 0 ? order : x->at < y->at ? -1 : x->at > y->at;
}

/* Refuses a key that stands twice among those from offset first on; takes
 * them off the stack. */
static int
check_keys (reader_t *self, size_t first)
{
    if (self->keys.failed || self->out->failed)
        return -ENOMEM;
    size_t count = (self->keys.size - first) / sizeof (member_t);
    if (count == 0)
        return 0;
    member_t *keys = (member_t *)(void *)(self->keys.data + first);
    for (size_t i = 0; i < count; i++) {
        tk_cursor_t at = tk_cursor (tk_buffer_data (self->out) + keys[i].offset,
                                    self->out->size - keys[i].offset);
        tk_cursor_str (&at, &keys[i].text, &keys[i].length);
    }
    qsort (keys, count, sizeof *keys, compare);
    for (size_t i = 1; i < count; i++)
        if (compare_text (&keys[i - 1], &keys[i]) == 0)
            return refuse (self, keys[i].at, "a key that stands twice");
    tk_buffer_truncate (&self->keys, first);
    return 0;
}

/* What is between the brackets, with the closing one. */
static int
read_items (reader_t *self, bool map, uint32_t *count)
{
    char close = map ? '}' : ']';
    int rc = 0;
    if (look (self) == close) {
        self->at++;
        return 0;
    }
    for (;;) {
        rc = map ? read_key (self) : 0;
        if (rc == 0)
            rc = read_value (self);
        if (rc != 0)
            return rc;
        ++*count;
        char c = look (self);
        if (c != ',' && c != close)
            return refuse (self, self->at,
                           map ? "expected ',' or '}'" : "expected ',' or ']'");
        self->at++;
        if (c == close)
            return 0;
    }
}

static int
read_container (reader_t *self, bool map)
{
    size_t start = self->out->size;
    size_t first = self->keys.size;
    uint32_t count = 0;
    if (self->depth == TK_DEPTH_MAX)
        return refuse (self, self->at, "nested deeper than 32");
    self->at++;
    self->depth++;
    tk_buffer_extend (self->out, 1);
    int rc = read_items (self, map, &count);
    if (rc == 0 && map)
        rc = check_keys (self, first);
    if (rc != 0)
        return rc;
    tk_set_count (self->out, start, count, map);
    self->depth--;
    return 0;
}

static int
read_value (reader_t *self)
{
    switch (look (self)) {
    case '[':
        return read_container (self, false);
    case '{':
        return read_container (self, true);
    case '"':
        return read_string (self);
    case 'n':
        tk_write_nil (self->out);
        return read_word (self, "null");
    case 't':
        tk_write_bool (self->out, true);
        return read_word (self, "true");
    case 'f':
        tk_write_bool (self->out, false);
        return read_word (self, "false");
    default:
        if (*self->at != '-' && (*self->at < '0' || *self->at > '9'))
            return refuse (self, self->at, "expected a value");
        return read_number (self);
    }
}

static int
read_json (const char *json, tk_buffer_t *out)
{
    if (!json)
        return tk_error (EINVAL, "the JSON text is NULL");
    reader_t self = {.json = json, .at = json, .out = out};
    tk_buffer_init (&self.keys);
    tk_buffer_init (&self.text);
    int rc = read_value (&self);
    if (rc == 0 && look (&self) != '\0')
        rc = refuse (&self, self.at, "expected the end");
    tk_buffer_fini (&self.keys);
    tk_buffer_fini (&self.text);
    return rc != 0 ? rc : tk_buffer_error (out);
}

troika_msg_t *
troika_msg_from_json (const char *json)
{
    tk_buffer_t buffer;
    tk_buffer_init (&buffer);
    int rc = read_json (json, &buffer);
    troika_msg_t *self = rc == 0 ? tk_msg_take (&buffer) : NULL;
    tk_buffer_fini (&buffer);
    return self ? self : tk_edge_null (rc == 0 ? -ENOMEM : rc);
}
