/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_queue_loss.c - what was put and is not acknowledged when the manager
 * is lost is told of, once, though another manager serves there by then.
 */
#include <stdio.h>
#include "lib/base/mechanism.h"
#include "tests/queue_loss.h"

/* Loses what has been put: the call tells of it. */
static void
check_tells (stage_t *stage, int (*call) (troika_queue_t *queue))
{
    scene_t scene;
    begin (&scene, stage, NULL);
    stop_manager (&scene);
    put_some (scene.queue);
    lose_manager (&scene);
    CHECK_ERRNO (call (scene.queue), ECONNRESET);
    check_goes_on (scene.queue);
    end (&scene);
}

static int
flush (troika_queue_t *queue)
{
    return troika_queue_flush (queue, 5000);
}

static void
flush_tells_of_the_loss (stage_t *stage)
{
    check_tells (stage, flush);
}

static int
put (troika_queue_t *queue)
{
    return troika_queue_put (queue, 5000, "i", 1);
}

static void
a_put_tells_of_the_loss (stage_t *stage)
{
    check_tells (stage, put);
}

static int
join (troika_queue_t *queue)
{
    return troika_queue_join (queue, 5000);
}

static void
a_join_tells_of_the_loss (stage_t *stage)
{
    check_tells (stage, join);
}

static int
get (troika_queue_t *queue)
{
    return troika_queue_get (queue, 5000) ? 0 : -1;
}

static void
a_get_tells_of_the_loss (stage_t *stage)
{
    check_tells (stage, get);
}

/* Found out by the call itself, or before it. */
static void
a_call_that_finds_out_tells_of_the_loss_alone (stage_t *stage)
{
    scene_t scene;
    begin (&scene, stage, NULL);
    stop_manager (&scene);
    put_some (scene.queue);
    serve_again (&scene);
    CHECK_ERRNO (troika_queue_flush (scene.queue, 5000), ECONNRESET);
    check_goes_on (scene.queue);
    CHECK_ERRNO (caller_end (&scene.watcher), ECONNRESET);
    check_goes_on (scene.queue);
    end (&scene);
}

/* Over ipc: a port that nobody serves for a while may be anybody's. */
static void
while_nobody_serves_the_loss_is_told_once (stage_t *stage)
{
    scene_t scene;
    char endpoint[512];
    begin (&scene, stage, NULL);
    snprintf (endpoint, sizeof endpoint, "%s", stage_endpoint (stage));
    stop_manager (&scene);
    put_some (scene.queue);
    stage_kill_server (stage);
    CHECK_ERRNO (caller_end (&scene.watcher), ECONNRESET);
    CHECK_ERRNO (troika_queue_put (scene.queue, 5000, "i", 1), ECONNRESET);
    stage_manager_again (stage, endpoint);
    troika_queue_t *anew =
        CHECK_OK (troika_manager_queue (scene.manager, "q", NULL));
    check_goes_on (scene.queue);
    troika_queue_destroy (&anew);
    end (&scene);
}

static void
what_was_flushed_is_no_loss (stage_t *stage)
{
    scene_t scene;
    begin (&scene, stage, NULL);
    put_some (scene.queue);
    CHECK_OK (troika_queue_flush (scene.queue, TROIKA_FOREVER));
    lose_manager (&scene);
    check_goes_on (scene.queue);
    end (&scene);
}

static void
what_a_call_came_behind_is_no_loss (stage_t *stage)
{
    scene_t scene;
    begin (&scene, stage, NULL);
    put_some (scene.queue);
    assert_int_equal (CHECK_OK (troika_queue_qsize (scene.queue)), PUTS);
    lose_manager (&scene);
    check_goes_on (scene.queue);
    end (&scene);
}

static void
other_objects_know_of_no_loss (stage_t *stage)
{
    scene_t scene;
    begin (&scene, stage, NULL);
    troika_queue_t *other =
        CHECK_OK (troika_manager_queue (scene.manager, "other", NULL));
    stop_manager (&scene);
    put_some (scene.queue);
    lose_manager (&scene);
    CHECK_ERRNO (troika_queue_flush (other, 5000), ENOENT);
    troika_queue_t *anew =
        CHECK_OK (troika_manager_queue (scene.manager, "other", NULL));
    check_goes_on (other);
    CHECK_ERRNO (troika_queue_flush (scene.queue, 5000), ECONNRESET);
    check_goes_on (scene.queue);
    troika_queue_destroy (&anew);
    troika_queue_destroy (&other);
    end (&scene);
}

static void
a_new_handle_knows_of_no_loss (stage_t *stage)
{
    scene_t scene;
    begin (&scene, stage, NULL);
    stop_manager (&scene);
    put_some (scene.queue);
    lose_manager (&scene);
    troika_queue_destroy (&scene.queue);
    scene.queue = CHECK_OK (troika_queue_connect (stage_object (stage, "q")));
    check_goes_on (scene.queue);
    end (&scene);
}

/* Its place was reserved, so that it need not ask. */
static void
what_had_a_reserved_place_is_told_of (stage_t *stage)
{
    static const troika_queue_options_t bounded = {.maxsize = 1000};
    scene_t scene;
    if (!tk_mechanism (TK_MECHANISM_PLACES) ||
        !tk_mechanism (TK_MECHANISM_PREFETCH))
        stage_skip (stage, "no place is reserved");
    begin (&scene, stage, &bounded);
    put_numbers (scene.queue, 100, 0);
    CHECK_OK (troika_queue_flush (scene.queue, TROIKA_FOREVER));
    stop_manager (&scene);
    CHECK_OK (troika_queue_put (scene.queue, 1000, "i", 1));
    lose_manager (&scene);
    CHECK_ERRNO (troika_queue_flush (scene.queue, 5000), ECONNRESET);
    check_goes_on (scene.queue);
    end (&scene);
}

/* --- any object's casts */

static void
a_cast_tells_of_a_lost_one (stage_t *stage)
{
    scene_t scene;
    begin (&scene, stage, NULL);
    troika_object_t *list =
        CHECK_OK (troika_manager_object (scene.manager, "list", "l", NULL));
    stop_manager (&scene);
    CHECK_OK (troika_object_cast (list, "append", "[i]", 1));
    lose_manager (&scene);
    CHECK_ERRNO (troika_object_cast (list, "append", "[i]", 2), ECONNRESET);
    troika_list_t *anew = CHECK_OK (troika_manager_list (scene.manager, "l"));
    CHECK_OK (troika_object_cast (list, "append", "[i]", 3));
    troika_msg_t *length =
        CHECK_OK (troika_object_call (list, 5000, "len", NULL));
    assert_int_equal (number_of (length), 1);
    troika_list_destroy (&anew);
    troika_object_destroy (&list);
    end (&scene);
}

static void
a_call_tells_of_a_lost_cast (stage_t *stage)
{
    scene_t scene;
    begin (&scene, stage, NULL);
    troika_object_t *list =
        CHECK_OK (troika_manager_object (scene.manager, "list", "l", NULL));
    stop_manager (&scene);
    CHECK_OK (troika_object_cast (list, "append", "[i]", 1));
    lose_manager (&scene);
    CHECK_ERRNO (troika_object_call (list, 5000, "len", NULL), ECONNRESET);
    CHECK_ERRNO (troika_object_call (list, 5000, "len", NULL), ENOENT);
    troika_object_destroy (&list);
    end (&scene);
}

static const stage_case_t cases[] = {
    STAGE_TEST_ON (STAGE_REMOTE, flush_tells_of_the_loss),
    STAGE_TEST_ON (STAGE_REMOTE, a_put_tells_of_the_loss),
    STAGE_TEST_ON (STAGE_REMOTE, a_join_tells_of_the_loss),
    STAGE_TEST_ON (STAGE_REMOTE, a_get_tells_of_the_loss),
    STAGE_TEST_ON (STAGE_REMOTE, a_call_that_finds_out_tells_of_the_loss_alone),
    STAGE_TEST_ON (STAGE_PROCESS, while_nobody_serves_the_loss_is_told_once),
    STAGE_TEST_ON (STAGE_REMOTE, what_was_flushed_is_no_loss),
    STAGE_TEST_ON (STAGE_REMOTE, what_a_call_came_behind_is_no_loss),
    STAGE_TEST_ON (STAGE_REMOTE, other_objects_know_of_no_loss),
    STAGE_TEST_ON (STAGE_REMOTE, a_new_handle_knows_of_no_loss),
    STAGE_TEST_ON (STAGE_REMOTE, what_had_a_reserved_place_is_told_of),
    STAGE_TEST_ON (STAGE_REMOTE, a_cast_tells_of_a_lost_one),
    STAGE_TEST_ON (STAGE_REMOTE, a_call_tells_of_a_lost_cast),
};

int
main (int argc, char **argv)
{
    return STAGE_RUN (cases, argc, argv);
}
