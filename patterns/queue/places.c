/* SPDX-License-Identifier: MPL-2.0 */
/*
 * places.c - reserves free places of a bounded queue for busy putters.
 *
 * Invariant: items in the store and reserved places together are never more
 * than maxsize. A putter that has used its places gets twice as many, out of
 * those that are free: they cost nobody anything, for whoever finds the queue
 * full calls back first what others have not used. A put returns when its
 * place is counted; its item arrives later and does not ask. While somebody
 * takes what it has ahead, a putter gets more without a call.
 */
#include "state.h"

#include <stdlib.h>
#include "lib/base/ids.h"
#include "lib/base/mechanism.h"
#include "lib/object/call.h"
#include "lib/object/registry.h"

#define WINDOW_MAX 8192
/* A queue of fewer places gives each by a call. */
#define LARGE 64
/* Limits are raised when so large a part of the queue is free: to wake a
 * putter costs as much as some hundred puts. */
#define WORTH 3

static tk_putter_t *
find (const tk_queue_state_t *self, uint64_t owner)
{
    return self->places.putters ? zhashx_lookup (self->places.putters, &owner)
                                : NULL;
}

static tk_putter_t *
new_putter (tk_queue_state_t *self, uint64_t owner, tk_tally_t *tally)
{
    tk_places_t *places = &self->places;
    if (!places->putters && !(places->putters = tk_ids_new ()))
        return NULL;
    tk_putter_t *putter = calloc (1, sizeof *putter);
    unsigned index = putter ? tk_tally_claim (tally) : 0;
    if (index) {
        tk_list_init (&putter->link);
        putter->owner = owner;
        putter->index = index;
        putter->word = tk_tally_word (tally, index);
        if (zhashx_insert (places->putters, &putter->owner, putter) == 0) {
            putter->tally = tk_tally_ref (tally);
            return putter;
        }
        tk_tally_release (tally, index);
    }
    free (putter);
    return NULL;
}

/* What the putter has not used is free again. Its count is its own; ours is
 * how many places it had, and how many items came. */
static void
call_back (tk_queue_state_t *self, tk_putter_t *putter)
{
    uint64_t used = tk_word_count (tk_word_revoke (putter->word));
    tk_list_remove (&putter->link);
    if (used > putter->limit)
        used = putter->limit;
    if (used < putter->arrived)
        used = putter->arrived;
    self->places.reserved -= putter->limit - used;
    putter->limit = used;
    atomic_store (tk_word_growth (putter->word), 0);
    tk_word_wake (putter->word);
}

void
tk_queue_call_back_places (tk_queue_state_t *self)
{
    tk_link_t *link;
    while ((link = tk_list_first (&self->places.granted)))
        call_back (self, TK_MEMBER (link, tk_putter_t, link));
}

uint64_t
tk_queue_used_places (const tk_queue_state_t *self)
{
    uint64_t unused = 0;
    const tk_link_t *granted = &self->places.granted;
    for (const tk_link_t *at = granted->next; at != granted; at = at->next) {
        const tk_putter_t *putter = TK_MEMBER (at, tk_putter_t, link);
        uint64_t used = tk_word_count (atomic_load (putter->word));
        unused += used < putter->limit ? putter->limit - used : 0;
    }
    return tk_store_size (self->store) + self->places.reserved - unused;
}

uint32_t
tk_queue_fill_places (tk_queue_state_t *self, uint64_t owner, uint32_t items)
{
    tk_putter_t *putter = find (self, owner);
    if (!putter)
        return 0;
    uint64_t room = putter->limit - putter->arrived;
    uint32_t count = items < room ? items : (uint32_t)room;
    putter->arrived += count;
    self->places.reserved -= count;
    return count;
}

/* Those that may be reserved: nobody waits for them. */
static uint64_t
free_places (const tk_queue_state_t *self)
{
    uint64_t taken = tk_store_size (self->store) + self->places.reserved;
    if (!tk_list_empty (&self->puts) || taken >= self->maxsize ||
        self->phase != TK_QUEUE_OPEN)
        return 0;
    return self->maxsize - taken;
}

static uint64_t
share (const tk_queue_state_t *self, const tk_putter_t *putter)
{
    uint64_t part = free_places (self) / zhashx_size (self->places.putters);
    return part < putter->window ? part : putter->window;
}

/* Whoever has items ahead comes again when it has started them. In a small
 * queue that is too seldom, and each place is waited for by a call. */
static bool
grows (const tk_queue_state_t *self)
{
    return self->maxsize >= LARGE && self->ahead.taker;
}

static void
raise_limit (tk_queue_state_t *self, tk_putter_t *putter, uint64_t part)
{
    uint64_t used = tk_word_count (atomic_load (putter->word));
    uint64_t left = used < putter->limit ? putter->limit - used : 0;
    uint64_t more = part < putter->window ? part : putter->window;
    if (!more || 2 * left > more || more > TK_WORD_MAX - putter->limit)
        return;
    if (putter->window < WINDOW_MAX)
        putter->window *= 2;
    putter->limit += more;
    self->places.reserved += more;
    tk_word_raise (putter->word, putter->limit);
    tk_word_wake (putter->word);
}

void
tk_queue_raise_limits (tk_queue_state_t *self)
{
    const tk_link_t *granted = &self->places.granted;
    if (tk_list_empty (granted) || !tk_list_empty (&self->puts) ||
        self->maxsize < LARGE)
        return;
    tk_queue_settle (self);
    uint64_t free = free_places (self);
    if (free < self->maxsize / WORTH)
        return;
    uint64_t part = free / zhashx_size (self->places.putters);
    for (const tk_link_t *at = granted->next; at != granted; at = at->next)
        raise_limit (self, TK_MEMBER (at, tk_putter_t, link), part);
}

unsigned
tk_queue_reserve_places (tk_queue_state_t *self, troika_call_t *call)
{
    uint64_t owner = troika_call_owner (call);
    tk_tally_t *tally = tk_registry_tally (call->registry, call);
    if (!tally || !self->maxsize || !tk_mechanism (TK_MECHANISM_PLACES))
        return 0;
    tk_putter_t *putter = find (self, owner);
    if (!putter)
        putter = new_putter (self, owner, tally);
    if (!putter)
        return 0;
    call_back (self, putter);
    self->places.reserved -= putter->limit - putter->arrived;
    if (putter->arrived == putter->limit && putter->window < WINDOW_MAX)
        putter->window = putter->window ? 2 * putter->window : 1;
    putter->arrived = 0;
    putter->limit = share (self, putter);
    self->places.reserved += putter->limit;
    atomic_store (tk_word_growth (putter->word), putter->limit && grows (self));
    tk_word_grant (putter->word, putter->limit);
    if (putter->limit)
        tk_list_append (&self->places.granted, &putter->link);
    return putter->index;
}

static void
drop_putter (tk_queue_state_t *self, tk_putter_t *putter)
{
    call_back (self, putter);
    self->places.reserved -= putter->limit - putter->arrived;
    zhashx_delete (self->places.putters, &putter->owner);
    tk_tally_release (putter->tally, putter->index);
    tk_tally_unref (putter->tally);
    free (putter);
}

void
tk_queue_forget_putter (tk_queue_state_t *self, uint64_t owner)
{
    tk_putter_t *putter = find (self, owner);
    if (putter)
        drop_putter (self, putter);
}

void
tk_queue_end_places (tk_queue_state_t *self)
{
    tk_putter_t *putter;
    tk_places_t *places = &self->places;
    while (places->putters && (putter = zhashx_first (places->putters)))
        drop_putter (self, putter);
    zhashx_destroy (&places->putters);
}
