/* SPDX-License-Identifier: MPL-2.0 */
/*
 * serve_queue.c - serves an unbounded queue for a script: prints its endpoint
 * as the first line and goes on until its standard input ends. A second
 * argument is a secret to be served with.
 */
#include <errno.h>
#include <stdio.h>
#include <troika.h>
#include <unistd.h>

int
main (int argc, char **argv)
{
    char nothing;
    ssize_t size;
    if (argc > 2 && troika_set_authkey (argv[2])) {
        fprintf (stderr, "serve_queue: %s\n", troika_error ());
        return 1;
    }
    troika_queue_t *queue =
        troika_queue_new (argc > 1 ? argv[1] : "tcp://127.0.0.1:*", 0);
    if (!queue) {
        fprintf (stderr, "serve_queue: %s\n", troika_error ());
        return 1;
    }
    printf ("%s\n", troika_queue_endpoint (queue));
    fflush (stdout);
    do
        size = read (STDIN_FILENO, &nothing, 1);
    while (size > 0 || (size < 0 && errno == EINTR));
    troika_queue_destroy (&queue);
    return 0;
}
