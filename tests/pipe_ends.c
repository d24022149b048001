/* SPDX-License-Identifier: MPL-2.0 */
/*
 * pipe_ends.c - the two ends of a pipe as a variant of the stage wants them.
 */
#include "tests/pipe_ends.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include "tests/sanitized.h"

void
pipe_make (stage_t *stage, pipe_ends_t *ends, bool duplex)
{
    CHECK_OK (
        troika_pipe_new (&ends->a, &ends->b, stage_address (stage), duplex));
}

void
pipe_drop (pipe_ends_t *ends)
{
    troika_pipe_destroy (&ends->a);
    troika_pipe_destroy (&ends->b);
}

bool
pipe_peer_shares (stage_t *stage)
{
    return UNDER_TSAN || !(stage_variant (stage) & STAGE_REMOTE);
}

/* What pipe_peer hands to its thread or process. */
typedef struct {
    pipe_ends_t *ends;
    int (*run) (stage_t *stage, void *ends);
} role_t;

static int
play (stage_t *stage, void *arg)
{
    role_t role = *(role_t *)arg;
    free (arg);
    if (!pipe_peer_shares (stage))
        troika_pipe_destroy (&role.ends->a);
    return role.run (stage, role.ends);
}

stage_peer_t *
pipe_peer (stage_t *stage, pipe_ends_t *ends,
           int (*run) (stage_t *stage, void *ends))
{
    role_t *role = malloc (sizeof *role);
    assert_non_null (role);
    *role = (role_t){ends, run};
    stage_peer_t *peer = stage_peer (stage, play, role);
    if (pipe_peer_shares (stage))
        return peer;
    free (role);
    troika_pipe_destroy (&ends->b);
    return peer;
}

void
pipe_join (stage_peer_t *peer)
{
    assert_int_equal (stage_join (peer), 0);
}

void
pipe_send_numbers (troika_pipe_t *end, int from, int to)
{
    for (int i = from; i < to; i++)
        CHECK_OK (troika_pipe_send (end, TROIKA_FOREVER, "i", i));
}

void
pipe_check_next (troika_pipe_t *end, int number)
{
    int got = -1;
    troika_msg_t *msg = CHECK_OK (troika_pipe_recv (end, TROIKA_FOREVER));
    CHECK_OK (troika_msg_unpack (msg, "i", &got));
    assert_int_equal (got, number);
    troika_msg_destroy (&msg);
}

void
pipe_check_numbers (troika_pipe_t *end, int from, int to)
{
    for (int i = from; i < to; i++)
        pipe_check_next (end, i);
}

void
pipe_echo (troika_pipe_t *end)
{
    troika_msg_t *msg;
    while ((msg = troika_pipe_recv (end, TROIKA_FOREVER))) {
        CHECK_OK (troika_pipe_send_msg (end, TROIKA_FOREVER, msg));
        troika_msg_destroy (&msg);
    }
    assert_int_equal (errno, EPIPE);
}

size_t
pipe_fill (troika_pipe_t *end, size_t size)
{
    size_t count = 0;
    void *bytes = calloc (1, size);
    assert_non_null (bytes);
    while (!troika_pipe_send_bytes (end, TROIKA_NOWAIT, bytes, size))
        count++;
    assert_int_equal (errno, EAGAIN);
    free (bytes);
    return count;
}

unsigned
pipe_directories_left (stage_t *stage)
{
    unsigned count = 0;
    DIR *directory = opendir (stage_directory (stage));
    struct dirent *entry;
    while ((entry = readdir (directory)))
        count += !strncmp (entry->d_name, "troika-", 7);
    closedir (directory);
    return count;
}
