/* SPDX-License-Identifier: MPL-2.0 */
/* value_private.h - the type that a manager is built with. */
#ifndef TK_VALUE_PRIVATE_H
#define TK_VALUE_PRIVATE_H

#include <troika/object.h>

/*
 * Created with [initial], or with [] for nil.
 *   get [] -> value        set [value]
 *   add [delta?] -> sum    cas [expected, value]
 */
extern const troika_type_t tk_value_type;

#endif
