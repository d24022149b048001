/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_queue_bound.c - a bounded queue never holds more than it may, and
 * whoever finds it full waits, gives up in time or at once.
 */
#include <string.h>
#include "tests/queue_items.h"

static const troika_queue_options_t one = {.maxsize = 1};
static const troika_queue_options_t three = {.maxsize = 3};

static void
a_full_queue_refuses_at_once (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, &three);
    for (int i = 0; i < 3; i++)
        CHECK_OK (troika_queue_put (queue, TROIKA_NOWAIT, "i", i));
    CHECK_ERRNO (troika_queue_put (queue, TROIKA_NOWAIT, "i", 3), EAGAIN);
    get_numbers (queue, 3, 0);
    CHECK_DRAINED (queue);
    troika_queue_destroy (&queue);
}

static void
a_put_into_a_full_queue_times_out_and_not_early (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, &one);
    PUT (queue, 1);
    int64_t since = clock_ms ();
    CHECK_ERRNO (troika_queue_put (queue, 60, "i", 2), ETIMEDOUT);
    check_took (since, 60, 1000);
    assert_non_null (strstr (troika_error (), "queue"));
    assert_int_equal (figure (queue, "waiting_puts"), 0);
    assert_int_equal (figure (queue, "unfinished"), 1);
    CHECK_NEXT (queue, 1);
    CHECK_DRAINED (queue); /* the put that timed out has done nothing */
    troika_queue_destroy (&queue);
}

static int
take_one_when_a_put_waits (stage_t *stage, void *arg)
{
    (void)arg;
    troika_queue_t *queue = stage_connect (stage);
    WAIT_UNTIL (figure (queue, "waiting_puts") == 1);
    CHECK_NEXT (queue, 1);
    end_handle (queue);
    return 0;
}

static void
a_put_waits_for_a_place (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, &one);
    PUT (queue, 1);
    stage_peer_t *peer = stage_peer (stage, take_one_when_a_put_waits, NULL);
    CHECK_OK (troika_queue_put (queue, 10000, "i", 2));
    assert_int_equal (stage_join (peer), 0);
    CHECK_NEXT (queue, 2);
    troika_queue_destroy (&queue);
}

static void
a_get_makes_exactly_one_place (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, &three);
    put_numbers (queue, 3, 0);
    for (int i = 3; i < 20; i++) {
        CHECK_NEXT (queue, i - 3);
        CHECK_OK (troika_queue_put (queue, TROIKA_NOWAIT, "i", i));
        CHECK_ERRNO (troika_queue_put (queue, TROIKA_NOWAIT, "i", i), EAGAIN);
    }
    troika_queue_destroy (&queue);
}

static void
qsize_empty_and_full_tell_the_state (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, &three);
    for (int i = 0; i <= 3; i++) {
        assert_int_equal (CHECK_OK (troika_queue_qsize (queue)), i);
        assert_int_equal (CHECK_OK (troika_queue_empty (queue)), i == 0);
        assert_int_equal (CHECK_OK (troika_queue_full (queue)), i == 3);
        if (i < 3)
            PUT (queue, i);
    }
    CHECK_NEXT (queue, 0);
    assert_int_equal (CHECK_OK (troika_queue_full (queue)), 0);
    troika_queue_destroy (&queue);
}

static void
another_handle_sees_a_bounded_put_at_once (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, &three);
    troika_queue_t *other = stage_connect (stage);
    for (int i = 0; i < 50; i++) {
        PUT (queue, i);
        CHECK_OK (troika_queue_flush (queue, TROIKA_FOREVER));
        assert_int_equal (CHECK_OK (troika_queue_qsize (other)), 1);
        CHECK_NEXT (other, i);
        assert_int_equal (CHECK_OK (troika_queue_qsize (queue)), 0);
    }
    troika_queue_destroy (&other);
    troika_queue_destroy (&queue);
}

static void
an_unbounded_queue_is_never_full (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, NULL);
    for (int i = 0; i < 5000; i++)
        CHECK_OK (troika_queue_put (queue, TROIKA_NOWAIT, "i", i));
    assert_int_equal (CHECK_OK (troika_queue_full (queue)), 0);
    assert_int_equal (CHECK_OK (troika_queue_qsize (queue)), 5000);
    troika_queue_destroy (&queue);
}

/* How many of its tries went in is what it returns. */
static int
try_to_put (stage_t *stage, void *arg)
{
    int done = 0;
    (void)arg;
    troika_queue_t *queue = stage_connect (stage);
    stage_signal (stage, 0);
    stage_await (stage, 1);
    for (int i = 0; i < 40; i++) {
        if (!troika_queue_put (queue, TROIKA_NOWAIT, "i", i))
            done++;
        else
            assert_int_equal (errno, EAGAIN);
    }
    end_handle (queue);
    return done;
}

#define RIVALS 4

static void
rivals_fill_a_queue_exactly (stage_t *stage)
{
    static const troika_queue_options_t some = {.maxsize = 57};
    stage_peer_t *peers[RIVALS];
    int done = 0;
    troika_queue_t *queue = stage_queue (stage, &some);
    stage_start_peers (stage, peers, RIVALS, try_to_put, NULL);
    for (int i = 0; i < RIVALS; i++)
        stage_await (stage, 0);
    for (int i = 0; i < RIVALS; i++)
        stage_signal (stage, 1);
    for (int i = 0; i < RIVALS; i++)
        done += stage_join (peers[i]);
    assert_int_equal (done, 57);
    assert_int_equal (CHECK_OK (troika_queue_qsize (queue)), 57);
    assert_int_equal (CHECK_OK (troika_queue_full (queue)), 1);
    troika_queue_destroy (&queue);
}

#define PUTS 300

static int
put_with_patience (stage_t *stage, void *arg)
{
    (void)arg;
    troika_queue_t *queue = stage_connect (stage);
    put_numbers (queue, PUTS, 0);
    end_handle (queue);
    return 0;
}

/* Sees that what is put and not got never exceeds the bound; ends when told
 * to. */
static int
watch (stage_t *stage, void *arg)
{
    (void)arg;
    troika_queue_t *queue = stage_connect (stage);
    while (!stage_heard (stage, 2)) {
        troika_msg_t *stat = CHECK_OK (troika_queue_stat (queue));
        int64_t size, puts, gets;
        CHECK_OK (troika_msg_unpack (stat, "{s:I,s:I,s:I}", "size", &size,
                                     "puts", &puts, "gets", &gets));
        assert_in_range (size, 0, 3);
        assert_in_range (puts - gets, 0, 3);
        troika_msg_destroy (&stat);
    }
    end_handle (queue);
    return 0;
}

static void
the_bound_holds_at_every_moment (stage_t *stage)
{
    stage_peer_t *peers[RIVALS];
    troika_queue_t *queue = stage_queue (stage, &three);
    stage_peer_t *watcher = stage_peer (stage, watch, NULL);
    stage_start_peers (stage, peers, RIVALS, put_with_patience, NULL);
    for (int i = 0; i < RIVALS * PUTS; i++)
        GET (queue);
    stage_join_peers (peers, RIVALS);
    stage_signal (stage, 2);
    assert_int_equal (stage_join (watcher), 0);
    CHECK_DRAINED (queue);
    troika_queue_destroy (&queue);
}

static int
put_its_number (stage_t *stage, void *arg)
{
    int64_t *number = arg;
    troika_queue_t *queue = stage_connect (stage);
    PUT (queue, *number);
    end_handle (queue);
    return 0;
}

/* Whoever came first gets the first place. */
static void
waiting_puts_go_in_by_arrival (stage_t *stage)
{
    int64_t numbers[RIVALS];
    stage_peer_t *peers[RIVALS];
    troika_queue_t *queue = stage_queue (stage, &one);
    PUT (queue, -1);
    for (int i = 0; i < RIVALS; i++) {
        numbers[i] = i;
        peers[i] = stage_peer (stage, put_its_number, &numbers[i]);
        WAIT_UNTIL (figure (queue, "waiting_puts") == i + 1);
    }
    for (int i = -1; i < RIVALS; i++)
        CHECK_NEXT (queue, i);
    stage_join_peers (peers, RIVALS);
    troika_queue_destroy (&queue);
}

static const stage_case_t cases[] = {
    STAGE_TEST (a_full_queue_refuses_at_once),
    STAGE_TEST (a_put_into_a_full_queue_times_out_and_not_early),
    STAGE_TEST (a_put_waits_for_a_place),
    STAGE_TEST (a_get_makes_exactly_one_place),
    STAGE_TEST (qsize_empty_and_full_tell_the_state),
    STAGE_TEST (another_handle_sees_a_bounded_put_at_once),
    STAGE_TEST (an_unbounded_queue_is_never_full),
    STAGE_TEST (rivals_fill_a_queue_exactly),
    STAGE_TEST_WITHIN (40, STAGE_ALL, the_bound_holds_at_every_moment),
    STAGE_TEST (waiting_puts_go_in_by_arrival),
};

int
main (int argc, char **argv)
{
    return STAGE_RUN (cases, argc, argv);
}
