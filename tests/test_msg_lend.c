/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_msg_lend.c - large parts of a buffer stay where they lie until the
 * content is wanted in one piece.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include "lib/msg/lend.h"

enum { LARGE = 100 * 1000, SMALL = 100 };

/* A slab of bytes that tell one place from another. */
static tk_slab_t *
new_slab (uint8_t first)
{
    tk_slab_t *slab = tk_slab_new (LARGE);
    assert_non_null (slab);
    uint8_t *bytes = tk_slab_data (slab);
    for (size_t i = 0; i < LARGE; i++)
        bytes[i] = (uint8_t)(first + i * 7);
    return slab;
}

static void
assert_content (tk_buffer_t *buffer, const uint8_t *expected, size_t size)
{
    size_t taken;
    assert_int_equal (tk_buffer_total (buffer), size);
    tk_slab_t *slab = tk_buffer_take (buffer, &taken);
    assert_non_null (slab);
    assert_int_equal (taken, size);
    assert_memory_equal (tk_slab_data (slab), expected, size);
    tk_slab_unref (slab);
}

static void
a_large_part_is_a_piece_of_its_own (void **state)
{
    (void)state;
    tk_buffer_t buffer;
    tk_piece_t pieces[TK_PIECES_MAX];
    tk_slab_t *slab = new_slab (1);
    tk_buffer_init (&buffer);
    tk_buffer_append (&buffer, "before", 6);
    tk_buffer_lend (&buffer, slab, tk_slab_data (slab), LARGE);
    tk_buffer_append (&buffer, "after", 5);
    assert_int_equal (tk_buffer_pieces (&buffer, pieces), 3);
    assert_memory_equal (pieces[0].data, "before", pieces[0].size);
    assert_ptr_equal (pieces[1].data, tk_slab_data (slab));
    assert_ptr_equal (pieces[1].slab, slab);
    assert_int_equal (pieces[1].size, LARGE);
    assert_memory_equal (pieces[2].data, "after", pieces[2].size);
    tk_buffer_fini (&buffer);
    tk_slab_unref (slab);
}

static void
a_small_part_is_copied (void **state)
{
    (void)state;
    tk_buffer_t buffer;
    tk_piece_t pieces[TK_PIECES_MAX];
    tk_slab_t *slab = new_slab (1);
    tk_buffer_init (&buffer);
    tk_buffer_lend (&buffer, slab, tk_slab_data (slab), SMALL);
    assert_int_equal (tk_buffer_pieces (&buffer, pieces), 1);
    assert_ptr_not_equal (pieces[0].slab, slab);
    assert_content (&buffer, tk_slab_data (slab), SMALL);
    tk_slab_unref (slab);
}

/* More of them than a buffer lends, with own bytes before some. */
static void
any_number_of_parts_make_one_content (void **state)
{
    (void)state;
    enum { PARTS = TK_LENT_MAX + 3 };
    tk_buffer_t buffer;
    tk_piece_t pieces[TK_PIECES_MAX];
    uint8_t *expected = malloc (PARTS * (LARGE + 3));
    size_t size = 0;
    assert_non_null (expected);
    tk_buffer_init (&buffer);
    for (int i = 0; i < PARTS; i++) {
        tk_slab_t *slab = new_slab ((uint8_t)i);
        if (i % 2) {
            tk_buffer_append (&buffer, "own", 3);
            memcpy (expected + size, "own", 3);
            size += 3;
        }
        tk_buffer_lend (&buffer, slab, tk_slab_data (slab), LARGE);
        memcpy (expected + size, tk_slab_data (slab), LARGE);
        size += LARGE;
        tk_slab_unref (slab);
    }
    int count = tk_buffer_pieces (&buffer, pieces);
    size_t at = 0;
    for (int i = 0; i < count; at += pieces[i++].size)
        assert_memory_equal (pieces[i].data, expected + at, pieces[i].size);
    assert_int_equal (at, size);
    assert_content (&buffer, expected, size);
    free (expected);
}

static void
who_shares_a_content_keeps_it (void **state)
{
    (void)state;
    tk_buffer_t buffer;
    tk_slab_t *slab = new_slab (1);
    uint8_t *expected = malloc (1 + LARGE);
    assert_non_null (expected);
    expected[0] = 'x';
    memcpy (expected + 1, tk_slab_data (slab), LARGE);
    tk_buffer_init (&buffer);
    tk_buffer_append (&buffer, "x", 1);
    tk_buffer_lend (&buffer, slab, tk_slab_data (slab), LARGE);
    tk_slab_unref (slab);
    tk_buffer_t other = tk_buffer_share (&buffer);
    assert_content (&buffer, expected, 1 + LARGE);
    assert_content (&other, expected, 1 + LARGE);
    free (expected);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (a_large_part_is_a_piece_of_its_own),
        cmocka_unit_test (a_small_part_is_copied),
        cmocka_unit_test (any_number_of_parts_make_one_content),
        cmocka_unit_test (who_shares_a_content_keeps_it),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
