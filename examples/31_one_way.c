/* SPDX-License-Identifier: MPL-2.0 */
/*
 * 31_one_way.c - a child sends as long as it has something; the parent reads
 * to the end of the stream.
 *
 * No sentinel says that nothing follows: when no process holds the sending
 * end any more, recv fails with EPIPE, after all that was sent. So the parent
 * closes its own copy. Were the child killed, it would be ECONNRESET.
 */
#include <troika.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static troika_pipe_t *reader, *writer;

static void
check (int ok, const char *what)
{
    if (ok)
        return;
    fprintf (stderr, "%s: %s\n", what, troika_error ());
    exit (1);
}

static int
count_down (void *unused)
{
    (void)unused;
    troika_pipe_destroy (&reader);
    for (int i = 5; i > 0; i--)
        check (troika_pipe_send (writer, TROIKA_FOREVER, "{s:i, s:s}", "left",
                                 i, "of", "fuel") == 0,
               "send");
    return 0; /* which closes the end; what was sent arrives */
}

int
main (void)
{
    check (troika_pipe_new (&reader, &writer, NULL, false) == 0, "new");
    troika_process_t *process = troika_process_start (count_down, NULL);
    check (process != NULL, "start");
    troika_pipe_destroy (&writer);

    troika_msg_t *msg;
    while ((msg = troika_pipe_recv (reader, TROIKA_FOREVER))) {
        char *json = troika_msg_json (msg);
        printf ("%s\n", json);
        free (json);
        troika_msg_destroy (&msg);
    }
    check (errno == EPIPE, "recv");
    printf ("end of stream\n");
    check (troika_process_join (process, TROIKA_FOREVER) == 0, "join");
    troika_process_destroy (&process);
    troika_pipe_destroy (&reader);
}
