/* SPDX-License-Identifier: MPL-2.0 */
/*
 * endpoint_resolve.c - turns host and interface names into addresses.
 *
 * libzmq would resolve a name to connect to in its I/O thread, and report
 * nothing when it cannot; to bind it takes no host name at all. IPv4 comes
 * first, since most managers are bound to 127.0.0.1 or to all addresses; one
 * that the host has no route for (or, to bind, not on it) is passed over.
 */
#include "lib/wire/endpoint_parts.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "lib/base/error.h"

typedef struct {
    struct sockaddr_storage address;
    socklen_t size;
} found_t;

static void
take (found_t *found, const struct sockaddr *address, socklen_t size)
{
    memset (&found->address, 0, sizeof found->address);
    memcpy (&found->address, address, size);
    found->size = size;
}

static socklen_t
size_of (int family)
{
    return family == AF_INET ? sizeof (struct sockaddr_in)
                             : sizeof (struct sockaddr_in6);
}

static int
lookup (const char *host, int flags, struct addrinfo **list)
{
    struct addrinfo hints = {
        .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = flags};
    return getaddrinfo (host, NULL, &hints, list);
}

static bool
find_numeric (const char *host, found_t *found)
{
    struct addrinfo *list;
    if (lookup (host, AI_NUMERICHOST, &list))
        return false;
    take (found, list->ai_addr, list->ai_addrlen);
    freeaddrinfo (list);
    return true;
}

static bool
is_link_local (const struct sockaddr *address)
{
    const struct sockaddr_in6 *in6 = (const void *)address;
    return address->sa_family == AF_INET6 &&
           IN6_IS_ADDR_LINKLOCAL (&in6->sin6_addr);
}

static bool
find_on_interface (const struct ifaddrs *list, const char *name, int family,
                   found_t *found)
{
    for (const struct ifaddrs *at = list; at; at = at->ifa_next)
        if (at->ifa_addr && at->ifa_addr->sa_family == family &&
            !strcmp (at->ifa_name, name) && !is_link_local (at->ifa_addr)) {
            take (found, at->ifa_addr, size_of (family));
            return true;
        }
    return false;
}

static bool
find_interface (const char *name, found_t *found)
{
    struct ifaddrs *list;
    if (!if_nametoindex (name) || getifaddrs (&list))
        return false;
    bool there = find_on_interface (list, name, AF_INET, found) ||
                 find_on_interface (list, name, AF_INET6, found);
    freeifaddrs (list);
    return there;
}

/* Binding and connecting a datagram socket sends nothing. */
static bool
usable (const struct addrinfo *info, bool bind_it)
{
    int fd = socket (info->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    found_t target;
    take (&target, info->ai_addr, info->ai_addrlen);
    /* Some kernels refuse to connect to port 0; 9 is "discard". */
    in_port_t port = htons (bind_it ? 0 : 9);
    if (info->ai_family == AF_INET)
        ((struct sockaddr_in *)&target.address)->sin_port = port;
    else
        ((struct sockaddr_in6 *)&target.address)->sin6_port = port;
    const struct sockaddr *address = (struct sockaddr *)&target.address;
    int rc = bind_it ? bind (fd, address, target.size)
                     : connect (fd, address, target.size);
    close (fd);
    return rc == 0;
}

static const struct addrinfo *
choose (const struct addrinfo *list, bool bind)
{
    static const int families[] = {AF_INET, AF_INET6};
    for (int i = 0; i < 2; i++)
        for (const struct addrinfo *at = list; at; at = at->ai_next)
            if (at->ai_family == families[i] && usable (at, bind))
                return at;
    return list;
}

static int
find_name (const char *host, bool bind, found_t *found)
{
    struct addrinfo *list;
    int rc = lookup (host, 0, &list);
    if (rc == EAI_MEMORY)
        return tk_error (ENOMEM, "no memory to resolve '%s'", host);
    if (rc)
        return tk_error (EHOSTUNREACH, "host '%s': %s", host,
                         gai_strerror (rc));
    const struct addrinfo *chosen = choose (list, bind);
    take (found, chosen->ai_addr, chosen->ai_addrlen);
    freeaddrinfo (list);
    return 0;
}

/* Writes the address back as text and gives it the port. */
static int
settle (tk_endpoint_t *self, found_t *found)
{
    int rc =
        getnameinfo ((struct sockaddr *)&found->address, found->size,
                     self->host, sizeof self->host, NULL, 0, NI_NUMERICHOST);
    if (rc)
        return tk_error (EHOSTUNREACH, "host '%s': %s", self->host,
                         gai_strerror (rc));
    in_port_t port = htons ((uint16_t)self->port);
    if (found->address.ss_family == AF_INET)
        ((struct sockaddr_in *)&found->address)->sin_port = port;
    else
        ((struct sockaddr_in6 *)&found->address)->sin6_port = port;
    return 0;
}

static int
refuse_connect (const tk_endpoint_t *self)
{
    char text[TK_ADDRESS_MAX];
    tk_endpoint_text (self, text);
    return tk_error (EINVAL, "cannot connect to %s: * is for bind", text);
}

/* To connect to 0.0.0.0 or :: means this host, on Linux; say so. */
static void
name_this_host (tk_endpoint_t *self)
{
    if (!strcmp (self->host, "0.0.0.0") || !strcmp (self->host, "*"))
        strcpy (self->host, "127.0.0.1");
    else if (!strcmp (self->host, "::"))
        strcpy (self->host, "::1");
}

static int
resolve_tcp (tk_endpoint_t *self, bool bind, found_t *found)
{
    int rc = 0;
    bool any = !strcmp (self->host, "*");
    if (!bind && (self->port == 0 || (any && !self->served)))
        return refuse_connect (self);
    if (bind && any)
        return 0;
    if (!bind)
        name_this_host (self);
    if (!find_numeric (self->host, found) &&
        !(bind && find_interface (self->host, found)))
        rc = find_name (self->host, bind, found);
    return rc ? rc : settle (self, found);
}

int
tk_endpoint_resolve (tk_endpoint_t *self, bool bind,
                     struct sockaddr_storage *address, socklen_t *size)
{
    found_t found;
    int rc = 0;
    memset (&found, 0, sizeof found);
    if (self->transport == TK_IPC)
        found.size =
            tk_endpoint_unix (self, (struct sockaddr_un *)&found.address);
    else if (self->transport == TK_TCP)
        rc = resolve_tcp (self, bind, &found);
    if (!rc) {
        *address = found.address;
        *size = found.size;
    }
    return rc;
}

static bool
is_any (const tk_endpoint_t *self)
{
    return self->transport == TK_TCP &&
           (!strcmp (self->host, "*") || !strcmp (self->host, "0.0.0.0") ||
            !strcmp (self->host, "::"));
}

/* The first address of this family that is not for this host or link only. */
static bool
find_outward (const struct ifaddrs *list, int family, found_t *found)
{
    for (const struct ifaddrs *at = list; at; at = at->ifa_next)
        if (at->ifa_addr && at->ifa_addr->sa_family == family &&
            (at->ifa_flags & IFF_UP) && !(at->ifa_flags & IFF_LOOPBACK) &&
            !is_link_local (at->ifa_addr)) {
            take (found, at->ifa_addr, size_of (family));
            return true;
        }
    return false;
}

/* In place of "*" and its like; :: is meant to be reached by IPv6. */
static void
name_outward (tk_endpoint_t *self)
{
    struct ifaddrs *list = NULL;
    found_t found;
    int first = strcmp (self->host, "::") ? AF_INET : AF_INET6;
    int second = strcmp (self->host, "*") ? first : AF_INET6;
    bool there = !getifaddrs (&list) && (find_outward (list, first, &found) ||
                                         find_outward (list, second, &found));
    if (list)
        freeifaddrs (list);
    if (!there || settle (self, &found))
        name_this_host (self);
}

void
tk_endpoint_offer (const tk_endpoint_t *self, char *buffer)
{
    tk_endpoint_t offered = *self;
    if (is_any (self))
        name_outward (&offered);
    tk_endpoint_text (&offered, buffer);
}

bool
tk_endpoint_is_any_of (const tk_endpoint_t *self, const char *host)
{
    tk_endpoint_t offered = *self;
    if (!is_any (self))
        return false;
    name_outward (&offered);
    return !strcmp (host, offered.host) || !strncmp (host, "127.", 4) ||
           !strcmp (host, "::1");
}
