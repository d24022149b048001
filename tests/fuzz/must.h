/* SPDX-License-Identifier: MPL-2.0 */
/* must.h - what a fuzzer asserts, also in builds without assertions. */
#ifndef FUZZ_MUST_H
#define FUZZ_MUST_H

#include <stdio.h>
#include <stdlib.h>

#define MUST(condition)                                                        \
    do {                                                                       \
        if (!(condition)) {                                                    \
            fprintf (stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);   \
            abort ();                                                          \
        }                                                                      \
    } while (0)

#endif
