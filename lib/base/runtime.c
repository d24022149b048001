/* SPDX-License-Identifier: MPL-2.0 */
/*
 * runtime.c - the context of this process, its generation, its locks.
 *
 * The context is made and used for new sockets under the library lock, which
 * fork() takes first: no child is ever born while libzmq is inside rand() or
 * the start of its threads. What ends it is in exit.c.
 */
#include "lib/base/runtime_parts.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <zmq.h>
#include "lib/base/error.h"

static pthread_mutex_t library_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t fork_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t started = PTHREAD_ONCE_INIT;
static int started_rc;
atomic_uint tk_generation_now = 1;
static unsigned born = 1; /* the first generation of this process */
static void *context;     /* of this generation, or NULL */

/* Contexts that must not be touched any more, kept for leak checkers only:
 * an application's child is not to be blamed for what its parent had. */
#define ABANDONED_MAX 16
static void *volatile abandoned[ABANDONED_MAX]; /* never read */
static unsigned abandoned_count;

void
tk_library_lock (void)
{
    pthread_mutex_lock (&library_lock);
}

void
tk_library_unlock (void)
{
    pthread_mutex_unlock (&library_lock);
}

void
tk_fork_hold (void)
{
    pthread_mutex_lock (&fork_lock);
}

void
tk_fork_release (void)
{
    pthread_mutex_unlock (&fork_lock);
}

void
tk_context_abandon (void *old)
{
    if (old)
        abandoned[abandoned_count++ % ABANDONED_MAX] = old;
}

void
tk_library_child (void)
{
    pthread_mutex_init (&library_lock, NULL);
    pthread_mutex_init (&fork_lock, NULL);
    tk_context_abandon (context);
    context = NULL;
    tk_generation_next ();
    born = tk_generation ();
}

bool
tk_generation_is_ours (unsigned which)
{
    return which >= born;
}

void
tk_generation_next (void)
{
    atomic_fetch_add (&tk_generation_now, 1);
}

static void
start (void)
{
    if (pthread_atfork (tk_fork_prepare, tk_fork_parent, tk_fork_child) ||
        atexit (tk_exit))
        started_rc = -ENOMEM;
}

int
tk_runtime_start (void)
{
    pthread_once (&started, start);
    return started_rc;
}

/* libzmq aborts when its two threads cannot start; see that two can. Each
 * probe stays until the gate opens. */
static void *
probe (void *gate)
{
    pthread_mutex_lock (gate);
    pthread_mutex_unlock (gate);
    return NULL;
}

static int
threads_left (void)
{
    pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
    pthread_t threads[2];
    int made = 0;
    pthread_mutex_lock (&gate);
    while (made < 2 && !tk_thread (&threads[made], "probe", probe, &gate))
        made++;
    pthread_mutex_unlock (&gate);
    for (int i = 0; i < made; i++)
        pthread_join (threads[i], NULL);
    return made == 2 ? 0 : tk_error (ENOMEM, "no thread can be started");
}

static int
make_context (void **context_p)
{
    int rc = tk_headroom ();
    if (!rc)
        rc = threads_left ();
    if (rc)
        return rc;
    void *made = zmq_ctx_new ();
    if (!made)
        return tk_error (errno == EMFILE ? EMFILE : ENOMEM,
                         "no ZeroMQ context: %s", zmq_strerror (errno));
    int most = zmq_ctx_get (made, ZMQ_SOCKET_LIMIT);
    zmq_ctx_set (made, ZMQ_MAX_SOCKETS, most < 65535 ? most : 65535);
    *context_p = made;
    return 0;
}

int
tk_context_locked (void **context_p)
{
    int rc = context ? 0 : make_context (&context);
    *context_p = context;
    return rc;
}

void *
tk_context (void)
{
    void *found = NULL;
    int rc = tk_runtime_start ();
    if (!rc) {
        tk_library_lock ();
        rc = tk_context_locked (&found);
        tk_library_unlock ();
    }
    if (rc)
        errno = -rc;
    return found;
}

void *
tk_context_take (bool *idle)
{
    tk_library_lock ();
    void *taken = context;
    context = NULL;
    *idle = tk_sockets_forget () == 0;
    tk_library_unlock ();
    return taken;
}
