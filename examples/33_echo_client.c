/* SPDX-License-Identifier: MPL-2.0 */
/*
 * 33_echo_client.c - sends its words to 33_echo_server and prints what comes
 * back.
 *
 *     ./33_echo_client tcp://127.0.0.1:5555 one two three
 *
 * May start before the server: connect waits a while for it to appear.
 */
#include <troika.h>
#include <stdio.h>
#include <stdlib.h>

static void
check (int ok, const char *what)
{
    if (ok)
        return;
    fprintf (stderr, "%s: %s\n", what, troika_error ());
    exit (1);
}

int
main (int argc, char **argv)
{
    const char *secret = getenv ("ECHO_SECRET");
    check (!secret || troika_set_authkey (secret) == 0, "authkey");
    if (argc < 2) {
        fprintf (stderr, "usage: %s ENDPOINT WORD...\n", argv[0]);
        return 2;
    }
    troika_pipe_t *pipe = troika_pipe_connect (argv[1]);
    check (pipe != NULL, "connect");
    for (int i = 2; i < argc; i++)
        check (troika_pipe_send (pipe, TROIKA_FOREVER, "s", argv[i]) == 0,
               "send");
    for (int i = 2; i < argc; i++) {
        const char *word = "";
        troika_msg_t *msg = troika_pipe_recv (pipe, TROIKA_FOREVER);
        check (msg && troika_msg_unpack (msg, "s", &word) == 0, "recv");
        printf ("%s%c", word, i == argc - 1 ? '\n' : ' ');
        troika_msg_destroy (&msg);
    }
    troika_pipe_destroy (&pipe);
}
