/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_auth_wire.c - what passes between those who have keys is not to be
 * read on its way.
 */
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "tests/keyring.h"

/* --- on the wire */

/* Carries every byte between one port and another, and looks at all. */
typedef struct {
    int listener;
    int to; /* the server's port */
    atomic_bool stop;
    atomic_bool seen; /* the word was among what passed */
    atomic_size_t bytes;
} relay_t;

#define WORD "extraordinarily"
#define RELAYED_MAX 16

static int
port_fd (int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons ((uint16_t)port)};
    address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
    int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int rc = port ? connect (fd, (struct sockaddr *)&address, sizeof address)
                  : bind (fd, (struct sockaddr *)&address, sizeof address);
    assert_int_equal (rc, 0);
    return fd;
}

static bool
carry (relay_t *self, int from, int to)
{
    char bytes[4096];
    ssize_t size = recv (from, bytes, sizeof bytes, 0);
    if (size <= 0)
        return false;
    if (memmem (bytes, (size_t)size, WORD, strlen (WORD)))
        self->seen = true;
    self->bytes += (size_t)size;
    return send (to, bytes, (size_t)size, MSG_NOSIGNAL) == size;
}

static void *
relay (void *arg)
{
    relay_t *self = arg;
    struct pollfd set[2 * RELAYED_MAX + 1] = {{self->listener, POLLIN, 0}};
    nfds_t count = 1;
    while (!self->stop) {
        poll (set, count, 10);
        for (nfds_t i = 1; i < count; i++)
            if (set[i].revents &&
                !carry (self, set[i].fd, set[i % 2 ? i + 1 : i - 1].fd))
                set[i].fd = -1;
        if (set[0].revents && count < 2 * RELAYED_MAX) {
            set[count++] =
                (struct pollfd){accept (self->listener, NULL, NULL), POLLIN, 0};
            set[count++] = (struct pollfd){port_fd (self->to), POLLIN, 0};
        }
    }
    for (nfds_t i = 1; i < count; i++)
        if (set[i].fd >= 0)
            close (set[i].fd);
    return NULL;
}

/* Through the relay come calls only, which is enough to put a word there and
 * get it back. */
static bool
is_seen_on_the_wire (stage_t *stage, const char *party)
{
    char endpoint[100];
    pthread_t thread;
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    keyring_serve (stage, party, KEYRING_MANAGER);
    keyring_set (stage, party);
    relay_t self = {.listener = port_fd (0)};
    self.to = atoi (strrchr (stage_endpoint (stage), ':') + 1);
    listen (self.listener, RELAYED_MAX);
    getsockname (self.listener, (struct sockaddr *)&address, &size);
    pthread_create (&thread, NULL, relay, &self);
    snprintf (endpoint, sizeof endpoint, "tcp://127.0.0.1:%d",
              ntohs (address.sin_port));
    troika_manager_t *manager = CHECK_OK (troika_manager_connect (endpoint));
    troika_dict_t *dict = CHECK_OK (troika_manager_dict (manager, "d"));
    CHECK_OK (troika_dict_set (dict, "k", "s", WORD));
    troika_msg_t *msg = CHECK_OK (troika_dict_get (dict, "k"));
    troika_msg_destroy (&msg);
    troika_dict_destroy (&dict);
    troika_manager_destroy (&manager);
    self.stop = true;
    pthread_join (thread, NULL);
    close (self.listener);
    assert_true (self.bytes > strlen (WORD));
    stage_stop_server (stage);
    return self.seen;
}

static void
what_has_keys_is_not_seen_on_the_wire (stage_t *stage)
{
    assert_false (is_seen_on_the_wire (stage, "secret:alpha"));
}

/* Which shows that the other test can see. */
static void
what_has_no_keys_is_seen_on_the_wire (stage_t *stage)
{
    assert_true (is_seen_on_the_wire (stage, "none"));
}

static const stage_case_t cases[] = {
    STAGE_TEST_ON (STAGE_HOST, what_has_keys_is_not_seen_on_the_wire),
    STAGE_TEST_ON (STAGE_HOST, what_has_no_keys_is_seen_on_the_wire),
};

int
main (int argc, char **argv)
{
    return STAGE_RUN (cases, argc, argv);
}
