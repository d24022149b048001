/* SPDX-License-Identifier: MPL-2.0 */
/*
 * msg.h - one immutable MessagePack document.
 *
 * Installed as <troika/msg.h>. Whatever goes into a queue, through a pipe or
 * into a shared object is a document, and comes out as one. A message never
 * changes, so any number of threads may read it at once; one of them
 * destroys it when the others are done.
 *
 * A format describes a document, in the manner of jansson's pack and unpack:
 *
 *            in pack                     in unpack (where it is stored)
 *     n      -                           - (must be nil)
 *     b      int                         int *, 0 or 1
 *     i      int                         int *
 *     u      unsigned                    unsigned *
 *     I      int64_t                     int64_t *
 *     U      uint64_t                    uint64_t *
 *     f      double                      double *
 *     s      const char *                const char **
 *     S      const char *, size_t        const char **, size_t *
 *     B      const void *, size_t        const void **, size_t *
 *     m      const troika_msg_t *        troika_msg_t **
 *     [...]  an array of what is inside
 *     {s:.}  a map; each key is a const char *, in unpack, too
 *     *      -                           the rest of this array or map
 *     s?     -                           a key that may be absent
 *
 * Space, tab, newline, comma and colon are ignored. Several values at the top
 * make an array; none, or NULL for a format, is nil. Integers take the
 * smallest form that holds them, so a reader need not know which letter
 * wrote them. Strings (s, S) must be UTF-8 when packed.
 */
#ifndef TROIKA_MSG_H
#define TROIKA_MSG_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <msgpack.h>
#include <troika/base.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct troika_msg troika_msg_t;

/*
 * troika_msg_pack() makes the document that format describes.
 *
 * lends:   the arguments; all are copied.
 * gives:   a message to destroy.
 * thread:  any.
 * returns: the message; or NULL with EINVAL (format, with the position in
 *          troika_error; a NULL string, binary, key or message; a string
 *          that is not UTF-8; nesting over 32), ENOMEM.
 */
TROIKA_EXPORT troika_msg_t *troika_msg_pack (const char *format, ...);

/*
 * troika_msg_vpack() is troika_msg_pack() with a va_list, which is left as
 * it was.
 *
 * returns: as troika_msg_pack().
 */
TROIKA_EXPORT troika_msg_t *troika_msg_vpack (const char *format, va_list args);

/*
 * troika_msg_new() makes a message of bytes that are one encoded document.
 * Strings are not looked into: what is not UTF-8 stays as it is.
 *
 * lends:   the bytes; they are copied.
 * gives:   a message to destroy.
 * thread:  any.
 * returns: the message; or NULL with EBADMSG (the bytes are truncated, or
 *          go on behind the document, or are not MessagePack, or nest over
 *          32), ENOMEM.
 */
TROIKA_EXPORT troika_msg_t *troika_msg_new (const void *data, size_t size);

/*
 * troika_msg_from_json() makes the document that a JSON text describes.
 * Any JSON value may stand at the top. Integers from -2^63 to 2^64-1 are
 * kept exactly; a number with a point or an exponent becomes a double. The
 * order of keys is kept.
 *
 * gives:   a message to destroy.
 * thread:  any.
 * returns: the message; or NULL with EBADMSG (not JSON, not UTF-8, an
 *          integer that 64 bits do not hold, a double out of range, a key
 *          that stands twice in an object, nesting over 32; troika_error
 *          tells line and column), EINVAL (NULL), ENOMEM.
 */
TROIKA_EXPORT troika_msg_t *troika_msg_from_json (const char *json);

/*
 * troika_msg_unpack() reads the values that format names into the caller's
 * variables: all of them, or on failure none.
 *
 * Every array must have as many elements as the format, unless '*' ends it;
 * keys of a map that the format does not name are ignored, and '*' there
 * changes nothing. Where a key stands twice, the first counts. What belongs
 * to an absent optional key stays untouched. An integer of the document fits
 * any integer letter whose range holds it, and f if a double holds it
 * exactly. s asks for UTF-8 without a NUL inside; S takes any string. A NULL
 * in place of a variable's address checks the type and stores nothing.
 *
 * gives:   by m, new messages to destroy; they share the bytes of self and
 *          may outlive it. By s, S and B, pointers into self, good until
 *          it is destroyed; the text of s has a NUL behind it, those of S
 *          and B do not.
 * thread:  any number at once.
 * returns: 0; or -1 with EBADMSG (the document does not match; troika_error
 *          says where, as in "at .items[2].id: expected a string, found an
 *          integer"), EINVAL (format, with the position in troika_error; a
 *          NULL key or message), ENOMEM.
 */
TROIKA_EXPORT int troika_msg_unpack (const troika_msg_t *self,
                                     const char *format, ...);

/*
 * troika_msg_vunpack() is troika_msg_unpack() with a va_list, which is left
 * as it was.
 *
 * returns: as troika_msg_unpack().
 */
TROIKA_EXPORT int troika_msg_vunpack (const troika_msg_t *self,
                                      const char *format, va_list args);

/*
 * troika_msg_data() gives the encoded document.
 *
 * gives:   bytes of the message, good until it is destroyed.
 * thread:  any number at once.
 * returns: the bytes, at least one; NULL for a NULL message.
 */
TROIKA_EXPORT const void *troika_msg_data (const troika_msg_t *self);

/*
 * troika_msg_size() tells how many bytes the encoded document has.
 *
 * thread:  any number at once.
 * returns: the size; 0 for a NULL message.
 */
TROIKA_EXPORT size_t troika_msg_size (const troika_msg_t *self);

/*
 * troika_msg_is_nil() tells whether the document is nil.
 *
 * thread:  any number at once.
 * returns: true for nil; false for all else, and for a NULL message.
 */
TROIKA_EXPORT bool troika_msg_is_nil (const troika_msg_t *self);

/*
 * troika_msg_eq() tells whether two documents hold the same value, however
 * each is encoded: 1 is 1 in one byte or in nine, and a float equals the
 * double of its value. An integer never equals a float; a NaN equals any
 * NaN. Maps are equal when their pairs are, in the same order.
 *
 * thread:  any number at once.
 * returns: true or false; false when one of them is NULL.
 */
TROIKA_EXPORT bool troika_msg_eq (const troika_msg_t *self,
                                  const troika_msg_t *other);

/*
 * troika_msg_json() writes the document as JSON, on one line without spaces.
 * Integers are exact up to 2^64-1, doubles shortest. What JSON does not have
 * becomes: a binary its base64 in a string; an extension
 * {"ext":TYPE,"data":"BASE64"}; NaN and the infinities null; what is not
 * UTF-8 in a string U+FFFD. A key that is an integer, float, bool or nil
 * becomes its text in a string, a binary its base64, and an array, map or
 * extension the base64 of its encoding. troika_msg_from_json() does not
 * undo these.
 *
 * gives:   a text to free().
 * thread:  any number at once.
 * returns: the text; or NULL with EINVAL (NULL message), ENOMEM.
 */
TROIKA_EXPORT char *troika_msg_json (const troika_msg_t *self);

/*
 * troika_msg_object() gives the document as msgpack-c's tree, for a reader
 * that does not know its shape beforehand. It is decoded once, at the first
 * call, and takes some 24 bytes for each value.
 *
 * gives:   a tree of the message, good until it is destroyed; its strings
 *          point into the message and have no NUL behind them.
 * thread:  any number at once.
 * returns: the tree; or NULL with EINVAL (NULL message), ENOMEM.
 */
TROIKA_EXPORT const msgpack_object *troika_msg_object (troika_msg_t *self);

/*
 * troika_msg_dup() makes another message of the same document; the bytes
 * are shared, not copied.
 *
 * gives:   a message to destroy, in any order with self.
 * thread:  any number at once.
 * returns: the message; or NULL with EINVAL (NULL message), ENOMEM.
 */
TROIKA_EXPORT troika_msg_t *troika_msg_dup (const troika_msg_t *self);

/*
 * troika_msg_destroy() frees the message, with all that points into it, and
 * sets *self_p to NULL. Accepts a NULL pointer and a pointer to NULL.
 *
 * takes:   the message.
 * thread:  one, when no other uses the message.
 * returns: nothing.
 */
TROIKA_EXPORT void troika_msg_destroy (troika_msg_t **self_p);

#ifdef __cplusplus
}
#endif

#endif
