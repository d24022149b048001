/* SPDX-License-Identifier: MPL-2.0 */
/*
 * handle_parts.h - the inside of a handle, for handle*.c only.
 *
 * What is below lock changes when the way to the manager does; the endpoint,
 * type and name never change.
 */
#ifndef TK_CLIENT_HANDLE_PARTS_H
#define TK_CLIENT_HANDLE_PARTS_H

#include <pthread.h>
#include "client.h"
#include "direct.h"
#include "handle.h"

struct tk_handle {
    uint64_t serial;        /* another one for each handle */
    tk_endpoint_t endpoint; /* of the manager, resolved */
    char *text;             /* endpoint and object, as users see it */
    char *type;             /* "" is any: a handle of the manager */
    char *name;
    troika_msg_t *params;

    atomic_uint generation;
    pthread_mutex_t lock;
    tk_server_t *server; /* served by this process; NULL in a child */
    bool direct;         /* calls go straight to server */
    bool serves;         /* destroying the handle ends it */
    tk_client_t *client; /* else */
    tk_listener_t listener;
    tk_direct_t waiting;
    atomic_bool closing;
    atomic_bool own_words; /* failures are told in the object's words alone */
};

/* What a call or cast of this handle is meant for; and what holds for both:
 * -EDEADLK, -EMSGSIZE. */
tk_target_t tk_handle_target (tk_handle_t *self, const char *method);
int tk_handle_admit (const tk_handle_t *self, size_t size);
/* The client of a call that returned rc, which it may have told the caller
 * already that casts were lost. */
int tk_handle_give_back (tk_handle_t *self, tk_client_t *client, tk_told_t told,
                         int rc);
/* The words of a failure get the handle's endpoint. */
int tk_handle_say_where (const tk_handle_t *self, int rc);

/* handle_life.c: a handle without a way to its manager yet. */
void tk_handle_begin (tk_handle_t *self);

/* handle_reach.c: in a forked child, forgets the parent's way. */
void tk_handle_renew (tk_handle_t *self);
/* Opens the session and the object; handle->lock is held. */
int tk_handle_reach (tk_handle_t *self, tk_time_t deadline);
/* The open client, (re)opened if need be, with a reference for the caller. The
 * deadline is that of the call. -ECONNRESET when the caller is to be told of
 * a loss first. */
int tk_handle_client (tk_handle_t *self, tk_time_t deadline, tk_told_t told,
                      tk_client_t **client_p);
/* Gives the client back; handle->lock is held. */
int tk_handle_let_go (tk_handle_t *self, tk_time_t deadline);
/* Takes in what the manager's "open" or "create" answered. */
int tk_handle_describe (tk_handle_t *self, troika_msg_t *reply);

#endif
