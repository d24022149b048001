/* SPDX-License-Identifier: MPL-2.0 */
/*
 * registry.c - objects by name, types by name, one lock.
 *
 * The manager itself is the object "". Posts between objects are carried
 * out when the outermost scope is left, so that no handler runs inside
 * another one.
 */
#include "registry.h"

#include <czmq.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include "deadline.h"
#include "lib/base/error.h"
#include "lib/base/thread_local.h"
#include "lib/wire/endpoint.h"
#include "post.h"

struct tk_registry {
    pthread_mutex_t lock;
    tk_registry_hooks_t hooks;
    const troika_type_t **types;
    size_t type_count;
    zhashx_t *objects; /* name -> tk_object_t */
    tk_link_t order;   /* the same, in creation order */
    tk_deadlines_t deadlines;
    tk_posts_t posts;
    uint64_t last_number;
    bool leaving; /* while forget runs for an owner that left in good order */
};

/* The object whose code runs in this thread. */
static TK_THREAD_LOCAL tk_object_t *current;

tk_registry_t *
tk_registry_new (const tk_registry_hooks_t *hooks)
{
    tk_registry_t *self = calloc (1, sizeof *self);
    if (!self)
        return NULL;
    pthread_mutex_init (&self->lock, NULL);
    self->hooks = *hooks;
    tk_list_init (&self->order);
    tk_posts_init (&self->posts);
    self->objects = zhashx_new ();
    if (!self->objects)
        tk_registry_destroy (&self);
    return self;
}

static void
unlink_object (tk_registry_t *self, tk_object_t *object)
{
    zhashx_delete (self->objects, object->name);
    tk_list_remove (&object->link);
    tk_object_destroy (object);
}

void
tk_registry_clear (tk_registry_t *self, int reason)
{
    tk_link_t *next;
    for (tk_link_t *at = self->order.next; at != &self->order; at = at->next)
        tk_object_drop_calls (TK_MEMBER (at, tk_object_t, link), reason);
    for (tk_link_t *at = self->order.next; at != &self->order; at = next) {
        tk_object_t *object = TK_MEMBER (at, tk_object_t, link);
        next = at->next;
        if (*object->name)
            unlink_object (self, object);
    }
}

static void
clear_all (tk_registry_t *self)
{
    tk_registry_lock (self);
    tk_registry_clear (self, EPIPE);
    tk_object_t *manager = tk_registry_find (self, "", 0);
    if (manager)
        unlink_object (self, manager);
    tk_registry_unlock (self);
}

void
tk_registry_destroy (tk_registry_t **self_p)
{
    tk_registry_t *self = *self_p;
    if (!self)
        return;
    *self_p = NULL;
    if (self->objects)
        clear_all (self);
    zhashx_destroy (&self->objects);
    tk_posts_fini (&self->posts);
    tk_deadlines_fini (&self->deadlines);
    free (self->types);
    pthread_mutex_destroy (&self->lock);
    free (self);
}

void
tk_registry_lock (tk_registry_t *self)
{
    pthread_mutex_lock (&self->lock);
}

void
tk_registry_unlock (tk_registry_t *self)
{
    pthread_mutex_unlock (&self->lock);
}

bool
tk_registry_inside (const tk_registry_t *self)
{
    return current && current->registry == self;
}

const char *
troika_current_name (void)
{
    return current ? current->name : "";
}

tk_scope_t
tk_scope_enter (tk_object_t *object)
{
    tk_scope_t outer = {current};
    current = object;
    if (object->enter)
        object->enter (object->self);
    return outer;
}

void
tk_scope_guard (void (*enter) (void *self), void (*leave) (void *self))
{
    current->enter = enter;
    current->leave = leave;
}

void
tk_scope_leave (tk_scope_t outer)
{
    tk_registry_t *registry = current->registry;
    if (current->leave && current->self)
        current->leave (current->self);
    current = outer.object;
    if (!current)
        tk_posts_deliver (&registry->posts, registry);
}

int
troika_post (const char *type, const char *object, const char *method,
             const troika_msg_t *args)
{
    if (!current)
        return tk_edge (tk_error (EPERM, "troika_post: no handler runs in "
                                         "this thread"));
    return tk_edge (
        tk_posts_add (&current->registry->posts, type, object, method, args));
}

int
troika_seal (void (*done) (void *self))
{
    if (!current)
        return tk_edge (tk_error (EPERM, "troika_seal: no handler runs in "
                                         "this thread"));
    tk_registry_hooks_t *hooks = &current->registry->hooks;
    return tk_edge (hooks->seal (hooks->context, current, done));
}

struct tk_tally *
tk_registry_tally (tk_registry_t *self, troika_call_t *call)
{
    if (!self->hooks.tally)
        return NULL;
    return self->hooks.tally (self->hooks.context, call);
}

static const troika_type_t *
find_type (const tk_registry_t *self, const char *name)
{
    for (size_t i = 0; i < self->type_count; i++)
        if (strcmp (self->types[i]->name, name) == 0)
            return self->types[i];
    return NULL;
}

int
tk_registry_add_type (tk_registry_t *self, const troika_type_t *type)
{
    if (find_type (self, type->name))
        return tk_error (EEXIST, "type '%s' is registered already", type->name);
    const troika_type_t **types = realloc (
        self->types, (self->type_count + 1) * sizeof (troika_type_t *));
    if (!types)
        return -ENOMEM;
    types[self->type_count++] = type;
    self->types = types;
    return 0;
}

tk_object_t *
tk_registry_find (tk_registry_t *self, const char *name, size_t length)
{
    char key[TK_NAME_MAX + 1];
    if (length > TK_NAME_MAX)
        return NULL;
    memcpy (key, name, length);
    key[length] = 0;
    return zhashx_lookup (self->objects, key);
}

static int
add_object (tk_registry_t *self, tk_object_t *object)
{
    if (!object->name || !object->params)
        return -ENOMEM;
    if (zhashx_insert (self->objects, object->name, object))
        return -ENOMEM;
    tk_list_append (&self->order, &object->link);
    return 0;
}

int
tk_registry_adopt (tk_registry_t *self, const troika_type_t *type,
                   const char *name, void *state)
{
    tk_object_t *object = tk_object_new (self, type, name, NULL);
    if (!object)
        return -ENOMEM;
    object->self = state;
    int rc = add_object (self, object);
    if (rc) {
        object->self = NULL; /* still the caller's */
        tk_object_destroy (object);
    }
    return rc;
}

static int
check_name (const char *name)
{
    size_t length = strlen (name);
    if (length > TK_NAME_MAX)
        return tk_error (EINVAL,
                         "an object's name has at most %d bytes, not "
                         "%zu",
                         TK_NAME_MAX, length);
    return 0;
}

static int
create_object (tk_registry_t *self, const char *type, const char *name,
               const troika_msg_t *params, tk_object_t **object_p)
{
    const troika_type_t *found = find_type (self, type);
    if (!found)
        return tk_error (ENOENT, "no type '%s' is registered", type);
    int rc = check_name (name);
    if (rc)
        return rc;
    tk_object_t *object = tk_object_new (self, found, name, params);
    if (!object)
        return -ENOMEM;
    rc = object->params ? tk_object_create (object) : -ENOMEM;
    if (!rc)
        rc = add_object (self, object);
    if (rc)
        tk_object_destroy (object);
    else
        *object_p = object;
    return rc;
}

int
tk_registry_open (tk_registry_t *self, const char *type, const char *name,
                  const troika_msg_t *params, tk_object_t **object_p)
{
    tk_object_t *object = tk_registry_find (self, name, strlen (name));
    if (!object)
        return create_object (self, type, name, params, object_p);
    int rc = tk_object_check (object, type, params);
    if (!rc)
        *object_p = object;
    return rc;
}

int
tk_registry_remove (tk_registry_t *self, const char *name)
{
    tk_object_t *object = tk_registry_find (self, name, strlen (name));
    if (!object || !*name)
        return tk_error (ENOENT, "no object '%s'", name);
    tk_object_drop_calls (object, EPIPE);
    unlink_object (self, object);
    return 0;
}

void
tk_registry_each (tk_registry_t *self,
                  void (*visit) (tk_object_t *object, void *context),
                  void *context)
{
    for (tk_link_t *link = self->order.next; link != &self->order;
         link = link->next)
        visit (TK_MEMBER (link, tk_object_t, link), context);
}

int
troika_leaving (void)
{
    return current && current->registry->leaving;
}

void
tk_registry_forget (tk_registry_t *self, uint64_t owner, bool in_order)
{
    self->leaving = in_order;
    for (tk_link_t *link = self->order.next; link != &self->order;
         link = link->next) {
        tk_object_t *object = TK_MEMBER (link, tk_object_t, link);
        if (!object->type->forget)
            continue;
        tk_scope_t scope = tk_scope_enter (object);
        object->type->forget (object->self, owner);
        tk_scope_leave (scope);
    }
    self->leaving = false;
}

tk_time_t
tk_registry_expire (tk_registry_t *self, tk_time_t now)
{
    troika_call_t *call;
    while ((call = tk_deadlines_due (&self->deadlines, now)))
        tk_call_cancel (call, ETIMEDOUT);
    return tk_deadlines_next (&self->deadlines);
}

uint64_t
tk_registry_number (tk_registry_t *self)
{
    return ++self->last_number;
}

int
tk_registry_watch (tk_registry_t *self, troika_call_t *call)
{
    if (call->deadline == TK_NEVER)
        return 0;
    return tk_deadlines_add (&self->deadlines, call);
}

void
tk_registry_unwatch (tk_registry_t *self, troika_call_t *call)
{
    tk_deadlines_remove (&self->deadlines, call);
}
