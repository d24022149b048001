/* SPDX-License-Identifier: MPL-2.0 */
/*
 * fence.c - whether the kernel puts barriers into other threads.
 *
 * ThreadSanitizer does not know that it does, and never asks. A process may
 * also forbid itself the call later (seccomp): from then on all make their
 * own barriers, and those who have just made none get the time that a core
 * needs to finish a store.
 */
#include "lib/base/fence.h"

#include <pthread.h>
#include "lib/base/clock.h"
#include "lib/base/mechanism.h"
#include "lib/base/sys.h"

/* A store is on its way for less than a microsecond. */
#define SETTLE_US 10000

#if defined __has_feature
#if __has_feature(thread_sanitizer)
#define OWN_BARRIERS 1
#endif
#endif
#if defined __SANITIZE_THREAD__ || defined OWN_BARRIERS
#define REMOTE false
#else
#define REMOTE true
#endif

atomic_bool tk_fence_is_remote;
static pthread_once_t asked = PTHREAD_ONCE_INIT;

static void
ask (void)
{
    if (REMOTE && tk_mechanism (TK_MECHANISM_MEMBARRIER))
        atomic_store (&tk_fence_is_remote, tk_sys_fence_start () == 0);
}

void
tk_fence_start (void)
{
    pthread_once (&asked, ask);
}

void
tk_fence_child (void)
{
    if (atomic_load (&tk_fence_is_remote) && tk_sys_fence_start ())
        atomic_store (&tk_fence_is_remote, false);
}

static void
settle (void)
{
    atomic_uint never = 0;
    tk_time_t end = tk_clock_us () + SETTLE_US;
    while (tk_clock_us () < end)
        tk_sys_wait (&never, 0, end);
}

void
tk_fence_all (void)
{
    tk_fence_start ();
    if (!atomic_load (&tk_fence_is_remote) || tk_sys_fence () == 0)
        return;
    atomic_store (&tk_fence_is_remote, false);
    settle ();
}
