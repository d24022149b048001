/* SPDX-License-Identifier: MPL-2.0 */
/*
 * table.h - documents by document, in the order in which the keys came.
 *
 * Entries lie in one array in insertion order; a hash index of four bytes a
 * slot points into it. 48 bytes and 6 to 12 of index hold an entry with a
 * small key and value, all of it. Finding, putting and deleting take constant
 * time, a rebuild now and then included. A deleted key stays as a trace,
 * with the version of its end, until the next rebuild.
 * Pointers to entries are good until the next put or delete.
 */
#ifndef TK_OBJECT_TABLE_H
#define TK_OBJECT_TABLE_H

#include "lib/object/packed.h"

/* A key without a value is a trace; an entry without either is nothing. */
typedef struct {
    tk_packed_t key;
    tk_packed_t value;
    uint64_t version; /* of its last change, the delete included */
    uint32_t hash;
} tk_entry_t;

typedef struct {
    tk_entry_t *entries;
    uint32_t used;     /* entries that are written, traces included */
    uint32_t capacity; /* entries there is room for */
    uint32_t live;     /* entries with a value */
    uint32_t mask;     /* slots of the index, a power of two, less one */
    uint32_t *index;   /* place of an entry + 1; 0: free */
    uint64_t dropped;  /* no trace with a later version has been dropped */
    uint8_t secret[16];
    tk_buffer_t scratch;
} tk_table_t;

void tk_table_init (tk_table_t *self);
void tk_table_fini (tk_table_t *self);

/* Keys are compared in canonical form: every key that the functions below
 * get has been passed through this one. Good until it is called again.
 * -ENOMEM. */
int tk_table_key (tk_table_t *self, tk_span_t *key);

/* The entry with a value, or NULL. */
tk_entry_t *tk_table_find (const tk_table_t *self, tk_span_t key);

/* The same, or its trace, or NULL. */
tk_entry_t *tk_table_trace (const tk_table_t *self, tk_span_t key);

/* Room for count more entries: as many puts cannot fail. -ENOMEM. */
int tk_table_reserve (tk_table_t *self, uint32_t count);

/* Sets key to value, which are taken over; there is room. The entry; its
 * version is the caller's to set. */
tk_entry_t *tk_table_put (tk_table_t *self, tk_packed_t *key,
                          tk_packed_t *value);

/* The same for one of each, all or nothing: NULL when memory is short. */
tk_entry_t *tk_table_set (tk_table_t *self, tk_span_t key, tk_span_t value);

/* Its value goes, a trace with that version stays. */
void tk_table_delete (tk_table_t *self, tk_entry_t *entry, uint64_t version);

/* All go, with their traces. */
void tk_table_clear (tk_table_t *self, uint64_t version);

/* The live entry at or behind *place, which is set behind it; NULL at the
 * end. Start with 0. */
const tk_entry_t *tk_table_next (const tk_table_t *self, uint32_t *place);

/* Writes what there is, in order: a map, or an array of keys, of values or
 * of [key, value]. */
enum tk_table_part {
    TK_TABLE_MAP,
    TK_TABLE_KEYS,
    TK_TABLE_VALUES,
    TK_TABLE_ITEMS
};
void tk_table_write (const tk_table_t *self, enum tk_table_part part,
                     tk_buffer_t *buffer);

#endif
