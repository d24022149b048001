/* SPDX-License-Identifier: MPL-2.0 */
/*
 * array_object.c - the methods of an array: numbers of one type, of which
 * there are always as many.
 *
 * Runs under the manager's lock. Items lie as they travel, lowest byte
 * first, so that ranges are copied; only get and set look at a number.
 */
#include "patterns/array/array_private.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "lib/object/span.h"

typedef struct {
    char type;
    size_t width; /* bytes of an item */
    uint64_t length;
    uint8_t items[];
} array_t;

static size_t
width_of (char type)
{
    return type == 'B' ? 1 : 8;
}

static array_t *
create_array (const char *type, size_t letters, uint64_t length)
{
    if (letters != 1 || !memchr ("idB", *type, 3)) {
        errno = EINVAL;
        return NULL;
    }
    size_t width = width_of (*type);
    if (length > (SIZE_MAX / 2 - sizeof (array_t)) / width) {
        errno = ENOMEM;
        return NULL;
    }
    array_t *self = calloc (1, sizeof *self + (size_t)length * width);
    if (!self)
        return NULL;
    self->type = *type;
    self->width = width;
    self->length = length;
    return self;
}

static void *
create (const troika_msg_t *args)
{
    const char *type;
    size_t letters;
    uint64_t length;
    if (!troika_msg_unpack (args, "[S,U]", &type, &letters, &length))
        return create_array (type, letters, length);
    errno = errno == ENOMEM ? ENOMEM : EINVAL;
    return NULL;
}

/* Where the item at index lies; NULL: nowhere, and the call has failed. */
static uint8_t *
item_at (array_t *self, troika_call_t *call, int64_t index)
{
    int64_t length = (int64_t)self->length;
    if (index >= -length && index < length)
        return self->items +
               (size_t)(index < 0 ? index + length : index) * self->width;
    troika_call_fail (call, ERANGE,
                      "array '%s' has %lld items, none at index "
                      "%lld",
                      troika_current_name (), (long long)length,
                      (long long)index);
    return NULL;
}

static uint64_t
load (const uint8_t *item)
{
    uint64_t bits;
    memcpy (&bits, item, sizeof bits);
    return le64toh (bits);
}

static void
save (uint8_t *item, uint64_t bits)
{
    bits = htole64 (bits);
    memcpy (item, &bits, sizeof bits);
}

static int
get (void *object, troika_call_t *call)
{
    array_t *self = object;
    int64_t index;
    if (!tk_take (call, "i:index", &index))
        return 0;
    const uint8_t *item = item_at (self, call, index);
    if (!item)
        return 0;
    if (self->type == 'B')
        return troika_call_reply (call, "u", (unsigned)*item);
    uint64_t bits = load (item);
    double real;
    memcpy (&real, &bits, sizeof real);
    return self->type == 'd' ? troika_call_reply (call, "f", real)
                             : troika_call_reply (call, "I", (int64_t)bits);
}

static int
set_real (uint8_t *item, troika_call_t *call, tk_cursor_t *value)
{
    double real;
    int64_t whole;
    uint64_t bits;
    if (tk_cursor_float (value, &real)) {
        if (tk_cursor_int (value, &whole))
            return troika_call_fail (call, EINVAL,
                                     "array '%s' holds doubles; "
                                     "the value is no number",
                                     troika_current_name ());
        real = (double)whole;
    }
    memcpy (&bits, &real, sizeof bits);
    save (item, bits);
    return 0;
}

static int
set_whole (const array_t *self, uint8_t *item, troika_call_t *call,
           tk_cursor_t *value)
{
    int64_t whole;
    uint64_t large;
    const char *kind = self->type == 'B' ? "bytes" : "integers of 64 bits";
    bool fits = !tk_cursor_int (value, &whole);
    if (!fits && tk_cursor_uint (value, &large))
        return troika_call_fail (call, EINVAL,
                                 "array '%s' holds %s; the value "
                                 "is no integer",
                                 troika_current_name (), kind);
    if (!fits || (self->type == 'B' && (whole < 0 || whole > UINT8_MAX)))
        return troika_call_fail (call, ERANGE,
                                 "array '%s' holds %s; the value "
                                 "does not fit",
                                 troika_current_name (), kind);
    if (self->type == 'B')
        *item = (uint8_t)whole;
    else
        save (item, (uint64_t)whole);
    return 0;
}

static int
set (void *object, troika_call_t *call)
{
    array_t *self = object;
    int64_t index;
    tk_span_t value;
    if (!tk_take (call, "i:index v:value", &index, &value))
        return 0;
    uint8_t *item = item_at (self, call, index);
    if (!item)
        return 0;
    tk_cursor_t from = tk_span_cursor (value);
    return self->type == 'd' ? set_real (item, call, &from)
                             : set_whole (self, item, call, &from);
}

/* Who names a type must mean this one; false: the call has failed. */
static bool
check_type (const array_t *self, troika_call_t *call, tk_span_t type)
{
    const char *text = "";
    size_t length = 0;
    tk_cursor_t from = tk_span_cursor (type);
    if (!type.data || (!tk_cursor_str (&from, &text, &length) && length == 1 &&
                       *text == self->type))
        return true;
    troika_call_fail (call, EINVAL, "array '%s' is of type '%c', not '%.*s'",
                      troika_current_name (), self->type,
                      (int)(length < 16 ? length : 16), text);
    return false;
}

static bool
check_range (const array_t *self, troika_call_t *call, uint64_t from,
             uint64_t count)
{
    if (from <= self->length && count <= self->length - from)
        return true;
    troika_call_fail (call, ERANGE,
                      "array '%s' has %llu items, not %llu from "
                      "index %llu on",
                      troika_current_name (), (unsigned long long)self->length,
                      (unsigned long long)count, (unsigned long long)from);
    return false;
}

static int
fetch (void *object, troika_call_t *call)
{
    const array_t *self = object;
    uint64_t from, count;
    tk_span_t type = {NULL, 0};
    if (!tk_take (call, "u:from u:count ?s:type", &from, &count, &type) ||
        !check_type (self, call, type) ||
        !check_range (self, call, from, count))
        return 0;
    tk_buffer_t result;
    tk_buffer_init (&result);
    tk_write_bin (&result, self->items + from * self->width,
                  (size_t)(count * self->width));
    return tk_give_written (call, &result);
}

static int
store (void *object, troika_call_t *call)
{
    array_t *self = object;
    uint64_t from;
    tk_span_t data, type = {NULL, 0};
    if (!tk_take (call, "u:from b:items ?s:type", &from, &data, &type) ||
        !check_type (self, call, type))
        return 0;
    if (data.size % self->width)
        return troika_call_fail (call, EINVAL,
                                 "array '%s': %zu bytes are no "
                                 "whole items of %zu",
                                 troika_current_name (), data.size,
                                 self->width);
    if (!check_range (self, call, from, data.size / self->width))
        return 0;
    if (data.size > 0)
        memcpy (self->items + from * self->width, data.data, data.size);
    return 0;
}

static int
len (void *object, troika_call_t *call)
{
    const array_t *self = object;
    if (!tk_take (call, ""))
        return 0;
    return troika_call_reply (call, "U", self->length);
}

static int
figures (void *object, troika_call_t *call)
{
    const array_t *self = object;
    if (!tk_take (call, ""))
        return 0;
    return troika_call_reply (call, "{s:U,s:S}", "len", self->length, "type",
                              &self->type, (size_t)1);
}

static const troika_method_t methods[] = {
    {"get", get}, {"set", set},      {"read", fetch}, {"write", store},
    {"len", len}, {"stat", figures}, {NULL, NULL},
};

const troika_type_t tk_array_type = {
    .name = "array",
    .create = create,
    .destroy = free,
    .methods = methods,
};
