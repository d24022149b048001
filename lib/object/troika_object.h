/* SPDX-License-Identifier: MPL-2.0 */
/*
 * object.h - types of shared objects, and the calls that reach them.
 *
 * Installed as <troika/object.h>. A type is a table of methods around a
 * plain C state; the built-in types are made of the same table. Handlers,
 * cancel, create, destroy and forget run one at a time, under the lock of
 * their manager: they must not block, and may not call into that manager
 * (EDEADLK).
 */
#ifndef TROIKA_OBJECT_H
#define TROIKA_OBJECT_H

#include <stdint.h>
#include <troika/base.h>
#include <troika/msg.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct troika_call troika_call_t;

/* One method. The handler answers with troika_call_reply() or
 * troika_call_fail(), or defers. Returning 0 without any of these answers
 * nil; returning -1 fails the call with errno. */
typedef struct {
    const char *name;
    int (*handler) (void *self, troika_call_t *call);
} troika_method_t;

typedef struct {
    const char *name;
    void *(*create) (const troika_msg_t *args); /* NULL with errno refuses */
    void (*destroy) (void *self);
    /* That thread or process is gone; may be NULL. */
    void (*forget) (void *self, uint64_t owner);
    const troika_method_t *methods; /* ends with {NULL, NULL} */
} troika_type_t;

/*
 * troika_call_args() gives the arguments of a call, one array. For
 * convenience troika_msg_unpack() takes a single argument without brackets,
 * too: "i" as well as "[i]".
 *
 * lends:   the document, until the call is answered; dup it to keep it.
 * returns: never NULL.
 */
TROIKA_EXPORT const troika_msg_t *troika_call_args (const troika_call_t *call);

/*
 * troika_call_owner() tells which thread calls, unique among all clients.
 *
 * returns: its number, never 0.
 */
TROIKA_EXPORT uint64_t troika_call_owner (const troika_call_t *call);

/*
 * troika_call_is_cast() tells whether nobody waits for the answer.
 *
 * returns: 1 or 0.
 */
TROIKA_EXPORT int troika_call_is_cast (const troika_call_t *call);

/*
 * troika_call_timeout() tells how long the caller was willing to wait when
 * it called, in ms, or TROIKA_FOREVER: for the words of a failure.
 *
 * returns: the timeout.
 */
TROIKA_EXPORT int troika_call_timeout (const troika_call_t *call);

/*
 * troika_call_reason() tells cancel why: EAGAIN or ETIMEDOUT (deadline),
 * ECONNRESET (the caller is lost), EINTR (the caller gave up), EPIPE (object
 * or manager ends).
 *
 * returns: the error; 0 outside cancel.
 */
TROIKA_EXPORT int troika_call_reason (const troika_call_t *call);

/*
 * troika_call_reply() answers a call, now or after it was deferred, with the
 * document that format describes.
 *
 * returns: 0; or -1 with EINVAL (format: the caller gets that error),
 *          ENOMEM.
 */
TROIKA_EXPORT int troika_call_reply (troika_call_t *call, const char *format,
                                     ...);

/*
 * troika_call_reply_msg() answers a call with a document at hand.
 *
 * lends:   msg.
 * returns: 0; or -1 with ENOMEM.
 */
TROIKA_EXPORT int troika_call_reply_msg (troika_call_t *call,
                                         const troika_msg_t *msg);

/*
 * troika_call_fail() answers a call with an error; text (printf) becomes
 * the caller's troika_error(), NULL the error's usual words.
 *
 * returns: 0.
 */
TROIKA_EXPORT int troika_call_fail (troika_call_t *call, int error,
                                    const char *text, ...);

/*
 * troika_call_defer() leaves a call to be answered later, by the handler of
 * another call. If the caller's deadline passes, the caller is lost or the
 * object ends first, cancel runs once: it must drop every pointer to the
 * call, and may answer it or defer it again (then without a deadline);
 * otherwise the call fails with its reason. With a timeout of 0 cancel runs
 * before this returns.
 *
 * returns: 0; or -1 with EINVAL (already answered).
 */
TROIKA_EXPORT int troika_call_defer (troika_call_t *call,
                                     void (*cancel) (troika_call_t *call,
                                                     void *context),
                                     void *context);

/*
 * troika_current_name() is the name of the object whose create, handler,
 * cancel, destroy or forget runs in this thread.
 *
 * returns: the name; "" outside.
 */
TROIKA_EXPORT const char *troika_current_name (void);

/*
 * troika_leaving() tells forget how the owner went.
 *
 * returns: 1 when it left in good order (thread or process ended, having
 *          said so), 0 when it died or was lost.
 */
TROIKA_EXPORT int troika_leaving (void);

/*
 * troika_post() casts to another object of the manager whose handler,
 * cancel or forget runs in this thread; the object is made, with nil
 * parameters, when it is not there. It is carried out after that function
 * returns.
 *
 * lends:   args, an array.
 * returns: 0; or -1 with EPERM (no handler runs here), ENOMEM.
 */
TROIKA_EXPORT int troika_post (const char *type, const char *object,
                               const char *method, const troika_msg_t *args);

/*
 * troika_seal() asks every client to cast no more to the current object, and
 * runs done when all that they had cast before has arrived. A client that
 * does not answer is waited for until it is declared dead.
 *
 * returns: 0; or -1 with EPERM (no handler runs here), ENOMEM.
 */
TROIKA_EXPORT int troika_seal (void (*done) (void *self));

#ifdef __cplusplus
}
#endif

#endif
