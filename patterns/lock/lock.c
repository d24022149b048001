/* SPDX-License-Identifier: MPL-2.0 */
/*
 * lock.c - the handle of a lock or an rlock.
 *
 * It remembers the tokens that its threads got, so that a release names the
 * holding it means. The block outlives its destroy until the last call in it
 * has left.
 */
#include <troika/lock.h>

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include "lib/base/error.h"
#include "lib/client/ask.h"
#include "patterns/lock/tokens.h"
#include "patterns/manager/manager_private.h"

struct troika_lock {
    tk_handle_t *handle;
    atomic_uint refs; /* the owner's, and one for each call under way */
    tk_tokens_t tokens;
};

static troika_lock_t *
wrap (int rc, tk_handle_t *handle)
{
    if (!rc)
        rc = tk_tokens_start ();
    troika_lock_t *self = tk_wrap (rc, handle, sizeof *self);
    if (self)
        self->refs = 1;
    return self;
}

static troika_lock_t *
open_lock (troika_manager_t *manager, const char *type, const char *name)
{
    tk_handle_t *handle = NULL;
    int rc = tk_open (tk_manager_handle (manager), type, name, &handle, "[]");
    return wrap (rc, handle);
}

troika_lock_t *
troika_manager_lock (troika_manager_t *manager, const char *name)
{
    return open_lock (manager, "lock", name);
}

troika_lock_t *
troika_manager_rlock (troika_manager_t *manager, const char *name)
{
    return open_lock (manager, "rlock", name);
}

troika_lock_t *
troika_lock_connect (const char *endpoint)
{
    tk_handle_t *handle = NULL;
    int rc = tk_handle_connect (&handle, endpoint, "lock", NULL);
    if (rc == -EEXIST)
        rc = tk_handle_connect (&handle, endpoint, "rlock", NULL);
    return wrap (rc, handle);
}

static void
enter (troika_lock_t *self)
{
    atomic_fetch_add (&self->refs, 1);
}

static void
leave (troika_lock_t *self)
{
    if (atomic_fetch_sub (&self->refs, 1) == 1)
        free (self);
}

void
troika_lock_destroy (troika_lock_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    troika_lock_t *self = *self_p;
    tk_handle_t *handle = self->handle; /* others may be reading self's */
    *self_p = NULL;
    tk_handle_destroy (&handle);
    leave (self);
}

int
troika_lock_acquire (troika_lock_t *self, int timeout)
{
    uint64_t token;
    if (!self)
        return tk_edge (tk_handle_check (NULL));
    enter (self);
    int rc = tk_ask_holding (tk_handle_of (self), timeout, "acquire", &token);
    if (rc >= 0)
        tk_tokens_add (&self->tokens, token);
    leave (self);
    return tk_edge (rc);
}

static int
release (troika_lock_t *self)
{
    uint64_t token = tk_tokens_find (&self->tokens);
    if (!token)
        return tk_ask (tk_handle_of (self), TROIKA_FOREVER, "release");
    int rc = tk_handle_callf (tk_handle_of (self), TROIKA_FOREVER, "release",
                              NULL, "[U]", token);
    if (rc == 0 || rc == -EPERM)
        tk_tokens_remove (&self->tokens, token);
    return rc;
}

int
troika_lock_release (troika_lock_t *self)
{
    if (!self)
        return tk_edge (tk_handle_check (NULL));
    enter (self);
    int rc = release (self);
    leave (self);
    return tk_edge (rc);
}

uint64_t
troika_lock_token (troika_lock_t *self)
{
    troika_msg_t *answer = NULL;
    uint64_t token = 0;
    int rc = tk_handle_callf (tk_handle_of (self), TROIKA_FOREVER, "token",
                              &answer, "[]");
    if (!rc && troika_msg_unpack (answer, "U", &token))
        rc = -EPROTO;
    troika_msg_destroy (&answer);
    tk_edge (rc);
    return token;
}
