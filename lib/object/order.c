/* SPDX-License-Identifier: MPL-2.0 */
/*
 * order.c - compares two well-formed documents without decoding them.
 *
 * Both are walked in step. Recursion is bounded by TK_DEPTH_MAX, which the
 * cursor has enforced on all that is stored.
 */
#include "lib/object/order.h"

#include <math.h>
#include <string.h>

static int compare (tk_cursor_t *a, tk_cursor_t *b);

#define SIGN(a, b) (((a) > (b)) - ((a) < (b)))

/* Numbers share a rank. */
static int
rank_of (const tk_cursor_t *cursor)
{
    tk_kind_t kind = tk_cursor_peek (cursor);
    return kind == TK_INT || kind == TK_FLOAT ? (int)TK_UINT : (int)kind;
}

typedef struct {
    tk_kind_t kind;
    uint64_t above; /* TK_UINT */
    int64_t below;  /* TK_INT: negative */
    double real;    /* TK_FLOAT */
} number_t;

static number_t
read_number (tk_cursor_t *from)
{
    number_t number = {.kind = tk_cursor_peek (from)};
    if (number.kind == TK_UINT)
        tk_cursor_uint (from, &number.above);
    else if (number.kind == TK_INT)
        tk_cursor_int (from, &number.below);
    else
        tk_cursor_float (from, &number.real);
    return number;
}

static int
compare_int_int (const number_t *a, const number_t *b)
{
    if (a->kind != b->kind)
        return a->kind == TK_INT ? -1 : 1;
    return a->kind == TK_INT ? SIGN (a->below, b->below)
                             : SIGN (a->above, b->above);
}

static int
compare_real_real (double a, double b)
{
    if (isnan (a) || isnan (b))
        return !!isnan (a) - !!isnan (b);
    return SIGN (a, b);
}

/* Exact: a double is cut to an integer where it has one, so that large
 * integers are not rounded. */
static int
compare_int_real (const number_t *a, double real)
{
    if (isnan (real) || real >= 0x1p64)
        return -1;
    if (real < -0x1p63)
        return 1;
    double whole = trunc (real);
    number_t b = {.kind = whole < 0 ? TK_INT : TK_UINT};
    if (b.kind == TK_INT)
        b.below = (int64_t)whole;
    else
        b.above = (uint64_t)whole;
    int order = compare_int_int (a, &b);
    if (order == 0)
        order = SIGN (whole, real);
    return order ? order : -1;
}

static int
compare_numbers (tk_cursor_t *from_a, tk_cursor_t *from_b)
{
    number_t a = read_number (from_a);
    number_t b = read_number (from_b);
    if (a.kind == TK_FLOAT && b.kind == TK_FLOAT)
        return compare_real_real (a.real, b.real);
    if (b.kind == TK_FLOAT)
        return compare_int_real (&a, b.real);
    if (a.kind == TK_FLOAT)
        return -compare_int_real (&b, a.real);
    return compare_int_int (&a, &b);
}

static int
compare_bytes (tk_span_t a, tk_span_t b)
{
    size_t shorter = a.size < b.size ? a.size : b.size;
    int order = shorter ? memcmp (a.data, b.data, shorter) : 0;
    return order ? order : SIGN (a.size, b.size);
}

/* The content of a string, binary or extension, and an extension's type. */
static tk_span_t
read_content (tk_cursor_t *from, int8_t *type)
{
    const char *text = NULL;
    const void *data = NULL;
    size_t size = 0;
    *type = 0;
    if (!tk_cursor_str (from, &text, &size))
        data = text;
    else if (tk_cursor_bin (from, &data, &size))
        tk_cursor_ext (from, type, &data, &size);
    return tk_span (data, size);
}

static int
compare_content (tk_cursor_t *from_a, tk_cursor_t *from_b)
{
    int8_t type_a, type_b;
    tk_span_t a = read_content (from_a, &type_a);
    tk_span_t b = read_content (from_b, &type_b);
    return type_a != type_b ? SIGN (type_a, type_b) : compare_bytes (a, b);
}

static uint64_t
read_count (tk_cursor_t *from)
{
    uint32_t count = 0;
    if (!tk_cursor_array (from, &count))
        return count;
    tk_cursor_map (from, &count);
    return 2 * (uint64_t)count;
}

static int
compare_elements (tk_cursor_t *from_a, tk_cursor_t *from_b)
{
    uint64_t a = read_count (from_a);
    uint64_t b = read_count (from_b);
    for (uint64_t left = a < b ? a : b; left > 0; left--) {
        int order = compare (from_a, from_b);
        if (order)
            return order;
    }
    return SIGN (a, b);
}

static int
compare (tk_cursor_t *a, tk_cursor_t *b)
{
    int rank = rank_of (a);
    if (rank != rank_of (b))
        return SIGN (rank, rank_of (b));
    switch (rank) {
    case TK_UINT:
        return compare_numbers (a, b);
    case TK_STR:
    case TK_BIN:
    case TK_EXT:
        return compare_content (a, b);
    case TK_ARRAY:
    case TK_MAP:
        return compare_elements (a, b);
    default: { /* nil and the bools are one byte */
        int order = SIGN (*a->at, *b->at);
        a->at++;
        b->at++;
        return order;
    }
    }
}

int
tk_order (tk_span_t a, tk_span_t b)
{
    tk_cursor_t from_a = tk_span_cursor (a);
    tk_cursor_t from_b = tk_span_cursor (b);
    return compare (&from_a, &from_b);
}
