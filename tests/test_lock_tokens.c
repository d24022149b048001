/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_lock_tokens.c - which token a release carries, by thread.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>
#include "patterns/lock/tokens.h"
#include "tests/scale.h"

static tk_tokens_t tokens;

static int
begin (void **state)
{
    (void)state;
    tokens = (tk_tokens_t){.count = 0};
    return tk_tokens_start ();
}

static void *
add_there (void *token)
{
    tk_tokens_add (&tokens, *(uint64_t *)token);
    return NULL;
}

static void *
find_there (void *token)
{
    *(uint64_t *)token = tk_tokens_find (&tokens);
    return NULL;
}

/* In a thread of its own, which has ended then. */
static uint64_t
elsewhere (void *(*run) (void *), uint64_t token)
{
    pthread_t thread;
    assert_int_equal (pthread_create (&thread, NULL, run, &token), 0);
    assert_int_equal (pthread_join (thread, NULL), 0);
    return token;
}

static void
tokens_are_none_at_first (void **state)
{
    (void)state;
    assert_int_equal (tk_tokens_find (&tokens), 0);
    tk_tokens_remove (&tokens, 7);
    assert_int_equal (tokens.count, 0);
}

static void
tokens_remember_the_last_until_it_is_removed (void **state)
{
    (void)state;
    tk_tokens_add (&tokens, 7);
    assert_int_equal (tk_tokens_find (&tokens), 7);
    tk_tokens_add (&tokens, 8);
    assert_int_equal (tk_tokens_find (&tokens), 8);
    tk_tokens_remove (&tokens, 7);
    assert_int_equal (tk_tokens_find (&tokens), 8);
    tk_tokens_remove (&tokens, 8);
    assert_int_equal (tk_tokens_find (&tokens), 0);
    assert_int_equal (tokens.count, 0);
}

static void
tokens_lend_the_latest_to_a_thread_without (void **state)
{
    (void)state;
    elsewhere (add_there, 7);
    assert_int_equal (tk_tokens_find (&tokens), 7);
    tk_tokens_remove (&tokens, 7);
    assert_int_equal (tk_tokens_find (&tokens), 0);
}

static void
tokens_of_one_thread_are_not_those_of_another (void **state)
{
    (void)state;
    tk_tokens_add (&tokens, 7); /* then declared dead */
    elsewhere (add_there, 9);
    assert_int_equal (tk_tokens_find (&tokens), 7);
    assert_int_equal (elsewhere (find_there, 0), 9);
    tk_tokens_remove (&tokens, 9);
    assert_int_equal (tk_tokens_find (&tokens), 7);
    assert_int_equal (elsewhere (find_there, 0), 0);
}

static void
tokens_told_late_do_not_become_the_latest (void **state)
{
    (void)state;
    elsewhere (add_there, 9);
    elsewhere (add_there, 7);
    assert_int_equal (elsewhere (find_there, 0), 9);
}

static void
tokens_of_many_dead_threads_drop_the_oldest (void **state)
{
    (void)state;
    for (uint64_t token = 1; token <= TK_TOKENS_MAX + 5; token++)
        elsewhere (add_there, token);
    assert_int_equal (tokens.count, TK_TOKENS_MAX);
    assert_int_equal (tk_tokens_find (&tokens), TK_TOKENS_MAX + 5);
    assert_int_equal (tokens.held[0].token, 6);
}

static void *
keep_busy (void *stop)
{
    tk_tokens_t mine = {.count = 0};
    for (uint64_t token = 1; !atomic_load ((atomic_int *)stop); token++) {
        tk_tokens_add (&mine, token);
        tk_tokens_remove (&mine, tk_tokens_find (&mine));
    }
    return NULL;
}

static void
tokens_work_in_a_child_forked_at_any_moment (void **state)
{
    (void)state;
    static atomic_int stop;
    pthread_t thread;
    tk_tokens_add (&tokens, 7);
    assert_int_equal (pthread_create (&thread, NULL, keep_busy, &stop), 0);
    for (int i = 0; i < 50; i++) {
        pid_t child = fork ();
        if (child == 0) {
            alarm (20 * stage_scale ());
            int good = tk_tokens_find (&tokens) == 7;
            tk_tokens_remove (&tokens, 7);
            _exit (good && tk_tokens_find (&tokens) == 0 ? 0 : 1);
        }
        int status;
        assert_int_equal (waitpid (child, &status, 0), child);
        assert_int_equal (status, 0);
    }
    atomic_store (&stop, 1);
    pthread_join (thread, NULL);
    assert_int_equal (tk_tokens_find (&tokens), 7);
}

#define TEST(function) cmocka_unit_test_setup (function, begin)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (tokens_are_none_at_first),
        TEST (tokens_remember_the_last_until_it_is_removed),
        TEST (tokens_lend_the_latest_to_a_thread_without),
        TEST (tokens_of_one_thread_are_not_those_of_another),
        TEST (tokens_told_late_do_not_become_the_latest),
        TEST (tokens_of_many_dead_threads_drop_the_oldest),
        TEST (tokens_work_in_a_child_forked_at_any_moment),
    };
    return cmocka_run_group_tests_name ("lock_tokens", tests, NULL, NULL);
}
