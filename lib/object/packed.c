/* SPDX-License-Identifier: MPL-2.0 */
/*
 * packed.c - stores documents: near, in the sixteen bytes, or far.
 */
#include "lib/object/packed.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { FAR = 255 };

typedef struct {
    uint8_t *data;
    uint32_t size;
} far_t;

/* What of far_t is kept; its padding would not fit beside the size byte. */
enum { FAR_BYTES = sizeof (uint8_t *) + sizeof (uint32_t) };
_Static_assert((int)FAR_BYTES <= (int)TK_PACKED_NEAR, "a far value fits");

static far_t
get_far (const tk_packed_t *self)
{
    far_t far;
    memcpy (&far, self->bytes, FAR_BYTES);
    return far;
}

static int
init_far (tk_packed_t *self, tk_span_t value)
{
    if (value.size > UINT32_MAX)
        return -EMSGSIZE;
    far_t far = {malloc (value.size), (uint32_t)value.size};
    if (!far.data)
        return -ENOMEM;
    memcpy (far.data, value.data, value.size);
    memcpy (self->bytes, &far, FAR_BYTES);
    self->size = FAR;
    return 0;
}

int
tk_packed_init (tk_packed_t *self, tk_span_t value)
{
    if (value.size > TK_PACKED_NEAR)
        return init_far (self, value);
    memcpy (self->bytes, value.data, value.size);
    self->size = (uint8_t)value.size;
    return 0;
}

void
tk_packed_fini (tk_packed_t *self)
{
    if (self->size == FAR)
        free (get_far (self).data);
    self->size = 0;
}

int
tk_packed_set (tk_packed_t *self, tk_span_t value)
{
    tk_packed_t fresh;
    int rc = tk_packed_init (&fresh, value);
    if (rc)
        return rc;
    tk_packed_fini (self);
    *self = fresh;
    return 0;
}

tk_span_t
tk_packed_get (const tk_packed_t *self)
{
    if (self->size != FAR)
        return tk_span (self->bytes, self->size);
    far_t far = get_far (self);
    return tk_span (far.data, far.size);
}

int
tk_packed_sum (const tk_packed_t *self, int64_t delta, int64_t *sum)
{
    int64_t value = 0;
    uint64_t large;
    if (self) {
        tk_cursor_t cursor = tk_span_cursor (tk_packed_get (self));
        if (tk_cursor_int (&cursor, &value))
            return tk_cursor_uint (&cursor, &large) ? -EINVAL : -ERANGE;
    }
    return __builtin_add_overflow (value, delta, sum) ? -ERANGE : 0;
}
