/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_harness.c - shows that the stage can fail.
 *
 * Run with the argument "inner" it is a list of tests of which most must
 * fail; run without, it runs itself so and reads what was reported.
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "tests/stage_parts.h"

/* --- the inner list */

static void
passes (stage_t *stage)
{
    assert_true (stage_variant (stage) & (STAGE_ALL | STAGE_ONCE));
}

static void
fails_a_check (stage_t *stage)
{
    (void)stage;
    assert_int_equal (1, 2);
}

static int
fail_elsewhere (stage_t *stage, void *arg)
{
    (void)stage;
    (void)arg;
    assert_int_equal (3, 4);
    return 0;
}

static void
fails_in_a_peer (stage_t *stage)
{
    assert_int_equal (stage_join (stage_peer (stage, fail_elsewhere, NULL)), 0);
}

static int
give_eagain (void)
{
    errno = EAGAIN;
    return -1;
}

static void
fails_by_another_errno (stage_t *stage)
{
    (void)stage;
    CHECK_ERRNO (give_eagain (), ETIMEDOUT);
}

static void
fails_by_success (stage_t *stage)
{
    CHECK_ERRNO (stage_directory (stage), ENOENT);
}

static void
crashes (stage_t *stage)
{
    (void)stage;
    raise (SIGSEGV);
}

static void
hangs (stage_t *stage)
{
    stage_await (stage, 0);
}

static int
hang_elsewhere (stage_t *stage, void *arg)
{
    (void)arg;
    stage_await (stage, 0);
    return 0;
}

static void
leaves_a_process (stage_t *stage)
{
    pid_t pid = fork ();
    if (pid == 0)
        stage_await (stage, 0);
    assert_true (pid > 0);
}

static void
exits (stage_t *stage)
{
    (void)stage;
    _exit (3);
}

static void
skips (stage_t *stage)
{
    stage_skip (stage, "because it is told to");
}

static const stage_case_t inner[] = {
    STAGE_TEST (passes),
    STAGE_TEST_ON (STAGE_ONCE, fails_a_check),
    STAGE_TEST_ON (STAGE_THREAD | STAGE_HOST, fails_in_a_peer),
    STAGE_TEST_ON (STAGE_ONCE, fails_by_another_errno),
    STAGE_TEST_ON (STAGE_ONCE, fails_by_success),
    STAGE_TEST_ON (STAGE_ONCE, crashes),
    STAGE_TEST_WITHIN (1, STAGE_ONCE, hangs),
    STAGE_TEST_ON (STAGE_PROCESS, leaves_a_process),
    STAGE_TEST_ON (STAGE_ONCE, exits),
    STAGE_TEST_ON (STAGE_ONCE, skips),
};

/* --- the outer list, which reads what the inner one reported */

static char self_path[4096];

/* Runs the inner cases that match the pattern; gives what they printed, to
 * be freed, and whether the program failed. */
static char *
inner_report (const char *pattern, bool *failed)
{
    char command[8192];
    char *report = NULL;
    size_t size = 0;
    snprintf (command, sizeof command,
              "env -u CMOCKA_TEST_ABORT TROIKA_TEST_SCALE=1 '%s' inner '%s'"
              " 2>&1",
              self_path, pattern);
    FILE *output = popen (command, "r");
    assert_non_null (output);
    assert_true (getdelim (&report, &size, '\0', output) > 0);
    *failed = pclose (output) != 0;
    printf ("%s", report);
    return report;
}

static void
check_report (const char *pattern, const char *result, const char *words)
{
    bool failed;
    char *report = inner_report (pattern, &failed);
    assert_int_equal (failed, strstr (result, "FAILED") != NULL);
    assert_non_null (strstr (report, result));
    assert_non_null (strstr (report, words));
    free (report);
}

static void
a_test_passes_on_every_variant (stage_t *stage)
{
    (void)stage;
    check_report ("passes*", "[       OK ] passes [thread]", "");
    check_report ("passes*", "[       OK ] passes [thread-socket]", "");
    check_report ("passes*", "[       OK ] passes [process]", "");
    check_report ("passes*", "[       OK ] passes [host]", "4 test(s) run");
}

static void
a_failing_check_fails_the_test (stage_t *stage)
{
    (void)stage;
    check_report ("fails_a_check*", "[  FAILED  ] fails_a_check [once]",
                  "0x1 != 0x2");
}

static void
a_failing_check_in_a_thread_fails_the_test (stage_t *stage)
{
    (void)stage;
    check_report ("fails_in_a_peer*thread?", "FAILED  ] fails_in_a_peer",
                  "0x3 != 0x4");
}

static void
a_failing_check_in_a_process_fails_the_test (stage_t *stage)
{
    (void)stage;
    check_report ("fails_in_a_peer*host?", "FAILED  ] fails_in_a_peer",
                  "0x3 != 0x4");
}

static void
a_wrong_errno_is_reported_by_name (stage_t *stage)
{
    (void)stage;
    check_report ("fails_by_another*", "FAILED  ] fails_by_another_errno",
                  "give_eagain (): got EAGAIN, wanted ETIMEDOUT");
}

static void
an_unwanted_success_fails_the_test (stage_t *stage)
{
    (void)stage;
    check_report ("fails_by_success*", "FAILED  ] fails_by_success",
                  "succeeded, wanted ENOENT");
}

static void
a_crash_fails_one_test_and_the_others_go_on (stage_t *stage)
{
    (void)stage;
    check_report ("*s ?once?", "[  FAILED  ] crashes [once]",
                  "[  SKIPPED ] skips [once]");
}

static void
a_hang_is_stopped_and_fails_the_test (stage_t *stage)
{
    (void)stage;
    check_report ("hangs*", "FAILED  ] hangs [once]",
                  "still running after 1 s");
}

static void
a_process_left_behind_fails_the_test (stage_t *stage)
{
    (void)stage;
    check_report ("leaves*", "FAILED  ] leaves_a_process [process]",
                  "left 1 processes running");
}

static void
an_exit_status_fails_the_test (stage_t *stage)
{
    (void)stage;
    check_report ("exits*", "FAILED  ] exits [once]", "exit status 3");
}

static void
a_skipped_test_is_not_a_failure (stage_t *stage)
{
    (void)stage;
    check_report ("skips*", "[  SKIPPED ] skips [once]",
                  "because it is told to");
}

/* --- what the stage gives to tests */

static int
answer_twice (stage_t *stage, void *arg)
{
    int64_t asked = stage_hear (stage, 0);
    stage_tell (stage, 1, asked * 2);
    return arg ? 7 : 0;
}

static void
events_carry_values_to_a_peer_and_back (stage_t *stage)
{
    stage_peer_t *peer = stage_peer (stage, answer_twice, stage);
    assert_false (stage_heard (stage, 1));
    stage_tell (stage, 0, 21);
    WAIT_UNTIL (stage_heard (stage, 1));
    assert_int_equal (stage_hear (stage, 1), 42);
    assert_int_equal (stage_join (peer), 7);
}

static void
a_killed_peer_is_gone (stage_t *stage)
{
    stage_peer_t *peer = stage_peer (stage, hang_elsewhere, NULL);
    pid_t pid = stage_peer_pid (peer);
    stage_kill (peer);
    assert_int_equal (kill (pid, 0), -1);
}

static void *
start_nothing (const char *endpoint, const void *options)
{
    (void)options;
    return strdup (endpoint);
}

static const char *
endpoint_of_nothing (void *server)
{
    return server;
}

static const stage_service_t nothing = {start_nothing, endpoint_of_nothing,
                                        free};

static void
what_is_served_has_an_endpoint_of_the_variant (stage_t *stage)
{
    static const struct {
        unsigned variant;
        const char *scheme;
    } wanted[] = {{STAGE_THREADS, "inproc://"},
                  {STAGE_PROCESS, "ipc:///"},
                  {STAGE_HOST, "tcp://127.0.0.1:"}};
    stage_serve (stage, &nothing, NULL);
    for (unsigned i = 0; i < 3; i++)
        if (wanted[i].variant & stage_variant (stage))
            assert_ptr_equal (strstr (stage_endpoint (stage), wanted[i].scheme),
                              stage_endpoint (stage));
    assert_int_equal (stage_server_pid (stage) > 0,
                      (stage_variant (stage) & STAGE_REMOTE) != 0);
}

static void
a_server_can_be_killed (stage_t *stage)
{
    stage_serve (stage, &nothing, NULL);
    pid_t pid = stage_server_pid (stage);
    stage_kill_server (stage);
    assert_int_equal (kill (pid, 0), -1);
}

static void
the_direct_path_is_off_for_thread_socket (stage_t *stage)
{
    const char *direct = getenv ("TROIKA_DIRECT");
    bool off = direct && strcmp (direct, "0") == 0;
    if (stage_variant (stage) == STAGE_THREAD_SOCKET)
        assert_true (off);
    if (stage_variant (stage) == STAGE_THREAD && !direct)
        assert_false (off);
}

static const stage_case_t outer[] = {
    STAGE_TEST_ON (STAGE_ONCE, a_test_passes_on_every_variant),
    STAGE_TEST_ON (STAGE_ONCE, a_failing_check_fails_the_test),
    STAGE_TEST_ON (STAGE_ONCE, a_failing_check_in_a_thread_fails_the_test),
    STAGE_TEST_ON (STAGE_ONCE, a_failing_check_in_a_process_fails_the_test),
    STAGE_TEST_ON (STAGE_ONCE, a_wrong_errno_is_reported_by_name),
    STAGE_TEST_ON (STAGE_ONCE, an_unwanted_success_fails_the_test),
    STAGE_TEST_ON (STAGE_ONCE, a_crash_fails_one_test_and_the_others_go_on),
    STAGE_TEST_ON (STAGE_ONCE, a_hang_is_stopped_and_fails_the_test),
    STAGE_TEST_ON (STAGE_ONCE, a_process_left_behind_fails_the_test),
    STAGE_TEST_ON (STAGE_ONCE, an_exit_status_fails_the_test),
    STAGE_TEST_ON (STAGE_ONCE, a_skipped_test_is_not_a_failure),
    STAGE_TEST (events_carry_values_to_a_peer_and_back),
    STAGE_TEST_ON (STAGE_REMOTE, a_killed_peer_is_gone),
    STAGE_TEST (what_is_served_has_an_endpoint_of_the_variant),
    STAGE_TEST_ON (STAGE_REMOTE, a_server_can_be_killed),
    STAGE_TEST (the_direct_path_is_off_for_thread_socket),
};

int
main (int argc, char **argv)
{
    if (argc > 1 && strcmp (argv[1], "inner") == 0)
        return STAGE_RUN (inner, argc - 1, argv + 1);
    if (!realpath (argv[0], self_path))
        return 99;
    return STAGE_RUN (outer, argc, argv);
}
