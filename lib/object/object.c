/* SPDX-License-Identifier: MPL-2.0 */
/*
 * object.c - one object of a registry: how it is made and ends, and what
 * becomes of the calls that wait in it then.
 */
#include "object.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/error.h"
#include "lib/msg/document.h"
#include "registry.h"

tk_object_t *
tk_object_new (tk_registry_t *registry, const troika_type_t *type,
               const char *name, const troika_msg_t *params)
{
    tk_object_t *object = calloc (1, sizeof *object);
    if (!object)
        return NULL;
    object->registry = registry;
    object->type = type;
    object->name = strdup (name);
    object->params = params ? troika_msg_dup (params) : troika_msg_pack ("[]");
    if (object->params)
        tk_msg_set_args (object->params);
    tk_list_init (&object->parked);
    tk_list_init (&object->link);
    return object;
}

int
tk_object_create (tk_object_t *object)
{
    tk_scope_t scope = tk_scope_enter (object);
    errno = 0;
    object->self = object->type->create (object->params);
    int error = errno;
    tk_scope_leave (scope);
    if (object->self)
        return 0;
    return tk_error (error ? error : EINVAL, "%s '%s' could not be made: %s",
                     object->type->name, object->name,
                     strerror (error ? error : EINVAL));
}

int
tk_object_check (const tk_object_t *object, const char *type,
                 const troika_msg_t *params)
{
    if (strcmp (object->type->name, type))
        return tk_error (EEXIST, "'%s' is a %s, not a %s", object->name,
                         object->type->name, type);
    if (params && !troika_msg_eq (object->params, params))
        return tk_error (EEXIST, "%s '%s' exists with other parameters", type,
                         object->name);
    return 0;
}

/* A cancel may park its call again (a condition takes its lock back), so
 * the list may need more than one round; an object that ends gets two. */
static void
cancel_parked (tk_object_t *object, int reason)
{
    for (int round = 0; round < 2; round++) {
        tk_link_t calls;
        tk_list_init (&calls);
        tk_link_t *link;
        while ((link = tk_list_pop (&object->parked)))
            tk_list_append (&calls, link);
        while ((link = tk_list_pop (&calls)))
            tk_call_cancel (TK_MEMBER (link, troika_call_t, parked), reason);
    }
}

void
tk_object_drop_calls (tk_object_t *object, int reason)
{
    cancel_parked (object, reason);
    tk_link_t *link;
    while ((link = tk_list_first (&object->parked))) {
        troika_call_t *call = TK_MEMBER (link, troika_call_t, parked);
        call->cancel = NULL;
        tk_call_cancel (call, reason);
    }
}

void
tk_object_destroy (tk_object_t *object)
{
    tk_scope_t scope = tk_scope_enter (object);
    if (object->self)
        object->type->destroy (object->self);
    tk_scope_leave (scope);
    troika_msg_destroy (&object->params);
    free (object->name);
    free (object);
}
