/* SPDX-License-Identifier: MPL-2.0 */
/* lock_private.h - the types that a manager is built with. */
#ifndef TK_LOCK_PRIVATE_H
#define TK_LOCK_PRIVATE_H

#include <troika/object.h>

/* acquire [] -> [last holder died, token]; release [], [nil] or [token];
 * token [] -> token; stat []. Created with []. */
extern const troika_type_t tk_lock_type;
extern const troika_type_t tk_rlock_type;

#endif
