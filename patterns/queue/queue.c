/* SPDX-License-Identifier: MPL-2.0 */
/*
 * queue.c - the handle of a queue: its life.
 *
 * The block outlives nothing: whoever destroys the handle ends its calls
 * first.
 */
#include <troika/queue.h>

#include <errno.h>
#include <stdlib.h>
#include "lib/base/error.h"
#include "lib/client/ask.h"
#include "patterns/manager/manager_private.h"
#include "queue_handle.h"
#include "queue_private.h"

static const troika_type_t *const types[] = {&tk_queue_type, NULL};

/* What the object was made with decides how to put and get. */
static int
read_params (troika_queue_t *self)
{
    uint64_t maxsize = 0;
    int order = TROIKA_FIFO;
    int manual_ack = 0;
    const troika_msg_t *params = tk_handle_params (self->handle);
    if (troika_msg_unpack (params, "[Uib*]", &maxsize, &order, &manual_ack) &&
        errno == ENOMEM)
        return -ENOMEM;
    self->maxsize = (size_t)maxsize;
    self->ahead = order == TROIKA_FIFO && !manual_ack;
    return 0;
}

troika_queue_t *
tk_queue_wrap (int rc, tk_handle_t *handle)
{
    troika_queue_t *self = rc ? NULL : calloc (1, sizeof *self);
    if (!self) {
        tk_handle_destroy (&handle);
        return tk_edge_null (rc ? rc : -ENOMEM);
    }
    self->handle = handle;
    rc = read_params (self);
    if (!rc) {
        tk_queue_attach (self);
        return self;
    }
    troika_queue_destroy (&self);
    return tk_edge_null (rc);
}

int
tk_queue_params (const troika_queue_options_t *options, troika_msg_t **params)
{
    static const troika_queue_options_t plain;
    const troika_queue_options_t *o = options ? options : &plain;
    if ((int)o->order < TROIKA_FIFO || (int)o->order > TROIKA_PRIORITY)
        return tk_error (EINVAL, "a queue has no order %d", (int)o->order);
    *params = troika_msg_pack ("[U,i,b,U]", (uint64_t)o->maxsize, (int)o->order,
                               (int)o->manual_ack, (uint64_t)o->max_deliveries);
    return *params ? 0 : -errno;
}

troika_queue_t *
troika_queue_new_with (const char *endpoint,
                       const troika_queue_options_t *options)
{
    tk_handle_t *handle = NULL;
    troika_msg_t *params = NULL;
    int rc = tk_queue_params (options, &params);
    if (!rc)
        rc = tk_handle_serve (&handle, endpoint, types, "queue", "queue",
                              params);
    troika_msg_destroy (&params);
    return tk_queue_wrap (rc, handle);
}

troika_queue_t *
troika_queue_new (const char *endpoint, size_t maxsize)
{
    troika_queue_options_t options = {.maxsize = maxsize};
    return troika_queue_new_with (endpoint, &options);
}

troika_queue_t *
troika_queue_connect (const char *endpoint)
{
    tk_handle_t *handle = NULL;
    int rc = tk_handle_connect (&handle, endpoint, "queue", "queue");
    return tk_queue_wrap (rc, handle);
}

troika_queue_t *
troika_manager_queue (troika_manager_t *manager, const char *name,
                      const troika_queue_options_t *options)
{
    tk_handle_t *handle = NULL;
    troika_msg_t *params = NULL;
    int rc = tk_queue_params (options, &params);
    if (!rc)
        rc = tk_handle_open (tk_manager_handle (manager), "queue", name, params,
                             &handle);
    troika_msg_destroy (&params);
    return tk_queue_wrap (rc, handle);
}

int
troika_queue_bind (troika_queue_t *self, const char *endpoint)
{
    return tk_edge (tk_handle_bind (tk_handle_of (self), endpoint));
}

const char *
troika_queue_endpoint (const troika_queue_t *self)
{
    return tk_endpoint_of (self);
}

void
troika_queue_destroy (troika_queue_t **self_p)
{
    troika_queue_t *self = self_p ? *self_p : NULL;
    if (!self)
        return;
    *self_p = NULL;
    tk_handle_t *handle = self->handle; /* other threads may still read it */
    tk_handle_destroy (&handle);
    tk_fast_unref (self->fast);
    free (self);
}

int
tk_queue_refuse (const troika_queue_t *self, int timeout)
{
    int rc = tk_handle_check (tk_handle_of (self));
    return rc ? rc : tk_check_timeout (timeout);
}
