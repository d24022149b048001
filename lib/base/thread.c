/* SPDX-License-Identifier: MPL-2.0 */
/*
 * thread.c - starts the library's own threads.
 *
 * They run no signal handler of the application's: every signal is masked
 * before the thread exists, so there is no moment without the mask. The
 * thread names itself; its maker could be late, when it is gone.
 */
#include "lib/base/runtime.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/error.h"
#include "lib/base/sys.h"

typedef struct {
    void *(*run) (void *);
    void *arg;
    char name[16];
} start_t;

static void *
begin (void *arg)
{
    start_t start = *(start_t *)arg;
    free (arg);
    tk_sys_thread_name (start.name);
    return start.run (start.arg);
}

static int
create_masked (pthread_t *thread, start_t *start)
{
    sigset_t all, before;
    sigfillset (&all);
    pthread_sigmask (SIG_SETMASK, &all, &before);
    int rc = pthread_create (thread, NULL, begin, start);
    pthread_sigmask (SIG_SETMASK, &before, NULL);
    return rc;
}

int
tk_thread (pthread_t *thread, const char *name, void *(*run) (void *),
           void *arg)
{
    start_t *start = malloc (sizeof *start);
    if (!start)
        return tk_error (ENOMEM, "no memory to start thread '%s'", name);
    start->run = run;
    start->arg = arg;
    snprintf (start->name, sizeof start->name, "troika/%.8s", name);
    int rc = create_masked (thread, start);
    if (rc) {
        free (start);
        return tk_error (ENOMEM, "cannot start thread '%s': %s", name,
                         strerror (rc));
    }
    return 0;
}
