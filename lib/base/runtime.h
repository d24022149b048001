/* SPDX-License-Identifier: MPL-2.0 */
/*
 * runtime.h - what this process has once: a ZeroMQ context, a generation
 * that fork() bumps, addresses that are ours, and an orderly exit.
 *
 * The library never uses czmq's global context. After fork() the child has
 * a new generation: everything made in an older one is abandoned (neither
 * closed nor terminated; libzmq cannot do that in a child), and the socket
 * descriptors inherited from it are closed at fork.
 */
#ifndef TK_BASE_RUNTIME_H
#define TK_BASE_RUNTIME_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include "clock.h"
#include "list.h"

/* This process's generation, starting at 1. A plain load: hot paths. It
 * also grows at the end of troika_shutdown(), for the same reason. */
extern atomic_uint tk_generation_now; /* runtime.c's */

static inline unsigned
tk_generation (void)
{
    return atomic_load_explicit (&tk_generation_now, memory_order_relaxed);
}

/* Whether that one was this process's, too, and not a parent's. */
bool tk_generation_is_ours (unsigned which);

/* This process's context, made at first use; NULL with errno (EMFILE,
 * ENOMEM). Registers the fork and exit handlers once. Sockets are made by
 * tk_socket() only, which also keeps fork() out while libzmq works. */
void *tk_context (void);

/* A raw ZeroMQ socket of that context in *socket_p with the options every
 * socket of ours has: LINGER 0, RCVHWM 0, SNDHWM 0, MAXMSGSIZE,
 * BACKLOG 1024, TCP keepalive, RECONNECT_IVL 20 ms up to 2 s, IPV6 on, and
 * for ROUTER: MANDATORY and an unguessable start of its identities.
 * 0, -EMFILE (checked before libzmq would abort), -ENOMEM. */
int tk_socket (int type, void **socket_p);

/* Closes a socket that tk_socket() made, and forgets the addresses that it
 * owned. NULL, or a socket of an older generation: nothing happens. In the
 * place of zmq_close(): the exit terminates the context only when it knows
 * that every socket is closed. */
void tk_socket_close (void *socket);

/* 0 when descriptors for some sockets more are left, else -EMFILE with
 * words: at the limit libzmq aborts the process. */
int tk_headroom (void);

/* What libzmq just failed with, as a negative errno of ours: its own ETERM
 * is -ECONNRESET, other numbers of its own are -EINVAL. */
int tk_zmq_errno (void);

/* Largest frame that our sockets take, in bytes: the document limit and
 * room for the request around it. */
#define TK_DOCUMENT_LIMIT ((size_t)64 << 20)
#define TK_FRAME_LIMIT (TK_DOCUMENT_LIMIT + ((size_t)1 << 20))
/* Arguments or a result: the largest document with what goes around it; the
 * rest of a frame is its head and meta. Several documents travel together
 * while they have no more than TK_TOGETHER bytes. */
#define TK_ARGS_LIMIT (TK_FRAME_LIMIT - ((size_t)4 << 10))
#define TK_TOGETHER ((size_t)512 << 10)

/* Says that sockets bound or connected to this address are ours, so that a
 * forked child closes its copies. Counted: own as often as disown. An IPv4
 * address equals its IPv4-mapped form; 0.0.0.0 and :: stand for every local
 * address with that port. 0 or -ENOMEM. */
int tk_own_address (const struct sockaddr *address, socklen_t size);
void tk_disown_address (const struct sockaddr *address, socklen_t size);

/* The same, until tk_socket_close (socket). tk_endpoint_bind() does the
 * first, tk_endpoint_connect() the second: what is connected to that address
 * is ours, what is bound to it need not be. */
int tk_own_address_of (void *socket, const struct sockaddr *address,
                       socklen_t size);
int tk_own_peer_of (void *socket, const struct sockaddr *address,
                    socklen_t size);

/* The end of all that these two said of a socket that is unbound, or of
 * something that is no socket of tk_socket(). */
void tk_disown_addresses_of (const void *owner);

/* Says that who comes to where this socket is bound must prove a key; asks
 * whether an address is that of such a socket, which is open. */
void tk_guard_addresses_of (const void *socket);
bool tk_address_is_guarded (const struct sockaddr *address, socklen_t size);

/* A descriptor that forked children keep, whatever its address; until it is
 * closed or handed to a socket. 0 or -ENOMEM. */
int tk_spare (int fd);
void tk_spare_no_more (int fd);

/* Keeps fork() of every thread out while a descriptor has been made and its
 * address is not yet known. Short work only; not recursive. */
void tk_fork_hold (void);
void tk_fork_release (void);

/* A module that keeps process-wide state registers at first use, as often
 * as it likes. All may be NULL. prepare and parent/child run around fork()
 * (prepare in reverse order of phase; child first re-initialises the
 * module's locks, drops its pointers). A fork that was under way when the
 * module registered runs child without prepare. exit runs at normal exit
 * and in troika_shutdown(), in the order of phase; in a forked child only if
 * the module has a child handler or registered there. The module outlives
 * the process. 0 or -ENOMEM. */
typedef enum { TK_PHASE_PIPE, TK_PHASE_CLIENT, TK_PHASE_SERVER } tk_phase_t;
typedef struct {
    tk_phase_t phase;
    void (*prepare) (void);
    void (*parent) (void);
    void (*child) (void);
    int (*exit) (tk_time_t deadline); /* 0 or -ETIMEDOUT */
} tk_module_t;
int tk_module (const tk_module_t *module);

/* For the child handler of a module: the members of a list, which it can
 * neither use nor free, stay where a leak checker finds them. */
void tk_abandon (const tk_link_t *list);
extern const tk_link_t *tk_abandoned[];

/* Settings of troika_set_linger and troika_set_connect_timeout, ms. */
int tk_linger_ms (void);
int tk_connect_timeout_ms (void);
/* Whether tcp may be bound beyond loopback without keys. */
bool tk_plaintext (void);

/* Starts a thread of ours: every signal masked, named "troika/NAME" (15
 * characters at most). 0 or negative errno. */
#include <pthread.h>
int tk_thread (pthread_t *thread, const char *name, void *(*run) (void *),
               void *arg);

#endif
