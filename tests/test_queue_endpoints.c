/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_queue_endpoints.c - where a queue is found: one way in or several at
 * once, by name, private, and as the user wrote it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "tests/queue_items.h"
#include "tests/stage_parts.h"

static troika_queue_t *
serve (const char *endpoint)
{
    return CHECK_OK (troika_queue_new (endpoint, 0));
}

/* Whoever connects there reaches this very queue. */
static void
check_leads_to (troika_queue_t *queue, const char *endpoint)
{
    static int64_t number;
    troika_queue_t *other = CHECK_OK (troika_queue_connect (endpoint));
    PUT (other, ++number);
    CHECK_NEXT (queue, number);
    PUT (queue, ++number);
    CHECK_OK (troika_queue_flush (queue, TROIKA_FOREVER));
    CHECK_NEXT (other, number);
    troika_queue_destroy (&other);
}

static void
the_endpoint_is_what_others_connect_to (stage_t *stage)
{
    troika_queue_t *queue = serve (stage_address (stage));
    const char *endpoint = troika_queue_endpoint (queue);
    assert_string_equal (strchr (endpoint, '#'), "#queue");
    assert_null (strchr (endpoint, '*'));
    check_leads_to (queue, endpoint);
    troika_queue_destroy (&queue);
}

/* The text for others, the handle for children, and what reaches all of this
 * host's addresses. */
static void
all_addresses_are_offered_as_one_that_can_be_reached (stage_t *stage)
{
    static const char *const texts[] = {"tcp://*:*", "tcp://0.0.0.0:*"};
    char local[64];
    stage_needs_fork (stage);
    troika_set_plaintext (true);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        troika_queue_t *queue = serve (texts[i]);
        const char *endpoint = troika_queue_endpoint (queue);
        assert_null (strchr (endpoint, '*'));
        assert_null (strstr (endpoint, "0.0.0.0"));
        check_leads_to (queue, endpoint);
        snprintf (local, sizeof local, "tcp://127.0.0.1%s",
                  strrchr (endpoint, ':'));
        check_leads_to (queue, local);
        pid_t pid = stage_fork ();
        if (pid == 0) {
            PUT (queue, 7);
            exit (0);
        }
        assert_int_equal (stage_wait_child (pid), 0);
        CHECK_NEXT (queue, 7);
        troika_queue_destroy (&queue);
    }
}

static void
without_a_name_the_queue_called_queue_is_meant (stage_t *stage)
{
    char endpoint[600];
    troika_queue_t *queue = serve (stage_address (stage));
    strcpy (endpoint, troika_queue_endpoint (queue));
    *strchr (endpoint, '#') = '\0';
    check_leads_to (queue, endpoint);
    troika_queue_destroy (&queue);
}

static void
a_name_is_part_of_the_endpoint (stage_t *stage)
{
    char endpoint[600];
    snprintf (endpoint, sizeof endpoint, "%s#jobs", stage_address (stage));
    troika_queue_t *queue = serve (endpoint);
    strcpy (endpoint, troika_queue_endpoint (queue));
    assert_string_equal (strchr (endpoint, '#'), "#jobs");
    check_leads_to (queue, endpoint);
    *strchr (endpoint, '#') = '\0';
    CHECK_ERRNO (troika_queue_connect (endpoint), ENOENT);
    troika_queue_destroy (&queue);
}

static int
put_hundred (stage_t *stage, void *arg)
{
    const char *endpoint = arg;
    (void)stage;
    troika_queue_t *queue = CHECK_OK (troika_queue_connect (endpoint));
    put_numbers (queue, 100, 0);
    end_handle (queue);
    return 0;
}

/* A tcp endpoint that was free a moment ago. */
static void
free_tcp (char *endpoint)
{
    troika_queue_t *queue = serve ("tcp://127.0.0.1:*");
    strcpy (endpoint, troika_queue_endpoint (queue));
    *strchr (endpoint, '#') = '\0';
    troika_queue_destroy (&queue);
}

static void
several_ways_in_lead_to_the_same_queue (stage_t *stage)
{
    char ipc[600], tcp[600];
    snprintf (ipc, sizeof ipc, "ipc://%s/way", stage_directory (stage));
    free_tcp (tcp);
    troika_queue_t *queue = serve (ipc);
    CHECK_OK (troika_queue_bind (queue, "inproc://way"));
    CHECK_OK (troika_queue_bind (queue, tcp));
    assert_non_null (strstr (troika_queue_endpoint (queue), ipc));
    check_leads_to (queue, ipc);
    check_leads_to (queue, tcp);
    check_leads_to (queue, "inproc://way");
    stage_peer_t *peers[] = {stage_peer (stage, put_hundred, ipc),
                             stage_peer (stage, put_hundred, tcp)};
    for (int i = 0; i < 200; i++)
        GET (queue);
    stage_join_peers (peers, 2);
    CHECK_DRAINED (queue);
    troika_queue_destroy (&queue);
}

static void
only_the_serving_process_may_bind (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, NULL);
    CHECK_ERRNO (troika_queue_bind (queue, "tcp://127.0.0.1:*"), EPERM);
    troika_queue_destroy (&queue);
}

static void
a_bind_that_fails_leaves_the_queue_as_it_was (stage_t *stage)
{
    char endpoint[600];
    troika_queue_t *queue = serve (stage_address (stage));
    strcpy (endpoint, troika_queue_endpoint (queue));
    CHECK_ERRNO (troika_queue_bind (queue, "nonsense"), EINVAL);
    CHECK_ERRNO (troika_queue_bind (queue, NULL), EINVAL);
    CHECK_ERRNO (troika_queue_bind (queue, endpoint), EADDRINUSE);
    CHECK_ERRNO (troika_queue_bind (queue, "ipc:///not/there/at/all"), ENOENT);
    check_leads_to (queue, endpoint);
    troika_queue_destroy (&queue);
}

static int
put_nine (stage_t *stage, void *arg)
{
    (void)stage;
    PUT (arg, 9);
    return 0;
}

/* A child gets at it by the handle that its parent made. */
static void
null_is_a_private_endpoint (stage_t *stage)
{
    struct stat found;
    char path[600];
    troika_queue_t *queue = serve (NULL);
    const char *endpoint = troika_queue_endpoint (queue);
    assert_int_equal (strncmp (endpoint, "ipc://", 6), 0);
    strcpy (path, endpoint + 6);
    *strchr (path, '#') = '\0';
    *strrchr (path, '/') = '\0';
    assert_int_equal (stat (path, &found), 0);
    assert_int_equal (found.st_mode & 0777, 0700);
    stage_peer_t *peer = stage_peer (stage, put_nine, queue);
    CHECK_NEXT (queue, 9);
    assert_int_equal (stage_join (peer), 0);
    check_leads_to (queue, endpoint);
    troika_queue_destroy (&queue);
    assert_int_not_equal (stat (path, &found), 0); /* nothing is left */
}

static void
two_private_queues_are_two (stage_t *stage)
{
    (void)stage;
    troika_queue_t *first = serve (NULL);
    troika_queue_t *second = serve (NULL);
    PUT (first, 1);
    PUT (second, 2);
    CHECK_NEXT (second, 2);
    CHECK_NEXT (first, 1);
    troika_queue_destroy (&first);
    check_leads_to (second, troika_queue_endpoint (second));
    troika_queue_destroy (&second);
}

static void
the_files_of_an_ipc_endpoint_go_with_the_queue (stage_t *stage)
{
    char endpoint[600];
    struct stat found;
    snprintf (endpoint, sizeof endpoint, "ipc://%s/gone",
              stage_directory (stage));
    troika_queue_t *queue = serve (endpoint);
    assert_int_equal (stat (endpoint + 6, &found), 0);
    assert_int_equal (found.st_mode & 077, 0);
    troika_queue_destroy (&queue);
    assert_int_not_equal (stat (endpoint + 6, &found), 0);
    strcat (endpoint, ".cast");
    assert_int_not_equal (stat (endpoint + 6, &found), 0);
}

static void
check_serves (const char *bind, const char *connect_format)
{
    char endpoint[600];
    troika_queue_t *queue = serve (bind);
    const char *port = strrchr (troika_queue_endpoint (queue), ':');
    snprintf (endpoint, sizeof endpoint, connect_format, atoi (port + 1));
    check_leads_to (queue, endpoint);
    troika_queue_destroy (&queue);
}

static void
tcp_names_are_resolved_on_both_sides (stage_t *stage)
{
    (void)stage;
    check_serves ("tcp://127.0.0.1:*", "tcp://127.0.0.1:%d");
    check_serves ("tcp://localhost:*", "tcp://localhost:%d");
    check_serves ("tcp://lo:*", "tcp://127.0.0.1:%d#queue");
}

static void
tcp_takes_ipv6_in_brackets (stage_t *stage)
{
    troika_queue_t *queue = troika_queue_new ("tcp://[::1]:*", 0);
    if (!queue)
        stage_skip (stage, "no IPv6 here");
    check_leads_to (queue, troika_queue_endpoint (queue));
    troika_queue_destroy (&queue);
}

static void
ipc_takes_abstract_names (stage_t *stage)
{
    char endpoint[100];
    (void)stage;
    snprintf (endpoint, sizeof endpoint, "ipc://@troika-test-%d",
              (int)getpid ());
    troika_queue_t *queue = serve (endpoint);
    check_leads_to (queue, endpoint);
    CHECK_ERRNO (troika_queue_new (endpoint, 0), EADDRINUSE);
    troika_queue_destroy (&queue);
}

static const stage_case_t cases[] = {
    STAGE_TEST (the_endpoint_is_what_others_connect_to),
    STAGE_TEST_ON (STAGE_THREADS,
                   all_addresses_are_offered_as_one_that_can_be_reached),
    STAGE_TEST (without_a_name_the_queue_called_queue_is_meant),
    STAGE_TEST (a_name_is_part_of_the_endpoint),
    STAGE_TEST_ON (STAGE_THREADS | STAGE_PROCESS,
                   several_ways_in_lead_to_the_same_queue),
    STAGE_TEST_ON (STAGE_REMOTE, only_the_serving_process_may_bind),
    STAGE_TEST (a_bind_that_fails_leaves_the_queue_as_it_was),
    STAGE_TEST_ON (STAGE_THREADS | STAGE_PROCESS, null_is_a_private_endpoint),
    STAGE_TEST_ON (STAGE_THREADS, two_private_queues_are_two),
    STAGE_TEST_ON (STAGE_ONCE, the_files_of_an_ipc_endpoint_go_with_the_queue),
    STAGE_TEST_ON (STAGE_THREADS, tcp_names_are_resolved_on_both_sides),
    STAGE_TEST_ON (STAGE_THREADS, tcp_takes_ipv6_in_brackets),
    STAGE_TEST_ON (STAGE_THREADS, ipc_takes_abstract_names),
};

int
main (int argc, char **argv)
{
    return STAGE_RUN (cases, argc, argv);
}
