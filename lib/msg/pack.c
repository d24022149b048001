/* SPDX-License-Identifier: MPL-2.0 */
/*
 * pack.c - a format and its arguments become MessagePack bytes.
 *
 * One pass over a format that format.c has found well-formed. A container's
 * count is not known before its end, so one byte is kept for its header;
 * the rare container of more than 15 moves its content up for a longer one.
 * Counting ahead instead would read every format twice on the hot path.
 * Embedded messages may nest too deep together with what is around them;
 * only then the written bytes are walked once more.
 */
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include "lib/base/error.h"
#include "lib/wire/cursor.h"
#include "format.h"
#include "layout.h"
#include "text.h"

typedef struct {
    tk_buffer_t *buffer;
    const char *format;
    const char *at; /* behind the letter that is being packed */
    unsigned depth; /* containers around it */
    bool embedded;  /* a message lies inside a container */
    va_list args;
} packer_t;

static int pack_value (packer_t *self, char letter);

static int
refuse (const packer_t *self, const char *why)
{
    return tk_error (EINVAL, "format \"%s\", position %d: %s", self->format,
                     (int)(self->at - self->format) - 1, why);
}

static int
pack_text (packer_t *self, const char *text, size_t length)
{
    if (!text && length > 0)
        return refuse (self, "the string is NULL");
    if (length > UINT32_MAX)
        return refuse (self, "the string is longer than 4 GiB");
    if (!tk_utf8_valid (text, length))
        return refuse (self, "the string is not UTF-8");
    tk_write_str (self->buffer, text, length);
    return 0;
}

static int
pack_cstr (packer_t *self)
{
    const char *text = va_arg (self->args, const char *);
    return text ? pack_text (self, text, strlen (text))
                : refuse (self, "the string is NULL");
}

static int
pack_sized_text (packer_t *self)
{
    const char *text = va_arg (self->args, const char *);
    return pack_text (self, text, va_arg (self->args, size_t));
}

static int
pack_binary (packer_t *self)
{
    const void *data = va_arg (self->args, const void *);
    size_t size = va_arg (self->args, size_t);
    if (!data && size > 0)
        return refuse (self, "the binary is NULL");
    if (size > UINT32_MAX)
        return refuse (self, "the binary is larger than 4 GiB");
    tk_write_bin (self->buffer, data, size);
    return 0;
}

static int
pack_message (packer_t *self)
{
    const troika_msg_t *msg = va_arg (self->args, const troika_msg_t *);
    if (!msg)
        return refuse (self, "the message is NULL");
    if (self->depth > 0)
        self->embedded = true;
    tk_buffer_append (self->buffer, troika_msg_data (msg),
                      troika_msg_size (msg));
    return 0;
}

void
tk_set_count (tk_buffer_t *buffer, size_t start, uint32_t count, bool map)
{
    uint32_t width = count < 16 ? 0 : count <= UINT16_MAX ? 2 : 4;
    size_t moved = buffer->size - start - 1;
    if (!tk_buffer_extend (buffer, width))
        return;
    uint8_t *at = buffer->data + start;
    if (width == 0) {
        *at = (uint8_t)((map ? 0x80 : 0x90) | count);
        return;
    }
    memmove (at + 1 + width, at + 1, moved);
    *at = (uint8_t)((map ? 0xde : 0xdc) + (width == 4));
    for (uint32_t i = width; i > 0; i--, count >>= 8)
        at[i] = (uint8_t)count;
}

static int
pack_container (packer_t *self, char close)
{
    size_t start = self->buffer->size;
    uint32_t count = 0;
    tk_buffer_extend (self->buffer, 1);
    self->depth++;
    for (char c; (c = tk_format_next (&self->at)) != close; count++) {
        int rc = pack_value (self, c);
        if (rc != 0)
            return rc;
    }
    self->depth--;
    bool map = close == '}';
    tk_set_count (self->buffer, start, map ? count / 2 : count, map);
    return 0;
}

static int
pack_array (packer_t *self)
{
    return pack_container (self, ']');
}

static int
pack_map (packer_t *self)
{
    return pack_container (self, '}');
}

static int
pack_nil (packer_t *self)
{
    tk_write_nil (self->buffer);
    return 0;
}

static int
pack_bool (packer_t *self)
{
    tk_write_bool (self->buffer, va_arg (self->args, int) != 0);
    return 0;
}

static int
pack_int (packer_t *self)
{
    tk_write_int (self->buffer, va_arg (self->args, int));
    return 0;
}

static int
pack_unsigned (packer_t *self)
{
    tk_write_uint (self->buffer, va_arg (self->args, unsigned));
    return 0;
}

static int
pack_int64 (packer_t *self)
{
    tk_write_int (self->buffer, va_arg (self->args, int64_t));
    return 0;
}

static int
pack_uint64 (packer_t *self)
{
    tk_write_uint (self->buffer, va_arg (self->args, uint64_t));
    return 0;
}

static int
pack_double (packer_t *self)
{
    tk_write_double (self->buffer, va_arg (self->args, double));
    return 0;
}

typedef int writer_t (packer_t *self);
static writer_t *const writers[] = {
    ['\0'] = pack_nil,       ['n'] = pack_nil,      ['b'] = pack_bool,
    ['i'] = pack_int,        ['u'] = pack_unsigned, ['I'] = pack_int64,
    ['U'] = pack_uint64,     ['f'] = pack_double,   ['s'] = pack_cstr,
    ['S'] = pack_sized_text, ['B'] = pack_binary,   ['m'] = pack_message,
    ['['] = pack_array,      ['{'] = pack_map,
};

/* '\0': no value at all. */
static int
pack_value (packer_t *self, char letter)
{
    return writers[(unsigned char)letter](self);
}

static int
pack_top (packer_t *self, bool array)
{
    if (array)
        return pack_container (self, '\0');
    return pack_value (self, tk_format_next (&self->at));
}

/* Memory, and the depth of messages inside containers. */
static int
check_result (const packer_t *self, size_t start)
{
    const tk_buffer_t *buffer = self->buffer;
    if (buffer->failed)
        return -ENOMEM;
    if (!self->embedded)
        return 0;
    if (tk_document_check (tk_buffer_data (buffer) + start,
                           buffer->size - start) == 0)
        return 0;
    return tk_error (EINVAL,
                     "format \"%s\": nested deeper than 32 with the "
                     "messages in it",
                     self->format);
}

int
tk_pack (tk_buffer_t *buffer, const char *format, va_list args)
{
    packer_t self;
    bool array = false;
    int rc = tk_format_is_letter (format)
                 ? 0
                 : tk_format_check (format, TK_PACK, &array);
    if (rc != 0 || buffer->failed)
        return rc != 0 ? rc : -ENOMEM;
    size_t start = buffer->size;
    self.buffer = buffer;
    self.format = self.at = format ? format : "";
    self.depth = 0;
    self.embedded = false;
    va_copy (self.args, args);
    rc = pack_top (&self, array);
    va_end (self.args);
    if (rc == 0)
        rc = check_result (&self, start);
    if (rc != 0) {
        tk_buffer_truncate (buffer, start);
        buffer->failed = false;
    }
    return rc;
}
