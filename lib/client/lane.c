/* SPDX-License-Identifier: MPL-2.0 */
/*
 * lane.c - one thread's way to one manager, and what becomes of it when the
 * thread ends.
 *
 * A thread finds its lanes in thread-local storage, no lock taken. Each is
 * held twice: by its thread and by its client; who lets go last frees it.
 * When a thread ends, the agent says so to the manager.
 */
#include "parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/error.h"
#include "lib/base/runtime.h"
#include "lib/base/thread_local.h"

typedef struct {
    uint64_t thread;     /* the thread's number; 0: none yet */
    unsigned generation; /* of what is in it */
    tk_lane_t **lanes;
    size_t count;
    size_t room;
} mine_t;

static TK_THREAD_LOCAL mine_t mine;
TK_THREAD_LOCAL tk_near_t tk_near_slots[TK_NEAR];
static pthread_key_t key;
static pthread_once_t key_once = PTHREAD_ONCE_INIT;

void
tk_lane_unref (tk_lane_t *self)
{
    if (atomic_fetch_sub (&self->refs, 1) > 1)
        return;
    tk_link_t *link;
    while ((link = tk_list_first (&self->shelves)))
        tk_shelf_destroy (TK_MEMBER (link, tk_shelf_t, link));
    tk_wake_fini (&self->wake);
    tk_unacked_fini (&self->unacked);
    tk_buffer_fini (&self->batch);
    tk_bias_fini (&self->lock);
    free (self);
}

/* Whoever joins the thread finds carried out what it has cast. */
static void
finish (tk_lane_t *self)
{
    tk_time_t deadline;
    tk_client_t *client = tk_lane_owes (self) ? tk_client_of_lane (self) : NULL;
    if (!client)
        return;
    tk_deadline (tk_linger_ms (), &deadline);
    while (tk_lane_flush (self, deadline) == -EINTR &&
           tk_deadline_poll (deadline))
        ;
    tk_client_unref (client, deadline);
}

/* The thread ends; the agent does the rest. */
static void
leave (void *unused)
{
    (void)unused;
    bool current = mine.generation == tk_generation ();
    tk_slab_unpile ();
    for (size_t i = 0; current && i < mine.count; i++) {
        tk_lane_t *lane = mine.lanes[i];
        finish (lane);
        atomic_store (&lane->left, true);
        tk_lane_unref (lane);
    }
    if (current && mine.count)
        tk_agent_poke ();
    free (mine.lanes);
    mine = (mine_t){0};
    memset (tk_near_slots, 0, sizeof tk_near_slots);
}

static void
make_key (void)
{
    pthread_key_create (&key, leave);
}

uint64_t
tk_lane_thread (void)
{
    static atomic_uint_fast64_t last;
    if (!mine.thread)
        mine.thread = atomic_fetch_add (&last, 1) + 1;
    return mine.thread;
}

/* What anybody has told to be in is not kept any more. */
static void
settle (tk_lane_t *self)
{
    uint64_t acked = atomic_load_explicit (&self->acked, memory_order_relaxed);
    if (acked == atomic_load_explicit (&self->dropped, memory_order_relaxed))
        return;
    tk_unacked_drop (&self->unacked, acked);
    atomic_store_explicit (&self->dropped, acked, memory_order_relaxed);
}

void
tk_lane_lock_own (tk_lane_t *self, tk_way_t way)
{
    tk_bias_lock_own (&self->lock);
    self->way = way;
    settle (self);
}

void
tk_lane_unlock_own (tk_lane_t *self)
{
    self->way = TK_BY_PUSH;
    tk_bias_unlock_own (&self->lock);
}

void
tk_lane_lock (tk_lane_t *self)
{
    if (self->thread == tk_lane_thread ())
        tk_bias_lock_own (&self->lock);
    else
        tk_bias_lock (&self->lock);
    settle (self);
}

void
tk_lane_unlock (tk_lane_t *self)
{
    if (self->thread == tk_lane_thread ())
        tk_bias_unlock_own (&self->lock);
    else
        tk_bias_unlock (&self->lock);
}

/* The lanes that an older generation left cannot be used, closed or freed;
 * the room for them is this thread's own. */
static void
renew (void)
{
    pthread_once (&key_once, make_key);
    pthread_setspecific (key, &mine);
    mine.generation = tk_generation ();
    mine.count = 0;
}

static void
prune (void)
{
    size_t kept = 0;
    memset (tk_near_slots, 0, sizeof tk_near_slots);
    tk_slab_unpile ();
    for (size_t i = 0; i < mine.count; i++) {
        if (atomic_load (&mine.lanes[i]->closed))
            tk_lane_unref (mine.lanes[i]);
        else
            mine.lanes[kept++] = mine.lanes[i];
    }
    mine.count = kept;
}

static int
remember (tk_lane_t *lane)
{
    prune ();
    if (mine.count == mine.room) {
        size_t room = mine.room ? 2 * mine.room : 4;
        tk_lane_t **lanes = realloc (mine.lanes, room * sizeof *lanes);
        if (!lanes)
            return -ENOMEM;
        mine.lanes = lanes;
        mine.room = room;
    }
    mine.lanes[mine.count++] = lane;
    return 0;
}

static int
new_lane (tk_client_t *client, tk_lane_t **lane_p)
{
    tk_lane_t *self = calloc (1, sizeof *self);
    if (!self)
        return -ENOMEM;
    atomic_init (&self->refs, 1);
    self->client = client;
    self->thread = tk_lane_thread ();
    tk_bias_init (&self->lock);
    tk_list_init (&self->link);
    tk_list_init (&self->shelves);
    tk_buffer_init (&self->batch);
    tk_req_init (&self->req);
    int rc = tk_wake_init (&self->wake);
    if (!rc)
        rc = remember (self);
    if (rc) {
        tk_lane_close (self);
        tk_lane_unref (self);
        return rc;
    }
    *lane_p = self;
    return 0;
}

static void
join_client (tk_lane_t *self)
{
    tk_client_t *client = self->client;
    atomic_fetch_add (&self->refs, 1);
    pthread_mutex_lock (&client->lock);
    self->number = ++client->last_lane;
    tk_list_append (&client->lanes, &self->link);
    if (tk_client_state (client) != TK_OPEN)
        atomic_store (&self->over, true);
    pthread_mutex_unlock (&client->lock);
}

int
tk_lane_get (tk_client_t *client, tk_lane_t **lane_p)
{
    if (mine.generation != tk_generation ())
        renew ();
    for (size_t i = 0; i < mine.count; i++) {
        tk_lane_t *lane = mine.lanes[i];
        if (lane->client == client && !atomic_load (&lane->closed)) {
            *lane_p = lane;
            return 0;
        }
    }
    int rc = new_lane (client, lane_p);
    if (!rc)
        join_client (*lane_p);
    return rc;
}

void
tk_near_set (uint64_t serial, tk_lane_t *lane, tk_shelf_t *shelf)
{
    tk_near_slots[serial % TK_NEAR] =
        (tk_near_t){serial, tk_generation (), lane, shelf};
}

tk_shelf_t *
tk_lane_shelf (const tk_lane_t *self, const char *object)
{
    for (tk_link_t *at = self->shelves.next; at != &self->shelves;
         at = at->next) {
        tk_shelf_t *shelf = TK_MEMBER (at, tk_shelf_t, link);
        if (!strcmp (shelf->object, object))
            return shelf;
    }
    return NULL;
}

void
tk_lanes_send (void)
{
    bool current = mine.generation == tk_generation ();
    for (size_t i = 0; current && i < mine.count; i++)
        if (!atomic_load (&mine.lanes[i]->over))
            tk_lane_drain_own (mine.lanes[i]);
}

void
tk_lane_close (tk_lane_t *self)
{
    atomic_store (&self->over, true);
    tk_lane_lock (self);
    atomic_store (&self->closed, true);
    tk_req_close (&self->req);
    tk_monitor_stop (&self->push_monitor);
    tk_socket_close (self->push);
    self->push = NULL;
    tk_lane_unlock (self);
}

void
tk_lane_retire (tk_lane_t *self)
{
    tk_client_t *client = self->client;
    pthread_mutex_lock (&client->lock);
    tk_list_remove (&self->link);
    pthread_mutex_unlock (&client->lock);
    tk_lane_close (self);
    tk_lane_unref (self);
}
