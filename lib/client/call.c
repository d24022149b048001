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
#include "lib/base/mechanism.h"

#define REPEAT_US INT64_C (1500000)
/* The same without a connection: when to try another one. */
#define AGAIN_US INT64_C (20000)
/* How long calls take when nobody else is served, and cores have to wake up;
 * and what counts as no longer than that. */
#define CALM_MIN_US 20
#define CALM_MAX_US 60
#define UNUSUAL_US 200
/* What a silent manager gets beyond the deadline of a harmless call. */
#define GRACE_US INT64_C (100000)

typedef struct {
    tk_lane_t *lane;
    const tk_target_t *target;
    const tk_buffer_t *args;
    tk_time_t deadline;
    tk_time_t limit; /* when to leave without an answer, or never */
    tk_meta_t meta;
    tk_time_t sent;
    int given_up; /* the negative errno of giving up; 0 */
    bool waited;  /* for as long as most calls take */
    bool answered;
    bool refused; /* by its keys: this lane will never be answered */
    bool lost;    /* the manager does not know the session */
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

static int
send_frame (attempt_t *self, const tk_target_t *target, const tk_buffer_t *args)
{
    uint8_t head[TK_HEAD_MAX];
    uint8_t tail[TK_META_MAX];
    size_t head_size = tk_request_head (head, target->object, target->method);
    size_t tail_size = tk_request_meta (tail, &self->meta);
    const tk_piece_t pieces[] = {{head, head_size, NULL},
                                 {tk_buffer_data (args), args->size, NULL},
                                 {tail, tail_size, NULL}};
    return tk_req_send (&self->lane->req, pieces, 3);
}

/* The end of this very call, by its number, and why: ["EINTR"]. */
static int
send_cancel (attempt_t *self)
{
    tk_target_t target = {.object = "", .method = "cancel"};
    tk_buffer_t args;
    tk_buffer_init (&args);
    tk_write_array (&args, 1);
    tk_write_cstr (&args, tk_error_name (-self->given_up));
    int rc = tk_buffer_error (&args);
    if (!rc)
        rc = send_frame (self, &target, &args);
    tk_buffer_fini (&args);
    return rc;
}

static int
send_request (attempt_t *self)
{
    self->meta.timeout_ms = timeout_ms (self->deadline);
    self->sent = tk_clock_us ();
    return self->given_up ? send_cancel (self)
                          : send_frame (self, self->target, self->args);
}

/* A failure's words become this thread's; their error is returned. */
static int
failure (const tk_reply_t *reply)
{
    return tk_error (reply->error, "%.*s", (int)reply->words_length,
                     reply->words);
}

static int
take_reply (attempt_t *self, tk_slab_t *slab, troika_msg_t **result_p)
{
    tk_reply_t reply;
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
    self->lost = reply.session_lost;
    tk_slab_unref (slab);
    return rc;
}

/* How long to leave the manager in peace before the request is repeated. */
static tk_time_t
pause_of (const attempt_t *self)
{
    return tk_req_broken (&self->lane->req) ? AGAIN_US : REPEAT_US;
}

/* Until something may have happened. 0, or -EINTR. The descriptors tell only
 * of what came after they were found empty. */
static int
watch (attempt_t *self)
{
    tk_lane_t *lane = self->lane;
    tk_time_t until = self->sent + pause_of (self);
    struct pollfd set[1 + TK_REQ_FDS] = {
        {.fd = lane->wake.read_fd, .events = POLLIN}};
    if (tk_req_hear (&lane->req))
        return 0;
    if (self->limit < until)
        until = self->limit;
    tk_req_poll (&lane->req, set + 1);
    int rc = poll (set, 1 + TK_REQ_FDS, tk_deadline_poll (until));
    if (rc < 0)
        return -errno;
    if (set[0].revents)
        tk_wake_lower (&lane->wake);
    return 0;
}

/* Whether calls lately took as long as two sleeping cores need to wake up. A
 * bare read is woken early, on Unix sockets, when the manager reads the
 * request: its core is awake when the reply comes. Where both share a core,
 * or others are served, too, that is a wake-up in vain. */
static bool
is_calm (const tk_lane_t *lane)
{
    int usual_us = lane->usual_eighths / 8;
    return usual_us >= CALM_MIN_US && usual_us <= CALM_MAX_US &&
           tk_mechanism (TK_MECHANISM_EARLY);
}

/* So short a read that it does not matter that nobody can wake this thread
 * meanwhile; no limit is that near. */
static int
doze (attempt_t *self)
{
    bool reads = !self->waited && is_calm (self->lane);
    int rc = reads ? tk_req_wait (&self->lane->req) : -ENOTSUP;
    self->waited = true;
    return rc == -ENOTSUP ? watch (self) : rc;
}

static void
note_time (const attempt_t *self)
{
    tk_lane_t *lane = self->lane;
    tk_time_t took = tk_clock_us () - self->sent;
    if (took > UNUSUAL_US)
        took = UNUSUAL_US;
    lane->usual_eighths += (int)took - lane->usual_eighths / 8;
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
    const tk_lane_t *lane = self->lane;
    int rc = tk_req_check (&self->lane->req, &lane->client->endpoint);
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
    return now - self->sent >= pause_of (self) ? send_request (self) : 0;
}

/* A manager that ends answers every call first, but the news of its end take
 * another connection and may be here sooner. 1 and the answer, or 0. */
static int
last_words (tk_lane_t *lane, tk_slab_t **body)
{
    bool ended = tk_client_state (lane->client) == TK_ENDED;
    tk_time_t until = ended ? tk_clock_us () + TK_LAST_WORDS_US : 0;
    while (!tk_req_recv (&lane->req, body)) {
        struct pollfd set[TK_REQ_FDS];
        if (tk_clock_us () >= until)
            return 0;
        tk_req_poll (&lane->req, set);
        poll (set, TK_REQ_FDS, tk_deadline_poll (until));
    }
    return 1;
}

static int
wait_for_reply (attempt_t *self, troika_msg_t **result_p)
{
    tk_slab_t *body = NULL;
    for (;;) {
        self->answered = tk_req_recv (&self->lane->req, &body);
        int rc = self->answered ? 1 : doze (self);
        rc = rc > 0 ? 0 : check (self, rc);
        if (rc)
            self->answered = last_words (self->lane, &body);
        if (self->answered)
            return take_reply (self, body, result_p);
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
    int rc = tk_req_open (&lane->req, &client->endpoint, client->session);
    if (client->session) {
        self.meta.lane = lane->number;
        self.meta.call = ++lane->call;
        self.meta.casts = tk_lane_drain_by_call (lane);
    }
    if (!rc)
        rc = send_request (&self);
    if (!rc)
        tk_lanes_send ();
    if (!rc)
        rc = wait_for_reply (&self, result_p);
    if (self.answered) {
        tk_req_answered (&lane->req);
        note_time (&self);
    }
    if (self.answered && self.meta.casts && (rc == 0 || rc == -ETIMEDOUT))
        tk_lane_acknowledge (lane, self.meta.casts);
    /* It declared us dead, or is another one by now; or it has stopped
     * trusting us, and the next hello is to be told so. */
    if ((self.refused || self.lost) && client->session)
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
    /* The loss, unless it had ended before; or an object's own. */
    if (rc == -ECONNRESET && tk_client_state (self) != TK_OPEN)
        rc = tk_client_failure (self);
    return rc;
}
