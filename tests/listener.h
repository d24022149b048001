/* SPDX-License-Identifier: MPL-2.0 */
/*
 * listener.h - what the tests of the listener share: one at the variant's
 * transport, its clients, the pipes that it accepts.
 */
#ifndef TESTS_LISTENER_H
#define TESTS_LISTENER_H

#include "tests/pipe_ends.h"

static inline troika_listener_t *
listen_here (stage_t *stage)
{
    return CHECK_OK (troika_listener_new (stage_address (stage)));
}

static inline troika_pipe_t *
client_of (const troika_listener_t *listener)
{
    return CHECK_OK (troika_pipe_connect (troika_listener_endpoint (listener)));
}

static inline troika_pipe_t *
accept_one (troika_listener_t *listener)
{
    return CHECK_OK (troika_listener_accept (listener, TROIKA_FOREVER));
}

/* One number of what the listener tells by "stat". */
static inline int
count_of (troika_object_t *object, const char *name)
{
    int count;
    troika_msg_t *stat =
        CHECK_OK (troika_object_call (object, TROIKA_FOREVER, "stat", NULL));
    CHECK_OK (troika_msg_unpack (stat, "{s:i}", name, &count));
    troika_msg_destroy (&stat);
    return count;
}

#endif
