/* SPDX-License-Identifier: MPL-2.0 */
/* semaphore_private.h - the type that a manager is built with. */
#ifndef TK_SEMAPHORE_PRIVATE_H
#define TK_SEMAPHORE_PRIVATE_H

#include <troika/object.h>

/* acquire, release, value -> permits left, stat: all []. Created with
 * [value, bounded], or [] for [1, false]. */
extern const troika_type_t tk_semaphore_type;

#endif
