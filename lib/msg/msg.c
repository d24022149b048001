/* SPDX-License-Identifier: MPL-2.0 */
/*
 * msg.c - the life of a message, and what can be asked of its bytes.
 *
 * A message is a small record over a slice of a shared slab: a received
 * batch is one slab and many messages, a copy is one more record. The first
 * message over a slab that was written here has its record in it. The bytes
 * are well-formed by construction: packed here, or passed by the cursor.
 * Invariant: whatever is derived from them is published whole, by
 * compare-and-swap, and stays until the message ends (layout.h).
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/error.h"
#include "lib/wire/cursor.h"
#include "layout.h"
#include "pool.h"
#include "text.h"

enum { ZONE_LIMIT = 8192 }; /* bytes of a zone's first chunk, at most */

troika_msg_t *
tk_msg_over (tk_slab_t *slab, const void *data, size_t size)
{
    troika_msg_t *self = tk_slab_is_record_free (slab)
                             ? tk_slab_record (slab)
                             : tk_pool_get (sizeof *self);
    if (!self)
        return NULL;
    self->slab = slab;
    self->data = data;
    self->size = size;
    self->number = 0;
    self->deliveries = 0;
    self->is_args = false;
    atomic_init (&self->decoded, NULL);
    atomic_init (&self->texts, NULL);
    return self;
}

troika_msg_t *
tk_msg_slice (tk_slab_t *slab, const void *data, size_t size)
{
    tk_slab_ref (slab); /* first: then the record in it is not free */
    troika_msg_t *self = tk_msg_over (slab, data, size);
    if (!self)
        tk_slab_unref (slab);
    return self;
}

tk_slab_t *
tk_msg_slab (const troika_msg_t *self)
{
    return self->slab;
}

void
tk_msg_set_delivery (troika_msg_t *self, tk_delivery_t delivery)
{
    self->number = delivery.number;
    self->deliveries = delivery.count;
}

void
tk_msg_set_args (troika_msg_t *self)
{
    self->is_args = true;
}

tk_delivery_t
tk_msg_delivery (const troika_msg_t *self)
{
    return (tk_delivery_t){self->number, self->deliveries};
}

troika_msg_t *
tk_msg_take (tk_buffer_t *buffer)
{
    size_t size;
    tk_slab_t *slab = tk_buffer_take (buffer, &size);
    if (!slab)
        return NULL;
    troika_msg_t *self = tk_msg_over (slab, tk_slab_data (slab), size);
    if (!self)
        tk_slab_unref (slab);
    return self;
}

troika_msg_t *
troika_msg_vpack (const char *format, va_list args)
{
    tk_buffer_t buffer;
    tk_buffer_init (&buffer);
    int rc = tk_pack (&buffer, format, args);
    troika_msg_t *self = rc == 0 ? tk_msg_take (&buffer) : NULL;
    tk_buffer_fini (&buffer);
    return self ? self : tk_edge_null (rc == 0 ? -ENOMEM : rc);
}

troika_msg_t *
troika_msg_pack (const char *format, ...)
{
    va_list args;
    va_start (args, format);
    troika_msg_t *self = troika_msg_vpack (format, args);
    va_end (args);
    return self;
}

/* 0, or -EBADMSG with words that tell what is wrong with the bytes. */
static int
check (const void *data, size_t size)
{
    tk_cursor_t cursor = tk_cursor (data, size);
    if (!data || size == 0)
        return tk_error (EBADMSG, "no bytes are no document");
    if (tk_cursor_skip (&cursor) != 0)
        return tk_error (EBADMSG,
                         "the %zu bytes are not a whole MessagePack "
                         "document nested 32 deep at most",
                         size);
    if (cursor.at != cursor.end)
        return tk_error (EBADMSG, "%td of %zu bytes go on behind the document",
                         cursor.end - cursor.at, size);
    return 0;
}

troika_msg_t *
troika_msg_new (const void *data, size_t size)
{
    int rc = check (data, size);
    if (rc != 0)
        return tk_edge_null (rc);
    tk_buffer_t buffer;
    tk_buffer_init (&buffer);
    tk_buffer_append (&buffer, data, size);
    troika_msg_t *self = tk_msg_take (&buffer);
    return self ? self : tk_edge_null (-ENOMEM);
}

troika_msg_t *
troika_msg_dup (const troika_msg_t *self)
{
    if (!self)
        return tk_edge_null (tk_error (EINVAL, "the message is NULL"));
    troika_msg_t *copy = tk_msg_slice (self->slab, self->data, self->size);
    if (!copy)
        return tk_edge_null (-ENOMEM);
    copy->number = self->number;
    copy->deliveries = self->deliveries;
    copy->is_args = self->is_args;
    return copy;
}

static void
decoded_free (tk_decoded_t *decoded)
{
    if (!decoded)
        return;
    msgpack_zone_destroy (&decoded->zone);
    free (decoded);
}

void
troika_msg_destroy (troika_msg_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    troika_msg_t *self = *self_p;
    *self_p = NULL;
    decoded_free (atomic_load_explicit (&self->decoded, memory_order_relaxed));
    tk_text_free (self);
    tk_slab_t *slab = self->slab;
    if (self != tk_slab_record (slab))
        tk_pool_give (self, sizeof *self);
    tk_slab_unref (slab);
}

const void *
troika_msg_data (const troika_msg_t *self)
{
    return self ? self->data : NULL;
}

size_t
troika_msg_size (const troika_msg_t *self)
{
    return self ? self->size : 0;
}

bool
troika_msg_is_nil (const troika_msg_t *self)
{
    return self && self->data[0] == 0xc0;
}

/* The bytes were checked, so that all that can fail is memory. A byte makes
 * one object at most: a small document fits one small chunk. */
static tk_decoded_t *
decode (const troika_msg_t *self)
{
    size_t chunk = self->size < ZONE_LIMIT / sizeof (msgpack_object)
                       ? (self->size + 1) * sizeof (msgpack_object)
                       : ZONE_LIMIT;
    size_t offset = 0;
    tk_decoded_t *decoded = malloc (sizeof *decoded);
    if (!decoded)
        return NULL;
    if (!msgpack_zone_init (&decoded->zone, chunk)) {
        free (decoded);
        return NULL;
    }
    if (msgpack_unpack ((const char *)self->data, self->size, &offset,
                        &decoded->zone,
                        &decoded->root) == MSGPACK_UNPACK_SUCCESS)
        return decoded;
    decoded_free (decoded);
    return NULL;
}

const msgpack_object *
troika_msg_object (troika_msg_t *self)
{
    if (!self)
        return tk_edge_null (tk_error (EINVAL, "the message is NULL"));
    tk_decoded_t *decoded = atomic_load (&self->decoded);
    if (decoded)
        return &decoded->root;
    tk_decoded_t *made = decode (self);
    if (!made)
        return tk_edge_null (-ENOMEM);
    if (atomic_compare_exchange_strong (&self->decoded, &decoded, made))
        return &made->root;
    decoded_free (made); /* another thread was first */
    return &decoded->root;
}

static bool
same_number (tk_cursor_t *a, tk_cursor_t *b, tk_kind_t kind)
{
    double x = 0, y = 0;
    uint64_t i = 0, j = 0;
    int64_t k = 0, l = 0;
    if (kind == TK_UINT)
        return tk_cursor_uint (a, &i) == 0 && tk_cursor_uint (b, &j) == 0 &&
               i == j;
    if (kind == TK_INT)
        return tk_cursor_int (a, &k) == 0 && tk_cursor_int (b, &l) == 0 &&
               k == l;
    return tk_cursor_float (a, &x) == 0 && tk_cursor_float (b, &y) == 0 &&
           (x == y || (isnan (x) && isnan (y)));
}

static bool
same_bytes (tk_cursor_t *a, tk_cursor_t *b, tk_kind_t kind)
{
    const void *x = NULL, *y = NULL;
    size_t m = 0, n = 0;
    int8_t s = 0, t = 0;
    if (kind == TK_STR) {
        tk_cursor_str (a, (const char **)&x, &m);
        tk_cursor_str (b, (const char **)&y, &n);
    } else if (kind == TK_BIN) {
        tk_cursor_bin (a, &x, &m);
        tk_cursor_bin (b, &y, &n);
    } else {
        tk_cursor_ext (a, &s, &x, &m);
        tk_cursor_ext (b, &t, &y, &n);
    }
    return s == t && m == n && memcmp (x, y, m) == 0;
}

/* Compares and passes one scalar, or the header of one container; adds what
 * is inside to *left. */
static bool
same_step (tk_cursor_t *a, tk_cursor_t *b, uint64_t *left)
{
    tk_kind_t kind = tk_cursor_peek (a);
    uint32_t m = 0, n = 0;
    if (kind != tk_cursor_peek (b))
        return false;
    switch (kind) {
    case TK_ARRAY:
        tk_cursor_array (a, &m);
        tk_cursor_array (b, &n);
        *left += m;
        return m == n;
    case TK_MAP:
        tk_cursor_map (a, &m);
        tk_cursor_map (b, &n);
        *left += 2 * (uint64_t)m;
        return m == n;
    case TK_UINT:
    case TK_INT:
    case TK_FLOAT:
        return same_number (a, b, kind);
    case TK_STR:
    case TK_BIN:
    case TK_EXT:
        return same_bytes (a, b, kind);
    default: { /* nil and the bools are one byte */
        bool same = *a->at++ == *b->at++;
        return same;
    }
    }
}

/* Linear, and without a stack: both documents are walked value by value. A
 * comparison of maps in any order was refused: a stranger's two large maps
 * would keep a manager busy for the square of their size. */
bool
troika_msg_eq (const troika_msg_t *self, const troika_msg_t *other)
{
    if (!self || !other)
        return false;
    if (self->size == other->size &&
        memcmp (self->data, other->data, self->size) == 0)
        return true;
    tk_cursor_t a = tk_cursor (self->data, self->size);
    tk_cursor_t b = tk_cursor (other->data, other->size);
    for (uint64_t left = 1; left > 0; left--)
        if (!same_step (&a, &b, &left))
            return false;
    return true;
}
