/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_ports.c - who leaves the port to the library gets two that are free,
 * however few the kernel has to give.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <unistd.h>
#include "tests/stage.h"

/* The kernel's choice; each second port of it is taken. */
enum { FIRST = 40000, COUNT = 20 };

static void
limit_choice (void)
{
    FILE *file = fopen ("/proc/sys/net/ipv4/ip_local_port_range", "w");
    assert_non_null (file);
    fprintf (file, "%d %d", FIRST, FIRST + COUNT - 1);
    assert_int_equal (fclose (file), 0);
}

static void
take_port (int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons ((uint16_t)port)};
    int fd = socket (AF_INET, SOCK_STREAM, 0);
    assert_int_equal (bind (fd, (struct sockaddr *)&address, sizeof address),
                      0);
    assert_int_equal (listen (fd, 1), 0);
}

/* A host of its own, with few ports. */
static void
begin (stage_t *stage)
{
    if (!stage_own_network (stage))
        stage_skip (stage, "no network namespace can be made here");
    limit_choice ();
    for (int i = 0; i < COUNT; i += 2)
        take_port (FIRST + i);
}

static void
a_manager_finds_two_ports (stage_t *stage)
{
    begin (stage);
    troika_queue_t *queue =
        CHECK_OK (troika_queue_new ("tcp://127.0.0.1:*", 0));
    troika_queue_t *other =
        CHECK_OK (troika_queue_connect (troika_queue_endpoint (queue)));
    CHECK_OK (troika_queue_put (other, TROIKA_FOREVER, "i", 1));
    troika_msg_t *msg = CHECK_OK (troika_queue_get (queue, TROIKA_FOREVER));
    troika_msg_destroy (&msg);
    troika_queue_destroy (&other);
    troika_queue_destroy (&queue);
}

static void
a_pipe_finds_two_ports (stage_t *stage)
{
    begin (stage);
    troika_pipe_t *end =
        CHECK_OK (troika_pipe_bind ("tcp://127.0.0.1:*", true));
    troika_pipe_t *other =
        CHECK_OK (troika_pipe_connect (troika_pipe_endpoint (end)));
    CHECK_OK (troika_pipe_send (other, TROIKA_FOREVER, "i", 1));
    troika_msg_t *msg = CHECK_OK (troika_pipe_recv (end, TROIKA_FOREVER));
    troika_msg_destroy (&msg);
    troika_pipe_destroy (&other);
    troika_pipe_destroy (&end);
}

static const stage_case_t cases[] = {
    STAGE_TEST_ON (STAGE_ONCE, a_manager_finds_two_ports),
    STAGE_TEST_ON (STAGE_ONCE, a_pipe_finds_two_ports),
};

int
main (int argc, char **argv)
{
    return STAGE_RUN (cases, argc, argv);
}
