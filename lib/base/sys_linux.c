/* SPDX-License-Identifier: MPL-2.0 */
/*
 * sys_linux.c - sys.h by Linux's own means.
 *
 * The descriptors are listed by a bare getdents64: opendir() allocates, and
 * the lock of malloc is not ours to trust in a forked child. Without /proc
 * every number below the limit is tried.
 */
#include "lib/base/sys.h"

#if TK_SYS_LINUX
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/membarrier.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

struct entry {
    uint64_t inode;
    int64_t offset;
    unsigned short size;
    unsigned char type;
    char name[];
};

int
tk_sys_random (void *buffer, size_t size)
{
    char *at = buffer;
    while (size > 0) {
        ssize_t got = getrandom (at, size, 0);
        if (got < 0 && errno != EINTR)
            return -errno;
        if (got > 0) {
            at += got;
            size -= (size_t)got;
        }
    }
    return 0;
}

/* The number that a name in /proc/self/fd is; -1 for "." and "..". */
static int
number (const char *name)
{
    int value = 0;
    if (*name < '0' || *name > '9')
        return -1;
    for (; *name >= '0' && *name <= '9'; name++)
        value = value * 10 + (*name - '0');
    return value;
}

static void
try_each (void (*visit) (int fd))
{
    struct rlimit limit;
    if (getrlimit (RLIMIT_NOFILE, &limit))
        return;
    rlim_t end = limit.rlim_cur < 65536 ? limit.rlim_cur : 65536;
    for (int fd = 0; fd < (int)end; fd++)
        visit (fd);
}

void
tk_sys_each_fd (void (*visit) (int fd))
{
    _Alignas(struct entry) char buffer[4096];
    int self = open ("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (self < 0) {
        try_each (visit);
        return;
    }
    long size;
    while ((size = syscall (SYS_getdents64, self, buffer, sizeof buffer)) > 0) {
        for (long at = 0; at < size;) {
            const struct entry *entry = (const struct entry *)(buffer + at);
            int fd = number (entry->name);
            if (fd >= 0 && fd != self)
                visit (fd);
            at += entry->size;
        }
    }
    close (self);
}

int
tk_sys_event (int fds[2])
{
    fds[0] = fds[1] = eventfd (0, EFD_NONBLOCK | EFD_CLOEXEC);
    return fds[0] < 0 ? -errno : 0;
}

int
tk_sys_timer (void)
{
    int fd = timerfd_create (CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

void
tk_sys_timer_set (int fd, tk_time_t delay)
{
    struct itimerspec once = {
        .it_value = {delay / 1000000, delay % 1000000 * 1000}};
    timerfd_settime (fd, 0, &once, NULL);
}

void
tk_sys_timer_lower (int fd)
{
    uint64_t times;
    while (read (fd, &times, sizeof times) < 0 && errno == EINTR)
        ;
}

/* Always with a time limit: without one a futex wait is restarted after a
 * signal handler, and nobody would hear of it. */
static int
wait (atomic_uint *word, int operation, unsigned expected, tk_time_t deadline)
{
    const tk_time_t hour = INT64_C (3600000000);
    tk_time_t now = tk_clock_us ();
    tk_time_t left = deadline == TK_NEVER ? hour : deadline - now;
    if (left <= 0)
        return -ETIMEDOUT;
    left = left < hour ? left : hour;
    struct timespec limit = {.tv_sec = left / 1000000,
                             .tv_nsec = left % 1000000 * 1000};
    if (!syscall (SYS_futex, word, operation, expected, &limit, NULL, 0))
        return 0;
    if (errno == EINTR)
        return -EINTR;
    return errno == ETIMEDOUT && deadline <= tk_clock_us () ? -ETIMEDOUT : 0;
}

int
tk_sys_wait (atomic_uint *word, unsigned expected, tk_time_t deadline)
{
    return wait (word, FUTEX_WAIT_PRIVATE, expected, deadline);
}

void
tk_sys_wake (atomic_uint *word)
{
    syscall (SYS_futex, word, FUTEX_WAKE_PRIVATE, INT32_MAX, NULL, NULL, 0);
}

int
tk_sys_wait_shared (atomic_uint *word, unsigned expected, tk_time_t deadline)
{
    return wait (word, FUTEX_WAIT, expected, deadline);
}

void
tk_sys_wake_shared (atomic_uint *word)
{
    syscall (SYS_futex, word, FUTEX_WAKE, INT32_MAX, NULL, NULL, 0);
}

int
tk_sys_accept (int fd)
{
    int made = accept4 (fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    return made < 0 ? -errno : made;
}

int
tk_sys_peer (int fd)
{
    struct ucred peer;
    socklen_t size = sizeof peer;
    if (getsockopt (fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) ||
        size != sizeof peer)
        return 0;
    return peer.pid;
}

int
tk_sys_peer_user (int fd, unsigned *user)
{
    struct ucred peer;
    socklen_t size = sizeof peer;
    if (getsockopt (fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) ||
        size != sizeof peer)
        return -ENOTSUP;
    *user = peer.uid;
    return 0;
}

void
tk_sys_home (char text[TK_HOME_MAX + 1])
{
    char boot[40] = "";
    struct stat numbers;
    int fd = open ("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    ssize_t size = fd < 0 ? -1 : read (fd, boot, 36);
    if (fd >= 0)
        close (fd);
    *text = 0;
    if (size == 36 && stat ("/proc/self/ns/pid", &numbers) == 0)
        snprintf (text, TK_HOME_MAX + 1, "%s/%ju", boot,
                  (uintmax_t)numbers.st_ino);
}

bool
tk_sys_is_dead (int pid)
{
    int fd = (int)syscall (SYS_pidfd_open, pid, 0);
    if (fd < 0)
        return kill (pid, 0) < 0 && errno == ESRCH;
    struct pollfd set = {.fd = fd, .events = POLLIN};
    bool dead = poll (&set, 1, 0) > 0;
    close (fd);
    return dead;
}

int
tk_sys_child_open (int pid)
{
    int fd = (int)syscall (SYS_pidfd_open, pid, 0);
    if (fd >= 0)
        return fd;
    return errno == EMFILE || errno == ESRCH ? -errno : -ENOTSUP;
}

int
tk_sys_child_signal (int fd, int pid, int number)
{
    if (fd >= 0 && !syscall (SYS_pidfd_send_signal, fd, number, NULL, 0))
        return 0;
    if (fd >= 0 && errno != ENOSYS)
        return -errno;
    return kill (pid, number) ? -errno : 0;
}

int
tk_sys_unsent (int fd)
{
    int bytes;
    return ioctl (fd, SIOCOUTQ, &bytes) ? -1 : bytes;
}

int64_t
tk_sys_received (int fd)
{
    struct tcp_info info;
    socklen_t size = sizeof info;
    if (getsockopt (fd, IPPROTO_TCP, TCP_INFO, &info, &size) ||
        size < offsetof (struct tcp_info, tcpi_bytes_received) +
                   sizeof info.tcpi_bytes_received)
        return -1;
    return (int64_t)info.tcpi_bytes_received;
}

int
tk_sys_share (size_t size)
{
    int fd = memfd_create ("troika", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0)
        return errno == EMFILE || errno == ENFILE ? -EMFILE : -ENOTSUP;
    if (ftruncate (fd, (off_t)size) == 0 &&
        fcntl (fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == 0)
        return fd;
    close (fd);
    return -ENOTSUP;
}

/* The link is read before anything is opened: opening some other thing might
 * do something. */
int
tk_sys_share_open (int pid, int number, size_t size)
{
    static const char expected[] = "/memfd:troika";
    char path[64];
    char target[64] = "";
    struct stat info;
    snprintf (path, sizeof path, "/proc/%d/fd/%d", pid, number);
    if (readlink (path, target, sizeof target - 1) < 0 ||
        strncmp (target, expected, sizeof expected - 1))
        return -ENOTSUP;
    int fd = open (path, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return -ENOTSUP;
    if (fstat (fd, &info) == 0 && info.st_size == (off_t)size &&
        fcntl (fd, F_GET_SEALS) & F_SEAL_SHRINK)
        return fd;
    close (fd);
    return -ENOTSUP;
}

int
tk_sys_fence_start (void)
{
    return syscall (SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED,
                    0, 0)
               ? -ENOTSUP
               : 0;
}

int
tk_sys_fence (void)
{
    return syscall (SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0)
               ? -ENOTSUP
               : 0;
}

void
tk_sys_thread_name (const char *name)
{
    prctl (PR_SET_NAME, name, 0, 0, 0);
}
#endif
