/* SPDX-License-Identifier: MPL-2.0 */
/*
 * barrier_object.c - lets parties go on together, round after round.
 *
 * FILLING -> (the last party comes) FILLING, next round; FILLING -> BROKEN by
 * abort, a deadline, or the death of one who waits; BROKEN or FILLING ->
 * FILLING by reset. Invariant: fewer than parties wait, and nobody waits at
 * a broken barrier. Who is let go is answered at once, so a new round never
 * mixes with the last one.
 * A wait that a signal interrupts can be repeated, so it leaves without
 * breaking anything.
 */
#include "patterns/barrier/barrier_private.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include "lib/object/args.h"
#include "lib/object/waiter.h"

typedef struct {
    unsigned parties;
    unsigned waiting; /* members of line */
    bool broken;
    uint64_t rounds; /* completed */
    tk_link_t line;  /* waiters */
} barrier_t;

static void *
create (const troika_msg_t *args)
{
    unsigned parties;
    if (troika_msg_unpack (args, "[u]", &parties) || parties < 1 ||
        parties > INT_MAX) {
        errno = EINVAL;
        return NULL;
    }
    barrier_t *self = calloc (1, sizeof *self);
    if (!self)
        return NULL;
    self->parties = parties;
    tk_list_init (&self->line);
    return self;
}

static void
destroy (void *object)
{
    barrier_t *self = object;
    tk_waiters_fini (&self->line);
    free (self);
}

static troika_call_t *
pop (barrier_t *self)
{
    troika_call_t *call = tk_waiters_pop (&self->line);
    if (call)
        self->waiting--;
    return call;
}

static void
refuse (troika_call_t *call, const char *why)
{
    troika_call_fail (call, ECANCELED, "barrier '%s' %s",
                      troika_current_name (), why);
}

static void
send_away (barrier_t *self, const char *why)
{
    troika_call_t *call;
    while ((call = pop (self)))
        refuse (call, why);
}

/* The caller whose time is up breaks the barrier, and gets the same error
 * as the others. */
static void
time_out (barrier_t *self, troika_call_t *call)
{
    troika_call_fail (call, ECANCELED,
                      "barrier '%s' broke: %u of %u were there after %d ms",
                      troika_current_name (), self->waiting + 1, self->parties,
                      troika_call_timeout (call));
    self->broken = true;
    send_away (self, "broke: one who waited ran out of time");
}

static void
give_up (troika_call_t *call, void *context)
{
    barrier_t *self = tk_wait_leave (context);
    int reason = troika_call_reason (call);
    self->waiting--;
    if (reason == EAGAIN || reason == ETIMEDOUT)
        time_out (self, call);
    if (reason != ECONNRESET)
        return;
    self->broken = true;
    send_away (self, "broke: one who waited died");
}

static void
let_go (barrier_t *self, troika_call_t *last)
{
    troika_call_t *call;
    int place = 0;
    while ((call = pop (self)))
        troika_call_reply (call, "i", place++);
    troika_call_reply (last, "i", place);
    self->rounds++;
}

static int
await (void *object, troika_call_t *call)
{
    barrier_t *self = object;
    if (!tk_args (call, "[]"))
        return 0;
    if (self->broken) {
        refuse (call, "is broken");
        return 0;
    }
    if (self->waiting + 1 == self->parties) {
        let_go (self, call);
        return 0;
    }
    self->waiting++;
    int rc = tk_wait (&self->line, call, self, give_up);
    if (rc)
        self->waiting--;
    return rc;
}

static int
abort_rounds (void *object, troika_call_t *call)
{
    barrier_t *self = object;
    if (!tk_args (call, "[]"))
        return 0;
    self->broken = true;
    send_away (self, "was aborted");
    return 0;
}

static int
reset (void *object, troika_call_t *call)
{
    barrier_t *self = object;
    if (!tk_args (call, "[]"))
        return 0;
    self->broken = false;
    send_away (self, "was reset");
    return 0;
}

static int
parties (void *object, troika_call_t *call)
{
    barrier_t *self = object;
    if (tk_args (call, "[]"))
        troika_call_reply (call, "u", self->parties);
    return 0;
}

static int
waiting (void *object, troika_call_t *call)
{
    barrier_t *self = object;
    if (tk_args (call, "[]"))
        troika_call_reply (call, "u", self->waiting);
    return 0;
}

static int
broken (void *object, troika_call_t *call)
{
    barrier_t *self = object;
    if (tk_args (call, "[]"))
        troika_call_reply (call, "b", self->broken);
    return 0;
}

static int
figures (void *object, troika_call_t *call)
{
    barrier_t *self = object;
    if (!tk_args (call, "[]"))
        return 0;
    troika_msg_t *owners = tk_waiters_owners (&self->line);
    if (!owners)
        return -1;
    int rc =
        tk_answer (call, troika_msg_pack ("{s:u,s:b,s:U,s:u,s:m}", "parties",
                                          self->parties, "broken", self->broken,
                                          "rounds", self->rounds, "waiters",
                                          self->waiting, "waiting", owners));
    troika_msg_destroy (&owners);
    return rc;
}

static const troika_method_t methods[] = {
    {"wait", await},      {"abort", abort_rounds},
    {"reset", reset},     {"parties", parties},
    {"waiting", waiting}, {"broken", broken},
    {"stat", figures},    {NULL, NULL},
};

const troika_type_t tk_barrier_type = {
    .name = "barrier",
    .create = create,
    .destroy = destroy,
    .methods = methods,
};
