/* SPDX-License-Identifier: MPL-2.0 */
/*
 * ahead.c - hands items ahead of need, and takes them back.
 *
 * A consumer that was alone with the queue for a while and quick gets as
 * many items as it lately started in a millisecond. They count as waiting
 * until it starts them. Any other get takes back what is left before it is
 * answered, so that items are started in the order of the queue, whoever
 * starts them; that is why at most one owner holds some, and why only queues
 * that are first in, first out hand any ahead. Queues with manual_ack do
 * not: their consumers make a call for each item anyway.
 */
#include "state.h"

#include <stdlib.h>
#include "lib/base/ids.h"
#include "lib/object/call.h"
#include "lib/object/registry.h"

#define WINDOW_MAX 8192
#define BYTES_MAX ((size_t)256 << 10)
#define AIM_US INT64_C (1000)
#define SHARED_AIM_US INT64_C (60)
#define QUICK_US INT64_C (1000)

static tk_taker_t *
find_taker (const tk_queue_state_t *self, uint64_t owner)
{
    if (self->ahead.taker && self->ahead.taker->owner == owner)
        return self->ahead.taker;
    return self->ahead.takers ? zhashx_lookup (self->ahead.takers, &owner)
                              : NULL;
}

static tk_taker_t *
new_taker (tk_queue_state_t *self, uint64_t owner, tk_tally_t *tally)
{
    if (!self->ahead.takers && !(self->ahead.takers = tk_ids_new ()))
        return NULL;
    tk_taker_t *taker = calloc (1, sizeof *taker);
    unsigned index = taker ? tk_tally_claim (tally) : 0;
    if (index) {
        taker->owner = owner;
        taker->window = 1;
        taker->index = index;
        taker->word = tk_tally_word (tally, index);
        if (zhashx_insert (self->ahead.takers, &taker->owner, taker) == 0) {
            taker->tally = tk_tally_ref (tally);
            return taker;
        }
        tk_tally_release (tally, index);
    }
    free (taker);
    return NULL;
}

static void
drop_taker (tk_queue_state_t *self, tk_taker_t *taker)
{
    tk_word_revoke (taker->word);
    zhashx_delete (self->ahead.takers, &taker->owner);
    tk_tally_release (taker->tally, taker->index);
    tk_tally_unref (taker->tally);
    free (taker);
}

/* The last ones that were started, so many at once, are in flight. */
static void
note_last (tk_queue_state_t *self, uint32_t group)
{
    tk_ahead_t *ahead = &self->ahead;
    uint64_t number = ahead->number + ahead->started - group + 1;
    tk_item_t item;
    uint32_t count;
    while (group &&
           (count = tk_store_take_some (self->store, group, SIZE_MAX, &item))) {
        item.deliveries = 1;
        if (tk_flights_add_as (self->flights, ahead->taker->owner, number,
                               &item, count))
            tk_slab_unref_many (item.slab, count);
        number += count;
        group -= count;
    }
}

/* What has been started by now: using some settles those before. */
static void
note_started (tk_queue_state_t *self, uint64_t word, bool settled)
{
    tk_ahead_t *ahead = &self->ahead;
    uint64_t count = tk_word_count (word);
    uint64_t group = settled ? 0 : tk_word_group (word);
    if (count > ahead->count)
        count = ahead->count;
    if (count < ahead->started)
        count = ahead->started;
    uint32_t more = (uint32_t)count - ahead->started;
    if (group > more)
        group = more;
    if (settled || more)
        tk_flights_confirm (self->flights, ahead->taker->owner);
    self->get_count += more;
    ahead->started += more;
    tk_store_drop (self->store, more - group);
    note_last (self, (uint32_t)group);
}

void
tk_queue_settle (tk_queue_state_t *self)
{
    if (!self->ahead.taker)
        return;
    uint64_t word = atomic_load (self->ahead.taker->word);
    note_started (self, word, word & TK_WORD_SETTLED);
}

void
tk_queue_recall (tk_queue_state_t *self, uint64_t owner)
{
    tk_ahead_t *ahead = &self->ahead;
    tk_taker_t *taker = ahead->taker;
    if (!taker)
        return;
    uint64_t word = tk_word_revoke (taker->word);
    note_started (self, word, word & TK_WORD_SETTLED || taker->owner == owner);
    taker->used_up &= ahead->started == ahead->count;
    taker->wanted = ahead->wanted;
    ahead->taker = NULL;
    ahead->wanted = false;
    tk_alarm_stop (&ahead->alarm);
}

void
tk_queue_ask_to_tell (tk_queue_state_t *self)
{
    if (self->ahead.taker)
        atomic_fetch_or (self->ahead.taker->word, TK_WORD_TELL);
}

/* A cast may have been made before items were started that are known by now:
 * what it settles is told by the word alone. */
void
tk_queue_confirm (tk_queue_state_t *self, uint64_t owner, bool by_cast)
{
    if (self->manual_ack)
        return;
    tk_taker_t *taker = find_taker (self, owner);
    if (taker && taker == self->ahead.taker) {
        uint64_t word = atomic_load (taker->word);
        note_started (self, word, !by_cast || word & TK_WORD_SETTLED);
    } else if (!taker || !by_cast ||
               atomic_load (taker->word) & TK_WORD_SETTLED) {
        tk_flights_confirm (self->flights, owner);
    }
}

/* How long the taker needed for what it was given: it says so itself, since
 * until its answer is read it may wait for a core. */
static tk_time_t
pace (const tk_taker_t *taker)
{
    uint64_t told = atomic_exchange (tk_word_pace (taker->word), 0);
    tk_time_t passed = tk_clock_us () - taker->since;
    return told && told < (uint64_t)passed ? (tk_time_t)told : passed;
}

/* How many items the owner that fetches now is given at once. */
static void
adapt (tk_queue_state_t *self, tk_taker_t *taker)
{
    tk_time_t took = pace (taker);
    bool shared = taker->wanted || self->ahead.latest != taker->owner;
    tk_time_t aim = shared ? SHARED_AIM_US : AIM_US;
    if (taker->used_up && took < aim && taker->window < WINDOW_MAX)
        taker->window *= 2;
    else if (took > 2 * aim)
        taker->window = 1 + taker->window * (size_t)aim / (size_t)took;
    taker->quick = taker->window > 1 || took < QUICK_US;
    taker->wanted = false;
}

/* Somebody else is to have them: handing out so many was no use. */
static void
take_back (tk_queue_state_t *self, uint64_t owner)
{
    tk_taker_t *taker = self->ahead.taker;
    tk_queue_recall (self, owner);
    if (taker && taker->window > self->ahead.started + 1)
        taker->window = self->ahead.started + 1;
}

bool
tk_queue_begin_fetch (tk_queue_state_t *self, troika_call_t *call, bool fetch)
{
    uint64_t owner = troika_call_owner (call);
    tk_taker_t *taker = fetch ? find_taker (self, owner) : NULL;
    if (taker && taker == self->ahead.taker)
        tk_queue_recall (self, owner);
    if (taker)
        adapt (self, taker);
    self->ahead.latest = owner;
    bool urgent = !tk_queue_can_wait (call) || self->phase != TK_QUEUE_OPEN;
    bool hasty = urgent || !taker || !taker->quick;
    if (urgent || (hasty && tk_list_empty (&self->gets)))
        take_back (self, owner);
    return hasty;
}

/* How many items behind those that it asked for, and that it gets. Whoever is
 * next and waits for no turn would take back what is lent. For the next calls
 * that ask for as many at once there is to be no rest. */
static size_t
share (const tk_queue_state_t *self, const tk_taker_t *taker, size_t asked)
{
    const tk_queue_waiter_t *next = tk_queue_waiter_first (&self->gets);
    if (self->ahead.singly || (next && next->hasty) || taker->window <= asked)
        return 0;
    return taker->window - taker->window % asked - asked;
}

/* What is being lent. */
typedef struct {
    tk_buffer_t *reply;
    size_t start; /* of the items in it */
    size_t limit; /* of items */
    uint32_t count;
} loan_t;

static bool
lend_items (void *context, const tk_run_t *run, uint32_t deliveries)
{
    loan_t *self = context;
    if (deliveries)
        return false;
    size_t used = tk_buffer_total (self->reply) - self->start;
    self->count += tk_run_write (run, self->limit - self->count,
                                 BYTES_MAX - used, self->reply);
    return self->count < self->limit &&
           tk_buffer_total (self->reply) - self->start < BYTES_MAX;
}

uint32_t
tk_queue_lend (tk_queue_state_t *self, tk_taker_t *taker, uint64_t number,
               size_t asked, tk_buffer_t *reply)
{
    tk_ahead_t *ahead = &self->ahead;
    loan_t loan = {reply, tk_buffer_total (reply), share (self, taker, asked),
                   0};
    if (loan.limit)
        tk_store_walk (self->store, lend_items, &loan);
    if (tk_buffer_error (reply))
        return 0;
    taker->since = tk_clock_us ();
    taker->used_up =
        loan.count + asked + taker->window % asked >= taker->window;
    tk_word_grant (taker->word, loan.count);
    if (!loan.count)
        return 0;
    tk_flights_skip (self->flights, loan.count);
    ahead->taker = taker;
    ahead->count = loan.count;
    ahead->started = 0;
    ahead->number = number;
    return loan.count;
}

tk_taker_t *
tk_queue_taker (tk_queue_state_t *self, troika_call_t *call)
{
    uint64_t owner = troika_call_owner (call);
    tk_tally_t *tally = tk_registry_tally (call->registry, call);
    if (!tally || self->manual_ack || !tk_store_is_fifo (self->store))
        return NULL;
    tk_taker_t *taker = find_taker (self, owner);
    return taker ? taker : new_taker (self, owner, tally);
}

void
tk_queue_forget_taker (tk_queue_state_t *self, uint64_t owner)
{
    tk_queue_recall (self, 0);
    tk_taker_t *taker = find_taker (self, owner);
    if (!taker)
        return;
    if (atomic_load (taker->word) & TK_WORD_SETTLED)
        tk_flights_confirm (self->flights, owner);
    drop_taker (self, taker);
}

void
tk_queue_end_ahead (tk_queue_state_t *self)
{
    tk_taker_t *taker;
    self->ahead.taker = NULL;
    tk_alarm_stop (&self->ahead.alarm);
    while (self->ahead.takers && (taker = zhashx_first (self->ahead.takers)))
        drop_taker (self, taker);
    zhashx_destroy (&self->ahead.takers);
}
