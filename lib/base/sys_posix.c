/* SPDX-License-Identifier: MPL-2.0 */
/*
 * sys_posix.c - sys.h where nothing better than POSIX is known.
 *
 * Every descriptor number below the limit is tried, up to 65536: a limit of
 * "unlimited" would make each fork() take minutes.
 */
#include "lib/base/sys.h"

#if !TK_SYS_LINUX
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static int
read_all (int fd, char *at, size_t size)
{
    while (size > 0) {
        ssize_t got = read (fd, at, size);
        if (got == 0)
            return -EINVAL;
        if (got < 0 && errno != EINTR)
            return -errno;
        if (got > 0) {
            at += got;
            size -= (size_t)got;
        }
    }
    return 0;
}

int
tk_sys_random (void *buffer, size_t size)
{
    int fd = open ("/dev/urandom", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    int rc = read_all (fd, buffer, size);
    close (fd);
    return rc;
}

void
tk_sys_each_fd (void (*visit) (int fd))
{
    struct rlimit limit;
    if (getrlimit (RLIMIT_NOFILE, &limit))
        return;
    rlim_t end = limit.rlim_cur < 65536 ? limit.rlim_cur : 65536;
    for (int fd = 0; fd < (int)end; fd++)
        visit (fd);
}

int
tk_sys_event (int fds[2])
{
    if (pipe (fds))
        return -errno;
    for (int i = 0; i < 2; i++) {
        fcntl (fds[i], F_SETFD, FD_CLOEXEC);
        fcntl (fds[i], F_SETFL, O_NONBLOCK);
    }
    return 0;
}

int
tk_sys_timer (void)
{
    return -ENOTSUP;
}

void
tk_sys_timer_set (int fd, tk_time_t delay)
{
    (void)fd;
    (void)delay;
}

void
tk_sys_timer_lower (int fd)
{
    (void)fd;
}

/* One queue of sleepers for every word: whoever wakes looks at its own. Plain
 * POSIX cannot tell a sleeper on a condition that a signal handler ran. */
static pthread_mutex_t sleep_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t sleepers = PTHREAD_COND_INITIALIZER;

int
tk_sys_wait (atomic_uint *word, unsigned expected, tk_time_t deadline)
{
    const tk_time_t slice = 10000;
    tk_time_t left = deadline == TK_NEVER ? slice : deadline - tk_clock_us ();
    if (left <= 0)
        return -ETIMEDOUT;
    struct timespec until;
    clock_gettime (CLOCK_REALTIME, &until);
    until.tv_nsec += (left < slice ? left : slice) * 1000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_mutex_lock (&sleep_lock);
    if (atomic_load (word) == expected)
        pthread_cond_timedwait (&sleepers, &sleep_lock, &until);
    pthread_mutex_unlock (&sleep_lock);
    return 0;
}

void
tk_sys_wake (atomic_uint *word)
{
    (void)word;
    pthread_mutex_lock (&sleep_lock);
    pthread_cond_broadcast (&sleepers);
    pthread_mutex_unlock (&sleep_lock);
}

/* No memory is shared here. */
int
tk_sys_wait_shared (atomic_uint *word, unsigned expected, tk_time_t deadline)
{
    return tk_sys_wait (word, expected, deadline);
}

void
tk_sys_wake_shared (atomic_uint *word)
{
    tk_sys_wake (word);
}

int
tk_sys_accept (int fd)
{
    int made = accept (fd, NULL, NULL);
    if (made < 0)
        return -errno;
    fcntl (made, F_SETFL, O_NONBLOCK);
    fcntl (made, F_SETFD, FD_CLOEXEC);
    return made;
}

int
tk_sys_peer (int fd)
{
    (void)fd;
    return 0;
}

int
tk_sys_peer_user (int fd, unsigned *user)
{
    (void)fd;
    (void)user;
    return -ENOTSUP;
}

void
tk_sys_home (char text[TK_HOME_MAX + 1])
{
    *text = 0;
}

bool
tk_sys_is_dead (int pid)
{
    return kill (pid, 0) < 0 && errno == ESRCH;
}

int
tk_sys_child_open (int pid)
{
    (void)pid;
    return -ENOTSUP;
}

int
tk_sys_child_signal (int fd, int pid, int number)
{
    (void)fd;
    return kill (pid, number) ? -errno : 0;
}

int
tk_sys_unsent (int fd)
{
    (void)fd;
    return -1;
}

int64_t
tk_sys_received (int fd)
{
    (void)fd;
    return -1;
}

int
tk_sys_share (size_t size)
{
    (void)size;
    return -ENOTSUP;
}

int
tk_sys_share_open (int pid, int fd, size_t size)
{
    (void)pid;
    (void)fd;
    (void)size;
    return -ENOTSUP;
}

int
tk_sys_fence_start (void)
{
    return -ENOTSUP;
}

int
tk_sys_fence (void)
{
    return -ENOTSUP;
}

void
tk_sys_thread_name (const char *name)
{
    (void)name;
}
#endif
