/* SPDX-License-Identifier: MPL-2.0 */
/*
 * holding.c - grants a thing in order of arrival.
 *
 * FREE -> HELD by acquire; HELD -> HELD by the next in line, or -> FREE, when
 * a holding ends. A claim leaves its line by grant or by its call's cancel.
 * Barging (a newcomer served before those in line) would save a wake-up now
 * and then, but lets a busy client starve the others, so nobody overtakes.
 */
#include "lib/object/holding.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

static uint64_t
first_token (void)
{
    struct timespec now;
    clock_gettime (CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

void
tk_holding_init (tk_holding_t *self, const char *kind, bool recursive)
{
    self->kind = kind;
    self->recursive = recursive;
    self->owner = self->depth = 0;
    self->token = first_token ();
    self->abandoned = false;
    tk_list_init (&self->line);
}

void
tk_holding_fini (tk_holding_t *self)
{
    tk_waiters_fini (&self->line);
}

static void
begin (tk_holding_t *self, uint64_t owner, uint64_t depth)
{
    self->owner = owner;
    self->depth = depth;
    self->token++;
}

static void
grant (tk_holding_t *self, tk_claim_t *claim)
{
    begin (self, troika_call_owner (claim->waiter.call), claim->depth);
    claim->granted (self, claim);
}

static void
end (tk_holding_t *self)
{
    self->owner = self->depth = 0;
    tk_link_t *link = tk_list_pop (&self->line);
    if (link)
        grant (self, TK_MEMBER (link, tk_claim_t, waiter.link));
}

void
tk_holding_tell (tk_holding_t *self, troika_call_t *call)
{
    bool died = self->abandoned;
    self->abandoned = false;
    troika_call_reply (call, "[b,U]", died, self->token);
}

bool
tk_holding_claim (tk_holding_t *self, tk_claim_t *claim)
{
    if (!self->owner) {
        grant (self, claim);
        return true;
    }
    tk_list_append (&self->line, &claim->waiter.link);
    return false;
}

static void
acquired (tk_holding_t *self, tk_claim_t *claim)
{
    troika_call_t *call = claim->waiter.call;
    tk_wait_leave (&claim->waiter);
    tk_holding_tell (self, call);
}

static void
give_up (troika_call_t *call, void *context)
{
    tk_holding_t *self = tk_wait_leave (context);
    bool own = self->owner == troika_call_owner (call);
    tk_wait_failed (call, troika_call_reason (call), self->kind,
                    own ? "held by this thread itself" : "held by another");
}

static int
stand_in_line (tk_holding_t *self, troika_call_t *call)
{
    tk_claim_t *claim = tk_waiter_new (sizeof *claim, call, self);
    if (!claim)
        return -1;
    claim->depth = 1;
    claim->granted = acquired;
    tk_list_append (&self->line, &claim->waiter.link);
    return troika_call_defer (call, give_up, claim);
}

int
tk_holding_acquire (tk_holding_t *self, troika_call_t *call)
{
    uint64_t owner = troika_call_owner (call);
    if (self->owner && !(self->recursive && self->owner == owner))
        return stand_in_line (self, call);
    if (self->owner)
        self->depth++;
    else
        begin (self, owner, 1);
    tk_holding_tell (self, call);
    return 0;
}

bool
tk_holding_demand (const tk_holding_t *self, troika_call_t *call)
{
    if (self->owner == troika_call_owner (call))
        return true;
    troika_call_fail (call, EPERM, "%s '%s' is not held by this thread",
                      self->kind, troika_current_name ());
    return false;
}

void
tk_holding_drop (tk_holding_t *self)
{
    if (--self->depth == 0)
        end (self);
}

uint64_t
tk_holding_yield (tk_holding_t *self)
{
    uint64_t depth = self->depth;
    end (self);
    return depth;
}

void
tk_holding_forget (tk_holding_t *self, uint64_t owner)
{
    if (self->owner != owner)
        return;
    self->abandoned = true;
    end (self);
}

troika_msg_t *
tk_holding_stat (const tk_holding_t *self)
{
    troika_msg_t *owners = tk_waiters_owners (&self->line);
    if (!owners)
        return NULL;
    troika_msg_t *stat = troika_msg_pack (
        "{s:U,s:U,s:U,s:b,s:U,s:m}", "holder", self->owner, "depth",
        self->depth, "token", self->token, "abandoned", self->abandoned,
        "waiters", (uint64_t)tk_waiters_count (&self->line), "waiting", owners);
    troika_msg_destroy (&owners);
    return stat;
}

int
tk_holding_token (const tk_holding_t *self, troika_call_t *call)
{
    if (tk_holding_demand (self, call))
        troika_call_reply (call, "U", self->token);
    return 0;
}
