/* SPDX-License-Identifier: MPL-2.0 */
/*
 * caller.c - a client of a listener until somebody has accepted it.
 *
 * An accept is answered with a number, since a pipe cannot travel; who
 * called it collects the pipe by that number from a table of this process,
 * which needs neither the listener nor its handle. What nobody collects goes
 * back to its listener.
 */
#include "patterns/listener/listener_private.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include "patterns/pipe/end.h"

/* A connection is gone; how it ended is known when libzmq has read it. */
#define VERDICT_US 100000

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* what is below */
static tk_link_t table = {&table, &table};
static uint64_t last_number;

static uint64_t
next_number (void)
{
    pthread_mutex_lock (&lock);
    uint64_t number = ++last_number;
    pthread_mutex_unlock (&lock);
    return number;
}

int
tk_caller_new (tk_caller_t **self_p, const char *endpoint, unsigned keys,
               uint64_t owner)
{
    tk_caller_t *self = calloc (1, sizeof *self);
    *self_p = self;
    if (!self)
        return -ENOMEM;
    tk_list_init (&self->link);
    self->number = next_number ();
    self->owner = owner;
    int rc = tk_meet_bind (&self->pipe, endpoint, true, keys);
    if (rc) {
        free (self);
        *self_p = NULL;
    }
    return rc;
}

void
tk_caller_destroy (tk_caller_t *self)
{
    tk_list_remove (&self->link);
    tk_end_destroy (self->pipe);
    free (self);
}

/* Asks the kernel: it knows before libzmq does. */
static bool
has_hung_up (const tk_channel_t *channel)
{
    struct pollfd set = {.fd = channel->peer, .events = POLLRDHUP};
    return channel->peer >= 0 && poll (&set, 1, 0) > 0;
}

bool
tk_caller_is_lost (tk_caller_t *self)
{
    tk_channel_t *channel = &self->pipe->in;
    tk_time_t until = tk_clock_us () + VERDICT_US;
    pthread_mutex_lock (&channel->lock);
    tk_channel_look (channel);
    while (!channel->holds && channel->state < TK_CHANNEL_ENDED &&
           has_hung_up (channel))
        if (tk_channel_wait (channel, until))
            break;
    bool lost = !channel->holds && channel->state > TK_CHANNEL_ENDED;
    pthread_mutex_unlock (&channel->lock);
    return lost;
}

uint64_t
tk_caller_hand_over (tk_caller_t *self, const void *host, uint64_t owner)
{
    uint64_t number = self->number;
    self->host = host;
    self->owner = owner;
    pthread_mutex_lock (&lock);
    tk_list_remove (&self->link);
    tk_list_append (&table, &self->link);
    pthread_mutex_unlock (&lock);
    return number;
}

static tk_caller_t *
find (uint64_t number)
{
    for (tk_link_t *at = table.next; at != &table; at = at->next)
        if (TK_MEMBER (at, tk_caller_t, link)->number == number)
            return TK_MEMBER (at, tk_caller_t, link);
    return NULL;
}

troika_pipe_t *
tk_caller_collect (uint64_t number)
{
    pthread_mutex_lock (&lock);
    tk_caller_t *self = find (number);
    troika_pipe_t *pipe = self ? self->pipe : NULL;
    if (self)
        tk_list_remove (&self->link);
    pthread_mutex_unlock (&lock);
    free (self);
    return pipe;
}

tk_caller_t *
tk_caller_take_back (const void *host, uint64_t owner)
{
    tk_caller_t *found = NULL;
    pthread_mutex_lock (&lock);
    for (tk_link_t *at = table.next; !found && at != &table; at = at->next) {
        tk_caller_t *self = TK_MEMBER (at, tk_caller_t, link);
        if (self->host == host && (!owner || self->owner == owner))
            found = self;
    }
    if (found)
        tk_list_remove (&found->link);
    pthread_mutex_unlock (&lock);
    return found;
}
