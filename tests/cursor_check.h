/* SPDX-License-Identifier: MPL-2.0 */
/*
 * cursor_check.h - documents given as bytes, and whether they are such.
 */
#ifndef CURSOR_CHECK_H
#define CURSOR_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "lib/wire/cursor.h"

/* A document in the text of a string literal, which may hold NULs. */
#define BYTES(text) (const uint8_t *)(text), sizeof (text) - 1

/* The bytes end where the allocation does, so that ASan sees every step
 * beyond them. */
static inline int
check (const uint8_t *bytes, size_t size)
{
    uint8_t *copy = malloc (size ? size : 1);
    assert_non_null (copy);
    memcpy (copy, bytes, size);
    int rc = tk_document_check (copy, size);
    free (copy);
    return rc;
}

static inline void
refuse (const uint8_t *bytes, size_t size)
{
    assert_int_equal (check (bytes, size), -EBADMSG);
}

#endif
