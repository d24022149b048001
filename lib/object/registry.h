/* SPDX-License-Identifier: MPL-2.0 */
/*
 * registry.h - the objects and types of one manager, and the lock under
 * which all of them run.
 *
 * Invariant: at any time at most one handler of a registry runs. Every
 * function but lock, unlock, new and destroy wants the lock held.
 */
#ifndef TK_OBJECT_REGISTRY_H
#define TK_OBJECT_REGISTRY_H

#include "object.h"

/* What the registry asks of the server around it. */
typedef struct {
    void *context;
    /* Ask all clients to stop casting to object, then tk_object_sealed(). */
    int (*seal) (void *context, tk_object_t *object, void (*done) (void *self));
    /* The tally that the caller has opened, or NULL. */
    struct tk_tally *(*tally) (void *context, troika_call_t *call);
} tk_registry_hooks_t;

tk_registry_t *tk_registry_new (const tk_registry_hooks_t *hooks);

/* Every call is finished, no object is left; frees it. Takes the lock. */
void tk_registry_destroy (tk_registry_t **self_p);

/* Cancels every parked call with reason and destroys every object but the
 * manager's own, "". */
void tk_registry_clear (tk_registry_t *self, int reason);

void tk_registry_lock (tk_registry_t *self);
void tk_registry_unlock (tk_registry_t *self);

/* Whether a handler of this registry runs in the calling thread. */
bool tk_registry_inside (const tk_registry_t *self);

/* The type must outlive the registry. -EEXIST. */
int tk_registry_add_type (tk_registry_t *self, const troika_type_t *type);

tk_object_t *tk_registry_find (tk_registry_t *self, const char *name,
                               size_t length);

/* The named object, made if it is not there. -ENOENT no such type, -EEXIST
 * other type or parameters, -EINVAL name, or what create refused with. */
int tk_registry_open (tk_registry_t *self, const char *type, const char *name,
                      const troika_msg_t *params, tk_object_t **object_p);

/* The same with a state that exists already: the manager's own object "". */
int tk_registry_adopt (tk_registry_t *self, const troika_type_t *type,
                       const char *name, void *state);

/* Cancels its calls with EPIPE and destroys it. -ENOENT. */
int tk_registry_remove (tk_registry_t *self, const char *name);

/* Visits all objects in the order of their creation; visit may not add or
 * remove any. */
void tk_registry_each (tk_registry_t *self,
                       void (*visit) (tk_object_t *object, void *context),
                       void *context);

/* That thread or process is gone, in good order or lost. Its parked calls
 * must have been cancelled before. */
void tk_registry_forget (tk_registry_t *self, uint64_t owner, bool in_order);

/* Cancels what is due; returns the next deadline, or TK_NEVER. */
tk_time_t tk_registry_expire (tk_registry_t *self, tk_time_t now);

/* A number that no owner or delivery of this registry had before. */
uint64_t tk_registry_number (tk_registry_t *self);

/* The object is current in this thread while its code runs: entered and
 * left around every call into a type. */
typedef struct {
    tk_object_t *object;
} tk_scope_t;
tk_scope_t tk_scope_enter (tk_object_t *object);
void tk_scope_leave (tk_scope_t scope);

/* From now on enter and leave run around all code of the current object,
 * nested where that is: for a state that is used without this lock, too.
 * Its create calls this, and its destroy with NULL. */
void tk_scope_guard (void (*enter) (void *self), void (*leave) (void *self));

/* The tally shared with the caller; NULL: there is none. */
struct tk_tally *tk_registry_tally (tk_registry_t *self, troika_call_t *call);

/* Deadline heap: a timed call parks or stops waiting. */
int tk_registry_watch (tk_registry_t *self, troika_call_t *call);
void tk_registry_unwatch (tk_registry_t *self, troika_call_t *call);

#endif
