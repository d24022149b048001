/* SPDX-License-Identifier: MPL-2.0 */
/*
 * stage_queue.c - serves a queue on the stage.
 *
 * The test always holds a connected handle, also where the queue is served
 * by its own process, so that every variant reads the same.
 */
#include "tests/stage_parts.h"

static void *
start (const char *endpoint, const void *options)
{
    static const troika_queue_options_t plain;
    return troika_queue_new_with (endpoint, options ? options : &plain);
}

static const char *
endpoint (void *server)
{
    return troika_queue_endpoint (server);
}

static void
stop (void *server)
{
    troika_queue_t *queue = server;
    troika_queue_destroy (&queue);
}

static const stage_service_t queue_service = {start, endpoint, stop};

troika_queue_t *
stage_queue (stage_t *self, const troika_queue_options_t *options)
{
    stage_serve (self, &queue_service, options);
    return stage_connect (self);
}

troika_queue_t *
stage_connect (stage_t *self)
{
    return CHECK_OK (troika_queue_connect (stage_endpoint (self)));
}
