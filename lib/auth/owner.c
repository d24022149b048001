/* SPDX-License-Identifier: MPL-2.0 */
/*
 * owner.c - over ipc, only processes of one user meet (and root, as client).
 *
 * A path is guarded by its mode, 0600, but not an abstract name; and neither
 * tells a client whom it talks to: anybody may have been there first, in
 * /tmp or with that name. So the server has libzmq check who connects, and
 * the client looks whose the place is. For several users there is tcp.
 */
#include "lib/auth/auth.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zmq.h>
#include "lib/base/error.h"
#include "lib/base/runtime.h"
#include "lib/base/sys.h"
#include "lib/wire/endpoint_parts.h"

static int
stranger (const tk_endpoint_t *endpoint, uid_t owner)
{
    if (geteuid () == 0 || geteuid () == owner)
        return 0;
    return tk_error (EACCES,
                     "ipc://%s belongs to another user (uid %ju): over ipc "
                     "only processes of one user meet, for others there is "
                     "tcp with keys",
                     endpoint->host, (uintmax_t)owner);
}

/* Who is not there yet may come. */
static int
check_path (const tk_endpoint_t *endpoint)
{
    struct stat found;
    if (!stat (endpoint->host, &found))
        return stranger (endpoint, found.st_uid);
    if (errno == EACCES)
        return tk_error (EACCES, "ipc://%s: %s", endpoint->host,
                         strerror (EACCES));
    return 0;
}

/* Only who connects is told. */
static int
check_abstract (const tk_endpoint_t *endpoint)
{
    struct sockaddr_un address;
    unsigned owner;
    int rc = 0;
    socklen_t size = tk_endpoint_unix (endpoint, &address);
    int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return 0;
    if (!connect (fd, (struct sockaddr *)&address, size) &&
        !tk_sys_peer_user (fd, &owner))
        rc = stranger (endpoint, owner);
    close (fd);
    return rc;
}

int
tk_auth_owner (const tk_endpoint_t *endpoint)
{
    if (endpoint->transport != TK_IPC)
        return 0;
    return *endpoint->host == '@' ? check_abstract (endpoint)
                                  : check_path (endpoint);
}

int
tk_auth_admit_owner (void *socket)
{
    uid_t allowed[] = {geteuid (), 0};
    for (int i = 0; i < 2; i++)
        if (zmq_setsockopt (socket, ZMQ_IPC_FILTER_UID, &allowed[i],
                            sizeof allowed[i]))
            return tk_zmq_errno ();
    return 0;
}

bool
tk_auth_owner_admits (int fd)
{
    unsigned user = 0;
    return tk_sys_peer_user (fd, &user) || user == 0 || user == geteuid ();
}
