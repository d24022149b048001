/* SPDX-License-Identifier: MPL-2.0 */
/*
 * agent.c - the thread that keeps this process's sessions alive.
 *
 * For each client it has one call under way, mostly "wait": the manager's
 * answer within a second is its sign of life and brings what it has to say
 * (acknowledgements, gaps, seals, its end). It also sends batches that have
 * gathered for a millisecond, repeats what was lost, and closes what nobody
 * holds any more. It works under the table's lock and sleeps outside.
 */
#include "parts.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "errand.h"
#include "lib/base/error.h"
#include "lib/base/runtime.h"
#include "lib/base/sys.h"

#define TICK_MS 1
#define TICK_US INT64_C (1000)
#define REST_MS 250
/* A batch that is not to be disturbed. */
#define YOUNG_US INT64_C (300)

enum { OWN_FDS = 2 };

static struct {
    pthread_t thread;
    bool running;
    atomic_bool stop;
    atomic_bool ticking; /* there will be a look within a tick */
    tk_wake_t wake;
    int timer; /* of the next tick; -1: the system has none */
    tk_time_t last_round;
    struct pollfd *set; /* what is polled; grows */
    size_t set_room;
} agent;

/* Whether the lane still keeps what had been acknowledged at the last look
 * already: its thread has nothing to do there. */
static bool
rests (tk_lane_t *lane)
{
    uint64_t acked = atomic_load (&lane->acked);
    bool same = acked == lane->acked_before;
    lane->acked_before = acked;
    return same && acked != atomic_load (&lane->dropped);
}

/* A batch that has just begun is its thread's, which is about to send it by a
 * better way. */
static void
drain (tk_lane_t *lane, tk_time_t now)
{
    tk_lane_lock (lane);
    if (now - lane->batch_since >= YOUNG_US)
        tk_lane_send_batch_locked (lane);
    tk_lane_unlock (lane);
}

/* What has gathered for a while leaves; whether there was anything. Lanes
 * that have nothing to give are not disturbed. */
static bool
drain_lanes (tk_client_t *client, tk_time_t now)
{
    bool any = false;
    pthread_mutex_lock (&client->lock);
    for (tk_link_t *at = client->lanes.next; at != &client->lanes;
         at = at->next) {
        tk_lane_t *lane = TK_MEMBER (at, tk_lane_t, link);
        bool gathers = atomic_load (&lane->gathers);
        if (!gathers && !rests (lane))
            continue;
        any = any || gathers;
        drain (lane, now);
    }
    pthread_mutex_unlock (&client->lock);
    return any;
}

/* Answers first: if this process was stopped for a while, they are there. */
static void
attend (tk_client_t *client, tk_time_t now, bool stalled)
{
    if (tk_client_state (client) != TK_OPEN)
        return;
    tk_errand_watch (client, now);
    tk_errand_receive (client, now);
    if (stalled)
        client->heard = now;
    tk_errand_next (client, now);
}

/* One look at every client; returns whether some batch had gathered: then
 * the next one is near. */
static bool
round_trip (tk_time_t now, bool stalled)
{
    bool any = false;
    bool stops = atomic_load (&agent.stop);
    tk_link_t *next;
    for (tk_link_t *at = tk_table ()->next; at != tk_table (); at = next) {
        tk_client_t *client = TK_MEMBER (at, tk_client_t, link);
        next = at->next;
        if (atomic_load (&client->abandoned)) {
            tk_list_remove (&client->link);
            tk_client_destroy (client);
            continue;
        }
        attend (client, now, stalled);
        any = drain_lanes (client, stops ? TK_NEVER : now) || any;
    }
    return any;
}

static int
grow_set (size_t count)
{
    if (count <= agent.set_room)
        return 0;
    struct pollfd *set = realloc (agent.set, 2 * count * sizeof *set);
    if (!set)
        return -ENOMEM;
    agent.set = set;
    agent.set_room = 2 * count;
    return 0;
}

/* How many descriptors there are to poll; 0 when memory is short. */
static nfds_t
fill_set (void)
{
    size_t clients = 0;
    for (tk_link_t *at = tk_table ()->next; at != tk_table (); at = at->next)
        clients++;
    if (grow_set (2 * clients + OWN_FDS))
        return 0;
    nfds_t count = OWN_FDS;
    agent.set[0] = (struct pollfd){.fd = agent.wake.read_fd, .events = POLLIN};
    agent.set[1] = (struct pollfd){.fd = agent.timer, .events = POLLIN};
    for (tk_link_t *at = tk_table ()->next; at != tk_table (); at = at->next) {
        tk_client_t *client = TK_MEMBER (at, tk_client_t, link);
        if (tk_client_state (client) != TK_OPEN)
            continue;
        agent.set[count++] =
            (struct pollfd){.fd = client->req_fd, .events = POLLIN};
        agent.set[count++] =
            (struct pollfd){.fd = client->monitor.fd, .events = POLLIN};
    }
    return count;
}

static void
sleep_a_while (bool ticking)
{
    tk_table_lock ();
    nfds_t count = fill_set ();
    tk_table_unlock ();
    poll (agent.set, count, !count || ticking ? TICK_MS : REST_MS);
    if (count && agent.set[0].revents)
        tk_wake_lower (&agent.wake);
    if (count && agent.set[1].revents)
        tk_sys_timer_lower (agent.timer);
}

/* Whoever begins a batch from now on asks for a tick; what had begun is seen
 * by this look. */
static bool
look (tk_time_t now, bool stalled)
{
    atomic_store (&agent.ticking, false);
    tk_table_lock ();
    bool any = round_trip (now, stalled);
    tk_table_unlock ();
    if (any)
        atomic_store (&agent.ticking, true);
    return any;
}

static void *
run (void *unused)
{
    (void)unused;
    agent.last_round = tk_clock_us ();
    while (!atomic_load (&agent.stop)) {
        tk_time_t now = tk_clock_us ();
        bool stalled = now - agent.last_round > 1000000;
        agent.last_round = now;
        sleep_a_while (look (now, stalled));
    }
    tk_table_lock ();
    round_trip (tk_clock_us (), false);
    tk_table_unlock ();
    return NULL;
}

static void
close_own (void)
{
    tk_wake_fini (&agent.wake);
    if (agent.timer >= 0)
        close (agent.timer);
    agent.timer = -1;
}

static int
start_locked (void)
{
    if (agent.running)
        return 0;
    int rc = tk_wake_init (&agent.wake);
    if (rc)
        return rc;
    agent.timer = tk_sys_timer ();
    atomic_store (&agent.stop, false);
    rc = tk_thread (&agent.thread, "agent", run, NULL);
    agent.running = !rc;
    if (rc)
        close_own ();
    return rc;
}

int
tk_agent_start (void)
{
    tk_table_lock ();
    int rc = start_locked ();
    tk_table_unlock ();
    return rc;
}

void
tk_agent_poke (void)
{
    tk_table_lock ();
    if (agent.running)
        tk_wake_raise (&agent.wake);
    tk_table_unlock ();
}

/* The lane's lock is held, so the table's cannot be taken: the agent's wake
 * lives as long as any lane does. */
void
tk_agent_batch (void)
{
    if (atomic_exchange (&agent.ticking, true))
        return;
    if (agent.timer >= 0)
        tk_sys_timer_set (agent.timer, TICK_US);
    else
        tk_wake_raise (&agent.wake);
}

void
tk_agent_stop (void)
{
    tk_table_lock ();
    bool running = agent.running;
    agent.running = false;
    tk_table_unlock ();
    if (!running)
        return;
    atomic_store (&agent.stop, true);
    tk_wake_raise (&agent.wake);
    pthread_join (agent.thread, NULL);
    close_own ();
}

void
tk_agent_child (void)
{
    if (agent.running)
        close_own ();
    agent.running = false;
    atomic_store (&agent.ticking, false);
}
