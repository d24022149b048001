/* SPDX-License-Identifier: MPL-2.0 */
/*
 * call.c - one call on a lane: sent, repeated, answered once.
 *
 * The manager keeps the deadline, so that an answer and a timeout can never
 * cross; here the wait ends early only when the manager is lost. A caller
 * that gives up (a signal, a handle that is destroyed) asks for the end of
 * the call by its number, and takes the answer if there is one already:
 * nothing is ever taken and then dropped on the way.
 */
#include "parts.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include "lib/base/error.h"

#define REPEAT_US INT64_C (1500000)
/* What a silent manager gets beyond the deadline of a harmless call. */
#define GRACE_US INT64_C (100000)
#define LAST_WORDS_US INT64_C (200000)

typedef struct {
    tk_lane_t *lane;
    const tk_target_t *target;
    const tk_buffer_t *args;
    tk_time_t deadline;
    tk_time_t limit; /* when to leave without an answer, or never */
    tk_meta_t meta;
    tk_time_t sent;
    int given_up; /* the negative errno of giving up; 0 */
    bool answered;
    bool refused; /* by its keys: this lane will never be answered */
} attempt_t;

int
tk_call_frame (zmq_msg_t *frame, const tk_target_t *target, const void *args,
               size_t size, const tk_meta_t *meta)
{
    uint8_t head[TK_HEAD_MAX];
    uint8_t tail[TK_META_MAX];
    size_t head_size = tk_request_head (head, target->object, target->method);
    size_t tail_size = tk_request_meta (tail, meta);
    if (zmq_msg_init_size (frame, head_size + size + tail_size))
        return -ENOMEM;
    uint8_t *at = zmq_msg_data (frame);
    memcpy (at, head, head_size);
    memcpy (at + head_size, args, size);
    memcpy (at + head_size + size, tail, tail_size);
    return 0;
}

static int64_t
timeout_ms (tk_time_t deadline)
{
    if (deadline == TK_NEVER)
        return -1;
    if (deadline == TK_NOWAIT)
        return 0;
    int ms = tk_deadline_poll (deadline);
    return ms > 0 ? ms : 1;
}

/* The end of this very call, by its number, and why: ["EINTR"]. */
static int
cancel_frame (const attempt_t *self, zmq_msg_t *frame)
{
    tk_target_t target = {.object = "", .method = "cancel"};
    tk_buffer_t args;
    tk_buffer_init (&args);
    tk_write_array (&args, 1);
    tk_write_cstr (&args, tk_error_name (-self->given_up));
    int rc = tk_buffer_error (&args);
    if (!rc)
        rc = tk_call_frame (frame, &target, tk_buffer_data (&args), args.size,
                            &self->meta);
    tk_buffer_fini (&args);
    return rc;
}

static int
send_request (attempt_t *self)
{
    zmq_msg_t frame;
    self->meta.timeout_ms = timeout_ms (self->deadline);
    int rc = self->given_up ? cancel_frame (self, &frame)
                            : tk_call_frame (&frame, self->target,
                                             tk_buffer_data (self->args),
                                             self->args->size, &self->meta);
    if (rc)
        return rc;
    self->sent = tk_clock_us ();
    if (zmq_msg_send (&frame, self->lane->req, ZMQ_DONTWAIT) >= 0)
        return 0;
    rc = -errno;
    zmq_msg_close (&frame);
    /* No connection yet: the next repetition will find one. */
    return rc == -EAGAIN || rc == -EINTR ? 0 : rc;
}

/* A failure's words become this thread's; their error is returned. */
static int
failure (const tk_reply_t *reply)
{
    return tk_error (reply->error, "%.*s", (int)reply->words_length,
                     reply->words);
}

static int
take_reply (zmq_msg_t *frame, troika_msg_t **result_p)
{
    tk_reply_t reply;
    tk_slab_t *slab = tk_slab_from_frame (frame);
    if (!slab)
        return -ENOMEM;
    int rc = tk_reply_parse (&reply, tk_slab_data (slab), tk_slab_size (slab));
    if (rc)
        rc = tk_error (EPROTO, "what answers there is no manager: %s",
                       tk_error_text (EBADMSG));
    else if (reply.error)
        rc = failure (&reply);
    else if (result_p) {
        *result_p = tk_msg_slice (slab, reply.result, reply.result_size);
        rc = *result_p ? 0 : -ENOMEM;
    }
    tk_slab_unref (slab);
    return rc;
}

/* 1 and the body of a reply, 0 when there is none. */
static int
receive (void *req, zmq_msg_t *body)
{
    zmq_msg_init (body);
    if (zmq_msg_recv (body, req, ZMQ_DONTWAIT) < 0) {
        zmq_msg_close (body);
        return 0;
    }
    while (zmq_msg_more (body)) /* a stranger's: only the last frame counts */
        if (zmq_msg_recv (body, req, ZMQ_DONTWAIT) < 0)
            break;
    return 1;
}

/* Whether there was news of the connection of a lane that has not been
 * answered yet. */
static bool
hear_monitor (tk_lane_t *lane)
{
    uint16_t event;
    uint32_t value;
    bool any = false;
    while (tk_monitor_next (&lane->monitor, &event, &value)) {
        tk_handshake_note (&lane->handshake, event, value);
        any = true;
    }
    return any;
}

/* Until something may have happened. 0, or -EINTR. The descriptors tell only
 * of what came after they were found empty. */
static int
doze (attempt_t *self)
{
    tk_lane_t *lane = self->lane;
    tk_time_t until = self->sent + REPEAT_US;
    int monitor_fd = lane->monitor.pair ? lane->monitor.fd : -1;
    struct pollfd set[] = {{.fd = lane->req_fd, .events = POLLIN},
                           {.fd = lane->wake.read_fd, .events = POLLIN},
                           {.fd = monitor_fd, .events = POLLIN}};
    if (hear_monitor (lane))
        return 0;
    if (self->limit < until)
        until = self->limit;
    int rc = poll (set, 3, tk_deadline_poll (until));
    if (rc < 0)
        return -errno;
    if (set[1].revents)
        tk_wake_lower (&lane->wake);
    return 0;
}

static int
give_up (attempt_t *self, int rc)
{
    if (self->given_up || !self->meta.session)
        return self->meta.session ? 0 : rc;
    self->given_up = rc;
    return send_request (self);
}

static tk_time_t
limit_of (const tk_client_t *client, const tk_target_t *target,
          tk_time_t deadline)
{
    if (!client->session)
        return deadline;
    if (!target->harmless || deadline == TK_NEVER)
        return TK_NEVER;
    return GRACE_US + (deadline == TK_NOWAIT ? tk_clock_us () : deadline);
}

/* The limit is reached. */
static int
give_in (const attempt_t *self)
{
    char text[TK_ADDRESS_MAX];
    if (!self->meta.session)
        return -EHOSTUNREACH;
    tk_endpoint_text (&self->lane->client->endpoint, text);
    return tk_error (self->deadline == TK_NOWAIT ? EAGAIN : ETIMEDOUT,
                     "the manager at %s has not answered in time", text);
}

/* A lane that was never answered may be one whose keys are refused. */
static int
check_keys (attempt_t *self)
{
    tk_lane_t *lane = self->lane;
    hear_monitor (lane);
    int rc = tk_handshake_check (&lane->handshake, &lane->client->endpoint);
    self->refused = rc != 0;
    return rc;
}

/* Whether to go on waiting: 0, or the negative errno of the end. */
static int
check (attempt_t *self, int dozed)
{
    const tk_client_t *client = self->lane->client;
    const atomic_bool *closing = self->target->closing;
    if (tk_client_state (client) != TK_OPEN)
        return tk_client_failure (client);
    int rc = check_keys (self);
    if (rc)
        return rc;
    if (dozed == -EINTR)
        return give_up (self, -EINTR);
    if (closing && atomic_load (closing) && !self->given_up)
        return give_up (self, -EPIPE);
    tk_time_t now = tk_clock_us ();
    if (now >= self->limit)
        return give_in (self);
    return now - self->sent >= REPEAT_US ? send_request (self) : 0;
}

/* A manager that ends answers every call first, but the news of its end take
 * another connection and may be here sooner. 1 and the answer, or 0. */
static int
last_words (const tk_lane_t *lane, zmq_msg_t *body)
{
    bool ended = tk_client_state (lane->client) == TK_ENDED;
    tk_time_t until = ended ? tk_clock_us () + LAST_WORDS_US : 0;
    while (!receive (lane->req, body)) {
        struct pollfd set = {.fd = lane->req_fd, .events = POLLIN};
        if (tk_clock_us () >= until)
            return 0;
        poll (&set, 1, tk_deadline_poll (until));
    }
    return 1;
}

static int
wait_for_reply (attempt_t *self, troika_msg_t **result_p)
{
    zmq_msg_t body;
    for (;;) {
        int rc = 0;
        self->answered = receive (self->lane->req, &body);
        if (!self->answered)
            rc = check (self, doze (self));
        if (rc)
            self->answered = last_words (self->lane, &body);
        if (self->answered)
            return take_reply (&body, result_p);
        if (rc)
            return rc;
    }
}

int
tk_lane_call (tk_lane_t *lane, const tk_target_t *target, tk_time_t deadline,
              const tk_buffer_t *args, troika_msg_t **result_p)
{
    tk_client_t *client = lane->client;
    attempt_t self = {.lane = lane,
                      .target = target,
                      .args = args,
                      .deadline = deadline,
                      .limit = limit_of (client, target, deadline),
                      .meta = {.session = client->session}};
    if (client->session) {
        self.meta.lane = lane->number;
        self.meta.call = ++lane->call;
        self.meta.casts = tk_lane_drain (lane);
    }
    int rc = send_request (&self);
    if (!rc)
        rc = wait_for_reply (&self, result_p);
    if (self.answered && lane->monitor.pair)
        tk_monitor_stop (&lane->monitor);
    if (self.answered && self.meta.casts && (rc == 0 || rc == -ETIMEDOUT))
        tk_lane_acknowledge (lane, self.meta.casts);
    /* Whom the manager has stopped trusting is to be told by the next hello. */
    if (self.refused && client->session)
        tk_client_fail (client, TK_LOST);
    return rc;
}

int
tk_client_call (tk_client_t *self, const tk_target_t *target,
                tk_time_t deadline, const tk_buffer_t *args,
                troika_msg_t **result_p)
{
    tk_lane_t *lane;
    if (tk_client_state (self) != TK_OPEN)
        return tk_client_failure (self);
    int rc = tk_lane_get (self, &lane);
    if (rc)
        return rc;
    rc = tk_lane_call (lane, target, deadline, args, result_p);
    /* The manager does not know this session: it declared us dead, or it is
     * another one by now. */
    if (rc == -ECONNRESET) {
        tk_client_fail (self, TK_LOST);
        rc = tk_client_failure (self); /* unless it had ended before */
    }
    return rc;
}
