/* SPDX-License-Identifier: MPL-2.0 */
/*
 * loss.c - finds out whose casts were lost with a session, and tells them.
 *
 * It is kept with the handles, so that it goes with them: one that is made
 * later knows nothing of it. Two handles of one object both tell.
 */
#include "loss.h"

#include <stdlib.h>
#include <string.h>
#include "parts.h"

void
tk_loss_init (tk_loss_t *self)
{
    *self = (tk_loss_t){0};
    pthread_mutex_init (&self->lock, NULL);
}

void
tk_loss_fini (tk_loss_t *self)
{
    free (self->losers);
    pthread_mutex_destroy (&self->lock);
}

/* The thread's entry, a new one if need be; NULL: no memory. */
static tk_loser_t *
entry_of (tk_loss_t *self, uint64_t thread)
{
    for (size_t i = 0; i < self->count; i++)
        if (self->losers[i].thread == thread)
            return &self->losers[i];
    if (self->count == self->room) {
        size_t room = self->room ? 2 * self->room : 4;
        tk_loser_t *losers = realloc (self->losers, room * sizeof *losers);
        if (!losers)
            return NULL;
        self->losers = losers;
        self->room = room;
    }
    return &self->losers[self->count++];
}

void
tk_loss_add (tk_loss_t *self, uint64_t thread)
{
    pthread_mutex_lock (&self->lock);
    tk_loser_t *loser = entry_of (self, thread);
    if (loser)
        *loser = (tk_loser_t){.thread = thread};
    else
        self->anybody = true;
    atomic_store (&self->any, true);
    pthread_mutex_unlock (&self->lock);
}

static bool
tell (tk_loss_t *self, uint64_t thread, bool flush)
{
    size_t kept = 0;
    bool told = self->anybody;
    self->anybody = false;
    for (size_t i = 0; i < self->count; i++) {
        tk_loser_t loser = self->losers[i];
        if (loser.thread == thread || (flush && !loser.flushed))
            told = true;
        loser.flushed = loser.flushed || flush;
        if (loser.thread != thread && (loser.thread || !flush))
            self->losers[kept++] = loser;
    }
    self->count = kept;
    atomic_store (&self->any, kept > 0);
    return told;
}

bool
tk_loss_tell (tk_loss_t *self, tk_told_t told)
{
    if (told == TK_UNTOLD || !atomic_load (&self->any))
        return false;
    pthread_mutex_lock (&self->lock);
    bool news = tell (self, tk_lane_thread (), told == TK_BY_FLUSH);
    pthread_mutex_unlock (&self->lock);
    return news;
}

bool
tk_loss_drop (tk_loss_t *self)
{
    pthread_mutex_lock (&self->lock);
    bool untold = self->anybody;
    for (size_t i = 0; i < self->count; i++)
        untold = untold || !self->losers[i].flushed;
    self->count = 0;
    self->anybody = false;
    atomic_store (&self->any, false);
    pthread_mutex_unlock (&self->lock);
    return untold;
}

bool
tk_listener_is (const tk_listener_t *self, const char *object, size_t length)
{
    return strlen (self->object) == length &&
           !memcmp (self->object, object, length);
}

static void
note (tk_client_t *client, const tk_lane_t *lane, const char *object,
      size_t length)
{
    uint64_t thread = atomic_load (&lane->left) ? 0 : lane->thread;
    for (tk_link_t *at = client->listeners.next; at != &client->listeners;
         at = at->next) {
        tk_listener_t *listener = TK_MEMBER (at, tk_listener_t, link);
        if (tk_listener_is (listener, object, length))
            tk_loss_add (&listener->loss, thread);
    }
}

/* Its object; mostly the same as that of the cast before. */
static void
note_frame (tk_client_t *client, const tk_lane_t *lane, zmq_msg_t *frame,
            const char **object_p, size_t *length_p)
{
    uint32_t count;
    const char *object;
    size_t length;
    tk_cursor_t cursor = tk_cursor (zmq_msg_data (frame), zmq_msg_size (frame));
    if (tk_cursor_array (&cursor, &count) ||
        tk_cursor_str (&cursor, &object, &length))
        return;
    if (length != *length_p || memcmp (object, *object_p, length) != 0)
        note (client, lane, object, length);
    *object_p = object;
    *length_p = length;
}

void
tk_lane_note_loss (tk_lane_t *self)
{
    const char *object = "";
    size_t length = SIZE_MAX; /* none yet */
    for (size_t i = 0; i < self->unacked.count; i++) {
        tk_kept_t *kept = tk_unacked_at (&self->unacked, i);
        if (!kept->harmless)
            note_frame (self->client, self, &kept->frame, &object, &length);
    }
    if (self->batch_items && !self->batch_harmless)
        note (self->client, self, self->batch_object,
              strlen (self->batch_object));
}
