/* SPDX-License-Identifier: MPL-2.0 */
/*
 * pipe.c - the public ways to get the ends of a pipe.
 */
#include "patterns/pipe/end.h"

#include <errno.h>
#include "lib/auth/auth.h"
#include "lib/base/error.h"

/* What fork() cannot share is opened at once. */
static int
pair_inproc (troika_pipe_t **a, troika_pipe_t **b, const char *endpoint,
             bool duplex)
{
    *b = NULL;
    int rc = tk_meet_bind (a, endpoint, duplex, tk_auth_current ());
    if (!rc)
        rc = tk_meet_connect (b, (*a)->text);
    if (rc) {
        tk_end_destroy (*a);
        *a = NULL;
    }
    return rc;
}

static int
pair (troika_pipe_t **a, troika_pipe_t **b, const char *text, bool duplex)
{
    tk_endpoint_t endpoint;
    *a = *b = NULL;
    if (!text)
        return tk_place_pair (a, b, NULL, duplex);
    int rc = tk_meet_read (&endpoint, text);
    if (rc)
        return rc;
    if (endpoint.transport == TK_INPROC)
        return pair_inproc (a, b, text, duplex);
    return tk_place_pair (a, b, &endpoint, duplex);
}

int
troika_pipe_new (troika_pipe_t **a, troika_pipe_t **b, const char *endpoint,
                 bool duplex)
{
    if (!a || !b)
        return tk_edge (tk_error (EINVAL, "nowhere to put the ends"));
    return tk_edge (pair (a, b, endpoint, duplex));
}

troika_pipe_t *
troika_pipe_bind (const char *endpoint, bool duplex)
{
    troika_pipe_t *self;
    int rc = tk_meet_bind (&self, endpoint, duplex, tk_auth_current ());
    return rc ? tk_edge_null (rc) : self;
}

troika_pipe_t *
troika_pipe_connect (const char *endpoint)
{
    troika_pipe_t *self;
    int rc = tk_meet_connect (&self, endpoint);
    return rc ? tk_edge_null (rc) : self;
}

const char *
troika_pipe_endpoint (const troika_pipe_t *self)
{
    if (!self)
        return tk_edge_null (tk_error (EINVAL, "no pipe"));
    return self->text;
}
