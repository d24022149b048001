/* SPDX-License-Identifier: MPL-2.0 */
/* queue_private.h - the type, for those who serve it. */
#ifndef TK_QUEUE_PRIVATE_H
#define TK_QUEUE_PRIVATE_H

#include <troika/object.h>

extern const troika_type_t tk_queue_type;

#endif
