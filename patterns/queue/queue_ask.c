/* SPDX-License-Identifier: MPL-2.0 */
/*
 * queue_ask.c - a queue's figures, confirmations and shutdown: calls that
 * carry no items.
 */
#include <troika/queue.h>

#include <errno.h>
#include <limits.h>
#include "lib/base/error.h"
#include "lib/client/ask.h"
#include "queue_handle.h"

static int
ask (troika_queue_t *self, int timeout, const char *method)
{
    tk_queue_calls (self, false);
    return tk_ask (tk_handle_of (self), timeout, method);
}

int
troika_queue_task_done (troika_queue_t *self)
{
    return tk_edge (ask (self, TROIKA_FOREVER, "task_done"));
}

/* What other threads have put counts as well. */
static int
flush_and_join (troika_queue_t *self, tk_time_t deadline)
{
    tk_buffer_t args;
    tk_queue_calls (self, false);
    int rc = tk_handle_flush_others (tk_handle_of (self), deadline);
    if (rc)
        return rc;
    tk_buffer_init (&args);
    tk_write_array (&args, 0);
    return tk_handle_call (tk_handle_of (self), deadline, "join", &args, NULL);
}

static int
join (troika_queue_t *self, int timeout)
{
    tk_time_t deadline;
    int rc = tk_deadline (timeout, &deadline);
    if (rc)
        return tk_error (-rc, "a timeout of %d ms", timeout);
    tk_handle_t *handle = tk_handle_of (self);
    rc = tk_handle_go_in (handle);
    if (rc)
        return rc;
    rc = flush_and_join (self, deadline);
    tk_handle_leave (handle);
    return rc;
}

int
troika_queue_join (troika_queue_t *self, int timeout)
{
    return tk_edge (join (self, timeout));
}

static int
check_delivery (const troika_msg_t *msg)
{
    if (msg && tk_msg_delivery (msg).number)
        return 0;
    return tk_error (EINVAL, "that message did not come from a queue");
}

int
troika_queue_ack (troika_queue_t *self, const troika_msg_t *msg)
{
    int rc = check_delivery (msg);
    if (!rc)
        rc = tk_handle_callf (tk_handle_of (self), TROIKA_FOREVER, "ack", NULL,
                              "[U]", tk_msg_delivery (msg).number);
    return tk_edge (rc);
}

int
troika_queue_nack (troika_queue_t *self, const troika_msg_t *msg, bool requeue)
{
    int rc = check_delivery (msg);
    if (!rc)
        rc = tk_handle_callf (tk_handle_of (self), TROIKA_FOREVER, "nack", NULL,
                              "[U,b]", tk_msg_delivery (msg).number,
                              (int)requeue);
    return tk_edge (rc);
}

unsigned
troika_queue_deliveries (const troika_msg_t *msg)
{
    return msg ? tk_msg_delivery (msg).count : 0;
}

troika_msg_t *
troika_queue_stat (troika_queue_t *self)
{
    troika_msg_t *answer = NULL;
    int rc = tk_handle_callf (tk_handle_of (self), TROIKA_FOREVER, "stat",
                              &answer, "[]");
    return rc ? tk_edge_null (rc) : answer;
}

troika_msg_t *
troika_queue_peek (troika_queue_t *self, size_t max)
{
    troika_msg_t *answer = NULL;
    int rc = tk_handle_callf (tk_handle_of (self), TROIKA_FOREVER, "peek",
                              &answer, "[U]", (uint64_t)max);
    return rc ? tk_edge_null (rc) : answer;
}

static ssize_t
qsize (troika_queue_t *self)
{
    troika_msg_t *answer = NULL;
    uint64_t size = 0;
    tk_queue_calls (self, false);
    int rc = tk_handle_callf (tk_handle_of (self), TROIKA_FOREVER, "qsize",
                              &answer, "[]");
    if (!rc && troika_msg_unpack (answer, "U", &size))
        rc = tk_error (EPROTO, "qsize was answered strangely");
    troika_msg_destroy (&answer);
    return rc ? rc : (ssize_t)size;
}

ssize_t
troika_queue_qsize (troika_queue_t *self)
{
    ssize_t size = qsize (self);
    return size < 0 ? tk_edge ((int)size) : size;
}

int
troika_queue_empty (troika_queue_t *self)
{
    ssize_t size = qsize (self);
    return size < 0 ? tk_edge ((int)size) : size == 0;
}

int
troika_queue_full (troika_queue_t *self)
{
    return tk_edge (tk_ask_bool (tk_handle_of (self), TROIKA_FOREVER, "full"));
}

int
troika_queue_flush (troika_queue_t *self, int timeout)
{
    tk_time_t deadline;
    int rc = tk_deadline (timeout, &deadline);
    if (rc)
        return tk_edge (tk_error (-rc, "a timeout of %d ms", timeout));
    return tk_edge (tk_handle_flush (tk_handle_of (self), deadline));
}

int
troika_queue_shutdown (troika_queue_t *self, bool immediate)
{
    tk_queue_calls (self, false);
    return tk_edge (tk_handle_callf (tk_handle_of (self), TROIKA_FOREVER,
                                     "shutdown", NULL, "[b]", (int)immediate));
}
