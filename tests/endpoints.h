/* SPDX-License-Identifier: MPL-2.0 */
/*
 * endpoints.h - what the tests of endpoints share.
 *
 * Every test has half a minute (SIGALRM ends the program). Files live in a
 * directory of the test's own, $TMPDIR while it runs.
 */
#ifndef TESTS_ENDPOINTS_H
#define TESTS_ENDPOINTS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "lib/wire/endpoint.h"

#define LENGTH(array) (sizeof (array) / sizeof *(array))

extern char directory[80];

int begin_group (void **state);
int set_up (void **state);
int tear_down (void **state); /* fails the test that leaves a file behind */

#define TEST(name) cmocka_unit_test_setup_teardown (name, set_up, tear_down)

/* What the words are parsed as; a socket. */
tk_endpoint_t parsed (const char *format, ...);
void *opened (int type);

/* The library's own result, and words of what it says. */
void assert_fails (int rc, int error, const char *words);
void assert_binds (tk_endpoint_t *endpoint, void *socket);
void assert_message_passes (const tk_endpoint_t *endpoint, void *receiver);

#endif
