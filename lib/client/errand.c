/* SPDX-License-Identifier: MPL-2.0 */
/*
 * errand.c - what the agent asks of one manager, one call at a time.
 *
 * IDLE -> WAITING -> IDLE …; a lane whose thread has ended makes it LEAVING,
 * an object that is to be sealed SEALING. Any answer proves that the manager
 * lives; none for 2.5 seconds means that it is lost. Agent thread only.
 */
#include "errand.h"

#include <errno.h>
#include <string.h>
#include "lib/base/error.h"
#include "lib/base/runtime.h"
#include "lib/wire/cursor.h"

#define WAIT_MS 1000
#define REPEAT_US INT64_C (1000000)
#define LOST_US INT64_C (2500000)
/* A manager whose connection broke and is not back by then is lost. One that
 * is back may park the repeated call for as long as any other. */
#define BROKEN_US INT64_C (1000000)

static void
send_copy (tk_client_t *client, tk_time_t now)
{
    zmq_msg_t copy;
    client->asked = now;
    zmq_msg_init (&copy);
    if (zmq_msg_copy (&copy, &client->request) ||
        zmq_msg_send (&copy, client->req, ZMQ_DONTWAIT) < 0)
        zmq_msg_close (&copy);
}

/* A new call of the agent's lane; one that is still parked ends by it. */
static void
ask (tk_client_t *client, tk_errand_t errand, const char *method,
     tk_buffer_t *args, tk_time_t now)
{
    tk_target_t target = {.object = "", .method = method};
    tk_meta_t meta = {.timeout_ms = WAIT_MS,
                      .session = client->session,
                      .lane = 1,
                      .call = client->call + 1};
    zmq_msg_t frame;
    if (!tk_buffer_error (args) &&
        !tk_call_frame (&frame, &target, tk_buffer_data (args), args->size,
                        &meta)) {
        zmq_msg_close (&client->request);
        client->request = frame;
        client->errand = errand;
        client->call++;
        send_copy (client, now);
    }
    tk_buffer_fini (args);
}

static void
ask_wait (tk_client_t *client, tk_time_t now)
{
    tk_buffer_t args;
    tk_buffer_init (&args);
    tk_write_array (&args, 0);
    ask (client, TK_WAITING, "wait", &args, now);
}

/* The manager may end when all its clients have said so. */
static void
ask_bye (tk_client_t *client, tk_time_t now)
{
    tk_buffer_t args;
    tk_buffer_init (&args);
    tk_write_array (&args, 1);
    tk_write_array (&args, 0);
    ask (client, TK_IDLE, "bye", &args, now);
}

/* A lane whose thread has ended, its reference taken; NULL if there is
 * none. */
static tk_lane_t *
find_left (tk_client_t *client)
{
    tk_lane_t *found = NULL;
    pthread_mutex_lock (&client->lock);
    for (tk_link_t *at = client->lanes.next; !found && at != &client->lanes;
         at = at->next) {
        tk_lane_t *lane = TK_MEMBER (at, tk_lane_t, link);
        if (atomic_load (&lane->left))
            found = lane;
    }
    pthread_mutex_unlock (&client->lock);
    return found;
}

static void
ask_leave (tk_client_t *client, tk_lane_t *lane, tk_time_t now)
{
    tk_buffer_t args;
    tk_buffer_init (&args);
    uint64_t casts = tk_lane_drain (lane);
    tk_write_array (&args, 2);
    tk_write_array (&args, 1);
    tk_write_array (&args, 2);
    tk_write_uint (&args, lane->number);
    tk_write_uint (&args, casts);
    tk_write_uint (&args, lane->number);
    client->errand_lane = lane->number;
    ask (client, TK_LEAVING, "leave", &args, now);
}

static void
seal_listeners (tk_client_t *client, const char *object, size_t length)
{
    pthread_mutex_lock (&client->lock);
    for (tk_link_t *at = client->listeners.next; at != &client->listeners;
         at = at->next) {
        tk_listener_t *listener = TK_MEMBER (at, tk_listener_t, link);
        if (tk_listener_is (listener, object, length))
            atomic_store (&listener->sealed, true);
    }
    pthread_mutex_unlock (&client->lock);
}

/* No put begins any more; those that returned are named by the fences. */
static void
ask_sealed (tk_client_t *client, uint64_t number, tk_time_t now)
{
    tk_buffer_t args;
    tk_buffer_init (&args);
    tk_write_array (&args, 2);
    tk_client_write_fences (client, &args);
    tk_write_uint (&args, number);
    ask (client, TK_SEALING, "sealed", &args, now);
}

/* [[object, number], …]: one at a time, the others are told again. */
static int
read_seals (tk_client_t *client, tk_cursor_t *cursor, tk_time_t now)
{
    uint32_t count;
    uint32_t pair;
    const char *object;
    size_t length;
    uint64_t number;
    if (tk_cursor_array (cursor, &count))
        return -EBADMSG;
    for (uint32_t i = 0; i < count; i++) {
        if (tk_cursor_array (cursor, &pair) || pair != 2 ||
            tk_cursor_str (cursor, &object, &length) ||
            tk_cursor_uint (cursor, &number))
            return -EBADMSG;
        if (i == 0) {
            seal_listeners (client, object, length);
            ask_sealed (client, number, now);
        }
    }
    return 0;
}

static int
read_end (tk_client_t *client, tk_cursor_t *cursor, tk_time_t now)
{
    bool end;
    if (tk_cursor_bool (cursor, &end))
        return -EBADMSG;
    if (end) {
        ask_bye (client, now);
        tk_client_fail (client, TK_ENDED);
    }
    return 0;
}

static int
read_news (tk_client_t *client, const tk_reply_t *reply, tk_time_t now)
{
    tk_cursor_t cursor = tk_cursor (reply->result, reply->result_size);
    uint32_t count;
    int rc = tk_cursor_map (&cursor, &count);
    while (!rc && count--) {
        const char *key;
        size_t length;
        rc = tk_cursor_str (&cursor, &key, &length);
        if (!rc && length == 1 && *key == 'a')
            rc = tk_client_read_fences (client, &cursor, TK_NEVER);
        else if (!rc && length == 1 && *key == 'r')
            rc = tk_client_read_fences (client, &cursor, now);
        else if (!rc && length == 4 && !memcmp (key, "seal", 4))
            rc = read_seals (client, &cursor, now);
        else if (!rc && length == 3 && !memcmp (key, "end", 3))
            rc = read_end (client, &cursor, now);
        else if (!rc)
            rc = tk_cursor_skip_frame (&cursor);
    }
    return rc;
}

static void
retire (tk_client_t *client)
{
    tk_lane_t *lane = find_left (client);
    if (lane && lane->number == client->errand_lane)
        tk_lane_retire (lane);
}

static void
resend_lanes (tk_client_t *client, tk_time_t now)
{
    bool refused = false;
    pthread_mutex_lock (&client->lock);
    for (tk_link_t *at = client->lanes.next; at != &client->lanes;
         at = at->next) {
        tk_lane_t *lane = TK_MEMBER (at, tk_lane_t, link);
        tk_lane_resend (lane, now, false);
        refused = tk_lane_is_refused (lane) || refused;
    }
    pthread_mutex_unlock (&client->lock);
    if (refused)
        tk_client_fail (client, TK_LOST);
}

static void
take_answer (tk_client_t *client, const tk_reply_t *reply, tk_time_t now)
{
    tk_errand_t errand = client->errand;
    client->errand = TK_IDLE;
    client->heard = now;
    client->broken = 0;
    if (reply->session_lost)
        tk_client_fail (client, TK_LOST);
    else if (reply->error == EPIPE)
        tk_client_fail (client, TK_ENDED);
    else if (errand == TK_LEAVING && !reply->error)
        retire (client);
    else if (errand == TK_WAITING && !reply->error) {
        read_news (client, reply, now);
        resend_lanes (client, now);
    }
}

static void
take_frame (tk_client_t *client, zmq_msg_t *frame, tk_time_t now)
{
    tk_reply_t reply;
    if (!tk_reply_parse (&reply, zmq_msg_data (frame), zmq_msg_size (frame)))
        take_answer (client, &reply, now);
}

void
tk_errand_watch (tk_client_t *client, tk_time_t now)
{
    uint16_t event;
    uint32_t value;
    while (tk_monitor_next (&client->monitor, &event, &value)) {
        if (event == ZMQ_EVENT_DISCONNECTED)
            client->broken = now;
        else if (client->broken) {
            client->broken = 0;
            if (client->errand != TK_IDLE)
                send_copy (client, now);
        }
    }
}

void
tk_errand_receive (tk_client_t *client, tk_time_t now)
{
    zmq_msg_t frame;
    for (;;) {
        zmq_msg_init (&frame);
        int rc = zmq_msg_recv (&frame, client->req, ZMQ_DONTWAIT);
        if (rc >= 0)
            take_frame (client, &frame, now);
        zmq_msg_close (&frame);
        if (rc < 0 || tk_client_state (client) != TK_OPEN)
            return;
    }
}

void
tk_errand_next (tk_client_t *client, tk_time_t now)
{
    if (tk_client_state (client) != TK_OPEN)
        return;
    tk_lane_t *left = client->errand <= TK_WAITING ? find_left (client) : NULL;
    if (left)
        ask_leave (client, left, now);
    else if (client->errand == TK_IDLE)
        ask_wait (client, now);
    else if (now - client->heard > LOST_US ||
             (client->broken && now - client->broken > BROKEN_US))
        tk_client_fail (client, TK_LOST);
    else if (now - client->asked > REPEAT_US) {
        send_copy (client, now);
        resend_lanes (client, now);
    }
}
