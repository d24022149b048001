/* SPDX-License-Identifier: MPL-2.0 */
/* scale.c - how much slower than usual this run may be. */
#include "tests/scale.h"

#include <stdlib.h>

unsigned
stage_scale (void)
{
    const char *text = getenv ("TROIKA_TEST_SCALE");
    int scale = text ? atoi (text) : 1;
    return scale > 0 ? (unsigned)scale : 1;
}
