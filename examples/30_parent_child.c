/* SPDX-License-Identifier: MPL-2.0 */
/*
 * 30_parent_child.c - parent and child talk over a pipe, both ways.
 *
 * The pipe is made before the child is started; each uses its own end and
 * closes its copy of the other at once. The child answers until the parent
 * closes: it needs no word that says so.
 */
#include <troika.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static troika_pipe_t *ours, *theirs;

static void
check (int ok, const char *what)
{
    if (ok)
        return;
    fprintf (stderr, "%s: %s\n", what, troika_error ());
    exit (1);
}

static int
child (void *unused)
{
    troika_msg_t *question;
    (void)unused;
    troika_pipe_destroy (&ours);
    while ((question = troika_pipe_recv (theirs, TROIKA_FOREVER))) {
        int a, b;
        check (troika_msg_unpack (question, "[i, i]", &a, &b) == 0, "unpack");
        troika_msg_destroy (&question);
        check (troika_pipe_send (theirs, TROIKA_FOREVER, "{s:i, s:i}", "sum",
                                 a + b, "product", a * b) == 0,
               "send");
    }
    check (errno == EPIPE, "recv");
    troika_pipe_destroy (&theirs);
    return 0;
}

int
main (void)
{
    check (troika_pipe_new (&ours, &theirs, NULL, true) == 0, "new");
    troika_process_t *process = troika_process_start (child, NULL);
    check (process != NULL, "start");
    troika_pipe_destroy (&theirs);

    for (int i = 1; i <= 3; i++) {
        int sum = 0, product = 0;
        check (troika_pipe_send (ours, TROIKA_FOREVER, "[i, i]", i, 10 * i) ==
                   0,
               "send");
        troika_msg_t *answer = troika_pipe_recv (ours, TROIKA_FOREVER);
        check (answer && troika_msg_unpack (answer, "{s:i, s:i}", "sum", &sum,
                                            "product", &product) == 0,
               "recv");
        printf ("%d and %d: sum %d, product %d\n", i, 10 * i, sum, product);
        troika_msg_destroy (&answer);
    }
    troika_pipe_destroy (&ours);

    int code;
    check (troika_process_join (process, TROIKA_FOREVER) == 0, "join");
    check (troika_process_exitcode (process, &code) == 0, "exitcode");
    printf ("the child ended with %d\n", code);
    troika_process_destroy (&process);
}
