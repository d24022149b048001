/* SPDX-License-Identifier: MPL-2.0 */
/*
 * unpack.h - a walk over a format and a document, for unpack*.c only.
 */
#ifndef TK_MSG_UNPACK_H
#define TK_MSG_UNPACK_H

#include <stdarg.h>
#include "layout.h"
#include "match.h"

/* In a structure, so that a pointer leads to it: what was just set up is not
 * copied as a whole before all stores ahead of it are done. */
typedef struct {
    va_list list;
} tk_args_t;

typedef struct {
    const troika_msg_t *msg;
    const char *at;     /* behind the letter that is being read */
    bool check;         /* the document is compared with the format */
    bool store;         /* the variables are written, if it matches */
    troika_msg_t *made; /* by `m`, in order; next links them */
    troika_msg_t **last;
    tk_args_t *args; /* of the caller, used up */
} tk_unpacker_t;

/* Reads the value of a letter that stands for no container and no message,
 * or, for '\0', nil. in is NULL where an optional key is absent: only the
 * arguments are passed. -EBADMSG with words, or -ENOMEM; then nothing has
 * been stored. */
int tk_unpack_scalar (tk_unpacker_t *self, char letter, tk_cursor_t *in,
                      const tk_path_t *path);

#endif
