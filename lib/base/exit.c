/* SPDX-License-Identifier: MPL-2.0 */
/*
 * exit.c - ends what this process has: at exit, or by troika_shutdown().
 *
 * First the modules, each until the deadline; then the context, if every
 * socket is closed. A helper thread terminates it and is waited for only so
 * long: a socket that we do not know of, or a thread still inside libzmq,
 * would make zmq_ctx_term() wait for ever. What is not terminated is left
 * alone: its threads end with the process.
 */
#include "lib/base/runtime_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>
#include <zmq.h>
#include "lib/base/error.h"
#include "lib/base/troika_base.h"

#define TERMINATE_MS 1000

typedef struct {
    void *context;
    int done; /* write end of a pipe: gets one byte */
} ending_t;

static void *
terminate (void *arg)
{
    ending_t *ending = arg;
    while (zmq_ctx_term (ending->context) && errno == EINTR)
        continue;
    while (write (ending->done, "", 1) < 0 && errno == EINTR)
        continue;
    close (ending->done);
    free (ending);
    return NULL;
}

/* Where not even a helper can be made, the context stays. */
static int
start_helper (void *context, int done)
{
    pthread_t thread;
    ending_t *ending = malloc (sizeof *ending);
    if (!ending)
        return -ENOMEM;
    ending->context = context;
    ending->done = done;
    int rc = tk_thread (&thread, "end", terminate, ending);
    if (rc)
        free (ending);
    else
        pthread_detach (thread);
    return rc;
}

static void
end_context (void)
{
    bool idle;
    int ends[2];
    void *context = tk_context_take (&idle);
    if (!context || !idle || pipe2 (ends, O_CLOEXEC)) {
        tk_context_abandon (context);
        return;
    }
    if (start_helper (context, ends[1])) {
        close (ends[1]);
    } else {
        struct pollfd done = {ends[0], POLLIN, 0};
        tk_time_t bound = tk_clock_us () + TERMINATE_MS * 1000;
        while (poll (&done, 1, tk_deadline_poll (bound)) < 0 && errno == EINTR)
            continue;
    }
    close (ends[0]);
}

void
tk_exit (void)
{
    tk_time_t deadline = TK_NEVER;
    int linger = tk_linger_ms ();
    if (linger >= 0)
        deadline = tk_clock_us () + (tk_time_t)linger * 1000;
    tk_modules_exit (deadline);
    end_context ();
}

int
troika_shutdown (int timeout)
{
    tk_time_t deadline;
    int rc = tk_deadline (timeout, &deadline);
    if (!rc) {
        rc = tk_modules_exit (deadline);
        end_context ();
        tk_generation_next ();
    }
    return tk_edge (rc);
}
