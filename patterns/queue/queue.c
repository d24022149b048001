/* SPDX-License-Identifier: MPL-2.0 */
/*
 * queue.c - the handle of a queue: its life and the puts.
 *
 * A put into an unbounded queue is a cast; into a bounded one, too, while
 * this thread has places reserved, else a call that the queue may defer. The
 * block outlives nothing: whoever destroys the handle ends its calls first.
 */
#include <troika/queue.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/error.h"
#include "lib/client/ask.h"
#include "lib/base/runtime.h"
#include "lib/wire/cursor.h"
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

static int
check_item (troika_queue_t *self, size_t size)
{
    if (size == 0)
        return tk_error (EINVAL, "queue '%s': NULL is no item",
                         tk_handle_name (self->handle));
    if (size <= TK_DOCUMENT_LIMIT)
        return 0;
    return tk_error (EMSGSIZE,
                     "queue '%s': an item of %zu bytes is over the limit of "
                     "%zu",
                     tk_handle_name (self->handle), size, TK_DOCUMENT_LIMIT);
}

/* Most items fit into so much of the caller's stack. */
enum { ITEM_ROOM = 256 };

/* Arguments of one item, which is behind the first byte of them. */
static void
begin_args (tk_buffer_t *args, uint8_t room[ITEM_ROOM])
{
    tk_buffer_init_over (args, room, ITEM_ROOM);
    tk_write_array (args, 1);
}

static tk_run_t
run_of (tk_slab_t *slab, const uint8_t *data, size_t size)
{
    size_t offset = (size_t)(data - (const uint8_t *)tk_slab_data (slab));
    return (tk_run_t){slab, (uint32_t)offset, (uint32_t)size, 1};
}

/* As small as can be: it may wait for long, and among many. */
static tk_slab_t *
copy_item (const uint8_t *item, size_t size)
{
    tk_slab_t *slab = tk_slab_new (size);
    if (slab)
        memcpy (tk_slab_data (slab), item, size);
    return slab;
}

/* Whether the queue took the item; then args are empty. */
static bool
put_directly (troika_queue_t *self, int timeout, tk_buffer_t *args)
{
    const uint8_t *item = tk_buffer_data (args) + 1;
    size_t size = args->size - 1;
    tk_slab_t *copy = args->slab ? NULL : copy_item (item, size);
    tk_run_t run = {copy, 0, (uint32_t)size, 1};
    if (args->slab)
        run = run_of (args->slab, item, size);
    if (!run.slab || !tk_queue_put_direct (self, timeout, &run, 1)) {
        tk_slab_unref (copy);
        return false;
    }
    tk_buffer_init (args);
    return true;
}

/* Waits for a place; more may be reserved behind it. */
static int
put_for_places (troika_queue_t *self, tk_time_t deadline, tk_buffer_t *args)
{
    tk_shelf_t *shelf;
    troika_msg_t *answer = NULL;
    uint64_t word = 0;
    int rc = tk_handle_call_ahead (self->handle, deadline, "put_ahead", true,
                                   args, &answer, &shelf);
    if (!rc && shelf && !troika_msg_unpack (answer, "U", &word))
        tk_shelf_place (shelf, word);
    troika_msg_destroy (&answer);
    return rc;
}

static int
put_bounded (troika_queue_t *self, tk_time_t deadline, tk_buffer_t *args)
{
    int rc = tk_handle_cast_placed (self->handle, "put",
                                    tk_buffer_data (args) + 1, args->size - 1);
    return rc == -EAGAIN ? put_for_places (self, deadline, args) : rc;
}

static int
put_by_call (troika_queue_t *self, tk_time_t deadline, tk_buffer_t *args)
{
    tk_queue_calls (self, false);
    return tk_handle_call (self->handle, deadline, "put", args, NULL);
}

/* direct: by the fast path, if there is one. The caller is inside the
 * handle. */
static int
put_some_way (troika_queue_t *self, int timeout, tk_buffer_t *args, bool direct)
{
    tk_time_t deadline;
    if (direct && self->fast && put_directly (self, timeout, args))
        return 0;
    tk_deadline (timeout, &deadline);
    if (tk_handle_is_direct (self->handle))
        return put_by_call (self, deadline, args);
    if (self->maxsize)
        return put_bounded (self, deadline, args);
    return tk_handle_cast_item (self->handle, deadline, "put",
                                tk_buffer_data (args) + 1, args->size - 1);
}

/* Consumes args. */
static int
put (troika_queue_t *self, int timeout, tk_buffer_t *args, bool direct)
{
    tk_handle_t *handle = self->handle;
    int rc = check_item (self, args->size - 1);
    if (!rc)
        rc = tk_handle_go_in (handle);
    if (rc)
        return rc;
    rc = put_some_way (self, timeout, args, direct);
    tk_handle_leave (handle);
    return rc;
}

/* A small part of a large block, which would be kept for it, is copied. */
bool
tk_queue_share (const troika_msg_t *msg, tk_run_t *run)
{
    size_t size = troika_msg_size (msg);
    const void *data = troika_msg_data (msg);
    tk_slab_t *slab = msg ? tk_msg_slab (msg) : NULL;
    if (!slab || size > TK_DOCUMENT_LIMIT ||
        tk_slab_size (slab) > 2 * size + 256 || tk_document_check (data, size))
        return false;
    *run = run_of (tk_slab_ref (slab), data, size);
    return true;
}

static bool
put_shared (troika_queue_t *self, int timeout, const troika_msg_t *msg)
{
    tk_run_t run;
    if (!self->fast || !tk_queue_share (msg, &run))
        return false;
    if (tk_queue_put_direct (self, timeout, &run, 1))
        return true;
    tk_slab_unref (run.slab);
    return false;
}

static int
put_msg (troika_queue_t *self, int timeout, const troika_msg_t *msg)
{
    uint8_t room[ITEM_ROOM];
    tk_buffer_t args;
    const void *data = troika_msg_data (msg);
    size_t size = troika_msg_size (msg);
    if (put_shared (self, timeout, msg))
        return 0;
    begin_args (&args, room);
    tk_buffer_append (&args, data, size);
    int rc = tk_buffer_error (&args);
    if (!rc) /* only the object refuses what is nested too deep */
        rc = put (self, timeout, &args, !tk_document_check (data, size));
    tk_buffer_fini (&args);
    return rc;
}

int
troika_queue_put_msg (troika_queue_t *self, int timeout,
                      const troika_msg_t *msg)
{
    int rc = tk_queue_check (self, timeout);
    return tk_edge (rc ? rc : put_msg (self, timeout, msg));
}

int
troika_queue_put (troika_queue_t *self, int timeout, const char *format, ...)
{
    uint8_t room[ITEM_ROOM];
    tk_buffer_t args;
    va_list values;
    int rc = tk_queue_check (self, timeout);
    if (rc)
        return tk_edge (rc);
    begin_args (&args, room);
    va_start (values, format);
    rc = tk_pack (&args, format, values);
    va_end (values);
    if (!rc)
        rc = put (self, timeout, &args, true);
    tk_buffer_fini (&args);
    return tk_edge (rc);
}

int
troika_queue_put_priority (troika_queue_t *self, int timeout, int64_t priority,
                           const troika_msg_t *msg)
{
    tk_time_t deadline;
    tk_buffer_t args;
    int rc = tk_queue_check (self, timeout);
    if (!rc)
        rc = check_item (self, troika_msg_size (msg));
    if (rc)
        return tk_edge (rc);
    tk_deadline (timeout, &deadline);
    tk_buffer_init (&args);
    tk_write_array (&args, 2);
    tk_write_int (&args, priority);
    tk_buffer_append (&args, troika_msg_data (msg), troika_msg_size (msg));
    tk_queue_calls (self, false);
    return tk_edge (
        tk_handle_call (self->handle, deadline, "put_priority", &args, NULL));
}
