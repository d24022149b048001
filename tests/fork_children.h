/* SPDX-License-Identifier: MPL-2.0 */
/*
 * fork_children.h - what the tests of fork() share: pairs of connected sockets
 * of ours, and children that live until they are told.
 *
 * A child answers by its exit status, 0 when all is well; it has five seconds,
 * the test has twenty (SIGALRM). Descriptors are compared as a program sees
 * them: how many sockets are open.
 */
#ifndef FORK_CHILDREN_H
#define FORK_CHILDREN_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <sched.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zmq.h>
#include "lib/base/runtime.h"
#include "lib/wire/endpoint.h"
#include "tests/scale.h"

static inline int
sockets_open (void)
{
    int count = 0;
    for (int fd = 0; fd < 1024; fd++) {
        struct stat found;
        count += !fstat (fd, &found) && S_ISSOCK (found.st_mode);
    }
    return count;
}

static int outset; /* how many were open before the first test */

/* libzmq closes descriptors a little later than its sockets. */
static inline void
await_outset (void)
{
    while (sockets_open () != outset)
        sched_yield ();
}

static inline int
set_up (void **state)
{
    (void)state;
    alarm (20 * stage_scale ());
    return 0;
}

static inline int
tear_down (void **state)
{
    (void)state;
    await_outset ();
    alarm (0);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, set_up, tear_down)

static inline void *
opened (int type)
{
    void *socket;
    int limit = 5000;
    assert_int_equal (tk_socket (type, &socket), 0);
    zmq_setsockopt (socket, ZMQ_RCVTIMEO, &limit, sizeof limit);
    return socket;
}

/* A pair of ours, with a connection between. */
typedef struct {
    tk_endpoint_t endpoint;
    void *receiver;
    void *sender;
} link_t;

static inline void
assert_passes (const link_t *self, int count)
{
    for (int i = 0; i < count; i++) {
        int got = -1;
        assert_int_equal (zmq_send (self->sender, &i, sizeof i, 0), sizeof i);
        assert_int_equal (zmq_recv (self->receiver, &got, sizeof got, 0),
                          sizeof got);
        assert_int_equal (got, i);
    }
}

static inline link_t
linked (const char *text)
{
    link_t self;
    assert_int_equal (tk_endpoint_parse (&self.endpoint, text), 0);
    self.receiver = opened (ZMQ_PULL);
    self.sender = opened (ZMQ_PUSH);
    assert_int_equal (tk_endpoint_bind (&self.endpoint, self.receiver), 0);
    tk_endpoint_t to = self.endpoint;
    if (!strcmp (to.host, "*"))
        strcpy (to.host, "127.0.0.1");
    assert_int_equal (tk_endpoint_connect (&to, self.sender), 0);
    assert_passes (&self, 1);
    return self;
}

static inline void
unlinked (link_t *self)
{
    tk_endpoint_unlink (&self->endpoint);
    tk_socket_close (self->sender);
    tk_socket_close (self->receiver);
}

/* A child that lives until told. */
typedef struct {
    pid_t pid;
    int leash;
} child_t;

/* check answers right after the fork; then the child stays. */
static inline child_t
idle_child (int (*check) (void *arg), void *arg)
{
    int leash[2], answer[2], rc = -1;
    assert_false (pipe (leash) || pipe (answer));
    child_t self = {fork (), leash[1]};
    if (self.pid == 0) {
        alarm (5 * stage_scale ());
        close (leash[1]);
        rc = check (arg);
        if (write (answer[1], &rc, sizeof rc) > 0)
            while (read (leash[0], &rc, 1) > 0)
                continue;
        _exit (0);
    }
    close (leash[0]);
    close (answer[1]);
    assert_int_equal (read (answer[0], &rc, sizeof rc), sizeof rc);
    close (answer[0]);
    assert_int_equal (rc, 0);
    return self;
}

static inline void
end_child (child_t *self)
{
    int status;
    close (self->leash);
    assert_int_equal (waitpid (self->pid, &status, 0), self->pid);
    assert_int_equal (status, 0);
}

static inline void
assert_in_child (int (*check) (void *arg), void *arg)
{
    child_t child = idle_child (check, arg);
    end_child (&child);
}

#endif
