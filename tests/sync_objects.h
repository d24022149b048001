/* SPDX-License-Identifier: MPL-2.0 */
/*
 * sync_objects.h - what the unit tests of lock, semaphore, condition, event
 * and barrier share: one object, four owners, calls without arguments.
 */
#ifndef SYNC_OBJECTS_H
#define SYNC_OBJECTS_H

#include "tests/object_driver.h"

#include <errno.h>
#include <stdlib.h>

enum { ANN = 1, BOB, CAT, DAN };

static driver_t *driver; /* of the test that runs */

static inline int
end (void **state)
{
    (void)state;
    driver_destroy (&driver);
    return 0;
}

#define TEST(function) cmocka_unit_test_teardown (function, end)

static inline ask_t *
ask (uint64_t owner, const char *method)
{
    return driver_ask (driver, owner, TROIKA_FOREVER, method, "[]");
}

static inline ask_t *
ask_within (uint64_t owner, int timeout, const char *method)
{
    return driver_ask (driver, owner, timeout, method, "[]");
}

/* It must succeed at once. */
static inline ask_t *
now (uint64_t owner, const char *method)
{
    return driver_do (driver, owner, method, "[]");
}

static inline int64_t
number (uint64_t owner, const char *method)
{
    return driver_int (now (owner, method));
}

/* What an acquire, or a condition's wait, was answered. */
static inline bool
died (const ask_t *acquire)
{
    int flag;
    assert_answered (acquire);
    assert_int_equal (troika_msg_unpack (acquire->result, "[b,U]", &flag, NULL),
                      0);
    return flag;
}

static inline uint64_t
token (const ask_t *acquire)
{
    uint64_t token;
    assert_answered (acquire);
    assert_int_equal (
        troika_msg_unpack (acquire->result, "[b,U]", NULL, &token), 0);
    return token;
}

/* One of the numbers that stat tells. */
static inline uint64_t
figure (const char *key)
{
    const char *format = "{s:U}";
    uint64_t value = 0;
    assert_int_equal (
        troika_msg_unpack (now (DAN, "stat")->result, format, key, &value), 0);
    return value;
}

#endif
