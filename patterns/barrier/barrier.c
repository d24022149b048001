/* SPDX-License-Identifier: MPL-2.0 */
/*
 * barrier.c - the handle of a barrier.
 */
#include <troika/barrier.h>

#include "lib/base/error.h"
#include "lib/client/ask.h"
#include "patterns/manager/manager_private.h"

struct troika_barrier {
    tk_handle_t *handle;
};

troika_barrier_t *
troika_manager_barrier (troika_manager_t *manager, const char *name,
                        unsigned parties)
{
    tk_handle_t *handle = NULL;
    int rc = tk_open (tk_manager_handle (manager), "barrier", name, &handle,
                      "[u]", parties);
    return tk_wrap (rc, handle, sizeof (troika_barrier_t));
}

troika_barrier_t *
troika_barrier_connect (const char *endpoint)
{
    tk_handle_t *handle = NULL;
    int rc = tk_handle_connect (&handle, endpoint, "barrier", NULL);
    return tk_wrap (rc, handle, sizeof (troika_barrier_t));
}

void
troika_barrier_destroy (troika_barrier_t **self_p)
{
    if (!self_p)
        return;
    tk_unwrap (*self_p);
    *self_p = NULL;
}

int
troika_barrier_wait (troika_barrier_t *self, int timeout)
{
    return tk_edge (tk_ask_int (tk_handle_of (self), timeout, "wait"));
}

int
troika_barrier_abort (troika_barrier_t *self)
{
    return tk_edge (tk_ask (tk_handle_of (self), TROIKA_FOREVER, "abort"));
}

int
troika_barrier_reset (troika_barrier_t *self)
{
    return tk_edge (tk_ask (tk_handle_of (self), TROIKA_FOREVER, "reset"));
}

int
troika_barrier_parties (troika_barrier_t *self)
{
    return tk_edge (
        tk_ask_int (tk_handle_of (self), TROIKA_FOREVER, "parties"));
}

int
troika_barrier_waiting (troika_barrier_t *self)
{
    return tk_edge (
        tk_ask_int (tk_handle_of (self), TROIKA_FOREVER, "waiting"));
}

int
troika_barrier_broken (troika_barrier_t *self)
{
    return tk_edge (
        tk_ask_bool (tk_handle_of (self), TROIKA_FOREVER, "broken"));
}
