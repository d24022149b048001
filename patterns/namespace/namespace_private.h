/* SPDX-License-Identifier: MPL-2.0 */
/* namespace_private.h - the type that a manager is built with. */
#ifndef TK_NAMESPACE_PRIVATE_H
#define TK_NAMESPACE_PRIVATE_H

#include <troika/object.h>

/*
 * Created with []. Names are strings.
 *   set [name, value]    get [name] -> value
 *   has [name] -> bool   del [name]
 *   all [] -> map        stat [] -> {len}
 */
extern const troika_type_t tk_namespace_type;

#endif
