/* SPDX-License-Identifier: MPL-2.0 */
/*
 * semaphore_object.c - permits, who has them, and who waits for one.
 *
 * Anybody may release, as in Python. So that a dead thread's permits come
 * back, and none comes back twice, each holder's are counted; a release by a
 * thread that has none gives back one of whoever has held longest, and only
 * when nobody has any does it add a permit to an unbounded semaphore.
 * Invariants: permits wait or callers wait, never both; bounded: the permits
 * left and those held are bound together.
 * Holders stand in a list, searched one by one: they are at most one for
 * each thread that has a permit at this moment.
 */
#include "patterns/semaphore/semaphore_private.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include "lib/object/args.h"
#include "lib/object/waiter.h"

typedef struct {
    unsigned value; /* permits left */
    unsigned bound; /* most that may be left; INT_MAX when unbounded */
    bool bounded;
    tk_link_t holders; /* who has held longest first */
    tk_link_t line;    /* waiters */
} semaphore_t;

typedef struct {
    tk_link_t link;
    uint64_t owner;
    unsigned count; /* permits, at least one */
} holder_t;

static void *
create (const troika_msg_t *args)
{
    unsigned value = 1;
    int bounded = 0;
    if ((troika_msg_unpack (args, "[]") &&
         troika_msg_unpack (args, "[u,b]", &value, &bounded)) ||
        value > INT_MAX) {
        errno = EINVAL;
        return NULL;
    }
    semaphore_t *self = calloc (1, sizeof *self);
    if (!self)
        return NULL;
    self->value = value;
    self->bound = bounded ? value : INT_MAX;
    self->bounded = bounded;
    tk_list_init (&self->holders);
    tk_list_init (&self->line);
    return self;
}

static holder_t *
find (const semaphore_t *self, uint64_t owner)
{
    for (tk_link_t *link = self->holders.next; link != &self->holders;
         link = link->next) {
        holder_t *holder = TK_MEMBER (link, holder_t, link);
        if (holder->owner == owner)
            return holder;
    }
    return NULL;
}

static holder_t *
longest (const semaphore_t *self)
{
    tk_link_t *link = tk_list_first (&self->holders);
    return link ? TK_MEMBER (link, holder_t, link) : NULL;
}

static void
remove_holder (holder_t *self)
{
    tk_list_remove (&self->link);
    free (self);
}

static void
destroy (void *object)
{
    semaphore_t *self = object;
    holder_t *holder;
    while ((holder = longest (self)))
        remove_holder (holder);
    tk_waiters_fini (&self->line);
    free (self);
}

static holder_t *
add_holder (semaphore_t *self, uint64_t owner)
{
    holder_t *holder = calloc (1, sizeof *holder);
    if (!holder)
        return NULL;
    holder->owner = owner;
    tk_list_append (&self->holders, &holder->link);
    return holder;
}

/* Answers call with a permit; there is one. */
static void
grant (semaphore_t *self, troika_call_t *call)
{
    uint64_t owner = troika_call_owner (call);
    holder_t *holder = find (self, owner);
    if (!holder)
        holder = add_holder (self, owner);
    if (!holder) {
        troika_call_fail (call, ENOMEM, NULL);
        return;
    }
    holder->count++;
    self->value--;
    troika_call_reply (call, NULL);
}

static void
serve (semaphore_t *self)
{
    troika_call_t *call;
    while (self->value && (call = tk_waiters_pop (&self->line)))
        grant (self, call);
}

static void
forget (void *object, uint64_t owner)
{
    semaphore_t *self = object;
    holder_t *holder = find (self, owner);
    if (!holder)
        return;
    self->value += holder->count;
    remove_holder (holder);
    serve (self);
}

static void
give_up (troika_call_t *call, void *context)
{
    tk_wait_leave (context);
    tk_wait_failed (call, troika_call_reason (call), "semaphore",
                    "without a permit");
}

static int
acquire (void *object, troika_call_t *call)
{
    semaphore_t *self = object;
    if (!tk_args (call, "[]"))
        return 0;
    if (!self->value)
        return tk_wait (&self->line, call, self, give_up);
    grant (self, call);
    return 0;
}

static void
take_back (semaphore_t *self, uint64_t owner)
{
    holder_t *holder = find (self, owner);
    if (!holder)
        holder = longest (self);
    if (holder && --holder->count == 0)
        remove_holder (holder);
}

static int
release (void *object, troika_call_t *call)
{
    semaphore_t *self = object;
    if (!tk_args (call, "[]"))
        return 0;
    if (self->value == self->bound)
        return troika_call_fail (call, ERANGE,
                                 "semaphore '%s' has all its %u permits",
                                 troika_current_name (), self->bound);
    take_back (self, troika_call_owner (call));
    self->value++;
    serve (self);
    return 0;
}

static int
value (void *object, troika_call_t *call)
{
    semaphore_t *self = object;
    if (tk_args (call, "[]"))
        troika_call_reply (call, "u", self->value);
    return 0;
}

/* [[owner, permits]], who has held longest first. */
static troika_msg_t *
list_holders (const semaphore_t *self)
{
    tk_buffer_t list;
    tk_buffer_init (&list);
    size_t start = tk_write_array32 (&list);
    uint32_t count = 0;
    for (tk_link_t *link = self->holders.next; link != &self->holders;
         link = link->next, count++) {
        holder_t *holder = TK_MEMBER (link, holder_t, link);
        tk_write_array (&list, 2);
        tk_write_uint (&list, holder->owner);
        tk_write_uint (&list, holder->count);
    }
    tk_patch_array32 (&list, start, count);
    return tk_written (&list);
}

static int
figures (void *object, troika_call_t *call)
{
    semaphore_t *self = object;
    if (!tk_args (call, "[]"))
        return 0;
    troika_msg_t *holders = list_holders (self);
    troika_msg_t *waiting = tk_waiters_owners (&self->line);
    int rc = -1;
    if (holders && waiting)
        rc = tk_answer (
            call, troika_msg_pack ("{s:u,s:b,s:m,s:U,s:m}", "value",
                                   self->value, "bounded", self->bounded,
                                   "holders", holders, "waiters",
                                   (uint64_t)tk_waiters_count (&self->line),
                                   "waiting", waiting));
    troika_msg_destroy (&holders);
    troika_msg_destroy (&waiting);
    return rc;
}

static const troika_method_t methods[] = {
    {"acquire", acquire}, {"release", release}, {"value", value},
    {"stat", figures},    {NULL, NULL},
};

const troika_type_t tk_semaphore_type = {
    .name = "semaphore",
    .create = create,
    .destroy = destroy,
    .forget = forget,
    .methods = methods,
};
