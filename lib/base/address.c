/* SPDX-License-Identifier: MPL-2.0 */
/*
 * address.c - the addresses our sockets are bound or connected to.
 *
 * libzmq does not tell its descriptors; a forked child knows them by their
 * addresses: a socket whose own address or whose peer's is in this list is
 * ours. An entry stays for GRACE after it was given up, because libzmq closes
 * descriptors a little later than its sockets. The library lock guards the
 * list; the child reads it with no lock, its parent held it in fork().
 */
#include "lib/base/runtime_parts.h"

#include <errno.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>
#include "lib/base/error.h"
#include "lib/base/sys.h"

#define GRACE 500000 /* microseconds */

/* One form for equal addresses: IPv4 is IPv4-mapped IPv6, a path has no
 * terminator, all else is zero. */
typedef struct {
    sa_family_t family; /* AF_INET6, AF_UNIX; AF_UNSPEC: nothing matches */
    in_port_t port;
    uint8_t length;
    uint8_t bytes[sizeof ((struct sockaddr_un *)0)->sun_path];
} plain_t;

typedef struct {
    plain_t address;
    const void *socket; /* whose close ends it; NULL: counted */
    bool remote;        /* connected to, not bound: only a peer's counts */
    bool guarded;       /* who comes there must prove a key */
    unsigned count;     /* 0: given up, at `left` */
    tk_time_t left;
} entry_t;

static entry_t *entries;
static size_t entries_count, entries_room;

static void
plain_ipv4 (plain_t *self, const struct sockaddr_in *address)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    self->family = AF_INET6;
    self->port = address->sin_port;
    if (address->sin_addr.s_addr == INADDR_ANY)
        return;
    memcpy (self->bytes, mapped, 12);
    memcpy (self->bytes + 12, &address->sin_addr, 4);
}

static void
plain_ipv6 (plain_t *self, const struct sockaddr_in6 *address)
{
    static const uint8_t mapped_any[16] = {[10] = 0xff, [11] = 0xff};
    self->family = AF_INET6;
    self->port = address->sin6_port;
    if (memcmp (&address->sin6_addr, mapped_any, 16))
        memcpy (self->bytes, &address->sin6_addr, 16);
}

static void
plain_unix (plain_t *self, const struct sockaddr_un *address, socklen_t size)
{
    size_t length = size - offsetof (struct sockaddr_un, sun_path);
    if (length > sizeof self->bytes)
        length = sizeof self->bytes;
    if (address->sun_path[0])
        length = strnlen (address->sun_path, length);
    self->family = AF_UNIX;
    self->length = (uint8_t)length;
    memcpy (self->bytes, address->sun_path, length);
}

static plain_t
plain (const struct sockaddr *address, socklen_t size)
{
    plain_t self;
    memset (&self, 0, sizeof self);
    if (size >= sizeof (struct sockaddr_in) && address->sa_family == AF_INET)
        plain_ipv4 (&self, (const struct sockaddr_in *)(const void *)address);
    else if (size >= sizeof (struct sockaddr_in6) &&
             address->sa_family == AF_INET6)
        plain_ipv6 (&self, (const struct sockaddr_in6 *)(const void *)address);
    else if (size > offsetof (struct sockaddr_un, sun_path) &&
             address->sa_family == AF_UNIX)
        plain_unix (&self, (const struct sockaddr_un *)(const void *)address,
                    size);
    return self;
}

static bool
same (const plain_t *a, const plain_t *b)
{
    return a->family == b->family && a->port == b->port &&
           a->length == b->length &&
           !memcmp (a->bytes, b->bytes, sizeof a->bytes);
}

/* Drops what was given up long enough ago. */
static void
prune (tk_time_t now)
{
    size_t kept = 0;
    for (size_t i = 0; i < entries_count; i++)
        if (entries[i].count > 0 || now - entries[i].left < GRACE)
            entries[kept++] = entries[i];
    entries_count = kept;
}

static entry_t *
find (const plain_t *address, const void *socket, bool remote)
{
    for (size_t i = 0; i < entries_count; i++)
        if (entries[i].count > 0 && entries[i].socket == socket &&
            entries[i].remote == remote && same (&entries[i].address, address))
            return &entries[i];
    return NULL;
}

/* Pruning is the first way to make room, if it makes enough. */
static int
grow (void)
{
    if (entries_count < entries_room)
        return 0;
    prune (tk_clock_us ());
    if (entries_count < entries_room / 2)
        return 0;
    size_t room = entries_room ? 2 * entries_room : 32;
    entry_t *bigger = realloc (entries, room * sizeof *bigger);
    if (!bigger)
        return tk_error (ENOMEM, "no memory for an address");
    entries = bigger;
    entries_room = room;
    return 0;
}

static int
enter (const void *socket, const plain_t *address, bool remote)
{
    entry_t *entry = find (address, socket, remote);
    if (entry) {
        entry->count++;
        return 0;
    }
    int rc = grow ();
    if (!rc)
        entries[entries_count++] = (entry_t){.address = *address,
                                             .socket = socket,
                                             .remote = remote,
                                             .count = 1};
    return rc;
}

static int
own_address (void *socket, const struct sockaddr *address, socklen_t size,
             bool remote)
{
    plain_t own = plain (address, size);
    tk_library_lock ();
    int rc = enter (socket, &own, remote);
    tk_library_unlock ();
    return rc;
}

int
tk_own_address_of (void *socket, const struct sockaddr *address, socklen_t size)
{
    return own_address (socket, address, size, false);
}

int
tk_own_peer_of (void *socket, const struct sockaddr *address, socklen_t size)
{
    return own_address (socket, address, size, true);
}

int
tk_own_address (const struct sockaddr *address, socklen_t size)
{
    return tk_own_address_of (NULL, address, size);
}

void
tk_disown_address (const struct sockaddr *address, socklen_t size)
{
    plain_t own = plain (address, size);
    tk_library_lock ();
    entry_t *entry = find (&own, NULL, false);
    if (entry && --entry->count == 0)
        entry->left = tk_clock_us ();
    tk_library_unlock ();
}

void
tk_addresses_release (const void *socket)
{
    for (size_t i = 0; i < entries_count; i++)
        if (entries[i].socket == socket && entries[i].count > 0) {
            entries[i].count = 0;
            entries[i].left = tk_clock_us ();
        }
}

void
tk_disown_addresses_of (const void *owner)
{
    tk_library_lock ();
    tk_addresses_release (owner);
    tk_library_unlock ();
}

/* Whether a socket with this address of its own may be of what is bound to
 * own, which without an address takes every one with its port. */
static bool
covers (const plain_t *own, const plain_t *address)
{
    static const uint8_t any[16];
    return same (own, address) ||
           (own->family == AF_INET6 && address->family == AF_INET6 &&
            own->port == address->port && !memcmp (own->bytes, any, 16));
}

/* Does a socket with this address of its own, or of its peer, belong to us? */
static bool
listed (const plain_t *address, bool local)
{
    for (size_t i = 0; i < entries_count; i++) {
        const plain_t *own = &entries[i].address;
        if (local ? !entries[i].remote && covers (own, address)
                  : same (own, address))
            return true;
    }
    return false;
}

void
tk_guard_addresses_of (const void *socket)
{
    tk_library_lock ();
    for (size_t i = 0; i < entries_count; i++)
        if (entries[i].socket == socket && entries[i].count > 0)
            entries[i].guarded = true;
    tk_library_unlock ();
}

bool
tk_address_is_guarded (const struct sockaddr *address, socklen_t size)
{
    bool found = false;
    plain_t here = plain (address, size);
    if (here.family == AF_UNSPEC)
        return false;
    tk_library_lock ();
    for (size_t i = 0; !found && i < entries_count; i++)
        found = entries[i].guarded && entries[i].count > 0 &&
                covers (&entries[i].address, &here);
    tk_library_unlock ();
    return found;
}

typedef int name_f (int fd, struct sockaddr *address, socklen_t *size);

static bool
named_ours (int fd, name_f *name, bool local)
{
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    if (name (fd, (struct sockaddr *)&address, &size))
        return false;
    plain_t found = plain ((struct sockaddr *)&address, size);
    return found.family != AF_UNSPEC && listed (&found, local);
}

/* A datagram socket of the application may have our port's number. */
static bool
is_stream (int fd)
{
    int type;
    socklen_t size = sizeof type;
    return !getsockopt (fd, SOL_SOCKET, SO_TYPE, &type, &size) &&
           type == SOCK_STREAM;
}

static void
close_ours (int fd)
{
    if (!tk_is_spared (fd) && is_stream (fd) &&
        (named_ours (fd, getsockname, true) ||
         named_ours (fd, getpeername, false)))
        close (fd);
}

void
tk_addresses_close_inherited (void)
{
    prune (tk_clock_us ());
    if (entries_count > 0)
        tk_sys_each_fd (close_ours);
    entries_count = 0;
}
