/* SPDX-License-Identifier: MPL-2.0 */
/* listener_private.h - the object of a listener, and its clients. */
#ifndef TK_LISTENER_PRIVATE_H
#define TK_LISTENER_PRIVATE_H

#include <troika/listener.h>
#include <troika/object.h>
#include "lib/base/list.h"
#include "lib/object/registry.h"
#include "lib/wire/endpoint.h"

/* connect [] -> [number, endpoint], arrived [number], leave [number],
 * accept [secret] -> number, stat []. Created with []. */
extern const troika_type_t tk_listener_type;

/* The listener's object learns where it listens (private: its directory is
 * its own), and tells the secret by which it knows its own process. */
int tk_listener_open (tk_registry_t *registry, const char *name,
                      const tk_endpoint_t *endpoint, bool private,
                      uint64_t *secret);

/* caller.c: a client between its call and its acceptance, with the bound end
 * of its pipe. Under the registry's lock, but for collect. */
typedef struct {
    tk_link_t link;
    uint64_t number;  /* of this process, never used again */
    uint64_t owner;   /* the client; once handed over, who accepts */
    const void *host; /* handed over: the object it came from */
    troika_pipe_t *pipe;
} tk_caller_t;

/* endpoint NULL: a private one. */
int tk_caller_new (tk_caller_t **self_p, const char *endpoint, unsigned keys,
                   uint64_t owner);
void tk_caller_destroy (tk_caller_t *self);

/* Whether it has died without having sent anything. */
bool tk_caller_is_lost (tk_caller_t *self);

/* Waits to be collected, by the number returned, by the thread whose accept is
 * answered: from here on it may be gone at any time. */
uint64_t tk_caller_hand_over (tk_caller_t *self, const void *host,
                              uint64_t owner);

/* The pipe of one that waits; NULL when it was taken back. */
troika_pipe_t *tk_caller_collect (uint64_t number);

/* One that this owner (0: anybody) has not collected; or NULL. */
tk_caller_t *tk_caller_take_back (const void *host, uint64_t owner);

#endif
