/* SPDX-License-Identifier: MPL-2.0 */
/*
 * control.h - what the two sides of a channel tell each other beside data.
 *
 * A control message is two frames, the first of them empty, so no data
 * message looks like one. The second is an array: a verb and its arguments,
 * see doc/protocol-pipe.md. Unknown verbs are passed over.
 */
#ifndef TK_PIPE_CONTROL_H
#define TK_PIPE_CONTROL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TK_PIPE_VERSION 1
#define TK_PIPE_ID 16 /* bytes */

typedef enum {
    TK_SAYS_NOTHING, /* a verb of a later version */
    TK_SAYS_HELLO,
    TK_SAYS_CREDIT,
    TK_SAYS_WINDOW,
    TK_SAYS_WANT,
    TK_SAYS_END,
    TK_SAYS_SEEN
} tk_verb_t;

typedef struct {
    uint64_t messages;
    uint64_t bytes;
} tk_amount_t;

typedef struct {
    tk_verb_t verb;
    uint64_t version;             /* hello */
    bool has_id;                  /* hello */
    bool duplex;                  /* hello */
    unsigned char id[TK_PIPE_ID]; /* hello */
    tk_amount_t amount;           /* hello: window; credit: read; window */
} tk_control_t;

/* Sends it; 0 or negative errno. A peer that is gone is no failure. */
int tk_control_send (void *socket, const tk_control_t *control);

/* Reads the second frame; -EPROTO when it is no array with a verb and what
 * that verb needs. */
int tk_control_read (tk_control_t *control, const void *data, size_t size);

#endif
