/* SPDX-License-Identifier: MPL-2.0 */
/*
 * data_check.h - checks that the tests of the data objects share: calls of
 * one owner to the driver of the test that runs, and answers as JSON.
 */
#ifndef DATA_CHECK_H
#define DATA_CHECK_H

#include "tests/object_driver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static driver_t *driver; /* of the test that runs */

/* The call must succeed; it may fail. */
#define DO(...) driver_do (driver, 1, __VA_ARGS__)
#define ASK(...) driver_ask (driver, 1, TROIKA_FOREVER, __VA_ARGS__)

static inline void
check_json (const ask_t *ask, const char *json, const char *file, int line)
{
    driver_check_failed (ask, 0, NULL, file, line);
    char *text = troika_msg_json (ask->result);
    if (!text || strcmp (text, json)) {
        print_error ("expected %s, found %s\n", json, text ? text : "nothing");
        _fail (file, line);
    }
    free (text);
}

#define assert_json(ask, json) check_json (ask, json, __FILE__, __LINE__)

static inline int
end (void **state)
{
    (void)state;
    driver_destroy (&driver);
    return 0;
}

#endif
