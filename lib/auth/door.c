/* SPDX-License-Identifier: MPL-2.0 */
/*
 * door.c - see door.h.
 *
 * libzmq accepts whoever comes, and its handshake timer gives each five
 * seconds. A thousand of those at once would take every descriptor of the
 * process. So once half of them are in use, a connection to a guarded socket
 * that has been silent, or too slow, for a second is shut down, and libzmq
 * closes it.
 *
 * libzmq's descriptors are looked for among all of the process, by where they
 * are bound (lib/base/address.c knows our sockets for as long as they are
 * open). Its monitors would tell their numbers, but late: any number may be
 * closed and be somebody else's at any time. So numbers are only asked, and
 * what is shut down is a duplicate that has been asked again, as it keeps
 * what it was. It takes the place of a descriptor in reserve, since there may
 * be no other. Where the limit has been lowered to below that place, it takes
 * another one, if there is one.
 */
#include "lib/auth/door.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include "lib/base/clock.h"
#include "lib/base/error.h"
#include "lib/base/runtime.h"
#include "lib/base/sys.h"

#define LOOK_MS 250
#define PATIENCE_US INT64_C (1000000)
#define CROWD_US INT64_C (250000) /* when three quarters are in use */
/* Greeting, HELLO and INITIATE of CURVE are 64, 202 and more than 257 bytes
 * long. */
#define ADMITTED_BYTES 500

#define FDS_MAX 65536

/* Who stands there, since when; by descriptor. */
typedef struct {
    uint64_t who;
    tk_time_t since;
} caller_t;

static struct {
    int null; /* what reserve is while it is not needed */
    int reserve;
    tk_time_t patience;
    tk_time_t now;
    caller_t callers[FDS_MAX]; /* pages that are not touched cost nothing */
} door = {.null = -1, .reserve = -1};

int
tk_door_open (void)
{
    door.null = open ("/dev/null", O_RDONLY | O_CLOEXEC);
    door.reserve = fcntl (door.null, F_DUPFD_CLOEXEC, 0);
    if (door.reserve >= 0)
        return 0;
    tk_door_close ();
    return tk_error (EMFILE, "no descriptor to hold in reserve");
}

void
tk_door_close (void)
{
    if (door.reserve >= 0)
        close (door.reserve);
    if (door.null >= 0)
        close (door.null);
    door.null = door.reserve = -1;
}

/* Tells apart those who have the same descriptor one after the other. */
static uint64_t
digest (const struct sockaddr_storage *address, socklen_t size)
{
    const unsigned char *bytes = (const unsigned char *)address;
    uint64_t sum = UINT64_C (14695981039346656037);
    for (socklen_t i = 0; i < size; i++)
        sum = (sum ^ bytes[i]) * UINT64_C (1099511628211);
    return sum;
}

/* Whether fd is a connection that came to a guarded socket and has not been
 * let in; *who is a number for its peer. */
static bool
stands_outside (int fd, uint64_t *who)
{
    struct sockaddr_storage here, peer;
    socklen_t here_size = sizeof here, peer_size = sizeof peer;
    memset (&peer, 0, sizeof peer);
    if (getsockname (fd, (struct sockaddr *)&here, &here_size) ||
        !tk_address_is_guarded ((struct sockaddr *)&here, here_size) ||
        getpeername (fd, (struct sockaddr *)&peer, &peer_size))
        return false;
    int64_t received = tk_sys_received (fd);
    *who = digest (&peer, peer_size);
    return received >= 0 && received < ADMITTED_BYTES;
}

static bool
reserve_becomes (int fd)
{
    if (dup3 (fd, door.reserve, O_CLOEXEC) >= 0)
        return true;
    if (door.reserve >= 0)
        close (door.reserve);
    door.reserve = fcntl (fd, F_DUPFD_CLOEXEC, 0);
    return door.reserve >= 0;
}

/* By now fd may be somebody else's. */
static void
turn_away (int fd, uint64_t caller)
{
    uint64_t who;
    if (!reserve_becomes (fd))
        return;
    if (stands_outside (door.reserve, &who) && who == caller)
        shutdown (door.reserve, SHUT_RDWR);
    reserve_becomes (door.null);
}

static void
look_at (int fd)
{
    uint64_t who;
    if (fd >= FDS_MAX || fd == door.reserve || fd == door.null)
        return;
    caller_t *caller = &door.callers[fd];
    if (!stands_outside (fd, &who)) {
        if (caller->who)
            caller->who = 0;
        return;
    }
    if (caller->who != who)
        *caller = (caller_t){who, door.now};
    else if (door.now - caller->since >= door.patience)
        turn_away (fd, who);
}

/* The lowest free number: strangers take those first. */
static int
lowest_free (void)
{
    int fd = fcntl (door.null, F_DUPFD_CLOEXEC, 0);
    if (fd < 0)
        return FDS_MAX;
    close (fd);
    return fd;
}

int
tk_door_look (void)
{
    struct rlimit limit;
    int count = lowest_free ();
    if (getrlimit (RLIMIT_NOFILE, &limit) || limit.rlim_cur > FDS_MAX)
        limit.rlim_cur = FDS_MAX;
    if (count < (int)limit.rlim_cur / 2)
        return LOOK_MS;
    bool crowd = count >= (int)limit.rlim_cur / 4 * 3;
    door.patience = crowd ? CROWD_US : PATIENCE_US;
    door.now = tk_clock_us ();
    tk_sys_each_fd (look_at);
    return LOOK_MS / 5;
}
