/* SPDX-License-Identifier: MPL-2.0 */
/*
 * queue.h - a queue that threads, processes and hosts share.
 *
 * Installed as <troika/queue.h>. The queue lives in one process, which
 * serves it; everybody else connects by endpoint. Order is strict and the
 * bound exact, wherever the callers are. Any number of threads may use one
 * handle, and a forked child may go on using its parent's.
 */
#ifndef TROIKA_QUEUE_H
#define TROIKA_QUEUE_H

#include <sys/types.h>
#include <troika/base.h>
#include <troika/handles.h>
#include <troika/msg.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct troika_queue troika_queue_t;

typedef struct {
    size_t maxsize; /* items; 0 = unbounded */
    enum troika_order { TROIKA_FIFO, TROIKA_LIFO, TROIKA_PRIORITY } order;
    bool manual_ack;         /* items stay in flight until troika_queue_ack */
    unsigned max_deliveries; /* then to "<name>.dead"; 0 = no limit */
} troika_queue_options_t;

#ifdef __cplusplus
/* C++ keeps the names inside the struct; here they are also as in C. */
static const troika_queue_options_t::troika_order
    TROIKA_FIFO = troika_queue_options_t::TROIKA_FIFO,
    TROIKA_LIFO = troika_queue_options_t::TROIKA_LIFO,
    TROIKA_PRIORITY = troika_queue_options_t::TROIKA_PRIORITY;
#endif

/*
 * troika_queue_new() makes a FIFO queue of at most maxsize items (0: no
 * bound) and serves it from this process. endpoint says where others reach
 * it ("inproc://name", "ipc:///path", "tcp://host:port"), with "#name" at
 * the end to call it other than "queue"; NULL is a private ipc endpoint for
 * this process, its threads and forked children (in a directory below $TMPDIR
 * or /tmp, which stays if the process is killed).
 *
 * gives:   a handle to destroy, which ends the queue for everybody.
 * returns: the handle; or NULL with EINVAL (endpoint), EADDRINUSE (somebody
 *          serves there), EACCES (path, or tcp beyond loopback without
 *          keys), ENOENT (no such directory), EMFILE, ENOMEM.
 */
TROIKA_EXPORT troika_queue_t *troika_queue_new (const char *endpoint,
                                                size_t maxsize);

/*
 * troika_queue_new_with() is troika_queue_new() with every choice: bound,
 * order, manual acknowledgement, limit of deliveries. NULL options are an
 * unbounded FIFO queue.
 *
 * gives:   a handle to destroy, which ends the queue for everybody.
 * returns: as troika_queue_new(); EINVAL also for an unknown order.
 */
TROIKA_EXPORT troika_queue_t *
troika_queue_new_with (const char *endpoint,
                       const troika_queue_options_t *options);

/*
 * troika_queue_connect() opens a queue that somebody serves at endpoint;
 * without "#name" the one called "queue". It waits for the manager to
 * appear as long as troika_set_connect_timeout() allows.
 *
 * gives:   a handle to destroy; the queue lives on without it.
 * returns: the handle; or NULL with EINVAL (endpoint), EHOSTUNREACH (no
 *          manager answers there), ENOENT (it has no such object), EEXIST
 *          (the object is no queue), EACCES (refused), EPROTO (it speaks
 *          another protocol version), EMFILE, ENOMEM, EINTR.
 */
TROIKA_EXPORT troika_queue_t *troika_queue_connect (const char *endpoint);

/*
 * troika_manager_queue() opens the queue called name of a manager, making it
 * if it is not there; NULL options are an unbounded FIFO queue.
 *
 * gives:   a handle to destroy; the queue lives on without it.
 * returns: the handle; or NULL with EEXIST (that name has another type or
 *          other options), EINVAL (name, order), EPIPE (ended), ECONNRESET,
 *          EINTR, ENOMEM.
 */
TROIKA_EXPORT troika_queue_t *
troika_manager_queue (troika_manager_t *manager, const char *name,
                      const troika_queue_options_t *options);

/*
 * troika_queue_bind() opens one more way in to a queue that this process
 * serves, for example tcp beside ipc.
 *
 * returns: 0; or -1 with EPERM (served by another process) and as
 *          troika_queue_new().
 */
TROIKA_EXPORT int troika_queue_bind (troika_queue_t *self,
                                     const char *endpoint);

/*
 * troika_queue_endpoint() tells what others connect to: resolved, with the
 * real port and "#name". After troika_queue_bind() still the first one.
 *
 * returns: a string that lives as long as the handle.
 */
TROIKA_EXPORT const char *troika_queue_endpoint (const troika_queue_t *self);

/*
 * troika_queue_put() appends one document, described by format (see
 * troika_msg_pack()), to the queue. While a bounded queue is full it waits,
 * for at most timeout ms. The document is encoded before it returns. In an
 * unbounded queue the item may still be on its way then; it is not lost
 * while this process lives or exits normally. If the manager is lost first,
 * this thread's next call on the handle fails with ECONNRESET, once, though
 * another manager serves there by then.
 *
 * thread:  any number at once.
 * returns: 0; or -1 with EAGAIN (full, timeout 0), ETIMEDOUT (still full),
 *          EPIPE (shut down or ended), ECONNRESET (manager lost), EMSGSIZE
 *          (over 64 MiB), EINVAL (format, depth over 32, text not UTF-8,
 *          timeout), EINTR, ENOMEM.
 */
TROIKA_EXPORT int troika_queue_put (troika_queue_t *self, int timeout,
                                    const char *format, ...);

/*
 * troika_queue_put_msg() is troika_queue_put() for a document at hand.
 *
 * lends:   msg, which stays the caller's.
 * returns: as troika_queue_put().
 */
TROIKA_EXPORT int troika_queue_put_msg (troika_queue_t *self, int timeout,
                                        const troika_msg_t *msg);

/*
 * troika_queue_put_priority() puts a document into a priority queue: the
 * smallest number comes out first, equal ones in the order of arrival. The
 * other puts use priority 0.
 *
 * lends:   msg.
 * returns: as troika_queue_put(); ENOTSUP when the queue is not
 * TROIKA_PRIORITY.
 */
TROIKA_EXPORT int troika_queue_put_priority (troika_queue_t *self, int timeout,
                                             int64_t priority,
                                             const troika_msg_t *msg);

/*
 * troika_queue_put_many() puts count documents in order. In a bounded queue
 * it waits for places as they come.
 *
 * lends:   the messages.
 * returns: how many went in, which is less than count when the timeout or a
 *          signal ended the wait; or -1 when none did, as troika_queue_put().
 */
TROIKA_EXPORT ssize_t troika_queue_put_many (troika_queue_t *self, int timeout,
                                             troika_msg_t *const *msgs,
                                             size_t count);

/*
 * troika_queue_get() takes the next item, waiting at most timeout ms for
 * one. Calling it again, task_done or a normal exit confirms the item taken
 * before; if this process dies before that, the item goes back to the front
 * for another consumer.
 *
 * gives:   a message to destroy.
 * thread:  any number at once; each item goes to one of them.
 * returns: the item; or NULL with EAGAIN (empty, timeout 0), ETIMEDOUT
 *          (still empty), EPIPE (shut down and drained, or ended),
 *          ECONNRESET (manager lost), EINVAL (timeout), EINTR, ENOMEM.
 */
TROIKA_EXPORT troika_msg_t *troika_queue_get (troika_queue_t *self,
                                              int timeout);

/*
 * troika_queue_get_many() takes what is there, 1 to max items in one round
 * trip, waiting at most timeout ms for the first.
 *
 * gives:   messages to destroy, in msgs[0..n-1].
 * returns: how many; or -1 as troika_queue_get().
 */
TROIKA_EXPORT ssize_t troika_queue_get_many (troika_queue_t *self, int timeout,
                                             troika_msg_t **msgs, size_t max);

/*
 * troika_queue_task_done() says that one item taken earlier has been worked
 * on. When as many were done as were put, join returns.
 *
 * returns: 0; or -1 with EINVAL (more often than items were put), EPIPE
 *          (ended), ECONNRESET, EINTR.
 */
TROIKA_EXPORT int troika_queue_task_done (troika_queue_t *self);

/*
 * troika_queue_join() waits until every item that was put is done: by any
 * thread of this process before this call, and by others as far as it has
 * arrived.
 *
 * returns: 0; or -1 with EAGAIN, ETIMEDOUT (some are unfinished), EPIPE
 *          (ended), ECONNRESET, EINVAL (timeout), EINTR.
 */
TROIKA_EXPORT int troika_queue_join (troika_queue_t *self, int timeout);

/*
 * troika_queue_ack() says, for a queue with manual_ack, that this delivery
 * has been dealt with: the item leaves the queue for good.
 *
 * lends:   msg, as a get gave it (a dup of it will do).
 * returns: 0; or -1 with ESTALE (it was acknowledged already, or went back
 *          to the queue meanwhile), ENOTSUP (the queue has no manual_ack),
 *          EINVAL (msg is no delivery), EPIPE (ended), ECONNRESET, EINTR.
 */
TROIKA_EXPORT int troika_queue_ack (troika_queue_t *self,
                                    const troika_msg_t *msg);

/*
 * troika_queue_nack() gives a delivery back: to the front of the queue with
 * its delivery count raised, or, without requeue, to "<name>.dead".
 *
 * lends:   msg.
 * returns: as troika_queue_ack().
 */
TROIKA_EXPORT int troika_queue_nack (troika_queue_t *self,
                                     const troika_msg_t *msg, bool requeue);

/*
 * troika_queue_deliveries() tells how often this item has been handed out.
 *
 * returns: 1 the first time, 2 after one redelivery…; 0 when msg did not
 *          come from a queue.
 */
TROIKA_EXPORT unsigned troika_queue_deliveries (const troika_msg_t *msg);

/*
 * troika_queue_stat() tells the queue's figures at one moment: a map {name,
 * size, maxsize, unfinished, in_flight, waiting_puts, waiting_gets, puts,
 * gets, redelivered, shutdown}.
 *
 * gives:   a message to destroy.
 * returns: the map; or NULL with EPIPE (ended), ECONNRESET, EINTR, ENOMEM.
 */
TROIKA_EXPORT troika_msg_t *troika_queue_stat (troika_queue_t *self);

/*
 * troika_queue_peek() shows up to max of the items that wait, in the order
 * in which gets would hand them out, and leaves them there. It is meant for
 * looking: another consumer may take them at any moment. It stops behind
 * 512 KiB, after one item at least.
 *
 * gives:   a message to destroy: an array of items, empty when none waits.
 * thread:  any number at once.
 * returns: the array; or NULL with EINVAL (max 0), EPIPE (ended),
 *          ECONNRESET, EINTR, ENOMEM.
 */
TROIKA_EXPORT troika_msg_t *troika_queue_peek (troika_queue_t *self,
                                               size_t max);

/*
 * troika_queue_qsize() counts the items that wait; this thread's puts are
 * in it.
 *
 * returns: the number; or -1 with EPIPE (ended), ECONNRESET, EINTR.
 */
TROIKA_EXPORT ssize_t troika_queue_qsize (troika_queue_t *self);

/*
 * troika_queue_empty() tells whether no item waits.
 *
 * returns: 1, 0; or -1 as troika_queue_qsize().
 */
TROIKA_EXPORT int troika_queue_empty (troika_queue_t *self);

/*
 * troika_queue_full() tells whether a bounded queue has no place left.
 *
 * returns: 1, 0; or -1 as troika_queue_qsize().
 */
TROIKA_EXPORT int troika_queue_full (troika_queue_t *self);

/*
 * troika_queue_flush() waits until every put that any thread of this process
 * has made is in the queue, visible to everybody. The end of a thread does so
 * for the puts of that thread. It succeeds, too, when all of them had been in
 * the queue before that ended.
 *
 * returns: 0; or -1 with EAGAIN, ETIMEDOUT (some are on their way), EPIPE
 *          (ended), ECONNRESET (manager lost: what it had not acknowledged
 *          is gone with it; said once), EINVAL (timeout), EINTR.
 */
TROIKA_EXPORT int troika_queue_flush (troika_queue_t *self, int timeout);

/*
 * troika_queue_shutdown() closes the queue for puts (EPIPE, waiting ones,
 * too). Gets go on until it is drained, then say EPIPE. immediate drops the
 * items at once, each counted done. Again, in either mode, is fine.
 *
 * returns: 0; or -1 with EPIPE (ended), ECONNRESET, EINTR.
 */
TROIKA_EXPORT int troika_queue_shutdown (troika_queue_t *self, bool immediate);

/*
 * troika_queue_destroy() ends the handle: what this process put is flushed
 * first (bounded by troika_set_linger()), and calls of other threads that
 * wait on this handle end with EPIPE. Where the handle serves the queue, the
 * queue ends: everybody else gets EPIPE.
 *
 * takes:   *self_p, set to NULL; NULL is fine.
 * returns: nothing.
 */
TROIKA_EXPORT void troika_queue_destroy (troika_queue_t **self_p);

#ifdef __cplusplus
}
#endif

#endif
