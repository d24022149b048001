/* SPDX-License-Identifier: MPL-2.0 */
/*
 * state.h - the inside of a queue object, for the files of this folder.
 *
 * Invariant: items and parked gets are never both present, but while somebody
 * has items ahead; neither are free places and parked puts. Everything runs
 * under the manager's lock; what threads of this process do by the fast path
 * happens between two of these runs, not during one.
 */
#ifndef TK_QUEUE_STATE_H
#define TK_QUEUE_STATE_H

#include <troika/object.h>
#include <troika/queue.h>
#include "ahead.h"
#include "fast.h"
#include "flight.h"
#include "lib/base/list.h"
#include "lib/msg/lend.h"
#include "lib/wire/cursor.h"
#include "places.h"
#include "store.h"

typedef enum {
    TK_QUEUE_OPEN,
    TK_QUEUE_CLOSING, /* shut down; what was put before may still arrive */
    TK_QUEUE_SHUT
} tk_queue_phase_t;

typedef struct {
    size_t maxsize; /* 0: no bound */
    bool manual_ack;
    int order;     /* TROIKA_FIFO… */
    bool dropping; /* shut down at once: nothing is kept */
    uint64_t max_deliveries;
    tk_queue_phase_t phase;
    tk_fast_t *fast;
    unsigned entered; /* scopes of this object, one inside the other */
    tk_store_t *store;
    tk_flights_t *flights;
    tk_ahead_t ahead;
    tk_places_t places;
    tk_link_t puts;  /* parked, in order of arrival */
    tk_link_t gets;  /* likewise */
    tk_link_t joins; /* parked joins */
    tk_link_t shuts; /* parked shutdowns */
    size_t waiting_puts;
    size_t waiting_gets;
    uint64_t unfinished;
    uint64_t settled; /* acknowledged, so done; task_done may say so, too */
    uint64_t put_count;
    uint64_t get_count;
    uint64_t redelivered;
} tk_queue_state_t;

/* A parked call of any kind. */
typedef struct {
    tk_link_t link;
    tk_queue_state_t *queue;
    troika_call_t *call;
    size_t *count;    /* of its kind; NULL where nobody counts */
    tk_run_t rest;    /* put: those that are not in yet; the call has them */
    uint32_t done;    /* put: how many are in */
    uint32_t placed;  /* put: how many of the next have their place */
    uint32_t held;    /* put: references of items that went in just now */
    bool reserve;     /* put: wants places for what comes next */
    int64_t priority; /* put */
    size_t max;       /* get: 0 asks for one plain item */
    bool fetch;       /* get: takes items ahead of need */
    bool hasty;       /* get: does not wait for the end of a turn */
} tk_queue_waiter_t;

/* waiter.c: parks a copy of *waiter in list. */
int tk_queue_waiter_park (const tk_queue_waiter_t *waiter, tk_link_t *list);
tk_queue_waiter_t *tk_queue_waiter_first (const tk_link_t *list);
/* Takes a waiter off and frees it; its call, to be answered. */
troika_call_t *tk_queue_waiter_leave (tk_queue_waiter_t *self);
/* Answers every call of a list with nil. */
void tk_queue_waiters_answer (tk_link_t *list);

/* put.c */
int tk_queue_on_put (void *self, troika_call_t *call);
int tk_queue_on_put_ahead (void *self, troika_call_t *call);
int tk_queue_on_full (void *self, troika_call_t *call);
int tk_queue_on_put_priority (void *self, troika_call_t *call);
/* A put that can wait no longer: how many went in, or why none did. */
void tk_queue_end_put (tk_queue_waiter_t *waiter, int reason);
/* Parked puts move up into free places. */
void tk_queue_admit (tk_queue_state_t *self);

/* get.c */
int tk_queue_on_get (void *self, troika_call_t *call);
int tk_queue_on_take (void *self, troika_call_t *call);
int tk_queue_on_fetch (void *self, troika_call_t *call);
/* Parked gets take what is there; whether any did. */
bool tk_queue_serve (tk_queue_state_t *self);
void tk_queue_end_get (tk_queue_waiter_t *waiter, int reason);

/* peek.c */
int tk_queue_on_peek (void *self, troika_call_t *call);

/* delivery.c */
int tk_queue_on_ack (void *self, troika_call_t *call);
int tk_queue_on_nack (void *self, troika_call_t *call);
int tk_queue_on_give_back (void *self, troika_call_t *call);
int tk_queue_on_task_done (void *self, troika_call_t *call);
int tk_queue_on_join (void *self, troika_call_t *call);
void tk_queue_forget (void *self, uint64_t owner);
/* ahead.c */
/* The taker behind a call; NULL: it gets nothing ahead of need. */
tk_taker_t *tk_queue_taker (tk_queue_state_t *self, troika_call_t *call);
/* Appends items to the reply that gives the asked ones, of which the last has
 * that number; how many. */
uint32_t tk_queue_lend (tk_queue_state_t *self, tk_taker_t *taker,
                        uint64_t number, size_t asked, tk_buffer_t *reply);
/* Its owner asks for an item: it has none ahead any more, and nobody else
 * has, unless this get may wait for the end of that turn. Whether it would
 * not if it was the next. */
bool tk_queue_begin_fetch (tk_queue_state_t *self, troika_call_t *call,
                           bool fetch);
/* What has been started since leaves the store. */
void tk_queue_settle (tk_queue_state_t *self);
/* The same, and nobody holds anything ahead any more. owner, or 0: who asks;
 * its own items are settled by that. */
void tk_queue_recall (tk_queue_state_t *self, uint64_t owner);
/* Items are wanted out of the way: whoever starts one shall tell. */
void tk_queue_ask_to_tell (tk_queue_state_t *self);
/* An item that was handed out waits again. */
void tk_queue_give_back (tk_queue_state_t *self, tk_item_t *item);
/* So do several that lie together. */
void tk_queue_give_back_run (tk_queue_state_t *self, tk_item_t item,
                             uint32_t count);
/* This owner calls again: what it took before is its own now. */
void tk_queue_confirm (tk_queue_state_t *self, uint64_t owner, bool by_cast);
void tk_queue_forget_taker (tk_queue_state_t *self, uint64_t owner);
void tk_queue_end_ahead (tk_queue_state_t *self);

/* turn.c */
/* Whether a get has time enough to wait for the end of a turn. */
bool tk_queue_can_wait (const troika_call_t *call);
/* Nobody has items ahead that it has not started. */
bool tk_queue_turn_is_over (tk_queue_state_t *self);
/* Who has items ahead while others wait keeps them for a short time only. */
void tk_queue_limit_turn (tk_queue_state_t *self);
/* Parked puts and gets go on as far as they can. */
void tk_queue_move (tk_queue_state_t *self);
/* A parked get whose time is up: true when there was an item for it. */
bool tk_queue_serve_late (tk_queue_waiter_t *get);

/* places.c */
/* The caller, whose put has just gone in, may have places reserved: the
 * index of its word; 0: it has none. */
unsigned tk_queue_reserve_places (tk_queue_state_t *self, troika_call_t *call);
/* So many items have come by cast: how many of them have their place. */
uint32_t tk_queue_fill_places (tk_queue_state_t *self, uint64_t owner,
                               uint32_t items);
/* If many places are free, those who have used theirs get more, unasked. */
void tk_queue_raise_limits (tk_queue_state_t *self);
/* Nobody has a place reserved that it has not used. */
void tk_queue_call_back_places (tk_queue_state_t *self);
/* Items in the store, and on their way. */
uint64_t tk_queue_used_places (const tk_queue_state_t *self);
void tk_queue_forget_putter (tk_queue_state_t *self, uint64_t owner);
void tk_queue_end_places (tk_queue_state_t *self);

/* So many items are done. */
void tk_queue_finish (tk_queue_state_t *self, uint64_t count);

#endif
