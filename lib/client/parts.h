/* SPDX-License-Identifier: MPL-2.0 */
/*
 * parts.h - the data dictionary of the client side: what its files share.
 *
 * Locks, in this order: the table's (session.c), a client's, a lane's. The
 * agent thread owns what is marked A; a lane's thread what is marked O.
 */
#ifndef TK_CLIENT_PARTS_H
#define TK_CLIENT_PARTS_H

#include <pthread.h>
#include <stdatomic.h>
#include <zmq.h>
#include "client.h"
#include "lib/base/bias.h"
#include "lib/base/runtime.h"
#include "lib/base/thread_local.h"
#include "lib/base/wake.h"
#include "lib/client/req.h"
#include "lib/wire/cursor.h"
#include "lib/wire/monitor.h"
#include "lib/wire/request.h"
#include "shelf.h"

/* A cast that is not acknowledged: kept until it is. */
typedef struct {
    uint64_t number;
    bool harmless; /* unheard, it changes nothing */
    zmq_msg_t frame;
} tk_kept_t;

typedef struct {
    tk_kept_t *ring;
    size_t room; /* a power of two, or 0 */
    size_t first;
    size_t count;
    size_t bytes;
} tk_unacked_t;

/* At most this much of a lane's casts is unacknowledged; then they wait. */
#define TK_UNACKED_MAX ((size_t)4 << 20)
/* A batch of items leaves when it has so many bytes, or is so old. */
#define TK_BATCH_BYTES 32768
#define TK_BATCH_US 1000

/* How a cast may leave: by PUSH from any thread; from the lane's own also by
 * its connection for calls, if it is short, or, at once, goes to a manager on
 * this machine, or with the call that follows. */
typedef enum { TK_BY_PUSH, TK_BY_THREAD, TK_AT_ONCE, TK_WITH_CALL } tk_way_t;

/* How long the news of a manager's end may come behind its last answer, or
 * before it. */
#define TK_LAST_WORDS_US INT64_C (200000)

/* One thread's way to one manager. */
typedef struct {
    tk_link_t link;   /* in client->lanes */
    atomic_uint refs; /* the client's, the thread's */
    tk_client_t *client;
    uint64_t number;
    uint64_t thread; /* by tk_lane_thread() */
    uint64_t session;
    tk_req_t req;      /* O */
    uint64_t call;     /* O: number of the newest call */
    int usual_eighths; /* O: of a us, that calls lately took */
    tk_link_t shelves; /* O */
    tk_wake_t wake;
    atomic_bool closed;  /* its sockets are gone */
    atomic_bool over;    /* its client is not open any more; set under lock */
    atomic_bool left;    /* its thread has ended */
    atomic_bool gathers; /* there is a batch; set under lock */
    atomic_bool starves; /* its thread waits for credit */
    atomic_uint credit;  /* changes when something is acknowledged */
    atomic_uint_fast64_t acked;   /* casts that are in, told by anybody */
    atomic_uint_fast64_t dropped; /* and not kept any more; set under lock */
    uint64_t acked_before;        /* A: at the last look */

    tk_bias_t lock;            /* for all below; its owner is the thread */
    void *push;                /* made with the first cast */
    tk_monitor_t push_monitor; /* where there are keys, for the agent */
    tk_handshake_t push_handshake;
    tk_way_t way;      /* for what leaves now */
    uint64_t casts;    /* number of the newest cast */
    uint64_t straight; /* of the newest one that went straight, as all did
                          before that are not acknowledged */
    tk_unacked_t unacked;
    tk_buffer_t batch; /* head and items of a cast that gathers */
    size_t batch_at;   /* where its count of items stands */
    uint32_t batch_items;
    char batch_object[TK_NAME_MAX + 1];
    const char *batch_method;
    uint64_t batch_serial; /* of the handle that began it, or 0 */
    bool batch_harmless;
    tk_time_t batch_since;
    uint64_t resent; /* oldest unacknowledged cast at the last resend */
    tk_time_t resent_at;
} tk_lane_t;

/* What the agent has asked and is waiting for. */
typedef enum { TK_IDLE, TK_WAITING, TK_SEALING, TK_LEAVING } tk_errand_t;

struct tk_client {
    tk_link_t link; /* in the table */
    atomic_uint refs;
    atomic_bool abandoned; /* without references, and goodbye was said */
    unsigned generation;
    tk_endpoint_t endpoint;
    tk_endpoint_t cast_endpoint;
    uint64_t session;
    uint64_t epoch;
    uint64_t limit;
    atomic_int state; /* tk_client_state_t */

    pthread_mutex_t lock;
    tk_link_t lanes;
    tk_link_t listeners;
    uint64_t last_lane; /* 1 is the agent's */
    bool tally_asked;
    tk_tally_t *tally; /* or NULL */

    void *req; /* A: hello's; its connection stands for this process */
    int req_fd;
    uint64_t call;        /* A */
    tk_errand_t errand;   /* A */
    uint64_t errand_lane; /* A: the lane that leaves */
    tk_time_t asked;      /* A: when the errand was last sent */
    tk_time_t heard;      /* A: when the manager last answered */
    zmq_msg_t request;    /* A: the errand, to be repeated */
    tk_monitor_t monitor; /* A: of req */
    tk_time_t broken;     /* A: when its connection broke; 0: it has not */
};

/* session.c: the table of clients. */
void tk_table_lock (void);
void tk_table_unlock (void);
tk_link_t *tk_table (void);
/* For the agent: closes the sockets of a client without references. */
void tk_client_destroy (tk_client_t *self);
/* A reference, for the thread of a lane; NULL if its client is not open. */
tk_client_t *tk_client_of_lane (const tk_lane_t *lane);
/* One of OPEN's ends; the first counts. Wakes all who wait. */
void tk_client_fail (tk_client_t *self, tk_client_state_t state);

/* hello.c: a session begins by the lane's first connection, which becomes the
 * agent's, and ends. */
int tk_client_say_hello (tk_client_t *self, tk_lane_t *lane,
                         tk_time_t deadline);
int tk_client_say_goodbye (tk_client_t *self, tk_time_t deadline);

/* lane.c */
int tk_lane_get (tk_client_t *client, tk_lane_t **lane_p);
void tk_lane_close (tk_lane_t *self);
void tk_lane_unref (tk_lane_t *self);
/* The calling thread's number in this process; never 0, never used again. */
uint64_t tk_lane_thread (void);
/* Takes the lane of a thread that ended out of its client. */
void tk_lane_retire (tk_lane_t *self);

/* What this thread knows of a handle, by the handle's serial: the lane that
 * it uses, while its client is open, and its shelf there. It lasts until the
 * thread makes another lane. */
typedef struct {
    uint64_t serial;
    unsigned generation;
    tk_lane_t *lane;
    tk_shelf_t *shelf; /* or NULL */
} tk_near_t;
/* Handles in use by one thread at a time are few. Of lane.c. */
enum { TK_NEAR = 4 };
extern TK_THREAD_LOCAL tk_near_t tk_near_slots[TK_NEAR];

/* NULL: nothing is known. */
static inline tk_near_t *
tk_near (uint64_t serial)
{
    tk_near_t *self = &tk_near_slots[serial % TK_NEAR];
    if (self->serial != serial || self->generation != tk_generation () ||
        atomic_load (&self->lane->over))
        return NULL;
    return self;
}

void tk_near_set (uint64_t serial, tk_lane_t *lane, tk_shelf_t *shelf);
/* This lane's shelf for an object; NULL: there is none. */
tk_shelf_t *tk_lane_shelf (const tk_lane_t *self, const char *object);

/* call.c: one call on a lane, whatever the client's state. */
int tk_lane_call (tk_lane_t *self, const tk_target_t *target,
                  tk_time_t deadline, const tk_buffer_t *args,
                  troika_msg_t **result_p);
/* Composes the frame of a call. */
int tk_call_frame (zmq_msg_t *frame, const tk_target_t *target,
                   const void *args, size_t size, const tk_meta_t *meta);

/* The lane's lock, taken by its own thread, whose casts leave that way then;
 * and taken by any. What is acknowledged is not kept any more then. */
void tk_lane_lock_own (tk_lane_t *self, tk_way_t way);
void tk_lane_unlock_own (tk_lane_t *self);
void tk_lane_lock (tk_lane_t *self);
void tk_lane_unlock (tk_lane_t *self);

/* push.c. The lane's lock is held for the next two. */
int tk_lane_open_push (tk_lane_t *self);
/* The next cast; frame is taken over. harmless: unheard, it changes nothing.
 * -ENOMEM: it has not left. */
int tk_lane_send_frame (tk_lane_t *self, zmq_msg_t *frame, bool harmless);
void tk_lane_resend (tk_lane_t *self, tk_time_t now, bool gap);
/* Whether the keys of its casts were refused: none will ever arrive. */
bool tk_lane_is_refused (tk_lane_t *self);

/* cast.c; the lane's lock is held where the name says so. */
void tk_lane_send_batch_locked (tk_lane_t *self);
/* One more item if nothing is in the way, and there is a place for it (NULL:
 * none is needed); else -EAGAIN, and tk_client_cast_item() finds out. Looks
 * at nothing but the lane. */
int tk_lane_cast_item (tk_lane_t *self, const tk_target_t *target,
                       tk_word_t *place, const void *data, size_t size);
int tk_client_open_casts (tk_client_t *client, tk_lane_t *lane);
/* Takes no lock: the lane's thread is not disturbed. */
void tk_lane_acknowledge (tk_lane_t *self, uint64_t number);
/* Casts may be under way. */
bool tk_lane_owes (tk_lane_t *self);
/* The lane's casts have been carried out. Its thread, its client open. */
int tk_lane_flush (tk_lane_t *self, tk_time_t deadline);
/* Sends what has gathered; the number of the newest cast. */
uint64_t tk_lane_drain (tk_lane_t *self);
/* By the lane's own thread. */
void tk_lane_drain_own (tk_lane_t *self);
/* The same, just before a call of the lane. */
uint64_t tk_lane_drain_by_call (tk_lane_t *self);

/* flush.c: [[lane, casts], …] of all lanes, what gathered having been sent. */
void tk_client_write_fences (tk_client_t *self, tk_buffer_t *args);
/* These casts are in. gap: now, when some are missing behind them and are to
 * be sent again; else TK_NEVER. */
int tk_client_read_fences (tk_client_t *self, tk_cursor_t *cursor,
                           tk_time_t gap);

/* loss.c: handles learn of what the lane has not seen acknowledged. Its
 * lock and its client's are held. */
void tk_lane_note_loss (tk_lane_t *self);
bool tk_listener_is (const tk_listener_t *self, const char *object,
                     size_t length);

/* unacked.c */
int tk_unacked_add (tk_unacked_t *self, uint64_t number, zmq_msg_t *frame,
                    bool harmless);
void tk_unacked_drop (tk_unacked_t *self, uint64_t number);
tk_kept_t *tk_unacked_at (const tk_unacked_t *self, size_t index);
void tk_unacked_fini (tk_unacked_t *self);

/* agent.c */
int tk_agent_start (void);
void tk_agent_poke (void);  /* look at the table again */
void tk_agent_batch (void); /* a batch has begun: tick */
void tk_agent_stop (void);
void tk_agent_child (void); /* after fork, in the child */

#endif
