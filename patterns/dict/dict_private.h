/* SPDX-License-Identifier: MPL-2.0 */
/* dict_private.h - the type that a manager is built with. */
#ifndef TK_DICT_PRIVATE_H
#define TK_DICT_PRIVATE_H

#include <troika/object.h>

/*
 * Created with []. Keys are any value; [args] -> answer, a "?" may be left
 * out:
 *   set [key, value]          get, pop [key, default?] -> value
 *   del [key]                 setdefault [key, value] -> value
 *   has [key] -> bool         update [map]
 *   len, clear, keys, values, items []: a number, nil, three arrays, the last
 *                             one of [key, value]
 *   add [key, delta?] -> sum  cas [key, expected, value], or [key, value] for
 *                             a key that must be absent
 *   wait [key, version?] -> [version, value], or [version]: deleted
 *   stat [] -> {len, version, waiters}
 */
extern const troika_type_t tk_dict_type;

#endif
