/* SPDX-License-Identifier: MPL-2.0 */
/*
 * queue_many.c - puts and gets of several items in one round trip.
 *
 * A frame carries TK_TOGETHER bytes of them, or one that is larger behind
 * less than that, so that no call exceeds the limit of a frame.
 */
#include <troika/queue.h>

#include <errno.h>
#include "lib/base/error.h"
#include "lib/base/runtime.h"
#include "lib/wire/cursor.h"
#include "queue_handle.h"

enum { TOGETHER = 64 }; /* by the fast path at once */

static int
check_items (troika_queue_t *self, troika_msg_t *const *msgs, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!msgs || !msgs[i])
            return tk_error (EINVAL, "queue '%s': item %zu is NULL",
                             tk_handle_name (self->handle), i);
        else if (troika_msg_size (msgs[i]) > TK_DOCUMENT_LIMIT)
            return tk_error (EMSGSIZE,
                             "queue '%s': item %zu has %zu bytes, over the "
                             "limit of %zu",
                             tk_handle_name (self->handle), i,
                             troika_msg_size (msgs[i]), TK_DOCUMENT_LIMIT);
    return 0;
}

/* How many of the messages go into one frame: one at least. */
static size_t
chunk (troika_msg_t *const *msgs, size_t count)
{
    size_t bytes = 0;
    size_t n = 0;
    while (n < count && (n == 0 || bytes < TK_TOGETHER))
        bytes += troika_msg_size (msgs[n++]);
    return n;
}

/* How many of one chunk went in. */
static ssize_t
put_chunk (troika_queue_t *self, tk_time_t deadline, troika_msg_t *const *msgs,
           size_t count)
{
    tk_buffer_t args;
    troika_msg_t *answer = NULL;
    int done = 0;
    tk_buffer_init (&args);
    tk_write_array (&args, (uint32_t)count);
    for (size_t i = 0; i < count; i++)
        tk_buffer_append (&args, troika_msg_data (msgs[i]),
                          troika_msg_size (msgs[i]));
    tk_queue_calls (self, false);
    int rc = tk_handle_call (self->handle, deadline, "put", &args, &answer);
    if (!rc && troika_msg_unpack (answer, "i", &done))
        rc = tk_error (EPROTO, "put was answered strangely");
    troika_msg_destroy (&answer);
    return rc ? rc : done;
}

/* As many as the fast path takes. */
static size_t
put_directly (troika_queue_t *self, int timeout, troika_msg_t *const *msgs,
              size_t count)
{
    tk_run_t runs[TOGETHER];
    size_t total = 0, shared, done;
    do {
        shared = 0;
        while (shared < TOGETHER && total + shared < count &&
               tk_queue_share (msgs[total + shared], &runs[shared]))
            shared++;
        done = shared ? tk_queue_put_direct (self, timeout, runs, shared) : 0;
        for (size_t i = done; i < shared; i++)
            tk_slab_unref (runs[i].slab);
        total += done;
    } while (done == TOGETHER);
    return total;
}

static ssize_t
put_all (troika_queue_t *self, int timeout, troika_msg_t *const *msgs,
         size_t count)
{
    tk_time_t deadline;
    size_t total = self->fast ? put_directly (self, timeout, msgs, count) : 0;
    if (total == count)
        return (ssize_t)total;
    tk_deadline (timeout, &deadline);
    while (total < count) {
        size_t n = chunk (msgs + total, count - total);
        ssize_t rc = put_chunk (self, deadline, msgs + total, n);
        if (rc < 0)
            return total ? (ssize_t)total : rc;
        total += (size_t)rc;
        if ((size_t)rc < n)
            break;
    }
    return (ssize_t)total;
}

ssize_t
troika_queue_put_many (troika_queue_t *self, int timeout,
                       troika_msg_t *const *msgs, size_t count)
{
    int rc = tk_queue_check (self, timeout);
    if (!rc)
        rc = check_items (self, msgs, count);
    if (rc)
        return tk_edge (rc);
    tk_handle_t *handle = self->handle;
    rc = tk_handle_go_in (handle);
    if (rc)
        return tk_edge (rc);
    ssize_t done = put_all (self, timeout, msgs, count);
    tk_handle_leave (handle);
    return done < 0 ? tk_edge ((int)done) : done;
}

/* Items of one answer, which they stay slices of. */
typedef struct {
    tk_slab_t *slab;
    tk_cursor_t at;
    uint64_t number; /* of the next item */
    uint64_t deliveries;
} reader_t;

static reader_t
reader (const troika_msg_t *answer)
{
    return (reader_t){
        .slab = answer ? tk_msg_slab (answer) : NULL,
        .at = tk_cursor (troika_msg_data (answer), troika_msg_size (answer))};
}

static int
read_next (reader_t *self, troika_msg_t **msg_p)
{
    const uint8_t *from = self->at.at;
    if (tk_cursor_skip_frame (&self->at))
        return -EPROTO;
    *msg_p = tk_msg_slice (self->slab, from, (size_t)(self->at.at - from));
    if (!*msg_p)
        return -ENOMEM;
    tk_msg_set_delivery (
        *msg_p, (tk_delivery_t){self->number++, (unsigned)self->deliveries});
    return 0;
}

/* What did not become a message goes back: it has not been taken. Without an
 * item to give, what went wrong. */
static ssize_t
read_in_part (troika_queue_t *self, const reader_t *from, uint32_t done, int rc)
{
    tk_handle_callf (self->handle, TROIKA_FOREVER, "give_back", NULL, "[U]",
                     from->number);
    if (done)
        return done;
    return rc == -ENOMEM ? rc
                         : tk_error (-rc, "the items were answered strangely");
}

/* [number, deliveries, item] */
static int
read_numbered (reader_t *self, troika_msg_t **msg_p)
{
    uint32_t count;
    if (tk_cursor_array (&self->at, &count) || count != 3 ||
        tk_cursor_uint (&self->at, &self->number) ||
        tk_cursor_uint (&self->at, &self->deliveries))
        return -EPROTO;
    return read_next (self, msg_p);
}

/* [[number, deliveries, item], …] */
static ssize_t
read_taken (troika_queue_t *self, const troika_msg_t *answer,
            troika_msg_t **msgs, size_t max)
{
    reader_t from = reader (answer);
    uint32_t count;
    if (tk_cursor_array (&from.at, &count) || count == 0 || count > max)
        return tk_error (EPROTO, "take was answered strangely");
    for (uint32_t i = 0; i < count; i++) {
        int rc = read_numbered (&from, &msgs[i]);
        if (rc)
            return read_in_part (self, &from, i, rc);
    }
    return count;
}

static ssize_t
take (troika_queue_t *self, tk_time_t deadline, troika_msg_t **msgs, size_t max)
{
    tk_buffer_t args;
    troika_msg_t *answer = NULL;
    tk_buffer_init (&args);
    tk_write_array (&args, 1);
    tk_write_uint (&args, max);
    tk_queue_calls (self, true);
    ssize_t rc =
        tk_handle_call (self->handle, deadline, "take", &args, &answer);
    if (!rc)
        rc = read_taken (self, answer, msgs, max);
    troika_msg_destroy (&answer);
    return rc;
}

/* [number, deliveries, word, item, …]: the first max items are the answer,
 * what is behind them was handed ahead. Or what take is answered. */
static ssize_t
read_fetched (troika_queue_t *self, const troika_msg_t *answer,
              tk_shelf_t *shelf, troika_msg_t **msgs, size_t max)
{
    reader_t from = reader (answer);
    uint32_t count;
    uint64_t word;
    if (tk_cursor_array (&from.at, &count) ||
        tk_cursor_peek (&from.at) == TK_ARRAY)
        return read_taken (self, answer, msgs, max);
    if (count < 4 || tk_cursor_uint (&from.at, &from.number) ||
        tk_cursor_uint (&from.at, &from.deliveries) ||
        tk_cursor_uint (&from.at, &word))
        return tk_error (EPROTO, "fetch was answered strangely");
    uint32_t mine = count - 3 < max ? count - 3 : (uint32_t)max;
    for (uint32_t i = 0; i < mine; i++) {
        int rc = read_next (&from, &msgs[i]);
        if (rc)
            return read_in_part (self, &from, i, rc);
    }
    if (shelf)
        tk_shelf_fill (shelf, from.slab, from.at, word, from.number);
    return mine;
}

static ssize_t
fetch (troika_queue_t *self, tk_time_t deadline, troika_msg_t **msgs,
       size_t max)
{
    tk_buffer_t args;
    tk_shelf_t *shelf;
    troika_msg_t *answer = NULL;
    tk_buffer_init (&args);
    tk_write_array (&args, max > 1);
    if (max > 1)
        tk_write_uint (&args, max);
    ssize_t rc = tk_handle_call_ahead (self->handle, deadline, "fetch", false,
                                       &args, &answer, &shelf);
    if (!rc)
        rc = read_fetched (self, answer, shelf, msgs, max);
    troika_msg_destroy (&answer);
    return rc;
}

/* The caller is inside the handle. */
static ssize_t
get_either_way (troika_queue_t *self, int timeout, troika_msg_t **msgs,
                size_t max)
{
    tk_time_t deadline;
    bool direct = tk_handle_is_direct (self->handle); /* not after a fork */
    if (direct) {
        size_t count = tk_queue_take_direct (self, timeout, msgs, max);
        if (count)
            return (ssize_t)count;
    } else if (tk_handle_ahead (self->handle, "started", msgs, max))
        return (ssize_t)max;
    tk_deadline (timeout, &deadline);
    return direct || !self->ahead ? take (self, deadline, msgs, max)
                                  : fetch (self, deadline, msgs, max);
}

static ssize_t
get (troika_queue_t *self, int timeout, troika_msg_t **msgs, size_t max)
{
    int rc = tk_queue_check (self, timeout);
    if (rc)
        return rc;
    if (max == 0 || !msgs)
        return tk_error (EINVAL, "get_many of no items");
    tk_handle_t *handle = self->handle;
    rc = tk_handle_go_in (handle);
    if (rc)
        return rc;
    ssize_t count = get_either_way (self, timeout, msgs, max);
    tk_handle_leave (handle);
    return count;
}

ssize_t
troika_queue_get_many (troika_queue_t *self, int timeout, troika_msg_t **msgs,
                       size_t max)
{
    ssize_t count = get (self, timeout, msgs, max);
    return count < 0 ? tk_edge ((int)count) : count;
}

troika_msg_t *
troika_queue_get (troika_queue_t *self, int timeout)
{
    troika_msg_t *msg = NULL;
    ssize_t count = get (self, timeout, &msg, 1);
    return count < 0 ? tk_edge_null ((int)count) : msg;
}
