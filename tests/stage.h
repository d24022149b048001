/* SPDX-License-Identifier: MPL-2.0 */
/*
 * stage.h - runs each test function on every way that Troika crosses:
 * between threads, processes and hosts.
 *
 * A test is written once, against an endpoint or a connected queue that the
 * stage hands it, and stamped onto the variants:
 *   thread         served in this process, inproc, the direct path
 *   thread-socket  the same through inproc sockets (TROIKA_DIRECT=0)
 *   process        served by another process, ipc
 *   host           served by another process, tcp on 127.0.0.1
 * Every (test, variant) runs in a process group and a directory of its own,
 * within a time limit: a crash or a hang fails that one and the rest go on.
 * A process that is still there when the test has ended fails it, too.
 */
#ifndef STAGE_H
#define STAGE_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <cmocka.h>
#include <troika.h>

typedef struct stage stage_t;

/* --- the list of tests */

enum {
    STAGE_THREAD = 1,
    STAGE_THREAD_SOCKET = 2,
    STAGE_PROCESS = 4,
    STAGE_HOST = 8,
    STAGE_ONCE = 16, /* not stamped: only the process and the limit */
    STAGE_REMOTE = STAGE_PROCESS | STAGE_HOST, /* servers can be killed */
    STAGE_THREADS = STAGE_THREAD | STAGE_THREAD_SOCKET,
    STAGE_ALL = STAGE_THREADS | STAGE_REMOTE
};

typedef struct {
    const char *name;
    void (*function) (stage_t *stage);
    unsigned variants;
    unsigned seconds; /* 0: the default, 20; times TROIKA_TEST_SCALE */
} stage_case_t;

#define STAGE_TEST(function) STAGE_TEST_ON (STAGE_ALL, function)
#define STAGE_TEST_ON(variants, function)                                      \
    STAGE_TEST_WITHIN (0, variants, function)
#define STAGE_TEST_WITHIN(seconds, variants, function)                         \
    {                                                                          \
#function, function, variants, seconds                                 \
    }

/* Runs an array of cases; main returns its value. An argument is a pattern
 * for the names to run: ./test_queue 'queue_put*host]'. */
#define STAGE_RUN(cases, argc, argv)                                           \
    stage_run (cases, sizeof (cases) / sizeof (cases)[0], argc, argv)
int stage_run (const stage_case_t *cases, size_t count, int argc, char **argv);

/* Ends the test as skipped, saying why. Does not return. */
void stage_skip (stage_t *self, const char *why) __attribute__ ((noreturn));

/* For a test that forks by itself while the library has threads: skips it
 * where that is not possible (ThreadSanitizer does not survive it). */
void stage_needs_fork (stage_t *self);

/* --- where the test is */

unsigned stage_variant (const stage_t *self);      /* one of the bits above */
const char *stage_directory (const stage_t *self); /* empty, removed later */

/* A fresh endpoint of the variant's transport, to serve on: good until the
 * next call. STAGE_ONCE: inproc. */
const char *stage_address (stage_t *self);

/* Before anything is served: gives the processes of a test over tcp, or of
 * STAGE_ONCE, a network of their own, so that a port which nobody serves for a
 * moment is taken by nobody else. False: that may not be done here. */
bool stage_own_network (stage_t *self);

/* --- a queue served as the variant wants it */

/* Serves a queue (NULL: unbounded FIFO) and gives a connected handle, to be
 * destroyed by the test; fails the test if that does not work. */
troika_queue_t *stage_queue (stage_t *self,
                             const troika_queue_options_t *options);

/* One more handle on what is served, from any process or thread. */
troika_queue_t *stage_connect (stage_t *self);

/* --- what is served, in general; stage_queue is made of it */

typedef struct {
    void *(*start) (const char *endpoint, const void *options);
    const char *(*endpoint) (void *server);
    void (*stop) (void *server);
} stage_service_t;

void stage_serve (stage_t *self, const stage_service_t *service,
                  const void *options);
const char *stage_endpoint (const stage_t *self);
pid_t stage_server_pid (const stage_t *self); /* of another process, or 0 */
void stage_stop_server (stage_t *self);       /* in good order */
void stage_kill_server (stage_t *self);       /* STAGE_REMOTE only */

/* --- somebody else: a thread or another process, as the variant wants it.
 * --- Under ThreadSanitizer always a thread; a test that then asks for its pid
 * --- or kills it is skipped. */

typedef struct stage_peer stage_peer_t;

stage_peer_t *stage_peer (stage_t *self, int (*run) (stage_t *stage, void *arg),
                          void *arg);
pid_t stage_peer_pid (const stage_peer_t *peer); /* 0: a thread */
int stage_join (stage_peer_t *peer);  /* what run returned; -N: signal N */
void stage_kill (stage_peer_t *peer); /* STAGE_REMOTE only; joins */

/* So many who do the same; until all of them have returned 0. */
void stage_start_peers (stage_t *self, stage_peer_t **peers, int count,
                        int (*run) (stage_t *stage, void *arg), void *arg);
void stage_join_peers (stage_peer_t **peers, int count);

/* Somebody else from beginning to end, who returns 0. */
void stage_run_peer (stage_t *self, int (*run) (stage_t *stage, void *arg),
                     void *arg);

/* Stops a process of the stage until a SIGCONT; it has stopped on return. */
void stage_stop (pid_t pid);

/* The memory of a process that is in use, in KiB. */
long stage_memory_kb (pid_t pid);

/* --- events between all of them, so that tests wait for them and never for
 * --- time. An event is a number below STAGE_EVENTS; it counts. */

#define STAGE_EVENTS 16
void stage_signal (stage_t *self, unsigned event);
void stage_await (stage_t *self, unsigned event);
void stage_tell (stage_t *self, unsigned event, int64_t value);
int64_t stage_hear (stage_t *self, unsigned event);
bool stage_heard (stage_t *self, unsigned event); /* does not wait or take */

/* Waits until what others do has made condition true. */
#define WAIT_UNTIL(condition)                                                  \
    for (unsigned wait_ = 0; !(condition);                                     \
         stage_wait_step (&wait_, #condition, __FILE__, __LINE__))
void stage_wait_step (unsigned *step, const char *text, const char *file,
                      int line);

/* --- checks that print errors by name, with the library's words */

/* The call succeeds; its value is passed on. */
#define CHECK_OK(call) CHECK_CALL_ (stage_check_ok, call, 0)

/* The call fails (-1 or NULL) with this errno. */
#define CHECK_ERRNO(call, error)                                               \
    ((void)CHECK_CALL_ (stage_check_errno, call, error))

#define CHECK_CALL_(check, call, error)                                        \
    __extension__({                                                            \
        errno = 0;                                                             \
        __typeof__ (call) value_ = (call);                                     \
        check (STAGE_FAILED_ (value_), errno, error, #call, __FILE__,          \
               __LINE__);                                                      \
        value_;                                                                \
    })
#define STAGE_FAILED_(value)                                                   \
    _Generic((value), int                                                      \
             : stage_failed_number, long                                       \
             : stage_failed_number, default                                    \
             : stage_failed_pointer) (value)
bool stage_failed_number (long value);
bool stage_failed_pointer (const void *value);
void stage_check_ok (bool failed, int got, int unused, const char *call,
                     const char *file, int line);
void stage_check_errno (bool failed, int got, int wanted, const char *call,
                        const char *file, int line);

/* The last failure's words have these in them, and then so many ms, or less by
 * what had passed when the call reached its manager. */
void stage_check_after (const char *words, int ms);

/* "ETIMEDOUT"; good for ever. */
const char *stage_error_name (int error);

#endif
