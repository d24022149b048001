/* SPDX-License-Identifier: MPL-2.0 */
/*
 * event.c - the handle of an event.
 */
#include <troika/event.h>

#include "lib/base/error.h"
#include "lib/client/ask.h"
#include "patterns/manager/manager_private.h"

struct troika_event {
    tk_handle_t *handle;
};

troika_event_t *
troika_manager_event (troika_manager_t *manager, const char *name)
{
    tk_handle_t *handle = NULL;
    int rc =
        tk_open (tk_manager_handle (manager), "event", name, &handle, "[]");
    return tk_wrap (rc, handle, sizeof (troika_event_t));
}

troika_event_t *
troika_event_connect (const char *endpoint)
{
    tk_handle_t *handle = NULL;
    int rc = tk_handle_connect (&handle, endpoint, "event", NULL);
    return tk_wrap (rc, handle, sizeof (troika_event_t));
}

void
troika_event_destroy (troika_event_t **self_p)
{
    if (!self_p)
        return;
    tk_unwrap (*self_p);
    *self_p = NULL;
}

int
troika_event_set (troika_event_t *self)
{
    return tk_edge (tk_ask (tk_handle_of (self), TROIKA_FOREVER, "set"));
}

int
troika_event_clear (troika_event_t *self)
{
    return tk_edge (tk_ask (tk_handle_of (self), TROIKA_FOREVER, "clear"));
}

int
troika_event_is_set (troika_event_t *self)
{
    return tk_edge (
        tk_ask_bool (tk_handle_of (self), TROIKA_FOREVER, "is_set"));
}

int
troika_event_wait (troika_event_t *self, int timeout)
{
    return tk_edge (tk_ask (tk_handle_of (self), timeout, "wait"));
}
