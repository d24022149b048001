/* SPDX-License-Identifier: MPL-2.0 */
/*
 * endpoint.h - parses, resolves and binds "tcp://host:5555#jobs".
 *
 * An endpoint names a manager (transport and address) and perhaps one of
 * its objects. Texts come from users: every refusal says what is wrong and
 * where, through tk_error().
 */
#ifndef TK_WIRE_ENDPOINT_H
#define TK_WIRE_ENDPOINT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <time.h>

typedef enum { TK_INPROC, TK_IPC, TK_TCP } tk_transport_t;

#define TK_NAME_MAX 255 /* bytes of an object's name */

typedef struct {
    tk_transport_t transport;
    char host[256]; /* tcp: as written, without [ ]; inproc, ipc: name or
                       path ("@x" is abstract) */
    int port;       /* tcp: 0 for "*"; else unused */
    char object[TK_NAME_MAX + 1]; /* after '#'; "" when there was none */
    unsigned keys; /* of lib/auth, as they were set when it was parsed; 0:
                      none */
    bool served;   /* tcp: bound by this process, or by its parent */
    int home_port; /* tcp: of the listener that has this place, too; or 0 */

    struct { /* ipc: what unlink may remove; zero until bind or private */
        unsigned generation; /* of the process that made it; 0: nothing */
        bool directory;      /* the path's directory is ours, too */
        dev_t device;        /* the socket that bind made; inode 0: none */
        ino_t inode;
        struct timespec changed;
    } made;
} tk_endpoint_t;

#define TK_PATH_MAX 107 /* bytes of an ipc path, with its ".cast" */

/* -EINVAL for what does not parse (unknown transport, no port, port out of
 * 1..65535 (a manager needs P and P+1, so 65535 is refused, too), empty name,
 * ipc path that is relative or, with ".cast", over TK_PATH_MAX, bad object).
 * Port 0 is written "*". The object begins behind the first '#'. */
int tk_endpoint_parse (tk_endpoint_t *self, const char *text);

/* "ipc:///tmp/x" of "ipc:///tmp/x#jobs": without the object, in the text
 * that ZeroMQ takes; buffer holds TK_ADDRESS_MAX. */
#define TK_ADDRESS_MAX 320
void tk_endpoint_text (const tk_endpoint_t *self, char *buffer);

/* The same as others reach it: an address of this host in place of "*",
 * 0.0.0.0 and ::, one that other hosts may know where it has such. */
void tk_endpoint_offer (const tk_endpoint_t *self, char *buffer);

/* Whether it is bound to every address of this host, and host is one that
 * offer names, or of the loopback. */
bool tk_endpoint_is_any_of (const tk_endpoint_t *self, const char *host);

/* The endpoint for casts: port + 1, path + ".cast", name + ".cast". */
void tk_endpoint_cast (const tk_endpoint_t *self, tk_endpoint_t *cast);

/* The second endpoint for calls, of sessions only: path + ".call", name +
 * ".call". False: there is none (tcp, inproc). */
bool tk_endpoint_call (const tk_endpoint_t *self, tk_endpoint_t *call);

/* Resolves host to numeric text in place: host names (A, then AAAA: the
 * first usable), interface names and "*" (bind only; "*" becomes "*").
 * *address and *size tell what it came to; *size is 0 for inproc and for "*".
 * -EHOSTUNREACH when the name does not resolve; -EINVAL to connect to "*",
 * unless it was bound here: that is this host.
 * Asking a name server may take seconds. */
int tk_endpoint_resolve (tk_endpoint_t *self, bool bind,
                         struct sockaddr_storage *address, socklen_t *size);

/* Binds a socket of tk_socket() and makes the address its own; resolves
 * first. tcp port 0 picks a free one, at most 65534, and stores it in self.
 * ipc: makes the listening descriptor itself (USE_FD): refuses anything at
 * the path that is not a dead socket, mode 0600. What is in use is tried
 * again for 50 ms, since a closed socket leaves its address a little later.
 * On failure self is as before, but perhaps resolved.
 * -EADDRINUSE (also for a file that is no socket), -EADDRNOTAVAIL, -EACCES,
 * -ENOTDIR, -ENOENT (no such directory), -EHOSTUNREACH, -EMFILE… */
int tk_endpoint_bind (tk_endpoint_t *self, void *socket);

/* The same without a second try: for whoever can take another address. */
int tk_endpoint_bind_now (tk_endpoint_t *self, void *socket);

/* Binds a socket at self, and unless it is NULL another one at its endpoint
 * for casts, which is stored. Of any port (tcp, 0) one is taken that is good
 * for both. Errors as above; then neither is bound. */
int tk_endpoint_bind_pair (tk_endpoint_t *self, void *socket,
                           tk_endpoint_t *cast, void *cast_socket);

/* Makes a listening descriptor of an ipc endpoint, as bind does, whose
 * connections are ours to read; its address is ours until unserve. */
int tk_endpoint_serve (tk_endpoint_t *self, int *fd);
void tk_endpoint_unserve (const tk_endpoint_t *self, int fd);

/* Removes what bind and private left in the file system (ipc paths), if
 * this process made it and nobody has replaced it. Before the socket is
 * closed: until then nobody takes the path for dead. */
void tk_endpoint_unlink (const tk_endpoint_t *self);

/* Connects a socket of tk_socket() and makes the address its own; resolves
 * first. It does not wait for a connection. */
int tk_endpoint_connect (const tk_endpoint_t *self, void *socket);

/* A private ipc endpoint in a fresh 0700 directory below $TMPDIR or /tmp;
 * unlink removes both: the directory goes with the last of the two paths,
 * the endpoint's and its cast's. */
int tk_endpoint_private (tk_endpoint_t *self);

#endif
