/* SPDX-License-Identifier: MPL-2.0 */
/*
 * cluster.h - what the three programs of cluster.sh share.
 */
#ifndef CLUSTER_H
#define CLUSTER_H

#include <troika.h>
#include <stdio.h>
#include <stdlib.h>

enum { ITEMS = 2000, WAITING_MAX = 50 };

static inline void
check (int ok, const char *what)
{
    if (ok)
        return;
    fprintf (stderr, "%s: %s\n", what, troika_error ());
    exit (1);
}

/* All three know one secret; without it nobody is let in. */
static inline void
use_key (void)
{
    const char *secret = getenv ("CLUSTER_KEY");
    check (secret && troika_set_authkey (secret) == 0, "CLUSTER_KEY");
}

#endif
