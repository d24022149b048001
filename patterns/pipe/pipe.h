/* SPDX-License-Identifier: MPL-2.0 */
/*
 * pipe.h - two ends that send documents to each other.
 *
 * Installed as <troika/pipe.h>. An end opens its sockets at first use, in
 * the process that uses it, and belongs to that process from then on; a copy
 * that fork() made elsewhere and nobody used may be closed without harm. One
 * thread may send while another receives on the same end; more threads take
 * turns, and each message goes to one of them.
 */
#ifndef TROIKA_PIPE_H
#define TROIKA_PIPE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <troika/base.h>
#include <troika/msg.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct troika_pipe troika_pipe_t;

/*
 * troika_pipe_new() makes two connected ends. With endpoint NULL they may be
 * used by any threads of this process and in its forked children, each end
 * in one process; a message can be sent before the other end is in use.
 * They meet in a directory troika-XXXXXX in $TMPDIR or /tmp, which is removed
 * when they have met; it stays if all who held them are killed before that.
 * With an endpoint both ends are opened here, and belong to this process.
 * Not duplex: *a receives and *b sends.
 *
 * gives:   two ends to destroy.
 * returns: 0; or -1 with EINVAL (endpoint, NULL), EADDRINUSE, EACCES,
 *          ENOENT (no such directory), EMFILE, ENOMEM; nothing is made then.
 */
TROIKA_EXPORT int troika_pipe_new (troika_pipe_t **a, troika_pipe_t **b,
                                   const char *endpoint, bool duplex);

/*
 * troika_pipe_bind() makes the end that another program connects to; not
 * duplex: this one receives. It waits for nobody. One peer is taken, the
 * first; a plain ZeroMQ PAIR socket may be that peer (doc/protocol-pipe.md).
 * endpoint NULL is a private ipc endpoint. A duplex pipe over tcp takes the
 * port and the one above it.
 *
 * gives:   an end to destroy.
 * returns: the end; or NULL as troika_pipe_new().
 */
TROIKA_EXPORT troika_pipe_t *troika_pipe_bind (const char *endpoint,
                                               bool duplex);

/*
 * troika_pipe_connect() makes the other end of a pipe that somebody bound at
 * endpoint, or of one that the listener there makes for this client. It waits
 * until that end has answered, as long as troika_set_connect_timeout()
 * allows; not until a listener accepts.
 *
 * gives:   an end to destroy.
 * returns: the end; or NULL with EINVAL (endpoint), EHOSTUNREACH (nobody
 *          answers there, or somebody else is connected), EPROTO (it speaks
 *          another protocol version, or is not the pipe it was), ECONNRESET
 *          (it was lost meanwhile), ETIMEDOUT (the listener's backlog is
 *          full), EACCES (refused), EMFILE (here, or at the listener),
 *          ENOMEM, EINTR.
 */
TROIKA_EXPORT troika_pipe_t *troika_pipe_connect (const char *endpoint);

/*
 * troika_pipe_endpoint() tells what troika_pipe_connect() takes: resolved,
 * with the real port. For the ends of troika_pipe_new() without an endpoint
 * it is of no use to others.
 *
 * thread:  any number at once.
 * returns: a string that lives as long as the end; NULL with EINVAL for a
 *          NULL end.
 */
TROIKA_EXPORT const char *troika_pipe_endpoint (const troika_pipe_t *self);

/*
 * troika_pipe_set_window() sets how much may lie unread before this end:
 * the other end's send waits while more than bytes or messages would. 1 MiB
 * and 1000 messages at first. A message larger than the window passes when
 * nothing else lies unread. The other end hears of it at its next look.
 *
 * thread:  any number at once.
 * returns: 0; or -1 with EINVAL (one of them is 0), EPERM (this end only
 *          sends, or is in use by another process), EPIPE (closed).
 */
TROIKA_EXPORT int troika_pipe_set_window (troika_pipe_t *self, size_t bytes,
                                          size_t messages);

/*
 * troika_pipe_send() sends the document that format describes (see
 * troika_msg_pack()). It returns when the document is on its way, and waits
 * for at most timeout ms while the other end is more than its window behind.
 *
 * thread:  any number at once; also while others receive.
 * returns: 0; or -1 with EPIPE (this end or the other was closed),
 *          ECONNRESET (the other side died), EPERM (this end only receives,
 *          or is in use by another process), EINVAL (format, timeout,
 *          depth over 32, text not UTF-8), EMSGSIZE (over 64 MiB), EAGAIN
 *          (would wait, timeout 0), ETIMEDOUT, EINTR, EMFILE, ENOMEM;
 *          nothing was sent then.
 */
TROIKA_EXPORT int troika_pipe_send (troika_pipe_t *self, int timeout,
                                    const char *format, ...);

/*
 * troika_pipe_send_msg() is troika_pipe_send() for a document at hand.
 *
 * lends:   msg, which stays the caller's.
 * returns: as troika_pipe_send(); EINVAL also for a NULL message.
 */
TROIKA_EXPORT int troika_pipe_send_msg (troika_pipe_t *self, int timeout,
                                        const troika_msg_t *msg);

/*
 * troika_pipe_send_bytes() sends size bytes as one document, a binary. None
 * at all (size 0) arrive as an empty one.
 *
 * lends:   data.
 * returns: as troika_pipe_send(); EINVAL also for NULL data with a size.
 */
TROIKA_EXPORT int troika_pipe_send_bytes (troika_pipe_t *self, int timeout,
                                          const void *data, size_t size);

/*
 * troika_pipe_recv() takes the next document, waiting at most timeout ms for
 * one. What was sent before the other end was closed, or died and had
 * arrived, comes first; then the end is told, again at every call.
 *
 * gives:   a message to destroy.
 * thread:  any number at once; also while others send.
 * returns: the document; or NULL with EPIPE (the other end was closed and
 *          all was read, or this end is closed), ECONNRESET (the other side
 *          died), EAGAIN (nothing there, timeout 0), ETIMEDOUT, EBADMSG (a
 *          foreign program sent bytes that are no document; they are gone),
 *          EPROTO (another protocol version), EPERM (this end only sends,
 *          or is in use by another process), EINVAL (timeout), EINTR,
 *          EMFILE, ENOMEM.
 */
TROIKA_EXPORT troika_msg_t *troika_pipe_recv (troika_pipe_t *self, int timeout);

/*
 * troika_pipe_recv_bytes_into() takes the next document, a binary, and puts
 * its bytes into buffer. What does not fit, or is no binary, stays the next.
 *
 * lends:   buffer, of capacity bytes.
 * returns: how many bytes, 0 for an empty binary; or -1 with EMSGSIZE (it is
 *          larger; troika_error tells its size), EBADMSG (no binary), and
 *          as troika_pipe_recv().
 */
TROIKA_EXPORT ssize_t troika_pipe_recv_bytes_into (troika_pipe_t *self,
                                                   int timeout, void *buffer,
                                                   size_t capacity);

/*
 * troika_pipe_poll() waits at most timeout ms until a recv would not wait:
 * a document is there, or the end. It takes nothing.
 *
 * returns: 1; 0 when it still would wait; or -1 with EPIPE (this end is
 *          closed), EPERM (this end only sends, or is in use by another
 *          process), EINVAL (timeout), EINTR, EMFILE, ENOMEM.
 */
TROIKA_EXPORT int troika_pipe_poll (troika_pipe_t *self, int timeout);

/*
 * troika_pipe_close() closes the end: what was sent still arrives, then the
 * other end sees EPIPE. Calls of other threads that wait on this end return
 * with EPIPE, as do later ones. Again is fine. A copy that this process has
 * never used is given up without disturbing the process that uses it. It
 * returns when what was sent has left this process, which may then end in
 * any way; a peer that is stopped is waited for as troika_set_linger() says.
 *
 * thread:  any.
 * returns: nothing.
 */
TROIKA_EXPORT void troika_pipe_close (troika_pipe_t *self);

/*
 * troika_pipe_destroy() closes the end and frees it.
 *
 * takes:   *self_p, set to NULL; NULL is fine.
 * thread:  one; waiting calls of others return with EPIPE first.
 * returns: nothing.
 */
TROIKA_EXPORT void troika_pipe_destroy (troika_pipe_t **self_p);

#ifdef __cplusplus
}
#endif

#endif
