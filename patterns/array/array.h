/* SPDX-License-Identifier: MPL-2.0 */
/*
 * array.h - numbers of one type, which threads, processes and hosts share.
 *
 * Installed as <troika/array.h>. An array lives in a manager; its type and
 * length are fixed when it is made, and its items are zero then. Every call is
 * one step for everybody, a range of items, too.
 *
 * A negative index counts from the end: -1 is the last item.
 *
 * Any number of threads may use one handle, and a forked child its parent's.
 */
#ifndef TROIKA_ARRAY_H
#define TROIKA_ARRAY_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <troika/base.h>
#include <troika/handles.h>
#include <troika/msg.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct troika_array troika_array_t;

/*
 * troika_manager_array() opens the array called name, making it of that
 * type ('i': int64_t, 'd': double, 'B': bytes) and length if it is
 * not there.
 *
 * gives:   a handle to destroy; the array lives on without it.
 * thread:  any number at once.
 * returns: the handle; or NULL with EINVAL (name, type), EEXIST (something else
 * has that name, or it has another type or length), EPIPE (the manager was shut
 * down), EHOSTUNREACH, ECONNRESET (it was lost), EMFILE, ENOMEM, EINTR.
 */
TROIKA_EXPORT troika_array_t *troika_manager_array (troika_manager_t *manager,
                                                    const char *name, char type,
                                                    size_t length);

/*
 * troika_array_connect() opens an array that exists: endpoint is its manager's
 * with "#name" at the end. It waits for the manager to appear as long as
 * troika_set_connect_timeout() allows.
 *
 * gives:   a handle to destroy; the array lives on without it.
 * returns: the handle; or NULL with EINVAL (endpoint, or no "#name"),
 *          EHOSTUNREACH (no manager answers there), ENOENT (it has no such
 *          object), EEXIST (the object is no array), EACCES (refused),
 *          EPROTO (it speaks another protocol version), EMFILE, ENOMEM,
 *          EINTR.
 */
TROIKA_EXPORT troika_array_t *troika_array_connect (const char *endpoint);

/*
 * troika_array_get_int() reads the item at index of an array of integers or
 * bytes.
 *
 * thread:  any number at once.
 * returns: 0 with *value set; or -1 with ERANGE (no such item), EINVAL (it
 *          holds doubles),
 *          EPIPE (the array or its manager ended), ENOENT (the manager was
 *          restarted and has no such object), ECONNRESET (manager lost),
 *          EHOSTUNREACH, EINTR, ENOMEM.
 */
TROIKA_EXPORT int troika_array_get_int (troika_array_t *self, ssize_t index,
                                        int64_t *value);

/*
 * troika_array_set_int() sets the item at index of an array of integers or
 * bytes.
 *
 * thread:  any number at once.
 * returns: 0; or -1 with ERANGE (no such item; or it holds bytes and value
 *          is not within 0..255), else as troika_array_get_int().
 */
TROIKA_EXPORT int troika_array_set_int (troika_array_t *self, ssize_t index,
                                        int64_t value);

/*
 * troika_array_get_double() reads the item at index of an array of doubles.
 *
 * thread:  any number at once.
 * returns: 0 with *value set; or -1 with EINVAL (it holds integers or
 *          bytes), else as troika_array_get_int().
 */
TROIKA_EXPORT int troika_array_get_double (troika_array_t *self, ssize_t index,
                                           double *value);

/*
 * troika_array_set_double() sets the item at index of an array of doubles.
 *
 * thread:  any number at once.
 * returns: as troika_array_get_double().
 */
TROIKA_EXPORT int troika_array_set_double (troika_array_t *self, ssize_t index,
                                           double value);

/*
 * troika_array_read() copies count items, from index from on, to values: an
 * int64_t, double or uint8_t each, as the array's type is. One round trip,
 * one moment.
 *
 * takes:   values, room for count items.
 * thread:  any number at once.
 * returns: 0; or -1 with ERANGE (some of them are not there; values is left
 *          alone), EINVAL (the array was made anew with another type),
 *          EMSGSIZE (over 64 MiB), else as troika_array_get_int().
 */
TROIKA_EXPORT int troika_array_read (troika_array_t *self, size_t from,
                                     size_t count, void *values);

/*
 * troika_array_write() sets count items, from index from on, to values: an
 * int64_t, double or uint8_t each, as the array's type is. One round trip,
 * all at once.
 *
 * lends:   values.
 * thread:  any number at once.
 * returns: 0; or -1 with ERANGE (some of them are not there; none is set),
 *          EINVAL (the array was made anew with another type), EMSGSIZE
 *          (over 64 MiB), else as troika_array_get_int().
 */
TROIKA_EXPORT int troika_array_write (troika_array_t *self, size_t from,
                                      size_t count, const void *values);

/*
 * troika_array_len() tells how many items it has.
 *
 * thread:  any number at once.
 * returns: the number; or -1 with errno as troika_array_get_int().
 */
TROIKA_EXPORT ssize_t troika_array_len (troika_array_t *self);

/*
 * troika_array_destroy() ends the handle. The array itself lives as long as its
 * manager, or until troika_manager_remove().
 *
 * takes:   *self_p, set to NULL; NULL is fine.
 * returns: nothing.
 */
TROIKA_EXPORT void troika_array_destroy (troika_array_t **self_p);

#ifdef __cplusplus
}
#endif

#endif
