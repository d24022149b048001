/* SPDX-License-Identifier: MPL-2.0 */
/*
 * handle_life.c - handles come and go: served here, connected, opened.
 *
 * A handle is complete before anybody else sees it, and is freed only after
 * every call on it has left.
 */
#include "handle_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/error.h"
#include "lib/base/hazard.h"
#include "lib/base/mechanism.h"
#include "lib/base/runtime.h"

/* A call that was about to wait when it was woken is woken again. */
#define REWAKE_US 100000

void
tk_handle_begin (tk_handle_t *self)
{
    pthread_mutex_init (&self->lock, NULL);
    tk_list_init (&self->listener.link);
    tk_loss_init (&self->listener.loss);
    tk_direct_init (&self->waiting);
    self->server = NULL;
    self->client = NULL;
    self->direct = false;
    self->serves = false;
    atomic_store (&self->generation, tk_generation ());
}

static int
new_handle (tk_handle_t **self_p, const tk_endpoint_t *endpoint,
            const char *type, const char *name)
{
    static atomic_uint_fast64_t last_serial;
    tk_handle_t *self = calloc (1, sizeof *self);
    if (!self)
        return -ENOMEM;
    self->serial = atomic_fetch_add (&last_serial, 1) + 1;
    self->endpoint = *endpoint;
    self->type = strdup (type ? type : "");
    self->name = strdup (name);
    self->params = troika_msg_pack ("[]");
    tk_handle_begin (self);
    atomic_init (&self->closing, false);
    atomic_init (&self->listener.sealed, false);
    *self_p = self;
    if (!self->type || !self->name || !self->params)
        return -ENOMEM;
    self->listener.object = self->name;
    return 0;
}

static int
set_text (tk_handle_t *self)
{
    char text[TK_ADDRESS_MAX];
    tk_endpoint_offer (&self->endpoint, text);
    size_t size = strlen (text) + strlen (self->name) + 2;
    free (self->text);
    self->text = malloc (size);
    if (!self->text)
        return -ENOMEM;
    strcpy (self->text, text);
    if (*self->name) {
        strcat (self->text, "#");
        strcat (self->text, self->name);
    }
    return 0;
}

static void
free_handle (tk_handle_t *self)
{
    tk_server_unref (self->server);
    troika_msg_destroy (&self->params);
    tk_loss_fini (&self->listener.loss);
    pthread_mutex_destroy (&self->lock);
    free (self->text);
    free (self->type);
    free (self->name);
    free (self);
}

/* TROIKA_DIRECT=0 goes by socket to the manager of one's own process. */
static void
use_server (tk_handle_t *self, tk_server_t *server)
{
    self->server = server;
    self->direct = tk_mechanism (TK_MECHANISM_DIRECT);
}

static const char *
name_of (const tk_endpoint_t *endpoint, const char *type,
         const char *default_name)
{
    if (!type)
        return "";
    return *endpoint->object ? endpoint->object : default_name;
}

/* Creates the object in the registry of a server of this process. */
static int
create_here (tk_handle_t *self, const troika_msg_t *params)
{
    tk_registry_t *registry = tk_server_registry (self->server);
    tk_object_t *object;
    tk_registry_lock (registry);
    int rc =
        tk_registry_open (registry, self->type, self->name, params, &object);
    tk_registry_unlock (registry);
    return rc;
}

static int
take_params (tk_handle_t *self, const tk_object_t *object)
{
    if (!object)
        return tk_error (ENOENT, "the manager has no object '%s'", self->name);
    if (*self->type && strcmp (object->type->name, self->type))
        return tk_error (EEXIST, "'%s' is a %s, not a %s", self->name,
                         object->type->name, self->type);
    troika_msg_destroy (&self->params);
    self->params = troika_msg_dup (object->params);
    return self->params ? 0 : -ENOMEM;
}

static int
open_here (tk_handle_t *self)
{
    tk_registry_t *registry = tk_server_registry (self->server);
    tk_registry_lock (registry);
    int rc = take_params (
        self, tk_registry_find (registry, self->name, strlen (self->name)));
    tk_registry_unlock (registry);
    return rc;
}

static int
open_by_socket (tk_handle_t *self)
{
    tk_time_t deadline;
    tk_deadline (tk_connect_timeout_ms (), &deadline);
    pthread_mutex_lock (&self->lock);
    int rc = tk_handle_reach (self, deadline);
    pthread_mutex_unlock (&self->lock);
    return rc;
}

static int
open_either_way (tk_handle_t *self)
{
    int rc = tk_handle_outside (self);
    if (!rc)
        rc = self->direct ? open_here (self) : open_by_socket (self);
    return rc == -ENOENT || rc == -EEXIST ? tk_error_where (-rc, self->text)
                                          : rc;
}

static int
parse_or_private (tk_endpoint_t *endpoint, const char *text)
{
    if (text)
        return tk_endpoint_parse (endpoint, text);
    return tk_endpoint_private (endpoint);
}

static int
serve (tk_handle_t *self, const troika_type_t *const *types,
       const troika_msg_t *params)
{
    tk_server_t *server;
    int rc = tk_server_new (&server, types);
    if (rc)
        return rc;
    use_server (self, server);
    self->serves = true;
    if (*self->type) /* whoever comes first finds it */
        rc = create_here (self, params);
    if (!rc)
        rc = tk_server_bind (server, &self->endpoint);
    if (!rc)
        rc = set_text (self);
    return rc ? rc : open_either_way (self);
}

int
tk_handle_serve (tk_handle_t **self_p, const char *text,
                 const troika_type_t *const *types, const char *type,
                 const char *default_name, const troika_msg_t *params)
{
    tk_endpoint_t endpoint;
    tk_handle_t *self = NULL;
    *self_p = NULL;
    int rc = parse_or_private (&endpoint, text);
    if (rc)
        return rc;
    rc = new_handle (&self, &endpoint, type,
                     name_of (&endpoint, type, default_name));
    if (!rc)
        rc = serve (self, types, params);
    if (rc)
        tk_handle_destroy (&self);
    *self_p = self;
    return rc;
}

static int
connect_handle (tk_handle_t *self)
{
    struct sockaddr_storage address;
    socklen_t size;
    int rc = tk_endpoint_resolve (&self->endpoint, false, &address, &size);
    if (!rc)
        rc = set_text (self);
    if (rc)
        return rc;
    tk_server_t *server = tk_server_local (&self->endpoint);
    if (server)
        use_server (self, server);
    return open_either_way (self);
}

int
tk_handle_connect (tk_handle_t **self_p, const char *text, const char *type,
                   const char *default_name)
{
    tk_endpoint_t endpoint;
    tk_handle_t *self = NULL;
    *self_p = NULL;
    if (!text)
        return tk_error (EINVAL, "no endpoint to connect to");
    int rc = tk_endpoint_parse (&endpoint, text);
    if (rc)
        return rc;
    const char *name = name_of (&endpoint, type, default_name);
    if (!name)
        return tk_error (EINVAL, "'%s' names no %s: \"#name\" is missing", text,
                         type);
    rc = new_handle (&self, &endpoint, type, name);
    if (!rc)
        rc = connect_handle (self);
    if (rc)
        tk_handle_destroy (&self);
    *self_p = self;
    return rc;
}

static int
create_by_call (tk_handle_t *manager, tk_handle_t *self,
                const troika_msg_t *params)
{
    troika_msg_t *reply = NULL;
    int rc = tk_handle_callf (manager, TROIKA_FOREVER, "create", &reply,
                              "[ssm]", self->type, self->name, params);
    if (!rc)
        rc = tk_handle_describe (self, reply);
    troika_msg_destroy (&reply);
    return rc;
}

static int
open_beside (tk_handle_t *self, tk_handle_t *manager,
             const troika_msg_t *params)
{
    int rc = set_text (self);
    if (!rc)
        rc = create_by_call (manager, self, params);
    if (rc)
        return rc;
    if (manager->server)
        use_server (self, tk_server_ref (manager->server));
    return self->direct ? 0 : open_by_socket (self);
}

int
tk_handle_open (tk_handle_t *manager, const char *type, const char *name,
                const troika_msg_t *params, tk_handle_t **self_p)
{
    tk_handle_t *self = NULL;
    *self_p = NULL;
    if (!manager)
        return tk_handle_check (manager);
    if (!name || !*name || strlen (name) > TK_NAME_MAX)
        return tk_error (EINVAL, "a %s's name has 1 to %d bytes", type,
                         TK_NAME_MAX);
    int rc = new_handle (&self, &manager->endpoint, type, name);
    if (!rc)
        rc = open_beside (self, manager, params);
    if (rc)
        tk_handle_destroy (&self);
    *self_p = self;
    return rc;
}

int
tk_handle_bind (tk_handle_t *self, const char *text)
{
    tk_endpoint_t endpoint;
    if (!self)
        return tk_handle_check (self);
    if (atomic_load (&self->generation) != tk_generation ())
        tk_handle_renew (self);
    if (!self->serves)
        return tk_error (EPERM, "%s is served by somebody else", self->text);
    if (!text)
        return tk_error (EINVAL, "no endpoint to bind");
    int rc = tk_handle_outside (self);
    if (!rc)
        rc = tk_endpoint_parse (&endpoint, text);
    return rc ? rc : tk_server_bind (self->server, &endpoint);
}

bool
tk_handle_end (tk_handle_t *self, tk_time_t deadline)
{
    if (atomic_load (&self->generation) != tk_generation ())
        tk_handle_renew (self);
    if (self->serves)
        tk_server_end (self->server, deadline);
    return self->serves;
}

const char *
tk_handle_endpoint (const tk_handle_t *self)
{
    return self->text;
}

const tk_endpoint_t *
tk_handle_place (const tk_handle_t *self)
{
    return &self->endpoint;
}

const char *
tk_handle_name (const tk_handle_t *self)
{
    return self->name;
}

struct tk_registry *
tk_handle_registry (tk_handle_t *self)
{
    if (atomic_load (&self->generation) != tk_generation ())
        tk_handle_renew (self);
    return self->serves ? tk_server_registry (self->server) : NULL;
}

const troika_msg_t *
tk_handle_params (const tk_handle_t *self)
{
    return self->params;
}

/* Ends the calls of other threads and waits until they have left. */
static void
expel_users (tk_handle_t *self)
{
    atomic_store (&self->closing, true);
    if (self->server && !tk_handle_outside (self))
        tk_direct_cancel (&self->waiting, self->server);
    for (tk_time_t until = TK_NOWAIT; !tk_hazard_await (self, until);
         until = tk_clock_us () + REWAKE_US)
        if (self->client)
            tk_client_wake (self->client);
}

void
tk_handle_destroy (tk_handle_t **self_p)
{
    tk_handle_t *self = self_p ? *self_p : NULL;
    tk_time_t deadline;
    if (!self)
        return;
    *self_p = NULL;
    if (atomic_load (&self->generation) != tk_generation ())
        tk_handle_renew (self);
    tk_deadline (tk_linger_ms (), &deadline);
    expel_users (self);
    if (self->client && tk_client_state (self->client) == TK_OPEN)
        tk_client_flush_out (self->client, deadline);
    tk_handle_let_go (self, deadline);
    if (self->serves)
        tk_server_end (self->server, deadline);
    free_handle (self);
}
