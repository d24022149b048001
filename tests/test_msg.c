/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_msg.c - documents: made of bytes, compared, shared, decoded.
 */
#include "tests/msg_check.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>
#include "lib/msg/document.h"
#include "tests/scale.h"

static void
a_map_goes_in_and_comes_out (void **state)
{
    (void)state;
    int id = 0;
    const char *name = NULL;
    MSG msg = troika_msg_pack ("{s:i, s:s}", "id", 7, "name", "seven");
    assert_int_equal (
        troika_msg_unpack (msg, "{s:i, s:s}", "id", &id, "name", &name), 0);
    assert_int_equal (id, 7);
    assert_string_equal (name, "seven");
}

static void
bytes_nested_over_32_are_no_message (void **state)
{
    (void)state;
    char bytes[40];
    memset (bytes, 0x91, sizeof bytes);
    bytes[32] = 1;
    MSG msg = raw (bytes, 33);
    assert_non_null (troika_msg_object (msg));
    bytes[32] = (char)0x91;
    bytes[33] = 1;
    assert_null (troika_msg_new (bytes, 34));
    assert_int_equal (errno, EBADMSG);
}

static void
new_wants_exactly_one_document (void **state)
{
    (void)state;
    MSG good = RAW ("\x92\x01\xa1x");
    has_bytes (good, "\x92\x01\xa1x", 4);
    for (size_t size = 0; size < 4; size++) {
        assert_null (troika_msg_new ("\x92\x01\xa1x", size));
        assert_int_equal (errno, EBADMSG);
    }
    assert_null (troika_msg_new ("\x01\x02", 2));
    assert_int_equal (errno, EBADMSG);
    assert_non_null (strstr (troika_error (), "1 of 2 bytes go on"));
    assert_null (troika_msg_new ("\xc1", 1));
    assert_null (troika_msg_new (NULL, 4));
    assert_int_equal (errno, EBADMSG);
    assert_null (troika_msg_new ("\xdd\xff\xff\xff\xff\xc0", 6));
    assert_int_equal (errno, EBADMSG);
}

static void
a_duplicate_shares_the_bytes (void **state)
{
    (void)state;
    const char *s = NULL;
    troika_msg_t *msg = troika_msg_pack ("s", "shared");
    tk_msg_set_delivery (msg, (tk_delivery_t){12, 3});
    MSG copy = troika_msg_dup (msg);
    assert_ptr_equal (troika_msg_data (copy), troika_msg_data (msg));
    assert_int_equal (tk_msg_delivery (copy).number, 12);
    assert_int_equal (tk_msg_delivery (copy).count, 3);
    troika_msg_destroy (&msg);
    assert_null (msg);
    troika_msg_destroy (&msg);
    troika_msg_destroy (NULL);
    assert_int_equal (troika_msg_unpack (copy, "s", &s), 0);
    assert_string_equal (s, "shared");
}

static void
a_slice_keeps_a_received_frame (void **state)
{
    (void)state;
    for (size_t size = 8; size <= 20000; size += 19992) { /* copied; kept */
        zmq_msg_t frame;
        zmq_msg_init_size (&frame, size);
        memset (zmq_msg_data (&frame), 5, size);
        tk_slab_t *slab = tk_slab_from_frame (&frame);
        assert_non_null (slab);
        assert_int_equal (zmq_msg_size (&frame), 0);
        zmq_msg_close (&frame);
        assert_int_equal (tk_slab_size (slab), size);
        char *data = tk_slab_data (slab);
        MSG first = tk_msg_slice (slab, data, 1);
        MSG last = tk_msg_slice (slab, data + size - 1, 1);
        assert_ptr_equal (tk_msg_slab (first), slab);
        tk_slab_unref (slab);
        int i = 0;
        troika_msg_destroy (&first);
        assert_int_equal (troika_msg_unpack (last, "i", &i), 0);
        assert_int_equal (i, 5);
    }
}

static void *
destroy (void *msg_p)
{
    troika_msg_destroy (msg_p);
    return NULL;
}

static void
a_pile_of_references_is_given_back (void **state)
{
    (void)state;
    pthread_t thread;
    troika_msg_t *msgs[3];
    tk_slab_t *slab = tk_slab_new (3);
    tk_slab_t *next = tk_slab_new (1);
    memset (tk_slab_data (slab), 5, 3);
    for (int i = 0; i < 3; i++)
        msgs[i] = tk_msg_over (tk_slab_ref_piled (slab),
                               (char *)tk_slab_data (slab) + i, 1);
    troika_msg_destroy (&msgs[0]);
    assert_int_equal (pthread_create (&thread, NULL, destroy, &msgs[1]), 0);
    pthread_join (thread, NULL);
    tk_slab_unref (tk_slab_ref_piled (next));
    assert_int_equal (atomic_load (&slab->references), 2);
    tk_slab_unref (slab);
    int i = 0;
    assert_int_equal (troika_msg_unpack (msgs[2], "i", &i), 0);
    assert_int_equal (i, 5);
    troika_msg_destroy (&msgs[2]);
    tk_slab_unpile ();
    assert_int_equal (atomic_load (&next->references), 1);
    tk_slab_unref (next);
}

static void
equal_values_are_equal_in_any_encoding (void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        size_t a_size, b_size;
        bool equal;
    } cases[] = {
#define PAIR(a, b, equal) {a, b, sizeof (a) - 1, sizeof (b) - 1, equal}
        PAIR ("\x01", "\x01", true),
        PAIR ("\x01", "\xd3\0\0\0\0\0\0\0\x01", true),
        PAIR ("\x01", "\xcd\0\x01", true),
        PAIR ("\xff", "\xd1\xff\xff", true),
        PAIR ("\x01", "\x02", false),
        PAIR ("\xff", "\xcf\xff\xff\xff\xff\xff\xff\xff\xff", false),
        PAIR ("\xca\x3f\xc0\0\0", "\xcb\x3f\xf8\0\0\0\0\0\0", true),
        PAIR ("\xca\x7f\xc0\0\0", "\xcb\x7f\xf8\0\0\0\0\0\0", true),
        PAIR ("\xcb\0\0\0\0\0\0\0\0", "\x00", false),
        PAIR ("\xa1x", "\xd9\x01x", true),
        PAIR ("\xa1x", "\xc4\x01x", false),
        PAIR ("\xa1x", "\xa1y", false),
        PAIR ("\xa1x", "\xa2xx", false),
        PAIR ("\xd4\x05x", "\xc7\x01\x05x", true),
        PAIR ("\xd4\x05x", "\xd4\x06x", false),
        PAIR ("\xc0", "\xc2", false),
        PAIR ("\xc2", "\xc3", false),
        PAIR ("\x91\xc3", "\xdc\0\x01\xc3", true),
        PAIR ("\x92\xc3\xc3", "\x91\xc3", false),
        PAIR ("\x90", "\x80", false),
        PAIR ("\x82\x01\x02\x03\x04", "\xde\0\x02\x01\x02\x03\x04", true),
        PAIR ("\x82\x01\x02\x03\x04", "\x82\x03\x04\x01\x02", false),
        PAIR ("\x92\x92\x01\x02\x03", "\x92\x91\x01\x92\x02\x03", false),
#undef PAIR
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        MSG a = raw (cases[i].a, cases[i].a_size);
        MSG b = raw (cases[i].b, cases[i].b_size);
        assert_int_equal (troika_msg_eq (a, b), cases[i].equal);
        assert_int_equal (troika_msg_eq (b, a), cases[i].equal);
        assert_true (troika_msg_eq (a, a));
    }
}

static void
nil_is_nil_and_null_is_nothing (void **state)
{
    (void)state;
    MSG nil = troika_msg_pack (NULL);
    MSG zero = troika_msg_pack ("i", 0);
    assert_true (troika_msg_is_nil (nil));
    assert_false (troika_msg_is_nil (zero));
    assert_false (troika_msg_is_nil (NULL));
    assert_false (troika_msg_eq (nil, NULL));
    assert_false (troika_msg_eq (NULL, NULL));
    assert_null (troika_msg_data (NULL));
    assert_int_equal (troika_msg_size (NULL), 0);
}

static void
the_object_is_decoded_once (void **state)
{
    (void)state;
    MSG msg = troika_msg_pack ("{s:[i,s]}", "k", -5, "text");
    const msgpack_object *object = troika_msg_object (msg);
    assert_non_null (object);
    assert_ptr_equal (troika_msg_object (msg), object);
    assert_int_equal (object->type, MSGPACK_OBJECT_MAP);
    const msgpack_object *value = &object->via.map.ptr[0].val;
    assert_int_equal (value->type, MSGPACK_OBJECT_ARRAY);
    assert_int_equal (value->via.array.ptr[0].via.i64, -5);
    assert_memory_equal (value->via.array.ptr[1].via.str.ptr, "text", 4);
}

static void
a_large_object_is_decoded (void **state)
{
    (void)state;
    static char bytes[5 + 200000];
    memcpy (bytes, "\xdd\0\x03\x0d\x40", 5);
    MSG msg = raw (bytes, sizeof bytes);
    assert_int_equal (troika_msg_object (msg)->via.array.size, 200000);
}

enum { READERS = 4, ROUNDS = 200 };

typedef struct {
    troika_msg_t *msg;
    pthread_barrier_t *start;
    const char *text;
    const msgpack_object *object;
    int rc;
} reader_t;

static void *
read_message (void *arg)
{
    reader_t *self = arg;
    int i = 0;
    pthread_barrier_wait (self->start);
    self->rc = troika_msg_unpack (self->msg, "{s:i,s:s}", "id", &i, "name",
                                  &self->text);
    self->object = troika_msg_object (self->msg);
    troika_msg_t *copy = troika_msg_dup (self->msg);
    troika_msg_destroy (&copy);
    return NULL;
}

static void
threads_read_one_message_at_once (void **state)
{
    (void)state;
    pthread_barrier_t start;
    pthread_barrier_init (&start, NULL, READERS);
    for (int round = 0; round < ROUNDS; round++) {
        pthread_t threads[READERS];
        reader_t readers[READERS];
        MSG msg = troika_msg_pack ("{s:i,s:s}", "id", round, "name", "text");
        for (int i = 0; i < READERS; i++) {
            readers[i] = (reader_t){msg, &start, NULL, NULL, -1};
            pthread_create (&threads[i], NULL, read_message, &readers[i]);
        }
        for (int i = 0; i < READERS; i++)
            pthread_join (threads[i], NULL);
        for (int i = 0; i < READERS; i++) {
            assert_int_equal (readers[i].rc, 0);
            assert_ptr_equal (readers[i].text, readers[0].text);
            assert_ptr_equal (readers[i].object, readers[0].object);
        }
    }
    pthread_barrier_destroy (&start);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (a_map_goes_in_and_comes_out),
        cmocka_unit_test (bytes_nested_over_32_are_no_message),
        cmocka_unit_test (new_wants_exactly_one_document),
        cmocka_unit_test (a_duplicate_shares_the_bytes),
        cmocka_unit_test (a_slice_keeps_a_received_frame),
        cmocka_unit_test (a_pile_of_references_is_given_back),
        cmocka_unit_test (equal_values_are_equal_in_any_encoding),
        cmocka_unit_test (nil_is_nil_and_null_is_nothing),
        cmocka_unit_test (the_object_is_decoded_once),
        cmocka_unit_test (a_large_object_is_decoded),
        cmocka_unit_test (threads_read_one_message_at_once),
    };
    alarm (60 * stage_scale ());
    return cmocka_run_group_tests_name ("msg", tests, NULL, NULL);
}
