/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_auth.c - who is let in over tcp, with a shared secret and with
 * certificates, and what those are told who are not.
 */
#include <czmq.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "tests/keyring.h"

/* --- a secret */

static void
the_same_secret_is_let_in (stage_t *stage)
{
    keyring_check (stage, "secret:alpha", "secret:alpha", 0);
}

static void
another_secret_is_eacces (stage_t *stage)
{
    keyring_check (stage, "secret:alpha", "secret:beta", EACCES);
}

static void
no_keys_are_eacces_where_a_secret_is_wanted (stage_t *stage)
{
    keyring_check (stage, "secret:alpha", "none", EACCES);
    assert_non_null (strstr (troika_error (), "troika_set_authkey"));
}

static void
a_server_without_keys_is_eacces_to_who_has_a_secret (stage_t *stage)
{
    keyring_check (stage, "none", "secret:alpha", EACCES);
}

static void
without_keys_on_both_sides_all_is_as_ever (stage_t *stage)
{
    keyring_check (stage, "none", "none", 0);
}

/* --- certificates */

static void
a_trusted_certificate_is_let_in (stage_t *stage)
{
    keyring_make (stage);
    keyring_check (stage, "server", "client", 0);
}

static void
an_unknown_certificate_is_eacces (stage_t *stage)
{
    keyring_make (stage);
    keyring_check (stage, "server", "stranger", EACCES);
    assert_non_null (strstr (troika_error (), "trusts"));
}

static void
no_keys_are_eacces_where_a_certificate_is_wanted (stage_t *stage)
{
    keyring_make (stage);
    keyring_check (stage, "server", "none", EACCES);
}

static void
a_server_without_keys_is_eacces_to_who_has_a_certificate (stage_t *stage)
{
    keyring_make (stage);
    keyring_check (stage, "none", "client", EACCES);
}

static void
a_secret_does_not_open_what_certificates_guard (stage_t *stage)
{
    keyring_make (stage);
    keyring_check (stage, "server", "secret:alpha", EACCES);
}

static void
a_certificate_does_not_open_what_a_secret_guards (stage_t *stage)
{
    keyring_make (stage);
    keyring_check (stage, "secret:alpha", "client", EACCES);
}

/* Someone else sits where the server was. */
static void
a_server_with_another_certificate_is_eacces (stage_t *stage)
{
    keyring_make (stage);
    keyring_check (stage, "stranger", "client", EACCES);
}

static void
a_certificate_is_trusted_as_soon_as_it_is_there (stage_t *stage)
{
    keyring_make (stage);
    keyring_serve (stage, "server", KEYRING_QUEUE);
    keyring_set (stage, "stranger");
    assert_int_equal (keyring_visit (stage, KEYRING_QUEUE), EACCES);
    keyring_trust (stage, "server", "stranger");
    assert_int_equal (keyring_visit (stage, KEYRING_QUEUE), 0);
    stage_stop_server (stage);
}

static void
a_certificate_is_trusted_no_more_when_it_is_gone (stage_t *stage)
{
    keyring_make (stage);
    keyring_serve (stage, "server", KEYRING_QUEUE);
    keyring_set (stage, "client");
    assert_int_equal (keyring_visit (stage, KEYRING_QUEUE), 0);
    keyring_distrust (stage, "server", "client");
    assert_int_equal (keyring_visit (stage, KEYRING_QUEUE), EACCES);
    stage_stop_server (stage);
}

/* A new thread is a new connection; that it is refused ends the session. */
static void *
ask_from_a_new_thread (void *queue)
{
    CHECK_ERRNO (troika_queue_qsize (queue), EACCES);
    CHECK_ERRNO (troika_queue_qsize (queue), EACCES);
    return NULL;
}

static void
a_new_thread_of_one_trusted_no_more_is_told (stage_t *stage)
{
    pthread_t thread;
    keyring_make (stage);
    keyring_serve (stage, "server", KEYRING_QUEUE);
    keyring_set (stage, "client");
    troika_queue_t *queue = stage_connect (stage);
    keyring_distrust (stage, "server", "client");
    pthread_create (&thread, NULL, ask_from_a_new_thread, queue);
    pthread_join (thread, NULL);
    troika_queue_destroy (&queue);
    stage_stop_server (stage);
}

/* The first cast is a new connection, too, that nobody waits for. */
static void
casts_of_one_trusted_no_more_end_the_session (stage_t *stage)
{
    keyring_make (stage);
    keyring_serve (stage, "server", KEYRING_QUEUE);
    keyring_set (stage, "client");
    troika_queue_t *queue = stage_connect (stage);
    keyring_distrust (stage, "server", "client");
    CHECK_OK (troika_queue_put (queue, 5000, "i", 1));
    CHECK_ERRNO (troika_queue_qsize (queue), ECONNRESET);
    CHECK_ERRNO (troika_queue_qsize (queue), EACCES);
    troika_queue_destroy (&queue);
    stage_stop_server (stage);
}

/* What else lies in the directory does no harm. */
static void
files_that_are_no_certificates_are_passed_over (stage_t *stage)
{
    char path[700];
    keyring_make (stage);
    snprintf (path, sizeof path, "%s/README",
              keyring_trusted (stage, "server"));
    FILE *file = fopen (path, "w");
    fputs ("curve\n    public-key = \"too short\"\n\0\xff = = \n", file);
    fclose (file);
    snprintf (path, sizeof path, "%s/fifo", keyring_trusted (stage, "server"));
    assert_int_equal (mkfifo (path, 0600), 0);
    snprintf (path, sizeof path, "%s/dir", keyring_trusted (stage, "server"));
    assert_int_equal (mkdir (path, 0700), 0);
    keyring_check (stage, "server", "client", 0);
}

/* Made by czmq, and found by it. */
static void
certificates_are_those_of_czmq (stage_t *stage)
{
    char path[600];
    keyring_make (stage);
    keyring_distrust (stage, "server", "client");
    strcpy (path, keyring_path (stage, "client"));
    zcert_t *cert = zcert_load (path);
    assert_non_null (cert);
    assert_int_equal (strlen (zcert_secret_txt (cert)), 40);
    zcert_destroy (&cert);
    assert_int_equal (unlink (path), 0);
    cert = zcert_new ();
    zcert_set_meta (cert, "name", "%s", "somebody # with \"quotes\"");
    assert_int_equal (zcert_save (cert, path), 0);
    zcert_destroy (&cert);
    keyring_trust (stage, "server", "client");
    keyring_check (stage, "server", "client", 0);
}

/* --- which of several servers */

static void
add_metadata (stage_t *stage, const char *party, const char *endpoint)
{
    FILE *file = fopen (keyring_path (stage, party), "a");
    fprintf (file, "metadata\n    endpoint = \"%s\"\n", endpoint);
    fclose (file);
}

static void
of_several_servers_the_certificate_names_the_one (stage_t *stage)
{
    keyring_make (stage);
    keyring_trust (stage, "client", "stranger");
    keyring_serve (stage, "server", KEYRING_QUEUE);
    keyring_set (stage, "client");
    assert_int_equal (keyring_visit (stage, KEYRING_QUEUE), EACCES);
    assert_non_null (strstr (troika_error (), "endpoint = "));
    add_metadata (stage, "server", stage_endpoint (stage));
    assert_int_equal (keyring_visit (stage, KEYRING_QUEUE), 0);
    stage_stop_server (stage);
}

/* They are at ports that no certificate names. */
static void
a_listeners_pipes_have_its_certificate (stage_t *stage)
{
    keyring_make (stage);
    keyring_trust (stage, "client", "stranger");
    keyring_serve (stage, "server", KEYRING_LISTENER);
    keyring_set (stage, "client");
    add_metadata (stage, "server", stage_endpoint (stage));
    assert_int_equal (keyring_visit (stage, KEYRING_LISTENER), 0);
    stage_stop_server (stage);
}

static void
a_server_without_a_certificate_here_is_eacces (stage_t *stage)
{
    keyring_make (stage);
    keyring_distrust (stage, "client", "server");
    keyring_serve (stage, "server", KEYRING_PIPE);
    keyring_set (stage, "client");
    assert_int_equal (keyring_visit (stage, KEYRING_PIPE), EACCES);
    assert_non_null (strstr (troika_error (), "no certificate"));
    stage_stop_server (stage);
}

static const stage_case_t cases[] = {
    STAGE_TEST_ON (STAGE_HOST, the_same_secret_is_let_in),
    STAGE_TEST_ON (STAGE_HOST, another_secret_is_eacces),
    STAGE_TEST_ON (STAGE_HOST, no_keys_are_eacces_where_a_secret_is_wanted),
    STAGE_TEST_ON (STAGE_HOST,
                   a_server_without_keys_is_eacces_to_who_has_a_secret),
    STAGE_TEST_ON (STAGE_HOST, without_keys_on_both_sides_all_is_as_ever),
    STAGE_TEST_ON (STAGE_HOST, a_trusted_certificate_is_let_in),
    STAGE_TEST_ON (STAGE_HOST, an_unknown_certificate_is_eacces),
    STAGE_TEST_ON (STAGE_HOST,
                   no_keys_are_eacces_where_a_certificate_is_wanted),
    STAGE_TEST_ON (STAGE_HOST,
                   a_server_without_keys_is_eacces_to_who_has_a_certificate),
    STAGE_TEST_ON (STAGE_HOST, a_secret_does_not_open_what_certificates_guard),
    STAGE_TEST_ON (STAGE_HOST,
                   a_certificate_does_not_open_what_a_secret_guards),
    STAGE_TEST_ON (STAGE_HOST, a_server_with_another_certificate_is_eacces),
    STAGE_TEST_ON (STAGE_HOST, a_certificate_is_trusted_as_soon_as_it_is_there),
    STAGE_TEST_ON (STAGE_HOST,
                   a_certificate_is_trusted_no_more_when_it_is_gone),
    STAGE_TEST_ON (STAGE_HOST, a_new_thread_of_one_trusted_no_more_is_told),
    STAGE_TEST_ON (STAGE_HOST, casts_of_one_trusted_no_more_end_the_session),
    STAGE_TEST_ON (STAGE_HOST, files_that_are_no_certificates_are_passed_over),
    STAGE_TEST_ON (STAGE_HOST, certificates_are_those_of_czmq),
    STAGE_TEST_ON (STAGE_HOST,
                   of_several_servers_the_certificate_names_the_one),
    STAGE_TEST_ON (STAGE_HOST, a_listeners_pipes_have_its_certificate),
    STAGE_TEST_ON (STAGE_HOST, a_server_without_a_certificate_here_is_eacces),
};

int
main (int argc, char **argv)
{
    return STAGE_RUN (cases, argc, argv);
}
