/* SPDX-License-Identifier: MPL-2.0 */
/*
 * handshake.h - why a connection of ours does not come about, as far as keys
 * are at fault.
 *
 * libzmq tries for ever, or gives up without a word; what it tells a monitor
 * is gathered here. Some of it is certain. A server that just hangs up may
 * also be one that is ending, so then it is asked what it speaks.
 */
#ifndef TK_AUTH_HANDSHAKE_H
#define TK_AUTH_HANDSHAKE_H

#include <stdbool.h>
#include <stdint.h>
#include <zmq.h>
#include "lib/wire/endpoint.h"

/* What the monitor of the connecting socket has to tell at least. */
#define TK_HANDSHAKE_EVENTS                                                    \
    (ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |         \
     ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |                                    \
     ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL)

typedef enum {
    TK_HANDSHAKE_OPEN,     /* it may still succeed */
    TK_HANDSHAKE_MISMATCH, /* one side has keys, the other has none */
    TK_HANDSHAKE_OTHER,    /* the server has other keys than we expect */
    TK_HANDSHAKE_UNTRUSTED /* the server does not admit our key */
} tk_verdict_t;

typedef struct {
    int hung_up; /* connections that broke without a reason, since the last
                    look or success */
    tk_verdict_t verdict;
} tk_handshake_t; /* zeroed is new */

void tk_handshake_note (tk_handshake_t *self, uint16_t event, uint32_t value);

/* 0, or -EACCES with words. Asking the server may take half a second. */
int tk_handshake_check (tk_handshake_t *self, const tk_endpoint_t *endpoint);

#endif
