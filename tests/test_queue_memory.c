/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_queue_memory.c - puts when memory is short.
 *
 * Fails the n-th allocation of this thread, for n = 1, 2, … until the put
 * succeeds. Linked with the library's objects and
 * -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
#include <troika/msg.h>
#include <troika/queue.h>
#include "tests/scale.h"
#include "tests/short_memory.h"

static char item[200 * 1000];

/* How many allocations had to fail before one put went in. */
static unsigned
put_at_last (troika_queue_t *queue)
{
    for (unsigned n = 1;; n++) {
        assert_true (n < 100);
        countdown = n;
        int rc =
            troika_queue_put (queue, TROIKA_FOREVER, "B", item, sizeof item);
        countdown = 0;
        if (rc == 0)
            return n - 1;
        assert_int_equal (errno, ENOMEM);
    }
}

static void
a_put_that_found_no_memory_has_done_nothing (void **state)
{
    (void)state;
    size_t size = 0;
    troika_queue_t *queue = troika_queue_new (NULL, 0);
    assert_non_null (queue);
    assert_int_equal (troika_queue_put (queue, TROIKA_FOREVER, "n"), 0);
    assert_true (put_at_last (queue) >= 2);
    assert_int_equal (troika_queue_qsize (queue), 2);
    troika_msg_t *msg = troika_queue_get (queue, TROIKA_FOREVER);
    assert_true (troika_msg_is_nil (msg));
    troika_msg_destroy (&msg);
    msg = troika_queue_get (queue, TROIKA_FOREVER);
    assert_int_equal (troika_msg_unpack (msg, "B", NULL, &size), 0);
    assert_int_equal (size, sizeof item);
    troika_msg_destroy (&msg);
    troika_queue_destroy (&queue);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (a_put_that_found_no_memory_has_done_nothing),
    };
    alarm (60 * stage_scale ());
    setenv ("TROIKA_DIRECT", "0", 1); /* puts are casts */
    return cmocka_run_group_tests (tests, NULL, NULL);
}
