/* SPDX-License-Identifier: MPL-2.0 */
/*
 * hello.c - what a client and its manager say about themselves: hello, which
 * opens a session, the tally that they share, and goodbye.
 *
 * Hello travels on a lane as any call does, but its connection then stands
 * for this process and belongs to the agent.
 */
#include "parts.h"

#include <errno.h>
#include <unistd.h>
#include "lib/base/error.h"
#include "lib/base/mechanism.h"
#include "lib/base/sys.h"

static int
read_hello (tk_client_t *self, troika_msg_t *reply)
{
    int version;
    int rc = troika_msg_unpack (reply, "{s:i,s:U,s:U,s:U}", "v", &version,
                                "epoch", &self->epoch, "session",
                                &self->session, "limit", &self->limit);
    if (rc)
        return tk_error (EPROTO, "what answers there is no manager");
    if (version == TK_PROTOCOL_VERSION)
        return 0;
    return tk_error (EPROTO,
                     "the manager speaks protocol version %d, this process "
                     "version %d",
                     version, TK_PROTOCOL_VERSION);
}

/* [{"v": version, "home": …, "pid": …}] */
static void
write_hello (tk_buffer_t *args)
{
    char home[TK_HOME_MAX + 1];
    tk_sys_home (home);
    tk_write_array (args, 1);
    tk_write_map (args, 3);
    tk_write_cstr (args, "v");
    tk_write_int (args, TK_PROTOCOL_VERSION);
    tk_write_cstr (args, "home");
    tk_write_cstr (args, home);
    tk_write_cstr (args, "pid");
    tk_write_int (args, getpid ());
}

static int
ask_hello (tk_client_t *self, tk_lane_t *lane, tk_time_t deadline)
{
    tk_target_t target = {.object = "", .method = "hello"};
    troika_msg_t *reply = NULL;
    tk_buffer_t args;
    tk_buffer_init (&args);
    write_hello (&args);
    int rc = tk_buffer_error (&args);
    if (!rc)
        rc = tk_lane_call (lane, &target, deadline, &args, &reply);
    if (!rc)
        rc = read_hello (self, reply);
    tk_buffer_fini (&args);
    troika_msg_destroy (&reply);
    return rc;
}

/* The manager takes the end of the connection that hello came by for the end
 * of this process, so it becomes the agent's. */
static int
take_over (tk_client_t *self, tk_lane_t *lane)
{
    self->req_fd = lane->req.fd;
    self->req = tk_req_release (&lane->req);
    return tk_monitor_start (&self->monitor, self->req,
                             ZMQ_EVENT_HANDSHAKE_SUCCEEDED |
                                 ZMQ_EVENT_DISCONNECTED);
}

int
tk_client_say_hello (tk_client_t *self, tk_lane_t *lane, tk_time_t deadline)
{
    int rc = ask_hello (self, lane, deadline);
    return rc ? rc : take_over (self, lane);
}

static int
ask_tally (tk_client_t *self, tk_time_t deadline, tk_tally_t **tally_p)
{
    tk_target_t target = {.object = "", .method = "tally", .harmless = true};
    tk_tally_place_t place;
    troika_msg_t *reply = NULL;
    tk_buffer_t args;
    tk_buffer_init (&args);
    tk_write_array (&args, 0);
    int rc = tk_buffer_error (&args);
    if (!rc)
        rc = tk_client_call (self, &target, deadline, &args, &reply);
    if (!rc &&
        !troika_msg_unpack (reply, "[iiU]", &place.pid, &place.fd, &place.key))
        tk_tally_open (tally_p, &place);
    tk_buffer_fini (&args);
    troika_msg_destroy (&reply);
    return rc;
}

/* Asked for once; until it is here, others do without. */
int
tk_client_tally (tk_client_t *self, tk_time_t deadline, tk_tally_t **tally_p)
{
    pthread_mutex_lock (&self->lock);
    bool ask = !self->tally_asked && tk_mechanism (TK_MECHANISM_PREFETCH);
    self->tally_asked = true;
    *tally_p = self->tally;
    pthread_mutex_unlock (&self->lock);
    if (!ask)
        return 0;
    int rc = ask_tally (self, deadline, tally_p);
    pthread_mutex_lock (&self->lock);
    self->tally = *tally_p;
    self->tally_asked = rc != -EINTR && rc != -ETIMEDOUT && rc != -EAGAIN;
    pthread_mutex_unlock (&self->lock);
    return rc == -EINTR ? rc : 0;
}

int
tk_client_say_goodbye (tk_client_t *self, tk_time_t deadline)
{
    tk_target_t target = {.object = "", .method = "bye", .harmless = true};
    tk_buffer_t args;
    tk_buffer_init (&args);
    tk_write_array (&args, 1);
    tk_client_write_fences (self, &args);
    int rc;
    do
        rc = tk_client_call (self, &target, deadline, &args, NULL);
    while (rc == -EINTR);
    tk_buffer_fini (&args);
    return rc;
}
