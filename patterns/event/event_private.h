/* SPDX-License-Identifier: MPL-2.0 */
/* event_private.h - the type that a manager is built with. */
#ifndef TK_EVENT_PRIVATE_H
#define TK_EVENT_PRIVATE_H

#include <troika/object.h>

/* set, clear, is_set -> bool, wait, stat: all []. Created with []. */
extern const troika_type_t tk_event_type;

#endif
