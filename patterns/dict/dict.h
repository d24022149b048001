/* SPDX-License-Identifier: MPL-2.0 */
/*
 * dict.h - values by key, which threads, processes and hosts share.
 *
 * Installed as <troika/dict.h>. A dict lives in a manager and keeps the order
 * in which its keys came. Every call is one step for everybody: nobody sees
 * half an update, and what one call set, the next one reads, wherever it comes
 * from. Values are copies; changing one means setting it again.
 *
 * A key is a string, or in the _msg forms any document. Keys are equal when
 * troika_msg_eq() says so: 1 and 1.0 are two keys, and so are two maps with
 * their pairs in another order.
 *
 * Any number of threads may use one handle, and a forked child its parent's.
 */
#ifndef TROIKA_DICT_H
#define TROIKA_DICT_H

#include <stdint.h>
#include <sys/types.h>
#include <troika/base.h>
#include <troika/handles.h>
#include <troika/msg.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct troika_dict troika_dict_t;

/*
 * troika_manager_dict() opens the dict called name, making it if it is
 * not there.
 *
 * gives:   a handle to destroy; the dict lives on without it.
 * thread:  any number at once.
 * returns: the handle; or NULL with EINVAL (name), EEXIST (something else has
 * that name), EPIPE (the manager was shut down), EHOSTUNREACH, ECONNRESET (it
 *          was lost), EMFILE, ENOMEM, EINTR.
 */
TROIKA_EXPORT troika_dict_t *troika_manager_dict (troika_manager_t *manager,
                                                  const char *name);

/*
 * troika_dict_connect() opens a dict that exists: endpoint is its manager's
 * with "#name" at the end. It waits for the manager to appear as long as
 * troika_set_connect_timeout() allows.
 *
 * gives:   a handle to destroy; the dict lives on without it.
 * returns: the handle; or NULL with EINVAL (endpoint, or no "#name"),
 *          EHOSTUNREACH (no manager answers there), ENOENT (it has no such
 *          object), EEXIST (the object is no dict), EACCES (refused),
 *          EPROTO (it speaks another protocol version), EMFILE, ENOMEM,
 *          EINTR.
 */
TROIKA_EXPORT troika_dict_t *troika_dict_connect (const char *endpoint);

/*
 * troika_dict_set() sets key to the value that format describes (see
 * troika_msg_pack()). When it returns, everybody sees it. A new key goes to
 * the end, a known one keeps its place.
 *
 * lends:   the arguments; all are copied.
 * thread:  any number at once.
 * returns: 0; or -1 with EINVAL (key NULL or not UTF-8; format), EMSGSIZE
 *          (over 64 MiB),
 *          EPIPE (the dict or its manager ended), ENOENT (the manager was
 *          restarted and has no such object), ECONNRESET (manager lost),
 *          EHOSTUNREACH, EINTR, ENOMEM.
 */
TROIKA_EXPORT int troika_dict_set (troika_dict_t *self, const char *key,
                                   const char *format, ...);

/*
 * troika_dict_set_msg() is troika_dict_set() for any document as key and a
 * value at hand.
 *
 * lends:   key and value.
 * returns: as troika_dict_set().
 */
TROIKA_EXPORT int troika_dict_set_msg (troika_dict_t *self,
                                       const troika_msg_t *key,
                                       const troika_msg_t *value);

/*
 * troika_dict_get() reads the value of key.
 *
 * gives:   a message to destroy.
 * thread:  any number at once.
 * returns: the value; or NULL with ENOENT (no such key), else as
 *          troika_dict_set().
 */
TROIKA_EXPORT troika_msg_t *troika_dict_get (troika_dict_t *self,
                                             const char *key);

/*
 * troika_dict_get_msg() is troika_dict_get() for any document as key.
 *
 * gives:   a message to destroy.
 * returns: as troika_dict_get().
 */
TROIKA_EXPORT troika_msg_t *troika_dict_get_msg (troika_dict_t *self,
                                                 const troika_msg_t *key);

/*
 * troika_dict_pop() takes key and its value out of the dict.
 *
 * gives:   a message to destroy.
 * thread:  any number at once; one of them gets the value.
 * returns: the value; or NULL with ENOENT (no such key), else as
 *          troika_dict_set().
 */
TROIKA_EXPORT troika_msg_t *troika_dict_pop (troika_dict_t *self,
                                             const char *key);

/*
 * troika_dict_pop_msg() is troika_dict_pop() for any document as key.
 *
 * gives:   a message to destroy.
 * returns: as troika_dict_pop().
 */
TROIKA_EXPORT troika_msg_t *troika_dict_pop_msg (troika_dict_t *self,
                                                 const troika_msg_t *key);

/*
 * troika_dict_setdefault() reads the value of key, and where there is none
 * sets it first to what format describes, in one step.
 *
 * gives:   a message to destroy.
 * thread:  any number at once; all get the same value.
 * returns: the value; or NULL with errno as troika_dict_set().
 */
TROIKA_EXPORT troika_msg_t *troika_dict_setdefault (troika_dict_t *self,
                                                    const char *key,
                                                    const char *format, ...);

/*
 * troika_dict_del() deletes key.
 *
 * thread:  any number at once; one of them succeeds.
 * returns: 0; or -1 with ENOENT (no such key), else as troika_dict_set().
 */
TROIKA_EXPORT int troika_dict_del (troika_dict_t *self, const char *key);

/*
 * troika_dict_del_msg() is troika_dict_del() for any document as key.
 *
 * returns: as troika_dict_del().
 */
TROIKA_EXPORT int troika_dict_del_msg (troika_dict_t *self,
                                       const troika_msg_t *key);

/*
 * troika_dict_has() tells whether key is there.
 *
 * thread:  any number at once.
 * returns: 1, 0; or -1 with errno as troika_dict_set().
 */
TROIKA_EXPORT int troika_dict_has (troika_dict_t *self, const char *key);

/*
 * troika_dict_has_msg() is troika_dict_has() for any document as key.
 *
 * returns: as troika_dict_has().
 */
TROIKA_EXPORT int troika_dict_has_msg (troika_dict_t *self,
                                       const troika_msg_t *key);

/*
 * troika_dict_len() counts the keys.
 *
 * thread:  any number at once.
 * returns: the number; or -1 with errno as troika_dict_set().
 */
TROIKA_EXPORT ssize_t troika_dict_len (troika_dict_t *self);

/*
 * troika_dict_update() sets every key of the map that format describes, in
 * its order, all at once. Keys of any kind are fine.
 *
 * thread:  any number at once.
 * returns: 0; or -1 with EINVAL (not a map), else as troika_dict_set().
 */
TROIKA_EXPORT int troika_dict_update (troika_dict_t *self, const char *format,
                                      ...);

/*
 * troika_dict_clear() deletes every key.
 *
 * thread:  any number at once.
 * returns: 0; or -1 with errno as troika_dict_set().
 */
TROIKA_EXPORT int troika_dict_clear (troika_dict_t *self);

/*
 * troika_dict_keys() reads all keys, in the order in which they came.
 *
 * gives:   an array, a message to destroy.
 * thread:  any number at once.
 * returns: the array; or NULL with errno as troika_dict_set().
 */
TROIKA_EXPORT troika_msg_t *troika_dict_keys (troika_dict_t *self);

/*
 * troika_dict_values() reads all values, in the order of troika_dict_keys().
 *
 * gives:   an array, a message to destroy.
 * thread:  any number at once.
 * returns: the array; or NULL with errno as troika_dict_set().
 */
TROIKA_EXPORT troika_msg_t *troika_dict_values (troika_dict_t *self);

/*
 * troika_dict_items() reads everything: an array of [key, value], in the
 * order of troika_dict_keys().
 *
 * gives:   an array, a message to destroy.
 * thread:  any number at once.
 * returns: the array; or NULL with errno as troika_dict_set().
 */
TROIKA_EXPORT troika_msg_t *troika_dict_items (troika_dict_t *self);

/*
 * troika_dict_add() adds delta to the integer at key, in one step; an absent
 * key counts as 0. result (NULL: not wanted) is set to the sum.
 *
 * thread:  any number at once; no addition is lost.
 * returns: 0; or -1 with EINVAL (the value is no integer), ERANGE (the sum
 *          would not fit 64 bits; nothing is changed), else as
 *          troika_dict_set().
 */
TROIKA_EXPORT int troika_dict_add (troika_dict_t *self, const char *key,
                                   int64_t delta, int64_t *result);

/*
 * troika_dict_cas() sets key to value if it holds expected, as of
 * troika_msg_eq(); with NULL for expected, if the key is absent, which is
 * not the same as a key that holds nil.
 *
 * lends:   expected and value.
 * thread:  any number at once; of those that expect the same, one succeeds.
 * returns: 0; or -1 with ECANCELED (it holds something else, or is absent, or
 *          is there; nothing is changed), EINVAL (value NULL), else as
 *          troika_dict_set().
 */
TROIKA_EXPORT int troika_dict_cas (troika_dict_t *self, const char *key,
                                   const troika_msg_t *expected,
                                   const troika_msg_t *value);

/*
 * troika_dict_wait() waits until key has changed past *version, for at most
 * timeout ms, and reads its value. Begin with a *version of 0: a key that is
 * there is answered at once, else the wait is for its first value. Each
 * answer sets *version for the next wait; so no change goes unnoticed that
 * falls between two waits, though of several only the last value is seen.
 * A delete is a change, too: then the answer is ENOENT, with *version set.
 * It is also the answer where a key that is absent may have been there since
 * *version, but its delete is too long ago to be known for sure.
 * Versions of one dict only grow, also when its manager is restarted.
 *
 * takes:   version may be NULL: 0 then, and the new one is not told.
 * gives:   a message to destroy.
 * thread:  any number at once; all are told.
 * returns: the value; or NULL with ENOENT (deleted; or the object is gone
 *          with its restarted manager: then *version is as it was), EAGAIN
 *          (no change yet, timeout 0), ETIMEDOUT (still none), EINVAL
 *          (timeout), else as troika_dict_set(). *version is only set where
 *          a change is told.
 */
TROIKA_EXPORT troika_msg_t *troika_dict_wait (troika_dict_t *self,
                                              const char *key,
                                              uint64_t *version, int timeout);

/*
 * troika_dict_stat() tells the dict's figures at one moment: a map {len,
 * version, waiters}: keys, the last version given, calls that wait.
 *
 * gives:   a message to destroy.
 * returns: the map; or NULL with errno as troika_dict_set().
 */
TROIKA_EXPORT troika_msg_t *troika_dict_stat (troika_dict_t *self);

/*
 * troika_dict_destroy() ends the handle. The dict itself lives as long as its
 * manager, or until troika_manager_remove().
 *
 * takes:   *self_p, set to NULL; NULL is fine.
 * returns: nothing.
 */
TROIKA_EXPORT void troika_dict_destroy (troika_dict_t **self_p);

#ifdef __cplusplus
}
#endif

#endif
