/* SPDX-License-Identifier: MPL-2.0 */
/*
 * dict_wait.c - calls that wait until a key changes.
 *
 * Runs under the manager's lock. A wait is parked only when its key has not
 * changed past the version it named; every change of a key answers all that
 * are parked for it. So a reader that waits with the version of its last
 * answer misses nothing but what was overwritten meanwhile.
 * Whether a key that is absent was there since is known by its trace; where
 * that may have been dropped, the answer is "deleted", never silence.
 */
#include "patterns/dict/dict_state.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include "lib/object/waiter.h"

typedef struct {
    tk_waiter_t waiter;
    tk_packed_t key;
} wait_t;

static tk_link_t *
line_of (const tk_dict_state_t *self, tk_span_t key)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < key.size; i++)
        hash = (hash ^ key.data[i]) * 16777619u;
    return &self->lines[(hash ^ hash >> 16) % TK_DICT_LINES];
}

static int
need_lines (tk_dict_state_t *self)
{
    if (self->lines)
        return 0;
    self->lines = calloc (TK_DICT_LINES, sizeof *self->lines);
    for (int i = 0; self->lines && i < TK_DICT_LINES; i++)
        tk_list_init (&self->lines[i]);
    return self->lines ? 0 : -1;
}

/* Out of its line; its call is still to be answered. */
static void
leave (wait_t *wait)
{
    tk_packed_fini (&wait->key);
    tk_dict_state_t *self = tk_wait_leave (&wait->waiter);
    self->waiters--;
}

static void
give_up (troika_call_t *call, void *context)
{
    wait_t *wait = context;
    char shown[TK_SHOW_SIZE], state[TK_SHOW_SIZE + 32];
    snprintf (state, sizeof state, "unchanged at key %s",
              tk_show (tk_packed_get (&wait->key), shown));
    leave (wait);
    tk_wait_failed (call, troika_call_reason (call), "dict", state);
}

static int
park (tk_dict_state_t *self, troika_call_t *call, tk_span_t key)
{
    if (need_lines (self))
        return -1;
    wait_t *wait = tk_waiter_new (sizeof *wait, call, self);
    if (!wait)
        return -1;
    self->waiters++;
    int rc = tk_packed_init (&wait->key, key);
    if (rc) {
        leave (wait);
        return tk_refuse (rc);
    }
    tk_list_append (line_of (self, key), &wait->waiter.link);
    return troika_call_defer (call, give_up, wait);
}

static int
answer (troika_call_t *call, uint64_t version, const tk_packed_t *value)
{
    tk_buffer_t result;
    tk_buffer_init (&result);
    tk_write_array (&result, value ? 2 : 1);
    tk_write_uint (&result, version);
    if (value) {
        tk_span_t span = tk_packed_get (value);
        tk_buffer_append (&result, span.data, span.size);
    }
    return tk_give_written (call, &result);
}

/* An absent key: the version of its end, if that came after since; 0: there
 * is nothing new. Who has seen nothing yet waits for a value. */
static uint64_t
ended_after (const tk_dict_state_t *self, const tk_entry_t *trace,
             uint64_t since)
{
    if (since == 0)
        return 0;
    if (since > self->version)
        return self->version;
    if (trace)
        return trace->version > since ? trace->version : 0;
    return self->table.dropped > since ? self->version : 0;
}

int
tk_dict_wait (void *object, troika_call_t *call)
{
    tk_dict_state_t *self = object;
    tk_span_t key;
    uint64_t since = 0;
    if (!tk_take (call, "v:key ?u:version", &key, &since))
        return 0;
    int rc = tk_table_key (&self->table, &key);
    if (rc)
        return tk_refuse (rc);
    const tk_entry_t *entry = tk_table_trace (&self->table, key);
    if (entry && !tk_packed_empty (&entry->value)) {
        if (entry->version > since || since > self->version)
            return answer (call, entry->version, &entry->value);
        return park (self, call, key);
    }
    uint64_t ended = ended_after (self, entry, since);
    return ended ? answer (call, ended, NULL) : park (self, call, key);
}

static void
tell (wait_t *wait, uint64_t version, const tk_packed_t *value)
{
    troika_call_t *call = wait->waiter.call;
    leave (wait);
    if (answer (call, version, value))
        troika_call_fail (call, ENOMEM, NULL);
}

void
tk_dict_tell (tk_dict_state_t *self, tk_span_t key, uint64_t version,
              const tk_packed_t *value)
{
    if (self->waiters == 0)
        return;
    tk_link_t *line = line_of (self, key), *next;
    for (tk_link_t *link = line->next; link != line; link = next) {
        next = link->next;
        wait_t *wait = TK_MEMBER (link, wait_t, waiter.link);
        if (tk_span_same (tk_packed_get (&wait->key), key))
            tell (wait, version, value);
    }
}

void
tk_dict_tell_clear (tk_dict_state_t *self, uint64_t version)
{
    for (int i = 0; self->waiters > 0 && i < TK_DICT_LINES; i++) {
        tk_link_t *line = &self->lines[i], *next;
        for (tk_link_t *link = line->next; link != line; link = next) {
            next = link->next;
            wait_t *wait = TK_MEMBER (link, wait_t, waiter.link);
            if (tk_table_find (&self->table, tk_packed_get (&wait->key)))
                tell (wait, version, NULL);
        }
    }
}

void
tk_dict_waits_fini (tk_dict_state_t *self)
{
    /* Every call has been cancelled before its object is destroyed. */
    free (self->lines);
}
