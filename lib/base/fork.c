/* SPDX-License-Identifier: MPL-2.0 */
/*
 * fork.c - what fork() does to the library: the order of the handlers.
 *
 * Before: the modules' locks, the fork hold, the library lock. Afterwards the
 * parent goes on as if nothing had been; the child closes its copies of our
 * sockets, forgets the old context and its sockets without touching them,
 * and lets the modules drop theirs. The child's part allocates nothing and
 * waits for nothing.
 */
#include "lib/base/hazard.h"
#include "lib/base/runtime_parts.h"

/* Modules covered by the prepare of the fork under way. Of two forks at once
 * the second waits for the locks, and only then says what it has counted. */
static size_t prepared;

#define ABANDONED_MAX 16

/* Never read: that it points there is all. */
const tk_link_t *tk_abandoned[ABANDONED_MAX];

void
tk_abandon (const tk_link_t *list)
{
    static unsigned next;
    if (!tk_list_empty (list))
        tk_abandoned[next++ % ABANDONED_MAX] = list->next;
}

void
tk_fork_prepare (void)
{
    size_t seen = tk_modules_prepare ();
    tk_fork_hold ();
    tk_library_lock ();
    prepared = seen;
}

void
tk_fork_parent (void)
{
    size_t seen = prepared;
    tk_library_unlock ();
    tk_fork_release ();
    tk_modules_parent (seen);
}

void
tk_fork_child (void)
{
    tk_addresses_close_inherited ();
    tk_sockets_forget ();
    tk_hazard_child ();
    tk_library_child ();
    tk_modules_child ();
}
