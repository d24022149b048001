/* SPDX-License-Identifier: MPL-2.0 */
/*
 * session.c - this process's clients: one for each manager elsewhere.
 *
 * The table finds the open client of an endpoint, so that all handles and
 * threads of the process share a session. A client whose last reference
 * goes is closed by the agent, which owns its sockets' ends. A forked child
 * forgets all of it: its parent's sessions stay its parent's.
 */
#include "parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "lib/auth/auth.h"
#include "lib/base/error.h"
#include "lib/base/runtime.h"
#include "lib/base/sys.h"

static pthread_mutex_t table_lock = PTHREAD_MUTEX_INITIALIZER;
static tk_link_t table = {&table, &table};

void
tk_table_lock (void)
{
    pthread_mutex_lock (&table_lock);
}

void
tk_table_unlock (void)
{
    pthread_mutex_unlock (&table_lock);
}

tk_link_t *
tk_table (void)
{
    return &table;
}

/* The clients stay where they can be found, so that a leak checker does not
 * blame the child for what it cannot free. */
static void
child_of_fork (void)
{
    pthread_mutex_init (&table_lock, NULL);
    tk_abandon (&table);
    tk_list_init (&table);
    tk_agent_child ();
}

static int end_all (tk_time_t deadline);

static const tk_module_t module = {TK_PHASE_CLIENT, tk_table_lock,
                                   tk_table_unlock, child_of_fork, end_all};

tk_client_state_t
tk_client_state (const tk_client_t *self)
{
    return (tk_client_state_t)atomic_load (&self->state);
}

int
tk_client_failure (const tk_client_t *self)
{
    char text[TK_ADDRESS_MAX];
    tk_endpoint_text (&self->endpoint, text);
    if (tk_client_state (self) == TK_LOST)
        return tk_error (ECONNRESET, "the manager at %s was lost", text);
    return tk_error (EPIPE, "the manager at %s has ended", text);
}

void
tk_client_wake (tk_client_t *self)
{
    pthread_mutex_lock (&self->lock);
    for (tk_link_t *at = self->lanes.next; at != &self->lanes; at = at->next) {
        tk_lane_t *lane = TK_MEMBER (at, tk_lane_t, link);
        tk_wake_raise (&lane->wake);
        atomic_fetch_add (&lane->credit, 1);
        tk_sys_wake (&lane->credit);
    }
    pthread_mutex_unlock (&self->lock);
}

/* Nothing is cast any more. What is not acknowledged is lost, unless it was
 * us who said goodbye. */
static void
end_lanes (tk_client_t *self)
{
    bool lost = tk_client_state (self) != TK_CLOSED;
    for (tk_link_t *at = self->lanes.next; at != &self->lanes; at = at->next) {
        tk_lane_t *lane = TK_MEMBER (at, tk_lane_t, link);
        tk_lane_lock (lane);
        atomic_store (&lane->over, true);
        if (lost)
            tk_lane_note_loss (lane);
        tk_lane_unlock (lane);
    }
}

void
tk_client_fail (tk_client_t *self, tk_client_state_t state)
{
    int open = TK_OPEN;
    pthread_mutex_lock (&self->lock);
    bool first =
        atomic_compare_exchange_strong (&self->state, &open, (int)state);
    if (first)
        end_lanes (self);
    pthread_mutex_unlock (&self->lock);
    if (first)
        tk_client_wake (self);
}

tk_client_t *
tk_client_ref (tk_client_t *self)
{
    atomic_fetch_add (&self->refs, 1);
    return self;
}

static bool
same_endpoint (const tk_endpoint_t *a, const tk_endpoint_t *b)
{
    return a->transport == b->transport && a->port == b->port &&
           a->keys == b->keys && !strcmp (a->host, b->host);
}

/* The table's lock is held. */
static tk_client_t *
find_open (const tk_endpoint_t *endpoint)
{
    for (tk_link_t *at = table.next; at != &table; at = at->next) {
        tk_client_t *self = TK_MEMBER (at, tk_client_t, link);
        if (tk_client_state (self) == TK_OPEN && atomic_load (&self->refs) &&
            self->session && same_endpoint (&self->endpoint, endpoint))
            return tk_client_ref (self);
    }
    return NULL;
}

static tk_client_t *
find (const tk_endpoint_t *endpoint)
{
    tk_table_lock ();
    tk_client_t *self = find_open (endpoint);
    tk_table_unlock ();
    return self;
}

static tk_client_t *
new_client (const tk_endpoint_t *endpoint)
{
    tk_client_t *self = calloc (1, sizeof *self);
    if (!self)
        return NULL;
    atomic_init (&self->refs, 1);
    atomic_init (&self->state, TK_OPEN);
    self->generation = tk_generation ();
    self->endpoint = *endpoint;
    self->endpoint.object[0] = 0;
    tk_endpoint_cast (&self->endpoint, &self->cast_endpoint);
    pthread_mutex_init (&self->lock, NULL);
    tk_list_init (&self->link);
    tk_list_init (&self->lanes);
    tk_list_init (&self->listeners);
    zmq_msg_init (&self->request);
    self->last_lane = 1;
    self->heard = tk_clock_us ();
    return self;
}

/* All lanes' threads have let go of their calls: nobody is inside. */
void
tk_client_destroy (tk_client_t *self)
{
    tk_link_t *link;
    while ((link = tk_list_first (&self->lanes)))
        tk_lane_retire (TK_MEMBER (link, tk_lane_t, link));
    tk_monitor_stop (&self->monitor);
    tk_socket_close (self->req);
    zmq_msg_close (&self->request);
    tk_tally_unref (self->tally);
    pthread_mutex_destroy (&self->lock);
    free (self);
}

static int
open_client (tk_client_t *self, tk_time_t deadline)
{
    tk_lane_t *lane;
    tk_time_t began = tk_clock_us ();
    int rc = tk_lane_get (self, &lane);
    if (!rc)
        rc = tk_client_say_hello (self, lane, deadline);
    if (!rc)
        rc = tk_agent_start ();
    if (rc == -EHOSTUNREACH && tk_auth_owner (&self->endpoint))
        return -EACCES; /* somebody else's came meanwhile */
    if (rc == -EHOSTUNREACH) {
        char text[TK_ADDRESS_MAX];
        tk_endpoint_text (&self->endpoint, text);
        tk_error (EHOSTUNREACH, "no manager answers at %s within %d ms", text,
                  (int)((tk_clock_us () - began) / 1000));
    }
    return rc;
}

/* Another thread may have opened the same meanwhile: two sessions with one
 * manager do no harm. */
int
tk_client_open (tk_client_t **self_p, const tk_endpoint_t *endpoint,
                tk_time_t deadline)
{
    *self_p = find (endpoint);
    if (*self_p)
        return 0;
    int rc = tk_module (&module);
    tk_client_t *self = rc ? NULL : new_client (endpoint);
    if (!self)
        return rc ? rc : -ENOMEM;
    rc = open_client (self, deadline);
    if (rc) {
        tk_client_destroy (self);
        return rc;
    }
    tk_table_lock ();
    tk_list_append (&table, &self->link);
    tk_table_unlock ();
    tk_agent_poke ();
    *self_p = self;
    return 0;
}

/* Whether this was the last reference; the client is found no more then.
 * The lock is wanted only where that may be: calls come and go all the
 * time. */
static bool
drop (tk_client_t *self)
{
    unsigned refs = atomic_load (&self->refs);
    while (refs > 1)
        if (atomic_compare_exchange_weak (&self->refs, &refs, refs - 1))
            return false;
    tk_table_lock ();
    bool last = atomic_fetch_sub (&self->refs, 1) == 1;
    tk_table_unlock ();
    return last;
}

int
tk_client_unref (tk_client_t *self, tk_time_t deadline)
{
    int rc = 0;
    if (!drop (self))
        return 0;
    if (tk_client_state (self) == TK_OPEN)
        rc = tk_client_say_goodbye (self, deadline);
    tk_client_fail (self, TK_CLOSED);
    atomic_store (&self->abandoned, true); /* the agent may destroy it now */
    tk_agent_poke ();
    return rc == -ETIMEDOUT ? rc : 0;
}

void
tk_client_listen (tk_client_t *self, tk_listener_t *listener)
{
    pthread_mutex_lock (&self->lock);
    tk_list_append (&self->listeners, &listener->link);
    pthread_mutex_unlock (&self->lock);
}

void
tk_client_unlisten (tk_client_t *self, tk_listener_t *listener)
{
    pthread_mutex_lock (&self->lock);
    tk_list_remove (&listener->link);
    pthread_mutex_unlock (&self->lock);
}

/* The lock: who failed may still be about to add to it. */
void
tk_client_told (tk_client_t *self, tk_listener_t *listener, tk_told_t told)
{
    pthread_mutex_lock (&self->lock);
    tk_loss_tell (&listener->loss, told);
    pthread_mutex_unlock (&self->lock);
}

/* That client, or any (NULL), if it is open. */
static tk_client_t *
take_open (const tk_client_t *which)
{
    tk_client_t *found = NULL;
    tk_table_lock ();
    for (tk_link_t *at = table.next; !found && at != &table; at = at->next) {
        tk_client_t *self = TK_MEMBER (at, tk_client_t, link);
        if ((!which || self == which) && tk_client_state (self) == TK_OPEN &&
            atomic_load (&self->refs))
            found = tk_client_ref (self);
    }
    tk_table_unlock ();
    return found;
}

/* The lane's client may be gone any time, and another one be where it was:
 * then the lane is closed. */
tk_client_t *
tk_client_of_lane (const tk_lane_t *lane)
{
    tk_client_t *client = take_open (lane->client);
    if (!client || !atomic_load (&lane->closed))
        return client;
    tk_client_unref (client, TK_NOWAIT);
    return NULL;
}

/* Nothing will be told any more. Whether there was something left to. */
static bool
drop_listeners (tk_client_t *self)
{
    tk_link_t *link;
    bool untold = false;
    pthread_mutex_lock (&self->lock);
    while ((link = tk_list_pop (&self->listeners)))
        if (tk_loss_drop (&TK_MEMBER (link, tk_listener_t, link)->loss))
            untold = true;
    pthread_mutex_unlock (&self->lock);
    return untold;
}

static int
end_listeners (void)
{
    bool untold = false;
    tk_table_lock ();
    for (tk_link_t *at = table.next; at != &table; at = at->next)
        untold = drop_listeners (TK_MEMBER (at, tk_client_t, link)) || untold;
    tk_table_unlock ();
    if (!untold)
        return 0;
    return tk_error (ECONNRESET, "a manager was lost, with what it had not "
                                 "acknowledged");
}

/* At exit: every session is left in good order, whoever still holds a
 * handle. */
static int
end_all (tk_time_t deadline)
{
    int rc = 0;
    tk_client_t *self;
    while ((self = take_open (NULL))) {
        int late = tk_client_flush_out (self, deadline);
        tk_client_say_goodbye (self, deadline);
        tk_client_fail (self, TK_CLOSED);
        tk_client_unref (self, deadline);
        if (late)
            rc = late;
    }
    tk_agent_stop ();
    int lost = end_listeners ();
    return rc ? rc : lost;
}
