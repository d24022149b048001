/* SPDX-License-Identifier: MPL-2.0 */
/*
 * direct.h - calls to a manager that this very process serves: functions
 * under its lock, no socket. Same objects, same dispatch, same results.
 */
#ifndef TK_CLIENT_DIRECT_H
#define TK_CLIENT_DIRECT_H

#include "client.h"
#include "lib/server/server.h"

/* Calls that wait on behalf of one handle, so that its destruction can end
 * them. Guarded by the registry's lock. */
typedef struct {
    tk_link_t waiting;
} tk_direct_t;

void tk_direct_init (tk_direct_t *self);
/* Ends the waiting calls with EPIPE. */
void tk_direct_cancel (tk_direct_t *self, tk_server_t *server);

/* The number of the calling thread in a server, whose registry's lock is
 * held; 0 when memory is short. */
uint64_t tk_direct_owner (tk_server_t *server);

/* args: one array document, taken over. */
int tk_direct_call (tk_direct_t *self, tk_server_t *server,
                    const tk_target_t *target, tk_time_t deadline,
                    troika_msg_t *args, troika_msg_t **result_p);

/* The same for a cast, whose answer nobody waits for. */
int tk_direct_cast (tk_server_t *server, const tk_target_t *target,
                    troika_msg_t *args);

#endif
