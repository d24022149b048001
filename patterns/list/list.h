/* SPDX-License-Identifier: MPL-2.0 */
/*
 * list.h - values in a row, which threads, processes and hosts share.
 *
 * Installed as <troika/list.h>. A list lives in a manager. Every call is one
 * step for everybody, and what one call changed, the next one sees, wherever it
 * comes from. Both ends are quick; an insert or delete in the middle moves the
 * shorter side. Values are copies; changing one means setting it again.
 *
 * A negative index counts from the end: -1 is the last item. Values are equal
 * as of troika_msg_eq(): 1 and 1.0 are not.
 *
 * Any number of threads may use one handle, and a forked child its parent's.
 */
#ifndef TROIKA_LIST_H
#define TROIKA_LIST_H

#include <sys/types.h>
#include <troika/base.h>
#include <troika/handles.h>
#include <troika/msg.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct troika_list troika_list_t;

/*
 * troika_manager_list() opens the list called name, making it if it is
 * not there.
 *
 * gives:   a handle to destroy; the list lives on without it.
 * thread:  any number at once.
 * returns: the handle; or NULL with EINVAL (name), EEXIST (something else has
 * that name), EPIPE (the manager was shut down), EHOSTUNREACH, ECONNRESET (it
 *          was lost), EMFILE, ENOMEM, EINTR.
 */
TROIKA_EXPORT troika_list_t *troika_manager_list (troika_manager_t *manager,
                                                  const char *name);

/*
 * troika_list_connect() opens a list that exists: endpoint is its manager's
 * with "#name" at the end. It waits for the manager to appear as long as
 * troika_set_connect_timeout() allows.
 *
 * gives:   a handle to destroy; the list lives on without it.
 * returns: the handle; or NULL with EINVAL (endpoint, or no "#name"),
 *          EHOSTUNREACH (no manager answers there), ENOENT (it has no such
 *          object), EEXIST (the object is no list), EACCES (refused),
 *          EPROTO (it speaks another protocol version), EMFILE, ENOMEM,
 *          EINTR.
 */
TROIKA_EXPORT troika_list_t *troika_list_connect (const char *endpoint);

/*
 * troika_list_append() puts the value that format describes (see
 * troika_msg_pack()) at the end.
 *
 * lends:   the arguments; all are copied.
 * thread:  any number at once.
 * returns: 0; or -1 with EINVAL (format), EMSGSIZE (over 64 MiB),
 *          EPIPE (the list or its manager ended), ENOENT (the manager was
 *          restarted and has no such object), ECONNRESET (manager lost),
 *          EHOSTUNREACH, EINTR, ENOMEM.
 */
TROIKA_EXPORT int troika_list_append (troika_list_t *self, const char *format,
                                      ...);

/*
 * troika_list_insert() puts a value before the item at index. An index past
 * either end means that end, as in Python.
 *
 * thread:  any number at once.
 * returns: as troika_list_append().
 */
TROIKA_EXPORT int troika_list_insert (troika_list_t *self, ssize_t index,
                                      const char *format, ...);

/*
 * troika_list_set() replaces the item at index.
 *
 * thread:  any number at once.
 * returns: 0; or -1 with ERANGE (no such item), else as
 *          troika_list_append().
 */
TROIKA_EXPORT int troika_list_set (troika_list_t *self, ssize_t index,
                                   const char *format, ...);

/*
 * troika_list_extend() puts every element of array at the end, all at once.
 *
 * lends:   array.
 * thread:  any number at once.
 * returns: 0; or -1 with EINVAL (no array), else as troika_list_append().
 */
TROIKA_EXPORT int troika_list_extend (troika_list_t *self,
                                      const troika_msg_t *array);

/*
 * troika_list_get() reads the item at index.
 *
 * gives:   a message to destroy.
 * thread:  any number at once.
 * returns: the item; or NULL with ERANGE (no such item), else as
 *          troika_list_append().
 */
TROIKA_EXPORT troika_msg_t *troika_list_get (troika_list_t *self,
                                             ssize_t index);

/*
 * troika_list_pop() takes the item at index out of the list.
 *
 * gives:   a message to destroy.
 * thread:  any number at once; no two get the same item.
 * returns: the item; or NULL with ERANGE (no such item, or the list is
 *          empty), else as troika_list_append().
 */
TROIKA_EXPORT troika_msg_t *troika_list_pop (troika_list_t *self,
                                             ssize_t index);

/*
 * troika_list_slice() reads the items from index from up to, not with, index
 * to. Bounds past an end mean that end, as in Python; SSIZE_MAX for to reads
 * to the last item.
 *
 * gives:   an array, a message to destroy; empty when from is not before to.
 * thread:  any number at once.
 * returns: the array; or NULL with errno as troika_list_append().
 */
TROIKA_EXPORT troika_msg_t *troika_list_slice (troika_list_t *self,
                                               ssize_t from, ssize_t to);

/*
 * troika_list_del() deletes the item at index.
 *
 * thread:  any number at once.
 * returns: 0; or -1 with ERANGE (no such item), else as
 *          troika_list_append().
 */
TROIKA_EXPORT int troika_list_del (troika_list_t *self, ssize_t index);

/*
 * troika_list_clear() deletes every item.
 *
 * thread:  any number at once.
 * returns: 0; or -1 with errno as troika_list_append().
 */
TROIKA_EXPORT int troika_list_clear (troika_list_t *self);

/*
 * troika_list_reverse() turns the order of the items round.
 *
 * thread:  any number at once.
 * returns: 0; or -1 with errno as troika_list_append().
 */
TROIKA_EXPORT int troika_list_reverse (troika_list_t *self);

/*
 * troika_list_sort() sorts the items, smallest first. Any values can be
 * sorted, unlike in Python: nil, false, true, then numbers by value, strings,
 * binaries, arrays, maps. Strings and binaries are compared by their bytes,
 * arrays and maps element by element; an integer comes before the float that
 * equals it, NaN after all numbers.
 *
 * thread:  any number at once; the manager does nothing else meanwhile.
 * returns: 0; or -1 with errno as troika_list_append().
 */
TROIKA_EXPORT int troika_list_sort (troika_list_t *self);

/*
 * troika_list_len() counts the items.
 *
 * thread:  any number at once.
 * returns: the number; or -1 with errno as troika_list_append().
 */
TROIKA_EXPORT ssize_t troika_list_len (troika_list_t *self);

/*
 * troika_list_index() finds the first item that equals value.
 *
 * lends:   value.
 * thread:  any number at once.
 * returns: its index; or -1 with ENOENT (none does), else as
 *          troika_list_append().
 */
TROIKA_EXPORT ssize_t troika_list_index (troika_list_t *self,
                                         const troika_msg_t *value);

/*
 * troika_list_count() counts the items that equal value.
 *
 * lends:   value.
 * thread:  any number at once.
 * returns: the number; or -1 with errno as troika_list_append().
 */
TROIKA_EXPORT ssize_t troika_list_count (troika_list_t *self,
                                         const troika_msg_t *value);

/*
 * troika_list_remove() deletes the first item that equals value.
 *
 * lends:   value.
 * thread:  any number at once.
 * returns: 0; or -1 with ENOENT (none does), else as troika_list_append().
 */
TROIKA_EXPORT int troika_list_remove (troika_list_t *self,
                                      const troika_msg_t *value);

/*
 * troika_list_stat() tells the list's figures: a map {len}.
 *
 * gives:   a message to destroy.
 * returns: the map; or NULL with errno as troika_list_append().
 */
TROIKA_EXPORT troika_msg_t *troika_list_stat (troika_list_t *self);

/*
 * troika_list_destroy() ends the handle. The list itself lives as long as its
 * manager, or until troika_manager_remove().
 *
 * takes:   *self_p, set to NULL; NULL is fine.
 * returns: nothing.
 */
TROIKA_EXPORT void troika_list_destroy (troika_list_t **self_p);

#ifdef __cplusplus
}
#endif

#endif
