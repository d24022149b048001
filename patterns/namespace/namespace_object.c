/* SPDX-License-Identifier: MPL-2.0 */
/*
 * namespace_object.c - the methods of a namespace: values by name.
 *
 * Runs under the manager's lock. A dict that has string keys only, and none
 * of a dict's further methods; what it stores lies in the same table.
 */
#include "patterns/namespace/namespace_private.h"

#include <errno.h>
#include <stdlib.h>
#include "lib/object/table.h"

static void *
create (const troika_msg_t *args)
{
    if (!tk_no_params (args))
        return NULL;
    tk_table_t *self = calloc (1, sizeof *self);
    if (self)
        tk_table_init (self);
    return self;
}

static void
destroy (void *object)
{
    tk_table_fini (object);
    free (object);
}

/* The name in the form that is stored; false: the call has failed. */
static bool
normal (tk_table_t *self, troika_call_t *call, tk_span_t *name)
{
    int rc = tk_table_key (self, name);
    if (rc)
        troika_call_fail (call, -rc, NULL);
    return rc == 0;
}

static int
set (void *object, troika_call_t *call)
{
    tk_span_t name, value;
    if (!tk_take (call, "s:name v:value", &name, &value) ||
        !normal (object, call, &name))
        return 0;
    return tk_table_set (object, name, value) ? 0 : tk_refuse (-ENOMEM);
}

/* The attribute that a call names; NULL: the call has failed. */
static tk_entry_t *
take_entry (tk_table_t *self, troika_call_t *call)
{
    tk_span_t name;
    char shown[TK_SHOW_SIZE];
    if (!tk_take (call, "s:name", &name) || !normal (self, call, &name))
        return NULL;
    tk_entry_t *entry = tk_table_find (self, name);
    if (!entry)
        troika_call_fail (call, ENOENT, "namespace '%s' has no attribute %s",
                          troika_current_name (), tk_show (name, shown));
    return entry;
}

static int
get (void *object, troika_call_t *call)
{
    const tk_entry_t *entry = take_entry (object, call);
    return entry ? tk_give (call, tk_packed_get (&entry->value)) : 0;
}

static int
del (void *object, troika_call_t *call)
{
    tk_entry_t *entry = take_entry (object, call);
    if (entry)
        tk_table_delete (object, entry, 0);
    return 0;
}

static int
has (void *object, troika_call_t *call)
{
    tk_span_t name;
    if (!tk_take (call, "s:name", &name) || !normal (object, call, &name))
        return 0;
    return troika_call_reply (call, "b", tk_table_find (object, name) != NULL);
}

static int
all (void *object, troika_call_t *call)
{
    if (!tk_take (call, ""))
        return 0;
    tk_buffer_t result;
    tk_buffer_init (&result);
    tk_table_write (object, TK_TABLE_MAP, &result);
    return tk_give_written (call, &result);
}

static int
figures (void *object, troika_call_t *call)
{
    const tk_table_t *self = object;
    if (!tk_take (call, ""))
        return 0;
    return troika_call_reply (call, "{s:u}", "len", (unsigned)self->live);
}

static const troika_method_t methods[] = {
    {"set", set}, {"get", get},      {"del", del}, {"has", has},
    {"all", all}, {"stat", figures}, {NULL, NULL},
};

const troika_type_t tk_namespace_type = {
    .name = "namespace",
    .create = create,
    .destroy = destroy,
    .methods = methods,
};
