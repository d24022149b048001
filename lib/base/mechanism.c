/* SPDX-License-Identifier: MPL-2.0 */
/*
 * mechanism.c - asks the environment which mechanisms are turned off.
 *
 * Each is asked for at its first use and stays as it was then: what was
 * begun with it cannot go on without it. A forked child goes on as its
 * parent.
 */
#include "lib/base/mechanism.h"

#include <stdlib.h>
#include <string.h>

atomic_int tk_mechanisms[TK_MECHANISMS];

static const char *const switches[TK_MECHANISMS] = {
    [TK_MECHANISM_BATCH] = "TROIKA_BATCH",
    [TK_MECHANISM_DIRECT] = "TROIKA_DIRECT",
    [TK_MECHANISM_EARLY] = "TROIKA_EARLY",
    [TK_MECHANISM_FAST] = "TROIKA_FAST",
    [TK_MECHANISM_MEMBARRIER] = "TROIKA_MEMBARRIER",
    [TK_MECHANISM_PLACES] = "TROIKA_PLACES",
    [TK_MECHANISM_POOL] = "TROIKA_POOL",
    [TK_MECHANISM_PREFETCH] = "TROIKA_PREFETCH",
    [TK_MECHANISM_ZMTP] = "TROIKA_ZMTP",
};

bool
tk_mechanism_ask (tk_mechanism_t which)
{
    int unknown = 0;
    const char *text = getenv (switches[which]);
    int known = text && !strcmp (text, "0") ? -1 : 1;
    atomic_compare_exchange_strong (&tk_mechanisms[which], &unknown, known);
    return (unknown ? unknown : known) > 0;
}
