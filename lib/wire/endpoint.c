/* SPDX-License-Identifier: MPL-2.0 */
/*
 * endpoint.c - takes "tcp://host:5555#jobs" apart and puts it together.
 *
 * Nothing here asks the system. What passes is safe to hand to libzmq: no
 * character that it would read in a way of its own (';' begins a second
 * address there, '*' a wildcard).
 */
#include "lib/wire/endpoint_parts.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/auth/auth.h"
#include "lib/base/error.h"

#define CAST ".cast"
#define CALL ".call"
#define CAST_LENGTH 5
#define PORT_MAX 65534 /* casts go to the next one */

/* Every refusal: which endpoint, and what is wrong with it. */
static int
refuse (const char *text, const char *why)
{
    return tk_error (EINVAL, "endpoint '%.300s': %s", text, why);
}

static bool
has_control (const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            return true;
    return false;
}

static int
parse_inproc (tk_endpoint_t *self, const char *text, char *name)
{
    if (!*name)
        return refuse (text, "no name after inproc://");
    if (strlen (name) + CAST_LENGTH >= sizeof self->host)
        return refuse (text, "the name is longer than 250 bytes");
    strcpy (self->host, name);
    return 0;
}

static int
parse_ipc (tk_endpoint_t *self, const char *text, char *path)
{
    if (*path != '/' && *path != '@')
        return refuse (text, "an ipc path begins with / (or with @ when it "
                             "is abstract)");
    if (!path[1])
        return refuse (text, "no name in the ipc path");
    if (strlen (path) + CAST_LENGTH > TK_PATH_MAX)
        return refuse (text, "the ipc path is longer than 102 bytes "
                             "(107 with .cast)");
    strcpy (self->host, path);
    return 0;
}

static int
parse_port (tk_endpoint_t *self, const char *text, const char *port)
{
    if (!strcmp (port, "*"))
        return 0;
    size_t digits = strspn (port, "0123456789");
    if (digits == 0 || port[digits] || digits > 5)
        return refuse (text, "the port is neither a number nor *");
    self->port = atoi (port);
    if (self->port < 1 || self->port > PORT_MAX)
        return refuse (text, "the port is not in 1..65534 (* is any; casts "
                             "take the next one)");
    return 0;
}

static bool
is_ipv6 (const char *host)
{
    struct in6_addr address;
    char bare[INET6_ADDRSTRLEN + 1];
    size_t length = strcspn (host, "%");
    if (length >= sizeof bare)
        return false;
    memcpy (bare, host, length);
    bare[length] = '\0';
    return inet_pton (AF_INET6, bare, &address) == 1 && !strpbrk (host, "; /");
}

/* "[::1]:5555"; body points behind the '['. */
static int
parse_bracket (tk_endpoint_t *self, const char *text, char *body)
{
    char *end = strchr (body, ']');
    if (!end)
        return refuse (text, "no ] after the IPv6 address");
    *end = '\0';
    if (!is_ipv6 (body) || strlen (body) >= sizeof self->host)
        return refuse (text, "no IPv6 address in [ ]");
    if (end[1] != ':')
        return refuse (text, "no :port after the ]");
    strcpy (self->host, body);
    return parse_port (self, text, end + 2);
}

static int
parse_tcp (tk_endpoint_t *self, const char *text, char *body)
{
    if (*body == '[')
        return parse_bracket (self, text, body + 1);
    char *colon = strrchr (body, ':');
    if (!colon)
        return refuse (text, "no :port after the host");
    *colon = '\0';
    if (!*body)
        return refuse (text, "no host before the port (* is all of them)");
    if (strchr (body, ':'))
        return refuse (text, "an IPv6 address is written in [ ]");
    if (strlen (body) >= sizeof self->host)
        return refuse (text, "the host name is longer than 255 bytes");
    if (strpbrk (body, " ;/[]%") || (strchr (body, '*') && strcmp (body, "*")))
        return refuse (text, "a character that no host name has");
    strcpy (self->host, body);
    return parse_port (self, text, colon + 1);
}

static const struct {
    const char *prefix;
    tk_transport_t transport;
    int (*parse) (tk_endpoint_t *self, const char *text, char *body);
} transports[] = {
    {"inproc://", TK_INPROC, parse_inproc},
    {"ipc://", TK_IPC, parse_ipc},
    {"tcp://", TK_TCP, parse_tcp},
};
#define TRANSPORTS (sizeof transports / sizeof *transports)

static int
parse_object (tk_endpoint_t *self, const char *text, const char *object)
{
    size_t length = strlen (object);
    if (length == 0)
        return refuse (text, "no object name after #");
    if (length > TK_NAME_MAX)
        return refuse (text, "the object name is longer than 255 bytes");
    memcpy (self->object, object, length + 1);
    return 0;
}

/* The part behind the prefix; body is a copy that may be cut. */
static int
parse_body (tk_endpoint_t *self, size_t which, const char *text)
{
    char body[sizeof self->host + 8];
    const char *from = text + strlen (transports[which].prefix);
    size_t length = strcspn (from, "#");
    if (length >= sizeof body)
        return refuse (text, "the address is longer than 255 bytes");
    memcpy (body, from, length);
    body[length] = '\0';
    self->transport = transports[which].transport;
    int rc = transports[which].parse (self, text, body);
    if (!rc && from[length] == '#')
        rc = parse_object (self, text, from + length + 1);
    return rc;
}

int
tk_endpoint_parse (tk_endpoint_t *self, const char *text)
{
    memset (self, 0, sizeof *self);
    self->keys = tk_auth_current ();
    if (!text)
        return tk_error (EINVAL, "no endpoint given");
    if (has_control (text))
        return tk_error (EINVAL, "control characters in an endpoint");
    for (size_t i = 0; i < TRANSPORTS; i++)
        if (!strncmp (text, transports[i].prefix,
                      strlen (transports[i].prefix)))
            return parse_body (self, i, text);
    return refuse (text, "begins with none of inproc:// ipc:// tcp://");
}

static void
tcp_text (const tk_endpoint_t *self, char *buffer)
{
    bool ipv6 = strchr (self->host, ':');
    int at = snprintf (buffer, TK_ADDRESS_MAX, "tcp://%s%s%s:", ipv6 ? "[" : "",
                       self->host, ipv6 ? "]" : "");
    if (self->port)
        snprintf (buffer + at, TK_ADDRESS_MAX - (size_t)at, "%d", self->port);
    else
        strcpy (buffer + at, "*");
}

void
tk_endpoint_text (const tk_endpoint_t *self, char *buffer)
{
    if (self->transport == TK_TCP)
        tcp_text (self, buffer);
    else
        snprintf (buffer, TK_ADDRESS_MAX, "%s%s",
                  transports[self->transport].prefix, self->host);
}

void
tk_endpoint_cast (const tk_endpoint_t *self, tk_endpoint_t *cast)
{
    *cast = *self;
    cast->made.inode = 0;
    if (self->transport != TK_TCP)
        strncat (cast->host, CAST, sizeof cast->host - strlen (cast->host) - 1);
    else if (self->port)
        cast->port++;
}

bool
tk_endpoint_call (const tk_endpoint_t *self, tk_endpoint_t *call)
{
    if (self->transport != TK_IPC)
        return false;
    *call = *self;
    call->made.inode = 0;
    strncat (call->host, CALL, sizeof call->host - strlen (call->host) - 1);
    return true;
}

socklen_t
tk_endpoint_unix (const tk_endpoint_t *self, struct sockaddr_un *address)
{
    size_t length = strlen (self->host);
    memset (address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    if (length > TK_PATH_MAX)
        length = TK_PATH_MAX;
    memcpy (address->sun_path, self->host, length);
    if (*self->host == '@')
        address->sun_path[0] = '\0';
    else
        length++;
    return (socklen_t)(offsetof (struct sockaddr_un, sun_path) + length);
}
