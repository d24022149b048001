/* SPDX-License-Identifier: MPL-2.0 */
/*
 * 33_echo_server.c - gives every client back what it sends.
 *
 *     ./33_echo_server tcp://127.0.0.1:5555 3
 *
 * prints the endpoint for 33_echo_client, serves three clients, each in a
 * thread with a pipe of its own, and ends. On tcp beyond this host
 * ECHO_SECRET in the environment of both programs encrypts all of it.
 */
#include <troika.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { CLIENTS_MAX = 100 };

static void
check (int ok, const char *what)
{
    if (ok)
        return;
    fprintf (stderr, "%s: %s\n", what, troika_error ());
    exit (1);
}

static void *
serve (void *arg)
{
    troika_pipe_t *pipe = arg;
    troika_msg_t *msg;
    while ((msg = troika_pipe_recv (pipe, TROIKA_FOREVER))) {
        if (troika_pipe_send_msg (pipe, TROIKA_FOREVER, msg))
            fprintf (stderr, "send: %s\n", troika_error ());
        troika_msg_destroy (&msg);
    }
    if (errno != EPIPE) /* a client that died is no reason to stop */
        fprintf (stderr, "recv: %s\n", troika_error ());
    troika_pipe_destroy (&pipe);
    return NULL;
}

int
main (int argc, char **argv)
{
    const char *secret = getenv ("ECHO_SECRET");
    int clients = argc > 2 ? atoi (argv[2]) : 1;
    check (!secret || troika_set_authkey (secret) == 0, "authkey");
    if (argc < 2 || clients < 1 || clients > CLIENTS_MAX) {
        fprintf (stderr, "usage: %s ENDPOINT [CLIENTS]\n", argv[0]);
        return 2;
    }
    troika_listener_t *listener = troika_listener_new (argv[1]);
    check (listener != NULL, "new");
    printf ("%s\n", troika_listener_endpoint (listener));
    fflush (stdout);

    pthread_t threads[CLIENTS_MAX];
    for (int i = 0; i < clients; i++) {
        troika_pipe_t *pipe = troika_listener_accept (listener, TROIKA_FOREVER);
        check (pipe != NULL, "accept");
        check (pthread_create (&threads[i], NULL, serve, pipe) == 0, "thread");
    }
    troika_listener_destroy (&listener); /* the pipes live on */
    for (int i = 0; i < clients; i++)
        pthread_join (threads[i], NULL);
}
