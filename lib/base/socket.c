/* SPDX-License-Identifier: MPL-2.0 */
/*
 * socket.c - makes and closes the raw ZeroMQ sockets of this process.
 *
 * Every open socket is in one list, under the library lock. It tells the exit
 * whether the context can be terminated, and tk_socket_close() whether a
 * pointer is of this generation: a forked child starts with an empty list.
 */
#include "lib/base/runtime_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>
#include <zmq.h>
#include "lib/base/error.h"
#include "lib/base/sys.h"

#define HEADROOM 16 /* descriptors: a context takes 6, a bind 3 */

static const struct {
    int option;
    int value;
} options[] = {
    {ZMQ_LINGER, 0},
    {ZMQ_RCVHWM, 0},
    {ZMQ_SNDHWM, 0},
    {ZMQ_BACKLOG, 1024},
    {ZMQ_IPV6, 1},
    {ZMQ_RECONNECT_IVL, 20},
    {ZMQ_RECONNECT_IVL_MAX, 2000},
    {ZMQ_TCP_KEEPALIVE, 1},
    {ZMQ_TCP_KEEPALIVE_IDLE, 30},
    {ZMQ_TCP_KEEPALIVE_INTVL, 10},
    {ZMQ_TCP_KEEPALIVE_CNT, 3},
};

static void **sockets;
static size_t sockets_count, sockets_room;

int
tk_zmq_errno (void)
{
    if (errno == ETERM)
        return -ECONNRESET;
    return errno >= ZMQ_HAUSNUMERO ? -EINVAL : -errno;
}

static int
too_few (void)
{
    return tk_error (EMFILE,
                     "fewer than %d file descriptors are left "
                     "(RLIMIT_NOFILE)",
                     HEADROOM);
}

/* Takes the descriptors and gives them back. The lowest free number alone
 * does not tell: there may be one hole among thousands in use. */
int
tk_headroom (void)
{
    int fds[HEADROOM];
    int made = 0;
    fds[0] = open ("/dev/null", O_RDONLY | O_CLOEXEC);
    if (fds[0] >= 0)
        made = 1;
    while (made > 0 && made < HEADROOM) {
        fds[made] = fcntl (fds[0], F_DUPFD_CLOEXEC, 0);
        if (fds[made] < 0)
            break;
        made++;
    }
    for (int i = 0; i < made; i++)
        close (fds[i]);
    return made == HEADROOM ? 0 : too_few ();
}

static int
configure (void *socket, int type)
{
    int64_t limit = (int64_t)TK_FRAME_LIMIT;
    int mandatory = 1;
    int rc = zmq_setsockopt (socket, ZMQ_MAXMSGSIZE, &limit, sizeof limit);
    for (size_t i = 0; !rc && i < sizeof options / sizeof *options; i++)
        rc = zmq_setsockopt (socket, options[i].option, &options[i].value,
                             sizeof options[i].value);
    if (!rc && type == ZMQ_ROUTER)
        rc = zmq_setsockopt (socket, ZMQ_ROUTER_MANDATORY, &mandatory,
                             sizeof mandatory);
    return rc ? tk_zmq_errno () : 0;
}

/* libzmq's threads start with the first socket, and mask signals only when
 * they run: until then one of them might take what is the application's. */
static void *
make_masked (void *context, int type)
{
    sigset_t all, before;
    sigfillset (&all);
    pthread_sigmask (SIG_SETMASK, &all, &before);
    void *made = zmq_socket (context, type);
    int error = errno;
    pthread_sigmask (SIG_SETMASK, &before, NULL);
    errno = error;
    return made;
}

/* libzmq draws a ROUTER's first identity from random(), which starts at the
 * same number in every process, and a peer that claims the next identity
 * aborts us. So it draws from a state of ours, and the application's own
 * sequence goes on undisturbed. (By way of rand(), which in glibc is
 * random(); where it is not, only authentication helps.) */
static int
make_unguessable (void *context, int type, void **made)
{
    static _Alignas(max_align_t) char state[128];
    unsigned seed;
    int rc = tk_sys_random (&seed, sizeof seed);
    if (rc)
        return tk_error (-rc, "no random numbers for a socket");
    char *application = initstate (seed, state, sizeof state);
    *made = make_masked (context, type);
    int error = tk_zmq_errno ();
    setstate (application);
    return *made ? 0
                 : tk_error (-error, "no socket: %s", zmq_strerror (-error));
}

static int
grow (void)
{
    if (sockets_count < sockets_room)
        return 0;
    size_t room = sockets_room ? 2 * sockets_room : 64;
    void **bigger = realloc (sockets, room * sizeof *bigger);
    if (!bigger)
        return tk_error (ENOMEM, "no memory for a socket");
    sockets = bigger;
    sockets_room = room;
    return 0;
}

static int
make (int type, void **socket_p)
{
    void *context;
    int rc = tk_context_locked (&context);
    if (!rc)
        rc = grow ();
    if (!rc)
        rc = make_unguessable (context, type, socket_p);
    if (!rc)
        sockets[sockets_count++] = *socket_p;
    return rc;
}

int
tk_socket (int type, void **socket_p)
{
    *socket_p = NULL;
    int rc = tk_runtime_start ();
    if (!rc)
        rc = tk_headroom ();
    if (rc)
        return rc;
    tk_library_lock ();
    rc = make (type, socket_p);
    tk_library_unlock ();
    if (!rc)
        rc = configure (*socket_p, type);
    if (rc) {
        tk_socket_close (*socket_p);
        *socket_p = NULL;
    }
    return rc;
}

/* Removes a socket from the list; false if it is not of this generation. */
static bool
leave (const void *socket)
{
    size_t i = sockets_count;
    while (i > 0 && sockets[i - 1] != socket)
        i--;
    if (i == 0)
        return false;
    sockets[i - 1] = sockets[--sockets_count];
    tk_addresses_release (socket);
    return true;
}

void
tk_socket_close (void *socket)
{
    if (!socket)
        return;
    tk_library_lock ();
    bool ours = leave (socket);
    tk_library_unlock ();
    if (ours)
        zmq_close (socket);
}

size_t
tk_sockets_forget (void)
{
    size_t open = sockets_count;
    sockets_count = 0;
    return open;
}
