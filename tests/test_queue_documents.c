/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_queue_documents.c - which documents are items: of every type and size up
 * to the limit; all else is refused, and nothing of it is put.
 */
#include <stdlib.h>
#include <string.h>
#include "tests/queue_items.h"

static void
a_put_by_format_takes_every_type (stage_t *stage)
{
    static const char *const json[] = {"null", "[true,-5,[1.5,{\"k\":null}]]",
                                       "\"\"", "18446744073709551615"};
    troika_queue_t *queue = stage_queue (stage, NULL);
    CHECK_OK (troika_queue_put (queue, TROIKA_FOREVER, NULL));
    CHECK_OK (troika_queue_put (queue, TROIKA_FOREVER, "[b,i,[f,{s:n}]]", 1, -5,
                                1.5, "k"));
    CHECK_OK (troika_queue_put (queue, TROIKA_FOREVER, "s", ""));
    CHECK_OK (troika_queue_put (queue, TROIKA_FOREVER, "U", UINT64_MAX));
    for (size_t i = 0; i < sizeof json / sizeof json[0]; i++) {
        troika_msg_t *item = CHECK_OK (troika_queue_get (queue, 5000));
        char *text = CHECK_OK (troika_msg_json (item));
        assert_string_equal (text, json[i]);
        free (text);
        troika_msg_destroy (&item);
    }
    troika_queue_destroy (&queue);
}

static void
a_document_that_cannot_be_is_refused_and_nothing_put (stage_t *stage)
{
    char deep[2 * 33 + 1];
    troika_queue_t *queue = stage_queue (stage, NULL);
    memset (deep, '[', 33);
    memset (deep + 33, ']', 33);
    deep[66] = '\0';
    CHECK_ERRNO (troika_queue_put (queue, 0, "[i", 1), EINVAL);
    CHECK_ERRNO (troika_queue_put (queue, 0, "?"), EINVAL);
    CHECK_ERRNO (troika_queue_put (queue, 0, "s", "\xff\xfe"), EINVAL);
    CHECK_ERRNO (troika_queue_put (queue, 0, "s", NULL), EINVAL);
    CHECK_ERRNO (troika_queue_put (queue, 0, deep), EINVAL);
    assert_int_equal (CHECK_OK (troika_queue_qsize (queue)), 0);
    assert_int_equal (figure (queue, "unfinished"), 0);
    PUT (queue, 8);
    CHECK_NEXT (queue, 8);
    troika_queue_destroy (&queue);
}

static void
no_document_at_all_is_refused_and_nothing_put (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, NULL);
    troika_msg_t *items[] = {troika_msg_pack ("i", 1), NULL};
    CHECK_ERRNO (troika_queue_put_msg (queue, 0, NULL), EINVAL);
    CHECK_ERRNO (troika_queue_put_many (queue, 0, items, 2), EINVAL);
    CHECK_ERRNO (troika_queue_put_many (queue, 0, NULL, 2), EINVAL);
    CHECK_ERRNO (troika_queue_get_many (queue, 0, NULL, 2), EINVAL);
    CHECK_OK (troika_queue_flush (queue, TROIKA_FOREVER));
    CHECK_DRAINED (queue);
    troika_msg_destroy (&items[0]);
    troika_queue_destroy (&queue);
}

#define LIMIT ((size_t)64 << 20)

static void
a_document_over_the_limit_is_refused (stage_t *stage)
{
    char *bytes = calloc (1, LIMIT);
    assert_non_null (bytes);
    troika_queue_t *queue = stage_queue (stage, NULL);
    troika_msg_t *item = CHECK_OK (troika_msg_pack ("B", bytes, LIMIT - 4));
    assert_true (troika_msg_size (item) > LIMIT);
    CHECK_ERRNO (troika_queue_put_msg (queue, 0, item), EMSGSIZE);
    CHECK_ERRNO (troika_queue_put (queue, 0, "B", bytes, LIMIT), EMSGSIZE);
    CHECK_ERRNO (troika_queue_put_many (queue, 0, &item, 1), EMSGSIZE);
    troika_msg_destroy (&item);
    free (bytes);
    assert_int_equal (CHECK_OK (troika_queue_qsize (queue)), 0);
    PUT (queue, 8);
    CHECK_NEXT (queue, 8);
    troika_queue_destroy (&queue);
}

static void
the_largest_document_passes (stage_t *stage)
{
    char *bytes = malloc (LIMIT);
    assert_non_null (bytes);
    memset (bytes, 'x', LIMIT);
    troika_queue_t *queue = stage_queue (stage, NULL);
    troika_msg_t *item = CHECK_OK (troika_msg_pack ("B", bytes, LIMIT - 5));
    assert_int_equal (troika_msg_size (item), LIMIT);
    CHECK_OK (troika_queue_put_msg (queue, TROIKA_FOREVER, item));
    troika_msg_t *got = CHECK_OK (troika_queue_get (queue, TROIKA_FOREVER));
    assert_true (troika_msg_eq (item, got));
    troika_msg_destroy (&item);
    troika_msg_destroy (&got);
    free (bytes);
    troika_queue_destroy (&queue);
}

static void
items_of_all_sizes_pass (stage_t *stage)
{
    static char bytes[300000];
    troika_queue_t *queue = stage_queue (stage, NULL);
    for (size_t size = 0; size < sizeof bytes; size = size * 2 + 1) {
        memset (bytes, (int)(size & 127), size);
        CHECK_OK (troika_queue_put (queue, TROIKA_FOREVER, "B", bytes, size));
    }
    for (size_t size = 0; size < sizeof bytes; size = size * 2 + 1) {
        const void *data;
        size_t length;
        troika_msg_t *item = CHECK_OK (troika_queue_get (queue, 5000));
        CHECK_OK (troika_msg_unpack (item, "B", &data, &length));
        assert_int_equal (length, size);
        memset (bytes, (int)(size & 127), size);
        assert_memory_equal (data, bytes, size);
        troika_msg_destroy (&item);
    }
    troika_queue_destroy (&queue);
}

static const stage_case_t cases[] = {
    STAGE_TEST (a_put_by_format_takes_every_type),
    STAGE_TEST (no_document_at_all_is_refused_and_nothing_put),
    STAGE_TEST (a_document_that_cannot_be_is_refused_and_nothing_put),
    STAGE_TEST_WITHIN (60, STAGE_ALL, a_document_over_the_limit_is_refused),
    STAGE_TEST_WITHIN (60, STAGE_ALL, the_largest_document_passes),
    STAGE_TEST (items_of_all_sizes_pass),
};

int
main (int argc, char **argv)
{
    return STAGE_RUN (cases, argc, argv);
}
