/* SPDX-License-Identifier: MPL-2.0 */
/* random.h - numbers that look random and are the same in every run. */
#ifndef TESTS_RANDOM_H
#define TESTS_RANDOM_H

#include <stdint.h>

/* state: not 0. */
static inline uint64_t
next_random (uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

#endif
