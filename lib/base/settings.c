/* SPDX-License-Identifier: MPL-2.0 */
/*
 * settings.c - the numbers that hold for the whole process, the version.
 *
 * Atomic, because any thread may set one while another reads it; a forked
 * child goes on with those of its parent.
 */
#include "lib/base/runtime.h"

#include <errno.h>
#include <stdatomic.h>
#include "lib/base/error.h"
#include "lib/base/troika_base.h"

static atomic_int linger_ms = 30000;
static atomic_int connect_timeout_ms = 5000;
static atomic_bool plaintext = false;

static int
set (atomic_int *setting, const char *name, int ms)
{
    if (ms < -1)
        return tk_edge (
            tk_error (EINVAL, "%s %d: neither -1 nor milliseconds", name, ms));
    atomic_store (setting, ms);
    return tk_edge (0);
}

int
troika_set_linger (int ms)
{
    return set (&linger_ms, "linger", ms);
}

int
troika_set_connect_timeout (int ms)
{
    return set (&connect_timeout_ms, "connect timeout", ms);
}

int
tk_linger_ms (void)
{
    return atomic_load_explicit (&linger_ms, memory_order_relaxed);
}

int
tk_connect_timeout_ms (void)
{
    return atomic_load_explicit (&connect_timeout_ms, memory_order_relaxed);
}

int
troika_set_plaintext (bool allowed)
{
    atomic_store (&plaintext, allowed);
    return tk_edge (0);
}

bool
tk_plaintext (void)
{
    return atomic_load_explicit (&plaintext, memory_order_relaxed);
}

void
troika_version (int *major, int *minor, int *patch)
{
    if (major)
        *major = TROIKA_VERSION_MAJOR;
    if (minor)
        *minor = TROIKA_VERSION_MINOR;
    if (patch)
        *patch = TROIKA_VERSION_PATCH;
}
