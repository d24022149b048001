/* SPDX-License-Identifier: MPL-2.0 */
/*
 * shelf.c - what one object handed ahead of need to one thread.
 *
 * The items stay slices of the answer that brought them. While the shelf
 * holds that, this thread may have a pile of references to it.
 */
#include "shelf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* So long it waits for places before it asks; after so many waits in vain,
 * only one time of as many. */
#define AWAIT_US 200
#define VAIN 8

tk_shelf_t *
tk_shelf_new (const char *object, tk_tally_t *tally)
{
    tk_shelf_t *self = calloc (1, sizeof *self);
    char *name = strdup (object);
    if (!self || !name) {
        free (self);
        free (name);
        return NULL;
    }
    tk_list_init (&self->link);
    self->object = name;
    self->tally = tk_tally_ref (tally);
    return self;
}

void
tk_shelf_destroy (tk_shelf_t *self)
{
    tk_shelf_clear (self);
    tk_list_remove (&self->link);
    tk_tally_unref (self->tally);
    free (self->object);
    free (self);
}

void
tk_shelf_clear (tk_shelf_t *self)
{
    if (self->slab && self->slab == tk_slab_pile.slab)
        tk_slab_unpile ();
    tk_slab_unref (self->slab);
    self->slab = NULL;
}

void
tk_shelf_fill (tk_shelf_t *self, tk_slab_t *slab, tk_cursor_t at,
               uint64_t index, uint64_t number)
{
    tk_shelf_clear (self);
    self->word = tk_tally_word (self->tally, index);
    self->since = tk_clock_us ();
    if (!self->word || at.at == at.end)
        return;
    self->slab = tk_slab_ref (slab);
    self->cursor = at;
    self->number = number;
}

static troika_msg_t *
make_next (tk_shelf_t *self, tk_cursor_t *at)
{
    const uint8_t *from = at->at;
    if (from == at->end || tk_cursor_skip_frame (at))
        return NULL;
    tk_slab_t *slab = tk_slab_ref_piled (self->slab);
    troika_msg_t *msg = tk_msg_over (slab, from, (size_t)(at->at - from));
    if (!msg)
        tk_slab_unref (slab);
    return msg;
}

static size_t
make (tk_shelf_t *self, tk_cursor_t *at, troika_msg_t **msgs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        msgs[i] = make_next (self, at);
        if (!msgs[i])
            return i;
        tk_msg_set_delivery (msgs[i], (tk_delivery_t){self->number + i, 1});
    }
    return count;
}

/* The messages are made first: what has been counted must be handed out. */
bool
tk_shelf_take (tk_shelf_t *self, troika_msg_t **msgs, size_t count, bool *tell)
{
    tk_cursor_t at = self->cursor;
    if (!self->slab || tk_word_left (atomic_load (self->word)) < count)
        return false;
    size_t made = make (self, &at, msgs, count);
    if (made == count && tk_word_use (self->word, count, tell)) {
        self->cursor = at;
        self->number += count;
        return true;
    }
    while (made > 0)
        troika_msg_destroy (&msgs[--made]);
    return false;
}

void
tk_shelf_place (tk_shelf_t *self, uint64_t index)
{
    self->places = tk_tally_word (self->tally, index);
}

/* While others take, places come sooner than a call is answered. Where that
 * was not so lately we seldom wait. */
int
tk_shelf_await_place (tk_shelf_t *self, tk_time_t deadline)
{
    if (tk_word_left (atomic_load (self->places)) || deadline == TK_NOWAIT ||
        !tk_word_grows (self->places))
        return -EAGAIN;
    if (self->vain >= VAIN && self->vain++ % VAIN)
        return -EAGAIN;
    tk_time_t until = tk_clock_us () + AWAIT_US;
    int rc = tk_word_await (self->places, deadline < until ? deadline : until);
    self->vain = rc > 0 ? 0 : self->vain + 1;
    if (rc > 0)
        return 0;
    return rc == -EINTR ? rc : -EAGAIN;
}

void
tk_shelf_ask (tk_shelf_t *self)
{
    tk_shelf_clear (self);
    if (self->word)
        atomic_store (tk_word_pace (self->word),
                      (uint64_t)(1 + tk_clock_us () - self->since));
}

void
tk_shelf_settle (tk_shelf_t *self)
{
    if (self->word)
        atomic_fetch_or (self->word, TK_WORD_SETTLED);
}
