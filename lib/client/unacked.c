/* SPDX-License-Identifier: MPL-2.0 */
/*
 * unacked.c - the casts of a lane that the manager has not acknowledged.
 *
 * A ring in the order of their numbers. The frames share their bytes with
 * what ZeroMQ is sending.
 */
#include "parts.h"

#include <errno.h>
#include <stdlib.h>

tk_kept_t *
tk_unacked_at (const tk_unacked_t *self, size_t index)
{
    return &self->ring[(self->first + index) & (self->room - 1)];
}

static int
grow (tk_unacked_t *self)
{
    size_t room = self->room ? 2 * self->room : 16;
    tk_kept_t *ring = calloc (room, sizeof *ring);
    if (!ring)
        return -ENOMEM;
    for (size_t i = 0; i < self->count; i++)
        ring[i] = *tk_unacked_at (self, i);
    free (self->ring);
    self->ring = ring;
    self->room = room;
    self->first = 0;
    return 0;
}

int
tk_unacked_add (tk_unacked_t *self, uint64_t number, zmq_msg_t *frame,
                bool harmless)
{
    if (self->count == self->room && grow (self))
        return -ENOMEM;
    tk_kept_t *kept = tk_unacked_at (self, self->count);
    kept->number = number;
    kept->harmless = harmless;
    zmq_msg_init (&kept->frame);
    if (zmq_msg_copy (&kept->frame, frame))
        return -ENOMEM;
    self->count++;
    self->bytes += zmq_msg_size (frame);
    return 0;
}

void
tk_unacked_drop (tk_unacked_t *self, uint64_t number)
{
    while (self->count && tk_unacked_at (self, 0)->number <= number) {
        tk_kept_t *kept = tk_unacked_at (self, 0);
        self->bytes -= zmq_msg_size (&kept->frame);
        zmq_msg_close (&kept->frame);
        self->first = (self->first + 1) & (self->room - 1);
        self->count--;
    }
}

void
tk_unacked_fini (tk_unacked_t *self)
{
    tk_unacked_drop (self, UINT64_MAX);
    free (self->ring);
    self->ring = NULL;
    self->room = 0;
}
