/* SPDX-License-Identifier: MPL-2.0 */
/*
 * kept.c - messages of a channel that wait in a list.
 *
 * A private sender keeps a copy of what it sends until a connection is up,
 * to leave it in a file if none comes (leave.c); the receiver has here what
 * it has read from that file.
 */
#include "patterns/pipe/channel.h"

#include <errno.h>
#include <stdlib.h>

int
tk_channel_keep (tk_channel_t *self, zmq_msg_t *frame)
{
    tk_kept_t *kept = malloc (sizeof *kept);
    if (!kept)
        return -ENOMEM;
    zmq_msg_init (&kept->frame);
    if (zmq_msg_copy (&kept->frame, frame)) {
        free (kept);
        return -ENOMEM;
    }
    tk_list_append (&self->kept, &kept->link);
    return 0;
}

void
tk_channel_take_kept (tk_channel_t *self)
{
    tk_kept_t *kept = TK_MEMBER (tk_list_pop (&self->kept), tk_kept_t, link);
    zmq_msg_move (&self->held, &kept->frame);
    zmq_msg_close (&kept->frame);
    free (kept);
    self->holds = true;
    self->data = zmq_msg_data (&self->held);
    self->size = zmq_msg_size (&self->held);
}

void
tk_channel_drop_kept (tk_channel_t *self)
{
    tk_link_t *link;
    while ((link = tk_list_pop (&self->kept))) {
        tk_kept_t *kept = TK_MEMBER (link, tk_kept_t, link);
        zmq_msg_close (&kept->frame);
        free (kept);
    }
}
