/* SPDX-License-Identifier: MPL-2.0 */
/*
 * handle_flush.c - until what was cast by a handle has been carried out.
 *
 * By the direct path it has. A manager that ends in order says what it has
 * before it goes: when that was all, the flush has succeeded, however soon
 * after the end comes.
 */
#include "handle_parts.h"

#include <errno.h>
#include "lib/base/error.h"
#include "parts.h"

static bool
had_all (tk_handle_t *self, const tk_client_t *client)
{
    return tk_client_state (client) == TK_ENDED &&
           !atomic_load (&self->listener.loss.any);
}

static bool
is_over_and_done (tk_handle_t *self)
{
    pthread_mutex_lock (&self->lock);
    bool done = self->client && had_all (self, self->client);
    pthread_mutex_unlock (&self->lock);
    return done;
}

static int
flush_client (tk_handle_t *self, tk_time_t deadline,
              int (*flush) (tk_client_t *client, tk_time_t deadline))
{
    tk_client_t *client;
    if (is_over_and_done (self))
        return 0;
    int rc = tk_handle_client (self, deadline, TK_BY_FLUSH, &client);
    if (rc)
        return rc;
    rc = flush (client, deadline);
    if (rc == -EPIPE)
        tk_client_await_end (client);
    if (rc == -EPIPE && had_all (self, client))
        rc = 0;
    return tk_handle_give_back (self, client, TK_BY_FLUSH, rc);
}

static int
flush_handle (tk_handle_t *self, tk_time_t deadline,
              int (*flush) (tk_client_t *client, tk_time_t deadline))
{
    int rc = tk_handle_go_in (self);
    if (rc)
        return rc;
    rc = tk_handle_outside (self);
    if (!rc && !self->direct)
        rc = flush_client (self, deadline, flush);
    rc = tk_handle_say_where (self, rc);
    tk_handle_leave (self);
    return rc;
}

int
tk_handle_flush (tk_handle_t *self, tk_time_t deadline)
{
    return flush_handle (self, deadline, tk_client_flush);
}

int
tk_handle_flush_others (tk_handle_t *self, tk_time_t deadline)
{
    return flush_handle (self, deadline, tk_client_flush_others);
}
