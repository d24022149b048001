/* SPDX-License-Identifier: MPL-2.0 */
/*
 * listener.c - the handle of a listener: a manager with one object, which
 * only the process that made it can accept from.
 */
#include "patterns/listener/listener_private.h"

#include <errno.h>
#include "lib/base/error.h"
#include "lib/client/ask.h"

struct troika_listener {
    tk_handle_t *handle;
    uint64_t secret;
};

static const troika_type_t *const types[] = {&tk_listener_type, NULL};

static int
serve (tk_handle_t **handle, const char *endpoint)
{
    troika_msg_t *params = troika_msg_pack ("[]");
    if (!params)
        return -errno;
    int rc = tk_handle_serve (handle, endpoint, types, "listener", "listener",
                              params);
    troika_msg_destroy (&params);
    return rc;
}

static int
open_object (tk_handle_t *handle, bool private, uint64_t *secret)
{
    return tk_listener_open (tk_handle_registry (handle),
                             tk_handle_name (handle), tk_handle_place (handle),
                             private, secret);
}

troika_listener_t *
troika_listener_new (const char *endpoint)
{
    tk_handle_t *handle = NULL;
    uint64_t secret = 0;
    int rc = serve (&handle, endpoint);
    if (!rc)
        rc = open_object (handle, !endpoint, &secret);
    troika_listener_t *self = tk_wrap (rc, handle, sizeof *self);
    if (self)
        self->secret = secret;
    return self;
}

const char *
troika_listener_endpoint (const troika_listener_t *self)
{
    if (!self)
        return tk_edge_null (tk_error (EINVAL, "no listener"));
    return tk_handle_endpoint (self->handle);
}

static int
accept_number (troika_listener_t *self, int timeout, uint64_t *number)
{
    troika_msg_t *answer = NULL;
    if (!self)
        return tk_error (EINVAL, "no listener");
    if (!tk_handle_registry (self->handle))
        return tk_error (EPERM,
                         "%s: only the process that listens accepts; a forked "
                         "child may listen at an endpoint of its own",
                         tk_handle_endpoint (self->handle));
    int rc = tk_handle_callf (self->handle, timeout, "accept", &answer, "[U]",
                              self->secret);
    if (!rc && troika_msg_unpack (answer, "U", number))
        rc = -EPROTO;
    troika_msg_destroy (&answer);
    return rc;
}

troika_pipe_t *
troika_listener_accept (troika_listener_t *self, int timeout)
{
    uint64_t number = 0;
    int rc = accept_number (self, timeout, &number);
    troika_pipe_t *pipe = rc ? NULL : tk_caller_collect (number);
    if (!rc && !pipe)
        rc = tk_error (EPIPE, "the listener was destroyed");
    return rc ? tk_edge_null (rc) : pipe;
}

void
troika_listener_destroy (troika_listener_t **self_p)
{
    if (!self_p)
        return;
    tk_unwrap (*self_p);
    *self_p = NULL;
}
