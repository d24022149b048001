/* SPDX-License-Identifier: MPL-2.0 */
/*
 * envelope.c - a ROUTER's messages: some frames of address, one of body.
 *
 * REQ sends [id][""][body], a correlating REQ [id][number][""][body], a
 * DEALER what it likes. Whatever comes before the body is sent back before
 * the reply. The frames stay ZeroMQ messages: short ones need no memory.
 */
#include "parts.h"

#include <errno.h>

void
tk_envelope_init (tk_envelope_t *self)
{
    self->count = 0;
    self->peer = NULL;
}

void
tk_envelope_fini (tk_envelope_t *self)
{
    while (self->count > 0)
        zmq_msg_close (&self->frames[--self->count]);
    tk_peer_unref (self->peer);
    self->peer = NULL;
}

/* The rest of a message that is nobody's. */
static void
drop_rest (void *router)
{
    zmq_msg_t frame;
    int more = 1;
    while (more) {
        zmq_msg_init (&frame);
        more = zmq_msg_recv (&frame, router, ZMQ_DONTWAIT) >= 0 &&
               zmq_msg_more (&frame);
        zmq_msg_close (&frame);
    }
}

int
tk_envelope_recv (tk_envelope_t *self, zmq_msg_t *body, void *router)
{
    for (;;) {
        zmq_msg_init (body);
        if (zmq_msg_recv (body, router, ZMQ_DONTWAIT) < 0) {
            zmq_msg_close (body);
            return self->count ? -EBADMSG : 0;
        }
        if (!zmq_msg_more (body))
            return 1;
        if (self->count == TK_ENVELOPE_MAX) {
            zmq_msg_close (body);
            drop_rest (router);
            return -EBADMSG;
        }
        zmq_msg_t *frame = &self->frames[self->count++];
        zmq_msg_init (frame);
        zmq_msg_move (frame, body);
        zmq_msg_close (body);
    }
}

static int
send_frame (zmq_msg_t *frame, void *router, int flags)
{
    if (zmq_msg_send (frame, router, flags | ZMQ_DONTWAIT) >= 0)
        return 0;
    int error = errno;
    zmq_msg_close (frame);
    return -error;
}

/* Only the first frame can be refused: it names the peer. */
int
tk_envelope_send (tk_envelope_t *self, zmq_msg_t *body, void *router)
{
    int rc = 0;
    for (int i = 0; i < self->count; i++) {
        if (rc)
            zmq_msg_close (&self->frames[i]);
        else
            rc = send_frame (&self->frames[i], router, ZMQ_SNDMORE);
    }
    self->count = 0;
    if (rc)
        zmq_msg_close (body);
    else
        rc = send_frame (body, router, 0);
    return rc;
}

/* FNV-1a over the routing id; the top bit keeps clear of lane owners. */
uint64_t
tk_envelope_peer (const tk_envelope_t *self, const tk_port_t *port)
{
    uint64_t hash = UINT64_C (0xcbf29ce484222325) ^ port->number;
    if (!self->count)
        return UINT64_C (1) << 63;
    const uint8_t *at = zmq_msg_data ((zmq_msg_t *)&self->frames[0]);
    size_t size = zmq_msg_size (&self->frames[0]);
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ at[i]) * UINT64_C (0x100000001b3);
    return hash | UINT64_C (1) << 63;
}
