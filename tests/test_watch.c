/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_watch.c - many descriptors are waited for at once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>
#include "lib/base/mechanism.h"
#include "lib/base/sys.h"
#include "lib/base/wake.h"
#include "lib/base/watch.h"

enum { MANY = 200 };

typedef struct {
    tk_wake_t wake;
    tk_source_t source;
} thing_t;

static void
thing_init (thing_t *self, tk_watch_t *watch, bool *told)
{
    assert_int_equal (tk_wake_init (&self->wake), 0);
    self->source = (tk_source_t){.fd = self->wake.read_fd, .told = told};
    assert_int_equal (tk_watch_add (watch, &self->source, POLLIN), 0);
}

static void
thing_fini (thing_t *self, tk_watch_t *watch)
{
    tk_watch_remove (watch, &self->source);
    tk_wake_fini (&self->wake);
}

static void
a_source_is_told_by_its_flag (void **state)
{
    (void)state;
    tk_watch_t watch;
    thing_t thing;
    bool told = false;
    assert_int_equal (tk_watch_init (&watch), 0);
    thing_init (&thing, &watch, &told);
    tk_watch_wait (&watch, TK_NOWAIT);
    assert_false (told);
    tk_wake_raise (&thing.wake);
    tk_watch_wait (&watch, TK_NEVER);
    assert_true (told);
    assert_true (tk_list_empty (&watch.ready));
    thing_fini (&thing, &watch);
    tk_watch_fini (&watch);
}

/* Each once, though it is told by level, round after round. */
static void
sources_without_a_flag_are_listed_once (void **state)
{
    (void)state;
    tk_watch_t watch;
    thing_t things[MANY];
    size_t count = 0;
    assert_int_equal (tk_watch_init (&watch), 0);
    for (size_t i = 0; i < MANY; i++)
        thing_init (&things[i], &watch, NULL);
    for (size_t i = 0; i < MANY; i += 2)
        tk_wake_raise (&things[i].wake);
    for (int i = 0; i < MANY; i++)
        tk_watch_wait (&watch, TK_NOWAIT);
    for (tk_link_t *link; (link = tk_list_pop (&watch.ready)); count++) {
        thing_t *thing = TK_MEMBER (link, thing_t, source.link);
        assert_int_equal ((thing - things) % 2, 0);
    }
    assert_int_equal (count, MANY / 2);
    for (size_t i = 0; i < MANY; i++)
        thing_fini (&things[i], &watch);
    tk_watch_fini (&watch);
}

static void
a_source_can_be_silenced (void **state)
{
    (void)state;
    tk_watch_t watch;
    thing_t thing;
    bool told = false;
    assert_int_equal (tk_watch_init (&watch), 0);
    thing_init (&thing, &watch, &told);
    tk_wake_raise (&thing.wake);
    tk_watch_change (&watch, &thing.source, 0);
    tk_watch_wait (&watch, TK_NOWAIT);
    assert_false (told);
    tk_watch_change (&watch, &thing.source, POLLIN);
    tk_watch_wait (&watch, TK_NEVER);
    assert_true (told);
    thing_fini (&thing, &watch);
    tk_watch_fini (&watch);
}

/* Also one that was told and not looked at yet. */
static void
a_removed_source_tells_nothing (void **state)
{
    (void)state;
    tk_watch_t watch;
    thing_t first, last;
    assert_int_equal (tk_watch_init (&watch), 0);
    thing_init (&first, &watch, NULL);
    thing_init (&last, &watch, NULL);
    tk_wake_raise (&first.wake);
    tk_wake_raise (&last.wake);
    while (tk_list_empty (&last.source.link) ||
           tk_list_empty (&first.source.link))
        tk_watch_wait (&watch, TK_NEVER);
    thing_fini (&first, &watch);
    assert_ptr_equal (tk_list_pop (&watch.ready), &last.source.link);
    assert_true (tk_list_empty (&watch.ready));
    tk_watch_wait (&watch, TK_NEVER);
    assert_ptr_equal (tk_list_pop (&watch.ready), &last.source.link);
    assert_true (tk_list_empty (&watch.ready));
    thing_fini (&last, &watch);
    tk_watch_fini (&watch);
}

static void
a_source_without_a_descriptor_never_has_anything (void **state)
{
    (void)state;
    tk_watch_t watch;
    tk_source_t nothing = {.fd = -1};
    assert_int_equal (tk_watch_init (&watch), 0);
    assert_int_equal (tk_watch_add (&watch, &nothing, POLLIN), 0);
    tk_watch_wait (&watch, TK_NOWAIT);
    assert_true (tk_list_empty (&watch.ready));
    tk_watch_change (&watch, &nothing, POLLOUT);
    tk_watch_remove (&watch, &nothing);
    tk_watch_fini (&watch);
}

/* A wait with a far deadline, which ends at once. */
static void
thing_raise_and_lower (thing_t *self, tk_watch_t *watch, tk_time_t far)
{
    tk_wake_raise (&self->wake);
    while (!tk_list_pop (&watch->ready))
        tk_watch_wait (watch, far);
    tk_wake_lower (&self->wake);
}

static void
waits_end_at_their_deadlines (void **state)
{
    (void)state;
    tk_watch_t watch;
    thing_t thing;
    assert_int_equal (tk_watch_init (&watch), 0);
    thing_init (&thing, &watch, NULL);
    tk_time_t far = tk_clock_us () + 60000000;
    for (tk_time_t delay = 3000; delay > 300; delay /= 2) {
        tk_time_t deadline = tk_clock_us () + delay;
        while (tk_clock_us () < deadline)
            tk_watch_wait (&watch, deadline);
        assert_true (tk_clock_us () < far);
        thing_raise_and_lower (&thing, &watch, far);
    }
    assert_true (tk_list_empty (&watch.ready));
    thing_fini (&thing, &watch);
    tk_watch_fini (&watch);
}

#if TK_SYS_LINUX
/* Somebody who asks by other, and is answered by the source. */
typedef struct {
    tk_watch_t watch;
    tk_source_t source;
    int other;
} dialogue_t;

static void
dialogue_ask (dialogue_t *self)
{
    char byte = 'q';
    assert_int_equal (write (self->other, &byte, 1), 1);
    tk_watch_wait (&self->watch, TK_NEVER);
    assert_ptr_equal (tk_list_pop (&self->watch.ready), &self->source.link);
    assert_true (tk_list_empty (&self->watch.ready));
    assert_int_equal (read (self->source.fd, &byte, 1), 1);
}

static void
dialogue_answer (dialogue_t *self)
{
    char byte = 'a';
    assert_int_equal (write (self->source.fd, &byte, 1), 1);
    assert_int_equal (read (self->other, &byte, 1), 1);
}

/* As if the questions came from a core that sleeps in between. */
static void
dialogue_init (dialogue_t *self)
{
    int pair[2];
    if (!tk_mechanism (TK_MECHANISM_EARLY))
        skip ();
    assert_int_equal (socketpair (AF_UNIX, SOCK_STREAM, 0, pair), 0);
    assert_int_equal (tk_watch_init (&self->watch), 0);
    self->other = pair[0];
    self->source = (tk_source_t){.fd = pair[1], .asks = true};
    assert_int_equal (tk_watch_add (&self->watch, &self->source, POLLIN), 0);
    dialogue_ask (self);
    assert_int_equal (self->watch.early.fd, -1);
    self->watch.usual_eighths = 8 * 30;
    dialogue_ask (self);
    assert_true (self->watch.early.fd >= 0);
}

static void
dialogue_fini (dialogue_t *self)
{
    tk_watch_remove (&self->watch, &self->source);
    assert_int_equal (self->watch.early.fd, -1);
    close (self->source.fd);
    close (self->other);
    tk_watch_fini (&self->watch);
}

static void
who_asks_alone_is_told_once_for_each_question (void **state)
{
    (void)state;
    dialogue_t dialogue;
    dialogue_init (&dialogue);
    for (int i = 0; i < 10; i++) {
        dialogue_answer (&dialogue);
        dialogue_ask (&dialogue);
    }
    dialogue_fini (&dialogue);
}

static void
a_wait_that_is_woken_early_ends_at_its_deadline (void **state)
{
    (void)state;
    dialogue_t dialogue;
    dialogue_init (&dialogue);
    dialogue_answer (&dialogue);
    tk_time_t deadline = tk_clock_us () + 3000;
    while (tk_clock_us () < deadline)
        tk_watch_wait (&dialogue.watch, deadline);
    assert_true (tk_list_empty (&dialogue.watch.ready));
    dialogue_fini (&dialogue);
}

static void
nobody_is_woken_early_once_another_source_tells (void **state)
{
    (void)state;
    dialogue_t dialogue;
    thing_t thing;
    dialogue_init (&dialogue);
    thing_init (&thing, &dialogue.watch, NULL);
    dialogue_answer (&dialogue);
    thing_raise_and_lower (&thing, &dialogue.watch, TK_NEVER);
    assert_int_equal (dialogue.watch.early.fd, -1);
    dialogue_answer (&dialogue);
    dialogue_ask (&dialogue);
    assert_int_equal (dialogue.watch.early.fd, -1);
    thing_fini (&thing, &dialogue.watch);
    dialogue_fini (&dialogue);
}
#endif

/* So that fini takes no descriptor for its own that others have. */
static void
what_could_not_be_made_closes_nothing (void **state)
{
    (void)state;
    tk_watch_t watch;
    struct rlimit limit, none;
    assert_int_equal (getrlimit (RLIMIT_NOFILE, &limit), 0);
    bool had = fcntl (0, F_GETFD) >= 0;
    none = (struct rlimit){.rlim_cur = 0, .rlim_max = limit.rlim_max};
    assert_int_equal (setrlimit (RLIMIT_NOFILE, &none), 0);
    int rc = tk_watch_init (&watch);
    tk_watch_fini (&watch);
    assert_int_equal (setrlimit (RLIMIT_NOFILE, &limit), 0);
    if (rc)
        assert_int_equal (rc, -EMFILE);
    assert_int_equal (fcntl (0, F_GETFD) >= 0, had);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (a_source_is_told_by_its_flag),
        cmocka_unit_test (sources_without_a_flag_are_listed_once),
        cmocka_unit_test (a_source_can_be_silenced),
        cmocka_unit_test (a_removed_source_tells_nothing),
        cmocka_unit_test (a_source_without_a_descriptor_never_has_anything),
        cmocka_unit_test (waits_end_at_their_deadlines),
        cmocka_unit_test (what_could_not_be_made_closes_nothing),
#if TK_SYS_LINUX
        cmocka_unit_test (who_asks_alone_is_told_once_for_each_question),
        cmocka_unit_test (a_wait_that_is_woken_early_ends_at_its_deadline),
        cmocka_unit_test (nobody_is_woken_early_once_another_source_tells),
#endif
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
