/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_msg_memory.c - documents when memory is short.
 *
 * Fails the n-th allocation, for n = 1, 2, … until the call succeeds: every
 * failure must be ENOMEM, change nothing and leak nothing (the last is for
 * ASan to see). Linked with the library's objects and
 * -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc
 * -Wl,--wrap=msgpack_zone_init,--wrap=msgpack_unpack; what jansson allocates
 * is failed by its own hook, what msgpack-c allocates by failing the call.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <troika/msg.h>
#include "tests/scale.h"
#include "tests/short_memory.h"

bool __real_msgpack_zone_init (msgpack_zone *zone, size_t size);
msgpack_unpack_return __real_msgpack_unpack (const char *data, size_t size,
                                             size_t *offset, msgpack_zone *zone,
                                             msgpack_object *object);
bool __wrap_msgpack_zone_init (msgpack_zone *zone, size_t size);
msgpack_unpack_return __wrap_msgpack_unpack (const char *data, size_t size,
                                             size_t *offset, msgpack_zone *zone,
                                             msgpack_object *object);

bool
__wrap_msgpack_zone_init (msgpack_zone *zone, size_t size)
{
    return fails () ? false : __real_msgpack_zone_init (zone, size);
}

msgpack_unpack_return
__wrap_msgpack_unpack (const char *data, size_t size, size_t *offset,
                       msgpack_zone *zone, msgpack_object *object)
{
    return fails () ? MSGPACK_UNPACK_NOMEM_ERROR
                    : __real_msgpack_unpack (data, size, offset, zone, object);
}

/* Runs call, which yields true for success, with the 1st, 2nd… allocation
 * failing; at least `least` of them must have been there to fail. */
#define FAIL_EACH(least, call)                                                 \
    do {                                                                       \
        unsigned n = 0;                                                        \
        bool done = false;                                                     \
        while (!done) {                                                        \
            assert_true (++n < 1000);                                          \
            errno = 0;                                                         \
            countdown = n;                                                     \
            done = (call);                                                     \
            bool unused = countdown > 0;                                       \
            countdown = 0;                                                     \
            if (!done)                                                         \
                assert_int_equal (errno, ENOMEM);                              \
            assert_int_equal (done, unused);                                   \
        }                                                                      \
        assert_true (n - 1 >= least);                                          \
    } while (0)

static char blob[5000];

static void
pack_survives (void **state)
{
    (void)state;
    troika_msg_t *msg = NULL;
    troika_msg_t *sub = troika_msg_pack ("{s:B}", "blob", blob, sizeof blob);
    FAIL_EACH (3, (msg = troika_msg_pack (
                       "{s:i,s:s,s:B,s:[m,m]}", "id", 7, "name", "text", "blob",
                       blob, (size_t)200, "sub", sub, sub)) != NULL);
    assert_true (troika_msg_size (msg) > 2 * sizeof blob);
    troika_msg_destroy (&msg);
    troika_msg_destroy (&sub);
}

static void
a_small_document_takes_one_allocation (void **state)
{
    (void)state;
    troika_msg_t *msg = NULL;
    countdown = 2;
    msg = troika_msg_pack ("{s:i,s:s}", "id", 7, "name", "text");
    assert_int_equal (countdown, 1);
    countdown = 0;
    assert_non_null (msg);
    troika_msg_destroy (&msg);
}

static void
new_and_dup_survive (void **state)
{
    (void)state;
    troika_msg_t *msg = NULL;
    troika_msg_t *copy = NULL;
    FAIL_EACH (1, (msg = troika_msg_new ("\x92\x01\x02", 3)) != NULL);
    FAIL_EACH (1, (copy = troika_msg_dup (msg)) != NULL);
    troika_msg_destroy (&msg);
    assert_int_equal (troika_msg_size (copy), 3);
    troika_msg_destroy (&copy);
}

static void
unpack_survives_and_changes_nothing (void **state)
{
    (void)state;
    int id = 1;
    const char *name = "before";
    const char *other = "before";
    troika_msg_t *a = NULL;
    troika_msg_t *b = NULL;
    troika_msg_t *msg = troika_msg_pack (
        "{s:i,s:s,s:[i],s:[i],s:B,s:s}", "id", 7, "name", "text", "a", 1, "b",
        2, "blob", blob, sizeof blob, "other", "more");
    unsigned round = 0; /* strings once made stay with the message */
    FAIL_EACH (3, (round++ == 0 || (id == 1 && *name == 'b' && !a && !b)) &&
                      troika_msg_unpack (msg, "{s:i,s:s,s:m,s:m,s:s}", "id",
                                         &id, "name", &name, "a", &a, "b", &b,
                                         "other", &other) == 0);
    assert_int_equal (id, 7);
    assert_string_equal (name, "text");
    assert_string_equal (other, "more");
    troika_msg_destroy (&msg);
    assert_int_equal (troika_msg_unpack (a, "[i]", &id), 0);
    assert_int_equal (id, 1);
    troika_msg_destroy (&a);
    troika_msg_destroy (&b);
}

static void
object_survives (void **state)
{
    (void)state;
    const msgpack_object *object = NULL;
    troika_msg_t *msg = troika_msg_pack ("[i,[i]]", 1, 2);
    FAIL_EACH (3, (object = troika_msg_object (msg)) != NULL);
    assert_int_equal (object->via.array.size, 2);
    troika_msg_destroy (&msg);
}

static void
from_json_survives (void **state)
{
    (void)state;
    static const char *const texts[] = {
        "{\"a\": [1, 2.5, \"text\", null], \"b\": {\"c\": \"\\u00e9\"}, \"d\": 1}",
        "[18446744073709551615, {\"k\": 9223372036854775808, \"l\": 1.5}]",
        "\"x\"",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        troika_msg_t *msg = NULL;
        FAIL_EACH (1, (msg = troika_msg_from_json (texts[i])) != NULL);
        troika_msg_destroy (&msg);
    }
}

static void
json_survives (void **state)
{
    (void)state;
    char *text = NULL;
    troika_msg_t *msg = troika_msg_new ("\x96\xa1x\xa1\xff\xcb\x3f\xf8\0\0\0\0"
                                        "\0\0\xc4\x01z\xd4\x01z\x81\x01\x02",
                                        23);
    assert_non_null (msg);
    FAIL_EACH (6, (text = troika_msg_json (msg)) != NULL);
    assert_string_equal (text, "[\"x\",\"\xef\xbf\xbd\",1.5,\"eg==\","
                               "{\"ext\":1,\"data\":\"eg==\"},{\"1\":2}]");
    free (text);
    troika_msg_destroy (&msg);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (a_small_document_takes_one_allocation),
        cmocka_unit_test (pack_survives),
        cmocka_unit_test (new_and_dup_survive),
        cmocka_unit_test (unpack_survives_and_changes_nothing),
        cmocka_unit_test (object_survives),
        cmocka_unit_test (from_json_survives),
        cmocka_unit_test (json_survives),
    };
    alarm (60 * stage_scale ());
    setenv ("TROIKA_POOL", "0", 1); /* each block an allocation */
    json_set_alloc_funcs (__wrap_malloc, free);
    return cmocka_run_group_tests_name ("msg memory", tests, NULL, NULL);
}
