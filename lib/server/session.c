/* SPDX-License-Identifier: MPL-2.0 */
/*
 * session.c - client processes, their threads, and their ends.
 *
 * A session lives as long as it says something every three seconds. It ends
 * by goodbye or by silence; either way each of its lanes' calls leaves and
 * every object forgets the lane. Runs under the registry's lock.
 */
#include "parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/sys.h"

#define CHECK_US INT64_C (50000)
#define SUSPECTS_US INT64_C (10000)
/* This process itself was stopped if it looked away for so long. */
#define STALL_US INT64_C (1000000)

/* Stands where a lane has ended: its number is never used again, and what
 * still arrives with it is a repetition. */
static tk_lane_t ended;

/* NULL: not begun yet, or ended. */
static tk_lane_t *
lane_at (const tk_session_t *self, size_t number)
{
    tk_lane_t *lane = self->lanes[number];
    return lane == &ended ? NULL : lane;
}

static uint64_t
random_id (tk_server_t *self)
{
    uint64_t id = 0;
    while (!id || zhashx_lookup (self->by_id, &id))
        if (tk_sys_random (&id, sizeof id))
            return 0;
    return id;
}

tk_session_t *
tk_session_new (tk_server_t *server)
{
    tk_session_t *self = calloc (1, sizeof *self);
    if (!self)
        return NULL;
    self->server = server;
    self->heard = server->now;
    self->fd = -1;
    self->id = random_id (server);
    tk_list_init (&self->fences);
    tk_list_init (&self->asked);
    if (!self->id || zhashx_insert (server->by_id, &self->id, self)) {
        free (self);
        return NULL;
    }
    tk_list_append (&server->sessions, &self->link);
    return self;
}

tk_session_t *
tk_session_find (tk_server_t *server, uint64_t id)
{
    tk_session_t *self = server->latest;
    if (!self || self->id != id)
        self = zhashx_lookup (server->by_id, &id);
    if (self) {
        self->heard = server->now;
        tk_connection_heard (self);
        server->latest = self;
    }
    return self;
}

static int
grow (tk_session_t *self, size_t number)
{
    size_t room = self->lane_room ? self->lane_room : 4;
    while (room <= number)
        room *= 2;
    tk_lane_t **lanes = realloc (self->lanes, room * sizeof *lanes);
    if (!lanes)
        return -ENOMEM;
    memset (lanes + self->lane_room, 0,
            (room - self->lane_room) * sizeof *lanes);
    self->lanes = lanes;
    self->lane_room = room;
    return 0;
}

tk_lane_t *
tk_session_lane (tk_session_t *self, uint64_t number)
{
    if (number == 0 || number >= TK_LANES_MAX)
        return NULL;
    if (number >= self->lane_room && grow (self, number))
        return NULL;
    if (self->lanes[number])
        return lane_at (self, number);
    tk_lane_t *lane = calloc (1, sizeof *lane);
    if (!lane)
        return NULL;
    lane->number = number;
    lane->owner = tk_registry_number (self->server->registry);
    self->lanes[number] = lane;
    return lane;
}

/* A lane that has ended had all its casts in. */
bool
tk_session_has_casts (tk_session_t *self, uint64_t number, uint64_t casts)
{
    if (number < self->lane_room && self->lanes[number] == &ended)
        return true;
    tk_lane_t *lane = tk_session_lane (self, number);
    return lane && lane->casts_in >= casts;
}

static void
end_call (tk_lane_t *lane)
{
    tk_remote_t *current = lane->current;
    if (current && current->request)
        tk_remote_fail_session (current, "the caller is gone");
    else if (current)
        tk_call_cancel (&current->call, ECONNRESET);
    /* A cancel that parked the call once more leaves it without a lane. */
    if (lane->current)
        lane->current->lane = NULL;
}

void
tk_lane_end (tk_session_t *self, tk_lane_t *lane, bool in_order)
{
    self->lanes[lane->number] = &ended;
    end_call (lane);
    tk_registry_forget (self->server->registry, lane->owner, in_order);
    tk_buffer_fini (&lane->kept);
    free (lane);
}

void
tk_session_end (tk_session_t *self, bool in_order)
{
    tk_server_t *server = self->server;
    zhashx_delete (server->by_id, &self->id);
    tk_list_remove (&self->link);
    if (server->latest == self)
        server->latest = NULL;
    for (size_t i = 0; i < self->lane_room; i++)
        if (lane_at (self, i))
            tk_lane_end (self, lane_at (self, i), in_order);
    tk_seals_forget (self);
    tk_tally_unref (self->tally);
    free (self->lanes);
    free (self);
}

/* If this process itself was stopped for a while, nobody else is at fault. */
static void
excuse (tk_server_t *server)
{
    for (tk_link_t *at = server->sessions.next; at != &server->sessions;
         at = at->next)
        TK_MEMBER (at, tk_session_t, link)->heard = server->now;
}

void
tk_sessions_expire (tk_server_t *server, tk_time_t now)
{
    if (now - server->checked < (server->suspects ? SUSPECTS_US : CHECK_US))
        return;
    if (server->checked && now - server->checked > STALL_US)
        excuse (server);
    server->checked = now;
    tk_link_t *next;
    server->suspects = false;
    for (tk_link_t *at = server->sessions.next; at != &server->sessions;
         at = next) {
        tk_session_t *session = TK_MEMBER (at, tk_session_t, link);
        next = at->next;
        if (now - session->heard > TK_DEATH_US ||
            tk_connection_is_dead (session, now))
            tk_session_end (session, false);
        else if (session->suspect_until)
            server->suspects = true;
    }
}

/* [[lane, casts], …] of the lanes that pick() names. */
static void
write_lanes (tk_session_t *self, tk_buffer_t *reply,
             bool (*pick) (const tk_lane_t *lane))
{
    size_t at = tk_write_array32 (reply);
    uint32_t count = 0;
    for (size_t i = 0; i < self->lane_room; i++) {
        tk_lane_t *lane = lane_at (self, i);
        if (!lane || !pick (lane))
            continue;
        tk_write_array (reply, 2);
        tk_write_uint (reply, lane->number);
        tk_write_uint (reply, lane->casts_in);
        count++;
    }
    tk_patch_array32 (reply, at, count);
}

static bool
is_untold (const tk_lane_t *lane)
{
    return lane->casts_told != lane->casts_in;
}

static bool
has_gap (const tk_lane_t *lane)
{
    return lane->gap;
}

static void
mark_told (tk_session_t *self)
{
    for (size_t i = 0; i < self->lane_room; i++) {
        tk_lane_t *lane = lane_at (self, i);
        if (!lane)
            continue;
        lane->casts_told = lane->casts_in;
        lane->bytes_untold = 0;
        lane->gap = false;
    }
}

/* {"a": [[lane, casts], …], "r": […], "seal": [[object, number], …],
 * "end": bool}: acknowledged, to be repeated from there on, to be sealed,
 * the manager ends. */
void
tk_session_write (tk_session_t *self, tk_buffer_t *reply)
{
    tk_write_map (reply, 4);
    tk_write_cstr (reply, "a");
    write_lanes (self, reply, is_untold);
    tk_write_cstr (reply, "r");
    write_lanes (self, reply, has_gap);
    tk_write_cstr (reply, "seal");
    tk_seals_write (self, reply);
    tk_write_cstr (reply, "end");
    tk_write_bool (reply, atomic_load (&self->server->state) != TK_SERVING);
    mark_told (self);
}

bool
tk_session_has_news (const tk_session_t *self)
{
    bool news =
        tk_seals_any (self) || atomic_load (&self->server->state) != TK_SERVING;
    for (size_t i = 0; !news && i < self->lane_room; i++)
        news = self->lanes[i] && (self->lanes[i]->gap ||
                                  self->lanes[i]->bytes_untold >= TK_ACK_BYTES);
    return news;
}

void
tk_session_tell (tk_session_t *self, bool now)
{
    troika_call_t *wait = self->wait;
    if (!wait || !now)
        return;
    tk_buffer_t reply;
    tk_buffer_init (&reply);
    tk_write_array (&reply, 2);
    tk_write_nil (&reply);
    tk_session_write (self, &reply);
    self->wait = NULL;
    tk_call_reply_buffer (wait, &reply);
}

void
tk_session_advance (tk_session_t *self, tk_lane_t *lane)
{
    if (!tk_list_empty (&self->fences))
        tk_fences_check (self);
    else
        tk_session_tell (self, lane->bytes_untold >= TK_ACK_BYTES);
}

tk_tally_t *
tk_session_tally (void *server, troika_call_t *call)
{
    (void)server;
    tk_remote_t *remote = tk_remote_of (call);
    tk_tally_t *tally =
        remote && remote->session ? remote->session->tally : NULL;
    return tally && tk_tally_is_open (tally) ? tally : NULL;
}
