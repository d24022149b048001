/* SPDX-License-Identifier: MPL-2.0 */
/*
 * parts.h - the data dictionary of the server: what its files share.
 *
 * What is marked L is guarded by the registry's lock; what is marked T
 * belongs to the server's thread alone.
 */
#ifndef TK_SERVER_PARTS_H
#define TK_SERVER_PARTS_H

#include <czmq.h>
#include <pthread.h>
#include <stdatomic.h>
#include <zmq.h>
#include "lib/base/clock.h"
#include "lib/base/list.h"
#include "lib/base/tally.h"
#include "lib/base/wake.h"
#include "lib/base/watch.h"
#include "lib/object/registry.h"
#include "lib/wire/monitor.h"
#include "lib/wire/request.h"
#include "lib/wire/stream.h"
#include "server.h"

/* A client that says nothing for this long is dead; it beats once a
 * second. */
#define TK_DEATH_US INT64_C (3000000)
/* Casts are acknowledged at the latest when this much of a lane's is not,
 * well before the client's limit of 4 MiB. */
#define TK_ACK_BYTES ((size_t)512 << 10)
#define TK_LANES_MAX 65536
/* What one connection may have at once: sessions that it opened, calls
 * without a session that are not answered, replies that it has not taken. */
#define TK_CONNECTION_SESSIONS 16
#define TK_CONNECTION_CALLS 4096
#define TK_CONNECTION_REPLIES (2 * TK_CONNECTION_CALLS)

#define TK_PORT_SOURCES 4

/* One endpoint: where calls and casts come in. */
typedef struct {
    tk_link_t link;         /* in server->ports (T), ->adopted (L) */
    uint64_t number;        /* part of the owner numbers of its peers */
    tk_endpoint_t endpoint; /* resolved */
    tk_endpoint_t cast;     /* its twin, where pull is bound */
    void *router;           /* T */
    void *pull;             /* T */
    tk_monitor_t monitor;   /* T: of the router */
    tk_source_t sources[TK_PORT_SOURCES]; /* T */
    bool router_due;    /* T: there may be something to read */
    bool pull_due;      /* T */
    bool monitor_due;   /* T */
    tk_endpoint_t call; /* where the peers come to, if listener is not -1 */
    int listener;
    bool listener_due;      /* T */
    tk_time_t accept_after; /* T: no descriptors are left until then; or 0 */
    tk_link_t peers;        /* T: tk_peer_t */
    zhashx_t *foreign;      /* L: tk_foreign_t by &fd */
} tk_port_t;

/* A connection, and the client without a session that called by it. */
typedef struct {
    uint64_t fd;
    uint64_t owner; /* 0: none has called */
    unsigned calls; /* its calls that are not answered */
} tk_foreign_t;

/* A connection that the thread serves itself. All of it T. */
typedef struct {
    tk_link_t link; /* in port->peers */
    tk_port_t *port;
    tk_watch_t *watch;
    tk_source_t source; /* something to read, or room to write */
    unsigned refs;      /* the port's until it hangs up, those of envelopes */
    tk_stream_t stream;
} tk_peer_t;

/* The frames before the body, as they came and as a reply repeats them:
 * routing id, perhaps request id, perhaps an empty one. */
#define TK_ENVELOPE_MAX 4
typedef struct {
    zmq_msg_t frames[TK_ENVELOPE_MAX];
    int count;
    tk_peer_t *peer; /* that it came by; NULL: by the router */
} tk_envelope_t;

typedef struct tk_session tk_session_t;
typedef struct tk_lane tk_lane_t;

/* A call that came by socket. It lives from the request to its reply's
 * departure. */
typedef struct {
    troika_call_t call;
    tk_server_t *server;
    tk_port_t *port;
    tk_envelope_t envelope;
    int fd;                /* of its connection; -1: not known (inproc) */
    bool counted;          /* in the calls of its connection */
    tk_session_t *session; /* NULL: a foreign client's */
    tk_lane_t *lane;       /* likewise; NULL also once the lane is gone */
    tk_link_t link;        /* in server->outbox, or ->foreign (L) */
    tk_slab_t *request;    /* while held back: the frame to be run later */
    uint64_t fence;        /* casts that must have come in before it runs */
    tk_buffer_t reply;
} tk_remote_t;

/* One thread of one client process. */
struct tk_lane {
    uint64_t number;      /* in its session, from 1; 1 is the agent's */
    uint64_t owner;       /* unique in the registry */
    uint64_t casts_in;    /* casts received without a gap */
    uint64_t casts_told;  /* acknowledged so far */
    size_t bytes_untold;  /* bytes of the casts between the two */
    bool gap;             /* casts are missing: the client shall repeat */
    uint64_t call;        /* number of the newest call */
    tk_remote_t *current; /* that call, until it is answered */
    tk_buffer_t kept;     /* its reply, in case it is asked for again */
};

/* One client process. */
struct tk_session {
    tk_server_t *server;
    uint64_t id;             /* unguessable */
    tk_time_t heard;         /* when it last said something */
    tk_time_t suspect_until; /* its connection broke: the end of grace; or 0 */
    tk_port_t *port;         /* of its agent's connection, with its fd */
    int fd;                  /* -1: broken, or not known */
    int pid;                 /* of the process, if it is one here; or 0 */
    int home_pid;            /* as it says of itself; 0: from elsewhere */
    tk_lane_t **lanes;       /* by number; NULL where none */
    size_t lane_room;
    troika_call_t *wait; /* its parked wait call, or NULL */
    tk_tally_t *tally;   /* or NULL */
    tk_link_t fences;    /* its calls that wait for casts: fence.c */
    tk_link_t asked;     /* seals that it has not confirmed: seal.c */
    tk_link_t link;      /* in server->sessions */
};

typedef enum { TK_SERVING, TK_ENDING, TK_ENDED } tk_server_state_t;

struct tk_server {
    atomic_uint refs;
    uint64_t serial;
    unsigned generation;
    tk_registry_t *registry;
    pthread_t thread;
    bool has_thread;
    tk_wake_t wake;
    atomic_int state;         /* tk_server_state_t */
    tk_time_t end_before;     /* L: how long ending may take */
    uint64_t epoch;           /* unguessable; another one after a restart */
    tk_link_t ports;          /* T */
    tk_watch_t watch;         /* T: peers are in its ready list */
    tk_source_t wake_source;  /* T */
    bool woken;               /* T */
    tk_link_t adopted;        /* L: new ports for the thread to take */
    uint64_t last_port;       /* L */
    tk_link_t outbox;         /* L: tk_remote_t whose replies are to be sent */
    tk_link_t foreign;        /* L: calls of clients without a session */
    zhashx_t *by_id;          /* L: sessions by &id */
    tk_link_t sessions;       /* L: the same */
    tk_session_t *latest;     /* L: the session of the last request */
    tk_time_t now;            /* L: when the thread last looked at the clock */
    tk_time_t checked;        /* L: when sessions were last looked through */
    bool suspects;            /* L: some session has a suspect_until */
    tk_link_t seals;          /* L */
    uint64_t last_seal;       /* L */
    tk_endpoint_t *endpoints; /* bound so far; the table's lock guards it */
    size_t endpoint_count;
    tk_link_t link; /* in the process's table of servers */
    struct {        /* L; told by stat */
        uint64_t calls, casts, malformed, refused, repeated, stale;
        uint64_t unauthenticated;
    } counters;
    char last_fault[256]; /* L: words of the last malformed or refused one */
};

/* port.c. watch: 0, or -ENOMEM. */
int tk_port_new (tk_port_t **self_p, tk_endpoint_t *endpoint);
void tk_port_destroy (tk_port_t **self_p);
int tk_port_watch (tk_port_t *self, tk_watch_t *watch);
void tk_port_unwatch (tk_port_t *self, tk_watch_t *watch);

/* connection.c */
int tk_connections_read (tk_server_t *self, tk_port_t *port);
/* Something came from the session, by whichever connection. */
void tk_connection_heard (tk_session_t *session);
/* The agent of a session calls by this connection, which stands for its
 * process. */
void tk_connection_claim (tk_session_t *session, tk_port_t *port, int fd);
/* Whether a session whose connection broke is dead by now. */
bool tk_connection_is_dead (tk_session_t *session, tk_time_t now);
/* A client without a session calls by it. False: it has ended meanwhile. */
bool tk_connection_foreign (tk_server_t *self, tk_port_t *port, int fd,
                            uint64_t owner);
/* Such a client's call begins, if its connection has not too many, and is
 * answered. */
bool tk_connection_begin_call (tk_remote_t *remote);
void tk_connection_end_call (tk_remote_t *remote);
/* Whether one more session may be opened by this connection. */
bool tk_connection_has_room (const tk_server_t *self, const tk_port_t *port,
                             int fd);

/* envelope.c */
void tk_envelope_init (tk_envelope_t *self);
void tk_envelope_fini (tk_envelope_t *self);
/* Reads one message: its envelope and its body. 1, 0 when there is none,
 * -EBADMSG when it has too many parts (it has been dropped). */
int tk_envelope_recv (tk_envelope_t *self, zmq_msg_t *body, void *router);
/* Sends body behind the envelope, which is used up; body is taken over.
 * -EHOSTUNREACH, -EAGAIN: nothing was sent. */
int tk_envelope_send (tk_envelope_t *self, zmq_msg_t *body, void *router);
uint64_t tk_envelope_peer (const tk_envelope_t *self, const tk_port_t *port);

/* inbox.c: reads what has come in; how many messages. */
int tk_inbox_read (tk_server_t *self, tk_port_t *port);
/* A call that came by a peer; the envelope is used up. */
void tk_inbox_take (tk_server_t *self, tk_port_t *port, tk_envelope_t *envelope,
                    tk_slab_t *frame);
void tk_inbox_cast (tk_server_t *self, tk_port_t *port, tk_slab_t *frame);
void tk_inbox_fault (tk_server_t *self, uint64_t *counter, const char *words);

/* cast.c; early: casts of its lane are missing before it. Takes the lock. */
bool tk_cast_is_early (tk_server_t *self, const tk_request_t *request);
void tk_cast_admit (tk_server_t *self, tk_port_t *port, tk_slab_t *frame,
                    const tk_request_t *request);

/* lane.c */
void tk_lane_admit (tk_server_t *self, tk_remote_t *remote, tk_slab_t *frame,
                    const tk_request_t *request);
/* A call whose fence is reached goes on. */
void tk_lane_release (tk_lane_t *lane);

/* peer.c. open: the listener of a port that is bound, if it is to have one.
 * accept: takes in new ones. serve: takes in what they have said, as far as
 * they are ready; how much there was. */
int tk_peers_open (tk_port_t *port);
void tk_peers_close (tk_port_t *port);
void tk_peers_accept (tk_server_t *self, tk_port_t *port);
int tk_peers_serve (tk_server_t *self);
/* The same for all of a port, ready or not. */
int tk_peers_hear (tk_server_t *self, tk_port_t *port);
void tk_peer_send (const tk_envelope_t *envelope, const tk_piece_t *pieces,
                   int count);
void tk_peer_unref (tk_peer_t *self);

/* outbox.c */
tk_remote_t *tk_remote_new (tk_server_t *self, tk_port_t *port,
                            tk_envelope_t *envelope, int fd);
void tk_remote_destroy (tk_remote_t *self);
void tk_remote_run (tk_remote_t *self, tk_slab_t *frame,
                    const tk_request_t *request);
/* Answers with a failure that no object gave. */
void tk_remote_fail (tk_remote_t *self, int error, const char *format, ...)
    __attribute__ ((format (printf, 3, 4)));
/* The same, by the error that stands for the session's own loss. */
void tk_remote_fail_session (tk_remote_t *self, const char *words);
void tk_remote_repeat (tk_remote_t *self, const tk_buffer_t *reply);
/* The remote call around a call, or NULL if it came directly. */
tk_remote_t *tk_remote_of (troika_call_t *call);
int tk_outbox_send (tk_server_t *self);

/* session.c */
tk_session_t *tk_session_new (tk_server_t *self);
tk_session_t *tk_session_find (tk_server_t *self, uint64_t id);
/* in_order: it said goodbye. */
void tk_session_end (tk_session_t *self, bool in_order);
void tk_sessions_expire (tk_server_t *self, tk_time_t now);
/* The lane of that number, made if it is not there; NULL: absurd number, a
 * lane that has ended, or no memory. */
tk_lane_t *tk_session_lane (tk_session_t *self, uint64_t number);
bool tk_session_has_casts (tk_session_t *self, uint64_t number, uint64_t casts);
void tk_lane_end (tk_session_t *self, tk_lane_t *lane, bool in_order);
/* Answers the session's wait if there is something to tell. */
void tk_session_tell (tk_session_t *self, bool now);
/* Casts came in: a fence may be reached, much may be untold. */
void tk_session_advance (tk_session_t *self, tk_lane_t *lane);

/* The tally that the client behind a call has opened, or NULL. */
tk_tally_t *tk_session_tally (void *server, troika_call_t *call);

/* fence.c: the calls flush, sealed, leave and bye, which wait for casts.
 * reached answers the call, and says whether the session still lives. */
typedef bool (*tk_reached_fn) (tk_session_t *session, troika_call_t *call);
int tk_fence_add (tk_session_t *session, troika_call_t *call,
                  tk_reached_fn reached);
void tk_fences_check (tk_session_t *session);

/* seal.c */
int tk_seal_begin (void *server, tk_object_t *object,
                   void (*done) (void *self));
void tk_seal_confirm (tk_session_t *session, uint64_t number);
void tk_seals_forget (tk_session_t *session);
/* Writes [[object, number], …] of what the session is asked. */
void tk_seals_write (const tk_session_t *session, tk_buffer_t *buffer);
bool tk_seals_any (const tk_session_t *session);
void tk_seals_fini (tk_server_t *server);

/* manager_object.c */
extern const troika_type_t tk_manager_type;

/* What a session is to be told at once, and what it is told as wait's
 * answer. */
bool tk_session_has_news (const tk_session_t *self);
void tk_session_write (tk_session_t *self, tk_buffer_t *reply);

/* server.c */
void tk_server_begin_end (tk_server_t *self, tk_time_t deadline);

/* loop.c */
void *tk_server_run (void *server);

#endif
