/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_runtime.c - errors, deadlines, settings and the library's threads.
 *
 * Sockets are in test_socket.c, the end of a process is in test_exit.c, and
 * what fork() does is in test_fork.c.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include "lib/base/error.h"
#include "lib/base/runtime.h"
#include "lib/base/sys.h"
#include "lib/base/troika_base.h"
#include "tests/timed.h"

/* --- errors */

static void
words_become_the_thread_s_error_at_the_edge (void **state)
{
    (void)state;
    errno = 0;
    assert_int_equal (tk_error (ENOENT, "no object '%s'", "jobs"), -ENOENT);
    assert_int_equal (tk_edge (-ENOENT), -1);
    assert_int_equal (errno, ENOENT);
    assert_string_equal (troika_error (), "no object 'jobs'");
    assert_null (tk_edge_null (tk_error (EPIPE, "ended")));
    assert_int_equal (errno, EPIPE);
    assert_string_equal (troika_error (), "ended");
}

static void
an_error_without_words_has_those_of_strerror (void **state)
{
    (void)state;
    tk_error (ENOENT, "of another error");
    assert_int_equal (tk_edge (-ETIMEDOUT), -1);
    assert_string_equal (troika_error (), strerror (ETIMEDOUT));
}

static void
success_keeps_the_last_failure_and_drops_what_was_mended (void **state)
{
    (void)state;
    tk_edge (tk_error (EPIPE, "the last failure"));
    tk_error (EAGAIN, "mended");
    errno = 0;
    assert_int_equal (tk_edge (3), 3);
    assert_int_equal (errno, 0);
    assert_string_equal (troika_error (), "the last failure");
    tk_edge (-EAGAIN);
    assert_string_equal (troika_error (), strerror (EAGAIN));
}

static void
words_may_be_put_into_more_words (void **state)
{
    (void)state;
    tk_error (EPIPE, "inner");
    tk_error (EPIPE, "outer: %s", tk_error_text (EPIPE));
    tk_edge (-EPIPE);
    assert_string_equal (troika_error (), "outer: inner");
    tk_edge (tk_error (EINVAL, "%600s", "far away"));
    assert_int_equal (strlen (troika_error ()), 511);
}

static void *
last_words (void *arg)
{
    (void)arg;
    return (void *)(intptr_t)(*troika_error () == '\0');
}

static void
words_belong_to_one_thread (void **state)
{
    (void)state;
    pthread_t thread;
    void *empty;
    tk_edge (tk_error (EPIPE, "mine"));
    assert_int_equal (tk_thread (&thread, "words", last_words, NULL), 0);
    pthread_join (thread, &empty);
    assert_non_null (empty);
}

static void
error_names_go_both_ways (void **state)
{
    (void)state;
    static const int errors[] = {
        EAGAIN,     ETIMEDOUT,     EPIPE,  ECONNRESET, EHOSTUNREACH,
        EACCES,     ENOENT,        EEXIST, EINVAL,     EBADMSG,
        EMSGSIZE,   EPERM,         ESTALE, EDEADLK,    ERANGE,
        ECANCELED,  EPROTO,        EINTR,  ENOMEM,     ENOTSUP,
        EADDRINUSE, EADDRNOTAVAIL, EMFILE, ENOTDIR,    ENAMETOOLONG,
    };
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        const char *name = tk_error_name (errors[i]);
        assert_int_equal (tk_error_number (name, strlen (name)), errors[i]);
    }
    assert_string_equal (tk_error_name (ETIMEDOUT), "ETIMEDOUT");
    assert_string_equal (tk_error_name (ELOOP), "EINVAL");
    assert_int_equal (tk_error_number ("ELOOP", 5), EPROTO);
    assert_int_equal (tk_error_number ("EPIPE", 4), EPROTO);
    assert_int_equal (tk_error_number ("", 0), EPROTO);
}

/* --- deadlines, settings */

static void
a_timeout_becomes_one_deadline (void **state)
{
    (void)state;
    tk_time_t deadline, before = tk_clock_us ();
    assert_int_equal (tk_deadline (0, &deadline), 0);
    assert_int_equal (deadline, TK_NOWAIT);
    assert_int_equal (tk_deadline_error (deadline), EAGAIN);
    assert_int_equal (tk_deadline_poll (deadline), 0);
    assert_int_equal (tk_deadline (-1, &deadline), 0);
    assert_true (deadline == TK_NEVER);
    assert_int_equal (tk_deadline_poll (deadline), -1);
    assert_int_equal (tk_deadline (60000, &deadline), 0);
    assert_true (deadline >= before + 60000000);
    assert_int_equal (tk_deadline_error (deadline), ETIMEDOUT);
    assert_in_range (tk_deadline_poll (deadline), 1, 60000);
    assert_int_equal (tk_deadline (-2, &deadline), -EINVAL);
    assert_non_null (strstr (tk_error_text (EINVAL), "-2"));
}

static void
poll_never_wakes_before_the_deadline (void **state)
{
    (void)state;
    assert_int_equal (tk_deadline_poll (tk_clock_us () - 1), 0);
    assert_in_range (tk_deadline_poll (tk_clock_us () + 10000999), 9000, 10001);
    assert_int_equal (tk_deadline_poll (TK_NEVER - 1), INT32_MAX);
}

static void
settings_are_kept_and_checked (void **state)
{
    (void)state;
    int major = -1, minor = -1;
    assert_int_equal (tk_linger_ms (), 30000);
    assert_int_equal (tk_connect_timeout_ms (), 5000);
    assert_int_equal (troika_set_linger (-2), -1);
    assert_int_equal (errno, EINVAL);
    assert_int_equal (troika_set_connect_timeout (-2), -1);
    assert_int_equal (errno, EINVAL);
    assert_non_null (strstr (troika_error (), "connect timeout -2"));
    assert_int_equal (troika_set_linger (-1), 0);
    assert_int_equal (tk_linger_ms (), -1);
    assert_int_equal (troika_set_connect_timeout (0), 0);
    assert_int_equal (tk_connect_timeout_ms (), 0);
    troika_set_linger (30000);
    troika_set_connect_timeout (5000);
    troika_version (&major, &minor, NULL);
    assert_int_equal (major, TROIKA_VERSION_MAJOR);
    assert_int_equal (minor, TROIKA_VERSION_MINOR);
}

/* --- threads */

static void *
masks (void *arg)
{
    sigset_t mask;
    (void)arg;
    pthread_sigmask (SIG_SETMASK, NULL, &mask);
    return (void *)(intptr_t)(sigismember (&mask, SIGINT) &&
                              sigismember (&mask, SIGTERM) &&
                              sigismember (&mask, SIGUSR1));
}

static void
our_threads_run_no_signal_handler (void **state)
{
    (void)state;
    pthread_t thread;
    sigset_t mine;
    void *all_masked;
    assert_int_equal (tk_thread (&thread, "masked", masks, NULL), 0);
    pthread_join (thread, &all_masked);
    assert_non_null (all_masked);
    pthread_sigmask (SIG_SETMASK, NULL, &mine);
    assert_false (sigismember (&mine, SIGINT));
}

static void *
name_of_thread (void *arg)
{
    pthread_getname_np (pthread_self (), arg, 16);
    return NULL;
}

static void
our_threads_have_names (void **state)
{
    (void)state;
    if (!TK_SYS_LINUX)
        skip ();
    pthread_t thread;
    char name[16] = "";
    assert_int_equal (
        tk_thread (&thread, "longer than 8", name_of_thread, name), 0);
    pthread_join (thread, NULL);
    assert_string_equal (name, "troika/longer t");
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (words_become_the_thread_s_error_at_the_edge),
        TEST (an_error_without_words_has_those_of_strerror),
        TEST (success_keeps_the_last_failure_and_drops_what_was_mended),
        TEST (words_may_be_put_into_more_words),
        TEST (words_belong_to_one_thread),
        TEST (error_names_go_both_ways),
        TEST (a_timeout_becomes_one_deadline),
        TEST (poll_never_wakes_before_the_deadline),
        TEST (settings_are_kept_and_checked),
        TEST (our_threads_run_no_signal_handler),
        TEST (our_threads_have_names),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
