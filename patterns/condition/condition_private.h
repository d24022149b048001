/* SPDX-License-Identifier: MPL-2.0 */
/* condition_private.h - the type that a manager is built with. */
#ifndef TK_CONDITION_PRIVATE_H
#define TK_CONDITION_PRIVATE_H

#include <troika/object.h>

/* acquire [], wait [] -> [last holder died, token]; release []; notify [n],
 * or [] for one; notify_all []; stat []. Created with []. */
extern const troika_type_t tk_condition_type;

#endif
