/* SPDX-License-Identifier: MPL-2.0 */
/*
 * channel.h - one PAIR connection: documents one way, control the other.
 *
 * A channel is FRESH until the other side has spoken, LIVE until it has said
 * that it sends or reads no more (ENDED), was lost (LOST) or turned out to
 * be somebody else (ALIEN). It never goes back. The lock is held around
 * every call here and let go only while a thread sleeps.
 *
 * A ZMQ_FD tells of news once: whoever is about to sleep has just seen
 * that nothing is there, and who takes something raises wake for the
 * others that sleep.
 */
#ifndef TK_PIPE_CHANNEL_H
#define TK_PIPE_CHANNEL_H

#include <pthread.h>
#include <stdatomic.h>
#include <zmq.h>
#include "lib/auth/handshake.h"
#include "lib/base/clock.h"
#include "lib/base/list.h"
#include "lib/base/wake.h"
#include "lib/msg/slab.h"
#include "lib/wire/endpoint.h"
#include "lib/wire/monitor.h"
#include "patterns/pipe/batch.h"
#include "patterns/pipe/control.h"

typedef enum {
    TK_CHANNEL_FRESH,
    TK_CHANNEL_LIVE,
    TK_CHANNEL_ENDED,
    TK_CHANNEL_LOST,
    TK_CHANNEL_ALIEN
} tk_channel_state_t;

/* A message that waits in a list. */
typedef struct {
    tk_link_t link;
    zmq_msg_t frame;
} tk_kept_t;

#define TK_CONNECTIONS_MAX 8

/* What all processes that hold an end of troika_pipe_new() see of it. */
typedef struct {
    atomic_int owner;   /* the process that used it first; 0: nobody yet */
    atomic_bool closed; /* by its owner, in good order */
} tk_side_t;

typedef struct tk_channel tk_channel_t;
struct tk_channel {
    pthread_mutex_t lock;
    pthread_cond_t left; /* closing, and nobody sleeps any more */
    void *socket;        /* NULL: not open */
    int fd;              /* its ZMQ_FD */
    tk_monitor_t monitor;
    tk_wake_t wake;
    int sleepers;
    bool closing; /* of this side; never lowered */

    bool sends;   /* documents go out here, else they come in */
    bool near;    /* to a thread of this process: worth to look again */
    bool greets;  /* this side connects and speaks first */
    bool private; /* at the other side is the pipe's other end, or nobody */
    bool exposed; /* private, but where strangers can knock */
    bool named;   /* id is known */
    bool duplex;  /* as the one who bound it says */
    bool plain;   /* the peer knows nothing of control messages */
    unsigned char id[TK_PIPE_ID];
    uint64_t version; /* the peer's, as its hello said; 0 before */

    tk_channel_state_t state;
    bool seen;                /* the peer has answered our end */
    bool up;                  /* a connection has shaken hands */
    bool broken;              /* one has broken before that, by no fault of
                                 ours */
    bool refused;             /* by a socket that is no PAIR */
    tk_handshake_t handshake; /* who greets: whether its keys are refused */
    bool cut;                 /* the peer's connection is gone */
    int peer;                 /* descriptor of the peer's connection, or -1 */
    int connections[TK_CONNECTIONS_MAX]; /* descriptors, as the monitor says */
    int connected;                       /* how many */
    int accepted;                        /* how many there ever were */

    int life; /* hangs up when nobody holds the other side; or -1 */
    bool life_gone;
    const tk_side_t *other; /* private: the other end */

    tk_amount_t window;       /* how much may lie unread */
    tk_amount_t done;         /* sent, or read by the user */
    tk_amount_t known;        /* of that: the sender heard, the receiver told */
    _Atomic tk_time_t looked; /* when somebody last looked for news */
    unsigned closes;          /* sender: tk_channel_closes then */
    bool wants;               /* sender: has said so since it last heard */
    tk_time_t told;           /* receiver: when it last told what was read */
    tk_link_t kept;           /* sender: sent, but not up yet; receiver: left */
    const char *leaving;      /* private: where a sender leaves its last */

    tk_batch_t batch; /* sender: sent, but not on its way yet */
    bool gathers;     /* sender: small documents go to the batch */
    uint64_t burst;   /* sender: documents sent when it last began */
    tk_time_t burst_began;
    atomic_bool due; /* the agent's next tick has something to do here */

    bool holds;       /* a document that came and was not taken yet */
    const void *data; /* it */
    size_t size;
    zmq_msg_t held;     /* the message that it is, or */
    tk_slab_t *several; /* the batch that it is in; */
    tk_cursor_t rest;   /* there, what follows it; */
    uint32_t behind;    /* so many documents */
    uint64_t arrived;   /* documents so far */

    atomic_int over; /* its last state, for others to read; 0 before */
    const tk_channel_t *sibling; /* sender: the same end's receiver, or NULL */
};

#define TK_WINDOW_BYTES ((uint64_t)1 << 20)
#define TK_WINDOW_MESSAGES 1000

/* How many channels this process has closed: a sender that sees it grow
 * looks whether it was its own other side. */
extern atomic_uint tk_channel_closes;

/* ThreadSanitizer does not see in which order libzmq hands over what one
 * thread has written and another reads. gcc has the macro, clang the feature.
 */
#if defined __has_feature
#if __has_feature(thread_sanitizer)
#define TK_CHANNEL_TSAN
#endif
#endif
#if defined __SANITIZE_THREAD__ || defined TK_CHANNEL_TSAN
void __tsan_acquire (void *address);
void __tsan_release (void *address);
#define TK_HANDS_OVER() __tsan_release (&tk_channel_closes)
#define TK_TAKES_OVER() __tsan_acquire (&tk_channel_closes)
#else
#define TK_HANDS_OVER() (void)0
#define TK_TAKES_OVER() (void)0
#endif

/* Whether a private channel's other end was closed in good order. */
static inline bool
tk_channel_is_closed (const tk_channel_t *self)
{
    return self->other &&
           atomic_load_explicit (&self->other->closed, memory_order_acquire);
}

/* A sender: whether so many bytes more may lie unread. */
static inline bool
tk_channel_has_room (const tk_channel_t *self, size_t size)
{
    uint64_t messages = self->done.messages - self->known.messages;
    uint64_t bytes = self->done.bytes - self->known.bytes;
    return self->plain || messages == 0 ||
           (messages < self->window.messages &&
            bytes + size <= self->window.bytes);
}

void tk_channel_init (tk_channel_t *self, bool sends);
void tk_channel_fini (tk_channel_t *self);

/* Makes its socket, watched, but neither bound nor connected. */
int tk_channel_open (tk_channel_t *self, tk_transport_t transport);

/* Says hello, with the id if that is known. */
int tk_channel_greet (tk_channel_t *self);

/* Takes what has arrived, up to one document: 1 when one is held. */
int tk_channel_pull (tk_channel_t *self);

/* The same after asking the monitor and the life descriptor. */
int tk_channel_look (tk_channel_t *self);

/* connection.c: the held message is the peer's first. */
void tk_channel_note_peer (tk_channel_t *self);

/* The held document has been taken. */
void tk_channel_let_go (tk_channel_t *self);

/* Enters its last state, unless it has one. */
void tk_channel_end_as (tk_channel_t *self, tk_channel_state_t state);

/* 0 while messages may come and go; else -EPIPE, -ECONNRESET, -EPROTO with
 * words. Held messages come first. */
int tk_channel_failure (const tk_channel_t *self);

/* Sleeps until there may be news. 0; -EINTR, -EAGAIN, -ETIMEDOUT with words
 * to be added. */
int tk_channel_wait (tk_channel_t *self, tk_time_t deadline);

/* Those who sleep leave, and nobody enters any more. */
void tk_channel_expel (tk_channel_t *self);

/* Closes the socket; what was sent leaves within linger_ms. */
void tk_channel_close (tk_channel_t *self, int linger_ms);

/* Closes it, but for the monitor, which says ZMQ_EVENT_MONITOR_STOPPED when
 * what was sent has left, or at the deadline. */
void tk_channel_leave (tk_channel_t *self, tk_time_t deadline);

/* Drops the kept messages. */
void tk_channel_drop_kept (tk_channel_t *self);

/* Adds a copy of a message to the kept ones. */
int tk_channel_keep (tk_channel_t *self, zmq_msg_t *frame);

/* Tells the sender what has been read, if that is news. */
void tk_channel_tell (tk_channel_t *self);

/* Says a verb, with an amount. */
int tk_channel_say (tk_channel_t *self, tk_verb_t verb, tk_amount_t amount);

/* gather.c: a sender that outruns its socket lets small documents travel
 * together. Whether one of that size is to go to the batch; */
bool tk_channel_batches (const tk_channel_t *self, size_t size);

/* that a document of that size has been sent, or is in the batch; */
void tk_channel_sent (tk_channel_t *self, size_t size);

/* that the batch leaves now: 0 or negative errno; */
int tk_channel_flush (tk_channel_t *self);

/* the same, and the burst is over; */
void tk_channel_calm (tk_channel_t *self);

/* and the agent's tick: what was gathered leaves, what was read is told. */
void tk_channel_tick (tk_channel_t *self);

/* agent.c: a bound channel is FRESH no more. */
void tk_pipe_agent_nudge (void);

/* kept.c: the next of those that were left is held. */
void tk_channel_take_kept (tk_channel_t *self);

/* leave.c: a private sender that was never connected writes what it has
 * kept to a file beside the receiver's socket; the receiver takes it from
 * there when it knows that nobody will connect. */
int tk_leave_write (tk_channel_t *self);
int tk_leave_read (tk_channel_t *self);

#endif
