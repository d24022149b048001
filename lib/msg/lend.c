/* SPDX-License-Identifier: MPL-2.0 */
/*
 * lend.c - large parts of a buffer that stay where they lie.
 *
 * A part is placed between the buffer's own bytes. Parts are in the order of
 * their places, so that the content is own bytes, part, own bytes, part…
 * The list of parts belongs to the buffers that share it.
 */
#include "lend.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* From here on a copy costs more than another piece to be written. */
#define LEND_MIN 8192

struct tk_lent {
    atomic_uint references;
    unsigned count;
    size_t bytes;
    struct {
        size_t at; /* own bytes before it */
        tk_piece_t piece;
    } parts[TK_LENT_MAX];
};

static tk_lent_t *
lent_of (tk_buffer_t *self)
{
    if (!self->lent && (self->lent = calloc (1, sizeof *self->lent)))
        atomic_init (&self->lent->references, 1);
    return self->lent;
}

void
tk_lent_unref (tk_lent_t *self)
{
    if (!self || atomic_fetch_sub (&self->references, 1) > 1)
        return;
    for (unsigned i = 0; i < self->count; i++)
        tk_slab_unref (self->parts[i].piece.slab);
    free (self);
}

void
tk_buffer_lend (tk_buffer_t *self, tk_slab_t *slab, const void *data,
                size_t size)
{
    tk_lent_t *lent = size >= LEND_MIN ? lent_of (self) : NULL;
    if (!lent || lent->count == TK_LENT_MAX) {
        tk_buffer_append (self, data, size);
        return;
    }
    lent->parts[lent->count].at = self->size;
    lent->parts[lent->count].piece =
        (tk_piece_t){data, size, tk_slab_ref (slab)};
    lent->count++;
    lent->bytes += size;
}

size_t
tk_buffer_total (const tk_buffer_t *self)
{
    return self->size + (self->lent ? self->lent->bytes : 0);
}

/* The own bytes from one place to another. */
static int
add_own (const tk_buffer_t *self, size_t from, size_t to, tk_piece_t *piece)
{
    if (from == to)
        return 0;
    *piece = (tk_piece_t){tk_buffer_data (self) + from, to - from, self->slab};
    return 1;
}

int
tk_buffer_pieces (const tk_buffer_t *self, tk_piece_t pieces[TK_PIECES_MAX])
{
    const tk_lent_t *lent = self->lent;
    size_t from = 0;
    int count = 0;
    for (unsigned i = 0; lent && i < lent->count; i++) {
        size_t at = lent->parts[i].at;
        count += add_own (self, from, at, &pieces[count]);
        pieces[count++] = lent->parts[i].piece;
        from = at;
    }
    return count + add_own (self, from, self->size, &pieces[count]);
}

tk_buffer_t
tk_buffer_share (const tk_buffer_t *self)
{
    if (self->slab)
        tk_slab_ref (self->slab);
    if (self->lent)
        atomic_fetch_add (&self->lent->references, 1);
    return *self;
}

void
tk_buffer_join (tk_buffer_t *self)
{
    tk_piece_t pieces[TK_PIECES_MAX];
    tk_buffer_t joined;
    int count = tk_buffer_pieces (self, pieces);
    tk_buffer_init (&joined);
    tk_buffer_extend (&joined, tk_buffer_total (self));
    tk_buffer_truncate (&joined, 0);
    for (int i = 0; i < count; i++)
        tk_buffer_append (&joined, pieces[i].data, pieces[i].size);
    joined.failed |= self->failed;
    tk_buffer_fini (self);
    *self = joined;
}
