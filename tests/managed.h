/* SPDX-License-Identifier: MPL-2.0 */
/*
 * managed.h - a manager on the stage, and what its tests say often: calls
 * from threads of their own, figures of objects, and every call that can
 * wait, with its object in a state in which it does.
 */
#ifndef TESTS_MANAGED_H
#define TESTS_MANAGED_H

#include <pthread.h>
#include "tests/queue_items.h"
#include "tests/stage.h"

/* Serves a manager as the variant wants it, and gives a connected handle, to
 * be destroyed by the test. It knows the types below, too. */
troika_manager_t *stage_manager (stage_t *self);

/* The same in a network of its own, where there may be one: its port is not
 * taken while another manager follows it. */
troika_manager_t *stage_manager_to_follow (stage_t *self);

/* One more handle on it, from any process or thread. */
troika_manager_t *stage_manager_more (stage_t *self);

/* After the server was stopped or killed: serves another one where it was. */
void stage_manager_again (stage_t *self, const char *endpoint);

/* Its endpoint with "#name"; good until the thread's next call. */
const char *stage_object (stage_t *self, const char *name);

/* One number of what the object tells by "stat". */
int64_t stat_of (stage_t *self, const char *name, const char *key);
#define waiters_of(stage, name) stat_of (stage, name, "waiters")

/* --- a type that the managers above know: "gate", whose "pass" waits until
 * --- somebody calls "open"; "stat" tells its waiters. */
extern const troika_type_t gate_type;

/* --- one more: "bank" moves money between accounts 0 to 3; "withdraw" waits
 * --- until account 0 has so much. "stat" tells what became of its calls, "who"
 * --- the caller's owner; "echo" sends the arguments back, "lose" fails. */
extern const troika_type_t bank_type;

/* --- a call in a thread of its own */

typedef int (*call_t) (void *object, int timeout);

typedef struct {
    pthread_t thread;
    call_t call;
    void *object;
    int timeout;
    int result;
    int error;
    int64_t ended; /* by clock_ms() */
} caller_t;

void caller_start (caller_t *self, call_t call, void *object, int timeout);
/* What the call returned, with its errno. */
int caller_end (caller_t *self);
/* Both at once. */
int in_thread (call_t call, void *object, int timeout);

/* --- every call that can wait */

typedef struct {
    const char *name;   /* of the call */
    const char *object; /* the name of its object */
    const char *figure; /* where its stat counts those that wait */
    void *(*open) (troika_manager_t *manager);
    void (*fill) (void *object); /* so that calls of other threads wait */
    call_t call;
    void (*destroy) (void *object);
    int late;  /* the errno of a wait that takes too long */
    int never; /* the same with timeout 0 */
} wait_t;

extern const wait_t waits[];
extern const size_t wait_count;

/* Until so many calls wait there. */
void await_waiters (stage_t *stage, const wait_t *wait, int64_t count);

#endif
