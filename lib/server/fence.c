/* SPDX-License-Identifier: MPL-2.0 */
/*
 * fence.c - calls of a session that wait until its casts are in.
 *
 * Their first argument is [[lane, casts], …]: the call goes on when each of
 * these lanes has that many casts in. Runs under the registry's lock.
 */
#include "parts.h"

#include <errno.h>
#include <stdlib.h>
#include "lib/wire/cursor.h"

typedef struct {
    tk_link_t link; /* in session->fences */
    tk_session_t *session;
    troika_call_t *call;
    tk_reached_fn reached;
} fence_t;

/* 1: every lane is there, 0: not yet, -EINVAL: malformed. */
static int
is_reached (tk_session_t *session, const troika_msg_t *args)
{
    tk_cursor_t cursor =
        tk_cursor (troika_msg_data (args), troika_msg_size (args));
    uint32_t count;
    uint32_t pair;
    uint64_t number;
    uint64_t casts;
    bool reached = true;
    if (tk_cursor_array (&cursor, &count) || count == 0 ||
        tk_cursor_array (&cursor, &count))
        return -EINVAL;
    while (count--) {
        if (tk_cursor_array (&cursor, &pair) || pair != 2 ||
            tk_cursor_uint (&cursor, &number) ||
            tk_cursor_uint (&cursor, &casts))
            return -EINVAL;
        if (casts && !tk_session_has_casts (session, number, casts))
            reached = false;
    }
    return reached;
}

static void
destroy (fence_t *self)
{
    tk_list_remove (&self->link);
    free (self);
}

static void
cancel (troika_call_t *call, void *context)
{
    (void)call;
    destroy (context);
}

static int
park (tk_session_t *session, troika_call_t *call, tk_reached_fn reached)
{
    fence_t *self = calloc (1, sizeof *self);
    if (!self)
        return troika_call_fail (call, ENOMEM, NULL);
    tk_list_init (&self->link);
    tk_list_append (&session->fences, &self->link);
    self->session = session;
    self->call = call;
    self->reached = reached;
    return troika_call_defer (call, cancel, self);
}

int
tk_fence_add (tk_session_t *session, troika_call_t *call, tk_reached_fn reached)
{
    int rc = is_reached (session, troika_call_args (call));
    if (rc < 0)
        return troika_call_fail (call, EINVAL,
                                 "the first argument is not [[lane, casts], "
                                 "...]");
    if (rc == 0)
        return park (session, call, reached);
    reached (session, call);
    return 0;
}

/* The last thing that is done with a session: a bye may end it. */
void
tk_fences_check (tk_session_t *session)
{
    tk_link_t *next;
    for (tk_link_t *at = session->fences.next; at != &session->fences;
         at = next) {
        fence_t *fence = TK_MEMBER (at, fence_t, link);
        next = at->next;
        if (is_reached (session, troika_call_args (fence->call)) == 0)
            continue;
        troika_call_t *call = fence->call;
        tk_reached_fn reached = fence->reached;
        destroy (fence);
        if (!reached (session, call))
            return;
    }
}
