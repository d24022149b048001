/* SPDX-License-Identifier: MPL-2.0 */
/*
 * end.c - the life of an end: made, opened by whoever uses it first, closed.
 *
 * All ends of this process are in one list, for fork() and for the exit. A
 * child finds its locks new, and gives back at once what tells the peer that
 * an end of its parent's lives. At exit every open end is closed, so that
 * what was sent arrives.
 */
#include "patterns/pipe/end.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
#include "lib/base/error.h"
#include "lib/base/runtime.h"

static pthread_mutex_t list_lock = PTHREAD_MUTEX_INITIALIZER;
static tk_link_t ends = {&ends, &ends};

static bool
is_open_here (const troika_pipe_t *self)
{
    return atomic_load (&self->generation) == tk_generation ();
}

static void
give_back (int *fd)
{
    if (*fd >= 0)
        close (*fd);
    *fd = -1;
}

/* --- closing */

static void
say_end (tk_channel_t *channel)
{
    static const tk_amount_t none;
    tk_channel_flush (channel);
    tk_channel_pull (channel);
    if (channel->state < TK_CHANNEL_ENDED)
        tk_channel_say (channel, TK_SAYS_END, none);
}

/* Over tcp, to close with input unread would cut off what was sent; and a
 * process that ends must know that it has left. */
static bool
needs_burial (const troika_pipe_t *self, const tk_channel_t *channel)
{
    return self->endpoint.transport != TK_INPROC &&
           channel->state < TK_CHANNEL_ENDED && channel->connected > 0 &&
           (channel->up || channel->peer >= 0);
}

/* What is unsent has nobody to go to: the other end is gone, or a connect has
 * failed. libzmq would connect again and again, and hand it to whoever binds
 * that address next. */
static bool
is_pointless (const tk_channel_t *channel)
{
    return channel->state >= TK_CHANNEL_ENDED ||
           (channel->greets && !channel->private &&
            channel->state == TK_CHANNEL_FRESH);
}

/* returns: how long what was sent may take to leave. */
static int
part (tk_channel_t *channel, int linger_ms)
{
    pthread_mutex_lock (&channel->lock);
    tk_channel_expel (channel);
    if (channel->socket) {
        say_end (channel);
        tk_channel_look (channel);
        if (channel->sends && channel->private && !channel->up &&
            !tk_leave_write (channel))
            linger_ms = 0;
        if (is_pointless (channel))
            linger_ms = 0;
    }
    pthread_mutex_unlock (&channel->lock);
    return linger_ms;
}

/* Once it is closing, nobody else touches more of it than its lock. */
static void
close_channel (troika_pipe_t *self, tk_channel_t *channel, tk_time_t deadline)
{
    int linger_ms = part (channel, tk_deadline_poll (deadline));
    bool open = channel->socket;
    if (open && needs_burial (self, channel))
        tk_pipe_agent_bury (self, channel, deadline);
    if (open)
        tk_channel_close (channel, linger_ms);
}

/* That it was closed is known before the kernel tells that nobody holds this
 * side any more: without it, the peer takes this side for lost. */
static void
close_here (troika_pipe_t *self, tk_time_t deadline)
{
    tk_pipe_agent_forget (self);
    if (self->sends)
        close_channel (self, &self->out, deadline);
    if (self->receives)
        close_channel (self, &self->in, deadline);
    if (self->binds) {
        tk_endpoint_unlink (&self->second);
        tk_endpoint_unlink (&self->endpoint);
    }
    tk_place_closed (self);
    give_back (&self->in.life);
    give_back (&self->out.life);
}

/* A copy that this process has not used, or that its parent did. */
static void
close_copy (troika_pipe_t *self)
{
    give_back (&self->in.life);
    give_back (&self->out.life);
    tk_wake_fini (&self->in.wake);
    tk_wake_fini (&self->out.wake);
}

static void
end_close (troika_pipe_t *self, tk_time_t deadline)
{
    if (atomic_exchange (&self->closed, true))
        return;
    pthread_mutex_lock (&self->lock);
    if (is_open_here (self))
        close_here (self, deadline);
    else
        close_copy (self);
    tk_place_leave (self);
    pthread_mutex_unlock (&self->lock);
    atomic_fetch_add (&tk_channel_closes, 1);
}

static tk_time_t
linger_deadline (void)
{
    int linger = tk_linger_ms ();
    return linger < 0 ? TK_NEVER : tk_clock_us () + (tk_time_t)linger * 1000;
}

/* Whoever closes an end may leave by _exit() next, as after a fork: what was
 * sent has left this process then. */
void
troika_pipe_close (troika_pipe_t *self)
{
    if (!self)
        return;
    end_close (self, linger_deadline ());
    tk_pipe_agent_rest (self);
}

void
tk_end_destroy (troika_pipe_t *self)
{
    if (!self)
        return;
    end_close (self, linger_deadline ());
    pthread_mutex_lock (&list_lock);
    tk_list_remove (&self->link);
    pthread_mutex_unlock (&list_lock);
    tk_channel_fini (&self->in);
    tk_channel_fini (&self->out);
    pthread_mutex_destroy (&self->lock);
    free (self);
}

void
troika_pipe_destroy (troika_pipe_t **self_p)
{
    if (!self_p)
        return;
    troika_pipe_close (*self_p);
    tk_end_destroy (*self_p);
    *self_p = NULL;
}

/* --- fork and exit */

static void
before_fork (void)
{
    pthread_mutex_lock (&list_lock);
    tk_pipe_agent_lock ();
}

static void
after_fork (void)
{
    tk_pipe_agent_unlock ();
    pthread_mutex_unlock (&list_lock);
}

static void
renew_channel (tk_channel_t *channel)
{
    pthread_mutex_init (&channel->lock, NULL);
    pthread_cond_init (&channel->left, NULL);
    channel->sleepers = 0;
    channel->socket = NULL;
}

static void
in_child (void)
{
    pthread_mutex_init (&list_lock, NULL);
    tk_pipe_agent_child ();
    for (tk_link_t *at = ends.next; at != &ends; at = at->next) {
        troika_pipe_t *end = TK_MEMBER (at, troika_pipe_t, link);
        pthread_mutex_init (&end->lock, NULL);
        renew_channel (&end->in);
        renew_channel (&end->out);
        if (end->generation) {
            give_back (&end->in.life);
            give_back (&end->out.life);
        }
    }
}

static int
at_exit (tk_time_t deadline)
{
    pthread_mutex_lock (&list_lock);
    for (tk_link_t *at = ends.next; at != &ends; at = at->next)
        end_close (TK_MEMBER (at, troika_pipe_t, link), deadline);
    pthread_mutex_unlock (&list_lock);
    return tk_pipe_agent_finish (deadline);
}

static const tk_module_t module = {.phase = TK_PHASE_PIPE,
                                   .prepare = before_fork,
                                   .parent = after_fork,
                                   .child = in_child,
                                   .exit = at_exit};

/* --- making and using */

int
tk_end_new (troika_pipe_t **self_p, bool receives, bool sends)
{
    troika_pipe_t *self = calloc (1, sizeof *self);
    *self_p = self;
    if (!self)
        return -ENOMEM;
    pthread_mutex_init (&self->lock, NULL);
    tk_list_init (&self->link);
    tk_list_init (&self->greeting);
    tk_list_init (&self->open);
    self->receives = receives;
    self->sends = sends;
    self->listener = -1;
    tk_channel_init (&self->in, false);
    tk_channel_init (&self->out, true);
    atomic_init (&self->sender, &self->out);
    self->out.sibling = receives ? &self->in : NULL;
    return 0;
}

int
tk_end_enlist (troika_pipe_t *self)
{
    int rc = tk_module (&module);
    if (rc)
        return rc;
    pthread_mutex_lock (&list_lock);
    tk_list_append (&ends, &self->link);
    pthread_mutex_unlock (&list_lock);
    return 0;
}

void
tk_end_opened (troika_pipe_t *self)
{
    self->owner = getpid ();
    atomic_store (&self->generation, tk_generation ());
    tk_pipe_agent_watch (self);
}

int
tk_end_check (const troika_pipe_t *self, tk_direction_t direction)
{
    if (!self)
        return tk_error (EINVAL, "no pipe");
    if (atomic_load_explicit (&self->closed, memory_order_relaxed))
        return tk_error (EPIPE, "this end of the pipe is closed");
    if (direction == TK_RECEIVING && !self->receives)
        return tk_error (EPERM, "this end of the pipe only sends");
    if (direction == TK_SENDING && !self->sends)
        return tk_error (EPERM, "this end of the pipe only receives");
    return 0;
}

int
tk_end_words (const troika_pipe_t *self, int rc, int timeout)
{
    if (rc >= 0 || !self)
        return rc;
    if (rc == -ETIMEDOUT)
        tk_error (ETIMEDOUT, "%s after %d ms", tk_error_text (ETIMEDOUT),
                  timeout);
    return tk_error_where (-rc, self->text);
}

/* First use: in this process, unless it was in another. */
static int
open_here (troika_pipe_t *self)
{
    int rc = 0;
    pthread_mutex_lock (&self->lock);
    if (self->closed)
        rc = tk_error (EPIPE, "this end of the pipe is closed");
    else if (self->generation && !is_open_here (self))
        rc = tk_error (EPERM,
                       "this end of the pipe is in use by process %d; only "
                       "the process that used it first may use it",
                       (int)self->owner);
    else if (!self->generation)
        rc = tk_place_open (self);
    pthread_mutex_unlock (&self->lock);
    return rc;
}

int
tk_end_enter (troika_pipe_t *self, tk_direction_t direction,
              tk_channel_t **channel)
{
    int rc = is_open_here (self) ? 0 : open_here (self);
    if (rc)
        return rc;
    *channel =
        direction == TK_RECEIVING ? &self->in : atomic_load (&self->sender);
    pthread_mutex_lock (&(*channel)->lock);
    if (!(*channel)->closing)
        return 0;
    rc = tk_channel_failure (*channel);
    tk_end_leave (*channel);
    return rc;
}

/* Of those who sleep one was woken, perhaps this one: if there is more to
 * do, another's turn has come. Where there is no agent, what is due is done
 * now. */
void
tk_end_leave (tk_channel_t *channel)
{
    if (channel->sleepers &&
        (channel->holds || channel->state >= TK_CHANNEL_ENDED ||
         (channel->sends && tk_channel_has_room (channel, 0))))
        tk_wake_raise (&channel->wake);
    bool due = atomic_load_explicit (&channel->due, memory_order_relaxed);
    pthread_mutex_unlock (&channel->lock);
    if (!due || !tk_pipe_agent_tick ())
        return;
    pthread_mutex_lock (&channel->lock);
    tk_channel_tick (channel);
    pthread_mutex_unlock (&channel->lock);
}
