/* SPDX-License-Identifier: MPL-2.0 */
/*
 * dict_object.c - the methods of a dict.
 *
 * Runs under the manager's lock, so each method is one step for everybody.
 * A method that fails has changed nothing, also when memory is short; only
 * when it is the answer that cannot be allocated, it has been carried out.
 * Every change of a key passes set_version(), which tells those who wait.
 */
#include "patterns/dict/dict_private.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include "lib/object/order.h"
#include "patterns/dict/dict_state.h"

static uint64_t
first_version (void)
{
    struct timespec now;
    clock_gettime (CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static void *
create (const troika_msg_t *args)
{
    if (!tk_no_params (args))
        return NULL;
    tk_dict_state_t *self = calloc (1, sizeof *self);
    if (!self)
        return NULL;
    tk_table_init (&self->table);
    self->version = self->table.dropped = first_version ();
    return self;
}

static void
destroy (void *object)
{
    tk_dict_state_t *self = object;
    tk_dict_waits_fini (self);
    tk_table_fini (&self->table);
    free (self);
}

static void
set_version (tk_dict_state_t *self, tk_entry_t *entry)
{
    entry->version = ++self->version;
    tk_dict_tell (self, tk_packed_get (&entry->key), entry->version,
                  &entry->value);
}

/* Deletes are told while the key is still there. */
static void
drop (tk_dict_state_t *self, tk_entry_t *entry)
{
    self->version++;
    tk_dict_tell (self, tk_packed_get (&entry->key), self->version, NULL);
    tk_table_delete (&self->table, entry, self->version);
}

static int
fail_absent (troika_call_t *call, tk_span_t key)
{
    char shown[TK_SHOW_SIZE];
    return troika_call_fail (call, ENOENT, "dict '%s' has no key %s",
                             troika_current_name (), tk_show (key, shown));
}

/* The key of a method in canonical form; false: the call has failed. */
static bool
normal (tk_dict_state_t *self, troika_call_t *call, tk_span_t *key)
{
    int rc = tk_table_key (&self->table, key);
    if (rc)
        troika_call_fail (call, -rc, NULL);
    return rc == 0;
}

static int
store (tk_dict_state_t *self, tk_span_t key, tk_span_t value)
{
    tk_entry_t *entry = tk_table_set (&self->table, key, value);
    if (!entry)
        return tk_refuse (-ENOMEM);
    set_version (self, entry);
    return 0;
}

static int
set (void *object, troika_call_t *call)
{
    tk_dict_state_t *self = object;
    tk_span_t key, value;
    if (!tk_take (call, "v:key v:value", &key, &value) ||
        !normal (self, call, &key))
        return 0;
    return store (self, key, value);
}

/* The entry of a method's key, or NULL where the caller gave a default for
 * that; false: the call has failed. */
static bool
take_entry (tk_dict_state_t *self, troika_call_t *call, tk_entry_t **entry,
            tk_span_t *fallback)
{
    tk_span_t key;
    if (!tk_take (call, "v:key ?v:default", &key, fallback) ||
        !normal (self, call, &key))
        return false;
    *entry = tk_table_find (&self->table, key);
    if (!*entry && !fallback->data)
        fail_absent (call, key);
    return *entry || fallback->data;
}

static int
get (void *object, troika_call_t *call)
{
    tk_entry_t *entry;
    tk_span_t fallback = {NULL, 0};
    if (!take_entry (object, call, &entry, &fallback))
        return 0;
    return tk_give (call, entry ? tk_packed_get (&entry->value) : fallback);
}

static int
pop (void *object, troika_call_t *call)
{
    tk_entry_t *entry;
    tk_span_t fallback = {NULL, 0};
    if (!take_entry (object, call, &entry, &fallback))
        return 0;
    if (!entry)
        return tk_give (call, fallback);
    int rc = tk_give (call, tk_packed_get (&entry->value));
    if (!rc)
        drop (object, entry);
    return rc;
}

static int
del (void *object, troika_call_t *call)
{
    tk_dict_state_t *self = object;
    tk_span_t key;
    if (!tk_take (call, "v:key", &key) || !normal (self, call, &key))
        return 0;
    tk_entry_t *entry = tk_table_find (&self->table, key);
    if (!entry)
        return fail_absent (call, key);
    drop (self, entry);
    return 0;
}

static int
setdefault (void *object, troika_call_t *call)
{
    tk_dict_state_t *self = object;
    tk_span_t key, value;
    if (!tk_take (call, "v:key v:value", &key, &value) ||
        !normal (self, call, &key))
        return 0;
    tk_entry_t *entry = tk_table_find (&self->table, key);
    if (!entry && store (self, key, value))
        return -1;
    return tk_give (call, entry ? tk_packed_get (&entry->value) : value);
}

static int
has (void *object, troika_call_t *call)
{
    tk_dict_state_t *self = object;
    tk_span_t key;
    if (!tk_take (call, "v:key", &key) || !normal (self, call, &key))
        return 0;
    return troika_call_reply (call, "b",
                              tk_table_find (&self->table, key) != NULL);
}

static int
len (void *object, troika_call_t *call)
{
    tk_dict_state_t *self = object;
    if (!tk_take (call, ""))
        return 0;
    return troika_call_reply (call, "u", (unsigned)self->table.live);
}

typedef struct {
    tk_packed_t key;
    tk_packed_t value;
} pair_t;

static int
pack_pair (tk_dict_state_t *self, tk_cursor_t *from, pair_t *pair)
{
    tk_span_t key, value;
    int rc = tk_span_next (from, &key);
    if (!rc)
        rc = tk_span_next (from, &value);
    if (!rc)
        rc = tk_table_key (&self->table, &key);
    if (!rc)
        rc = tk_packed_init (&pair->key, key);
    return rc ? rc : tk_packed_init (&pair->value, value);
}

/* Everything that may fail comes first. */
static int
merge (tk_dict_state_t *self, tk_cursor_t *from, uint32_t count, pair_t *pairs)
{
    int rc = tk_table_reserve (&self->table, count);
    for (uint32_t i = 0; !rc && i < count; i++)
        rc = pack_pair (self, from, &pairs[i]);
    for (uint32_t i = 0; i < count; i++)
        if (rc) {
            tk_packed_fini (&pairs[i].key);
            tk_packed_fini (&pairs[i].value);
        } else
            set_version (self, tk_table_put (&self->table, &pairs[i].key,
                                             &pairs[i].value));
    return rc;
}

static int
update (void *object, troika_call_t *call)
{
    tk_span_t map;
    uint32_t count = 0;
    if (!tk_take (call, "m:map", &map))
        return 0;
    tk_cursor_t from = tk_span_cursor (map);
    tk_cursor_map (&from, &count);
    if (count == 0)
        return 0;
    pair_t *pairs = calloc (count, sizeof *pairs);
    int rc = pairs ? merge (object, &from, count, pairs) : -ENOMEM;
    free (pairs);
    return rc ? tk_refuse (rc) : 0;
}

static int
clear (void *object, troika_call_t *call)
{
    tk_dict_state_t *self = object;
    if (!tk_take (call, "") || self->table.live == 0)
        return 0;
    self->version++;
    tk_dict_tell_clear (self, self->version);
    tk_table_clear (&self->table, self->version);
    return 0;
}

static int
give_part (tk_dict_state_t *self, troika_call_t *call, enum tk_table_part part)
{
    if (!tk_take (call, ""))
        return 0;
    tk_buffer_t result;
    tk_buffer_init (&result);
    tk_table_write (&self->table, part, &result);
    return tk_give_written (call, &result);
}

static int
keys (void *object, troika_call_t *call)
{
    return give_part (object, call, TK_TABLE_KEYS);
}

static int
values (void *object, troika_call_t *call)
{
    return give_part (object, call, TK_TABLE_VALUES);
}

static int
items (void *object, troika_call_t *call)
{
    return give_part (object, call, TK_TABLE_ITEMS);
}

static int
fail_add (troika_call_t *call, tk_span_t key, int rc)
{
    char shown[TK_SHOW_SIZE];
    const char *name = troika_current_name ();
    tk_show (key, shown);
    if (rc == -EINVAL)
        return troika_call_fail (call, EINVAL,
                                 "dict '%s' holds no integer at "
                                 "key %s",
                                 name, shown);
    return troika_call_fail (call, ERANGE,
                             "dict '%s' key %s: the sum does not "
                             "fit 64 bits",
                             name, shown);
}

static int
store_int (tk_dict_state_t *self, tk_span_t key, int64_t value)
{
    tk_buffer_t encoded;
    tk_buffer_init (&encoded);
    tk_write_int (&encoded, value);
    int rc = tk_buffer_error (&encoded);
    rc = rc ? tk_refuse (rc) : store (self, key, tk_buffer_span (&encoded));
    tk_buffer_fini (&encoded);
    return rc;
}

static int
add (void *object, troika_call_t *call)
{
    tk_dict_state_t *self = object;
    tk_span_t key;
    int64_t delta = 1, sum;
    if (!tk_take (call, "v:key ?i:delta", &key, &delta) ||
        !normal (self, call, &key))
        return 0;
    const tk_entry_t *entry = tk_table_find (&self->table, key);
    int rc = tk_packed_sum (entry ? &entry->value : NULL, delta, &sum);
    if (rc)
        return fail_add (call, key, rc);
    if (store_int (self, key, sum))
        return -1;
    return troika_call_reply (call, "I", sum);
}

static int
fail_cas (troika_call_t *call, tk_span_t key, const char *found)
{
    char shown[TK_SHOW_SIZE];
    return troika_call_fail (call, ECANCELED, "dict '%s' key %s %s",
                             troika_current_name (), tk_show (key, shown),
                             found);
}

/* Two arguments: the key must be absent. Three: it must hold the second. */
static int
cas (void *object, troika_call_t *call)
{
    tk_dict_state_t *self = object;
    tk_span_t key, expected, value = {NULL, 0};
    if (!tk_take (call, "v:key v:expected ?v:value", &key, &expected, &value) ||
        !normal (self, call, &key))
        return 0;
    const tk_entry_t *entry = tk_table_find (&self->table, key);
    if (!value.data)
        return entry ? fail_cas (call, key, "exists already")
                     : store (self, key, expected);
    if (!entry)
        return fail_cas (call, key, "does not exist");
    if (tk_order (tk_packed_get (&entry->value), expected))
        return fail_cas (call, key, "holds another value");
    return store (self, key, value);
}

static int
figures (void *object, troika_call_t *call)
{
    tk_dict_state_t *self = object;
    if (!tk_take (call, ""))
        return 0;
    return troika_call_reply (
        call, "{s:u,s:U,s:U}", "len", (unsigned)self->table.live, "version",
        self->version, "waiters", (uint64_t)self->waiters);
}

static const troika_method_t methods[] = {
    {"set", set},       {"get", get},
    {"pop", pop},       {"setdefault", setdefault},
    {"del", del},       {"has", has},
    {"len", len},       {"update", update},
    {"clear", clear},   {"keys", keys},
    {"values", values}, {"items", items},
    {"add", add},       {"cas", cas},
    {"stat", figures},  {"wait", tk_dict_wait},
    {NULL, NULL},
};

const troika_type_t tk_dict_type = {
    .name = "dict",
    .create = create,
    .destroy = destroy,
    .methods = methods,
};
