/* SPDX-License-Identifier: MPL-2.0 */
/*
 * object.h - one object of a registry, in its life from create to destroy.
 *
 * Everything here runs under the registry's lock.
 */
#ifndef TK_OBJECT_OBJECT_H
#define TK_OBJECT_OBJECT_H

#include "call.h"

struct tk_object {
    tk_registry_t *registry;
    char *name;
    const troika_type_t *type;
    void *self;
    troika_msg_t *params;       /* what it was created with */
    tk_link_t parked;           /* calls */
    tk_link_t link;             /* in creation order */
    bool sealed;                /* nobody shall cast to it any more */
    void (*enter) (void *self); /* around all of its code, or NULL */
    void (*leave) (void *self);
};

/* Has a name and parameters ([] for NULL) and no state yet; either may be
 * NULL when memory was short. */
tk_object_t *tk_object_new (tk_registry_t *registry, const troika_type_t *type,
                            const char *name, const troika_msg_t *params);

/* Its type makes its state; or what create refused with. */
int tk_object_create (tk_object_t *object);

/* -EEXIST when it is of another type, or has other parameters than those
 * given. */
int tk_object_check (const tk_object_t *object, const char *type,
                     const troika_msg_t *params);

/* Cancels every parked call with reason, and ends it whatever its cancel
 * wants. */
void tk_object_drop_calls (tk_object_t *object, int reason);

/* Ends its state, if it has one, and frees it. */
void tk_object_destroy (tk_object_t *object);

#endif
