/* SPDX-License-Identifier: MPL-2.0 */
/*
 * process.h - a function of this program, run in a process of its own.
 *
 * Installed as <troika/process.h>. The child has copies of all the handles
 * that its parent had and may go on using them. No signal handler is
 * installed and SIGCHLD is left to the application; an application that
 * waits for any child (waitpid (-1)) takes exit codes away from here.
 */
#ifndef TROIKA_PROCESS_H
#define TROIKA_PROCESS_H

#include <sys/types.h>
#include <troika/base.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct troika_process troika_process_t;

/*
 * troika_process_start() forks a child that runs main (arg) and ends with
 * its value, of which the system keeps the lowest 8 bits. What main has put
 * and sent is delivered first, bounded by troika_set_linger(). The child runs
 * none of the parent's atexit functions, unless it calls exit() itself.
 * Buffered output is flushed before the fork, so that no text appears twice;
 * that waits for a thread that is inside a read of a stdio stream.
 *
 * gives:   a handle to destroy; the child runs on without it.
 * thread:  any number at once; the child has only the one that called.
 * returns: the handle; or NULL with EINVAL (no main), EAGAIN (no more
 *          processes are allowed), ENOMEM.
 */
TROIKA_EXPORT troika_process_t *troika_process_start (int (*main) (void *arg),
                                                      void *arg);

/*
 * troika_process_pid() tells the child's process id, also when it has ended.
 *
 * thread:  any number at once.
 * returns: the id; -1 with EINVAL for a NULL handle.
 */
TROIKA_EXPORT pid_t troika_process_pid (const troika_process_t *self);

/*
 * troika_process_is_alive() tells whether the child still runs.
 *
 * thread:  any number at once.
 * returns: 1, 0; or -1 with EPERM (another process started it), EINVAL (NULL
 *          handle).
 */
TROIKA_EXPORT int troika_process_is_alive (troika_process_t *self);

/*
 * troika_process_join() waits at most timeout ms until the child has ended.
 * Joining again, and from several threads, is fine.
 *
 * thread:  any number at once.
 * returns: 0; or -1 with EAGAIN (it runs, timeout 0), ETIMEDOUT (it still
 *          runs), EPERM (another process started it), EINVAL (timeout, NULL
 *          handle), EINTR.
 */
TROIKA_EXPORT int troika_process_join (troika_process_t *self, int timeout);

/*
 * troika_process_exitcode() tells how the child ended: *code is its exit
 * status, 0..255, or -N when signal N killed it.
 *
 * thread:  any number at once.
 * returns: 0; or -1 with EAGAIN (it still runs), ESTALE (somebody else
 *          waited for this child, or SIGCHLD is ignored: the code is
 *          lost), EPERM (another process started it), EINVAL (NULL).
 */
TROIKA_EXPORT int troika_process_exitcode (troika_process_t *self, int *code);

/*
 * troika_process_terminate() sends the child SIGTERM. Nothing happens to one
 * that has ended.
 *
 * thread:  any number at once.
 * returns: 0; or -1 with EPERM (another process started it, or the system
 *          refuses), EINVAL (NULL handle).
 */
TROIKA_EXPORT int troika_process_terminate (troika_process_t *self);

/*
 * troika_process_kill() sends the child SIGKILL: it ends without a word, and
 * what it held is taken back from it.
 *
 * thread:  any number at once.
 * returns: as troika_process_terminate().
 */
TROIKA_EXPORT int troika_process_kill (troika_process_t *self);

/*
 * troika_process_destroy() ends the handle. A child that still runs goes on;
 * it is waited for by later calls of this family, so that it does not stay
 * a zombie for good.
 *
 * takes:   *self_p, set to NULL; NULL is fine.
 * thread:  one, when no other uses the handle.
 * returns: nothing.
 */
TROIKA_EXPORT void troika_process_destroy (troika_process_t **self_p);

#ifdef __cplusplus
}
#endif

#endif
