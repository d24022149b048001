/* SPDX-License-Identifier: MPL-2.0 */
/*
 * wake.c - one thread wakes another that sleeps in poll(2).
 *
 * Both descriptors are non-blocking and close-on-exec; on Linux they are
 * one eventfd.
 */
#include "wake.h"

#include <errno.h>
#include <stdint.h>
#include <unistd.h>
#include "sys.h"

int
tk_wake_init (tk_wake_t *self)
{
    int fds[2];
    int rc = tk_sys_event (fds);
    if (rc)
        fds[0] = fds[1] = -1;
    self->read_fd = fds[0];
    self->write_fd = fds[1];
    return rc;
}

void
tk_wake_fini (tk_wake_t *self)
{
    if (self->read_fd >= 0)
        close (self->read_fd);
    if (self->write_fd >= 0 && self->write_fd != self->read_fd)
        close (self->write_fd);
    self->read_fd = self->write_fd = -1;
}

void
tk_wake_raise (tk_wake_t *self)
{
    uint64_t one = 1;
    /* EAGAIN: it is raised already. */
    while (write (self->write_fd, &one, sizeof one) < 0 && errno == EINTR)
        ;
}

void
tk_wake_lower (tk_wake_t *self)
{
    uint64_t count[64];
    while (read (self->read_fd, count, sizeof count) < 0 && errno == EINTR)
        ;
}
