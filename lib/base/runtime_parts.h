/* SPDX-License-Identifier: MPL-2.0 */
/*
 * runtime_parts.h - what the files of the runtime share with each other.
 *
 * Only the runtime's own files include this: runtime.c, socket.c, address.c,
 * spared.c, module.c, fork.c and exit.c.
 * One lock, the library lock, guards all their state. Order of locks: those
 * of the modules, the fork hold, the library lock; prepare takes them so.
 */
#ifndef TK_BASE_RUNTIME_PARTS_H
#define TK_BASE_RUNTIME_PARTS_H

#include "lib/base/runtime.h"

void tk_library_lock (void);
void tk_library_unlock (void);

/* Registers the fork and exit handlers, once. 0 or -ENOMEM. */
int tk_runtime_start (void);

/* What begins when everything older is abandoned. */
void tk_generation_next (void);

/* The context, made if there is none; the library lock is held. */
int tk_context_locked (void **context_p);

/* Gives the context away and forgets it and its sockets; NULL if there was
 * none. *idle: no socket was open. */
void *tk_context_take (bool *idle);

/* Lets a context be, for good. One thread at a time. */
void tk_context_abandon (void *old);

/* exit.c: what atexit() calls. */
void tk_exit (void);

/* socket.c: forgets all that are open, says how many; the lock is held. */
size_t tk_sockets_forget (void);

/* address.c. release: the addresses of this socket (lock held). The child's
 * part neither allocates nor locks. */
void tk_addresses_release (const void *socket);
void tk_addresses_close_inherited (void);

/* spared.c: in the child, too; the lock is held. */
bool tk_is_spared (int fd);

/* module.c: around fork(), and at the end. prepare counts the modules it
 * has prepared; those are what parent is for. */
size_t tk_modules_prepare (void);
void tk_modules_parent (size_t seen);
void tk_modules_child (void);
int tk_modules_exit (tk_time_t deadline);

/* fork.c: in pthread_atfork's order. */
void tk_fork_prepare (void);
void tk_fork_parent (void);
void tk_fork_child (void);

/* The child's copies of what its parent's threads may have been using. */
void tk_library_child (void);

#endif
