/* SPDX-License-Identifier: MPL-2.0 */
/*
 * place.c - where the two ends of troika_pipe_new() meet.
 *
 * Each end that receives listens from the beginning (listen.c). Each channel
 * also has a plain pipe(2), of which the sender holds the write end and the
 * receiver the read end: the kernel tells either when nobody holds the other
 * any more, whether it was ever used or not. A page that all processes share
 * says who uses an end, and whether that one closed it. One more pipe(2) is
 * held by everybody, to tell who is the last and removes what is left in the
 * file system.
 */
#include "patterns/pipe/end.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "lib/base/error.h"
#include "lib/base/runtime.h"
#include "lib/base/sys.h"

struct tk_place {
    atomic_int refs;  /* ends of this process */
    tk_side_t *sides; /* of both ends, shared by all processes */
    int holders[2];
    char directory[TK_ADDRESS_MAX];
    bool named;   /* the endpoints are the user's, not in the directory */
    bool removed; /* the directory */
    tk_endpoint_t endpoints[2];      /* where each end receives */
    char leaving[2][TK_ADDRESS_MAX]; /* what was sent there and not taken */
    unsigned char id[TK_PIPE_ID];
    tk_amount_t windows[2];
};

#define SIDES_SIZE (2 * sizeof (tk_side_t))

static void
close_pair (int fds[2])
{
    for (int i = 0; i < 2; i++)
        if (fds[i] >= 0)
            close (fds[i]);
    fds[0] = fds[1] = -1;
}

/* Whether no other process holds an end. */
static bool
is_last (tk_place_t *self)
{
    struct pollfd set = {.fd = self->holders[0]};
    close (self->holders[1]);
    self->holders[1] = -1;
    return poll (&set, 1, 0) > 0;
}

static void
remove_files (tk_place_t *self)
{
    char draft[TK_ADDRESS_MAX + 1];
    for (int i = 0; i < 2; i++) {
        self->endpoints[i].made.generation = tk_generation ();
        tk_endpoint_unlink (&self->endpoints[i]);
        unlink (self->leaving[i]);
        snprintf (draft, sizeof draft, "%s~", self->leaving[i]);
        unlink (draft);
    }
    rmdir (self->directory);
}

static bool
is_live (tk_channel_t *channel)
{
    pthread_mutex_lock (&channel->lock);
    if (channel->socket && !channel->closing &&
        channel->state == TK_CHANNEL_FRESH)
        tk_channel_pull (channel);
    bool live = channel->state == TK_CHANNEL_LIVE;
    pthread_mutex_unlock (&channel->lock);
    return live;
}

/* Now that all is connected, nobody needs the names any more: a process that
 * is killed leaves none behind. */
void
tk_place_settle (troika_pipe_t *end)
{
    tk_place_t *self = end->place;
    if (!self || self->named || self->removed ||
        (end->receives && !is_live (&end->in)) ||
        (end->sends && !is_live (&end->out)))
        return;
    self->removed = true;
    remove_files (self);
}

static void
unref (tk_place_t *self)
{
    if (!self || atomic_fetch_sub (&self->refs, 1) > 1)
        return;
    if (!self->removed && self->holders[1] >= 0 && is_last (self))
        remove_files (self);
    close_pair (self->holders);
    if (self->sides)
        munmap (self->sides, SIDES_SIZE);
    free (self);
}

/* --- making */

static int
make_directory (tk_place_t *self)
{
    tk_endpoint_t made;
    int rc = tk_endpoint_private (&made);
    if (rc)
        return rc;
    *strrchr (made.host, '/') = '\0';
    snprintf (self->directory, sizeof self->directory, "%s", made.host);
    for (int i = 0; i < 2; i++)
        snprintf (self->leaving[i], sizeof self->leaving[i], "%.200s/%c.left",
                  made.host, "ab"[i]);
    return 0;
}

static void
name_privately (tk_place_t *self, tk_endpoint_t *endpoint, int side)
{
    memset (endpoint, 0, sizeof *endpoint);
    endpoint->transport = TK_IPC;
    snprintf (endpoint->host, sizeof endpoint->host, "%.200s/%c",
              self->directory, "ab"[side]);
}

static void
name_endpoints (tk_place_t *self, const tk_endpoint_t *endpoint)
{
    self->named = endpoint != NULL;
    for (int i = 0; i < 2 && !endpoint; i++)
        name_privately (self, &self->endpoints[i], i);
    if (!endpoint)
        return;
    self->endpoints[0] = *endpoint;
    if (endpoint->port)
        tk_endpoint_cast (endpoint, &self->endpoints[1]);
    else
        self->endpoints[1] = *endpoint;
    if (endpoint->transport == TK_IPC)
        tk_endpoint_cast (endpoint, &self->endpoints[1]);
}

static int
share_sides (tk_place_t *self)
{
    void *memory = mmap (NULL, SIDES_SIZE, PROT_READ | PROT_WRITE,
                         MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return -ENOMEM;
    self->sides = memory;
    return 0;
}

static int
place_new (tk_place_t **self_p, const tk_endpoint_t *endpoint)
{
    tk_place_t *self = calloc (1, sizeof *self);
    *self_p = self;
    if (!self)
        return -ENOMEM;
    atomic_init (&self->refs, 1);
    self->holders[0] = self->holders[1] = -1;
    for (int i = 0; i < 2; i++)
        self->windows[i] = (tk_amount_t){TK_WINDOW_MESSAGES, TK_WINDOW_BYTES};
    int rc = share_sides (self);
    if (!rc && pipe2 (self->holders, O_CLOEXEC))
        rc = tk_error (EMFILE, "no descriptors for a pipe");
    if (!rc)
        rc = tk_sys_random (self->id, sizeof self->id);
    if (!rc)
        rc = make_directory (self);
    if (!rc)
        name_endpoints (self, endpoint);
    return rc;
}

static int
join (troika_pipe_t *self, tk_place_t *place, unsigned side)
{
    self->place = place;
    self->side = side;
    atomic_fetch_add (&place->refs, 1);
    if (!self->receives)
        return 0;
    return tk_listen_make (&place->endpoints[side], &self->listener);
}

static int
share_life (troika_pipe_t *from, troika_pipe_t *to)
{
    int fds[2];
    if (pipe2 (fds, O_CLOEXEC))
        return tk_error (EMFILE, "no descriptors for a pipe");
    to->in.life = fds[0];
    from->out.life = fds[1];
    return 0;
}

static int
join_both (troika_pipe_t *a, troika_pipe_t *b, tk_place_t *place)
{
    int rc = join (a, place, 0);
    if (!rc)
        rc = join (b, place, 1);
    if (!rc && a->sends)
        rc = share_life (a, b);
    if (!rc)
        rc = share_life (b, a);
    tk_endpoint_offer (&place->endpoints[0], a->text);
    strcpy (b->text, a->text);
    a->endpoint = b->endpoint = place->endpoints[0];
    if (!rc)
        rc = tk_end_enlist (a);
    if (!rc)
        rc = tk_end_enlist (b);
    return rc;
}

int
tk_place_pair (troika_pipe_t **a, troika_pipe_t **b,
               const tk_endpoint_t *endpoint, bool duplex)
{
    tk_place_t *place = NULL;
    *a = *b = NULL;
    int rc = tk_headroom ();
    if (!rc)
        rc = tk_end_new (a, true, duplex);
    if (!rc)
        rc = tk_end_new (b, duplex, true);
    if (!rc)
        rc = place_new (&place, endpoint);
    if (!rc)
        rc = join_both (*a, *b, place);
    unref (place);
    if (rc) {
        tk_end_destroy (*a);
        tk_end_destroy (*b);
        *a = *b = NULL;
    }
    return rc;
}

void
tk_place_set_window (troika_pipe_t *self, const tk_amount_t *window)
{
    self->place->windows[self->side] = *window;
}

/* --- opening */

static void
prepare (troika_pipe_t *self, tk_channel_t *channel, unsigned receiver)
{
    channel->private = true;
    channel->exposed = self->place->named;
    channel->named = true;
    channel->duplex = self->sends && self->receives;
    memcpy (channel->id, self->place->id, TK_PIPE_ID);
    channel->window = self->place->windows[receiver];
    channel->leaving = self->place->leaving[receiver];
    channel->other = &self->place->sides[1 - self->side];
}

static int
open_in (troika_pipe_t *self)
{
    const tk_endpoint_t *endpoint = &self->place->endpoints[self->side];
    prepare (self, &self->in, self->side);
    int rc = tk_channel_open (&self->in, endpoint->transport);
    if (!rc)
        rc = tk_listen_give (endpoint, &self->listener, self->in.socket);
    return rc;
}

static int
open_out (troika_pipe_t *self)
{
    tk_endpoint_t endpoint = self->place->endpoints[1 - self->side];
    tk_channel_t *channel = &self->out;
    prepare (self, channel, 1 - self->side);
    channel->greets = true;
    int rc = tk_channel_open (channel, endpoint.transport);
    if (!rc)
        rc = tk_endpoint_connect (&endpoint, channel->socket);
    if (!rc)
        rc = tk_channel_greet (channel);
    return rc;
}

/* Of copies in several processes, one may use the end. */
static int
claim (troika_pipe_t *self)
{
    int nobody = 0;
    atomic_int *owner = &self->place->sides[self->side].owner;
    if (atomic_compare_exchange_strong (owner, &nobody, (int)getpid ()))
        return 0;
    return tk_error (EPERM,
                     "this end of the pipe is in use by process %d; only "
                     "the process that used it first may use it",
                     nobody);
}

int
tk_place_open (troika_pipe_t *self)
{
    int rc = claim (self);
    if (rc)
        return rc;
    if (self->sends)
        rc = open_out (self);
    if (!rc && self->receives)
        rc = open_in (self);
    if (!rc) {
        tk_end_opened (self);
        return 0;
    }
    tk_channel_close (&self->out, 0);
    tk_channel_close (&self->in, 0);
    atomic_store (&self->place->sides[self->side].owner, 0);
    return rc;
}

void
tk_place_closed (troika_pipe_t *self)
{
    if (self->place)
        atomic_store (&self->place->sides[self->side].closed, true);
}

void
tk_place_leave (troika_pipe_t *self)
{
    tk_listen_close (&self->listener);
    unref (self->place);
    self->place = NULL;
}
