/* SPDX-License-Identifier: MPL-2.0 */
/*
 * timed.h - unit tests in this process that have ten seconds each: SIGALRM
 * ends the program.
 */
#ifndef TESTS_TIMED_H
#define TESTS_TIMED_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>
#include <cmocka.h>
#include "tests/scale.h"

static inline int
begin_time (void **state)
{
    (void)state;
    alarm (10 * stage_scale ());
    return 0;
}

static inline int
end_time (void **state)
{
    (void)state;
    alarm (0);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, begin_time, end_time)

#endif
