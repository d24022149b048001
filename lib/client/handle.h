/* SPDX-License-Identifier: MPL-2.0 */
/*
 * handle.h - what every public handle is made of: one object of one
 * manager, reached from any thread, and from a child after fork().
 *
 * A handle finds its way by itself: by function call where the manager is
 * served by this process (unless TROIKA_DIRECT=0), else through this
 * thread's lane of the session with that manager. Destroying a handle waits
 * until the calls that other threads have on it have left with EPIPE.
 */
#ifndef TK_CLIENT_HANDLE_H
#define TK_CLIENT_HANDLE_H

#include <stdbool.h>
#include <troika/object.h>
#include "lib/base/clock.h"
#include "lib/msg/buffer.h"
#include "lib/msg/document.h"
#include "lib/wire/endpoint.h"
#include "shelf.h"

typedef struct tk_handle tk_handle_t;

/* The handle in a public object, whose first member it is. Of NULL: NULL,
 * which open, bind, outside, call and flush refuse with EINVAL. */
static inline tk_handle_t *
tk_handle_of (const void *object)
{
    return object ? *(tk_handle_t *const *)object : NULL;
}

/* 0, or the -EINVAL of a NULL handle. */
int tk_handle_check (const tk_handle_t *self);

/* Makes a manager that knows these types (NULL-terminated), serves it at
 * endpoint (NULL: private ipc), and opens object type/name in it (name from
 * '#' in endpoint, else default_name). type NULL: a handle of the manager
 * itself. params (an array) is lent. */
int tk_handle_serve (tk_handle_t **self_p, const char *endpoint,
                     const troika_type_t *const *types, const char *type,
                     const char *default_name, const troika_msg_t *params);

/* Opens an object that must exist; without '#' in endpoint it is
 * default_name, and -EINVAL when that is NULL. type NULL: the manager. */
int tk_handle_connect (tk_handle_t **self_p, const char *endpoint,
                       const char *type, const char *default_name);

/* Another object of the same manager, made if it is not there. */
int tk_handle_open (tk_handle_t *manager, const char *type, const char *name,
                    const troika_msg_t *params, tk_handle_t **self_p);

/* NULL is fine, twice, too. */
void tk_handle_destroy (tk_handle_t **self_p);

/* One more endpoint for the manager that this handle serves; -EPERM if it
 * does not. */
int tk_handle_bind (tk_handle_t *self, const char *endpoint);

/* -EDEADLK inside a handler of this handle's manager, else 0. */
int tk_handle_outside (const tk_handle_t *self);

/* Ends the manager if this handle serves it; whether it does. */
bool tk_handle_end (tk_handle_t *self, tk_time_t deadline);

/* What others connect to, and where it was bound: "*" in the second is an
 * address of this host in the first. */
const char *tk_handle_endpoint (const tk_handle_t *self);
const tk_endpoint_t *tk_handle_place (const tk_handle_t *self);
const char *tk_handle_name (const tk_handle_t *self);

/* The manager side for troika_manager_register: the registry served here,
 * or NULL when this process does not serve it. */
struct tk_registry *tk_handle_registry (tk_handle_t *self);

/* The parameters that the object was created with (an array), told at
 * open; lent. */
const troika_msg_t *tk_handle_params (const tk_handle_t *self);

/* Calls a method and waits for its answer, at most until the deadline.
 * args is one array document; it is consumed, also on failure. *result
 * (NULL: not wanted) is to be destroyed. The negative errno of failure has
 * its words recorded. */
int tk_handle_call (tk_handle_t *self, tk_time_t deadline, const char *method,
                    tk_buffer_t *args, troika_msg_t **result);

/* The same with a timeout in ms and the arguments described by format, which
 * must give an array: "[s,i]". */
int tk_handle_callf (tk_handle_t *self, int timeout, const char *method,
                     troika_msg_t **result, const char *format, ...);
int tk_handle_vcallf (tk_handle_t *self, int timeout, const char *method,
                      troika_msg_t **result, const char *format, va_list args);

/* The words of a failure are those of the object, whose type is a user's. */
void tk_handle_keep_words (tk_handle_t *self);

/* Casts: carried out later, exactly once while this process lives; waits
 * only while too much of this thread's is unacknowledged. args is one array
 * document and consumed. -EPIPE when the object has been sealed. When a cast
 * is lost with its manager, whatever its thread does next with the handle
 * fails with -ECONNRESET. */
int tk_handle_cast (tk_handle_t *self, tk_time_t deadline, const char *method,
                    tk_buffer_t *args);

/* One more argument to a cast that gathers several: in a burst they travel
 * together. method must be a string constant. Not for direct handles. */
int tk_handle_cast_item (tk_handle_t *self, tk_time_t deadline,
                         const char *method, const void *data, size_t size);

/* So many items that were handed ahead to this thread; false: there are less.
 * If the manager wants to hear of it, that method is cast. */
bool tk_handle_ahead (tk_handle_t *self, const char *method,
                      troika_msg_t **msgs, size_t count);

/* A call, and this thread's shelf for what its answer hands ahead: empty
 * now, and this thread's alone; NULL where nothing can be. casts: it will
 * cast, too. Not for direct handles. */
int tk_handle_call_ahead (tk_handle_t *self, tk_time_t deadline,
                          const char *method, bool casts, tk_buffer_t *args,
                          troika_msg_t **result, tk_shelf_t **shelf_p);

/* One more argument to a cast, if this thread has a place for it on its
 * shelf, or has one soon; else -EAGAIN. -EINTR. */
int tk_handle_cast_placed (tk_handle_t *self, tk_time_t deadline,
                           const char *method, const void *data, size_t size);

/* Whether calls are function calls here, so that casting gains nothing. */
bool tk_handle_is_direct (tk_handle_t *self);

/* What each call begins with, until tk_handle_leave(): between the two the
 * handle is not destroyed. Who makes several calls goes in once around them
 * all. -EPIPE when the handle is being destroyed. */
int tk_handle_go_in (tk_handle_t *self);

void tk_handle_leave (tk_handle_t *self);

/* Inside: whether this thread may work on the object beside its calls. Not
 * when they are not direct, and not from a handler of its manager. */
bool tk_handle_is_here (const tk_handle_t *self);

/* Inside: runs visit as a handler would, with the object, if it is there,
 * and the number that the calling thread has as an owner. */
struct tk_object;
typedef void (*tk_visit_fn) (struct tk_object *object, uint64_t owner,
                             void *context);
void tk_handle_visit (tk_handle_t *self, tk_visit_fn visit, void *context);

/* Every cast of this process to this manager has been carried out;
 * -ECONNRESET when some to this object were lost before. */
int tk_handle_flush (tk_handle_t *self, tk_time_t deadline);

/* Every cast that other threads of this process had made before comes before
 * the next call of this one. */
int tk_handle_flush_others (tk_handle_t *self, tk_time_t deadline);

#endif
