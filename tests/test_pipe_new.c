/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_pipe_new.c - the two ends of troika_pipe_new() in one thread.
 */
#include <string.h>
#include "tests/pipe_ends.h"

static troika_pipe_t *a, *b;

static void
make (bool duplex)
{
    CHECK_OK (troika_pipe_new (&a, &b, NULL, duplex));
}

static void
drop (void)
{
    troika_pipe_destroy (&a);
    troika_pipe_destroy (&b);
}

static void
what_one_end_sends_the_other_receives (stage_t *stage)
{
    make (true);
    CHECK_OK (troika_pipe_send (a, TROIKA_FOREVER, "i", 1));
    CHECK_OK (troika_pipe_send (a, TROIKA_FOREVER, "i", 2));
    CHECK_OK (troika_pipe_send (b, TROIKA_FOREVER, "i", 3));
    pipe_check_next (b, 1);
    pipe_check_next (b, 2);
    pipe_check_next (a, 3);
    drop ();
    assert_int_equal (pipe_directories_left (stage), 0);
}

static void
a_one_way_pipe_goes_from_b_to_a (stage_t *stage)
{
    (void)stage;
    char buffer[4];
    make (false);
    CHECK_ERRNO (troika_pipe_send (a, 0, "i", 1), EPERM);
    assert_non_null (strstr (troika_error (), "only receives"));
    CHECK_ERRNO (troika_pipe_send_bytes (a, 0, NULL, 5), EPERM);
    CHECK_ERRNO (troika_pipe_recv (b, 0), EPERM);
    assert_non_null (strstr (troika_error (), "only sends"));
    CHECK_ERRNO (troika_pipe_recv_bytes_into (b, 0, buffer, 4), EPERM);
    CHECK_ERRNO (troika_pipe_poll (b, -2), EPERM);
    CHECK_OK (troika_pipe_send (b, TROIKA_FOREVER, "i", 1));
    pipe_check_next (a, 1);
    drop ();
}

static void
the_end_is_told_after_the_data_again_and_again (stage_t *stage)
{
    (void)stage;
    make (false);
    pipe_check_next ((troika_pipe_send (b, -1, "i", 0), a), 0);
    pipe_send_numbers (b, 0, 100);
    troika_pipe_close (b);
    pipe_check_numbers (a, 0, 100);
    for (int i = 0; i < 3; i++) {
        CHECK_ERRNO (troika_pipe_recv (a, TROIKA_FOREVER), EPIPE);
        assert_int_equal (CHECK_OK (troika_pipe_poll (a, 0)), 1);
    }
    drop ();
}

static void
what_was_sent_before_the_other_end_opened_survives_the_close (stage_t *stage)
{
    make (true);
    pipe_send_numbers (a, 0, 500);
    troika_pipe_destroy (&a);
    pipe_check_numbers (b, 0, 500);
    CHECK_ERRNO (troika_pipe_recv (b, TROIKA_FOREVER), EPIPE);
    CHECK_ERRNO (troika_pipe_send (b, TROIKA_FOREVER, "i", 1), EPIPE);
    drop ();
    assert_int_equal (pipe_directories_left (stage), 0);
}

static void
the_first_send_to_a_closed_end_fails (stage_t *stage)
{
    (void)stage;
    make (true);
    CHECK_OK (troika_pipe_send (a, TROIKA_FOREVER, "i", 1));
    pipe_check_next (b, 1);
    CHECK_OK (troika_pipe_send (a, TROIKA_FOREVER, "i", 1));
    troika_pipe_close (b);
    CHECK_ERRNO (troika_pipe_send (a, TROIKA_FOREVER, "i", 1), EPIPE);
    CHECK_ERRNO (troika_pipe_send (a, TROIKA_FOREVER, "i", 1), EPIPE);
    CHECK_ERRNO (troika_pipe_recv (a, TROIKA_FOREVER), EPIPE);
    drop ();
}

static void
a_closed_end_refuses_everything (stage_t *stage)
{
    (void)stage;
    make (true);
    troika_pipe_close (a);
    troika_pipe_close (a);
    CHECK_ERRNO (troika_pipe_send (a, 0, "i", 1), EPIPE);
    CHECK_ERRNO (troika_pipe_recv (a, 0), EPIPE);
    CHECK_ERRNO (troika_pipe_poll (a, 0), EPIPE);
    CHECK_ERRNO (troika_pipe_set_window (a, 1, 1), EPIPE);
    drop ();
}

static const stage_case_t cases[] = {
    STAGE_TEST_ON (STAGE_ONCE, what_one_end_sends_the_other_receives),
    STAGE_TEST_ON (STAGE_ONCE, a_one_way_pipe_goes_from_b_to_a),
    STAGE_TEST_ON (STAGE_ONCE, the_end_is_told_after_the_data_again_and_again),
    STAGE_TEST_ON (
        STAGE_ONCE,
        what_was_sent_before_the_other_end_opened_survives_the_close),
    STAGE_TEST_ON (STAGE_ONCE, the_first_send_to_a_closed_end_fails),
    STAGE_TEST_ON (STAGE_ONCE, a_closed_end_refuses_everything),
};

int
main (int argc, char **argv)
{
    return STAGE_RUN (cases, argc, argv);
}
