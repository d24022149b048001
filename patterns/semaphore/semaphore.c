/* SPDX-License-Identifier: MPL-2.0 */
/*
 * semaphore.c - the handle of a semaphore.
 */
#include <troika/semaphore.h>

#include "lib/base/error.h"
#include "lib/client/ask.h"
#include "patterns/manager/manager_private.h"

struct troika_semaphore {
    tk_handle_t *handle;
};

troika_semaphore_t *
troika_manager_semaphore (troika_manager_t *manager, const char *name,
                          unsigned value, bool bounded)
{
    tk_handle_t *handle = NULL;
    int rc = tk_open (tk_manager_handle (manager), "semaphore", name, &handle,
                      "[u,b]", value, bounded);
    return tk_wrap (rc, handle, sizeof (troika_semaphore_t));
}

troika_semaphore_t *
troika_semaphore_connect (const char *endpoint)
{
    tk_handle_t *handle = NULL;
    int rc = tk_handle_connect (&handle, endpoint, "semaphore", NULL);
    return tk_wrap (rc, handle, sizeof (troika_semaphore_t));
}

void
troika_semaphore_destroy (troika_semaphore_t **self_p)
{
    if (!self_p)
        return;
    tk_unwrap (*self_p);
    *self_p = NULL;
}

int
troika_semaphore_acquire (troika_semaphore_t *self, int timeout)
{
    return tk_edge (tk_ask (tk_handle_of (self), timeout, "acquire"));
}

int
troika_semaphore_release (troika_semaphore_t *self)
{
    return tk_edge (tk_ask (tk_handle_of (self), TROIKA_FOREVER, "release"));
}

int
troika_semaphore_value (troika_semaphore_t *self)
{
    return tk_edge (tk_ask_int (tk_handle_of (self), TROIKA_FOREVER, "value"));
}
