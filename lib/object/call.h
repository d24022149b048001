/* SPDX-License-Identifier: MPL-2.0 */
/*
 * call.h - one request to an object, from dispatch to its answer.
 *
 * Everything here runs under the registry's lock. A call finishes exactly
 * once: finish() gets the reply document and may free the call. Whoever made
 * the call (server for remote callers, the direct path for local ones)
 * supplies finish; the objects never see where a call came from.
 */
#ifndef TK_OBJECT_CALL_H
#define TK_OBJECT_CALL_H

#include <stdbool.h>
#include <stdint.h>
#include <troika/object.h>
#include "lib/base/clock.h"
#include "lib/base/list.h"
#include "lib/msg/buffer.h"

typedef struct tk_registry tk_registry_t;
typedef struct tk_object tk_object_t;

typedef enum {
    TK_CALL_RUNNING, /* its handler, or its cancel, is on the stack */
    TK_CALL_PARKED,
    TK_CALL_FINISHED
} tk_call_state_t;

/* Takes the content of reply over, which is the reply document; it has failed
 * when memory was short. */
typedef void (*tk_call_finish_fn) (troika_call_t *call, tk_buffer_t *reply);

struct troika_call {
    tk_registry_t *registry;
    tk_object_t *object; /* while RUNNING or PARKED */
    const char *method;  /* its name in the type's table */
    troika_msg_t *args;  /* owned */
    uint64_t owner;
    tk_time_t deadline; /* TK_NEVER after a cancel has run */
    int timeout_ms;
    bool is_cast;
    bool timed; /* the registry's deadline heap watches it */
    tk_call_state_t state;
    bool *settled; /* set when the running handler answers or defers */
    int reason;
    void (*cancel) (troika_call_t *call, void *context);
    void *context;
    size_t heap_index; /* 1-based; 0: not in the heap */
    tk_link_t parked;  /* in object->parked */
    tk_call_finish_fn finish;
};

/* A call ready to run. args is taken over. */
void tk_call_init (troika_call_t *self, tk_registry_t *registry,
                   troika_msg_t *args, tk_call_finish_fn finish);

/* Runs the handler of object's method (-ENOENT answers are given here). */
void tk_call_run (troika_call_t *self, tk_object_t *object, const char *method,
                  size_t method_length);

/* A parked call ends for reason, unless cancel answers it or parks it
 * again. Does nothing to a call in another state. */
void tk_call_cancel (troika_call_t *self, int reason);

/* Answers with a reply document [nil, result] that was written elsewhere:
 * for results that are slices, without a detour through a message. */
void tk_call_reply_buffer (troika_call_t *self, tk_buffer_t *reply);

/* Frees what the call holds; finish or its maker calls this. */
void tk_call_fini (troika_call_t *self);

#endif
