/* SPDX-License-Identifier: MPL-2.0 */
/*
 * layout.h - the inside of a troika_msg_t, for the files of lib/msg only.
 *
 * The bytes never change. What is derived from them (the decoded tree, the
 * C strings) is made at first use, complete before it is published, and
 * published once by compare-and-swap: any thread may ask for it, no lock.
 */
#ifndef TK_MSG_LAYOUT_H
#define TK_MSG_LAYOUT_H

#include <stdatomic.h>
#include "document.h"

typedef struct tk_text tk_text_t;

/* What troika_msg_object() gave out. */
typedef struct {
    msgpack_zone zone;
    msgpack_object root;
} tk_decoded_t;

struct troika_msg {
    tk_slab_t *slab;     /* one reference of ours */
    const uint8_t *data; /* inside the slab */
    size_t size;
    uint64_t number; /* the delivery's; 0: none */
    unsigned deliveries;
    bool is_args; /* the arguments of a call, or parameters of an object */
    _Atomic (tk_decoded_t *) decoded; /* NULL until asked for */
    union {
        _Atomic (tk_text_t *) texts; /* see text.h; NULL until asked for */
        troika_msg_t *next;          /* while an unpack collects */
    };
};

/* The message of what the buffer holds, which is one document; the buffer is
 * empty afterwards. NULL when memory is or was short. */
troika_msg_t *tk_msg_take (tk_buffer_t *buffer);

/* Sets the header of a container that was not counted beforehand; one byte
 * was kept for it at start, its content (the pairs of a map) follows. */
void tk_set_count (tk_buffer_t *buffer, size_t start, uint32_t count, bool map);

#endif
