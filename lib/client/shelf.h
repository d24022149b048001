/* SPDX-License-Identifier: MPL-2.0 */
/*
 * shelf.h - what one object handed ahead of need to one thread.
 *
 * A shelf belongs to a lane: only that lane's thread looks at it. Each thing
 * on it is used by counting in a word that the manager sees (tally.h), so
 * that what has not been used is the manager's at any moment.
 */
#ifndef TK_CLIENT_SHELF_H
#define TK_CLIENT_SHELF_H

#include "lib/base/clock.h"
#include "lib/base/list.h"
#include "lib/base/tally.h"
#include "lib/msg/document.h"
#include "lib/wire/cursor.h"

typedef struct {
    tk_link_t link; /* in lane->shelves */
    char *object;
    tk_tally_t *tally;
    tk_word_t *word;    /* NULL: nothing was handed ahead yet */
    tk_slab_t *slab;    /* holds the items; or NULL */
    tk_cursor_t cursor; /* at the next of them */
    uint64_t number;    /* of the next one's delivery */
    tk_time_t since;    /* when they came */
    tk_word_t *places;  /* counts what may be cast unasked; or NULL */
    unsigned vain;      /* waits for more of them since one was of use */
} tk_shelf_t;

tk_shelf_t *tk_shelf_new (const char *object, tk_tally_t *tally);
void tk_shelf_destroy (tk_shelf_t *self);

/* Nothing is on it any more. */
void tk_shelf_clear (tk_shelf_t *self);

/* The items of an answer from at on, counted in the word of that index. */
void tk_shelf_fill (tk_shelf_t *self, tk_slab_t *slab, tk_cursor_t at,
                    uint64_t index, uint64_t number);

/* The next count items, used now; false: there are not as many, the manager
 * has taken back what was left, or memory is short. *tell: it wants to hear
 * of them. */
bool tk_shelf_take (tk_shelf_t *self, troika_msg_t **msgs, size_t count,
                    bool *tell);

/* Casts are counted in the word of that index; 0: there is none. */
void tk_shelf_place (tk_shelf_t *self, uint64_t index);

/* Waits a little for more places, where they come unasked: 0, there are some;
 * -EAGAIN: not now; -EINTR. */
int tk_shelf_await_place (tk_shelf_t *self, tk_time_t deadline);

/* The manager is asked for more: it sees how long this took. */
void tk_shelf_ask (tk_shelf_t *self);

/* What was used last is settled. */
void tk_shelf_settle (tk_shelf_t *self);

#endif
