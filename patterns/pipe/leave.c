/* SPDX-License-Identifier: MPL-2.0 */
/*
 * leave.c - what a sender has sent and nobody has yet come for.
 *
 * An end of troika_pipe_new() may be used, closed, and its process ended,
 * before the process of the other end has opened a socket. To wait for that
 * would hang a parent that joins its child before it reads. So the messages
 * go to a file in the pipe's private directory: each with its size before
 * it (8 bytes, this host's order), at the end the size LAST. The file gets
 * its name when it is complete. The receiver passes over what came by the
 * socket after all.
 */
#include "patterns/pipe/channel.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "lib/base/error.h"
#include "lib/base/runtime.h"

#define LAST UINT64_MAX

static bool
write_kept (tk_channel_t *self, FILE *file)
{
    uint64_t size = LAST;
    bool good = true;
    for (tk_link_t *at = self->kept.next; good && at != &self->kept;
         at = at->next) {
        zmq_msg_t *frame = &TK_MEMBER (at, tk_kept_t, link)->frame;
        uint64_t bytes = zmq_msg_size (frame);
        good = fwrite (&bytes, sizeof bytes, 1, file) == 1 &&
               fwrite (zmq_msg_data (frame), bytes, 1, file) == 1;
    }
    return good && fwrite (&size, sizeof size, 1, file) == 1;
}

int
tk_leave_write (tk_channel_t *self)
{
    char draft[TK_ADDRESS_MAX];
    if (tk_list_empty (&self->kept) || !self->leaving)
        return 0;
    snprintf (draft, sizeof draft, "%s~", self->leaving);
    int fd = open (draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    FILE *file = fd < 0 ? NULL : fdopen (fd, "w");
    if (!file)
        return -errno;
    bool good = write_kept (self, file);
    good = fclose (file) == 0 && good;
    if (good && !rename (draft, self->leaving))
        return 0;
    int rc = -errno;
    unlink (draft);
    return rc;
}

static int
add (tk_channel_t *self, const void *data, size_t size)
{
    zmq_msg_t frame;
    if (zmq_msg_init_size (&frame, size))
        return -ENOMEM;
    memcpy (zmq_msg_data (&frame), data, size);
    int rc = tk_channel_keep (self, &frame);
    zmq_msg_close (&frame);
    return rc;
}

/* 1: all of it was there. */
static int
read_messages (tk_channel_t *self, FILE *file)
{
    uint64_t size, number = 0;
    int rc = 0;
    while (!rc && fread (&size, sizeof size, 1, file) == 1 && size != LAST) {
        void *data = size > TK_FRAME_LIMIT ? NULL : malloc (size + 1);
        if (!data || fread (data, size, 1, file) != 1)
            rc = -ENOMEM;
        else if (++number > self->arrived)
            rc = add (self, data, size);
        free (data);
    }
    return rc ? rc : 1;
}

int
tk_leave_read (tk_channel_t *self)
{
    FILE *file = self->leaving ? fopen (self->leaving, "re") : NULL;
    if (!file)
        return 0;
    int rc = read_messages (self, file);
    fclose (file);
    if (rc > 0)
        unlink (self->leaving);
    return rc;
}
