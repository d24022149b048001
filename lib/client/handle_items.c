/* SPDX-License-Identifier: MPL-2.0 */
/*
 * handle_items.c - casts of single items that gather into one, and items that
 * were handed ahead of need to this thread.
 *
 * What this thread knows of the handle (its lane, its shelf) spares both the
 * handle's lock and the client's; who knows nothing finds it the long way.
 */
#include "handle_parts.h"

#include <errno.h>
#include "parts.h"

/* What is near spares the locks of the handle and of the client. */
static int
cast_near (tk_handle_t *self, const tk_target_t *target, const void *data,
           size_t size)
{
    tk_near_t *near = tk_near (self->serial);
    if (!near)
        return -EAGAIN;
    return tk_lane_cast_item (near->lane, target, NULL, data, size);
}

static int
cast_placed (tk_handle_t *self, const tk_target_t *target, tk_time_t deadline,
             const void *data, size_t size)
{
    tk_near_t *near = tk_near (self->serial);
    tk_word_t *place = near && near->shelf ? near->shelf->places : NULL;
    if (!place)
        return -EAGAIN;
    int rc = tk_lane_cast_item (near->lane, target, place, data, size);
    if (rc != -EAGAIN)
        return rc;
    rc = tk_shelf_await_place (near->shelf, deadline);
    return rc ? rc : tk_lane_cast_item (near->lane, target, place, data, size);
}

int
tk_handle_cast_placed (tk_handle_t *self, tk_time_t deadline,
                       const char *method, const void *data, size_t size)
{
    tk_target_t target = tk_handle_target (self, method);
    int rc = tk_handle_go_in (self);
    if (rc)
        return rc;
    rc = tk_handle_admit (self, size);
    if (!rc)
        rc = cast_placed (self, &target, deadline, data, size);
    tk_handle_leave (self);
    return rc;
}

static int
cast_far (tk_handle_t *self, tk_time_t deadline, const tk_target_t *target,
          const void *data, size_t size)
{
    tk_client_t *client;
    tk_lane_t *lane;
    tk_told_t told = target->harmless ? TK_UNTOLD : TK_BY_CALL;
    int rc = tk_handle_client (self, deadline, told, &client);
    if (rc)
        return rc;
    rc = tk_client_cast_item (client, target, deadline, data, size);
    if (!rc && !tk_lane_get (client, &lane))
        tk_near_set (self->serial, lane, tk_lane_shelf (lane, self->name));
    return tk_handle_give_back (self, client, told, rc);
}

/* The caller has entered. */
static int
cast_either_way (tk_handle_t *self, tk_time_t deadline,
                 const tk_target_t *target, const void *data, size_t size)
{
    int rc = cast_near (self, target, data, size);
    return rc == -EAGAIN ? cast_far (self, deadline, target, data, size) : rc;
}

int
tk_handle_cast_item (tk_handle_t *self, tk_time_t deadline, const char *method,
                     const void *data, size_t size)
{
    tk_target_t target = tk_handle_target (self, method);
    int rc = tk_handle_go_in (self);
    if (rc)
        return rc;
    rc = tk_handle_admit (self, size);
    if (!rc)
        rc = cast_either_way (self, deadline, &target, data, size);
    rc = tk_handle_say_where (self, rc);
    tk_handle_leave (self);
    return rc;
}

/* It says nothing that a seal forbids, and settles nothing. */
static void
tell (tk_handle_t *self, const char *method)
{
    static const uint8_t nil = 0xc0;
    tk_target_t target = tk_handle_target (self, method);
    target.sealed = &self->closing;
    target.aside = true;
    target.harmless = true;
    cast_either_way (self, TK_NOWAIT, &target, &nil, 1);
}

bool
tk_handle_ahead (tk_handle_t *self, const char *method, troika_msg_t **msgs,
                 size_t count)
{
    bool wanted = false;
    if (tk_handle_go_in (self))
        return false;
    tk_near_t *near = tk_near (self->serial);
    bool taken = near && near->shelf &&
                 tk_shelf_take (near->shelf, msgs, count, &wanted);
    if (wanted)
        tell (self, method);
    tk_handle_leave (self);
    return taken;
}

static int
find_shelf (tk_handle_t *self, tk_client_t *client, tk_time_t deadline,
            bool casts, tk_shelf_t **shelf_p)
{
    tk_lane_t *lane;
    tk_tally_t *tally;
    int rc = tk_client_tally (client, deadline, &tally);
    if (!rc)
        rc = tk_lane_get (client, &lane);
    if (rc || !tally)
        return rc;
    tk_shelf_t *shelf = tk_lane_shelf (lane, self->name);
    if (!shelf && (shelf = tk_shelf_new (self->name, tally)))
        tk_list_append (&lane->shelves, &shelf->link);
    tk_near_set (self->serial, lane, shelf);
    if (shelf && casts)
        tk_shelf_clear (shelf);
    else if (shelf)
        tk_shelf_ask (shelf);
    *shelf_p = shelf;
    return 0;
}

static int
call_ahead (tk_handle_t *self, tk_time_t deadline, const char *method,
            bool casts, tk_buffer_t *args, troika_msg_t **result,
            tk_shelf_t **shelf_p)
{
    tk_client_t *client;
    tk_lane_t *lane;
    tk_target_t target = tk_handle_target (self, method);
    int rc = tk_handle_client (self, deadline, TK_BY_CALL, &client);
    if (rc)
        return rc;
    rc = find_shelf (self, client, deadline, casts, shelf_p);
    if (!rc)
        rc = tk_client_call (client, &target, deadline, args, result);
    if (!rc && casts && *shelf_p && !tk_lane_get (client, &lane))
        tk_client_open_casts (client, lane);
    return tk_handle_give_back (self, client, TK_BY_CALL, rc);
}

int
tk_handle_call_ahead (tk_handle_t *self, tk_time_t deadline, const char *method,
                      bool casts, tk_buffer_t *args, troika_msg_t **result,
                      tk_shelf_t **shelf_p)
{
    *shelf_p = NULL;
    int rc = tk_handle_go_in (self);
    if (!rc) {
        rc = tk_buffer_error (args);
        if (!rc)
            rc = tk_handle_admit (self, args->size);
        if (!rc)
            rc = call_ahead (self, deadline, method, casts, args, result,
                             shelf_p);
        rc = tk_handle_say_where (self, rc);
        tk_handle_leave (self);
    }
    tk_buffer_fini (args);
    return rc;
}
