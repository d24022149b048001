/* SPDX-License-Identifier: MPL-2.0 */
/* deadline.h - the parked calls of a registry, the earliest due first. */
#ifndef TK_OBJECT_DEADLINE_H
#define TK_OBJECT_DEADLINE_H

#include "call.h"

typedef struct {
    troika_call_t **calls;
    size_t count;
    size_t room;
} tk_deadlines_t; /* zeroed is empty */

int tk_deadlines_add (tk_deadlines_t *self, troika_call_t *call);
void tk_deadlines_remove (tk_deadlines_t *self, troika_call_t *call);
tk_time_t tk_deadlines_next (const tk_deadlines_t *self);
/* The earliest call if it is due, else NULL; it stays in the heap. */
troika_call_t *tk_deadlines_due (const tk_deadlines_t *self, tk_time_t now);
void tk_deadlines_fini (tk_deadlines_t *self);

#endif
