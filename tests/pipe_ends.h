/* SPDX-License-Identifier: MPL-2.0 */
/*
 * pipe_ends.h - the two ends of a pipe as a variant of the stage wants them:
 * inproc, ipc or tcp, and b used by a thread or by another process.
 */
#ifndef PIPE_ENDS_H
#define PIPE_ENDS_H

#include "tests/stage.h"

typedef struct {
    troika_pipe_t *a, *b;
} pipe_ends_t;

void pipe_make (stage_t *stage, pipe_ends_t *ends, bool duplex);
void pipe_drop (pipe_ends_t *ends);

/* Runs somebody who has the ends as its argument and uses b, which is closed
 * here, as it is in the idiom of parent and child; a is closed there. The
 * peer may destroy b by itself. */
stage_peer_t *pipe_peer (stage_t *stage, pipe_ends_t *ends,
                         int (*run) (stage_t *stage, void *ends));

/* Whether that is a thread of this process, which closes no end by ending. */
bool pipe_peer_shares (stage_t *stage);

/* Waits for it; it returns 0. */
void pipe_join (stage_peer_t *peer);

/* Documents that are numbers: from, …, to - 1. */
void pipe_send_numbers (troika_pipe_t *end, int from, int to);
void pipe_check_numbers (troika_pipe_t *end, int from, int to);
void pipe_check_next (troika_pipe_t *end, int number);

/* Sends back what comes until the other end is closed. */
void pipe_echo (troika_pipe_t *end);

/* Sends bytes until there is no room; how many messages that were. */
size_t pipe_fill (troika_pipe_t *end, size_t size);

/* How many private directories of pipes are left in the test's. */
unsigned pipe_directories_left (stage_t *stage);

#endif
