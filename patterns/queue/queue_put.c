/* SPDX-License-Identifier: MPL-2.0 */
/*
 * queue_put.c - puts of one item.
 *
 * By the fast path, if the queue is served here and takes it. Else a put into
 * an unbounded queue is a cast; into a bounded one, too, while this thread has
 * places reserved, else a call that the queue may defer. Whichever it tries,
 * a put is inside the handle all the while: self may be gone once it has left.
 */
#include <troika/queue.h>

#include <errno.h>
#include <string.h>
#include "lib/base/error.h"
#include "lib/base/runtime.h"
#include "lib/wire/cursor.h"
#include "queue_handle.h"

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

static uint32_t
offset_of (const tk_slab_t *slab, const uint8_t *data)
{
    return (uint32_t)(data - (const uint8_t *)tk_slab_data (slab));
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
    tk_slab_t *slab = args->slab ? args->slab : copy;
    uint32_t offset = args->slab ? offset_of (slab, item) : 0;
    if (!slab || !tk_queue_put_one_direct (self, timeout, slab, offset,
                                           (uint32_t)size)) {
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
    int rc = tk_handle_cast_placed (self->handle, deadline, "put",
                                    tk_buffer_data (args) + 1, args->size - 1);
    return rc == -EAGAIN ? put_for_places (self, deadline, args) : rc;
}

static int
put_by_call (troika_queue_t *self, tk_time_t deadline, tk_buffer_t *args)
{
    tk_queue_calls (self, false);
    return tk_handle_call (self->handle, deadline, "put", args, NULL);
}

/* direct: by the fast path, if there is one. */
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
    int rc = check_item (self, args->size - 1);
    return rc ? rc : put_some_way (self, timeout, args, direct);
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
    uint32_t offset = offset_of (slab, data);
    *run = (tk_run_t){tk_slab_ref (slab), offset, (uint32_t)size, 1};
    return true;
}

/* Whether the queue took the item by the fast path; its reference, too. */
static bool
hand_over (troika_queue_t *self, int timeout, tk_slab_t *slab, uint32_t offset,
           uint32_t size)
{
    if (tk_queue_put_one_direct (self, timeout, slab, offset, size))
        return true;
    tk_slab_unref (slab);
    return false;
}

static bool
put_shared (troika_queue_t *self, int timeout, const troika_msg_t *msg)
{
    tk_run_t run;
    return self->fast && tk_queue_share (msg, &run) &&
           hand_over (self, timeout, run.slab, run.offset, run.size);
}

/* A format that stands for one short binary, packed where it is to stay: a
 * copy of what was just packed elsewhere has to wait until all stores ahead
 * of it are done. NULL: anything else, or memory is short. */
static tk_slab_t *
pack_binary (const char *format, va_list values)
{
    if (!format || format[0] != 'B' || format[1])
        return NULL;
    const void *data = va_arg (values, const void *);
    size_t size = va_arg (values, size_t);
    bool right = size <= UINT8_MAX && (data || !size);
    tk_slab_t *slab = right ? tk_slab_new (2 + size) : NULL;
    if (!slab)
        return NULL;
    uint8_t *at = tk_slab_data (slab);
    at[0] = 0xc4;
    at[1] = (uint8_t)size;
    if (size)
        memcpy (at + 2, data, size);
    return slab;
}

/* Goes inside the handle, if the arguments are right. */
static int
begin (troika_queue_t *self, int timeout)
{
    int rc = tk_queue_check (self, timeout);
    return rc ? rc : tk_handle_go_in (self->handle);
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
    int rc = begin (self, timeout);
    if (rc)
        return tk_edge (rc);
    tk_handle_t *handle = self->handle;
    rc = put_msg (self, timeout, msg);
    tk_handle_leave (handle);
    return tk_edge (rc);
}

static int
put_packed (troika_queue_t *self, int timeout, const char *format,
            va_list values, bool direct)
{
    uint8_t room[ITEM_ROOM];
    tk_buffer_t args;
    begin_args (&args, room);
    int rc = tk_pack (&args, format, values);
    if (!rc)
        rc = put (self, timeout, &args, direct);
    tk_buffer_fini (&args);
    return rc;
}

int
troika_queue_put (troika_queue_t *self, int timeout, const char *format, ...)
{
    va_list values;
    int rc = begin (self, timeout);
    if (rc)
        return tk_edge (rc);
    tk_handle_t *handle = self->handle;
    va_start (values, format);
    tk_slab_t *slab = self->fast ? pack_binary (format, values) : NULL;
    bool tried = slab != NULL;
    va_end (values);
    if (!tried ||
        !hand_over (self, timeout, slab, 0, (uint32_t)tk_slab_size (slab))) {
        va_start (values, format);
        rc = put_packed (self, timeout, format, values, !tried);
        va_end (values);
    }
    tk_handle_leave (handle);
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
