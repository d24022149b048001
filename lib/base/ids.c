/* SPDX-License-Identifier: MPL-2.0 */
/* ids.c - hash tables by a 64-bit number that lies in the value itself. */
#include "ids.h"

#include <stdint.h>

/* Numbers in a row must not meet in one bucket: the high bits are mixed in. */
static size_t
hash (const void *key)
{
    uint64_t value = *(const uint64_t *)key * UINT64_C (0x9e3779b97f4a7c15);
    return (size_t)(value >> 20);
}

static int
compare (const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

zhashx_t *
tk_ids_new (void)
{
    zhashx_t *self = zhashx_new ();
    if (!self)
        return NULL;
    zhashx_set_key_hasher (self, hash);
    zhashx_set_key_comparator (self, compare);
    zhashx_set_key_duplicator (self, NULL);
    zhashx_set_key_destructor (self, NULL);
    return self;
}
