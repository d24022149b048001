/* SPDX-License-Identifier: MPL-2.0 */
/*
 * queue.c - the handle of a queue: its life and the puts.
 *
 * A put into an unbounded queue is a cast, into a bounded one a call that
 * the queue may defer. The block outlives nothing: whoever destroys the
 * handle ends its calls first.
 */
#include <troika/queue.h>

#include <errno.h>
#include <stdlib.h>
#include "lib/base/error.h"
#include "lib/base/runtime.h"
#include "patterns/manager/manager_private.h"
#include "queue_handle.h"
#include "queue_private.h"

static const troika_type_t *const types[] = {&tk_queue_type, NULL};

/* What the object was made with decides how to put. */
static int
read_params (troika_queue_t *self)
{
    uint64_t maxsize = 0;
    const troika_msg_t *params = tk_handle_params (self->handle);
    if (troika_msg_unpack (params, "[U*]", &maxsize) && errno == ENOMEM)
        return -ENOMEM;
    self->maxsize = (size_t)maxsize;
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
    if (!rc)
        return self;
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
    return tk_edge (tk_handle_bind (self->handle, endpoint));
}

const char *
troika_queue_endpoint (const troika_queue_t *self)
{
    return tk_handle_endpoint (self->handle);
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
    free (self);
}

static int
check_item (troika_queue_t *self, size_t size)
{
    if (size <= TK_DOCUMENT_LIMIT)
        return 0;
    return tk_error (EMSGSIZE,
                     "queue '%s': an item of %zu bytes is over the limit of "
                     "%zu",
                     tk_handle_name (self->handle), size, TK_DOCUMENT_LIMIT);
}

static int
put_by_call (troika_queue_t *self, tk_time_t deadline, const void *data,
             size_t size)
{
    tk_buffer_t args;
    tk_buffer_init (&args);
    tk_write_array (&args, 1);
    tk_buffer_append (&args, data, size);
    return tk_handle_call (self->handle, deadline, "put", &args, NULL);
}

static int
put (troika_queue_t *self, tk_time_t deadline, const void *data, size_t size)
{
    int rc = check_item (self, size);
    if (rc)
        return rc;
    if (self->maxsize || tk_handle_is_direct (self->handle))
        return put_by_call (self, deadline, data, size);
    return tk_handle_cast_item (self->handle, deadline, "put", data, size);
}

int
troika_queue_put_msg (troika_queue_t *self, int timeout,
                      const troika_msg_t *msg)
{
    tk_time_t deadline;
    int rc = tk_deadline (timeout, &deadline);
    if (rc)
        return tk_edge (tk_error (-rc, "a timeout of %d ms", timeout));
    return tk_edge (
        put (self, deadline, troika_msg_data (msg), troika_msg_size (msg)));
}

int
troika_queue_put (troika_queue_t *self, int timeout, const char *format, ...)
{
    tk_time_t deadline;
    tk_buffer_t item;
    va_list args;
    int rc = tk_deadline (timeout, &deadline);
    if (rc)
        return tk_edge (tk_error (-rc, "a timeout of %d ms", timeout));
    tk_buffer_init (&item);
    va_start (args, format);
    rc = tk_pack (&item, format, args);
    va_end (args);
    if (!rc)
        rc = put (self, deadline, tk_buffer_data (&item), item.size);
    tk_buffer_fini (&item);
    return tk_edge (rc);
}

int
troika_queue_put_priority (troika_queue_t *self, int timeout, int64_t priority,
                           const troika_msg_t *msg)
{
    tk_time_t deadline;
    tk_buffer_t args;
    int rc = tk_deadline (timeout, &deadline);
    if (rc)
        return tk_edge (tk_error (-rc, "a timeout of %d ms", timeout));
    rc = check_item (self, troika_msg_size (msg));
    if (rc)
        return tk_edge (rc);
    tk_buffer_init (&args);
    tk_write_array (&args, 2);
    tk_write_int (&args, priority);
    tk_buffer_append (&args, troika_msg_data (msg), troika_msg_size (msg));
    return tk_edge (
        tk_handle_call (self->handle, deadline, "put_priority", &args, NULL));
}
