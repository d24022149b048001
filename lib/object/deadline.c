/* SPDX-License-Identifier: MPL-2.0 */
/*
 * deadline.c - a binary heap of the parked calls that have a deadline.
 *
 * Invariant: calls[i]->heap_index == i + 1, and no call is due before its
 * parent. Used by registry.c alone, under its lock.
 */
#include "deadline.h"

#include <errno.h>
#include <stdlib.h>

static void
place (tk_deadlines_t *self, size_t at, troika_call_t *call)
{
    self->calls[at] = call;
    call->heap_index = at + 1;
}

static void
sift_up (tk_deadlines_t *self, size_t at, troika_call_t *call)
{
    while (at > 0) {
        size_t parent = (at - 1) / 2;
        if (self->calls[parent]->deadline <= call->deadline)
            break;
        place (self, at, self->calls[parent]);
        at = parent;
    }
    place (self, at, call);
}

static void
sift_down (tk_deadlines_t *self, size_t at, troika_call_t *call)
{
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= self->count)
            break;
        if (child + 1 < self->count &&
            self->calls[child + 1]->deadline < self->calls[child]->deadline)
            child++;
        if (call->deadline <= self->calls[child]->deadline)
            break;
        place (self, at, self->calls[child]);
        at = child;
    }
    place (self, at, call);
}

static int
grow (tk_deadlines_t *self)
{
    size_t room = self->room ? 2 * self->room : 16;
    troika_call_t **calls = realloc (self->calls, room * sizeof *calls);
    if (!calls)
        return -ENOMEM;
    self->calls = calls;
    self->room = room;
    return 0;
}

int
tk_deadlines_add (tk_deadlines_t *self, troika_call_t *call)
{
    if (self->count == self->room && grow (self))
        return -ENOMEM;
    sift_up (self, self->count++, call);
    return 0;
}

void
tk_deadlines_remove (tk_deadlines_t *self, troika_call_t *call)
{
    if (!call->heap_index)
        return;
    size_t at = call->heap_index - 1;
    call->heap_index = 0;
    troika_call_t *last = self->calls[--self->count];
    if (last == call)
        return;
    if (at > 0 && last->deadline < self->calls[(at - 1) / 2]->deadline)
        sift_up (self, at, last);
    else
        sift_down (self, at, last);
}

tk_time_t
tk_deadlines_next (const tk_deadlines_t *self)
{
    return self->count ? self->calls[0]->deadline : TK_NEVER;
}

troika_call_t *
tk_deadlines_due (const tk_deadlines_t *self, tk_time_t now)
{
    return tk_deadlines_next (self) <= now ? self->calls[0] : NULL;
}

void
tk_deadlines_fini (tk_deadlines_t *self)
{
    free (self->calls);
    self->calls = NULL;
    self->count = self->room = 0;
}
