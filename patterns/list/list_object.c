/* SPDX-License-Identifier: MPL-2.0 */
/*
 * list_object.c - the methods of a list.
 *
 * Runs under the manager's lock, so each method is one step for everybody.
 * A method that fails has changed nothing, also when memory is short; only
 * when it is the answer that cannot be allocated, it has been carried out.
 */
#include "patterns/list/list_private.h"

#include <errno.h>
#include <stdlib.h>
#include "lib/object/order.h"
#include "patterns/list/ring.h"

static void *
create (const troika_msg_t *args)
{
    return tk_no_params (args) ? calloc (1, sizeof (tk_ring_t)) : NULL;
}

static void
destroy (void *object)
{
    tk_ring_fini (object);
    free (object);
}

static tk_span_t
span_at (const tk_ring_t *self, size_t index)
{
    return tk_packed_get (tk_ring_at (self, index));
}

/* An index from either end as one from the front; false: there is no such
 * item, and the call has failed. */
static bool
resolve (const tk_ring_t *self, troika_call_t *call, int64_t index,
         size_t *place)
{
    int64_t count = (int64_t)self->count;
    if (index >= -count && index < count) {
        *place = (size_t)(index < 0 ? index + count : index);
        return true;
    }
    troika_call_fail (call, ERANGE,
                      "list '%s' has %zu items, none at index "
                      "%lld",
                      troika_current_name (), self->count, (long long)index);
    return false;
}

/* The same where any index will do: it is clipped to the ends. */
static size_t
clip (const tk_ring_t *self, int64_t index)
{
    int64_t count = (int64_t)self->count;
    if (index < -count)
        return 0;
    if (index > count)
        return self->count;
    return (size_t)(index < 0 ? index + count : index);
}

static int
store_new (tk_ring_t *self, size_t index, tk_span_t value)
{
    tk_packed_t packed;
    int rc = tk_ring_reserve (self, 1);
    if (!rc)
        rc = tk_packed_init (&packed, value);
    if (rc)
        return tk_refuse (rc);
    *tk_ring_open (self, index) = packed;
    return 0;
}

static int
append (void *object, troika_call_t *call)
{
    tk_ring_t *self = object;
    tk_span_t value;
    if (!tk_take (call, "v:value", &value))
        return 0;
    return store_new (self, self->count, value);
}

static int
insert (void *object, troika_call_t *call)
{
    int64_t index;
    tk_span_t value;
    if (!tk_take (call, "i:index v:value", &index, &value))
        return 0;
    return store_new (object, clip (object, index), value);
}

static int
set (void *object, troika_call_t *call)
{
    int64_t index;
    size_t place;
    tk_span_t value;
    if (!tk_take (call, "i:index v:value", &index, &value) ||
        !resolve (object, call, index, &place))
        return 0;
    int rc = tk_packed_set (tk_ring_at (object, place), value);
    return rc ? tk_refuse (rc) : 0;
}

static int
append_all (tk_ring_t *self, tk_cursor_t *from, uint32_t count)
{
    size_t before = self->count;
    tk_span_t value;
    int rc = tk_ring_reserve (self, count);
    for (uint32_t i = 0; !rc && i < count; i++) {
        rc = tk_span_next (from, &value);
        if (!rc)
            rc = tk_packed_init (tk_ring_open (self, self->count), value);
    }
    while (rc && self->count > before)
        tk_ring_close (self, self->count - 1);
    return rc;
}

static int
extend (void *object, troika_call_t *call)
{
    tk_span_t array;
    uint32_t count = 0;
    if (!tk_take (call, "a:array", &array))
        return 0;
    tk_cursor_t from = tk_span_cursor (array);
    tk_cursor_array (&from, &count);
    int rc = append_all (object, &from, count);
    return rc ? tk_refuse (rc) : 0;
}

static int
get (void *object, troika_call_t *call)
{
    int64_t index;
    size_t place;
    if (!tk_take (call, "i:index", &index) ||
        !resolve (object, call, index, &place))
        return 0;
    return tk_give (call, span_at (object, place));
}

static int
pop (void *object, troika_call_t *call)
{
    int64_t index = -1;
    size_t place;
    if (!tk_take (call, "?i:index", &index) ||
        !resolve (object, call, index, &place))
        return 0;
    int rc = tk_give (call, span_at (object, place));
    if (!rc)
        tk_ring_close (object, place);
    return rc;
}

static int
del (void *object, troika_call_t *call)
{
    int64_t index;
    size_t place;
    if (tk_take (call, "i:index", &index) &&
        resolve (object, call, index, &place))
        tk_ring_close (object, place);
    return 0;
}

static int
slice (void *object, troika_call_t *call)
{
    int64_t from = 0, to = INT64_MAX;
    if (!tk_take (call, "?i:from ?i:to", &from, &to))
        return 0;
    size_t first = clip (object, from);
    size_t end = clip (object, to);
    tk_buffer_t result;
    tk_buffer_init (&result);
    tk_write_array (&result, (uint32_t)(end > first ? end - first : 0));
    for (size_t i = first; i < end; i++) {
        tk_span_t value = span_at (object, i);
        tk_buffer_append (&result, value.data, value.size);
    }
    return tk_give_written (call, &result);
}

static int
clear (void *object, troika_call_t *call)
{
    if (tk_take (call, ""))
        tk_ring_fini (object);
    return 0;
}

static int
reverse (void *object, troika_call_t *call)
{
    tk_ring_t *self = object;
    if (!tk_take (call, "") || self->count == 0)
        return 0;
    for (size_t i = 0, j = self->count - 1; i < j; i++, j--) {
        tk_packed_t swapped = *tk_ring_at (self, i);
        *tk_ring_at (self, i) = *tk_ring_at (self, j);
        *tk_ring_at (self, j) = swapped;
    }
    return 0;
}

static int
compare (const void *a, const void *b)
{
    return tk_order (tk_packed_get (a), tk_packed_get (b));
}

static int
sort (void *object, troika_call_t *call)
{
    tk_ring_t *self = object;
    if (!tk_take (call, ""))
        return 0;
    int rc = tk_ring_straighten (self);
    if (rc)
        return tk_refuse (rc);
    if (self->count > 1)
        qsort (self->places, self->count, sizeof *self->places, compare);
    return 0;
}

static int
len (void *object, troika_call_t *call)
{
    const tk_ring_t *self = object;
    if (!tk_take (call, ""))
        return 0;
    return troika_call_reply (call, "U", (uint64_t)self->count);
}

/* The place of the first such item at or behind start, or count. */
static size_t
find (const tk_ring_t *self, tk_span_t value, size_t start)
{
    while (start < self->count && tk_order (span_at (self, start), value))
        start++;
    return start;
}

/* The value of a method and its place; false: it is not there, and the call
 * has failed. */
static bool
locate (const tk_ring_t *self, troika_call_t *call, size_t *place)
{
    tk_span_t value;
    char shown[TK_SHOW_SIZE];
    if (!tk_take (call, "v:value", &value))
        return false;
    *place = find (self, value, 0);
    if (*place == self->count)
        troika_call_fail (call, ENOENT, "list '%s' does not hold %s",
                          troika_current_name (), tk_show (value, shown));
    return *place < self->count;
}

static int
index_of (void *object, troika_call_t *call)
{
    size_t place;
    if (!locate (object, call, &place))
        return 0;
    return troika_call_reply (call, "U", (uint64_t)place);
}

static int
drop (void *object, troika_call_t *call)
{
    size_t place;
    if (locate (object, call, &place))
        tk_ring_close (object, place);
    return 0;
}

static int
count (void *object, troika_call_t *call)
{
    const tk_ring_t *self = object;
    tk_span_t value;
    uint64_t found = 0;
    if (!tk_take (call, "v:value", &value))
        return 0;
    for (size_t i = find (self, value, 0); i < self->count;
         i = find (self, value, i + 1))
        found++;
    return troika_call_reply (call, "U", found);
}

static int
figures (void *object, troika_call_t *call)
{
    const tk_ring_t *self = object;
    if (!tk_take (call, ""))
        return 0;
    return troika_call_reply (call, "{s:U}", "len", (uint64_t)self->count);
}

static const troika_method_t methods[] = {
    {"append", append},  {"insert", insert},   {"set", set},
    {"extend", extend},  {"get", get},         {"pop", pop},
    {"del", del},        {"slice", slice},     {"clear", clear},
    {"sort", sort},      {"reverse", reverse}, {"len", len},
    {"index", index_of}, {"count", count},     {"remove", drop},
    {"stat", figures},   {NULL, NULL},
};

const troika_type_t tk_list_type = {
    .name = "list",
    .create = create,
    .destroy = destroy,
    .methods = methods,
};
