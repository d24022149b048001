/* SPDX-License-Identifier: MPL-2.0 */
/*
 * condition.c - the handle of a condition.
 */
#include <troika/condition.h>

#include "lib/base/error.h"
#include "lib/client/ask.h"
#include "patterns/manager/manager_private.h"

struct troika_condition {
    tk_handle_t *handle;
};

troika_condition_t *
troika_manager_condition (troika_manager_t *manager, const char *name)
{
    tk_handle_t *handle = NULL;
    int rc =
        tk_open (tk_manager_handle (manager), "condition", name, &handle, "[]");
    return tk_wrap (rc, handle, sizeof (troika_condition_t));
}

troika_condition_t *
troika_condition_connect (const char *endpoint)
{
    tk_handle_t *handle = NULL;
    int rc = tk_handle_connect (&handle, endpoint, "condition", NULL);
    return tk_wrap (rc, handle, sizeof (troika_condition_t));
}

void
troika_condition_destroy (troika_condition_t **self_p)
{
    if (!self_p)
        return;
    tk_unwrap (*self_p);
    *self_p = NULL;
}

int
troika_condition_acquire (troika_condition_t *self, int timeout)
{
    return tk_edge (
        tk_ask_holding (tk_handle_of (self), timeout, "acquire", NULL));
}

int
troika_condition_release (troika_condition_t *self)
{
    return tk_edge (tk_ask (tk_handle_of (self), TROIKA_FOREVER, "release"));
}

int
troika_condition_wait (troika_condition_t *self, int timeout)
{
    return tk_edge (
        tk_ask_holding (tk_handle_of (self), timeout, "wait", NULL));
}

int
troika_condition_notify (troika_condition_t *self, unsigned n)
{
    return tk_edge (tk_handle_callf (tk_handle_of (self), TROIKA_FOREVER,
                                     "notify", NULL, "[u]", n));
}

int
troika_condition_notify_all (troika_condition_t *self)
{
    return tk_edge (tk_ask (tk_handle_of (self), TROIKA_FOREVER, "notify_all"));
}
