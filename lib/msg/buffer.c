/* SPDX-License-Identifier: MPL-2.0 */
/*
 * buffer.c - a growing block of bytes with MessagePack writers.
 *
 * Belongs to one thread. The block is a slab, so that what was written can
 * be given away without a copy, or at first memory of the caller's, for what
 * is copied anyway; a buffer never writes to a slab that it has given away.
 * It starts small and doubles: most documents are tens of bytes, and
 * msgpack-c's own buffer would take 8 KiB for each. The formats are written
 * by hand for the same reason: one bounds check a value.
 */
#include <errno.h>
#include <string.h>
#include "buffer.h"
#include "lend.h"

enum { FIRST_SIZE = 48 }; /* with the slab's header, two cache lines */

void
tk_buffer_release (tk_buffer_t *self)
{
    tk_slab_unref (self->slab);
    tk_lent_unref (self->lent);
}

int
tk_buffer_error (const tk_buffer_t *self)
{
    return self->failed ? -ENOMEM : 0;
}

static bool
enlarge (tk_buffer_t *self, size_t size)
{
    if (size > SIZE_MAX / 2 - self->size)
        return false;
    size_t room = self->slab ? 2 * self->room : FIRST_SIZE;
    if (room < self->size + size)
        room = self->size + size;
    tk_slab_t *slab = tk_slab_new_with_record (room);
    if (!slab)
        return false;
    uint8_t *data = tk_slab_data (slab);
    if (self->size > 0)
        memcpy (data, self->data, self->size);
    tk_slab_unref (self->slab);
    self->slab = slab;
    self->data = data;
    self->room = tk_slab_size (slab);
    return true;
}

uint8_t *
tk_buffer_grow (tk_buffer_t *self, size_t size)
{
    if (!self->failed && !enlarge (self, size))
        self->failed = true;
    if (self->failed)
        return NULL;
    uint8_t *at = self->data + self->size;
    self->size += size;
    return at;
}

void
tk_buffer_truncate (tk_buffer_t *self, size_t size)
{
    if (size < self->size)
        self->size = size;
}

tk_slab_t *
tk_buffer_take (tk_buffer_t *self, size_t *size)
{
    if (self->lent)
        tk_buffer_join (self);
    if (!self->slab)
        tk_buffer_grow (self, 0); /* nothing written is a slab, too */
    tk_slab_t *slab = self->failed ? NULL : self->slab;
    *size = slab ? self->size : 0;
    if (slab)
        tk_buffer_init (self);
    else
        tk_buffer_fini (self);
    return slab;
}

/* A code byte that says it all; where the bytes after it go. */
static uint8_t *
write_code (tk_buffer_t *self, unsigned code, size_t more)
{
    uint8_t *at = tk_buffer_extend (self, 1 + more);
    if (!at)
        return NULL;
    *at = (uint8_t)code;
    return at + 1;
}

/* One code byte and width bytes of a number, high byte first; where the
 * bytes after it go, of which there are more. */
static uint8_t *
write_head (tk_buffer_t *self, unsigned code, uint64_t value, unsigned width,
            size_t more)
{
    if (more > SIZE_MAX - 9) {
        self->failed = true;
        return NULL;
    }
    uint8_t *at = tk_buffer_extend (self, 1 + width + more);
    if (!at)
        return NULL;
    *at = (uint8_t)code;
    for (unsigned i = width; i > 0; i--, value >>= 8)
        at[i] = (uint8_t)value;
    return at + 1 + width;
}

void
tk_write_nil (tk_buffer_t *self)
{
    write_code (self, 0xc0, 0);
}

void
tk_write_bool (tk_buffer_t *self, bool value)
{
    write_code (self, value ? 0xc3 : 0xc2, 0);
}

void
tk_write_int (tk_buffer_t *self, int64_t value)
{
    if (value >= 0)
        tk_write_uint (self, (uint64_t)value);
    else if (value >= -32)
        write_code (self, (uint8_t)value, 0);
    else if (value >= INT8_MIN)
        write_head (self, 0xd0, (uint64_t)value, 1, 0);
    else if (value >= INT16_MIN)
        write_head (self, 0xd1, (uint64_t)value, 2, 0);
    else if (value >= INT32_MIN)
        write_head (self, 0xd2, (uint64_t)value, 4, 0);
    else
        write_head (self, 0xd3, (uint64_t)value, 8, 0);
}

void
tk_write_uint (tk_buffer_t *self, uint64_t value)
{
    if (value < 0x80)
        write_code (self, (unsigned)value, 0);
    else if (value <= UINT8_MAX)
        write_head (self, 0xcc, value, 1, 0);
    else if (value <= UINT16_MAX)
        write_head (self, 0xcd, value, 2, 0);
    else if (value <= UINT32_MAX)
        write_head (self, 0xce, value, 4, 0);
    else
        write_head (self, 0xcf, value, 8, 0);
}

void
tk_write_double (tk_buffer_t *self, double value)
{
    uint64_t bits;
    memcpy (&bits, &value, sizeof bits);
    write_head (self, 0xcb, bits, 8, 0);
}

void
tk_write_str (tk_buffer_t *self, const char *text, size_t length)
{
    uint8_t *at = NULL;
    if (length < 32)
        at = write_code (self, 0xa0 | (unsigned)length, length);
    else if (length <= UINT8_MAX)
        at = write_head (self, 0xd9, length, 1, length);
    else if (length <= UINT16_MAX)
        at = write_head (self, 0xda, length, 2, length);
    else if (length <= UINT32_MAX)
        at = write_head (self, 0xdb, length, 4, length);
    else
        self->failed = true;
    if (at && length > 0)
        memcpy (at, text, length);
}

void
tk_write_cstr (tk_buffer_t *self, const char *text)
{
    tk_write_str (self, text, strlen (text));
}

void
tk_write_bin (tk_buffer_t *self, const void *data, size_t size)
{
    uint8_t *at = NULL;
    if (size <= UINT8_MAX)
        at = write_head (self, 0xc4, size, 1, size);
    else if (size <= UINT16_MAX)
        at = write_head (self, 0xc5, size, 2, size);
    else if (size <= UINT32_MAX)
        at = write_head (self, 0xc6, size, 4, size);
    else
        self->failed = true;
    if (at && size > 0)
        memcpy (at, data, size);
}

static void
write_count (tk_buffer_t *self, uint32_t count, unsigned fix, unsigned code)
{
    if (count < 16)
        write_code (self, fix | count, 0);
    else if (count <= UINT16_MAX)
        write_head (self, code, count, 2, 0);
    else
        write_head (self, code + 1, count, 4, 0);
}

void
tk_write_long_array (tk_buffer_t *self, uint32_t count)
{
    write_count (self, count, 0x90, 0xdc);
}

void
tk_write_map (tk_buffer_t *self, uint32_t count)
{
    write_count (self, count, 0x80, 0xde);
}

size_t
tk_write_array32 (tk_buffer_t *self)
{
    size_t at = self->size;
    write_head (self, 0xdd, 0, 4, 0);
    return at;
}

void
tk_patch_array32 (tk_buffer_t *self, size_t at, uint32_t count)
{
    if (self->failed)
        return;
    uint8_t *header = self->data + at;
    for (unsigned i = 4; i > 0; i--, count >>= 8)
        header[i] = (uint8_t)count;
}
