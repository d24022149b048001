/* SPDX-License-Identifier: MPL-2.0 */
/*
 * flush.c - until casts have been carried out: fences, for a call to wait
 * behind, of one lane or of all.
 *
 * A cast is on its way until it is acknowledged. A lane's own calls come
 * behind its casts anyway; what other threads have cast is waited for by
 * those who ask for it, and a thread that ends leaves nothing under way.
 */
#include "parts.h"

#include <errno.h>
#include <poll.h>
#include "lib/base/error.h"

void
tk_lane_drain_own (tk_lane_t *self)
{
    tk_lane_lock_own (self, TK_BY_THREAD);
    tk_lane_send_batch_locked (self);
    tk_lane_unlock_own (self);
}

uint64_t
tk_lane_drain (tk_lane_t *self)
{
    tk_lane_lock (self);
    tk_lane_send_batch_locked (self);
    uint64_t casts = self->casts;
    tk_lane_unlock (self);
    return casts;
}

/* On the connection of the call nothing has to wait for the other one. */
uint64_t
tk_lane_drain_by_call (tk_lane_t *self)
{
    tk_lane_lock_own (self, TK_WITH_CALL);
    tk_lane_send_batch_locked (self);
    uint64_t casts = self->casts;
    tk_lane_unlock_own (self);
    return casts;
}

void
tk_client_write_fences (tk_client_t *self, tk_buffer_t *args)
{
    uint32_t count = 0;
    size_t at = tk_write_array32 (args);
    pthread_mutex_lock (&self->lock);
    for (tk_link_t *link = self->lanes.next; link != &self->lanes;
         link = link->next) {
        tk_lane_t *lane = TK_MEMBER (link, tk_lane_t, link);
        uint64_t casts = tk_lane_drain (lane);
        if (!casts)
            continue;
        tk_write_array (args, 2);
        tk_write_uint (args, lane->number);
        tk_write_uint (args, casts);
        count++;
    }
    pthread_mutex_unlock (&self->lock);
    tk_patch_array32 (args, at, count);
}

/* So many casts of that lane are in; behind a gap (TK_NEVER: there is none)
 * the others are sent again. */
static void
acknowledge (tk_client_t *client, uint64_t number, uint64_t casts,
             tk_time_t gap)
{
    tk_lane_t *found = NULL;
    pthread_mutex_lock (&client->lock);
    for (tk_link_t *at = client->lanes.next; !found && at != &client->lanes;
         at = at->next) {
        tk_lane_t *lane = TK_MEMBER (at, tk_lane_t, link);
        if (lane->number == number)
            found = lane;
    }
    if (found)
        tk_lane_acknowledge (found, casts);
    if (found && gap != TK_NEVER)
        tk_lane_resend (found, gap, true);
    pthread_mutex_unlock (&client->lock);
}

int
tk_client_read_fences (tk_client_t *self, tk_cursor_t *cursor, tk_time_t gap)
{
    uint32_t count;
    uint32_t pair;
    uint64_t number;
    uint64_t casts;
    if (tk_cursor_array (cursor, &count))
        return -EBADMSG;
    while (count--) {
        if (tk_cursor_array (cursor, &pair) || pair != 2 ||
            tk_cursor_uint (cursor, &number) || tk_cursor_uint (cursor, &casts))
            return -EBADMSG;
        acknowledge (self, number, casts, gap);
    }
    return 0;
}

bool
tk_lane_owes (tk_lane_t *self)
{
    tk_lane_lock (self);
    bool owes = self->batch_items || self->unacked.count;
    tk_lane_unlock (self);
    return owes;
}

static bool
others_owe (tk_client_t *self, const tk_lane_t *mine)
{
    bool found = false;
    pthread_mutex_lock (&self->lock);
    for (tk_link_t *at = self->lanes.next; !found && at != &self->lanes;
         at = at->next) {
        tk_lane_t *lane = TK_MEMBER (at, tk_lane_t, link);
        found = lane != mine && tk_lane_owes (lane);
    }
    pthread_mutex_unlock (&self->lock);
    return found;
}

int
tk_client_flush_others (tk_client_t *self, tk_time_t deadline)
{
    tk_lane_t *lane;
    int rc = tk_lane_get (self, &lane);
    if (rc || !others_owe (self, lane))
        return rc;
    return tk_client_flush (self, deadline);
}

/* What the fences named is in. */
static void
take_in (tk_client_t *self, const tk_buffer_t *args)
{
    uint32_t count;
    tk_cursor_t cursor = tk_cursor (tk_buffer_data (args), args->size);
    if (!tk_cursor_array (&cursor, &count))
        tk_client_read_fences (self, &cursor, TK_NEVER);
}

int
tk_client_flush (tk_client_t *self, tk_time_t deadline)
{
    tk_target_t target = {.object = "", .method = "flush", .harmless = true};
    tk_buffer_t args;
    tk_buffer_init (&args);
    tk_write_array (&args, 1);
    tk_client_write_fences (self, &args);
    int rc = tk_buffer_error (&args);
    if (!rc)
        rc = tk_client_call (self, &target, deadline, &args, NULL);
    if (!rc)
        take_in (self, &args);
    tk_buffer_fini (&args);
    return rc;
}

/* It tells the agent, by another connection. */
void
tk_client_await_end (tk_client_t *self)
{
    tk_lane_t *lane;
    tk_time_t until = tk_clock_us () + TK_LAST_WORDS_US;
    if (tk_lane_get (self, &lane))
        return;
    while (tk_client_state (self) == TK_OPEN && tk_clock_us () < until) {
        struct pollfd set = {.fd = lane->wake.read_fd, .events = POLLIN};
        poll (&set, 1, tk_deadline_poll (until));
        tk_wake_lower (&lane->wake);
    }
}

/* Other failures than lateness are the manager's loss or end. */
int
tk_client_flush_out (tk_client_t *self, tk_time_t deadline)
{
    int rc;
    do
        rc = tk_client_flush (self, deadline);
    while (rc == -EINTR);
    if (rc != -EAGAIN && rc != -ETIMEDOUT)
        return 0;
    return tk_error (ETIMEDOUT, "what was put could not be flushed in time");
}

/* Before this call of the lane, its casts are carried out. */
int
tk_lane_flush (tk_lane_t *self, tk_time_t deadline)
{
    tk_target_t target = {.object = "", .method = "flush", .harmless = true};
    tk_buffer_t args;
    tk_buffer_init (&args);
    tk_write_array (&args, 1);
    tk_write_array (&args, 0);
    int rc = tk_buffer_error (&args);
    if (!rc)
        rc = tk_lane_call (self, &target, deadline, &args, NULL);
    tk_buffer_fini (&args);
    return rc;
}
