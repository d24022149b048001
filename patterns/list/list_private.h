/* SPDX-License-Identifier: MPL-2.0 */
/* list_private.h - the type that a manager is built with. */
#ifndef TK_LIST_PRIVATE_H
#define TK_LIST_PRIVATE_H

#include <troika/object.h>

/*
 * Created with []. Indices may be negative; a "?" may be left out:
 *   append [value]           extend [array]
 *   insert [index, value]    set [index, value]
 *   get [index] -> value     pop [index?] -> value, the last one by default
 *   del [index]              slice [from?, to?] -> array
 *   index [value] -> number  count [value] -> number
 *   remove [value]           len [] -> number
 *   clear, reverse, sort []  stat [] -> {len}
 */
extern const troika_type_t tk_list_type;

#endif
