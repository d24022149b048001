/* SPDX-License-Identifier: MPL-2.0 */
/*
 * seal.c - asks every client to cast no more to an object.
 *
 * A client confirms when it has stopped and all its casts are in; a session
 * that ends has confirmed, too. When nobody is left to be asked, done runs.
 * So a queue that is shut down loses no put that had already returned.
 * Runs under the registry's lock.
 */
#include "parts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    tk_link_t link; /* in server->seals */
    tk_server_t *server;
    uint64_t number;
    char object[TK_NAME_MAX + 1];
    void (*done) (void *self);
    size_t open; /* sessions that have not confirmed */
} seal_t;

/* One session that one seal waits for. */
typedef struct {
    tk_link_t link; /* in session->asked */
    seal_t *seal;
} asked_t;

static void
finish (seal_t *self)
{
    tk_object_t *object = tk_registry_find (
        self->server->registry, self->object, strlen (self->object));
    void (*done) (void *) = self->done;
    tk_list_remove (&self->link);
    free (self);
    if (!object)
        return;
    tk_scope_t scope = tk_scope_enter (object);
    done (object->self);
    tk_scope_leave (scope);
}

static void
confirm (asked_t *asked)
{
    seal_t *seal = asked->seal;
    tk_list_remove (&asked->link);
    free (asked);
    if (--seal->open == 0)
        finish (seal);
}

static void
ask (seal_t *self, tk_session_t *session)
{
    asked_t *asked = calloc (1, sizeof *asked);
    if (!asked)
        return;
    tk_list_init (&asked->link);
    asked->seal = self;
    tk_list_append (&session->asked, &asked->link);
    self->open++;
}

int
tk_seal_begin (void *context, tk_object_t *object, void (*done) (void *self))
{
    tk_server_t *server = context;
    seal_t *self = calloc (1, sizeof *self);
    if (!self)
        return -ENOMEM;
    tk_list_init (&self->link);
    tk_list_append (&server->seals, &self->link);
    object->sealed = true;
    self->server = server;
    self->number = ++server->last_seal;
    self->done = done;
    self->open = 1; /* this function, until all have been asked */
    snprintf (self->object, sizeof self->object, "%s", object->name);
    for (tk_link_t *at = server->sessions.next; at != &server->sessions;
         at = at->next) {
        tk_session_t *session = TK_MEMBER (at, tk_session_t, link);
        ask (self, session);
        tk_session_tell (session, true);
    }
    if (--self->open == 0)
        finish (self);
    return 0;
}

void
tk_seal_confirm (tk_session_t *session, uint64_t number)
{
    for (tk_link_t *at = session->asked.next; at != &session->asked;
         at = at->next) {
        asked_t *asked = TK_MEMBER (at, asked_t, link);
        if (asked->seal->number == number) {
            confirm (asked);
            return;
        }
    }
}

void
tk_seals_forget (tk_session_t *session)
{
    tk_link_t *link;
    while ((link = tk_list_first (&session->asked)))
        confirm (TK_MEMBER (link, asked_t, link));
}

bool
tk_seals_any (const tk_session_t *session)
{
    return !tk_list_empty (&session->asked);
}

void
tk_seals_write (const tk_session_t *session, tk_buffer_t *buffer)
{
    size_t at = tk_write_array32 (buffer);
    uint32_t count = 0;
    for (tk_link_t *link = session->asked.next; link != &session->asked;
         link = link->next) {
        seal_t *seal = TK_MEMBER (link, asked_t, link)->seal;
        tk_write_array (buffer, 2);
        tk_write_cstr (buffer, seal->object);
        tk_write_uint (buffer, seal->number);
        count++;
    }
    tk_patch_array32 (buffer, at, count);
}

/* No session is left by then. */
void
tk_seals_fini (tk_server_t *server)
{
    tk_link_t *link;
    while ((link = tk_list_pop (&server->seals)))
        free (TK_MEMBER (link, seal_t, link));
}
