/* SPDX-License-Identifier: MPL-2.0 */
/*
 * fast.c - the fast path of a queue that this process serves.
 *
 * Two turnstiles, so that who puts and who takes do not wait for each other.
 * Items that are taken here belong to their taker: it is a thread of the
 * manager's own process, which cannot die alone, so that nothing of it ever
 * comes back. Only their number is kept, for the figure in_flight.
 * Handing a thread several items at once was refused: they would have to be
 * taken back from it as soon as another one asks.
 */
#include "fast.h"

#include <stdlib.h>
#include "lib/base/thread_local.h"
#include "lib/base/turnstile.h"

/* How often a thread looks before it calls the object, at most, and how long
 * it leaves the other one alone in between: looking takes the cache line that
 * the other one writes next, so that with a third of the pause both went at a
 * third of the speed as soon as the row was empty. */
#define LOOKS_MAX 16
#define LOOK_PAUSES 24

/* Its block stays, for another thread later. */
struct tk_fast_taker {
    tk_fast_taker_t *next;
    atomic_uint_fast64_t owner; /* 0: nobody's */
    atomic_size_t held;         /* by its last call */
    bool owes;                  /* the object may have noted its last items */
};

typedef struct {
    tk_turnstile_t turnstile;
    atomic_uint looks;          /* as many as lately paid */
    atomic_uint_fast64_t limit; /* 0: the gate is closed */
    uint64_t tally;
    char gap[TK_CACHE_LINE];
} gate_t;

struct tk_fast {
    gate_t in;
    gate_t out;
    tk_row_t row;
    atomic_uint refs;
    uint64_t id; /* never used again in this process */
    tk_fast_taker_t *takers;
};

/* What this thread is in the queues that it lately took from. */
typedef struct {
    uint64_t id;
    uint64_t owner;
    tk_fast_taker_t *taker;
} enlisted_t;

enum { ENLISTED = 8 };
static TK_THREAD_LOCAL enlisted_t enlisted[ENLISTED];

tk_fast_t *
tk_fast_new (void)
{
    static atomic_uint_fast64_t last_id;
    tk_fast_t *self = calloc (1, sizeof *self);
    if (!self)
        return NULL;
    atomic_init (&self->refs, 1);
    self->id = atomic_fetch_add (&last_id, 1) + 1;
    atomic_init (&self->in.looks, LOOKS_MAX);
    atomic_init (&self->out.looks, LOOKS_MAX);
    return self;
}

tk_fast_t *
tk_fast_ref (tk_fast_t *self)
{
    atomic_fetch_add (&self->refs, 1);
    return self;
}

void
tk_fast_unref (tk_fast_t *self)
{
    if (!self || atomic_fetch_sub (&self->refs, 1) > 1)
        return;
    while (self->takers) {
        tk_fast_taker_t *taker = self->takers;
        self->takers = taker->next;
        free (taker);
    }
    tk_row_fini (&self->row);
    free (self);
}

tk_fast_tally_t
tk_fast_freeze (tk_fast_t *self)
{
    tk_turnstile_lock_shared (&self->in.turnstile);
    tk_turnstile_lock_shared (&self->out.turnstile);
    tk_fast_tally_t tally = {self->in.tally, self->out.tally};
    self->in.tally = self->out.tally = 0;
    return tally;
}

static void
set_gate (gate_t *gate, uint64_t limit)
{
    atomic_store_explicit (&gate->limit, limit, memory_order_relaxed);
}

static uint64_t
limit_of (const gate_t *gate)
{
    return atomic_load_explicit (&gate->limit, memory_order_relaxed);
}

void
tk_fast_thaw (tk_fast_t *self, uint64_t limit, bool gets)
{
    set_gate (&self->in, limit);
    set_gate (&self->out, gets);
    tk_turnstile_unlock (&self->out.turnstile);
    tk_turnstile_unlock (&self->in.turnstile);
}

tk_row_t *
tk_fast_row (tk_fast_t *self)
{
    return &self->row;
}

size_t
tk_fast_held (const tk_fast_t *self)
{
    size_t held = 0;
    for (const tk_fast_taker_t *taker = self->takers; taker;
         taker = taker->next)
        held += atomic_load_explicit (&taker->held, memory_order_relaxed);
    return held;
}

static tk_fast_taker_t *
find (const tk_fast_t *self, uint64_t owner)
{
    tk_fast_taker_t *taker = self->takers;
    while (taker && atomic_load (&taker->owner) != owner)
        taker = taker->next;
    return taker;
}

void
tk_fast_forget (tk_fast_t *self, uint64_t owner)
{
    tk_fast_taker_t *taker = find (self, owner);
    if (!taker)
        return;
    atomic_store (&taker->held, 0);
    atomic_store (&taker->owner, 0);
}

static tk_fast_taker_t *
find_or_add (tk_fast_t *self, uint64_t owner)
{
    tk_fast_taker_t *taker = find (self, owner);
    if (!taker)
        taker = find (self, 0);
    if (!taker) {
        taker = calloc (1, sizeof *taker);
        if (!taker)
            return NULL;
        taker->next = self->takers;
        self->takers = taker;
    }
    atomic_store (&taker->owner, owner);
    return taker;
}

static enlisted_t *
slot_of (const tk_fast_t *self)
{
    return &enlisted[self->id % ENLISTED];
}

void
tk_fast_enlist (tk_fast_t *self, uint64_t owner)
{
    tk_fast_taker_t *taker = find_or_add (self, owner);
    if (taker)
        *slot_of (self) = (enlisted_t){self->id, owner, taker};
}

/* A thread that has left may come back, as another owner, while it ends: its
 * block may be somebody else's by then. */
tk_fast_taker_t *
tk_fast_me (const tk_fast_t *self)
{
    const enlisted_t *slot = slot_of (self);
    if (slot->id != self->id ||
        atomic_load_explicit (&slot->taker->owner, memory_order_relaxed) !=
            slot->owner)
        return NULL;
    return slot->taker;
}

bool
tk_fast_put_one (tk_fast_t *self, tk_slab_t *slab, uint32_t offset,
                 uint32_t size)
{
    tk_turnstile_lock (&self->in.turnstile);
    bool done =
        tk_row_put_one (&self->row, slab, offset, size, limit_of (&self->in));
    self->in.tally += done;
    tk_turnstile_unlock (&self->in.turnstile);
    return done;
}

size_t
tk_fast_put (tk_fast_t *self, const tk_run_t *runs, size_t count)
{
    tk_turnstile_lock (&self->in.turnstile);
    size_t n = tk_row_put (&self->row, runs, count, limit_of (&self->in));
    self->in.tally += n;
    tk_turnstile_unlock (&self->in.turnstile);
    return n;
}

static void
hold (tk_fast_taker_t *taker, size_t count)
{
    if (atomic_load_explicit (&taker->held, memory_order_relaxed) != count)
        atomic_store_explicit (&taker->held, count, memory_order_relaxed);
}

size_t
tk_fast_take (tk_fast_t *self, tk_fast_taker_t *me, tk_run_t *runs, size_t max,
              uint64_t *number)
{
    tk_turnstile_lock (&self->out.turnstile);
    size_t n =
        limit_of (&self->out) ? tk_row_take (&self->row, runs, max, number) : 0;
    self->out.tally += n;
    if (n)
        hold (me, n);
    tk_turnstile_unlock (&self->out.turnstile);
    return n;
}

/* Looks more often where that helped, and hardly at all where it does not. */
static bool
judge (gate_t *gate, unsigned looks, bool found)
{
    unsigned next = found ? 2 * looks : looks / 2;
    if (next != looks && next >= 1 && next <= LOOKS_MAX)
        atomic_store_explicit (&gate->looks, next, memory_order_relaxed);
    return found;
}

static void
look_away (void)
{
    for (int i = 0; i < LOOK_PAUSES; i++)
        tk_pause ();
}

bool
tk_fast_await_item (tk_fast_t *self)
{
    unsigned looks =
        atomic_load_explicit (&self->out.looks, memory_order_relaxed);
    for (unsigned i = 0; i < looks && limit_of (&self->out); i++) {
        look_away ();
        if (tk_row_has_item (&self->row))
            return judge (&self->out, looks, true);
    }
    return judge (&self->out, looks, false);
}

bool
tk_fast_await_room (tk_fast_t *self)
{
    unsigned looks =
        atomic_load_explicit (&self->in.looks, memory_order_relaxed);
    for (unsigned i = 0; i < looks && limit_of (&self->in); i++) {
        look_away ();
        if (tk_row_has_room (&self->row, limit_of (&self->in)))
            return judge (&self->in, looks, true);
    }
    return judge (&self->in, looks, false);
}

void
tk_fast_taker_confirm (tk_fast_taker_t *self)
{
    hold (self, 0);
}

void
tk_fast_taker_calls (tk_fast_taker_t *self, bool takes)
{
    hold (self, 0);
    self->owes = takes;
}

bool
tk_fast_taker_owes (tk_fast_taker_t *self)
{
    bool owes = self->owes;
    if (owes)
        self->owes = false;
    return owes;
}
