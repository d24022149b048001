/* SPDX-License-Identifier: MPL-2.0 */
/*
 * queue_loss.h - a queue whose manager is stopped before it can acknowledge
 * what is put, then killed, while another one begins to serve there.
 *
 * A call of another thread that waits tells when this process has found the
 * loss out.
 */
#ifndef QUEUE_LOSS_H
#define QUEUE_LOSS_H

#include <stdio.h>
#include "tests/managed.h"

enum { THREADS = 4, PUTS = 5 };

/* A queue on a manager that can be lost. */
typedef struct {
    stage_t *stage;
    troika_manager_t *manager;
    troika_queue_t *queue;
    const troika_queue_options_t *options;
    troika_event_t *event; /* which nobody sets */
    caller_t watcher;      /* waits for it */
} scene_t;

static inline int
wait_for_event (void *event, int timeout)
{
    return troika_event_wait (event, timeout);
}

static inline void
begin (scene_t *self, stage_t *stage, const troika_queue_options_t *options)
{
    self->stage = stage;
    self->options = options;
    self->manager = stage_manager_to_follow (stage);
    self->queue = CHECK_OK (troika_manager_queue (self->manager, "q", options));
    self->event = CHECK_OK (troika_manager_event (self->manager, "e"));
    caller_start (&self->watcher, wait_for_event, self->event, TROIKA_FOREVER);
    WAIT_UNTIL (waiters_of (stage, "e") == 1);
}

static inline void
end (scene_t *self)
{
    troika_event_destroy (&self->event);
    troika_queue_destroy (&self->queue);
    troika_manager_destroy (&self->manager);
}

static inline void
stop_manager (scene_t *self)
{
    stage_stop (stage_server_pid (self->stage));
}

/* The one that serves there now has an empty queue of that name. */
static inline void
serve_again (scene_t *self)
{
    char endpoint[512];
    snprintf (endpoint, sizeof endpoint, "%s", stage_endpoint (self->stage));
    stage_kill_server (self->stage);
    stage_manager_again (self->stage, endpoint);
    troika_manager_t *manager = stage_manager_more (self->stage);
    troika_queue_t *queue =
        CHECK_OK (troika_manager_queue (manager, "q", self->options));
    troika_queue_destroy (&queue);
    troika_manager_destroy (&manager);
}

static inline void
lose_manager (scene_t *self)
{
    serve_again (self);
    CHECK_ERRNO (caller_end (&self->watcher), ECONNRESET);
}

static inline void
put_some (troika_queue_t *queue)
{
    put_numbers (queue, PUTS, 0);
}

/* The new manager has what is put from now on, and nothing else. */
static inline void
check_goes_on (troika_queue_t *queue)
{
    CHECK_OK (troika_queue_flush (queue, 5000));
    PUT (queue, 77);
    CHECK_OK (troika_queue_flush (queue, 5000));
    assert_int_equal (CHECK_OK (troika_queue_qsize (queue)), 1);
    CHECK_NEXT (queue, 77);
}

#endif
