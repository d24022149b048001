/* SPDX-License-Identifier: MPL-2.0 */
/*
 * end.h - one end of a pipe: up to two channels, and whose they are.
 *
 * An end is unused until a process opens it; from then on it belongs to that
 * process, and copies elsewhere can only be closed. Order of locks: the list
 * of ends, the end's, the agent's, the channel's.
 */
#ifndef TK_PIPE_END_H
#define TK_PIPE_END_H

#include <troika/pipe.h>
#include "patterns/pipe/channel.h"

typedef enum { TK_RECEIVING, TK_SENDING } tk_direction_t;

/* place.c: what the two ends of troika_pipe_new() have in common, unless it
 * is inproc: where each end receives, a private directory, who uses which
 * end. Whoever drops it last, of all processes, removes the directory. */
typedef struct tk_place tk_place_t;

struct troika_pipe {
    tk_link_t link;     /* among this process's ends */
    tk_link_t greeting; /* in the agent's care until the peer has come */
    tk_link_t open;     /* in the agent's care while it is open */
    pthread_mutex_t lock;
    atomic_uint generation; /* of the process that opened it; 0: none yet */
    pid_t owner;            /* that process */
    atomic_bool closed;     /* by this process */
    bool receives;
    bool sends;
    tk_channel_t in;
    tk_channel_t out;
    _Atomic (tk_channel_t *) sender; /* &out; &in for a plain peer */

    tk_place_t *place; /* of troika_pipe_new(), else NULL */
    unsigned side;     /* there: 0 or 1 */
    int listener;      /* there: what the peer connects to; or -1 */

    tk_endpoint_t endpoint; /* of the first channel */
    tk_endpoint_t second;   /* of a duplex pipe's other */
    bool binds;
    char text[TK_ADDRESS_MAX];
};

/* A new end, open in this process already or not; in no list yet. */
int tk_end_new (troika_pipe_t **self_p, bool receives, bool sends);

/* Enters it in this process's list; says that it is open here. */
int tk_end_enlist (troika_pipe_t *self);
void tk_end_opened (troika_pipe_t *self);

/* Closes and frees it; what was sent leaves while this process lives. NULL is
 * fine. */
void tk_end_destroy (troika_pipe_t *self);

/* Whether it may be used that way: -EPIPE, -EPERM, -EINVAL with words. */
int tk_end_check (const troika_pipe_t *self, tk_direction_t direction);

/* Adds to a failure's words after how long it came and of which pipe; self
 * may be NULL. Returns rc. */
int tk_end_words (const troika_pipe_t *self, int rc, int timeout);

/* The locked channel for it, opened if need be. */
int tk_end_enter (troika_pipe_t *self, tk_direction_t direction,
                  tk_channel_t **channel);
void tk_end_leave (tk_channel_t *channel);

/* place.c: a pair of ends, at a private endpoint when endpoint is NULL. */
int tk_place_pair (troika_pipe_t **a, troika_pipe_t **b,
                   const tk_endpoint_t *endpoint, bool duplex);
int tk_place_open (troika_pipe_t *self);
void tk_place_closed (troika_pipe_t *self);
void tk_place_leave (troika_pipe_t *self);
/* An end in use: if the two ends are connected, their names can go. */
void tk_place_settle (troika_pipe_t *self);
/* An end that is not open yet: what the peer will know from the start. */
void tk_place_set_window (troika_pipe_t *self, const tk_amount_t *window);

/* listen.c: makes the descriptor for an ipc or tcp endpoint, which gets its
 * port; gives it up; hands it to a socket. */
int tk_listen_make (tk_endpoint_t *endpoint, int *fd);
void tk_listen_close (int *fd);
int tk_listen_give (const tk_endpoint_t *endpoint, int *fd, void *socket);

/* agent.c: a thread of this process that answers for bound ends until their
 * peer has come, and waits for the last word of tcp channels. */
int tk_pipe_agent_greet (troika_pipe_t *end);
/* An end is open; is about to be closed. */
void tk_pipe_agent_watch (troika_pipe_t *end);
void tk_pipe_agent_forget (troika_pipe_t *end);
/* Something is due on a channel: within a millisecond the agent will come
 * by. 0; negative errno when there can be no agent. */
int tk_pipe_agent_tick (void);
/* Takes the socket over; closes it when the peer has seen the end, or at the
 * deadline. */
void tk_pipe_agent_bury (const troika_pipe_t *end, tk_channel_t *channel,
                         tk_time_t deadline);
/* Waits until that has happened to all sockets that were this end's. */
void tk_pipe_agent_rest (const troika_pipe_t *end);
int tk_pipe_agent_finish (tk_time_t deadline);
void tk_pipe_agent_lock (void);
void tk_pipe_agent_unlock (void);
void tk_pipe_agent_child (void);

/* Reads a pipe's endpoint, which names no object; NULL is a private one. */
int tk_meet_read (tk_endpoint_t *endpoint, const char *text);

/* Binds (with these keys of lib/auth) and connects as troika_pipe_bind() and
 * _connect() do. */
int tk_meet_bind (troika_pipe_t **self_p, const char *endpoint, bool duplex,
                  unsigned keys);
int tk_meet_connect (troika_pipe_t **self_p, const char *endpoint);

/* Connects to a bound end, and to nothing else: -ENOTSUP, without words,
 * when what answers is no pipe. */
int tk_meet_reach (troika_pipe_t **self_p, const tk_endpoint_t *endpoint,
                   tk_time_t deadline);

/* guide.c: connects to the pipe that a listener makes for this client. */
int tk_guide_connect (troika_pipe_t **self_p, const tk_endpoint_t *endpoint,
                      tk_time_t deadline);

#endif
