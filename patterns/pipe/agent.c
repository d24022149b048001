/* SPDX-License-Identifier: MPL-2.0 */
/*
 * agent.c - the thread that looks after pipes while nobody else does.
 *
 * A bound end must answer the hello of its peer though its owner is busy
 * elsewhere, or the peer would take it for dead. What a closed end has sent
 * must leave (grave.c). And what a sender has gathered, or a receiver has
 * read, must become known though its thread does something else: that is
 * done by ticks, a millisecond apart, while there is such. The thread starts
 * when the first end needs it; what it looks after is in three lists under
 * one lock.
 */
#include "patterns/pipe/end.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include "lib/base/error.h"
#include "lib/base/runtime.h"
#include "patterns/pipe/grave.h"
#include "patterns/pipe/watch.h"

#define TICK_US 1000
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static tk_link_t greeting = {&greeting, &greeting};
static tk_link_t open_ends = {&open_ends, &open_ends};
static pthread_cond_t buried = PTHREAD_COND_INITIALIZER;
static tk_wake_t wake = {-1, -1};
static pthread_t thread;
static bool running, stopping;
static atomic_bool ticking; /* it will look at what is due by itself */

void
tk_pipe_agent_lock (void)
{
    pthread_mutex_lock (&lock);
}

void
tk_pipe_agent_unlock (void)
{
    pthread_mutex_unlock (&lock);
}

/* What is in the lists was the parent's. */
void
tk_pipe_agent_child (void)
{
    pthread_mutex_init (&lock, NULL);
    pthread_cond_init (&buried, NULL);
    tk_list_init (&greeting);
    tk_graves_child ();
    tk_list_init (&open_ends);
    atomic_store (&ticking, false);
    tk_wake_fini (&wake);
    running = stopping = false;
}

static bool
is_greeted (tk_channel_t *channel, watch_t *watch)
{
    pthread_mutex_lock (&channel->lock);
    if (channel->socket)
        tk_channel_look (channel);
    bool greeted = !channel->socket || channel->state != TK_CHANNEL_FRESH;
    if (!greeted)
        watch_channel (watch, channel);
    pthread_mutex_unlock (&channel->lock);
    return greeted;
}

/* Whoever waits on the channel that never comes learns it. */
static void
wake_channel (tk_channel_t *channel, tk_channel_state_t state)
{
    pthread_mutex_lock (&channel->lock);
    if (channel->state == TK_CHANNEL_FRESH)
        channel->state = state;
    tk_wake_raise (&channel->wake);
    pthread_mutex_unlock (&channel->lock);
}

/* Both channels are watched from the beginning: whoever receives on the end
 * may take the first one's hello, and nobody tells this thread. */
static bool
greet (troika_pipe_t *end, watch_t *watch)
{
    bool first = is_greeted (&end->in, watch);
    if (!end->sends)
        return first;
    bool second = is_greeted (&end->out, watch);
    if (!first || second)
        return first && second;
    if (end->in.plain) {
        atomic_store (&end->sender, &end->in);
        wake_channel (&end->out, TK_CHANNEL_ENDED);
        return true;
    }
    if (end->in.state == TK_CHANNEL_LIVE) {
        watch_channel (watch, &end->in);
        return false;
    }
    wake_channel (&end->out, end->in.state);
    return true;
}

static void
greet_all (watch_t *watch)
{
    tk_link_t *next;
    for (tk_link_t *at = greeting.next; at != &greeting; at = next) {
        next = at->next;
        if (greet (TK_MEMBER (at, troika_pipe_t, greeting), watch))
            tk_list_remove (at);
    }
}

static void
tend_graves (watch_t *watch)
{
    if (tk_graves_tend (watch))
        pthread_cond_broadcast (&buried);
}

static bool
tick_channel (tk_channel_t *channel)
{
    if (!atomic_load (&channel->due))
        return false;
    pthread_mutex_lock (&channel->lock);
    tk_channel_tick (channel);
    pthread_mutex_unlock (&channel->lock);
    return true;
}

/* What becomes due from here on is either seen or wakes this thread. */
static void
tick_all (watch_t *watch)
{
    bool any = false;
    atomic_store (&ticking, false);
    for (tk_link_t *at = open_ends.next; at != &open_ends; at = at->next) {
        troika_pipe_t *end = TK_MEMBER (at, troika_pipe_t, open);
        bool ticked = tick_channel (&end->in);
        ticked |= tick_channel (&end->out);
        if (ticked)
            tk_place_settle (end);
        any |= ticked;
    }
    if (!any)
        return;
    atomic_store (&ticking, true);
    watch_until (watch, tk_clock_us () + TICK_US);
}

static void *
run (void *unused)
{
    (void)unused;
    pthread_mutex_lock (&lock);
    while (!stopping) {
        watch_t watch = {.until = TK_NEVER};
        watch_fd (&watch, wake.read_fd);
        greet_all (&watch);
        tend_graves (&watch);
        tick_all (&watch);
        pthread_mutex_unlock (&lock);
        poll (watch.fds, watch.count, tk_deadline_poll (watch.until));
        tk_wake_lower (&wake);
        pthread_mutex_lock (&lock);
    }
    pthread_mutex_unlock (&lock);
    return NULL;
}

/* A bound channel has heard its first word, by whoever uses it. */
void
tk_pipe_agent_nudge (void)
{
    if (wake.write_fd >= 0)
        tk_wake_raise (&wake);
}

static int
start (void)
{
    if (running) {
        tk_wake_raise (&wake);
        return 0;
    }
    int rc = tk_wake_init (&wake);
    stopping = false;
    if (!rc)
        rc = tk_thread (&thread, "pipes", run, NULL);
    if (rc)
        tk_wake_fini (&wake);
    running = !rc;
    return rc;
}

int
tk_pipe_agent_greet (troika_pipe_t *end)
{
    pthread_mutex_lock (&lock);
    tk_list_append (&greeting, &end->greeting);
    int rc = start ();
    if (rc)
        tk_list_remove (&end->greeting);
    pthread_mutex_unlock (&lock);
    return rc;
}

void
tk_pipe_agent_watch (troika_pipe_t *end)
{
    pthread_mutex_lock (&lock);
    tk_list_append (&open_ends, &end->open);
    pthread_mutex_unlock (&lock);
}

int
tk_pipe_agent_tick (void)
{
    if (atomic_load (&ticking))
        return 0;
    pthread_mutex_lock (&lock);
    int rc = start ();
    if (!rc)
        atomic_store (&ticking, true);
    pthread_mutex_unlock (&lock);
    return rc;
}

void
tk_pipe_agent_forget (troika_pipe_t *end)
{
    pthread_mutex_lock (&lock);
    tk_list_remove (&end->greeting);
    tk_list_remove (&end->open);
    pthread_mutex_unlock (&lock);
}

/* Where that cannot be, the socket is closed at once, as others are. */
void
tk_pipe_agent_bury (const troika_pipe_t *end, tk_channel_t *channel,
                    tk_time_t deadline)
{
    pthread_mutex_lock (&lock);
    if (!start () && !tk_graves_add (end, channel, deadline))
        tk_wake_raise (&wake);
    pthread_mutex_unlock (&lock);
}

void
tk_pipe_agent_rest (const troika_pipe_t *end)
{
    pthread_mutex_lock (&lock);
    while (tk_graves_of (end))
        pthread_cond_wait (&buried, &lock);
    pthread_mutex_unlock (&lock);
}

static void
stop (void)
{
    pthread_mutex_lock (&lock);
    bool was = running;
    stopping = true;
    running = false;
    if (was)
        tk_wake_raise (&wake);
    pthread_mutex_unlock (&lock);
    if (!was)
        return;
    pthread_join (thread, NULL);
    tk_wake_fini (&wake);
    atomic_store (&ticking, false);
}

/* At exit: waits for the dead in the agent's place. */
int
tk_pipe_agent_finish (tk_time_t deadline)
{
    stop ();
    pthread_mutex_lock (&lock);
    for (;;) {
        watch_t watch = {.until = deadline};
        tend_graves (&watch);
        if (!tk_graves_of (NULL) || tk_deadline_poll (deadline) == 0)
            break;
        poll (watch.fds, watch.count, tk_deadline_poll (watch.until));
    }
    bool any = tk_graves_clear ();
    pthread_mutex_unlock (&lock);
    return any ? -ETIMEDOUT : 0;
}
