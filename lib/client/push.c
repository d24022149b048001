/* SPDX-License-Identifier: MPL-2.0 */
/*
 * push.c - the ways of a lane's casts to its manager.
 *
 * A PUSH of libzmq takes all, at any time, from the agent's thread, too. A
 * short one that leaves by the lane's own thread goes by its connection for
 * calls, if that is ours: no I/O thread is woken here. Invariant: nothing goes
 * there before all that went by PUSH is acknowledged, or has gone there, too;
 * the manager takes the first of the two. What is missing before one that
 * comes by PUSH it looks for there.
 */
#include "parts.h"

#include <errno.h>
#include "lib/base/error.h"
#include "lib/base/runtime.h"

/* The kernel takes this much as a whole or not at all; within one machine a
 * full batch, too. */
#define STRAIGHT_MAX 16384
#define NEAR_MAX 36000
/* So many casts that went by PUSH are rather sent again than waited for. */
#define BEHIND_MAX 4

int
tk_lane_open_push (tk_lane_t *self)
{
    if (self->push)
        return 0;
    void *push;
    self->session = self->client->session; /* known by now */
    int rc = tk_socket (ZMQ_PUSH, &push);
    if (rc)
        return rc;
    if (self->client->endpoint.keys)
        rc = tk_monitor_start (&self->push_monitor, push, TK_HANDSHAKE_EVENTS);
    if (!rc)
        rc = tk_endpoint_connect (&self->client->cast_endpoint, push);
    if (!rc) {
        self->push = push;
        return 0;
    }
    tk_monitor_stop (&self->push_monitor);
    tk_socket_close (push);
    return rc;
}

/* Calls were admitted, so this is rare: who was trusted then is not now. */
bool
tk_lane_is_refused (tk_lane_t *self)
{
    uint16_t event;
    uint32_t value;
    tk_lane_lock (self);
    while (tk_monitor_next (&self->push_monitor, &event, &value))
        tk_handshake_note (&self->push_handshake, event, value);
    bool refused = self->push_handshake.verdict != TK_HANDSHAKE_OPEN;
    tk_lane_unlock (self);
    return refused;
}

/* ZeroMQ's queue has no bound here, so that a send never has to wait. */
static void
send_copy (tk_lane_t *self, zmq_msg_t *frame)
{
    zmq_msg_t copy;
    zmq_msg_init (&copy);
    if (zmq_msg_copy (&copy, frame) ||
        zmq_msg_send (&copy, self->push, ZMQ_DONTWAIT) < 0)
        zmq_msg_close (&copy);
}

/* A burst is quicker by an I/O thread that works beside its producer; but who
 * has few places is to wait for others soon. */
static size_t
straight_max (const tk_lane_t *self)
{
    return self->way == TK_AT_ONCE ? NEAR_MAX : STRAIGHT_MAX;
}

/* By the lane's connection for calls, with the next one or at once; false:
 * this one has to go by PUSH. */
static bool
send_straight (tk_lane_t *self, zmq_msg_t *frame, uint64_t number)
{
    const void *data = zmq_msg_data (frame);
    size_t size = zmq_msg_size (frame);
    bool sent = false;
    if (self->way == TK_WITH_CALL)
        sent = !tk_req_cast (&self->req, data, size);
    else if (size <= straight_max (self))
        sent = tk_req_cast_now (&self->req, data, size);
    if (sent)
        self->straight = number;
    return sent;
}

/* How many unacknowledged casts went by PUSH only. */
static size_t
count_behind (const tk_lane_t *self)
{
    size_t count = self->unacked.count;
    uint64_t straight = self->straight;
    if (!count || tk_unacked_at (&self->unacked, count - 1)->number <= straight)
        return 0;
    uint64_t oldest = tk_unacked_at (&self->unacked, 0)->number;
    return oldest > straight ? count : (size_t)(self->casts - straight);
}

/* Casts keep their order over two connections: those that went by PUSH must
 * be in before one takes the other way. One that the agent sent in between
 * would turn all the next ones away from it, until somebody is told what is
 * in; so a few go that way again. */
static bool
catch_up (tk_lane_t *self)
{
    size_t count = self->unacked.count;
    size_t behind = count_behind (self);
    if (!tk_req_takes_casts (&self->req) || behind > BEHIND_MAX)
        return false;
    for (size_t i = count - behind; i < count; i++) {
        tk_kept_t *kept = tk_unacked_at (&self->unacked, i);
        if (!send_straight (self, &kept->frame, kept->number))
            return false;
    }
    return true;
}

/* What cannot be kept could not be sent again: it does not leave at all. */
int
tk_lane_send_frame (tk_lane_t *self, zmq_msg_t *frame, bool harmless)
{
    bool straight = self->way != TK_BY_PUSH && catch_up (self);
    int rc = tk_unacked_add (&self->unacked, self->casts + 1, frame, harmless);
    if (rc == 0) {
        self->casts++;
        if (!straight || !send_straight (self, frame, self->casts))
            send_copy (self, frame);
    }
    zmq_msg_close (frame);
    return rc;
}

/* Sends everything unacknowledged once more: behind a gap at once (but not
 * for each message that arrives behind the same gap), else when nothing has
 * been acknowledged for a whole beat. */
void
tk_lane_resend (tk_lane_t *self, tk_time_t now, bool gap)
{
    tk_lane_lock (self);
    size_t count = self->unacked.count;
    uint64_t oldest = count ? tk_unacked_at (&self->unacked, 0)->number : 0;
    tk_time_t pause = gap ? 100000 : 1000000;
    bool stuck = oldest && oldest == self->resent;
    if (oldest != self->resent)
        self->resent_at = now - (gap ? pause : 0);
    self->resent = oldest;
    if (oldest && (stuck || gap) && now - self->resent_at >= pause) {
        self->resent_at = now;
        self->straight = 0; /* that may have been lost */
        for (size_t i = 0; i < count; i++)
            send_copy (self, &tk_unacked_at (&self->unacked, i)->frame);
    }
    tk_lane_unlock (self);
}
