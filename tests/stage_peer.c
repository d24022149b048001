/* SPDX-License-Identifier: MPL-2.0 */
/*
 * stage_peer.c - who else is on the stage: what is served, in this process
 * or in another, and peers, each a thread or a process.
 *
 * A serving process ends in good order when the pipe on which it waits for
 * orders closes, so it also ends when the test is gone.
 */
#include <sys/wait.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "tests/stage_parts.h"

struct stage_peer {
    stage_t *stage;
    int (*run) (stage_t *stage, void *arg);
    void *arg;
    pid_t pid; /* 0: a thread */
    pthread_t thread;
    int result;
};

static void
open_pipe (int fds[2])
{
    if (pipe2 (fds, O_CLOEXEC) < 0)
        STAGE_FAIL ("pipe: %s", strerror (errno));
}

void
stage_begin (stage_t *self, unsigned variant, const char *directory)
{
    memset (self, 0, sizeof *self);
    self->variant = variant;
    self->threads = stage_threads ();
    self->directory = directory;
    for (unsigned i = 0; i < STAGE_EVENTS; i++)
        open_pipe (self->events[i]);
}

void
stage_end (stage_t *self)
{
    if (self->service)
        stage_stop_server (self);
    for (unsigned i = 0; i < STAGE_EVENTS; i++) {
        close (self->events[i][0]);
        close (self->events[i][1]);
    }
}

static void
start_server (stage_t *self, const void *options)
{
    self->server = self->service->start (stage_address (self), options);
    if (!self->server)
        STAGE_FAIL ("cannot serve on %s: %s: %s", self->address,
                    stage_error_name (errno), troika_error ());
    snprintf (self->endpoint, sizeof self->endpoint, "%s",
              self->service->endpoint (self->server));
}

/* The life of the serving process. */
static void
serve_until_ordered (stage_t *self, const void *options, int order, int answer)
{
    char nothing;
    start_server (self, options);
    if (write (answer, self->endpoint, sizeof self->endpoint) < 0)
        STAGE_FAIL ("answer: %s", strerror (errno));
    close (answer);
    while (read (order, &nothing, 1) < 0 && errno == EINTR)
        ;
    self->service->stop (self->server);
    exit (0);
}

static void
fork_server (stage_t *self, const void *options)
{
    int order[2], answer[2];
    open_pipe (order);
    open_pipe (answer);
    bool single = stage_threads () == 1;
    if (stage_threads () > self->threads)
        stage_needs_fork (self);
    fflush (NULL);
    self->server_pid = fork ();
    if (self->server_pid < 0)
        STAGE_FAIL ("fork: %s", strerror (errno));
    if (self->server_pid == 0) {
        if (single)
            stage_watch_leaks ();
        close (order[1]);
        close (answer[0]);
        serve_until_ordered (self, options, order[0], answer[1]);
    }
    close (order[0]);
    close (answer[1]);
    self->server_order = order[1];
    if (read (answer[0], self->endpoint, sizeof self->endpoint) !=
        sizeof self->endpoint)
        STAGE_FAIL ("the serving process did not start");
    close (answer[0]);
}

void
stage_serve (stage_t *self, const stage_service_t *service, const void *options)
{
    if (self->service)
        STAGE_FAIL ("something is served already");
    self->service = service;
    if (self->variant & STAGE_REMOTE)
        fork_server (self, options);
    else
        start_server (self, options);
}

const char *
stage_endpoint (const stage_t *self)
{
    return self->endpoint;
}

pid_t
stage_server_pid (const stage_t *self)
{
    return self->server_pid;
}

void
stage_stop_server (stage_t *self)
{
    const stage_service_t *service = self->service;
    self->service = NULL;
    if (!service)
        STAGE_FAIL ("nothing is served");
    if (self->server_pid == 0) {
        service->stop (self->server);
        return;
    }
    /* A peer may have inherited the other end: say it, too. */
    if (write (self->server_order, "", 1) < 0)
        STAGE_FAIL ("order: %s", strerror (errno));
    close (self->server_order);
    int status = stage_wait_child (self->server_pid);
    self->server_pid = 0;
    if (status != 0)
        STAGE_FAIL ("the serving process ended with %d", status);
}

/* A signal is on its way for as long as the machine is busy. */
void
stage_stop (pid_t pid)
{
    siginfo_t info;
    kill (pid, SIGSTOP);
    while (waitid (P_PID, (id_t)pid, &info, WSTOPPED) != 0)
        if (errno != EINTR)
            STAGE_FAIL ("process %d: %s", (int)pid, strerror (errno));
}

long
stage_memory_kb (pid_t pid)
{
    char path[64], line[256];
    long kb = -1;
    snprintf (path, sizeof path, "/proc/%d/status", pid);
    FILE *file = fopen (path, "r");
    assert_non_null (file);
    while (fgets (line, sizeof line, file))
        if (sscanf (line, "VmRSS: %ld", &kb) == 1)
            break;
    fclose (file);
    return kb;
}

void
stage_kill_server (stage_t *self)
{
    if (self->server_pid == 0)
        STAGE_FAIL ("no process serves here: run on STAGE_REMOTE");
    kill (self->server_pid, SIGKILL);
    stage_wait_child (self->server_pid);
    close (self->server_order);
    self->server_pid = 0;
    self->service = NULL;
}

static void *
run_peer (void *arg)
{
    stage_peer_t *peer = arg;
    peer->result = peer->run (peer->stage, peer->arg);
    return NULL;
}

stage_peer_t *
stage_peer (stage_t *self, int (*run) (stage_t *stage, void *arg), void *arg)
{
    stage_peer_t *peer = calloc (1, sizeof *peer);
    if (!peer)
        STAGE_FAIL ("no memory");
    peer->stage = self;
    peer->run = run;
    peer->arg = arg;
    if (UNDER_TSAN || !(self->variant & STAGE_REMOTE)) {
        int error = pthread_create (&peer->thread, NULL, run_peer, peer);
        if (error)
            STAGE_FAIL ("pthread_create: %s", strerror (error));
        return peer;
    }
    peer->pid = stage_fork ();
    if (peer->pid < 0)
        STAGE_FAIL ("fork: %s", strerror (errno));
    if (peer->pid == 0) {
        int result = run (self, arg);
        free (peer);
        exit (result);
    }
    return peer;
}

pid_t
stage_peer_pid (const stage_peer_t *peer)
{
    if (peer->stage->variant & STAGE_REMOTE)
        stage_needs_fork (peer->stage);
    return peer->pid;
}

int
stage_join (stage_peer_t *peer)
{
    int result;
    if (peer->pid > 0)
        result = stage_wait_child (peer->pid);
    else {
        pthread_join (peer->thread, NULL);
        result = peer->result;
    }
    free (peer);
    return result;
}

void
stage_kill (stage_peer_t *peer)
{
    stage_needs_fork (peer->stage);
    if (peer->pid == 0)
        STAGE_FAIL ("this peer is a thread: run on STAGE_REMOTE");
    kill (peer->pid, SIGKILL);
    stage_join (peer);
}

void
stage_run_peer (stage_t *self, int (*run) (stage_t *stage, void *arg),
                void *arg)
{
    assert_int_equal (stage_join (stage_peer (self, run, arg)), 0);
}

void
stage_start_peers (stage_t *self, stage_peer_t **peers, int count,
                   int (*run) (stage_t *stage, void *arg), void *arg)
{
    for (int i = 0; i < count; i++)
        peers[i] = stage_peer (self, run, arg);
}

void
stage_join_peers (stage_peer_t **peers, int count)
{
    for (int i = 0; i < count; i++)
        assert_int_equal (stage_join (peers[i]), 0);
}
