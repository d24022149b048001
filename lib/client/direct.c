/* SPDX-License-Identifier: MPL-2.0 */
/*
 * direct.c - calls to a manager that this very process serves.
 *
 * The caller's thread runs the method under the registry's lock. A call
 * that the object defers waits on a word of its own, first spinning if that has
 * lately helped this thread: another core may answer sooner than the kernel
 * would wake us, but who answers may as well need the core that spins. Each
 * thread is one owner in each server, forgotten when the thread ends.
 */
#include "direct.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/error.h"
#include "lib/base/latch.h"
#include "lib/base/mechanism.h"
#include "lib/base/runtime.h"
#include "lib/base/sys.h"
#include "lib/base/thread_local.h"
#include "lib/wire/request.h"

#define SPINS_MIN 4
#define SPINS_MAX 256

enum { PENDING, ASLEEP, DONE };

typedef struct {
    troika_call_t call;
    tk_link_t link; /* in tk_direct_t */
    atomic_uint word;
    tk_slab_t *slab;
    size_t size;
} direct_call_t;

/* What this thread is called in a server. */
typedef struct {
    uint64_t server; /* its serial */
    uint64_t owner;
} name_t;

typedef struct {
    unsigned generation;
    name_t *names;
    size_t count;
    size_t room;
} mine_t;

static TK_THREAD_LOCAL mine_t mine;
static TK_THREAD_LOCAL unsigned spins;
static pthread_key_t key;
static pthread_once_t key_once = PTHREAD_ONCE_INIT;

static void
forget (const name_t *name)
{
    tk_server_t *server = tk_server_by_serial (name->server);
    if (!server)
        return;
    tk_registry_t *registry = tk_server_registry (server);
    tk_registry_lock (registry);
    tk_registry_forget (registry, name->owner, true);
    tk_registry_unlock (registry);
    tk_server_unref (server);
}

static void
leave (void *unused)
{
    (void)unused;
    if (mine.generation == tk_generation ())
        for (size_t i = 0; i < mine.count; i++)
            forget (&mine.names[i]);
    free (mine.names);
    mine = (mine_t){0};
}

static void
make_key (void)
{
    pthread_key_create (&key, leave);
}

static void
renew (void)
{
    pthread_once (&key_once, make_key);
    pthread_setspecific (key, &mine);
    free (mine.names);
    mine = (mine_t){.generation = tk_generation ()};
}

static int
add_name (uint64_t serial, uint64_t owner)
{
    if (mine.count == mine.room) {
        size_t room = mine.room ? 2 * mine.room : 4;
        name_t *names = realloc (mine.names, room * sizeof *names);
        if (!names)
            return -ENOMEM;
        mine.names = names;
        mine.room = room;
    }
    mine.names[mine.count++] = (name_t){serial, owner};
    return 0;
}

uint64_t
tk_direct_owner (tk_server_t *server)
{
    uint64_t serial = tk_server_serial (server);
    if (mine.generation != tk_generation ())
        renew ();
    for (size_t i = 0; i < mine.count; i++)
        if (mine.names[i].server == serial)
            return mine.names[i].owner;
    uint64_t owner = tk_registry_number (tk_server_registry (server));
    return add_name (serial, owner) ? 0 : owner;
}

void
tk_direct_init (tk_direct_t *self)
{
    tk_list_init (&self->waiting);
}

void
tk_direct_cancel (tk_direct_t *self, tk_server_t *server)
{
    tk_registry_t *registry = tk_server_registry (server);
    tk_link_t *link;
    tk_registry_lock (registry);
    while ((link = tk_list_pop (&self->waiting)))
        tk_call_cancel (&TK_MEMBER (link, direct_call_t, link)->call, EPIPE);
    tk_registry_unlock (registry);
}

/* As soon as the word says DONE, the caller may return and its stack be
 * gone: nothing of the call is touched after that but the word's address. */
static void
finish (troika_call_t *call, tk_buffer_t *reply)
{
    direct_call_t *self = TK_MEMBER (call, direct_call_t, call);
    self->slab = tk_buffer_take (reply, &self->size);
    tk_list_remove (&self->link);
    if (atomic_exchange (&self->word, DONE) == ASLEEP)
        tk_sys_wake (&self->word);
}

static bool
is_done (const direct_call_t *self)
{
    return atomic_load_explicit (&self->word, memory_order_acquire) == DONE;
}

static void
cancel (direct_call_t *self, int reason)
{
    tk_registry_t *registry = self->call.registry;
    tk_registry_lock (registry);
    if (!is_done (self))
        tk_call_cancel (&self->call, reason);
    tk_registry_unlock (registry);
}

static bool
spin_for (const direct_call_t *self, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        if (is_done (self))
            return true;
        tk_pause ();
    }
    return false;
}

/* For longer where that helped, and hardly at all where it does not. */
static bool
spin (const direct_call_t *self)
{
    if (!spins)
        spins = SPINS_MAX;
    bool done = spin_for (self, spins);
    unsigned next = done ? 2 * spins : spins / 2;
    if (next >= SPINS_MIN && next <= SPINS_MAX)
        spins = next;
    return done;
}

/* A cancel may park the call once more (a condition takes its lock back):
 * then it waits on, without a deadline. */
static void
wait_until_done (direct_call_t *self, tk_time_t deadline)
{
    if (is_done (self))
        return;
    tk_lanes_send ();
    if (spin (self))
        return;
    unsigned pending = PENDING;
    if (!atomic_compare_exchange_strong (&self->word, &pending, ASLEEP))
        return;
    while (!is_done (self)) {
        int rc = tk_sys_wait (&self->word, ASLEEP, deadline);
        if (rc == 0)
            continue;
        cancel (self, rc == -EINTR ? EINTR : ETIMEDOUT);
        deadline = TK_NEVER;
    }
}

static int
take_reply (direct_call_t *self, troika_msg_t **result_p)
{
    tk_reply_t reply;
    if (!self->slab)
        return -ENOMEM;
    int rc = tk_reply_parse (&reply, tk_slab_data (self->slab), self->size);
    if (!rc && reply.error)
        rc = tk_error (reply.error, "%.*s", (int)reply.words_length,
                       reply.words);
    else if (!rc && result_p) {
        *result_p = tk_msg_over (self->slab, reply.result, reply.result_size);
        if (*result_p)
            return 0; /* with the slab */
        rc = -ENOMEM;
    }
    tk_slab_unref (self->slab);
    return rc;
}

static int
timeout_ms (tk_time_t deadline)
{
    if (deadline == TK_NEVER)
        return TROIKA_FOREVER;
    if (deadline == TK_NOWAIT)
        return 0;
    int ms = tk_deadline_poll (deadline);
    return ms > 0 ? ms : 1;
}

static void
begin (direct_call_t *self, tk_direct_t *direct, const tk_target_t *target,
       tk_object_t *object, tk_time_t deadline)
{
    self->call.deadline = deadline;
    self->call.timeout_ms = timeout_ms (deadline);
    tk_call_run (&self->call, object, target->method, strlen (target->method));
    if (!is_done (self))
        tk_list_append (&direct->waiting, &self->link);
}

/* The object, and what this thread is called there. */
static int
find (tk_server_t *server, const tk_target_t *target, tk_object_t **object,
      uint64_t *owner)
{
    *object = tk_registry_find (tk_server_registry (server), target->object,
                                strlen (target->object));
    *owner = tk_direct_owner (server);
    if (tk_server_ended (server) || atomic_load (target->closing))
        return tk_error (EPIPE, "the manager of '%s' has ended",
                         target->object);
    if (!*object)
        return tk_error (ENOENT, "the manager has no object '%s'",
                         target->object);
    return *owner ? 0 : -ENOMEM;
}

static int
run (direct_call_t *self, tk_direct_t *direct, tk_server_t *server,
     const tk_target_t *target, tk_time_t deadline)
{
    tk_registry_t *registry = tk_server_registry (server);
    tk_object_t *object;
    tk_registry_lock (registry);
    int rc = find (server, target, &object, &self->call.owner);
    if (!rc)
        begin (self, direct, target, object, deadline);
    tk_registry_unlock (registry);
    return rc;
}

int
tk_direct_call (tk_direct_t *direct, tk_server_t *server,
                const tk_target_t *target, tk_time_t deadline,
                troika_msg_t *args, troika_msg_t **result_p)
{
    direct_call_t self = {.slab = NULL};
    tk_registry_t *registry = tk_server_registry (server);
    tk_list_init (&self.link);
    atomic_init (&self.word, PENDING);
    tk_call_init (&self.call, registry, args, finish);
    int rc = run (&self, direct, server, target, deadline);
    if (!rc) {
        wait_until_done (&self, deadline);
        rc = take_reply (&self, result_p);
    }
    tk_call_fini (&self.call);
    return rc;
}

int
tk_direct_cast (tk_server_t *server, const tk_target_t *target,
                troika_msg_t *args)
{
    tk_registry_t *registry = tk_server_registry (server);
    tk_object_t *object;
    uint64_t owner;
    tk_registry_lock (registry);
    int rc = find (server, target, &object, &owner);
    if (rc)
        troika_msg_destroy (&args);
    else
        rc = tk_server_cast (server, object, target->method,
                             strlen (target->method), args, owner);
    tk_registry_unlock (registry);
    return rc;
}
