/* SPDX-License-Identifier: MPL-2.0 */
/*
 * monitor.h - what happens to the connections of a ZeroMQ socket.
 *
 * Events come from libzmq's I/O thread, which stops for all sockets when
 * nobody reads them: the reader is there before the first event, has no
 * bound, and must be drained whenever its descriptor is ready.
 */
#ifndef TK_WIRE_MONITOR_H
#define TK_WIRE_MONITOR_H

#include <stdint.h>

typedef struct {
    void *watched;
    void *pair;
    int fd;     /* ZMQ_FD of pair: poll it, then drain */
} tk_monitor_t; /* zeroed is stopped */

/* Watches ZMQ_EVENT_… bits of a socket that is not bound or connected yet. */
int tk_monitor_start (tk_monitor_t *self, void *socket, int events);

/* The next event and its value (a descriptor mostly): 1, or 0 when there is
 * none. */
int tk_monitor_next (tk_monitor_t *self, uint16_t *event, uint32_t *value);

/* The watched socket is about to be closed; the monitor stays, to tell when
 * that is done: ZMQ_EVENT_MONITOR_STOPPED. */
void tk_monitor_outlive (tk_monitor_t *self);

/* Before the watched socket is closed. */
void tk_monitor_stop (tk_monitor_t *self);

#endif
