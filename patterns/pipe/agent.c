/* SPDX-License-Identifier: MPL-2.0 */
/*
 * agent.c - the thread that looks after pipes while nobody else does.
 *
 * A bound end must answer the hello of its peer though its owner is busy
 * elsewhere, or the peer would take it for dead. A tcp channel that was
 * closed must go on reading until the peer has seen the end (a close with
 * input unread cuts off what was sent). And what a sender has gathered, or a
 * receiver has read, must become known though its thread does something
 * else: that is done by ticks, a millisecond apart, while there is such. The
 * thread starts when the first end needs it; what it looks after is in three
 * lists under one lock.
 */
#include "patterns/pipe/end.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include "lib/base/error.h"
#include "lib/base/runtime.h"
#include "lib/base/sys.h"
#include "patterns/pipe/watch.h"

#define TICK_US 1000
#define PARTING_MS 1000
#define REST_MS 5    /* between two looks at what is unsent */
#define REST_LOOKS 3 /* that find nothing: libzmq has passed it on, too */

typedef struct {
    tk_link_t link;
    const troika_pipe_t *end; /* whose it was */
    tk_channel_t channel;
    tk_time_t deadline;
    tk_time_t looked;
    int quiet; /* looks that found nothing unsent */
} grave_t;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static tk_link_t greeting = {&greeting, &greeting};
static tk_link_t graves = {&graves, &graves};
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
    tk_list_init (&graves);
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

/* The other side need not read all of it before this process may end; it is
 * enough that nothing is left here. */
static bool
is_taken (grave_t *self, tk_time_t now)
{
    const tk_channel_t *channel = &self->channel;
    int fd = channel->peer >= 0 ? channel->peer : channel->connections[0];
    if (channel->connected == 0)
        return true;
    if (now - self->looked < REST_MS * 1000)
        return false;
    self->looked = now;
    self->quiet = tk_sys_unsent (fd) == 0 ? self->quiet + 1 : 0;
    return self->quiet >= REST_LOOKS;
}

static bool
is_at_rest (grave_t *self)
{
    tk_channel_t *channel = &self->channel;
    tk_time_t now = tk_clock_us ();
    while (tk_channel_look (channel))
        tk_channel_let_go (channel);
    return channel->seen || channel->state >= TK_CHANNEL_ENDED ||
           now >= self->deadline || is_taken (self, now);
}

static void
grave_destroy (grave_t *self)
{
    tk_list_remove (&self->link);
    pthread_cond_broadcast (&buried);
    tk_channel_close (&self->channel, PARTING_MS);
    tk_channel_fini (&self->channel);
    free (self);
}

static void
bury_all (watch_t *watch)
{
    tk_link_t *next;
    for (tk_link_t *at = graves.next; at != &graves; at = next) {
        grave_t *grave = TK_MEMBER (at, grave_t, link);
        next = at->next;
        if (is_at_rest (grave)) {
            grave_destroy (grave);
        } else {
            watch_channel (watch, &grave->channel);
            watch_until (watch, tk_clock_us () + REST_MS * 1000);
            watch_until (watch, grave->deadline);
        }
    }
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
        bury_all (&watch);
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

static void
move_channel (tk_channel_t *to, tk_channel_t *from)
{
    tk_channel_init (to, from->sends);
    to->socket = from->socket;
    to->fd = from->fd;
    to->monitor = from->monitor;
    to->state = from->state;
    to->seen = from->seen;
    to->up = from->up;
    to->greets = from->greets;
    to->named = from->named;
    to->plain = from->plain;
    to->cut = from->cut;
    to->peer = from->peer;
    to->accepted = from->accepted;
    to->connected = from->connected;
    for (int i = 0; i < from->connected; i++)
        to->connections[i] = from->connections[i];
    from->socket = NULL;
    from->monitor = (tk_monitor_t){.fd = -1};
}

/* Where that cannot be, the socket is closed at once, as others are. */
void
tk_pipe_agent_bury (const troika_pipe_t *end, tk_channel_t *channel,
                    tk_time_t deadline)
{
    grave_t *grave = malloc (sizeof *grave);
    if (!grave)
        return;
    pthread_mutex_lock (&lock);
    if (!start ()) {
        move_channel (&grave->channel, channel);
        grave->end = end;
        grave->deadline = deadline;
        grave->looked = 0;
        grave->quiet = 0;
        tk_list_append (&graves, &grave->link);
        tk_wake_raise (&wake);
        grave = NULL;
    }
    pthread_mutex_unlock (&lock);
    free (grave);
}

static bool
has_graves (const troika_pipe_t *end)
{
    for (tk_link_t *at = graves.next; at != &graves; at = at->next)
        if (TK_MEMBER (at, grave_t, link)->end == end)
            return true;
    return false;
}

void
tk_pipe_agent_rest (const troika_pipe_t *end)
{
    pthread_mutex_lock (&lock);
    while (has_graves (end))
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
    int rc = 0;
    stop ();
    pthread_mutex_lock (&lock);
    for (;;) {
        watch_t watch = {.until = deadline};
        bury_all (&watch);
        if (tk_list_empty (&graves) || tk_deadline_poll (deadline) == 0)
            break;
        poll (watch.fds, watch.count, tk_deadline_poll (watch.until));
    }
    tk_link_t *link;
    while ((link = tk_list_first (&graves))) {
        grave_destroy (TK_MEMBER (link, grave_t, link));
        rc = -ETIMEDOUT;
    }
    pthread_mutex_unlock (&lock);
    return rc;
}
