/* SPDX-License-Identifier: MPL-2.0 */
/*
 * client.h - this process's session with one manager elsewhere, and its
 * threads' lanes in it.
 *
 * A client is OPEN until it is LOST (no answer, or the manager does not know
 * the session any more), ENDED (the manager said so) or CLOSED (by us). It
 * never opens again: whoever needs the manager opens a new client.
 */
#ifndef TK_CLIENT_CLIENT_H
#define TK_CLIENT_CLIENT_H

#include <stdatomic.h>
#include "lib/base/clock.h"
#include "lib/base/list.h"
#include "lib/base/tally.h"
#include "lib/msg/buffer.h"
#include "lib/msg/document.h"
#include "lib/wire/endpoint.h"
#include "loss.h"

typedef enum { TK_OPEN, TK_LOST, TK_ENDED, TK_CLOSED } tk_client_state_t;
typedef struct tk_client tk_client_t;

/* What a call or cast is about, and what may end it early. */
typedef struct {
    const char *object;
    const char *method;
    uint64_t serial; /* of the handle, or 0: one serial, one object */
    const atomic_bool *closing; /* its handle is being destroyed; or NULL */
    const atomic_bool *sealed;  /* casts are refused; or NULL */
    bool harmless; /* done twice, or unheard, it changes nothing: its wait
                      ends soon after the deadline, whoever is silent, and
                      nobody is told that it was lost */
    bool aside;    /* a cast that settles nothing its thread took before */
} tk_target_t;

/* The session with the manager at endpoint (resolved), shared by all who
 * open it; hello is waited for until the deadline. One reference.
 * -EHOSTUNREACH, -EPROTO, -EACCES, -EMFILE, -EINTR… */
int tk_client_open (tk_client_t **self_p, const tk_endpoint_t *endpoint,
                    tk_time_t deadline);

tk_client_t *tk_client_ref (tk_client_t *self);

/* Gives a reference back; the last one flushes and says goodbye, both until
 * the deadline. 0, or -ETIMEDOUT when casts may be lost. */
int tk_client_unref (tk_client_t *self, tk_time_t deadline);

tk_client_state_t tk_client_state (const tk_client_t *self);
/* The failure that a state other than OPEN means, with words. */
int tk_client_failure (const tk_client_t *self);

/* args: one array document, not consumed. *reply_p: the result. */
int tk_client_call (tk_client_t *self, const tk_target_t *target,
                    tk_time_t deadline, const tk_buffer_t *args,
                    troika_msg_t **result_p);

/* One cast with these args (an array document). */
int tk_client_cast (tk_client_t *self, const tk_target_t *target,
                    tk_time_t deadline, const tk_buffer_t *args);

/* One more argument to a cast of the same target, which gathers some. */
int tk_client_cast_item (tk_client_t *self, const tk_target_t *target,
                         tk_time_t deadline, const void *data, size_t size);

/* All casts of this process so far have been carried out. */
int tk_client_flush (tk_client_t *self, tk_time_t deadline);

/* Those of other threads: what this thread calls next comes behind them.
 * Cheap where there are none. */
int tk_client_flush_others (tk_client_t *self, tk_time_t deadline);

/* All of them at the end, when no signal may cut it short: 0, also where
 * there is nobody to flush to, or -ETIMEDOUT. */
int tk_client_flush_out (tk_client_t *self, tk_time_t deadline);

/* The manager has answered that it ends: what it has by then is known when
 * this returns. */
void tk_client_await_end (tk_client_t *self);

/* The counters shared with the manager; NULL where that cannot be. 0 or
 * -EINTR. */
int tk_client_tally (tk_client_t *self, tk_time_t deadline,
                     tk_tally_t **tally_p);

/* Wakes the threads that wait in calls, so that they look at closing. */
void tk_client_wake (tk_client_t *self);

/* Handles that want to be told when their object is sealed, or casts to it
 * are lost. */
typedef struct {
    tk_link_t link;
    const char *object;
    atomic_bool sealed;
    tk_loss_t loss;
} tk_listener_t;
void tk_client_listen (tk_client_t *self, tk_listener_t *listener);
void tk_client_unlisten (tk_client_t *self, tk_listener_t *listener);
/* A call that failed with the client has told the calling thread what its
 * listener had to. */
void tk_client_told (tk_client_t *self, tk_listener_t *listener,
                     tk_told_t told);

/* The calling thread is going to wait: what has gathered in its lanes
 * leaves. */
void tk_lanes_send (void);

#endif
