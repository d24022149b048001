/* SPDX-License-Identifier: MPL-2.0 */
/*
 * bench_scale.c - what one manager holds.
 *
 * Resident bytes of the manager's process for each of 10 000 objects, each
 * of 1 000 000 entries of a dict (also in Python's Manager), each of 1 000
 * clients (threads of several processes, all of them waiting for an event;
 * the raw twin is a ROUTER with as many connections).
 */
#include "bench/bench.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <troika.h>
#include <unistd.h>
#include <zmq.h>

enum {
    OBJECTS = 10000,
    ENTRIES = 1000 * 1000,
    CHUNK = 1000,
    PROCESSES = 10,
    THREADS = 100,
    CLIENTS = PROCESSES * THREADS
};

/* --- a manager in a process of its own */

typedef struct {
    bench_run_t *run;
    pid_t pid;
    double before; /* its resident bytes at first */
} server_t;

static server_t
start (bench_transport_t transport)
{
    server_t self = {.run = bench_run_new ()};
    self.pid = bench_start (bench_serve_manager, self.run, &transport);
    bench_await (self.run);
    return self;
}

static void
end (server_t *self)
{
    bench_release (self->run);
    bench_wait (self->pid);
    bench_run_destroy (&self->run);
}

static troika_manager_t *
reach (const bench_run_t *run)
{
    troika_manager_t *manager = troika_manager_connect (run->endpoints[0]);
    bench_check (manager != NULL, "troika_manager_connect");
    return manager;
}

/* The growth of the manager while one process does its task; that process
 * says when it has connected, and when it is done. */
static double
growth (void (*task) (bench_run_t *, const void *), const void *arg)
{
    server_t server = start (BENCH_IPC);
    pid_t client = bench_start (task, server.run, arg);
    bench_await (server.run);
    server.before = bench_resident (server.pid);
    kill (client, SIGCONT);
    bench_await (server.run);
    double grown = bench_resident (server.pid) - server.before;
    bench_wait (client);
    end (&server);
    return grown;
}

static troika_manager_t *
connect_and_stop (bench_run_t *run)
{
    troika_manager_t *manager = reach (run);
    sigset_t go_on;
    int signal;
    sigemptyset (&go_on);
    sigaddset (&go_on, SIGCONT);
    sigprocmask (SIG_BLOCK, &go_on, NULL);
    bench_reached (run);
    bench_check (sigwait (&go_on, &signal) == 0, "sigwait");
    return manager;
}

/* --- objects */

typedef struct {
    const char *type;
    const char *params;
} kind_t;

static void
make_objects (bench_run_t *run, const void *arg)
{
    const kind_t *kind = arg;
    troika_manager_t *manager = connect_and_stop (run);
    troika_msg_t *params = troika_msg_from_json (kind->params);
    bench_check (params != NULL, "parameters");
    for (int i = 0; i < OBJECTS; i++) {
        char name[16];
        snprintf (name, sizeof name, "object%d", i);
        troika_object_t *object =
            troika_manager_object (manager, kind->type, name, "m", params);
        bench_check (object != NULL, "troika_manager_object");
        troika_object_destroy (&object);
    }
    bench_reached (run);
    troika_msg_destroy (&params);
    troika_manager_destroy (&manager);
}

static void
measure_objects (void)
{
    static const kind_t kinds[] = {{"value", "[0]"}, {"lock", "[]"},
                                   {"event", "[]"},  {"semaphore", "[1,true]"},
                                   {"dict", "[]"},   {"list", "[]"},
                                   {"queue", "[]"}};
    printf ("\nbytes for each of %d objects in one manager\n", OBJECTS);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        printf ("%-10s %8.0f\n", kinds[i].type,
                growth (make_objects, &kinds[i]) / OBJECTS);
        fflush (stdout);
    }
}

/* --- entries */

static void
add_entries (bench_run_t *run, const void *unused)
{
    (void)unused;
    troika_manager_t *manager = connect_and_stop (run);
    troika_dict_t *dict = troika_manager_dict (manager, "d");
    bench_check (dict != NULL, "troika_manager_dict");
    static char json[CHUNK * 24];
    for (int from = 0; from < ENTRIES; from += CHUNK) {
        char *at = json;
        for (int i = from; i < from + CHUNK; i++)
            at += sprintf (at, "%c\"key-%07d\":%d", i > from ? ',' : '{', i, i);
        *at++ = '}';
        *at = '\0';
        troika_msg_t *map = troika_msg_from_json (json);
        bench_check (map && troika_dict_update (dict, "m", map) == 0,
                     "troika_dict_update");
        troika_msg_destroy (&map);
    }
    bench_check (troika_dict_len (dict) == ENTRIES, "troika_dict_len");
    bench_reached (run);
    troika_dict_destroy (&dict);
    troika_manager_destroy (&manager);
}

static void
measure_entries (void)
{
    double troika = growth (add_entries, NULL) / ENTRIES;
    double python = bench_python ("manager.py", "entries %d", ENTRIES);
    printf ("\nbytes for each of %d entries \"key-0000000\": integer\n"
            "troika %.1f, python %.1f, ratio %.2f\n",
            ENTRIES, troika, python, python > 0 ? troika / python : 0);
    fflush (stdout);
}

/* --- clients */

typedef struct {
    bench_run_t *run;
    troika_event_t *event;
} waiting_t;

static void *
wait_in_thread (void *arg)
{
    const waiting_t *self = arg;
    bench_check (troika_event_is_set (self->event) == 0, "is_set");
    bench_reached (self->run);
    bench_check (troika_event_wait (self->event, TROIKA_FOREVER) == 0,
                 "troika_event_wait");
    bench_reached (self->run);
    return NULL;
}

static void
wait_in_process (bench_run_t *run, const void *unused)
{
    (void)unused;
    pthread_t threads[THREADS];
    troika_manager_t *manager = reach (run);
    waiting_t self = {run, troika_manager_event (manager, "go")};
    bench_check (self.event != NULL, "troika_manager_event");
    for (int i = 0; i < THREADS; i++)
        bench_check (
            pthread_create (&threads[i], NULL, wait_in_thread, &self) == 0,
            "pthread_create");
    for (int i = 0; i < THREADS; i++)
        pthread_join (threads[i], NULL);
    troika_event_destroy (&self.event);
    troika_manager_destroy (&manager);
}

/* Parks the clients and lets all go at once; so it is known that each of
 * them had a call of its own under way. */
static void
let_go (bench_run_t *run, const void *pid)
{
    const server_t *server = pid;
    troika_manager_t *manager = reach (run);
    troika_event_t *event = troika_manager_event (manager, "go");
    bench_check (event != NULL, "troika_manager_event");
    int waiters = 0;
    while (waiters < CLIENTS) {
        troika_msg_t *all = troika_manager_objects (manager);
        bench_check (
            all && troika_msg_unpack (all, "[{s:i}]", "waiters", &waiters) == 0,
            "troika_manager_objects");
        troika_msg_destroy (&all);
        usleep (10000);
    }
    run->ended = bench_resident (server->pid);
    run->started = bench_now ();
    bench_check (troika_event_set (event) == 0, "troika_event_set");
    troika_event_destroy (&event);
    troika_manager_destroy (&manager);
}

/* The same with bare sockets: a ROUTER that every client has written to. */
static void
raw_router (bench_run_t *run, const void *transport)
{
    void *context = zmq_ctx_new ();
    void *router =
        bench_bind (context, ZMQ_ROUTER, *(const bench_transport_t *)transport,
                    run->endpoints[0]);
    bench_reached (run);
    for (int i = 0; i < 3 * CLIENTS; i++) { /* identity, delimiter, body */
        char frame[64];
        bench_receive (router, frame, sizeof frame);
    }
    bench_reached (run);
    bench_hold (run);
    zmq_close (router);
    zmq_ctx_term (context);
}

static void
raw_clients (bench_run_t *run, const void *unused)
{
    (void)unused;
    void *sockets[THREADS];
    void *context = zmq_ctx_new ();
    for (int i = 0; i < THREADS; i++) {
        sockets[i] = bench_connect (context, ZMQ_REQ, run->endpoints[0]);
        bench_send (sockets[i], "hello", 5);
    }
    bench_hold (run);
    for (int i = 0; i < THREADS; i++) {
        int linger = 0;
        zmq_setsockopt (sockets[i], ZMQ_LINGER, &linger, sizeof linger);
        zmq_close (sockets[i]);
    }
    zmq_ctx_term (context);
}

/* returns: bytes for each client. */
static double
measure_raw_clients (bench_transport_t transport)
{
    pid_t pids[PROCESSES];
    bench_run_t *run = bench_run_new ();
    pid_t router = bench_start (raw_router, run, &transport);
    bench_await (run);
    double before = bench_resident (router);
    for (int i = 0; i < PROCESSES; i++)
        pids[i] = bench_start (raw_clients, run, NULL);
    bench_await (run);
    double grown = bench_resident (router) - before;
    bench_release (run);
    for (int i = 0; i < PROCESSES; i++)
        bench_wait (pids[i]);
    bench_wait (router);
    bench_run_destroy (&run);
    return grown / CLIENTS;
}

static void
measure_clients (bench_transport_t transport)
{
    double raw = measure_raw_clients (transport);
    pid_t pids[PROCESSES];
    server_t server = start (transport);
    server.before = bench_resident (server.pid);
    double begun = bench_now ();
    for (int i = 0; i < PROCESSES; i++)
        pids[i] = bench_start (wait_in_process, server.run, NULL);
    for (int i = 0; i < CLIENTS; i++)
        bench_await (server.run);
    double connected = bench_now () - begun;
    bench_wait (bench_start (let_go, server.run, &server));
    for (int i = 0; i < CLIENTS; i++)
        bench_await (server.run);
    double woken = bench_now () - server.run->started;
    double grown = server.run->ended - server.before;
    for (int i = 0; i < PROCESSES; i++)
        bench_wait (pids[i]);
    printf ("%-9s %10.0f %10.0f %7.2f %12.0f %12.1f\n",
            bench_transport_names[transport], raw, grown / CLIENTS,
            grown / CLIENTS / raw, connected * 1e3, woken * 1e3);
    fflush (stdout);
    end (&server);
}

int
main (void)
{
    struct rlimit files;
    getrlimit (RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit (RLIMIT_NOFILE, &files);

    measure_objects ();
    measure_entries ();
    printf ("\nbytes for each of %d clients, threads of %d processes\n"
            "%-9s %10s %10s %7s %12s %12s\n",
            CLIENTS, PROCESSES, "transport", "raw ROUTER", "troika", "ratio",
            "connected ms", "all woken ms");
    for (bench_transport_t t = 0; t < BENCH_TRANSPORTS; t++)
        measure_clients (t);
    return 0;
}
