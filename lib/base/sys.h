/* SPDX-License-Identifier: MPL-2.0 */
/*
 * sys.h - what kernels do differently.
 *
 * sys_linux.c has it for Linux, sys_posix.c for the others; exactly one of
 * them compiles to something (-DTK_SYS_POSIX picks the second on Linux).
 */
#ifndef TK_BASE_SYS_H
#define TK_BASE_SYS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include "clock.h"

#if defined __linux__ && !defined TK_SYS_POSIX
#define TK_SYS_LINUX 1
#else
#define TK_SYS_LINUX 0
#endif

/* Bytes nobody can guess. 0 or negative errno. */
int tk_sys_random (void *buffer, size_t size);

/* Calls visit for every open descriptor, which it may close. Safe in the
 * child of a process with threads: allocates nothing. */
void tk_sys_each_fd (void (*visit) (int fd));

/* An event to poll: fds[0] becomes readable by writing 8 bytes to fds[1];
 * both may be one descriptor. Non-blocking, close-on-exec. */
int tk_sys_event (int fds[2]);

/* A clock to poll: its descriptor becomes readable once, so many microseconds
 * after it was set, until it is lowered; -ENOTSUP, -EMFILE. */
int tk_sys_timer (void);
void tk_sys_timer_set (int fd, tk_time_t delay);
void tk_sys_timer_lower (int fd);

/* Sleeps while *word is expected, until somebody calls tk_sys_wake() after
 * changing it. 0 (look again), -ETIMEDOUT, -EINTR (a signal handler ran,
 * where the kernel tells). */
int tk_sys_wait (atomic_uint *word, unsigned expected, tk_time_t deadline);
void tk_sys_wake (atomic_uint *word);

/* The same between processes, for a word in memory from tk_sys_share(). */
int tk_sys_wait_shared (atomic_uint *word, unsigned expected,
                        tk_time_t deadline);
void tk_sys_wake_shared (atomic_uint *word);

/* Has the kernel put a memory barrier into every thread of this process that
 * runs: all are as if they had made one themselves. The first prepares that.
 * 0, or -ENOTSUP where it cannot or may not. */
int tk_sys_fence_start (void);
int tk_sys_fence (void);

/* The next connection of a listening socket, non-blocking, close-on-exec;
 * -EAGAIN, -EMFILE… */
int tk_sys_accept (int fd);

/* The process at the other end of a unix socket, or 0 when the kernel does
 * not tell; and whether that process has ended (a zombie has). */
int tk_sys_peer (int fd);
bool tk_sys_is_dead (int pid);

/* Names this machine, for as long as it runs, and its numbers of processes:
 * two processes with one home know each other's. "" when it is not known. */
#define TK_HOME_MAX 64
void tk_sys_home (char text[TK_HOME_MAX + 1]);

/* The user whose process is at the other end of a unix socket: 0, or
 * -ENOTSUP when the kernel does not tell. */
int tk_sys_peer_user (int fd, unsigned *user);

/* A descriptor that is readable once this child has ended, for good;
 * -ENOTSUP where the kernel has none, -EMFILE, -ESRCH. */
int tk_sys_child_open (int pid);

/* Sends the child a signal, by that descriptor if it is not negative.
 * 0, -ESRCH, -EPERM. */
int tk_sys_child_signal (int fd, int pid, int number);

/* How many bytes of a stream socket the other side has not yet taken over
 * (its kernel over tcp, the process itself on this host); -1: unknown. */
int tk_sys_unsent (int fd);

/* How many bytes a tcp connection has received so far; -1: unknown. */
int64_t tk_sys_received (int fd);

/* A descriptor of zeroed memory that another process may map and nobody can
 * shrink; and that of another process, checked to be one. Both -ENOTSUP
 * where there is none, and the second if that process may not be looked
 * into or is not on this machine. */
int tk_sys_share (size_t size);
int tk_sys_share_open (int pid, int fd, size_t size);

/* Names the calling thread, where threads have names. */
void tk_sys_thread_name (const char *name);

#endif
