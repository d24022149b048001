/* SPDX-License-Identifier: MPL-2.0 */
/*
 * dict_state.h - what the two files of the dict object share.
 *
 * Every change of a key gets the dict's next version, deletes, too, so a
 * version is never met twice, also not after a delete and a new set. Versions
 * begin at the time of creation in microseconds: a dict that is made anew,
 * by a manager that was started again, goes on above its former ones.
 */
#ifndef TK_DICT_STATE_H
#define TK_DICT_STATE_H

#include "lib/base/list.h"
#include "lib/object/table.h"

enum { TK_DICT_LINES = 64 };

typedef struct {
    tk_table_t table;
    uint64_t version; /* the last one given */
    size_t waiters;
    tk_link_t
        *lines; /* of waits, by a hash of the key; NULL before the first */
} tk_dict_state_t;

/* The method wait. */
int tk_dict_wait (void *self, troika_call_t *call);

/* A key has this value now, or none (NULL): tells those who wait for it.
 * To be called while key and value are in place. */
void tk_dict_tell (tk_dict_state_t *self, tk_span_t key, uint64_t version,
                   const tk_packed_t *value);

/* All keys that are there are about to go. */
void tk_dict_tell_clear (tk_dict_state_t *self, uint64_t version);

void tk_dict_waits_fini (tk_dict_state_t *self);

#endif
