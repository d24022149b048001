/* SPDX-License-Identifier: MPL-2.0 */
/*
 * waits.c - every call that can wait, so that one test holds for all.
 *
 * Each row opens an object, fills it (by the thread of the test) so that the
 * call has to wait in any other thread, and makes that call.
 */
#include "tests/managed.h"

#include <string.h>
#include "tests/stage_parts.h"

#define DESTROY(type)                                                          \
    static void destroy_##type (void *object)                                  \
    {                                                                          \
        troika_##type##_t *self = object;                                      \
        troika_##type##_destroy (&self);                                       \
    }
#define CALL(function, type)                                                   \
    static int call_##function (void *object, int timeout)                     \
    {                                                                          \
        return troika_##function ((troika_##type##_t *)object, timeout);       \
    }

DESTROY (lock)
DESTROY (semaphore)
DESTROY (condition)
DESTROY (event)
DESTROY (barrier)
DESTROY (queue)
DESTROY (dict)
DESTROY (object)
CALL (lock_acquire, lock)
CALL (semaphore_acquire, semaphore)
CALL (condition_acquire, condition)
CALL (event_wait, event)
CALL (barrier_wait, barrier)
CALL (queue_join, queue)

static void *
open_lock (troika_manager_t *manager)
{
    return CHECK_OK (troika_manager_lock (manager, "a lock"));
}

static void *
open_rlock (troika_manager_t *manager)
{
    return CHECK_OK (troika_manager_rlock (manager, "an rlock"));
}

static void
fill_lock (void *object)
{
    assert_int_equal (CHECK_OK (troika_lock_acquire (object, TROIKA_NOWAIT)),
                      0);
}

static void *
open_semaphore (troika_manager_t *manager)
{
    return CHECK_OK (
        troika_manager_semaphore (manager, "a semaphore", 1, true));
}

static void
fill_semaphore (void *object)
{
    CHECK_OK (troika_semaphore_acquire (object, TROIKA_NOWAIT));
}

static void *
open_held (troika_manager_t *manager)
{
    return CHECK_OK (troika_manager_condition (manager, "a held condition"));
}

static void
fill_held (void *object)
{
    CHECK_OK (troika_condition_acquire (object, TROIKA_NOWAIT));
}

static void *
open_condition (troika_manager_t *manager)
{
    return CHECK_OK (troika_manager_condition (manager, "a condition"));
}

static void
fill_nothing (void *object)
{
    (void)object;
}

/* Only a wait that failed by itself still has the lock. */
static int
call_condition_wait (void *object, int timeout)
{
    if (troika_condition_acquire (object, TROIKA_FOREVER) < 0)
        return -1;
    int rc = troika_condition_wait (object, timeout);
    int error = errno;
    if (rc >= 0 || error == EAGAIN || error == ETIMEDOUT || error == EINVAL)
        CHECK_OK (troika_condition_release (object));
    errno = error;
    return rc;
}

static void *
open_event (troika_manager_t *manager)
{
    return CHECK_OK (troika_manager_event (manager, "an event"));
}

static void *
open_barrier (troika_manager_t *manager)
{
    return CHECK_OK (troika_manager_barrier (manager, "a barrier", 3));
}

static void *
open_empty (troika_manager_t *manager)
{
    return CHECK_OK (troika_manager_queue (manager, "an empty queue", NULL));
}

static int
call_queue_get (void *object, int timeout)
{
    troika_msg_t *item = troika_queue_get (object, timeout);
    int rc = item ? 0 : -1;
    troika_msg_destroy (&item);
    return rc;
}

static void *
open_full (troika_manager_t *manager)
{
    static const troika_queue_options_t one = {.maxsize = 1};
    return CHECK_OK (troika_manager_queue (manager, "a full queue", &one));
}

static void
fill_full (void *object)
{
    CHECK_OK (troika_queue_put (object, TROIKA_NOWAIT, "i", 1));
    CHECK_OK (troika_queue_flush (object, TROIKA_FOREVER));
}

static int
call_queue_put (void *object, int timeout)
{
    return troika_queue_put (object, timeout, "i", 2);
}

static void *
open_unfinished (troika_manager_t *manager)
{
    return CHECK_OK (troika_manager_queue (manager, "unfinished work", NULL));
}

static void *
open_dict (troika_manager_t *manager)
{
    return CHECK_OK (troika_manager_dict (manager, "a dict"));
}

static int
call_dict_wait (void *object, int timeout)
{
    uint64_t version = 0;
    troika_msg_t *value =
        troika_dict_wait (object, "nothing", &version, timeout);
    int rc = value ? 0 : -1;
    troika_msg_destroy (&value);
    return rc;
}

static void *
open_gate (troika_manager_t *manager)
{
    return CHECK_OK (troika_manager_object (manager, "gate", "a gate", NULL));
}

static int
call_pass (void *object, int timeout)
{
    troika_msg_t *answer = troika_object_call (object, timeout, "pass", NULL);
    int rc = answer ? 0 : -1;
    troika_msg_destroy (&answer);
    return rc;
}

const wait_t waits[] = {
    {"lock_acquire", "a lock", "waiters", open_lock, fill_lock,
     call_lock_acquire, destroy_lock, ETIMEDOUT, EAGAIN},
    {"rlock_acquire", "an rlock", "waiters", open_rlock, fill_lock,
     call_lock_acquire, destroy_lock, ETIMEDOUT, EAGAIN},
    {"semaphore_acquire", "a semaphore", "waiters", open_semaphore,
     fill_semaphore, call_semaphore_acquire, destroy_semaphore, ETIMEDOUT,
     EAGAIN},
    {"condition_acquire", "a held condition", NULL, open_held, fill_held,
     call_condition_acquire, destroy_condition, ETIMEDOUT, EAGAIN},
    {"condition_wait", "a condition", "waiters", open_condition, fill_nothing,
     call_condition_wait, destroy_condition, ETIMEDOUT, EAGAIN},
    {"event_wait", "an event", "waiters", open_event, fill_nothing,
     call_event_wait, destroy_event, ETIMEDOUT, EAGAIN},
    {"barrier_wait", "a barrier", "waiters", open_barrier, fill_nothing,
     call_barrier_wait, destroy_barrier, ECANCELED, ECANCELED},
    {"queue_get", "an empty queue", "waiting_gets", open_empty, fill_nothing,
     call_queue_get, destroy_queue, ETIMEDOUT, EAGAIN},
    {"queue_put", "a full queue", "waiting_puts", open_full, fill_full,
     call_queue_put, destroy_queue, ETIMEDOUT, EAGAIN},
    {"queue_join", "unfinished work", NULL, open_unfinished, fill_full,
     call_queue_join, destroy_queue, ETIMEDOUT, EAGAIN},
    {"dict_wait", "a dict", "waiters", open_dict, fill_nothing, call_dict_wait,
     destroy_dict, ETIMEDOUT, EAGAIN},
    {"object_call", "a gate", "waiters", open_gate, fill_nothing, call_pass,
     destroy_object, ETIMEDOUT, EAGAIN},
};
const size_t wait_count = sizeof waits / sizeof waits[0];

/* A condition's figures of its lock are a map of their own. */
static int64_t
waiters_for_the_lock (stage_t *stage, const char *name)
{
    int64_t number;
    troika_object_t *object =
        CHECK_OK (troika_object_connect (stage_object (stage, name)));
    troika_msg_t *stat =
        CHECK_OK (troika_object_call (object, 5000, "stat", NULL));
    CHECK_OK (
        troika_msg_unpack (stat, "{s:{s:I}}", "lock", "waiters", &number));
    troika_msg_destroy (&stat);
    troika_object_destroy (&object);
    return number;
}

/* A queue does not count its joins: one that is not there yet when what it
 * would wait for happens learns it all the same. */
void
await_waiters (stage_t *stage, const wait_t *wait, int64_t count)
{
    if (wait->figure)
        WAIT_UNTIL (stat_of (stage, wait->object, wait->figure) == count);
    else if (wait->destroy == destroy_condition)
        WAIT_UNTIL (waiters_for_the_lock (stage, wait->object) == count);
}
