/* SPDX-License-Identifier: MPL-2.0 */
/* post.h - casts between objects of one registry, carried out later. */
#ifndef TK_OBJECT_POST_H
#define TK_OBJECT_POST_H

#include "call.h"

typedef struct {
    tk_link_t waiting;
    bool delivering;
} tk_posts_t;

void tk_posts_init (tk_posts_t *self);
void tk_posts_fini (tk_posts_t *self);
int tk_posts_add (tk_posts_t *self, const char *type, const char *object,
                  const char *method, const troika_msg_t *args);
void tk_posts_deliver (tk_posts_t *self, tk_registry_t *registry);

#endif
