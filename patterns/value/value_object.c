/* SPDX-License-Identifier: MPL-2.0 */
/*
 * value_object.c - the methods of a value: one document.
 *
 * Runs under the manager's lock. It is never empty, and a method that fails
 * leaves it as it was.
 */
#include "patterns/value/value_private.h"

#include <errno.h>
#include <stdlib.h>
#include "lib/object/order.h"
#include "lib/object/packed.h"

/* The one document that args hold, or nil. -EINVAL. */
static int
initial_of (const troika_msg_t *args, tk_span_t *initial)
{
    static const uint8_t nil = 0xc0;
    uint32_t count;
    tk_cursor_t from =
        tk_cursor (troika_msg_data (args), troika_msg_size (args));
    if (tk_cursor_array (&from, &count) || count > 1)
        return -EINVAL;
    *initial = tk_span (&nil, 1);
    return count && tk_span_next (&from, initial) ? -EINVAL : 0;
}

static void *
create (const troika_msg_t *args)
{
    tk_span_t initial;
    tk_packed_t *self = calloc (1, sizeof *self);
    int rc = self ? initial_of (args, &initial) : -ENOMEM;
    if (!rc)
        rc = tk_packed_init (self, initial);
    if (!rc)
        return self;
    free (self);
    errno = -rc;
    return NULL;
}

static void
destroy (void *object)
{
    tk_packed_fini (object);
    free (object);
}

static int
get (void *object, troika_call_t *call)
{
    if (!tk_take (call, ""))
        return 0;
    return tk_give (call, tk_packed_get (object));
}

static int
store (tk_packed_t *self, tk_span_t value)
{
    int rc = tk_packed_set (self, value);
    return rc ? tk_refuse (rc) : 0;
}

static int
set (void *object, troika_call_t *call)
{
    tk_span_t value;
    return tk_take (call, "v:value", &value) ? store (object, value) : 0;
}

static int
store_int (tk_packed_t *self, int64_t value)
{
    tk_buffer_t encoded;
    tk_buffer_init (&encoded);
    tk_write_int (&encoded, value);
    int rc = tk_buffer_error (&encoded);
    rc = rc ? tk_refuse (rc) : store (self, tk_buffer_span (&encoded));
    tk_buffer_fini (&encoded);
    return rc;
}

static int
add (void *object, troika_call_t *call)
{
    int64_t delta = 1, sum;
    if (!tk_take (call, "?i:delta", &delta))
        return 0;
    int rc = tk_packed_sum (object, delta, &sum);
    if (rc == -EINVAL)
        return troika_call_fail (call, EINVAL, "value '%s' is no integer",
                                 troika_current_name ());
    if (rc)
        return troika_call_fail (call, ERANGE,
                                 "value '%s': the sum does not "
                                 "fit 64 bits",
                                 troika_current_name ());
    if (store_int (object, sum))
        return -1;
    return troika_call_reply (call, "I", sum);
}

static int
cas (void *object, troika_call_t *call)
{
    tk_span_t expected, value;
    if (!tk_take (call, "v:expected v:value", &expected, &value))
        return 0;
    if (!tk_order (tk_packed_get (object), expected))
        return store (object, value);
    char shown[TK_SHOW_SIZE];
    return troika_call_fail (call, ECANCELED, "value '%s' is %s",
                             troika_current_name (),
                             tk_show (tk_packed_get (object), shown));
}

static int
figures (void *object, troika_call_t *call)
{
    if (!tk_take (call, ""))
        return 0;
    return troika_call_reply (call, "{s:U}", "bytes",
                              (uint64_t)tk_packed_get (object).size);
}

static const troika_method_t methods[] = {
    {"get", get}, {"set", set},      {"add", add},
    {"cas", cas}, {"stat", figures}, {NULL, NULL},
};

const troika_type_t tk_value_type = {
    .name = "value",
    .create = create,
    .destroy = destroy,
    .methods = methods,
};
