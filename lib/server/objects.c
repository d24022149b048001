/* SPDX-License-Identifier: MPL-2.0 */
/*
 * objects.c - the list of a registry's objects with their figures.
 *
 * Asks each object's own stat method, where it has one that answers a map.
 * Runs under the registry's lock.
 */
#include "objects.h"

#include <string.h>
#include "lib/wire/cursor.h"
#include "lib/wire/request.h"

typedef struct {
    troika_call_t call;
    tk_slab_t *slab;
    size_t size;
} ask_t;

static void
finish (troika_call_t *call, tk_buffer_t *reply)
{
    ask_t *ask = TK_MEMBER (call, ask_t, call);
    ask->slab = tk_buffer_take (reply, &ask->size);
}

/* A cursor at the map that stat answered; an empty one if there is none. */
static tk_cursor_t
ask_stat (ask_t *ask, tk_object_t *object)
{
    tk_reply_t reply;
    ask->slab = NULL;
    tk_call_init (&ask->call, object->registry, troika_msg_pack ("[]"), finish);
    ask->call.deadline = TK_NOWAIT;
    if (ask->call.args)
        tk_call_run (&ask->call, object, "stat", 4);
    if (!ask->slab ||
        tk_reply_parse (&reply, tk_slab_data (ask->slab), ask->size) ||
        reply.error)
        return tk_cursor (NULL, 0);
    return tk_cursor (reply.result, reply.result_size);
}

/* Copies the pairs of a map but "name" and "type"; how many. */
static uint32_t
copy_pairs (tk_cursor_t *cursor, tk_buffer_t *buffer)
{
    uint32_t count;
    uint32_t copied = 0;
    if (tk_cursor_map (cursor, &count))
        return 0;
    while (count--) {
        const uint8_t *from = cursor->at;
        const char *key;
        size_t length;
        if (tk_cursor_str (cursor, &key, &length) ||
            tk_cursor_skip_frame (cursor))
            break;
        if (length == 4 &&
            (!memcmp (key, "name", 4) || !memcmp (key, "type", 4)))
            continue;
        tk_buffer_append (buffer, from, (size_t)(cursor->at - from));
        copied++;
    }
    return copied;
}

static void
write_object (tk_object_t *object, tk_buffer_t *buffer)
{
    ask_t ask;
    tk_buffer_t pairs;
    tk_buffer_init (&pairs);
    tk_cursor_t cursor = ask_stat (&ask, object);
    uint32_t count = copy_pairs (&cursor, &pairs);
    tk_write_map (buffer, 2 + count);
    tk_write_cstr (buffer, "name");
    tk_write_cstr (buffer, object->name);
    tk_write_cstr (buffer, "type");
    tk_write_cstr (buffer, object->type->name);
    if (pairs.size)
        tk_buffer_append (buffer, tk_buffer_data (&pairs), pairs.size);
    tk_buffer_fini (&pairs);
    tk_slab_unref (ask.slab);
    tk_call_fini (&ask.call);
}

typedef struct {
    tk_buffer_t *buffer;
    uint32_t count;
} list_t;

/* The manager itself, "", is not one of its objects. */
static void
visit (tk_object_t *object, void *context)
{
    list_t *list = context;
    if (!*object->name)
        return;
    write_object (object, list->buffer);
    list->count++;
}

void
tk_objects_write (tk_registry_t *registry, tk_buffer_t *buffer)
{
    list_t list = {buffer, 0};
    size_t at = tk_write_array32 (buffer);
    tk_registry_each (registry, visit, &list);
    tk_patch_array32 (buffer, at, list.count);
}
