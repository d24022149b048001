/* SPDX-License-Identifier: MPL-2.0 */
/*
 * waiter.c - calls that wait in a queue: puts, gets, joins, shutdowns.
 *
 * A waiter leaves its list exactly once: served, or cancelled by deadline,
 * loss, shutdown or the queue's end.
 */
#include "state.h"

#include <errno.h>
#include <stdlib.h>

static void
cancel (troika_call_t *call, void *context)
{
    tk_queue_waiter_t *self = context;
    tk_queue_state_t *queue = self->queue;
    int reason = troika_call_reason (call);
    if (self->count == &queue->waiting_puts)
        tk_queue_end_put (self, reason);
    else if (self->count == &queue->waiting_gets)
        tk_queue_end_get (self, reason);
    else
        tk_queue_waiter_leave (self);
}

int
tk_queue_waiter_park (const tk_queue_waiter_t *waiter, tk_link_t *list)
{
    tk_queue_waiter_t *self = malloc (sizeof *self);
    if (!self)
        return troika_call_fail (waiter->call, ENOMEM, NULL);
    *self = *waiter;
    tk_list_init (&self->link);
    tk_list_append (list, &self->link);
    if (self->count)
        ++*self->count;
    return troika_call_defer (self->call, cancel, self);
}

tk_queue_waiter_t *
tk_queue_waiter_first (const tk_link_t *list)
{
    tk_link_t *link = tk_list_first (list);
    return link ? TK_MEMBER (link, tk_queue_waiter_t, link) : NULL;
}

troika_call_t *
tk_queue_waiter_leave (tk_queue_waiter_t *self)
{
    troika_call_t *call = self->call;
    tk_list_remove (&self->link);
    if (self->count)
        --*self->count;
    free (self);
    return call;
}

void
tk_queue_waiters_answer (tk_link_t *list)
{
    tk_queue_waiter_t *waiter;
    while ((waiter = tk_queue_waiter_first (list)))
        troika_call_reply (tk_queue_waiter_leave (waiter), NULL);
}
