/* SPDX-License-Identifier: MPL-2.0 */
/*
 * list.h - doubly linked lists whose links sit inside the members.
 *
 * A member that is in no list is linked to itself, so that removing it
 * twice does nothing.
 */
#ifndef TK_BASE_LIST_H
#define TK_BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

typedef struct tk_link {
    struct tk_link *next;
    struct tk_link *prev;
} tk_link_t;

#define TK_MEMBER(link, type, field)                                           \
    ((type *)(void *)((char *)(link)-offsetof (type, field)))

static inline void
tk_list_init (tk_link_t *self)
{
    self->next = self->prev = self;
}

static inline bool
tk_list_empty (const tk_link_t *self)
{
    return self->next == self;
}

static inline void
tk_list_append (tk_link_t *self, tk_link_t *member)
{
    member->prev = self->prev;
    member->next = self;
    self->prev->next = member;
    self->prev = member;
}

static inline void
tk_list_prepend (tk_link_t *self, tk_link_t *member)
{
    tk_list_append (self->next, member);
}

static inline void
tk_list_remove (tk_link_t *member)
{
    member->prev->next = member->next;
    member->next->prev = member->prev;
    tk_list_init (member);
}

/* The first member's link, or NULL. */
static inline tk_link_t *
tk_list_first (const tk_link_t *self)
{
    return tk_list_empty (self) ? NULL : self->next;
}

/* Takes the first member's link off, or NULL. */
static inline tk_link_t *
tk_list_pop (tk_link_t *self)
{
    tk_link_t *first = tk_list_first (self);
    if (first)
        tk_list_remove (first);
    return first;
}

#endif
