/* SPDX-License-Identifier: MPL-2.0 */
/*
 * post.c - casts between objects of one registry, carried out later.
 *
 * A post waits until no handler of the registry is on the stack; delivering
 * one may add further ones. Runs under the registry's lock.
 */
#include "post.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "registry.h"

typedef struct {
    tk_link_t link;
    troika_call_t call;
    char *type;
    char *object;
    char *method;
} post_t;

void
tk_posts_init (tk_posts_t *self)
{
    tk_list_init (&self->waiting);
    self->delivering = false;
}

static void
destroy (post_t *post)
{
    tk_call_fini (&post->call);
    free (post->type);
    free (post->object);
    free (post->method);
    free (post);
}

void
tk_posts_fini (tk_posts_t *self)
{
    tk_link_t *link;
    while ((link = tk_list_pop (&self->waiting)))
        destroy (TK_MEMBER (link, post_t, link));
}

int
tk_posts_add (tk_posts_t *self, const char *type, const char *object,
              const char *method, const troika_msg_t *args)
{
    post_t *post = calloc (1, sizeof *post);
    if (!post)
        return -ENOMEM;
    tk_list_init (&post->link);
    post->type = strdup (type);
    post->object = strdup (object);
    post->method = strdup (method);
    post->call.args = troika_msg_dup (args);
    if (!post->type || !post->object || !post->method || !post->call.args) {
        destroy (post);
        return -ENOMEM;
    }
    tk_list_append (&self->waiting, &post->link);
    return 0;
}

/* Nobody waits for the answer. */
static void
finish (troika_call_t *call, tk_buffer_t *reply)
{
    tk_buffer_fini (reply);
    destroy (TK_MEMBER (call, post_t, call));
}

static void
deliver (post_t *post, tk_registry_t *registry)
{
    tk_object_t *object;
    if (tk_registry_open (registry, post->type, post->object, NULL, &object)) {
        destroy (post);
        return;
    }
    troika_msg_t *args = post->call.args;
    tk_call_init (&post->call, registry, args, finish);
    post->call.is_cast = true;
    post->call.owner = tk_registry_number (registry);
    tk_call_run (&post->call, object, post->method, strlen (post->method));
}

void
tk_posts_deliver (tk_posts_t *self, tk_registry_t *registry)
{
    if (self->delivering)
        return;
    self->delivering = true;
    tk_link_t *link;
    while ((link = tk_list_pop (&self->waiting)))
        deliver (TK_MEMBER (link, post_t, link), registry);
    self->delivering = false;
}
