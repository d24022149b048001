/* SPDX-License-Identifier: MPL-2.0 */
/*
 * server.c - the life of a server, and the table of those in this process.
 *
 * SERVING -> ENDING (objects gone, clients being told) -> ENDED. The table
 * lets handles of the same process call directly. A forked child forgets
 * the table: its parent's servers stay its parent's.
 */
#include "parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/error.h"
#include "lib/base/ids.h"
#include "lib/base/runtime.h"
#include "lib/base/sys.h"

static pthread_mutex_t table_lock = PTHREAD_MUTEX_INITIALIZER;
static tk_link_t table = {&table, &table};
static uint64_t last_serial;

static void
prepare_fork (void)
{
    pthread_mutex_lock (&table_lock);
}

static void
after_fork (void)
{
    pthread_mutex_unlock (&table_lock);
}

/* The servers stay where they can be found, so that a leak checker does not
 * blame the child for what it cannot free. */
static void
child_of_fork (void)
{
    pthread_mutex_init (&table_lock, NULL);
    tk_abandon (&table);
    tk_list_init (&table);
}

static tk_server_t *
any_server (void)
{
    pthread_mutex_lock (&table_lock);
    tk_link_t *link = tk_list_first (&table);
    tk_server_t *self = link ? TK_MEMBER (link, tk_server_t, link) : NULL;
    if (self)
        tk_server_ref (self);
    pthread_mutex_unlock (&table_lock);
    return self;
}

static int
end_all (tk_time_t deadline)
{
    tk_server_t *self;
    while ((self = any_server ())) {
        tk_server_end (self, deadline);
        tk_server_unref (self);
    }
    return 0;
}

static const tk_module_t module = {TK_PHASE_SERVER, prepare_fork, after_fork,
                                   child_of_fork, end_all};

static void
init (tk_server_t *self)
{
    atomic_init (&self->refs, 1);
    atomic_init (&self->state, TK_SERVING);
    self->generation = tk_generation ();
    self->wake.read_fd = self->wake.write_fd = -1;
    self->watch.fd = self->watch.timer.fd = self->watch.early.fd = -1;
    self->now = tk_clock_us ();
    tk_list_init (&self->ports);
    tk_list_init (&self->adopted);
    tk_list_init (&self->outbox);
    tk_list_init (&self->foreign);
    tk_list_init (&self->sessions);
    tk_list_init (&self->seals);
    tk_list_init (&self->link);
}

static int
watch_wake (tk_server_t *self)
{
    int rc = tk_watch_init (&self->watch);
    self->wake_source =
        (tk_source_t){.fd = self->wake.read_fd, .told = &self->woken};
    return rc ? rc : tk_watch_add (&self->watch, &self->wake_source, POLLIN);
}

static int
make_parts (tk_server_t *self)
{
    tk_registry_hooks_t hooks = {self, tk_seal_begin, tk_session_tally};
    if (!tk_context ())
        return -errno;
    self->registry = tk_registry_new (&hooks);
    self->by_id = tk_ids_new ();
    if (!self->registry || !self->by_id)
        return -ENOMEM;
    int rc = tk_sys_random (&self->epoch, sizeof self->epoch);
    if (!rc)
        rc = tk_wake_init (&self->wake);
    if (!rc)
        rc = watch_wake (self);
    if (!rc)
        rc = tk_registry_adopt (self->registry, &tk_manager_type, "", self);
    return rc;
}

static int
add_types (tk_server_t *self, const troika_type_t *const *types)
{
    int rc = 0;
    for (; !rc && *types; types++)
        rc = tk_registry_add_type (self->registry, *types);
    return rc;
}

static void
enter_table (tk_server_t *self)
{
    pthread_mutex_lock (&table_lock);
    self->serial = ++last_serial;
    tk_list_append (&table, &self->link);
    pthread_mutex_unlock (&table_lock);
}

static void
leave_table (tk_server_t *self)
{
    pthread_mutex_lock (&table_lock);
    tk_list_remove (&self->link);
    pthread_mutex_unlock (&table_lock);
}

int
tk_server_new (tk_server_t **self_p, const troika_type_t *const *types)
{
    tk_server_t *self = calloc (1, sizeof *self);
    if (!self)
        return -ENOMEM;
    init (self);
    int rc = tk_module (&module);
    if (!rc)
        rc = make_parts (self);
    if (!rc)
        rc = add_types (self, types);
    if (!rc)
        rc = tk_thread (&self->thread, "manager", tk_server_run, self);
    self->has_thread = !rc;
    if (rc) {
        tk_server_unref (self);
        return rc;
    }
    enter_table (self);
    *self_p = self;
    return 0;
}

static int
note_endpoint (tk_server_t *self, const tk_endpoint_t *endpoint)
{
    pthread_mutex_lock (&table_lock);
    tk_endpoint_t *grown = realloc (
        self->endpoints, (self->endpoint_count + 1) * sizeof *self->endpoints);
    if (grown) {
        self->endpoints = grown;
        self->endpoints[self->endpoint_count++] = *endpoint;
    }
    pthread_mutex_unlock (&table_lock);
    return grown ? 0 : -ENOMEM;
}

static int
hand_over (tk_server_t *self, tk_port_t *port)
{
    tk_registry_lock (self->registry);
    bool serving = atomic_load (&self->state) == TK_SERVING;
    if (serving) {
        port->number = ++self->last_port;
        tk_list_append (&self->adopted, &port->link);
    }
    tk_registry_unlock (self->registry);
    tk_wake_raise (&self->wake);
    return serving ? 0 : tk_error (EPIPE, "the manager has ended");
}

int
tk_server_bind (tk_server_t *self, tk_endpoint_t *endpoint)
{
    tk_port_t *port;
    int rc = tk_port_new (&port, endpoint);
    if (rc)
        return rc;
    rc = note_endpoint (self, endpoint);
    if (!rc)
        rc = hand_over (self, port);
    if (rc)
        tk_port_destroy (&port);
    return rc;
}

void
tk_server_begin_end (tk_server_t *self, tk_time_t deadline)
{
    int serving = TK_SERVING;
    self->end_before = deadline;
    atomic_compare_exchange_strong (&self->state, &serving, TK_ENDING);
    tk_wake_raise (&self->wake);
}

/* A second of patience is enough for clients that live. */
void
tk_server_end (tk_server_t *self, tk_time_t deadline)
{
    tk_time_t patience = tk_clock_us () + 1000000;
    leave_table (self);
    tk_registry_lock (self->registry);
    tk_server_begin_end (self, deadline < patience ? deadline : patience);
    bool join = self->has_thread;
    self->has_thread = false;
    tk_registry_unlock (self->registry);
    if (join)
        pthread_join (self->thread, NULL);
}

bool
tk_server_ended (const tk_server_t *self)
{
    return atomic_load (&self->state) != TK_SERVING;
}

tk_server_t *
tk_server_ref (tk_server_t *self)
{
    atomic_fetch_add (&self->refs, 1);
    return self;
}

static void
drop_sessions (tk_server_t *self)
{
    tk_link_t *link;
    tk_registry_lock (self->registry);
    while ((link = tk_list_first (&self->sessions)))
        tk_session_end (TK_MEMBER (link, tk_session_t, link), false);
    tk_registry_unlock (self->registry);
}

static void
drop_replies (tk_server_t *self)
{
    tk_link_t *link;
    while ((link = tk_list_first (&self->outbox)))
        tk_remote_destroy (TK_MEMBER (link, tk_remote_t, link));
}

void
tk_server_unref (tk_server_t *self)
{
    if (!self || atomic_fetch_sub (&self->refs, 1) > 1)
        return;
    if (self->has_thread)
        tk_server_end (self, tk_clock_us () + 1000000);
    if (self->registry && self->by_id)
        drop_sessions (self);
    tk_registry_destroy (&self->registry);
    drop_replies (self);
    tk_seals_fini (self);
    zhashx_destroy (&self->by_id);
    tk_wake_fini (&self->wake);
    free (self->endpoints);
    tk_watch_fini (&self->watch);
    free (self);
}

tk_registry_t *
tk_server_registry (tk_server_t *self)
{
    return self->registry;
}

uint64_t
tk_server_serial (const tk_server_t *self)
{
    return self->serial;
}

static bool
same_place (const tk_endpoint_t *bound, const tk_endpoint_t *wanted)
{
    if (bound->transport != wanted->transport || bound->port != wanted->port)
        return false;
    return !strcmp (bound->host, wanted->host) ||
           tk_endpoint_is_any_of (bound, wanted->host);
}

static bool
serves_at (const tk_server_t *self, const tk_endpoint_t *wanted)
{
    for (size_t i = 0; i < self->endpoint_count; i++)
        if (same_place (&self->endpoints[i], wanted))
            return true;
    return false;
}

static bool
has_serial (const tk_server_t *self, const void *serial)
{
    return self->serial == *(const uint64_t *)serial;
}

static bool
has_endpoint (const tk_server_t *self, const void *endpoint)
{
    return serves_at (self, endpoint);
}

static tk_server_t *
find (bool (*matches) (const tk_server_t *self, const void *wanted),
      const void *wanted)
{
    tk_server_t *found = NULL;
    pthread_mutex_lock (&table_lock);
    for (tk_link_t *at = table.next; !found && at != &table; at = at->next) {
        tk_server_t *self = TK_MEMBER (at, tk_server_t, link);
        if (matches (self, wanted))
            found = tk_server_ref (self);
    }
    pthread_mutex_unlock (&table_lock);
    return found;
}

tk_server_t *
tk_server_local (const tk_endpoint_t *endpoint)
{
    return find (has_endpoint, endpoint);
}

tk_server_t *
tk_server_by_serial (uint64_t serial)
{
    return find (has_serial, &serial);
}
