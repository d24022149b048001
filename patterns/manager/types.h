/* SPDX-License-Identifier: MPL-2.0 */
/* types.h - the types that every manager knows. */
#ifndef TK_MANAGER_TYPES_H
#define TK_MANAGER_TYPES_H

#include <troika/object.h>

extern const troika_type_t *const tk_builtin_types[]; /* ends with NULL */

#endif
