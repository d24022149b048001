/* SPDX-License-Identifier: MPL-2.0 */
/*
 * lend.h - large parts of a buffer that stay where they lie.
 *
 * What is lent to a buffer is a part of its content like any other, but no
 * copy of it is made until somebody wants the content in one piece.
 */
#ifndef TK_MSG_LEND_H
#define TK_MSG_LEND_H

#include "buffer.h"

/* Parts lent to one buffer, at most; and the pieces that makes. */
#define TK_LENT_MAX 6
#define TK_PIECES_MAX (2 * TK_LENT_MAX + 1)

/* Bytes in their place. */
typedef struct {
    const void *data;
    size_t size;
    tk_slab_t *slab; /* that they lie in; NULL: kept as a copy, if at all */
} tk_piece_t;

/* Appends bytes that lie in slab: large ones by reference, others, and those
 * that are too many, as a copy. */
void tk_buffer_lend (tk_buffer_t *self, tk_slab_t *slab, const void *data,
                     size_t size);

/* Bytes in all, with those that were lent. */
size_t tk_buffer_total (const tk_buffer_t *self);

/* The content, piece by piece; how many. They live as long as the buffer. */
int tk_buffer_pieces (const tk_buffer_t *self,
                      tk_piece_t pieces[TK_PIECES_MAX]);

/* Another holder of the same content, which nobody may write to any more. */
tk_buffer_t tk_buffer_share (const tk_buffer_t *self);

/* buffer.c: the content becomes one piece. */
void tk_buffer_join (tk_buffer_t *self);
void tk_lent_unref (tk_lent_t *self);

#endif
