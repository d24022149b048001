/* SPDX-License-Identifier: MPL-2.0 */
/*
 * serve_pipe.c - the bound end of a duplex pipe, for a script: prints its
 * endpoint as the first line and sends back what comes, until the end. Then
 * prints how that was told: "closed" or "lost".
 */
#include <errno.h>
#include <stdio.h>
#include <troika.h>

static int
failed (void)
{
    fprintf (stderr, "serve_pipe: %s\n", troika_error ());
    return 1;
}

int
main (int argc, char **argv)
{
    troika_msg_t *msg;
    troika_pipe_t *pipe =
        troika_pipe_bind (argc > 1 ? argv[1] : "tcp://127.0.0.1:*", true);
    if (!pipe)
        return failed ();
    printf ("%s\n", troika_pipe_endpoint (pipe));
    fflush (stdout);
    while ((msg = troika_pipe_recv (pipe, TROIKA_FOREVER))) {
        if (troika_pipe_send_msg (pipe, TROIKA_FOREVER, msg))
            return failed ();
        troika_msg_destroy (&msg);
    }
    if (errno != EPIPE && errno != ECONNRESET)
        return failed ();
    puts (errno == EPIPE ? "closed" : "lost");
    troika_pipe_destroy (&pipe);
    return 0;
}
