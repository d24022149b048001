/* SPDX-License-Identifier: MPL-2.0 */
/*
 * handle_reach.c - how a handle finds its object by socket: at first, after
 * a fork, and after the manager was lost.
 *
 * Everything but the entry points runs under the handle's lock.
 */
#include "handle_parts.h"

#include <errno.h>
#include "lib/base/error.h"
#include "lib/base/runtime.h"

/* The least that a child's first call has to reach the manager. */
#define REACH_US INT64_C (1000000)
/* How long a call looks for a new manager after the old one was lost. */
#define REOPEN_US INT64_C (1000000)
/* And after it ended in good order, when another is hardly expected. */
#define REOPEN_ENDED_US INT64_C (100000)

/* In a child of fork() nothing of the parent's state may be touched: locks
 * may be held by threads that are not here. After troika_shutdown() all has
 * ended, and what the handle served is its own to free. */
void
tk_handle_renew (tk_handle_t *self)
{
    tk_server_t *ended = NULL;
    tk_fork_hold ();
    unsigned generation = atomic_load (&self->generation);
    if (generation != tk_generation ()) {
        ended = tk_generation_is_ours (generation) ? self->server : NULL;
        tk_handle_begin (self);
    }
    tk_fork_release ();
    tk_server_unref (ended);
}

/* A call to the manager's own object, on a client of our own choice. */
static int
call_manager (tk_client_t *client, const char *method, tk_time_t deadline,
              const tk_buffer_t *args, troika_msg_t **result)
{
    tk_target_t target = {.object = "", .method = method};
    return tk_client_call (client, &target, deadline, args, result);
}

int
tk_handle_describe (tk_handle_t *self, troika_msg_t *reply)
{
    const char *type;
    int sealed;
    troika_msg_t *params = NULL;
    if (troika_msg_unpack (reply, "[smb]", &type, &params, &sealed))
        return tk_error (EPROTO, "open: %s", troika_error ());
    troika_msg_destroy (&self->params);
    self->params = params;
    atomic_store (&self->listener.sealed, sealed);
    return 0;
}

static void
write_open (const tk_handle_t *self, tk_buffer_t *args)
{
    tk_write_array (args, 2);
    tk_write_cstr (args, self->name);
    tk_write_cstr (args, self->type);
}

/* What opening means: the object is there and has that type. Listening
 * begins before, so that a seal in between is not missed. */
static int
open_object (tk_handle_t *self, tk_client_t *client, tk_time_t deadline)
{
    troika_msg_t *reply = NULL;
    tk_buffer_t args;
    tk_buffer_init (&args);
    write_open (self, &args);
    int rc = tk_buffer_error (&args);
    if (!rc)
        rc = call_manager (client, "open", deadline, &args, &reply);
    if (!rc)
        rc = tk_handle_describe (self, reply);
    tk_buffer_fini (&args);
    troika_msg_destroy (&reply);
    return rc;
}

/* handle->lock is held. */
int
tk_handle_let_go (tk_handle_t *self, tk_time_t deadline)
{
    tk_client_t *client = self->client;
    if (!client)
        return 0;
    self->client = NULL;
    tk_client_unlisten (client, &self->listener);
    return tk_client_unref (client, deadline);
}

static int
reach_once (tk_handle_t *self, tk_time_t deadline)
{
    tk_client_t *client;
    int rc = tk_client_open (&client, &self->endpoint, deadline);
    if (rc)
        return rc;
    self->client = client;
    tk_client_listen (client, &self->listener);
    rc = open_object (self, client, deadline);
    if (rc)
        tk_handle_let_go (self, TK_NOWAIT);
    return rc;
}

/* A session that is lost while its object is being opened has promised
 * nothing to anybody yet: the next one may do. */
int
tk_handle_reach (tk_handle_t *self, tk_time_t deadline)
{
    int rc = reach_once (self, deadline);
    while (rc == -ECONNRESET && tk_clock_us () < deadline)
        rc = reach_once (self, deadline);
    return rc;
}

/* Nobody is there, or somebody who is just ending. */
static bool
nobody_serves (int rc)
{
    return rc == -EHOSTUNREACH || rc == -ECONNRESET || rc == -EPIPE;
}

/* After a loss: briefly, and if nobody serves, the loss is the answer. */
static int
reopen (tk_handle_t *self)
{
    tk_client_state_t state = tk_client_state (self->client);
    int failure = tk_client_failure (self->client);
    tk_time_t patience = state == TK_LOST ? REOPEN_US : REOPEN_ENDED_US;
    tk_client_t *old = self->client;
    tk_client_unlisten (old, &self->listener);
    self->client = NULL;
    int rc = tk_handle_reach (self, tk_clock_us () + patience);
    if (!nobody_serves (rc)) {
        tk_client_unref (old, TK_NOWAIT);
        return rc;
    }
    self->client = old;
    tk_client_listen (old, &self->listener);
    tk_client_failure (old);
    return failure;
}

static int
check_reach (const tk_handle_t *self)
{
    tk_server_t *server = tk_server_local (&self->endpoint);
    tk_server_unref (server);
    if (self->endpoint.transport == TK_INPROC && !server)
        return tk_error (EHOSTUNREACH,
                         "%s: an inproc endpoint is reached only by threads "
                         "of the process that serves it",
                         self->text);
    return 0;
}

/* A child's first call does not wait for much longer than it was to wait for
 * its answer. */
static tk_time_t
patience (tk_time_t deadline)
{
    tk_time_t least = tk_clock_us () + REACH_US;
    tk_time_t most;
    tk_deadline (tk_connect_timeout_ms (), &most);
    if (deadline < least)
        deadline = least;
    return deadline < most ? deadline : most;
}

/* Instead of success, and of whatever the next manager says. */
static int
tell_loss (tk_handle_t *self, tk_told_t told, int rc)
{
    if (!tk_loss_tell (&self->listener.loss, told) || rc == -EPIPE)
        return rc;
    return tk_error (ECONNRESET,
                     "%s: the manager was lost, with what it had not "
                     "acknowledged",
                     self->text);
}

/* The open client, with a reference for the caller. */
int
tk_handle_client (tk_handle_t *self, tk_time_t deadline, tk_told_t told,
                  tk_client_t **client_p)
{
    int rc = 0;
    pthread_mutex_lock (&self->lock);
    if (!self->client) {
        rc = check_reach (self);
        if (!rc)
            rc = tk_handle_reach (self, patience (deadline));
    } else if (tk_client_state (self->client) != TK_OPEN) {
        rc = reopen (self);
    }
    rc = tell_loss (self, told, rc);
    if (!rc)
        *client_p = tk_client_ref (self->client);
    pthread_mutex_unlock (&self->lock);
    return rc;
}
