/* SPDX-License-Identifier: MPL-2.0 */
/*
 * table.c - a hash index over an array of entries in insertion order.
 *
 * Every slot of the index that is not free names an entry that is live or a
 * trace; so the array being full and the index being loaded are one event,
 * rebuild(), which drops traces and chooses a new size. Hashes are keyed with
 * a secret: a peer cannot choose keys that collide. A czmq zhashx would take
 * four allocations and some 150 bytes an entry, and forget the order.
 */
#include "lib/object/table.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include "lib/object/canonical.h"

enum { SLOTS_MIN = 8 };

/* Entries for an index of that many slots: two thirds stay quick to probe. */
static uint32_t
room_of (uint32_t slots)
{
    return slots - slots / 3;
}

void
tk_table_init (tk_table_t *self)
{
    memset (self, 0, sizeof *self);
    tk_buffer_init (&self->scratch);
    randombytes_buf (self->secret, sizeof self->secret);
}

static void
drop_entries (tk_table_t *self)
{
    for (uint32_t i = 0; i < self->used; i++) {
        tk_packed_fini (&self->entries[i].key);
        tk_packed_fini (&self->entries[i].value);
    }
    free (self->entries);
    free (self->index);
    self->entries = NULL;
    self->index = NULL;
    self->used = self->capacity = self->live = self->mask = 0;
}

void
tk_table_fini (tk_table_t *self)
{
    drop_entries (self);
    tk_buffer_fini (&self->scratch);
}

int
tk_table_key (tk_table_t *self, tk_span_t *key)
{
    return tk_canonical (key, &self->scratch);
}

static uint32_t
hash_of (const tk_table_t *self, tk_span_t key)
{
    uint8_t hash[crypto_shorthash_BYTES];
    uint32_t low;
    _Static_assert(crypto_shorthash_KEYBYTES == sizeof self->secret,
                   "the secret is a key");
    crypto_shorthash (hash, key.data, key.size, self->secret);
    memcpy (&low, hash, sizeof low);
    return low;
}

static bool
same_key (const tk_entry_t *entry, uint32_t hash, tk_span_t key)
{
    return entry->hash == hash &&
           tk_span_same (tk_packed_get (&entry->key), key);
}

/* The slot that names key's entry, or the free one where it would go. */
static uint32_t
find_slot (const tk_table_t *self, uint32_t hash, tk_span_t key)
{
    uint32_t slot = hash & self->mask;
    while (self->index[slot] &&
           !same_key (&self->entries[self->index[slot] - 1], hash, key))
        slot = (slot + 1) & self->mask;
    return slot;
}

tk_entry_t *
tk_table_trace (const tk_table_t *self, tk_span_t key)
{
    if (!self->index)
        return NULL;
    uint32_t place = self->index[find_slot (self, hash_of (self, key), key)];
    return place ? &self->entries[place - 1] : NULL;
}

tk_entry_t *
tk_table_find (const tk_table_t *self, tk_span_t key)
{
    tk_entry_t *entry = tk_table_trace (self, key);
    return entry && !tk_packed_empty (&entry->value) ? entry : NULL;
}

/* Moves the live entries together and forgets the traces. */
static void
compact (tk_table_t *self)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < self->used; i++) {
        tk_entry_t *entry = &self->entries[i];
        if (!tk_packed_empty (&entry->value)) {
            self->entries[kept++] = *entry;
            continue;
        }
        if (!tk_packed_empty (&entry->key) && entry->version > self->dropped)
            self->dropped = entry->version;
        tk_packed_fini (&entry->key);
    }
    self->used = kept;
}

static void
fill_index (tk_table_t *self)
{
    for (uint32_t i = 0; i < self->used; i++) {
        uint32_t slot = self->entries[i].hash & self->mask;
        while (self->index[slot])
            slot = (slot + 1) & self->mask;
        self->index[slot] = i + 1;
    }
}

/* Slots for what is live and for count more, half as much again if that is
 * larger, so that rebuilds are rare; 0: too many. */
static uint32_t
slots_for (const tk_table_t *self, uint32_t count)
{
    uint64_t want = (uint64_t)self->live + count;
    uint64_t spare = (uint64_t)self->live + self->live / 2;
    uint32_t slots = SLOTS_MIN;
    while (room_of (slots) < want || room_of (slots) < spare) {
        if (slots > UINT32_MAX / 4)
            return 0;
        slots *= 2;
    }
    return slots;
}

static bool
resize_entries (tk_table_t *self, uint32_t room)
{
    tk_entry_t *entries = realloc (self->entries, room * sizeof *entries);
    if (entries)
        self->entries = entries;
    return entries != NULL;
}

static int
rebuild (tk_table_t *self, uint32_t count)
{
    uint32_t slots = slots_for (self, count);
    uint32_t room = room_of (slots);
    uint32_t *index = slots ? calloc (slots, sizeof *index) : NULL;
    if (!index || (room > self->capacity && !resize_entries (self, room))) {
        free (index);
        return -ENOMEM;
    }
    compact (self);
    if (room < self->capacity)
        resize_entries (self, room); /* where refused, the old block will do */
    self->capacity = room;
    free (self->index);
    self->index = index;
    self->mask = slots - 1;
    fill_index (self);
    return 0;
}

int
tk_table_reserve (tk_table_t *self, uint32_t count)
{
    if (count <= self->capacity - self->used)
        return 0;
    return rebuild (self, count);
}

/* A key that comes back goes to the end; its trace becomes nothing. */
static tk_entry_t *
append (tk_table_t *self, uint32_t hash, uint32_t slot, tk_packed_t *key)
{
    uint32_t trace = self->index[slot];
    if (trace)
        tk_packed_fini (&self->entries[trace - 1].key);
    tk_entry_t *entry = &self->entries[self->used++];
    *entry = (tk_entry_t){.key = *key, .hash = hash};
    self->index[slot] = self->used;
    self->live++;
    return entry;
}

tk_entry_t *
tk_table_put (tk_table_t *self, tk_packed_t *key, tk_packed_t *value)
{
    tk_span_t bytes = tk_packed_get (key);
    uint32_t hash = hash_of (self, bytes);
    uint32_t slot = find_slot (self, hash, bytes);
    uint32_t place = self->index[slot];
    tk_entry_t *entry = place ? &self->entries[place - 1] : NULL;
    if (entry && !tk_packed_empty (&entry->value)) {
        tk_packed_fini (&entry->value);
        tk_packed_fini (key);
    } else
        entry = append (self, hash, slot, key);
    entry->value = *value;
    return entry;
}

tk_entry_t *
tk_table_set (tk_table_t *self, tk_span_t key, tk_span_t value)
{
    tk_entry_t *entry = tk_table_find (self, key);
    if (entry)
        return tk_packed_set (&entry->value, value) ? NULL : entry;
    tk_packed_t own_key, own_value;
    if (tk_table_reserve (self, 1) || tk_packed_init (&own_key, key))
        return NULL;
    if (!tk_packed_init (&own_value, value))
        return tk_table_put (self, &own_key, &own_value);
    tk_packed_fini (&own_key);
    return NULL;
}

void
tk_table_delete (tk_table_t *self, tk_entry_t *entry, uint64_t version)
{
    tk_packed_fini (&entry->value);
    entry->version = version;
    self->live--;
    if (self->used > 64 && self->live < self->used / 8)
        rebuild (self, 0); /* to give memory back; it may fail */
}

void
tk_table_clear (tk_table_t *self, uint64_t version)
{
    if (self->used > 0)
        self->dropped = version;
    drop_entries (self);
}

const tk_entry_t *
tk_table_next (const tk_table_t *self, uint32_t *place)
{
    while (*place < self->used) {
        const tk_entry_t *entry = &self->entries[(*place)++];
        if (!tk_packed_empty (&entry->value))
            return entry;
    }
    return NULL;
}

static void
write_packed (tk_buffer_t *buffer, const tk_packed_t *packed)
{
    tk_span_t span = tk_packed_get (packed);
    tk_buffer_append (buffer, span.data, span.size);
}

void
tk_table_write (const tk_table_t *self, enum tk_table_part part,
                tk_buffer_t *buffer)
{
    uint32_t place = 0;
    const tk_entry_t *entry;
    if (part == TK_TABLE_MAP)
        tk_write_map (buffer, self->live);
    else
        tk_write_array (buffer, self->live);
    while ((entry = tk_table_next (self, &place))) {
        if (part == TK_TABLE_ITEMS)
            tk_write_array (buffer, 2);
        if (part != TK_TABLE_VALUES)
            write_packed (buffer, &entry->key);
        if (part != TK_TABLE_KEYS)
            write_packed (buffer, &entry->value);
    }
}
