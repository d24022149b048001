/* SPDX-License-Identifier: MPL-2.0 */
/*
 * waiter.c - parks calls in lines and takes them out again.
 *
 * Nothing here decides who is served; it keeps the order of arrival and the
 * one rule that a waiter is freed by whoever takes it out of its line.
 */
#include "lib/object/waiter.h"

#include <errno.h>
#include <stdlib.h>
#include "lib/object/args.h"

void *
tk_waiter_new (size_t size, troika_call_t *call, void *object)
{
    tk_waiter_t *self = calloc (1, size);
    if (!self)
        return NULL;
    tk_list_init (&self->link);
    self->call = call;
    self->object = object;
    return self;
}

void *
tk_wait_leave (tk_waiter_t *self)
{
    void *object = self->object;
    tk_list_remove (&self->link);
    free (self);
    return object;
}

int
tk_wait (tk_link_t *line, troika_call_t *call, void *object,
         tk_cancel_fn cancel)
{
    tk_waiter_t *waiter = tk_waiter_new (sizeof *waiter, call, object);
    if (!waiter)
        return -1;
    tk_list_append (line, &waiter->link);
    return troika_call_defer (call, cancel, waiter);
}

troika_call_t *
tk_waiters_pop (tk_link_t *line)
{
    tk_link_t *link = tk_list_first (line);
    if (!link)
        return NULL;
    tk_waiter_t *waiter = TK_MEMBER (link, tk_waiter_t, link);
    troika_call_t *call = waiter->call;
    tk_wait_leave (waiter);
    return call;
}

size_t
tk_waiters_count (const tk_link_t *line)
{
    size_t count = 0;
    for (const tk_link_t *link = line->next; link != line; link = link->next)
        count++;
    return count;
}

troika_msg_t *
tk_waiters_owners (const tk_link_t *line)
{
    tk_buffer_t buffer;
    tk_buffer_init (&buffer);
    tk_write_array (&buffer, (uint32_t)tk_waiters_count (line));
    for (const tk_link_t *link = line->next; link != line; link = link->next) {
        const tk_waiter_t *waiter = TK_MEMBER (link, tk_waiter_t, link);
        tk_write_uint (&buffer, troika_call_owner (waiter->call));
    }
    return tk_written (&buffer);
}

void
tk_waiters_fini (tk_link_t *line)
{
    tk_link_t *link;
    while ((link = tk_list_first (line)))
        tk_wait_leave (TK_MEMBER (link, tk_waiter_t, link));
}

void
tk_wait_failed (troika_call_t *call, int reason, const char *kind,
                const char *state)
{
    const char *name = troika_current_name ();
    if (reason == ETIMEDOUT)
        troika_call_fail (call, reason, "%s '%s' is still %s after %d ms", kind,
                          name, state, troika_call_timeout (call));
    else if (reason == EAGAIN)
        troika_call_fail (call, reason, "%s '%s' is %s", kind, name, state);
    else
        troika_call_fail (call, reason, NULL);
}
