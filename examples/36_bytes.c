/* SPDX-License-Identifier: MPL-2.0 */
/*
 * 36_bytes.c - what os.pipe is used for: a child writes bytes, the parent
 * copies them.
 *
 * Each message is one binary document and arrives whole. A buffer that is
 * too small loses nothing: recv_bytes_into fails with EMSGSIZE, and the
 * message is still there for a larger one.
 */
#include <troika.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
write_poem (void *unused)
{
    static const char *const lines[] = {"The woods are lovely,", "dark and",
                                        "deep.", "", "But I have promises"};
    (void)unused;
    troika_pipe_destroy (&reader);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        check (troika_pipe_send_bytes (writer, TROIKA_FOREVER, lines[i],
                                       strlen (lines[i])) == 0,
               "send");
    return 0;
}

int
main (void)
{
    char small[10], large[100];
    ssize_t size;
    check (troika_pipe_new (&reader, &writer, NULL, false) == 0, "new");
    troika_process_t *process = troika_process_start (write_poem, NULL);
    check (process != NULL, "start");
    troika_pipe_destroy (&writer);
    for (;;) {
        char *buffer = small;
        size = troika_pipe_recv_bytes_into (reader, TROIKA_FOREVER, buffer,
                                            sizeof small);
        if (size < 0 && errno == EMSGSIZE) {
            buffer = large;
            size = troika_pipe_recv_bytes_into (reader, TROIKA_NOWAIT, buffer,
                                                sizeof large);
        }
        if (size < 0)
            break;
        printf ("%2zd bytes: %.*s\n", size, (int)size, buffer);
    }
    check (errno == EPIPE, "recv");
    check (troika_process_join (process, TROIKA_FOREVER) == 0, "join");
    troika_process_destroy (&process);
    troika_pipe_destroy (&reader);
}
