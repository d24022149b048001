/* SPDX-License-Identifier: MPL-2.0 */
/*
 * watch.h - what the agent's thread sleeps on, gathered anew for each sleep.
 *
 * What does not fit into the set is looked at every ROUND_MS; so many ends
 * that are fresh or being buried at once are rare.
 */
#ifndef TK_PIPE_WATCH_H
#define TK_PIPE_WATCH_H

#include <poll.h>
#include "patterns/pipe/channel.h"

#define SET_MAX 64 /* descriptors watched at once */
#define ROUND_MS 100

typedef struct {
    struct pollfd fds[SET_MAX];
    nfds_t count;
    tk_time_t until;
} watch_t;

static inline void
watch_until (watch_t *watch, tk_time_t time)
{
    if (watch->until > time)
        watch->until = time;
}

static inline void
watch_fd (watch_t *watch, int fd)
{
    if (watch->count < SET_MAX)
        watch->fds[watch->count++] = (struct pollfd){fd, POLLIN, 0};
    else
        watch_until (watch, tk_clock_us () + ROUND_MS * 1000);
}

static inline void
watch_channel (watch_t *watch, const tk_channel_t *channel)
{
    watch_fd (watch, channel->fd);
    watch_fd (watch, channel->monitor.fd);
}

#endif
