/* SPDX-License-Identifier: MPL-2.0 */
/* barrier_private.h - the type that a manager is built with. */
#ifndef TK_BARRIER_PRIVATE_H
#define TK_BARRIER_PRIVATE_H

#include <troika/object.h>

/* wait -> place in the order of arrival, from 0; abort, reset, parties ->
 * int, waiting -> int, broken -> bool, stat: all []. Created with
 * [parties]. */
extern const troika_type_t tk_barrier_type;

#endif
