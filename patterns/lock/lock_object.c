/* SPDX-License-Identifier: MPL-2.0 */
/*
 * lock_object.c - a lock, recursive or not, inside its manager.
 *
 * A lock belongs to nobody in particular: whoever calls release ends the
 * holding, as in Python. One thing is refused: a release that carries the
 * token of a holding that is over (its holder was taken for dead) while
 * another has the lock. An rlock belongs to the thread that acquired it.
 */
#include "patterns/lock/lock_private.h"

#include <errno.h>
#include <stdlib.h>
#include "lib/object/args.h"
#include "lib/object/holding.h"

static void *
create (const troika_msg_t *args, const char *kind, bool recursive)
{
    if (troika_msg_unpack (args, "[]")) {
        errno = EINVAL;
        return NULL;
    }
    tk_holding_t *self = calloc (1, sizeof *self);
    if (self)
        tk_holding_init (self, kind, recursive);
    return self;
}

static void *
create_lock (const troika_msg_t *args)
{
    return create (args, "lock", false);
}

static void *
create_rlock (const troika_msg_t *args)
{
    return create (args, "rlock", true);
}

static void
destroy (void *object)
{
    tk_holding_fini (object);
    free (object);
}

static void
forget (void *object, uint64_t owner)
{
    tk_holding_forget (object, owner);
}

static int
acquire (void *object, troika_call_t *call)
{
    if (!tk_args (call, "[]"))
        return 0;
    return tk_holding_acquire (object, call);
}

/* The holding that is to end; 0: whichever it is. */
static bool
token_of (troika_call_t *call, uint64_t *token)
{
    const troika_msg_t *args = troika_call_args (call);
    *token = 0;
    return !tk_args_count (call) ||
           troika_msg_unpack (args, "[U]", token) == 0 ||
           troika_msg_unpack (args, "[n]") == 0 || tk_args (call, "[U]", token);
}

static int
release_lock (void *object, troika_call_t *call)
{
    tk_holding_t *self = object;
    const char *name = troika_current_name ();
    uint64_t token;
    if (!token_of (call, &token))
        return 0;
    if (!self->owner)
        return troika_call_fail (call, EPERM, "lock '%s' is not held", name);
    if (token && token != self->token)
        return troika_call_fail (call, ESTALE,
                                 "lock '%s' is held by another now: its "
                                 "token is %llu, not %llu",
                                 name, (unsigned long long)self->token,
                                 (unsigned long long)token);
    tk_holding_drop (self);
    return 0;
}

static int
release_rlock (void *object, troika_call_t *call)
{
    uint64_t token;
    if (token_of (call, &token) && tk_holding_demand (object, call))
        tk_holding_drop (object);
    return 0;
}

static int
token (void *object, troika_call_t *call)
{
    if (!tk_args (call, "[]"))
        return 0;
    return tk_holding_token (object, call);
}

static int
figures (void *object, troika_call_t *call)
{
    if (!tk_args (call, "[]"))
        return 0;
    return tk_answer (call, tk_holding_stat (object));
}

static const troika_method_t lock_methods[] = {
    {"acquire", acquire}, {"release", release_lock},
    {"token", token},     {"stat", figures},
    {NULL, NULL},
};

static const troika_method_t rlock_methods[] = {
    {"acquire", acquire}, {"release", release_rlock},
    {"token", token},     {"stat", figures},
    {NULL, NULL},
};

const troika_type_t tk_lock_type = {
    .name = "lock",
    .create = create_lock,
    .destroy = destroy,
    .forget = forget,
    .methods = lock_methods,
};

const troika_type_t tk_rlock_type = {
    .name = "rlock",
    .create = create_rlock,
    .destroy = destroy,
    .forget = forget,
    .methods = rlock_methods,
};
