/* SPDX-License-Identifier: MPL-2.0 */
/* msg_check.h - what the tests of documents have in common. */
#ifndef TEST_MSG_CHECK_H
#define TEST_MSG_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <string.h>
#include <troika/msg.h>

/* Destroys when the scope ends; a failed assertion leaks, and may. */
static inline void
drop (troika_msg_t **msg)
{
    troika_msg_destroy (msg);
}
#define MSG __attribute__ ((cleanup (drop))) troika_msg_t *

static inline void
has_bytes (const troika_msg_t *msg, const char *bytes, size_t size)
{
    assert_non_null (msg);
    assert_int_equal (troika_msg_size (msg), size);
    assert_memory_equal (troika_msg_data (msg), bytes, size);
}

/* format and arguments pack to these bytes. */
#define PACKS(bytes, ...)                                                      \
    do {                                                                       \
        MSG packed = troika_msg_pack (__VA_ARGS__);                            \
        has_bytes (packed, bytes, sizeof (bytes) - 1);                         \
    } while (0)

#define PACK_REFUSES(words, ...)                                               \
    do {                                                                       \
        errno = 0;                                                             \
        assert_null (troika_msg_pack (__VA_ARGS__));                           \
        assert_int_equal (errno, EINVAL);                                      \
        assert_non_null (strstr (troika_error (), words));                     \
    } while (0)

#define UNPACK_FAILS(error, words, ...)                                        \
    do {                                                                       \
        errno = 0;                                                             \
        assert_int_equal (troika_msg_unpack (__VA_ARGS__), -1);                \
        assert_int_equal (errno, error);                                       \
        assert_non_null (strstr (troika_error (), words));                     \
    } while (0)

static inline troika_msg_t *
raw (const char *bytes, size_t size)
{
    troika_msg_t *msg = troika_msg_new (bytes, size);
    assert_non_null (msg);
    return msg;
}
#define RAW(bytes) raw (bytes, sizeof (bytes) - 1)

#endif
