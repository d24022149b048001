/* SPDX-License-Identifier: MPL-2.0 */
/*
 * condition_object.c - a recursive lock whose holder can wait for word from
 * another.
 *
 * A waiter is WAITING (it has given the lock up and waits to be notified)
 * and then TAKING (in line for the lock): by notify, or because its time is
 * up or a signal came. What its call will say is settled at that moment; it
 * is said when the waiter holds again, at its old depth, however long that
 * takes. Only a lost caller, or the end of the object, leaves without the
 * lock; if it had been notified, another waiter gets that notification.
 */
#include "patterns/condition/condition_private.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include "lib/object/args.h"
#include "lib/object/holding.h"

typedef struct {
    tk_holding_t holding;
    tk_link_t waiting; /* waiters, WAITING */
} condition_t;

typedef struct {
    tk_claim_t claim; /* in waiting, or in the holding's line */
    enum { WAITING, TAKING } state;
    int error; /* TAKING: what its wait has failed with; 0: notified */
} waiter_t;

static void *
create (const troika_msg_t *args)
{
    if (troika_msg_unpack (args, "[]")) {
        errno = EINVAL;
        return NULL;
    }
    condition_t *self = calloc (1, sizeof *self);
    if (!self)
        return NULL;
    tk_holding_init (&self->holding, "condition", true);
    tk_list_init (&self->waiting);
    return self;
}

static void
destroy (void *object)
{
    condition_t *self = object;
    tk_waiters_fini (&self->waiting);
    tk_holding_fini (&self->holding);
    free (self);
}

static void
forget (void *object, uint64_t owner)
{
    condition_t *self = object;
    tk_holding_forget (&self->holding, owner);
}

static int
acquire (void *object, troika_call_t *call)
{
    condition_t *self = object;
    if (!tk_args (call, "[]"))
        return 0;
    return tk_holding_acquire (&self->holding, call);
}

static int
release (void *object, troika_call_t *call)
{
    condition_t *self = object;
    if (tk_args (call, "[]") && tk_holding_demand (&self->holding, call))
        tk_holding_drop (&self->holding);
    return 0;
}

static waiter_t *
waiter_at (tk_link_t *link)
{
    return TK_MEMBER (link, waiter_t, claim.waiter.link);
}

/* It holds again. */
static void
taken (tk_holding_t *holding, tk_claim_t *claim)
{
    troika_call_t *call = claim->waiter.call;
    int error = TK_MEMBER (claim, waiter_t, claim)->error;
    tk_wait_leave (&claim->waiter);
    if (error)
        tk_wait_failed (call, error, "condition", "not notified");
    else
        tk_holding_tell (holding, call);
}

/* From WAITING to TAKING; true if it could take the lock at once. */
static bool
take (condition_t *self, waiter_t *waiter, int error)
{
    tk_list_remove (&waiter->claim.waiter.link);
    waiter->state = TAKING;
    waiter->error = error;
    return tk_holding_claim (&self->holding, &waiter->claim);
}

static void
wake (condition_t *self, unsigned count)
{
    tk_link_t *link;
    while (count-- && (link = tk_list_first (&self->waiting)))
        take (self, waiter_at (link), 0);
}

static void
leave (waiter_t *waiter, int reason)
{
    bool notified = waiter->state == TAKING && !waiter->error;
    condition_t *self = tk_wait_leave (&waiter->claim.waiter);
    if (notified && reason == ECONNRESET)
        wake (self, 1);
}

static void
cancel (troika_call_t *call, void *context)
{
    waiter_t *waiter = context;
    condition_t *self = waiter->claim.waiter.object;
    int reason = troika_call_reason (call);
    if (reason == ECONNRESET || reason == EPIPE) {
        leave (waiter, reason);
        return;
    }
    if (waiter->state == WAITING && take (self, waiter, reason))
        return;
    troika_call_defer (call, cancel, waiter);
}

static int
await (void *object, troika_call_t *call)
{
    condition_t *self = object;
    if (!tk_args (call, "[]") || !tk_holding_demand (&self->holding, call))
        return 0;
    waiter_t *waiter = tk_waiter_new (sizeof *waiter, call, self);
    if (!waiter)
        return -1;
    waiter->claim.granted = taken;
    waiter->claim.depth = tk_holding_yield (&self->holding);
    tk_list_append (&self->waiting, &waiter->claim.waiter.link);
    return troika_call_defer (call, cancel, waiter);
}

static int
notify (void *object, troika_call_t *call)
{
    condition_t *self = object;
    unsigned count = 1;
    if (tk_args_count (call) && !tk_args (call, "[u]", &count))
        return 0;
    if (tk_holding_demand (&self->holding, call))
        wake (self, count);
    return 0;
}

static int
notify_all (void *object, troika_call_t *call)
{
    condition_t *self = object;
    if (tk_args (call, "[]") && tk_holding_demand (&self->holding, call))
        wake (self, UINT_MAX);
    return 0;
}

/* The lock's figures, and who waits to be notified. */
static int
figures (void *object, troika_call_t *call)
{
    condition_t *self = object;
    if (!tk_args (call, "[]"))
        return 0;
    troika_msg_t *lock = tk_holding_stat (&self->holding);
    troika_msg_t *waiting = tk_waiters_owners (&self->waiting);
    int rc = -1;
    if (lock && waiting)
        rc = tk_answer (
            call, troika_msg_pack ("{s:m,s:U,s:m}", "lock", lock, "waiters",
                                   (uint64_t)tk_waiters_count (&self->waiting),
                                   "waiting", waiting));
    troika_msg_destroy (&lock);
    troika_msg_destroy (&waiting);
    return rc;
}

static const troika_method_t methods[] = {
    {"acquire", acquire}, {"release", release}, {"wait", await},
    {"notify", notify},   {"stat", figures},    {"notify_all", notify_all},
    {NULL, NULL},
};

const troika_type_t tk_condition_type = {
    .name = "condition",
    .create = create,
    .destroy = destroy,
    .forget = forget,
    .methods = methods,
};
