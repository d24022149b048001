/* SPDX-License-Identifier: MPL-2.0 */
/*
 * monitor.c - what happens to the connections of a ZeroMQ socket.
 *
 * One message is two frames: event (16 bits) and value (32 bits), and the
 * address, which is of no use here.
 */
#include "monitor.h"

#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <zmq.h>
#include "lib/base/error.h"
#include "lib/base/runtime.h"

static int
watch (tk_monitor_t *self, void *socket, int events)
{
    static atomic_uint last;
    char name[64];
    size_t size = sizeof self->fd;
    snprintf (name, sizeof name, "inproc://troika.monitor.%u",
              atomic_fetch_add (&last, 1));
    if (zmq_socket_monitor (socket, name, events))
        return tk_zmq_errno ();
    self->watched = socket;
    if (zmq_connect (self->pair, name) ||
        zmq_getsockopt (self->pair, ZMQ_FD, &self->fd, &size))
        return tk_zmq_errno ();
    return 0;
}

int
tk_monitor_start (tk_monitor_t *self, void *socket, int events)
{
    memset (self, 0, sizeof *self);
    int rc = tk_socket (ZMQ_PAIR, &self->pair);
    if (!rc)
        rc = watch (self, socket, events);
    if (rc)
        tk_monitor_stop (self);
    return rc;
}

int
tk_monitor_next (tk_monitor_t *self, uint16_t *event, uint32_t *value)
{
    zmq_msg_t frame;
    int found = 0;
    if (!self->pair)
        return 0;
    zmq_msg_init (&frame);
    while (zmq_msg_recv (&frame, self->pair, ZMQ_DONTWAIT) >= 0) {
        if (zmq_msg_size (&frame) == 6 && zmq_msg_more (&frame)) {
            const char *data = zmq_msg_data (&frame);
            memcpy (event, data, 2);
            memcpy (value, data + 2, 4);
            found = 1;
        }
        if (found && !zmq_msg_more (&frame))
            break;
    }
    zmq_msg_close (&frame);
    return found;
}

void
tk_monitor_outlive (tk_monitor_t *self)
{
    self->watched = NULL;
}

void
tk_monitor_stop (tk_monitor_t *self)
{
    if (self->watched)
        zmq_socket_monitor (self->watched, NULL, 0);
    tk_socket_close (self->pair);
    memset (self, 0, sizeof *self);
}
