/* SPDX-License-Identifier: MPL-2.0 */
/* array_private.h - the type that a manager is built with. */
#ifndef TK_ARRAY_PRIVATE_H
#define TK_ARRAY_PRIVATE_H

#include <troika/object.h>

/*
 * Created with [type, length]: "i" int64, "d" double, "B" bytes; all zero.
 * An index may be negative. A range travels as one binary, eight bytes an
 * item (one for "B"), lowest byte first; who names the type, too, is refused
 * when it is another.
 *   get [index] -> number          set [index, number]
 *   read [from, count, type?] -> binary
 *   write [from, binary, type?]    len [] -> number
 *   stat [] -> {len, type}
 */
extern const troika_type_t tk_array_type;

#endif
