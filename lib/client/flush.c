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

uint64_t
tk_lane_drain (tk_lane_t *self)
{
    pthread_mutex_lock (&self->lock);
    tk_lane_send_batch_locked (self);
    uint64_t casts = self->casts;
    pthread_mutex_unlock (&self->lock);
    return casts;
}

/* On the connection of the call nothing has to wait for the other one. But
 * casts keep their order: those that went by PUSH must be in. */
uint64_t
tk_lane_drain_by_call (tk_lane_t *self)
{
    pthread_mutex_lock (&self->lock);
    self->by_call = !self->unacked.count && tk_req_takes_casts (&self->req);
    tk_lane_send_batch_locked (self);
    self->by_call = false;
    uint64_t casts = self->casts;
    pthread_mutex_unlock (&self->lock);
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

bool
tk_lane_owes (tk_lane_t *self)
{
    pthread_mutex_lock (&self->lock);
    bool owes = self->batch_items || self->unacked.count;
    pthread_mutex_unlock (&self->lock);
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
    tk_buffer_fini (&args);
    return rc;
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
