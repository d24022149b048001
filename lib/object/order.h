/* SPDX-License-Identifier: MPL-2.0 */
/* order.h - which of two documents comes first when a list is sorted. */
#ifndef TK_OBJECT_ORDER_H
#define TK_OBJECT_ORDER_H

#include "lib/object/span.h"

/*
 * Below, above or 0 as a comes before b, behind it, or is the same value as
 * of troika_msg_eq(). The order is total: nil, false, true, numbers by their
 * value (an integer before the float that equals it, NaN last), strings and
 * then binaries by their bytes, arrays and then maps element by element, the
 * shorter first where all before is equal, extensions by type and bytes.
 */
int tk_order (tk_span_t a, tk_span_t b);

#endif
