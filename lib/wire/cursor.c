/* SPDX-License-Identifier: MPL-2.0 */
/*
 * cursor.c - walks encoded MessagePack bytes, bounds-checked, allocating
 * nothing.
 *
 * Everything rests on read_head(): it alone looks at raw bytes, but for the
 * short forms in cursor.h. It answers only when the header and, for strings,
 * binaries and extensions, the content are wholly inside the bounds, and when
 * the elements that a container announces could still follow (one byte each
 * at least). So a header of five bytes never makes anybody reserve gigabytes.
 * Written by hand instead of using msgpack-c's parser, which allocates what
 * a header announces before it has seen the bytes.
 */
#include <errno.h>
#include <string.h>
#include "cursor.h"

/* The header of one value, and what follows it. */
typedef struct {
    tk_kind_t kind;
    int8_t type;         /* of an extension */
    const uint8_t *body; /* content, or the first element */
    uint64_t value;      /* number, bits of a float, size or count */
    size_t size;         /* bytes of content; 0 for containers */
} head_t;

/* The forms that begin with the bytes 0xc0 to 0xdf: the kind, how many bytes
 * of number follow, and the value when there are none. */
static const struct {
    uint8_t kind;
    uint8_t width;
    uint8_t value;
} forms[32] = {
    {TK_NIL, 0, 0},   {TK_BAD, 0, 0},   {TK_BOOL, 0, 0},  {TK_BOOL, 0, 1},
    {TK_BIN, 1, 0},   {TK_BIN, 2, 0},   {TK_BIN, 4, 0},   {TK_EXT, 1, 0},
    {TK_EXT, 2, 0},   {TK_EXT, 4, 0},   {TK_FLOAT, 4, 0}, {TK_FLOAT, 8, 0},
    {TK_UINT, 1, 0},  {TK_UINT, 2, 0},  {TK_UINT, 4, 0},  {TK_UINT, 8, 0},
    {TK_INT, 1, 0},   {TK_INT, 2, 0},   {TK_INT, 4, 0},   {TK_INT, 8, 0},
    {TK_EXT, 0, 1},   {TK_EXT, 0, 2},   {TK_EXT, 0, 4},   {TK_EXT, 0, 8},
    {TK_EXT, 0, 16},  {TK_STR, 1, 0},   {TK_STR, 2, 0},   {TK_STR, 4, 0},
    {TK_ARRAY, 2, 0}, {TK_ARRAY, 4, 0}, {TK_MAP, 2, 0},   {TK_MAP, 4, 0},
};

static uint64_t
big_endian (const uint8_t *at, unsigned width)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < width; i++)
        value = value << 8 | at[i];
    return value;
}

static double
float_of (uint64_t bits)
{
    double value;
    memcpy (&value, &bits, sizeof value);
    return value;
}

static uint64_t
bits_of (double value)
{
    uint64_t bits;
    memcpy (&bits, &value, sizeof bits);
    return bits;
}

/* A float of four bytes as the bits of a double. */
static uint64_t
widen (uint64_t value)
{
    uint32_t bits = (uint32_t)value;
    float narrow;
    memcpy (&narrow, &bits, sizeof narrow);
    return bits_of ((double)narrow);
}

/* A number of width bytes in two's complement; zero and above are TK_UINT. */
static void
extend_sign (head_t *head, unsigned width)
{
    uint64_t sign = UINT64_C (1) << (8 * width - 1);
    head->value = (head->value ^ sign) - sign;
    head->kind = head->value >> 63 ? TK_INT : TK_UINT;
}

/* Bytes 0xc0 to 0xdf; at is behind that byte. */
static int
read_form (uint8_t code, const uint8_t *at, const uint8_t *end, head_t *head)
{
    unsigned form = code - 0xc0u;
    unsigned width = forms[form].width;
    head->kind = (tk_kind_t)forms[form].kind;
    if (head->kind == TK_BAD || (size_t)(end - at) < width)
        return -EBADMSG;
    head->value = width ? big_endian (at, width) : forms[form].value;
    at += width;
    if (head->kind == TK_EXT) {
        if (at == end)
            return -EBADMSG;
        head->type = (int8_t)*at++;
    } else if (head->kind == TK_INT)
        extend_sign (head, width);
    else if (head->kind == TK_FLOAT && width == 4)
        head->value = widen (head->value);
    head->body = at;
    return 0;
}

static void
set_head (head_t *head, tk_kind_t kind, uint64_t value, const uint8_t *body)
{
    head->kind = kind;
    head->value = value;
    head->body = body;
}

/* Does what the header announces fit into what is left? */
static int
check_room (head_t *head, const uint8_t *end)
{
    size_t left = (size_t)(end - head->body);
    head->size = 0;
    switch (head->kind) {
    case TK_STR:
    case TK_BIN:
    case TK_EXT:
        head->size = (size_t)head->value;
        return head->value <= left ? 0 : -EBADMSG;
    case TK_ARRAY:
        return head->value <= left ? 0 : -EBADMSG;
    case TK_MAP:
        return head->value <= left / 2 ? 0 : -EBADMSG;
    default:
        return 0;
    }
}

static int
read_head (const tk_cursor_t *self, head_t *head)
{
    if (self->at == self->end)
        return -EBADMSG;
    uint8_t code = *self->at;
    const uint8_t *body = self->at + 1;
    if (code < 0x80)
        set_head (head, TK_UINT, code, body);
    else if (code < 0x90)
        set_head (head, TK_MAP, code & 0x0f, body);
    else if (code < 0xa0)
        set_head (head, TK_ARRAY, code & 0x0f, body);
    else if (code < 0xc0)
        set_head (head, TK_STR, code & 0x1f, body);
    else if (code >= 0xe0)
        set_head (head, TK_INT, (uint64_t)((int64_t)code - 256), body);
    else if (read_form (code, body, self->end, head) != 0)
        return -EBADMSG;
    return check_room (head, self->end);
}

/* Reads a value if it is of that kind. */
static int
read_kind (tk_cursor_t *self, tk_kind_t kind, head_t *head)
{
    if (read_head (self, head) != 0 || head->kind != kind)
        return -EBADMSG;
    self->at = head->body + head->size;
    return 0;
}

tk_cursor_t
tk_cursor (const void *data, size_t size)
{
    static const uint8_t nothing[1];
    const uint8_t *at = data ? data : nothing;
    return (tk_cursor_t){at, at + (data ? size : 0)};
}

tk_kind_t
tk_cursor_peek_any (const tk_cursor_t *self)
{
    head_t head;
    return read_head (self, &head) == 0 ? head.kind : TK_BAD;
}

/* All bytes of a value that holds no others, which most are; 0: read_head()
 * is to say what is there. */
static inline size_t
leaf_size (const tk_cursor_t *self)
{
    size_t left = (size_t)(self->end - self->at);
    uint8_t code = left ? *self->at : 0x80;
    if (code < 0x80 || code >= 0xe0)
        return 1;
    if (code < 0xa0)
        return 0;
    uint64_t size = 1 + (code & 0x1fu);
    if ((code == 0xc4 || code == 0xd9) && left > 1) {
        size = 2 + (size_t)self->at[1];
    } else if (code >= 0xc0) {
        unsigned form = code - 0xc0u;
        unsigned width = forms[form].width;
        tk_kind_t kind = (tk_kind_t)forms[form].kind;
        if (left <= width || kind == TK_BAD || kind >= TK_ARRAY)
            return 0;
        size = 1 + width;
        if (kind == TK_STR || kind == TK_BIN)
            size += big_endian (self->at + 1, width);
    }
    return size <= left ? (size_t)size : 0;
}

/* Most values lie beside many of their like, and are passed in the inner loop.
 */
int
tk_cursor_skip_any (tk_cursor_t *self, unsigned depth_max)
{
    uint64_t outer[TK_FRAME_DEPTH_MAX]; /* to come in containers around */
    uint64_t left = 1;                  /* to come in the innermost one */
    unsigned depth = 0;
    size_t leaf;
    head_t head;
    tk_cursor_t next = *self;
    for (;;) {
        for (; left && (leaf = leaf_size (&next)); left--)
            next.at += leaf;
        if (!left && !depth)
            break;
        if (!left) {
            left = outer[--depth];
            continue;
        }
        if (read_head (&next, &head) != 0)
            return -EBADMSG;
        next.at = head.body + head.size;
        left--;
        if (head.kind != TK_ARRAY && head.kind != TK_MAP)
            continue;
        if (depth == depth_max)
            return -EBADMSG;
        outer[depth++] = left;
        left = head.kind == TK_MAP ? 2 * head.value : head.value;
    }
    *self = next;
    return 0;
}

int
tk_cursor_nil (tk_cursor_t *self)
{
    head_t head;
    return read_kind (self, TK_NIL, &head);
}

int
tk_cursor_bool (tk_cursor_t *self, bool *value)
{
    head_t head;
    if (read_kind (self, TK_BOOL, &head) != 0)
        return -EBADMSG;
    *value = head.value != 0;
    return 0;
}

int
tk_cursor_any_int (tk_cursor_t *self, int64_t *value)
{
    head_t head;
    if (read_head (self, &head) != 0)
        return -EBADMSG;
    if (head.kind != TK_INT && (head.kind != TK_UINT || head.value > INT64_MAX))
        return -EBADMSG;
    self->at = head.body;
    *value = (int64_t)head.value;
    return 0;
}

int
tk_cursor_any_uint (tk_cursor_t *self, uint64_t *value)
{
    head_t head;
    if (read_kind (self, TK_UINT, &head) != 0)
        return -EBADMSG;
    *value = head.value;
    return 0;
}

int
tk_cursor_float (tk_cursor_t *self, double *value)
{
    head_t head;
    if (read_kind (self, TK_FLOAT, &head) != 0)
        return -EBADMSG;
    *value = float_of (head.value);
    return 0;
}

int
tk_cursor_any_str (tk_cursor_t *self, const char **text, size_t *length)
{
    head_t head;
    if (read_kind (self, TK_STR, &head) != 0)
        return -EBADMSG;
    *text = (const char *)head.body;
    *length = head.size;
    return 0;
}

int
tk_cursor_any_bin (tk_cursor_t *self, const void **data, size_t *size)
{
    head_t head;
    if (read_kind (self, TK_BIN, &head) != 0)
        return -EBADMSG;
    *data = head.body;
    *size = head.size;
    return 0;
}

int
tk_cursor_any_array (tk_cursor_t *self, uint32_t *count)
{
    head_t head;
    if (read_kind (self, TK_ARRAY, &head) != 0)
        return -EBADMSG;
    *count = (uint32_t)head.value;
    return 0;
}

int
tk_cursor_map (tk_cursor_t *self, uint32_t *count)
{
    head_t head;
    if (read_kind (self, TK_MAP, &head) != 0)
        return -EBADMSG;
    *count = (uint32_t)head.value;
    return 0;
}

int
tk_cursor_ext (tk_cursor_t *self, int8_t *type, const void **data, size_t *size)
{
    head_t head;
    if (read_kind (self, TK_EXT, &head) != 0)
        return -EBADMSG;
    *type = head.type;
    *data = head.body;
    *size = head.size;
    return 0;
}

int
tk_document_check (const void *data, size_t size)
{
    tk_cursor_t cursor = tk_cursor (data, size);
    if (tk_cursor_skip (&cursor) != 0 || cursor.at != cursor.end)
        return -EBADMSG;
    return 0;
}
